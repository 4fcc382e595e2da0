"""Hands one message for one recipient to an SMTP server, and knows exactly what became of it.

An e-mail must never go out twice, so every failure says whether it can have gone out at all. Up to the reply to
DATA nothing was sent. From the first byte of the content until a complete reply has been read, nobody can know:
that is ``Uncertain``, and who gets it must not send again by himself.
"""

import re
import smtplib
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from types import TracebackType
from typing import Final, Literal, Self, get_args
from urllib.parse import urlsplit

from django.conf import settings

from campaigns.sending import wording
from campaigns.sending.smtp_login import WITH_PASSWORD, WITH_TOKEN
from fluenzr_site.core import outbound

Security = Literal["none", "starttls", "tls"]
Stage = Literal["MAIL", "RCPT", "DATA", "content"]

CONNECT_SECONDS: Final = 15.0
REPLY_SECONDS: Final = 60.0
_QUIT_SECONDS: Final = 5.0
_LONGEST_LINE: Final = 8192
_MOST_LINES: Final = 100
_CHUNK: Final = 64 * 1024
_REPLY: Final = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?\r?\n", re.DOTALL)
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
# What no address needs, and what would end it or add to the command.
_NOT_IN_ADDRESS: Final = re.compile(r"[\x00-\x1f\x7f<>]")
# RFC 4954: they speak of the account, whatever command they answer.
_ABOUT_LOGIN: Final = {530, 534, 535, 538}


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where to and as whom. With ``oauth_token`` the login is XOAUTH2, with a username alone by password."""

    host: str
    port: int
    security: Security
    username: str = ""
    password: str = field(default="", repr=False)
    oauth_token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        # A spelling that nobody knows must not end in plain text.
        if self.security not in get_args(Security):
            raise ValueError(f"security must be one of {', '.join(get_args(Security))}")


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server has the message. ``response`` is its reply, code first: ``250 2.0.0 queued as 4F…``."""

    response: str


class TransportError(Exception):
    """Never holds a password or token, even where the server echoes one."""


class Unreachable(TransportError):
    """No connection, no TLS, or lost on the way: nothing was sent."""


class Uncertain(TransportError):
    """The connection was lost while the message went out, or no reply came: it may have been accepted."""


class AuthenticationFailed(TransportError):
    """The server doesn't take the login, or wants one: nothing was sent, nor will be until somebody mends it."""


class _Rejected(TransportError):
    """``stage`` is what the server replied to: MAIL speaks of the sender, RCPT of the recipient."""

    def __init__(self, code: int, text: str, stage: Stage) -> None:
        super().__init__(f"{code} {text}")
        self.code, self.text, self.stage = code, text, stage


class Temporary(_Rejected):
    """4xx: not accepted this time."""


class Permanent(_Rejected):
    """5xx: not accepted, now or later."""


