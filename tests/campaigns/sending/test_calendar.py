"""Open hours against an oracle that reads the wall clock, and literally where clocks change."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.sending import calendar as cal
from campaigns.sending.calendar import Calendar, closes_at, is_open, next_open, open_seconds, windows
from tests.campaigns.sending.support import ZONES, calendars, hours, instants, utc

MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)


def shows_open(calendar: Calendar, at: datetime) -> bool:
    """The oracle: what a person reads off the wall."""
    day, hour = datetime.fromtimestamp(at.timestamp(), calendar.zone).strftime("%u %H").split()
    return int(day) - 1 in calendar.days and int(hour) in range(calendar.start_hour, calendar.end_hour)


@pytest.mark.parametrize("days, start, end", [(range(5), 9, 18), ((3, 4, 6), 0, 3), ((4, 5, 6), 23, 24)])
@pytest.mark.parametrize("zone", ZONES)
def test_next_open_at_every_hour_of_a_year(zone: str, days: range, start: int, end: int) -> None:
    calendar = hours(zone, days, start, end)
    first = datetime(ZONES[zone], 1, 1, tzinfo=UTC)
    # All these zones change and count in quarters of an hour, so that nothing opens between two quarters.
    expected, at = None, first + timedelta(days=380)
    found: dict[datetime, datetime | None] = {}
    while at > first:
        at -= QUARTER
        expected = at if shows_open(calendar, at) else expected
        found[at] = expected
    for hour in range(365 * 24):
        at = first + timedelta(hours=hour)
        assert next_open(calendar, at) == found[at]


@settings(max_examples=150, deadline=None)
@given(calendars(), instants)
def test_next_open_is_open_first_and_idempotent(calendar: Calendar, at: datetime) -> None:
    opens = next_open(calendar, at)
    assert opens >= at and opens.tzinfo is UTC
    assert shows_open(calendar, opens) and is_open(calendar, opens)
    assert next_open(calendar, opens) == opens
    assert opens == at or not shows_open(calendar, opens - timedelta(microseconds=1))


@settings(max_examples=25, deadline=None)
@given(calendars(), instants)
def test_nothing_is_open_before_next_open_minute_by_minute(calendar: Calendar, at: datetime) -> None:
    opens = next_open(calendar, at)
    while at < min(opens, at + timedelta(days=3)):
        assert not shows_open(calendar, at)
        at += MINUTE


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(ZONES)), calendars(), st.integers(0, 364))
def test_windows_are_what_the_wall_shows(zone: str, calendar: Calendar, day: int) -> None:
    calendar = Calendar(calendar.days, calendar.start_hour, calendar.end_hour, ZoneInfo(zone))
    start = datetime(ZONES[zone], 1, 1, 0, 7, tzinfo=UTC) + timedelta(days=day)
    end = start + timedelta(days=2)
    found = list(windows(calendar, start, end))
    minutes = [start + MINUTE * n for n in range(2 * 24 * 60)]
    shown = [at for at in minutes if shows_open(calendar, at)]
    assert [at for at in minutes if any(w.start <= at < w.end for w in found)] == shown
    assert open_seconds(calendar, start, end) == 60 * len(shown)
    assert all(one.end < other.start for one, other in pairwise(found))


@settings(max_examples=150, deadline=None)
@given(calendars(), instants)
def test_closes_at_ends_the_window_that_next_open_begins(calendar: Calendar, at: datetime) -> None:
    closes = closes_at(calendar, at)
    if calendar.never_closes:
        assert closes is None
        return
    assert closes is not None and closes >= at and not shows_open(calendar, closes)
    assert closes == at or shows_open(calendar, closes - timedelta(microseconds=1))
    assert open_seconds(calendar, at, closes) == (closes - at).total_seconds()


# zone, days, start, end, from, then the first window after it.
CHANGES = {
    "a gap swallows the opening hour": ("Europe/Paris", [6], 2, 5, "2026-03-28", "03-29 01:00", "03-29 03:00"),
    "a gap swallows the whole window": ("Europe/Paris", [6], 2, 3, "2026-03-28", "04-05 00:00", "04-05 01:00"),
    "a fold makes a window longer": ("Europe/Paris", [6], 2, 3, "2026-10-24", "10-25 00:00", "10-25 02:00"),
    "New York's fold": ("America/New_York", [6], 1, 2, "2026-10-31", "11-01 05:00", "11-01 07:00"),
    "Kathmandu's quarter": ("Asia/Kathmandu", [0], 9, 18, "2026-11-21", "11-23 03:15", "11-23 12:15"),
    "Lord Howe's half-hour gap": ("Australia/Lord_Howe", [6], 2, 3, "2026-10-03", "10-03 15:30", "10-03 16:00"),
    "Lord Howe's half-hour fold": ("Australia/Lord_Howe", [6], 1, 2, "2026-04-04", "04-04 14:00", "04-04 15:30"),
    "Chatham's gap cuts a window's end": ("Pacific/Chatham", [6], 2, 3, "2026-09-26", "09-26 13:15", "09-26 14:00"),
    "Chatham's gap cuts a window's start": ("Pacific/Chatham", [6], 3, 4, "2026-09-26", "09-26 14:00", "09-26 14:15"),
    "Apia skips its Friday": ("Pacific/Apia", range(7), 9, 18, "2011-12-30 04:00", "12-30 19:00", "12-31 04:00"),
    "São Paulo's missing midnight": ("America/Sao_Paulo", [6], 0, 24, "2018-11-03", "11-04 03:00", "11-05 02:00"),
    "São Paulo's second 23:00": ("America/Sao_Paulo", [5], 23, 24, "2018-02-17", "02-18 01:00", "02-18 03:00"),
    "Cairo's missing midnight": ("Africa/Cairo", [4], 0, 9, "2026-04-23", "04-23 22:00", "04-24 06:00"),
    "Cairo's second 23:00": ("Africa/Cairo", [3], 23, 24, "2026-10-29", "10-29 20:00", "10-29 22:00"),
    "Beirut's missing midnight": ("Asia/Beirut", [6], 0, 24, "2026-03-28", "03-28 22:00", "03-29 21:00"),
    "Santiago has no 0 to 1": ("America/Santiago", [6], 0, 1, "2026-09-05", "09-13 03:00", "09-13 04:00"),
    "end_hour 24 runs to midnight": ("Europe/Paris", [0, 1], 20, 24, "2026-11-23", "11-23 19:00", "11-23 23:00"),
    "days that touch are one window": ("Europe/Paris", [0, 1], 0, 24, "2026-11-22", "11-22 23:00", "11-24 23:00"),
}


@pytest.mark.parametrize("zone, days, start, end, since, opens, closes", CHANGES.values(), ids=CHANGES)
def test_clock_changes(zone: str, days: list[int], start: int, end: int, since: str, opens: str, closes: str) -> None:
    calendar, year = hours(zone, days, start, end), since[:5]
    assert next_open(calendar, utc(since)) == utc(year + opens)
    assert closes_at(calendar, utc(year + opens)) == utc(year + closes)


def test_a_friday_that_never_was_waits_for_the_next() -> None:
    assert next_open(hours("Pacific/Apia", [4]), utc("2011-12-30 00:00")) == utc("2012-01-05 19:00")


def test_an_hour_that_comes_twice_with_a_closed_one_between_opens_twice() -> None:
    calendar = hours("Antarctica/Troll", [6], 1, 2)
    assert list(windows(calendar, utc("2026-10-24"), utc("2026-10-26"))) == [
        (utc("2026-10-24 23:00"), utc("2026-10-25 00:00")),
        (utc("2026-10-25 01:00"), utc("2026-10-25 02:00")),
    ]


def test_windows_are_cut_to_what_was_asked_for() -> None:
    calendar = hours("UTC")
    asked = utc("2026-11-20 17:30:00.250000"), utc("2026-11-23 09:00:01")
    assert list(windows(calendar, *asked)) == [
        (asked[0], utc("2026-11-20 18:00")),
        (utc("2026-11-23 09:00"), asked[1]),
    ]
    assert open_seconds(calendar, *asked) == 1800.75
    assert open_seconds(calendar, asked[1], asked[0]) == 0.0


def test_always_open_never_closes() -> None:
    calendar = hours("Europe/Paris", range(7), 0, 24)
    start, end = utc("2026-01-01"), utc("2027-01-01")
    assert closes_at(calendar, start) is None
    assert list(windows(calendar, start, end)) == [(start, end)]


def test_the_second_of_two_instants_on_one_wall_time_is_told_apart() -> None:
    calendar = hours("Europe/Paris", [6], 2, 3)
    second = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Paris"), fold=1)
    assert next_open(calendar, second) == utc("2026-10-25 01:30")


@pytest.mark.parametrize("ask", [is_open, next_open, closes_at, cal.spans])
def test_a_naive_time_is_refused(ask: object) -> None:
    with pytest.raises(ValueError, match="aware"):
        next(iter([ask(hours("UTC"), datetime(2026, 1, 1))]))  # type: ignore[operator]
        next(cal.spans(hours("UTC"), datetime(2026, 1, 1)))


@pytest.mark.parametrize("days, start, end", [([], 9, 18), ([7], 9, 18), ([0], 9, 9), ([0], -1, 9), ([0], 9, 25)])
def test_a_calendar_that_never_opens_is_refused(days: list[int], start: int, end: int) -> None:
    with pytest.raises(ValueError, match="calendar"):
        hours("UTC", days, start, end)
