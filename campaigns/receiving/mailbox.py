"""Reads the messages of an IMAP account, and changes nothing in it: folders are examined, bodies are peeked at."""

import imaplib
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Literal, Self, get_args

from campaigns.receiving.folder_names import FolderName, in_quotes, listed, quoted_name, unescaped
from fluenzr_site.core import outbound
from fluenzr_site.core.saying import Sentence, say

Security = Literal["none", "starttls", "tls"]

SECONDS: Final = 30.0
_LOGOUT_SECONDS: Final = 5.0
_MOST_UID: Final = 2**32 - 1
# A search of a first-read folder answers all its UIDs in one line: this is some 700,000 of them.
_LONGEST_LINE: Final = 8 * 2**20
_MOST_LINES: Final = 100_000
_MOST_KEPT: Final = 16 * 2**20
_LONGEST_LITERAL: Final = 2**20
# A server that cuts no message short is heard out up to here.
_MOST_SKIPPED: Final = 256 * 2**20
_PIECE: Final = 64 * 1024

_UID: Final = re.compile(rb"\bUID (\d{1,10})\b")
_QUOTED_BODY: Final = re.compile(rb'BODY\[\](?:<0>)? "((?:[^"\\]|\\.)*)"', re.DOTALL)
# As imaplib puts it around what broke the connection.
Sentence("command: %(name)s => %(why)s")
_PASSING: Final = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ImapServer:
    """Where to and as whom. With ``oauth_token`` the login is XOAUTH2, otherwise by password."""

    host: str
    port: int
    security: Security
    username: str
    password: str = field(default="", repr=False)
    oauth_token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        # A spelling that nobody knows must not end in plain text.
        if self.security not in get_args(Security):
            raise ValueError(f"security must be one of {', '.join(get_args(Security))}")


@dataclass(frozen=True, slots=True)
class Folder:
    """UIDs mean the same messages as long as ``uidvalidity`` does; new messages get ``uidnext`` or more."""

    uidvalidity: int
    uidnext: int


class MailboxError(Exception):
    """Never holds a password or token, even where the server echoes one."""


class MailboxAuthenticationFailed(MailboxError):
    """The server doesn't take the login."""


class MailboxUnreachable(MailboxError):
    """No connection, no TLS, lost on the way, busy, or nonsense for an answer: worth another try later."""


class FolderUnavailable(MailboxError):
    """The server won't open that folder: it is gone, renamed, or no mailbox. The connection goes on."""


