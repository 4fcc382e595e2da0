"""When a campaign may send: its settings, its open hours in its own zone, and the delays between its steps.

Pure: no database, no clock. An instant is open when the zone's wall clock shows one of the calendar's days and
an hour from ``start_hour`` up to, not including, ``end_hour``. That one rule settles every clock change: hours
that don't exist don't open, hours that come twice are open twice. Instants go in aware, in any zone (ValueError
otherwise), and come out in UTC. Arithmetic beyond the year 9999 raises OverflowError.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from fluenzr_site.core.saying import say

DAY_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Room for the fastest server measured, and an end to integers of 5,000 digits.
MAX_PER_HOUR: Final = 1_000_000

_SATURDAY: Final = 5
_SECOND: Final = timedelta(seconds=1)
_DAY: Final = timedelta(days=1)
# Names that the system's data may hold and that are no place: they mean something else on the next machine.
_NO_PLACES: Final = frozenset({"Factory", "localtime", "posixrules"})

Problems = dict[str, list[str]]


class InvalidSettings(ValueError):
    """Settings that can't be taken; ``problems`` maps each field (the API's name) to what would be right."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{name}: {' '.join(messages)}" for name, messages in problems.items()))


@dataclass(frozen=True, slots=True)
class Calendar:
    """Open hours: ``days`` (Monday 0), wall-clock hours 0 ≤ ``start_hour`` < ``end_hour`` ≤ 24 of ``zone``.

    Raises ValueError for a calendar that would never open.
    """

    days: frozenset[int]
    start_hour: int
    end_hour: int
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if not self.days or not self.days <= frozenset(range(7)):
            raise ValueError("A calendar needs at least one day, each from 0 (Monday) to 6 (Sunday)")
        if not 0 <= self.start_hour < self.end_hour <= 24:
            raise ValueError("A calendar's hours must be 0 ≤ start < end ≤ 24")

    @property
    def never_closes(self) -> bool:
        """Whether every hour of every day is open."""
        return len(self.days) == 7 and self.end_hour - self.start_hour == 24


class Window(NamedTuple):
    """An open stretch from ``start`` up to, not including, ``end``; both in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Settings:
    """A campaign's settings: when it may send, and how many e-mails in any hour (at least 1)."""

    calendar: Calendar
    max_emails_per_hour: int

    def as_json(self) -> dict[str, Any]:
        """Under the API's names, days in the week's order; ``parse_settings`` reads it back."""
        return {
            "sendDays": [DAY_NAMES[day] for day in sorted(self.calendar.days)],
            "sendHoursStart": self.calendar.start_hour,
            "sendHoursEnd": self.calendar.end_hour,
            "timezone": self.calendar.zone.key,
            "maxEmailsPerHour": self.max_emails_per_hour,
        }


def default_settings(timezone: str = "UTC") -> Settings:
    """Monday to Friday, 9 to 18, 30 an hour, in the zone named (the workspace's).

    Raises InvalidSettings for an unknown zone.
    """
    try:
        zone = _zone(timezone)
    except ValueError as error:
        raise InvalidSettings({"timezone": [str(error)]}) from None
    return Settings(Calendar(frozenset(range(5)), 9, 18, zone), 30)


