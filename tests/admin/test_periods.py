"""From and to in an address: what is understood, and what is said about the rest."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluenzr_site.adminsite.periods import Days, asked, part_length
from fluenzr_site.core import clock

NOW = datetime(2026, 11, 21, 22, tzinfo=UTC)


@pytest.fixture(autouse=True)
def a_fixed_day() -> Iterator[None]:
    with clock.standing_at(NOW):
        yield


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-10-01", "2026-10-31", Days(date(2026, 10, 1), date(2026, 10, 31))),
        ("2026-10-01", "2026-10-01", Days(date(2026, 10, 1), date(2026, 10, 1))),
        (" 2026-10-01 ", "", Days(date(2026, 10, 1), date(2026, 11, 21))),
        ("2026-10-01", "2026-12-31", Days(date(2026, 10, 1), date(2026, 11, 21))),
    ],
)
def test_what_is_understood(first: str, last: str, expected: Days) -> None:
    found = asked({"from": first, "to": last}, UTC)
    assert (found.days, found.problems) == (expected, {})


@pytest.mark.parametrize(
    ("first", "last", "wrong", "said"),
    [
        ("", "2026-10-31", "from", "“From” is missing"),
        ("yesterday", "2026-10-31", "from", "“From” is “yesterday”, which isn't a date: write year, month and day"),
        ("2026-10-01", "2026-02-30", "to", "such as 2026-11-21"),
        ("2026-10-31", "2026-10-01", "to", "“To” is before “From”: choose 10/31/2026 or a later day."),
        ("0001-01-01", "2026-10-31", "from", "choose a day from 01/01/2010 to 11/21/2026"),
        ("2026-11-22", "", "from", "“From” is out of range"),
        ("2026-10-01", "9999-12-31", "to", "“To” is out of range"),
        ("12026-10-01", "2026-10-31", "from", "isn't a date"),
        ("\0", "2026-10-31", "from", "“From” is missing"),
    ],
)
def test_what_is_wrong_names_the_field_and_says_what_is_right(first: str, last: str, wrong: str, said: str) -> None:
    found = asked({"from": first, "to": last}, UTC)
    assert found.days is None and list(found.problems) == [wrong]
    assert said in found.problems[wrong]


def test_both_can_be_wrong_and_none_is_asked_for() -> None:
    assert list(asked({"from": "x", "to": "y"}, UTC).problems) == ["from", "to"]
    assert asked({}, UTC).problems == {}


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_answered(first: str, last: str) -> None:
    found = asked({"from": first, "to": last}, UTC)
    assert found.days is None or found.days.first <= found.days.last <= NOW.date()


def test_days_are_of_the_zone() -> None:
    kolkata = ZoneInfo("Asia/Kolkata")
    # It is the next day there already.
    days = asked({"from": "2026-11-22"}, kolkata).days
    assert days == Days(date(2026, 11, 22), date(2026, 11, 22))
    assert days.end(kolkata) == datetime(2026, 11, 22, 18, 30, tzinfo=UTC)


def test_a_day_may_have_23_hours() -> None:
    paris, days = ZoneInfo("Europe/Paris"), Days(date(2026, 3, 28), date(2026, 3, 30))
    starts = [*days.starts(1, paris), days.end(paris)]
    assert [(later - earlier).total_seconds() / 3600 for earlier, later in zip(starts, starts[1:], strict=False)] == [
        24,
        23,
        24,
    ]


@given(st.integers(1, 8000))
def test_a_timeline_has_few_parts(days: int) -> None:
    assert -(-days // part_length(days)) <= 31
