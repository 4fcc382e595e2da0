"""A free period, asked for in an address: ``from`` and ``to``, both days included."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from fluenzr_site.adminsite.choices import typed
from fluenzr_site.core import clock

FROM: Final = "from"
TO: Final = "to"
NAMES: Final = (FROM, TO)
#: Before it was nothing of what is counted.
EARLIEST: Final = date(2010, 1, 1)
#: "To the end of the year" may be asked for before it is over.
_AHEAD: Final = timedelta(days=366)
_LONGEST: Final = 40
#: A timeline in which each part is so many days has no more parts than this.
_MOST_PARTS: Final = 31


@dataclass(frozen=True, slots=True)
class Days:
    """From ``first`` to ``last``, both included."""

    first: date
    last: date

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def said(self) -> str:
        first, last = (date_format(day, "SHORT_DATE_FORMAT") for day in (self.first, self.last))
        return first if first == last else f"{first} – {last}"

    @property
    def query(self) -> dict[str, str]:
        return {FROM: self.first.isoformat(), TO: self.last.isoformat()}

    def starts(self, length: int, zone: tzinfo) -> list[datetime]:
        """When each part of ``length`` days begins; the last one may be shorter."""
        return [midnight(self.first + timedelta(days=day), zone) for day in range(0, self.count, length)]

    def end(self, zone: tzinfo) -> datetime:
        """The midnight after the last day."""
        return midnight(self.last + timedelta(days=1), zone)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: days, or what is wrong with them, by the field's name; neither where it doesn't ask.

    ``given`` are the texts as they came; ``earliest`` and ``latest`` bound what a field takes.
    """

    days: Days | None
    given: Mapping[str, str]
    latest: date
    problems: Mapping[str, str] = field(default_factory=dict)
    earliest: date = EARLIEST


def asked(values: Mapping[str, Any], zone: tzinfo) -> Asked:
    """Days as they are counted in ``zone``. Without a last day it is today; the future is cut off."""
    today = clock.now().astimezone(zone).date()
    latest = {FROM: today, TO: today + _AHEAD}
    texts = {name: typed(values, name, _LONGEST) for name in NAMES}
    if not any(texts.values()):
        return Asked(None, texts, latest[TO])
    texts[TO] = texts[TO] or today.isoformat()
    days = {name: _day(text) for name, text in texts.items()}
    given = {name: day.isoformat() if day else "" for name, day in days.items()}
    problems = {name: _problem(name, texts[name], days[name], today, latest[name]) for name in NAMES}
    problems = {name: problem for name, problem in problems.items() if problem}
    first, last = days[FROM], days[TO]
    if problems or first is None or last is None:
        return Asked(None, given, latest[TO], problems)
    if first > last:
        told = {"to": _name(TO), "from": _name(FROM), "day": _said(first)}
        said = _("“%(to)s” is before “%(from)s”: choose %(day)s or a later day.") % told
        return Asked(None, given, latest[TO], {TO: said})
    return Asked(Days(first, min(last, today)), given, latest[TO])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _problem(name: str, text: str, day: date | None, today: date, latest: date) -> str:
    """What is to be done about one field; empty where it is right."""
    told = {"field": _name(name), "text": text}
    if not text:
        return _("“%(field)s” is missing: choose the first day of the period.") % told
    if day is None:
        told["example"] = today.isoformat()
        return (
            _("“%(field)s” is “%(text)s”, which isn't a date: write year, month and day, such as %(example)s.") % told
        )
    if not EARLIEST <= day <= latest:
        told |= {"first": _said(EARLIEST), "last": _said(latest)}
        return _("“%(field)s” is out of range: choose a day from %(first)s to %(last)s.") % told
    return ""


def _name(field: str) -> str:
    """As it is labelled. Without a context these are the words of an e-mail's head."""
    return pgettext("first day", "From") if field == FROM else pgettext("last day", "To")


def _said(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def part_length(days: int, lengths: Sequence[int] = (1, 7, 30, 91, 365)) -> int:
    """How many days each part of a timeline has, that it has few enough of them."""
    return next((length for length in lengths if -(-days // length) <= _MOST_PARTS), lengths[-1])