def parse_settings(data: Mapping[str, Any], base: Settings | None = None) -> Settings:
    """``data``, under the API's names, merged key by key over ``base`` (``default_settings()`` if None).

    Unknown keys are passed over. Raises InvalidSettings naming every bad field at once, with what would be right.
    """
    if not isinstance(data, Mapping):
        raise InvalidSettings({"settings": ["Must be a JSON object"]})
    values = (base or default_settings()).as_json()
    problems: Problems = {}
    parsed: dict[str, Any] = {}
    for name, parse in _PARSERS.items():
        try:
            parsed[name] = parse(data[name] if name in data else values[name])
        except ValueError as error:
            problems[name] = [str(error)]
    _check_order(parsed, data, problems)
    if problems:
        raise InvalidSettings(problems)
    hours = parsed["sendHoursStart"], parsed["sendHoursEnd"]
    return Settings(Calendar(parsed["sendDays"], *hours, parsed["timezone"]), parsed["maxEmailsPerHour"])


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether an e-mail may go out at this instant."""
    local = as_utc(at).astimezone(calendar.zone)
    return calendar.start_hour <= local.hour < calendar.end_hour and local.weekday() in calendar.days


def next_open(calendar: Calendar, at: datetime) -> datetime:
    """The first open instant at or after ``at``, in UTC."""
    at = as_utc(at)
    return at if is_open(calendar, at) else next(spans(calendar, at)).start


def closes_at(calendar: Calendar, at: datetime) -> datetime | None:
    """The first closed instant at or after ``at``, in UTC (``at`` itself where closed); None if it never closes."""
    at = as_utc(at)
    if calendar.never_closes:
        return None
    for span in spans(calendar, at):
        if span.start > at:
            break
        at = span.end
    return at


def windows(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Window]:
    """The open stretches between two instants, in order, cut to them, none touching the next."""
    end = as_utc(end)
    held: Window | None = None
    for span in spans(calendar, start):
        if span.start >= end:
            break
        piece = Window(span.start, min(span.end, end))
        if held is None:
            held = piece
        elif held.end == piece.start:
            held = Window(held.start, piece.end)
        else:
            yield held
            held = piece
    if held is not None:
        yield held


def open_seconds(calendar: Calendar, start: datetime, end: datetime) -> float:
    """How much of the time between two instants is open, in seconds; 0.0 where ``end`` isn't after ``start``."""
    return sum((w.end - w.start for w in windows(calendar, start, end)), timedelta()).total_seconds()


def spans(calendar: Calendar, since: datetime) -> Iterator[Window]:
    """Every open stretch from ``since`` on, without end, in order; one may touch the next (``windows`` joins them)."""
    since = as_utc(since)
    for start, end, offset in _pieces(calendar.zone, since):
        for opens, closes in _open_hours(calendar, (start + offset).date(), (end + offset).date()):
            span = Window(max(opens - offset, start, since), min(closes - offset, end))
            if span.start < span.end:
                yield span


def after_delay(
    at: datetime, *, days: int = 0, hours: int = 0, business_days: bool = False, zone: ZoneInfo
) -> datetime:
    """When a delay that begins at ``at`` is over, in UTC.

    ``days`` are calendar days of ``zone`` and keep the wall-clock time: one that a clock change skips is moved
    forward by the change, one that comes twice is the first. ``hours`` are real hours, counted after the days.
    With ``business_days``, Saturdays and Sundays of ``zone`` don't count as days, and an end that falls on one
    waits for Monday at the same time. Raises ValueError for a negative delay.
    """
    if days < 0 or hours < 0:
        raise ValueError("A delay must not be negative")
    due = as_utc(at)
    if days:
        due = _on_later_date(due, zone, lambda day: _business_date(day, days) if business_days else day + days * _DAY)
    due += timedelta(hours=hours)
    return _off_weekend(due, zone) if business_days else due