class Mailbox:
    """A connection to one account. Entering connects and logs in.

    Every method raises MailboxUnreachable, after which the connection is gone.
    """

    def __init__(self, server: ImapServer, *, timeout: float = SECONDS) -> None:
        """``timeout`` in seconds: for connecting, for each line, and for each 64 KB of a message."""
        self._server = server
        self._timeout = timeout
        self._connected: _Connection | None = None

    def __enter__(self) -> Self:
        try:
            with self._translated():
                self._connected = _Connection(self._server, self._timeout)
                if self._server.security == "starttls":
                    self._connected.start_tls()
                # A server may know us already (PREAUTH), by our address.
                if self._connected.state == "NONAUTH":
                    self._log_in(self._connected)
        except BaseException:  # without its block, nobody else closes it
            self._drop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connected:
            self._connected.seconds = min(_LOGOUT_SECONDS, self._timeout)
            with suppress(imaplib.IMAP4.error, OSError, ValueError):
                self._connected.logout()
        self._drop()

    def select(self, folder: str) -> Folder:
        """Opens a folder, to read only. Raises ValueError for a name that can't be one, FolderUnavailable."""
        name = quoted_name(folder)
        with self._speaking() as connection:
            kind, said = connection.select(name, readonly=True)
            if kind != "OK":
                text = self._readable(said)
                if _PASSING.search(text):
                    raise imaplib.IMAP4.abort(text)
                raise FolderUnavailable(f"{folder}: {text}")
            validity, following = (_number(connection.response(each)[1]) for each in ("UIDVALIDITY", "UIDNEXT"))
            if not validity:
                raise imaplib.IMAP4.abort(say("The server gives messages no lasting numbers (UIDVALIDITY)"))
            # Old servers don't tell it: then it follows the last message.
            return Folder(validity, following or max(self._search(connection, "*"), default=0) + 1)

    def uids_after(self, uid: int, most: int) -> list[int]:
        """The first ``most`` UIDs of the folder that are greater than ``uid``, ascending."""
        if uid >= _MOST_UID:
            return []
        with self._speaking() as connection:
            # n:* is the last message where n is beyond it: a range's ends have no order.
            found = {each for each in self._search(connection, f"{uid + 1}:*") if each > uid}
        return sorted(found)[:most]

    def fetch(self, uids: list[int], max_bytes: int) -> Iterator[tuple[int, bytes]]:
        """Each message's UID and its first ``max_bytes`` bytes, one at a time, none marked as read.

        A message that is gone, or that the server can't give, is left out. Raises ValueError for ``max_bytes``
        below 1.
        """
        if max_bytes < 1:
            raise ValueError("max_bytes must be at least 1")
        return self._fetched(uids, max_bytes)

    def folders(self) -> list[FolderName]:
        """All folders of the account, in the server's order."""
        with self._speaking() as connection:
            # Many servers tell what a folder is for only when they are asked (RFC 6154).
            asked = {"SPECIAL-USE", "LIST-EXTENDED"} <= set(connection.capabilities)
            kind, items = connection.list('""', '"*" RETURN (SPECIAL-USE)' if asked else '"*"')
            if kind != "OK":
                raise imaplib.IMAP4.abort(self._readable(items))
            return [name for each in items if (name := listed(each))]

    def _log_in(self, connection: "_Connection") -> None:
        try:
            _log_in(connection, self._server)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            text = self._readable(error.args)
            if _PASSING.search(text):
                raise imaplib.IMAP4.abort(text) from None
            raise MailboxAuthenticationFailed(text) from None
        # What it can do may be told to users alone.
        connection.learn_capabilities()

    def _search(self, connection: "_Connection", uids: str) -> list[int]:
        connection.response("SEARCH")
        kind, lines = connection.uid("SEARCH", f"UID {uids}")
        if kind != "OK":
            raise imaplib.IMAP4.abort(self._readable(lines))
        words = [word for line in lines if isinstance(line, bytes) for word in line.split()]
        return [int(word) for word in words if word.isdigit() and len(word) <= 10]

    def _fetched(self, uids: list[int], max_bytes: int) -> Iterator[tuple[int, bytes]]:
        for uid in uids:
            with self._speaking() as connection:
                body = self._fetch(connection, uid, max_bytes)
            if body is not None:
                yield uid, body

    def _fetch(self, connection: "_Connection", uid: int, most: int) -> bytes | None:
        connection.response("FETCH")
        connection.longest_literal = most
        try:
            kind, items = connection.uid("FETCH", str(uid), f"(UID BODY.PEEK[]<0.{most}>)")
        finally:
            connection.longest_literal = _LONGEST_LITERAL
        if kind == "OK":
            return _body(items, uid, most)
        text = self._readable(items)
        if _PASSING.search(text):
            raise imaplib.IMAP4.abort(text)
        return None

    @contextmanager
    def _speaking(self) -> Iterator["_Connection"]:
        if self._connected is None:
            raise MailboxUnreachable(say("The connection was closed before"))
        self._connected.begin_answer()
        with self._translated():
            yield self._connected

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (imaplib.IMAP4.error, OSError, outbound.Refused, ValueError, TypeError) as error:
            # The last two: imaplib stumbles over nonsense.
            self._drop()
            raise MailboxUnreachable(self._readable(error.args) or type(error).__name__) from None

    def _drop(self) -> None:
        if self._connected:
            with suppress(OSError):
                self._connected.shutdown()
        self._connected = None

    def _readable(self, said: Any) -> str:
        """Of imaplib's list of bytes, or an error's arguments: the last, which is the text."""
        last = said[-1] if said else ""
        server = self._server
        secrets = outbound.login_secrets(server.username, server.password, server.oauth_token)
        return outbound.readable(last if isinstance(last, bytes | str) else str(last or ""), without=secrets)


