"""Zones and calendars that the tests of sending share, and how an instant or a calendar is written in them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from campaigns.sending.calendar import Calendar

# Each with the year whose clock changes it is here for.
ZONES = {
    "Europe/Paris": 2026,
    "America/New_York": 2026,
    "Asia/Kolkata": 2026,
    "Australia/Lord_Howe": 2026,
    "Pacific/Apia": 2011,
    "Africa/Cairo": 2026,
    "Pacific/Chatham": 2026,
    "America/Sao_Paulo": 2018,
    "America/Santiago": 2026,
}
WEEKDAYS = range(5)


def utc(text: str) -> datetime:
    """``2026-03-29 01:00``, and seconds if wanted, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(zone: str, days: Iterable[int] = WEEKDAYS, start: int = 9, end: int = 18) -> Calendar:
    return Calendar(frozenset(days), start, end, ZoneInfo(zone))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    start = draw(st.integers(0, 23))
    days = draw(st.frozensets(st.integers(0, 6), min_size=1))
    return Calendar(days, start, draw(st.integers(start + 1, 24)), ZoneInfo(draw(st.sampled_from(sorted(ZONES)))))


instants = st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
