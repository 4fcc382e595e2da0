"""When e-mails of a campaign may go: one by one as the engine finds them, or many at a time to be fast.

Pure. Both answer ``at`` with the first moment from ``now`` on and how many may go then, as often as it is asked, until
``use`` says how many did.
"""

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from campaigns.sending.calendar import Calendar, closes_at, next_open
from campaigns.sending.pacing import Pace, next_slots

_HOUR: Final = 3_600_000_000
_MICROSECOND: Final = timedelta(microseconds=1)
_WEEK: Final = timedelta(days=7)
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


class Slots(Protocol):
    def at(self, now: datetime) -> tuple[datetime, int]: ...

    def use(self, at: datetime, count: int) -> None: ...


class EachSlot:
    """The engine's own timetable, slot by slot."""

    def __init__(self, calendar: Calendar, per_hour: int, seed: str, start: datetime) -> None:
        self._calendar, self._per_hour, self._seed = calendar, per_hour, seed
        self._used = deque[datetime](maxlen=per_hour)
        self._coming = self._from(start)
        self._next = next(self._coming)

    def at(self, now: datetime) -> tuple[datetime, int]:
        if self._next < now:
            # Nobody was there for it: a slot stays due until the next one comes.
            self._coming = self._from(now)
            self._next = next(self._coming)
        return self._next, 1

    def use(self, at: datetime, count: int) -> None:
        self._used.append(at)
        self._next = next(self._coming)

    def _from(self, now: datetime) -> Iterator[datetime]:
        return next_slots(self._calendar, self._pace(), now)

    def _pace(self) -> Pace:
        if not self._used:
            return Pace(self._per_hour, self._seed)
        nth = self._used[0] if len(self._used) == self._per_hour else None
        return Pace(self._per_hour, self._seed, self._used[-1], nth_latest=nth)


class ManySlots:
    """``most`` slots as one, at the time of the first: as many a day, and each at most ``most`` slots early."""

    def __init__(self, calendar: Calendar, per_hour: int, most: int) -> None:
        self._calendar, self._per_hour, self._most = calendar, per_hour, most
        self._free = self._opens = self._closes = _LONG_AGO

    def at(self, now: datetime) -> tuple[datetime, int]:
        at = self._open(max(now, self._free))
        while not (left := _whole((self._closes - at) // _MICROSECOND * self._per_hour, _HOUR)):
            at = self._open(self._closes)
        return at, min(self._most, left)

    def _open(self, at: datetime) -> datetime:
        """The first open moment from ``at`` on, whose stretch is remembered."""
        if at >= self._closes:
            self._opens = next_open(self._calendar, at)
            self._closes = closes_at(self._calendar, self._opens) or self._opens + _WEEK
        return max(at, self._opens)

    def use(self, at: datetime, count: int) -> None:
        # Rounded up: a microsecond too few at each would let one slot too many into an hour.
        self._free = at + -(-count * _HOUR // self._per_hour) * _MICROSECOND


def _whole(dividend: int, divisor: int) -> int:
    """The nearest whole quotient."""
    return (dividend + divisor // 2) // divisor