class Smtp:
    """A connection to one server, for any number of messages, one after another.

    Entering connects and logs in: raises Unreachable or AuthenticationFailed. After Unreachable or Uncertain
    the connection is gone, and each further ``send`` raises Unreachable; after any other error it goes on.
    """

    def __init__(
        self, server: SmtpServer, *, connect_timeout: float = CONNECT_SECONDS, reply_timeout: float = REPLY_SECONDS
    ) -> None:
        """Timeouts are seconds: for connecting, TLS included, and for each whole reply."""
        self._server = server
        self._connect_timeout = connect_timeout
        self._connection = _Connection(server, reply_timeout)
        self._needs_reset = False

    def __enter__(self) -> Self:
        try:
            with self._nothing_sent():
                self._open()
        except BaseException:  # without its block, nobody else closes it
            self._connection.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection.sock:
            self._connection.timeout = min(_QUIT_SECONDS, self._connection.timeout)
            with suppress(OSError):
                self._connection.docmd("QUIT")
        self._connection.close()

    def send(self, sender: str, recipient: str, message: bytes) -> Accepted:
        """Gives the message to the server for one recipient; line ends become CRLF.

        ``sender`` and ``recipient`` are bare addresses; an empty sender is the null one. Raises ValueError for
        control characters or angle brackets in them, before anything is sent; AuthenticationFailed, Temporary,
        Permanent and Unreachable when the message was not accepted; Uncertain when it may have been.
        """
        if not recipient or _NOT_IN_ADDRESS.search(sender + recipient):
            raise ValueError("An address must not hold control characters or angle brackets, nor a recipient be empty")
        content = _on_the_wire(message)
        options = self._options(sender + recipient, content)
        with self._nothing_sent():
            self._expect_silence()
            if self._needs_reset:
                self._expect("2", self._connection.docmd("RSET"))
            self._needs_reset = True
            self._ask({"MAIL": f"FROM:<{sender}>{options}", "RCPT": f"TO:<{recipient}>", "DATA": ""})
            self._expect_silence()
        accepted = self._give(content)
        self._needs_reset = False
        return accepted

    def _open(self) -> None:
        connection, server = self._connection, self._server
        self._expect("2", connection.open(self._connect_timeout))
        self._greet()
        if server.security == "starttls":
            if not connection.has_extn("starttls"):
                raise Unreachable(wording.NO_STARTTLS(host=server.host))
            self._expect("2", connection.docmd("STARTTLS"))
            connection.start_tls(self._connect_timeout)
            self._greet()
        if server.username or server.oauth_token:
            self._log_in()

    def _greet(self) -> None:
        if self._connection.ehlo()[0] != 250:
            self._expect("2", self._connection.helo())

    def _log_in(self) -> None:
        server = self._server
        offered = self._connection.esmtp_features.get("auth", "").upper().split()
        # An OAuth token is tried in any case: some servers offer XOAUTH2 to no one.
        with_password = [way for name, way in WITH_PASSWORD.items() if name in offered]
        ways = list(WITH_TOKEN.values()) if server.oauth_token else with_password
        if not ways:
            raise AuthenticationFailed(wording.NO_LOGIN(host=server.host))
        # One way alone: a wrong password that is tried in three counts three times, and locks accounts.
        code, said = ways[0](self._connection, server.username, server.oauth_token or server.password)
        # 503: logged in already. A temporary refusal says nothing about the password.
        if code >= 500 and code != 503:
            raise AuthenticationFailed(f"{code} {self._readable(said)}")
        if code != 503:
            self._expect("2", (code, said))

    def _options(self, addresses: str, content: bytes) -> str:
        """The parameters of MAIL that the server knows and this message needs."""
        options = ""
        if self._connection.has_extn("size"):
            options += f" SIZE={len(content)}"
        if self._connection.has_extn("8bitmime") and not content.isascii():
            options += " BODY=8BITMIME"
        if not addresses.isascii():
            if not self._connection.has_extn("smtputf8"):
                raise Permanent(553, wording.ONLY_ASCII, "MAIL")
            options += " SMTPUTF8"
        return options

    def _ask(self, commands: Mapping[Stage, str]) -> None:
        """Gives the commands one after another, or at once to a server that takes them so (RFC 2920)."""
        connection = self._connection
        if connection.has_extn("pipelining"):
            connection.send("".join(f"{stage} {said}".rstrip() + "\r\n" for stage, said in commands.items()))
            self._take_replies(commands)
            return
        for stage, said in commands.items():
            self._take_reply(stage, connection.docmd(stage, said))

    def _take_replies(self, stages: Iterable[Stage]) -> None:
        """The replies to commands that were given at once: all are read, and the first refusal is the one that counts.

        What follows it speaks of commands that make no sense any more, and so does a server that hangs up then.
        """
        refusals: dict[Stage, TransportError | OSError] = {}
        for stage in stages:
            try:
                self._take_reply(stage, self._connection.getreply())
            except (TransportError, OSError) as error:
                refusals[stage] = error
                if not self._connection.sock:
                    break
        if refusals and self._connection.sock and "DATA" not in refusals:
            self._give_nothing(recipient_refused="RCPT" in refusals)
        if refusals:
            raise next(iter(refusals.values()))

    def _give_nothing(self, *, recipient_refused: bool) -> None:
        """The server waits for the content of what it has refused: without a recipient, a dot alone goes to nobody."""
        if recipient_refused:
            with suppress(OSError):
                self._connection.docmd(".")
        else:
            self._connection.close()

    def _take_reply(self, stage: Stage, reply: tuple[int, bytes]) -> None:
        code, said = reply
        if code < 400:
            self._expect("3" if stage == "DATA" else "2", reply)
            return
        text = self._readable(said)
        if code in _ABOUT_LOGIN:
            raise AuthenticationFailed(f"{code} {text}")
        raise (Permanent if code >= 500 else Temporary)(code, text, stage)

    def _give(self, content: bytes) -> Accepted:
        try:
            whole, code, said = self._connection.give(content)
        except OSError as error:
            raise Uncertain(wording.LOST(why=self._readable(str(error)))) from None
        if code < 400 and not (whole and 200 <= code <= 299):
            self._connection.close()
            raise Uncertain(wording.NO_REPLY(answer=f"{code} {self._readable(said)}"))
        self._take_reply("content", (code, said))
        return Accepted(f"{code} {self._readable(said)}")

    def _expect(self, first_digit: str, reply: tuple[int, bytes]) -> None:
        code, said = reply
        if str(code)[0] != first_digit:
            raise self._lost(f"{code} {self._readable(said)}")

    def _expect_silence(self) -> None:
        """A reply too many would be taken for that to what comes next."""
        if self._connection.holds_more:
            raise self._lost(wording.OUT_OF_TURN)

    def _lost(self, why: str) -> Unreachable:
        """Closes, for what the two think of each other no longer agrees."""
        self._connection.close()
        return Unreachable(why)

    @contextmanager
    def _nothing_sent(self) -> Iterator[None]:
        try:
            yield
        except (OSError, outbound.Refused, UnicodeError) as error:
            # smtplib's errors are OSErrors; a name that TLS can't spell is a UnicodeError.
            raise self._lost(self._readable(str(error)) or type(error).__name__) from None

    def _readable(self, said: bytes | str) -> str:
        server = self._server
        secrets = outbound.login_secrets(server.username, server.password, server.oauth_token)
        return outbound.readable(said, without=secrets)