class _Connection(imaplib.IMAP4):
    """imaplib over a vetted socket, that takes no endless line, literal or answer from a server."""

    def __init__(self, server: ImapServer, seconds: float) -> None:
        self._server = server
        self.seconds = seconds
        self.longest_literal = _LONGEST_LITERAL
        self.begin_answer()
        super().__init__(server.host, server.port, timeout=seconds)

    def begin_answer(self) -> None:
        """What comes from here on counts as one answer, which has its limits."""
        self._lines = self._kept = 0

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        # Without the file that imaplib would read: ours has a deadline.
        self.host, self.port = host, port
        self.sock = self._create_socket(timeout)
        self._reader = outbound.Reader(self.sock)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        sock = outbound.connect(self.host, self.port, timeout=self.seconds)
        return outbound.secure(sock, self.host) if self._server.security == "tls" else sock

    def start_tls(self) -> None:
        """TLS from here on. Raises IMAP4.error where the server won't, OSError."""
        if "STARTTLS" not in self.capabilities:
            raise self.abort(say("The server does not offer STARTTLS"))
        kind, _ = self.xatom("STARTTLS")
        if kind != "OK" or self._reader.holds_more:
            # Words in plain text after the agreement are somebody else's, to be taken for the server's.
            raise self.abort(say("The server agreed to no STARTTLS"))
        self.sock.settimeout(self.seconds)
        self.sock = outbound.secure(self.sock, self.host)
        self._reader = outbound.Reader(self.sock)
        self.untagged_responses.clear()
        self.learn_capabilities()

    def learn_capabilities(self) -> None:
        """Asks anew: they change with TLS and with the login."""
        self.response("CAPABILITY")
        _, lines = self.capability()
        self.capabilities = tuple(str(lines[-1] or b"", "ascii").upper().split())

    def readline(self) -> bytes:
        self._lines += 1
        line = self._reader.line(_LONGEST_LINE, time.monotonic() + self.seconds)
        self._keep(line)
        return line

    def read(self, size: int) -> bytes:
        """A literal, cut to ``longest_literal``: old servers send all of a message when asked for its beginning."""
        if size > _MOST_SKIPPED:
            raise self.abort(say("The server sends too much"))
        kept = bytearray()
        while size:
            piece = self._reader.exactly(min(size, _PIECE), time.monotonic() + self.seconds)
            kept += piece[: self.longest_literal - len(kept)]
            size -= len(piece)
        self._keep(kept)
        return bytes(kept)

    def send(self, data: Any) -> None:
        self.sock.settimeout(self.seconds)
        super().send(data)

    def shutdown(self) -> None:
        self.sock.close()

    def _keep(self, received: bytes | bytearray) -> None:
        self._kept += len(received)
        if self._lines > _MOST_LINES or self._kept > _MOST_KEPT + self.longest_literal:
            raise self.abort(say("The server's answer has no end"))

    def _log(self, line: object) -> None:
        """imaplib would keep the last commands in memory, the login's password among them."""


# ------------------------------------------------------------------------------------------------- logging in


def _log_in(connection: _Connection, server: ImapServer) -> None:
    """Raises IMAP4.error where the server refuses, IMAP4.abort where it is lost; both may hold what it said."""
    if server.oauth_token:
        _authenticate(connection, "XOAUTH2", outbound.xoauth2_login(server.username, server.oauth_token))
    elif "LOGINDISABLED" not in connection.capabilities and _fits_quotes(server.username + server.password):
        # imaplib puts the password into quotes, but not the name.
        connection.login(in_quotes(server.username), server.password)
    elif "AUTH=PLAIN" in connection.capabilities:
        _authenticate(connection, "PLAIN", outbound.plain_login(server.username, server.password))
    else:
        raise connection.error(say("The server offers no way to log in with this password here"))


def _authenticate(connection: _Connection, mechanism: str, text: str) -> None:
    # A second challenge explains why not, and waits for an empty line before the server refuses.
    answers = iter([text.encode("utf-8", "replace")])
    connection.authenticate(mechanism, lambda challenge: next(answers, b""))


def _fits_quotes(text: str) -> bool:
    return text.isascii() and text.isprintable()


# ----------------------------------------------------------------------------------------------- what is read


def _number(answers: list[Any]) -> int:
    """Of a response code's answers the last, 0 where there is none."""
    last = answers[-1] if answers else None
    return int(last) if isinstance(last, bytes) and last.isdigit() and len(last) <= 10 else 0


def _body(items: list[Any], uid: int, most: int) -> bytes | None:
    """The message's bytes in an answer to FETCH, in which the server may tell of other messages too."""
    for index, item in enumerate(items):
        if isinstance(item, tuple):
            # Its UID stands before the literal or, in the item that follows, after it.
            head, literal = item
            after = items[index + 1] if index + 1 < len(items) else b""
            told = head + (after if isinstance(after, bytes) else b"")
            if _names(told, uid) and b"BODY[]" in head:
                return bytes(literal)
        elif item and _names(item, uid) and b"BODY[]" in item:
            # Short ones may come in quotes, empty ones as NIL.
            quoted = _QUOTED_BODY.search(item)
            return unescaped(quoted[1])[:most] if quoted else b""
    return None


def _names(told: bytes, uid: int) -> bool:
    return any(int(each) == uid for each in _UID.findall(told))
