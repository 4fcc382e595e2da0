"""The SMTP server that the show's e-mails go to: it keeps each with its envelope, and refuses whom it is told to."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiosmtpd.smtp import AuthResult

from tests.campaigns.api.support import Listening
from tests.campaigns.show.people import Person

PASSWORD: Final = "to send"
UNKNOWN: Final = "550 5.1.1 No such user here"
FULL: Final = "452 4.2.2 The mailbox is full"
_LATER: Final = "451 4.7.1 Greylisted, come back later"
_BUSY: Final = "451 4.3.0 Busy, come back later"
_TAKEN: Final = "250 2.0.0 queued"


@dataclass(frozen=True, slots=True)
class Delivery:
    """An e-mail as it came: its envelope, its bytes (CRLF, without SMTP's dots), and when, in seconds since 1970."""

    sender: str
    recipients: tuple[str, ...]
    user: str
    content: bytes
    at: float

    @property
    def recipient(self) -> str:
        return self.recipients[0]


@dataclass
class Wire:
    """A handler for aiosmtpd. ``before_taking`` is called in a thread before an e-mail is said to be taken, for whom
    that is what they do.
    """

    user: str
    people: Mapping[str, Person]
    before_taking: Callable[[Delivery], None]
    port: int = 0
    taken: list[Delivery] = field(default_factory=list)
    # Those that were heard to the end, and not taken.
    turned_away: list[Delivery] = field(default_factory=list)
    # Recipients, as often as they were refused.
    refused: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def to(self, person: Person) -> list[Delivery]:
        return [each for each in self.taken if each.recipient == person.on_wire]

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        right = (data.login, data.password) == (self.user.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False, auth_data=self.user)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if not session.authenticated:
            self.problems.append(f"{address} was mailed to without a login")
        person = self.people.get(address)
        reply = self._reply(person, Counter(self.refused)[address]) if person else UNKNOWN
        if person is None:
            self.problems.append(f"{address} is nobody's address")
        if reply:
            self.refused.append(address)
            return reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    def _reply(self, person: Person, refusals: int) -> str:
        match person.does:
            case "is_unknown":
                return UNKNOWN
            case "is_full":
                return FULL
            case "is_greylisted" if refusals == 0:
                return _LATER
        return ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        recipients = tuple(envelope.rcpt_tos)
        got = Delivery(envelope.mail_from, recipients, session.auth_data, envelope.content, time.time())
        person = self.people[got.recipient]
        if person.does == "is_busy" and all(each.recipient != got.recipient for each in self.turned_away):
            self.turned_away.append(got)
            return _BUSY
        if person.does == "scans_before_taking":
            await asyncio.get_running_loop().run_in_executor(None, self._look, got)
        self.taken.append(got)
        return _TAKEN

    def _look(self, got: Delivery) -> None:
        try:
            self.before_taking(got)
        except (AssertionError, OSError) as error:
            self.problems.append(f"{got.recipient}: {error}")


@contextmanager
def listening(wire: Wire) -> Iterator[Wire]:
    """On a port of loopback that ``wire`` knows then."""
    server = Listening(wire)
    wire.port = server.port
    server.start()
    try:
        yield wire
    finally:
        server.stop()
