"""A small IMAP4rev1 server (RFC 3501) on loopback: one account, and an INBOX in memory that is only read."""

import re
import threading
from typing import Final

from campaigns.sandbox.loopback import Loopback, Session

UID_VALIDITY: Final = 1
_WORD: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
_SET: Final = re.compile(r"(?:\d{1,10}|\*)(?::(?:\d{1,10}|\*))?(?:,(?:\d{1,10}|\*)(?::(?:\d{1,10}|\*))?)*")
_BODY: Final = re.compile(r"\b(?:BODY(?:\.PEEK)?\[\]|RFC822)(?:<(\d{1,10})\.(\d{1,10})>)?(?=[ )]|$)", re.IGNORECASE)


class ImapServer(Loopback):
    """Takes one name and password, in plain text. UIDs are 1 and on, in the order of ``append``."""

    def __init__(self, username: str = "", password: str = "") -> None:
        self.login = (username, password)
        self._messages: list[bytes] = []
        self._lock = threading.Lock()
        super().__init__(_ImapSession)

    def append(self, raw: bytes) -> int:
        """Put a message into the INBOX; its UID."""
        with self._lock:
            self._messages.append(raw)
            return len(self._messages)

    def messages(self) -> list[bytes]:
        """Those that are there now, the first of UID 1."""
        with self._lock:
            return list(self._messages)


class _ImapSession(Session):
    server: ImapServer

    def handle(self) -> None:
        self._is_in = self._selected = False
        # What this session was told of: sequence numbers are UIDs, since nothing is ever removed.
        self._known = 0
        self.say("* OK [CAPABILITY IMAP4rev1] sandbox")
        while (line := self.hear()) is not None:
            tag, _, rest = line.decode("utf-8", "replace").partition(" ")
            verb, _, arguments = rest.partition(" ")
            answer = self._do(verb.upper(), arguments.strip())
            self.say(f"{tag} {answer}")
            if verb.upper() == "LOGOUT":
                return

    def _do(self, verb: str, arguments: str) -> str:
        """Says what the command asks for; the rest of its tagged answer."""
        if verb == "CAPABILITY":
            self.say("* CAPABILITY IMAP4rev1")
        elif verb == "LOGOUT":
            self.say("* BYE")
        elif verb == "LOGIN":
            return self._log_in(arguments)
        elif verb == "NOOP":
            self._tell_news()
        elif not self._is_in:
            return "BAD Log in first"
        elif verb in ("SELECT", "EXAMINE"):
            return self._select(arguments)
        elif verb == "LIST":
            self.say('* LIST (\\HasNoChildren) "/" INBOX')
        elif not self._selected:
            return "BAD Unknown here, or a folder must be selected first"
        elif verb == "UID":
            kind, _, rest = arguments.partition(" ")
            return self._read(kind.upper(), rest)
        else:
            return self._read(verb, arguments)
        return f"OK {verb} completed"

    def _log_in(self, arguments: str) -> str:
        if tuple(_words(arguments)) != self.server.login:
            return "NO [AUTHENTICATIONFAILED] Not this account"
        self._is_in = True
        return "OK [CAPABILITY IMAP4rev1] Logged in"

    def _select(self, arguments: str) -> str:
        self._selected = [each.upper() for each in _words(arguments)] == ["INBOX"]
        if not self._selected:
            return "NO [NONEXISTENT] There is no such folder"
        self._known = len(self.server.messages())
        self.say(
            "* FLAGS (\\Seen)",
            f"* {self._known} EXISTS",
            "* 0 RECENT",
            f"* OK [UIDVALIDITY {UID_VALIDITY}] They last",
            f"* OK [UIDNEXT {self._known + 1}] The next one's",
        )
        return "OK [READ-ONLY] Selected"

    def _tell_news(self) -> None:
        count = len(self.server.messages())
        if self._selected and count != self._known:
            self._known = count
            self.say(f"* {count} EXISTS")

    def _read(self, kind: str, arguments: str) -> str:
        """SEARCH and FETCH, whose UIDs and sequence numbers are the same here."""
        self._tell_news()
        if kind == "SEARCH":
            return self._search(arguments)
        if kind == "FETCH":
            return self._fetch(*arguments.partition(" ")[::2])
        return f"BAD {kind} isn't known here"

    def _search(self, criteria: str) -> str:
        words = [each for each in criteria.upper().split() if each not in ("UID", "ALL")]
        if words[:1] == ["CHARSET"]:
            words = words[2:]
        found = set(range(1, self._known + 1))
        for word in words:
            if not _SET.fullmatch(word):
                return f"BAD Only UIDs and ALL can be searched for, not {word[:40]}"
            found &= _chosen(word, self._known)
        self.say(" ".join(["* SEARCH", *map(str, sorted(found))]))
        return "OK SEARCH completed"

    def _fetch(self, numbers: str, items: str) -> str:
        if not _SET.fullmatch(numbers):
            return "BAD FETCH needs a set of numbers"
        asked = items.upper()
        body = _BODY.search(items)
        messages = self.server.messages()
        for number in sorted(_chosen(numbers, self._known)):
            raw = messages[number - 1]
            told = [f"UID {number}"]
            if "FLAGS" in asked:
                told.append("FLAGS ()")
            if "RFC822.SIZE" in asked:
                told.append(f"RFC822.SIZE {len(raw)}")
            self._tell(number, told, body, raw)
        return "OK FETCH completed"

    def _tell(self, number: int, told: list[str], body: re.Match[str] | None, raw: bytes) -> None:
        head = f"* {number} FETCH ({' '.join(told)}"
        if body is None:
            self.say(f"{head})")
            return
        name, part = "BODY[]", raw
        if body[1]:
            start = int(body[1])
            name, part = f"BODY[]<{start}>", raw[start : start + int(body[2])]
        self.wfile.write(f"{head} {name} {{{len(part)}}}\r\n".encode() + part + b")\r\n")


def _words(arguments: str) -> list[str]:
    """Atoms and quoted strings."""
    found = _WORD.finditer(arguments)
    return [each[2] if each[2] is not None else re.sub(r"\\(.)", r"\1", each[1]) for each in found]


def _chosen(numbers: str, last: int) -> set[int]:
    """The numbers of a set, up to the last there is, which ``*`` stands for; a range's ends have no order."""
    chosen: set[int] = set()
    for part in numbers.split(","):
        ends = [last if end == "*" else int(end) for end in part.split(":")]
        chosen |= set(range(max(1, min(ends)), min(last, max(ends)) + 1))
    return chosen