class _Connection(smtplib.SMTP):
    """smtplib over a vetted socket, where each whole reply has its time, however slowly it drips."""

    timeout: float

    def __init__(self, server: SmtpServer, timeout: float) -> None:
        # The name is given because smtplib would look its own up; without a host it doesn't connect yet.
        super().__init__(local_hostname=_own_name(), timeout=timeout)
        self._server = server
        self._reader: outbound.Reader | None = None
        self.command_encoding = "utf-8"

    @property
    def holds_more(self) -> bool:
        return self._reader is not None and self._reader.holds_more

    def open(self, connect_timeout: float) -> tuple[int, bytes]:
        reply_timeout, self.timeout = self.timeout, connect_timeout
        self.sock = self._get_socket(self._server.host, self._server.port, self.timeout)
        self.timeout = reply_timeout
        return self.getreply()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = outbound.connect(host, port, timeout=timeout)
        if self._server.security == "tls":
            sock = outbound.secure(sock, host)
        self._reader = outbound.Reader(sock)
        return sock

    def start_tls(self, timeout: float) -> None:
        """After the server agreed. Raises OSError; what it had told before TLS is forgotten."""
        if not self.sock or self.holds_more:
            # Words in plain text after the agreement are somebody else's, to be taken for the server's.
            raise smtplib.SMTPServerDisconnected(wording.PLAIN_TEXT)
        self.sock.settimeout(timeout)
        self.sock = outbound.secure(self.sock, self._server.host)
        self._reader = outbound.Reader(self.sock)
        self.esmtp_features = {}

    def getreply(self) -> tuple[int, bytes]:
        """A complete reply: its code, from 200 to 599, and its lines. Raises SMTPServerDisconnected, closed."""
        try:
            return self._reply(time.monotonic() + self.timeout)
        except OSError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected(str(error)) from None

    def _reply(self, deadline: float) -> tuple[int, bytes]:
        if not self.sock or not self._reader:
            raise ConnectionError(wording.CLOSED)
        codes, lines = set(), []
        for _ in range(_MOST_LINES):
            found = _REPLY.fullmatch(self._reader.line(_LONGEST_LINE, deadline))
            if not found:
                break
            codes.add(int(found[1]))
            lines.append((found[3] or b"").strip())
            if found[2] != b"-":
                # Lines that contradict each other tell nothing.
                if len(codes) == 1:
                    return codes.pop(), b"\n".join(lines)
                break
        raise ConnectionError(wording.NOT_SMTP)

    def send(self, s: str | bytes | bytearray) -> None:  # type: ignore[override]
        if not self.sock:
            raise smtplib.SMTPServerDisconnected(wording.CLOSED)
        self.sock.settimeout(self.timeout)
        super().send(s)

    def give(self, content: bytes) -> tuple[bool, int, bytes]:
        """Sends content that ends with its dot. Whether all of it went out, and the reply. Raises OSError."""
        if not self.sock:
            raise ConnectionError(wording.CLOSED)
        try:
            # In pieces, for a socket's timeout is for all that it is given at once.
            for start in range(0, len(content), _CHUNK):
                self.sock.settimeout(self.timeout)
                self.sock.sendall(content[start : start + _CHUNK])
        except OSError:
            # A server that had enough says so before it stops reading.
            self.timeout = min(1.0, self.timeout)
            code, said = self.getreply()
            self.close()
            return False, code, said
        return True, *self.getreply()


def _on_the_wire(message: bytes) -> bytes:
    """Lines end with CRLF, those that begin with a dot have one more, and a dot alone ends it all."""
    content = _LINE_END.sub(b"\r\n", message)
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", content) + b".\r\n"


def _own_name() -> str:
    """What EHLO calls us: the host of the public URL; an address in brackets, as RFC 5321 wants it."""
    host = urlsplit(getattr(settings, "FLUENZR_PUBLIC_URL", "")).hostname or "localhost"
    with suppress(ValueError):
        address = ip_address(host)
        return f"[{address}]" if address.version == 4 else f"[IPv6:{address}]"
    with suppress(UnicodeError):
        return host.encode("idna").decode("ascii")
    return "localhost"
