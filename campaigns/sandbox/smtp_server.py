"""A small SMTP server (RFC 5321) on loopback that keeps nothing: each message goes to a callback, which answers."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from campaigns.sandbox.loopback import Loopback, Session

log = logging.getLogger("fluenzr.sandbox")

MOST_BYTES: Final = 50 * 2**20
_PATH: Final = re.compile(r"(?:FROM|TO): ?<([^<>]*)>(?: .*)?", re.IGNORECASE)
_REPLY: Final = re.compile(r"[2-5]\d\d \S.*")


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it came: the envelope's addresses, and the content without the dots that SMTP adds."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


Receive = Callable[[Received], str]


class SmtpServer(Loopback):
    """Hands each message to ``receive``, in a thread of the server; what that returns is the reply to DATA."""

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        super().__init__(_SmtpSession)


class _SmtpSession(Session):
    server: SmtpServer

    def handle(self) -> None:
        self._forget()
        self.say("220 sandbox ESMTP")
        while (line := self.hear()) is not None:
            verb, _, rest = line.decode("utf-8", "replace").partition(" ")
            command = getattr(self, f"_do_{verb.lower()}", None) if verb.isalpha() else None
            if command is None:
                self.say(f"502 5.5.1 {verb[:20]} isn't known here")
            elif command(rest.strip()):
                return

    def _forget(self) -> None:
        self._sender: str | None = None
        self._recipients: list[str] = []

    def _do_ehlo(self, _name: str) -> None:
        self._forget()
        extensions = ("PIPELINING", f"SIZE {MOST_BYTES}", "8BITMIME", "SMTPUTF8")
        self.say("250-sandbox", *(f"250-{each}" for each in extensions), "250 ENHANCEDSTATUSCODES")

    def _do_helo(self, _name: str) -> None:
        self._forget()
        self.say("250 sandbox")

    def _do_mail(self, rest: str) -> None:
        path = _PATH.fullmatch(rest)
        if path is None or not rest.upper().startswith("FROM"):
            self.say("501 5.5.4 Write MAIL FROM:<address>")
            return
        self._forget()
        self._sender = path[1]
        self.say("250 2.1.0 OK")

    def _do_rcpt(self, rest: str) -> None:
        path = _PATH.fullmatch(rest)
        if self._sender is None:
            self.say("503 5.5.1 MAIL comes first")
        elif path is None or not path[1] or not rest.upper().startswith("TO"):
            self.say("501 5.5.4 Write RCPT TO:<address>")
        else:
            self._recipients.append(path[1])
            self.say("250 2.1.5 OK")

    def _do_data(self, _rest: str) -> bool:
        """Whether the session is over."""
        if self._sender is None or not self._recipients:
            self.say("503 5.5.1 RCPT comes first")
            return False
        self.say("354 Go ahead, a dot alone ends it")
        content = self._content()
        if content is None:
            return True
        if len(content) > MOST_BYTES:
            self.say("552 5.3.4 Too big")
        else:
            self.say(self._reply(Received(self._sender, tuple(self._recipients), bytes(content))))
        self._forget()
        return False

    def _content(self) -> bytearray | None:
        """What comes before the dot, hardly more than MOST_BYTES of it; None if it is cut off."""
        content = bytearray()
        while (line := self.hear()) != b".":
            if line is None:
                return None
            if len(content) <= MOST_BYTES:
                content += line.removeprefix(b".") + b"\r\n"
        return content

    def _reply(self, received: Received) -> str:
        try:
            reply = self.server.receive(received)
        except Exception:  # a script of somebody's, whatever it raises: a server answers all the same
            log.exception("The sandbox's recipient failed")
            reply = "451 4.3.0 The recipient failed"
        return reply if _REPLY.fullmatch(reply) else "451 4.3.0 The recipient answered no SMTP reply"

    def _do_rset(self, _rest: str) -> None:
        self._forget()
        self.say("250 2.0.0 OK")

    def _do_noop(self, _rest: str) -> None:
        self.say("250 2.0.0 OK")

    def _do_quit(self, _rest: str) -> bool:
        self.say("221 2.0.0 Bye")
        return True
