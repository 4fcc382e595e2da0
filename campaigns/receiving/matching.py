"""Finds the message of ours that an incoming one answers or reports on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from campaigns.receiving.bounces import Report
from campaigns.receiving.parsing import Incoming

Key = TypeVar("Key")
Key_co = TypeVar("Key_co", covariant=True)
By = Literal["in_reply_to", "references", "original", "sender", "recipient"]


class Lookup(Protocol[Key_co]):
    """What the caller knows: both answer None for what isn't ours. ``message_id`` comes as ``<left@right>``."""

    def by_message_id(self, message_id: str, /) -> Key_co | None: ...

    def by_address(self, address: str, /) -> Key_co | None: ...


@dataclass(frozen=True, slots=True)
class Match(Generic[Key]):
    """What the lookup answered, and by what: an id is certain, an address says only whom it concerns."""

    key: Key
    by: By

    @property
    def by_id(self) -> bool:
        """Whether one of our Message-IDs was named."""
        return self.by in ("in_reply_to", "references", "original")


def match(incoming: Incoming, lookup: Lookup[Key]) -> Match[Key] | None:
    """By In-Reply-To, then by References from the newest (the last), then by the sender's address."""
    return (
        _first(reversed(incoming.in_reply_to), lookup, "in_reply_to")
        or _first(reversed(incoming.references), lookup, "references")
        or _address([incoming.sender], lookup, "sender")
    )


def match_report(incoming: Incoming, report: Report, lookup: Lookup[Key]) -> Match[Key] | None:
    """For bounces, delays and complaints: by the original's Message-ID, by the report's own In-Reply-To and
    References, then by the address that failed. Never by the sender, who is a mail system.
    """
    original = (report.original_id,) if report.original_id else ()
    return (
        _first(original, lookup, "original")
        or _first(reversed(incoming.in_reply_to), lookup, "in_reply_to")
        or _first(reversed(incoming.references), lookup, "references")
        or _address((failure.recipient for failure in report.failures), lookup, "recipient")
    )


def _first(candidates: Iterable[str], lookup: Lookup[Key], by: By) -> Match[Key] | None:
    for candidate in candidates:
        key = lookup.by_message_id(candidate)
        if key is not None:
            return Match(key, by)
    return None


def _address(candidates: Iterable[str], lookup: Lookup[Key], by: By) -> Match[Key] | None:
    for candidate in candidates:
        key = lookup.by_address(candidate) if candidate else None
        if key is not None:
            return Match(key, by)
    return None
