"""Delays keep the wall clock, count real hours, and know a weekend."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.sending.calendar import after_delay
from tests.campaigns.sending.support import ZONES, instants, utc

zones = st.sampled_from(sorted(ZONES)).map(ZoneInfo)


@settings(max_examples=300, deadline=None)
@given(instants, st.integers(1, 60), zones)
def test_days_keep_the_wall_clock(at: datetime, days: int, zone: ZoneInfo) -> None:
    due, local = after_delay(at, days=days, zone=zone).astimezone(zone), at.astimezone(zone)
    wanted = local.replace(tzinfo=None) + timedelta(days=days)
    shown = due.replace(tzinfo=None)
    if shown != wanted:
        # Only a wall time that doesn't exist moves, and forward by as much as the clock did.
        gap = zone.utcoffset(wanted.replace(fold=0)) - zone.utcoffset(wanted.replace(fold=1))  # type: ignore[operator]
        assert gap < timedelta() and shown == wanted - gap


@given(instants, st.integers(0, 2000), zones)
def test_hours_are_real(at: datetime, hours: int, zone: ZoneInfo) -> None:
    assert after_delay(at, hours=hours, zone=zone) - at == timedelta(hours=hours)


@settings(max_examples=300, deadline=None)
@given(instants, st.integers(0, 60), st.integers(0, 100), zones)
def test_business_days_never_land_on_a_weekend(at: datetime, days: int, hours: int, zone: ZoneInfo) -> None:
    due = after_delay(at, days=days, hours=hours, business_days=True, zone=zone)
    assert due >= at and due.astimezone(zone).weekday() < 5


@settings(max_examples=200, deadline=None)
@given(instants, st.integers(1, 40))
def test_business_days_are_counted_one_by_one(at: datetime, days: int) -> None:
    counted, date = 0, at.date()
    while counted < days:
        date += timedelta(days=1)
        counted += date.weekday() < 5
    due = after_delay(at, days=days, business_days=True, zone=ZoneInfo("UTC"))
    assert due == datetime.combine(date, at.timetz())


LITERAL = {
    "over the spring change": ("Europe/Paris", "2026-03-28 09:00", {"days": 1}, "2026-03-29 08:00"),
    "into a gap": ("Europe/Paris", "2026-03-28 01:30", {"days": 1}, "2026-03-29 01:30"),
    "into a fold": ("Europe/Paris", "2026-10-24 00:30", {"days": 1}, "2026-10-25 00:30"),
    "24 real hours over the change": ("Europe/Paris", "2026-03-28 09:00", {"hours": 24}, "2026-03-29 09:00"),
    "into Lord Howe's half hour": ("Australia/Lord_Howe", "2026-10-02 15:40", {"days": 1}, "2026-10-03 15:40"),
    "into Apia's missing Friday": ("Pacific/Apia", "2011-12-29 20:00", {"days": 1}, "2011-12-30 20:00"),
    "into Cairo's missing midnight": ("Africa/Cairo", "2026-04-22 22:15", {"days": 1}, "2026-04-23 22:15"),
    "Friday and a business day": (
        "Europe/Paris", "2026-11-20 09:00", {"days": 1, "business_days": True}, "2026-11-23 09:00"
    ),
    "Saturday and a business day": (
        "Europe/Paris", "2026-11-21 09:00", {"days": 1, "business_days": True}, "2026-11-23 09:00"
    ),
    "Apia's Friday moved to a Saturday": (
        "Pacific/Apia", "2011-12-29 20:00", {"days": 1, "business_days": True}, "2012-01-01 20:00"
    ),
    "the weekend is the zone's, not UTC's": (
        "Pacific/Apia", "2026-11-19 20:00", {"hours": 24, "business_days": True}, "2026-11-22 20:00"
    ),
    "no delay on a Sunday": ("UTC", "2026-11-22 10:00", {"business_days": True}, "2026-11-23 10:00"),
    "days first, then hours": ("Europe/Paris", "2026-03-28 09:00", {"days": 1, "hours": 2}, "2026-03-29 10:00"),
}  # fmt: skip


@pytest.mark.parametrize("zone, at, delay, due", LITERAL.values(), ids=LITERAL)
def test_literal_delays(zone: str, at: str, delay: dict[str, int], due: str) -> None:
    assert after_delay(utc(at), zone=ZoneInfo(zone), **delay) == utc(due)  # type: ignore[arg-type]


@pytest.mark.parametrize("delay", [{"days": -1}, {"hours": -1}])
def test_a_negative_delay_is_refused(delay: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="negative"):
        after_delay(utc("2026-01-01"), zone=ZoneInfo("UTC"), **delay)  # type: ignore[arg-type]


def test_a_naive_start_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        after_delay(datetime(2026, 1, 1), days=1, zone=ZoneInfo("UTC"))