def as_utc(at: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a naive one."""
    if at.utcoffset() is None:
        raise ValueError("A time without a zone is no instant: pass an aware datetime")
    return at.astimezone(UTC)


def _pieces(zone: ZoneInfo, since: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Time from ``since`` on, cut wherever the zone's offset changes: start, end, offset.

    Pieces are of a day at most: since 1970 no zone changed twice within two days, so equal offsets a day apart
    mean no change between.
    """
    # Offsets change on whole seconds, which the search for a change steps by.
    start = since.replace(microsecond=0)
    while True:
        offset, end = _offset(zone, start), start + _DAY
        if _offset(zone, end) != offset:
            end = _change(zone, start, end)
        yield start, end, offset
        start = end


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second whose offset isn't that of ``before``."""
    offset = _offset(zone, before)
    while after - before > _SECOND:
        middle = before + (after - before) // 2 // _SECOND * _SECOND
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _open_hours(calendar: Calendar, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
    """Opening and closing of each open date as the wall shows them, labelled UTC so that an offset applies."""
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        if day.weekday() in calendar.days:
            midnight = datetime.combine(day, time(), UTC)
            yield midnight + timedelta(hours=calendar.start_hour), midnight + timedelta(hours=calendar.end_hour)


def _on_later_date(at: datetime, zone: ZoneInfo, move: Callable[[date], date]) -> datetime:
    """``at`` on another date of the zone at the same wall-clock time.

    fold=0 takes the earlier of two, and reads a time that is skipped with the offset before the change, which
    moves it forward by as much as the clock moved (PEP 495; RFC 5545 reads such times alike).
    """
    local = at.astimezone(zone)
    return datetime.combine(move(local.date()), local.time().replace(fold=0), zone).astimezone(UTC)


def _business_date(day: date, count: int) -> date:
    """``count`` Mondays to Fridays after ``day``; from a weekend, Monday is the first."""
    day -= max(0, day.weekday() - _SATURDAY + 1) * _DAY
    weeks, rest = divmod(count, 5)
    over = 2 if day.weekday() + rest >= _SATURDAY else 0
    return day + (7 * weeks + rest + over) * _DAY


def _off_weekend(at: datetime, zone: ZoneInfo) -> datetime:
    """``at``, or Monday at the same wall-clock time where it falls on a weekend."""
    weekday = at.astimezone(zone).weekday()
    return at if weekday < _SATURDAY else _on_later_date(at, zone, lambda day: day + (7 - weekday) * _DAY)


def _days(value: object) -> frozenset[int]:
    known = isinstance(value, list | tuple) and all(isinstance(name, str) and name in DAY_NAMES for name in value)
    if not isinstance(value, list | tuple) or not known or not value:
        raise ValueError(f"Must be a list of at least one of {', '.join(DAY_NAMES)}")
    return frozenset(DAY_NAMES.index(name) for name in value)


def _whole_number(least: int, most: int) -> Callable[[object], int]:
    def parse(value: object) -> int:
        # In JSON 2.0 is a whole number too; true is an int to Python, not to a person.
        whole = int(value) if isinstance(value, float) and value.is_integer() else value
        if type(whole) is not int or not least <= whole <= most:
            raise ValueError(f"Must be a whole number from {least} to {most}")
        return whole

    return parse


def _zone(value: object) -> ZoneInfo:
    # Never a look-up of the text itself: ZoneInfo opens a file by that name.
    if not isinstance(value, str) or value not in _known_zones():
        raise ValueError(say('Must be the name of an IANA time zone, such as "Europe/Paris"'))
    return ZoneInfo(value)


@lru_cache(maxsize=1)
def _known_zones() -> frozenset[str]:
    return frozenset(available_timezones()) - _NO_PLACES


def _check_order(parsed: Mapping[str, Any], data: Mapping[str, Any], problems: Problems) -> None:
    """Start before end: named at the field that was given, at the end where both were."""
    start, end = parsed.get("sendHoursStart"), parsed.get("sendHoursEnd")
    if start is None or end is None or start < end:
        return
    if "sendHoursStart" in data and "sendHoursEnd" not in data:
        problems["sendHoursStart"] = [f"Must be less than sendHoursEnd ({end})"]
    else:
        problems["sendHoursEnd"] = [f"Must be greater than sendHoursStart ({start})"]


_PARSERS: Final[dict[str, Callable[[object], object]]] = {
    "sendDays": _days,
    "sendHoursStart": _whole_number(0, 23),
    "sendHoursEnd": _whole_number(1, 24),
    "timezone": _zone,
    "maxEmailsPerHour": _whole_number(1, MAX_PER_HOUR),
}
