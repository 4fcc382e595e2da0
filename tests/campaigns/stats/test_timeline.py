"""/v1/campaigns/:id/stats/timeline: points of the campaign's zone, gaps filled with zeros."""

from datetime import datetime
from typing import Any

import pytest

from campaigns.changes import tallies
from campaigns.stats.timeline import COUNTS
from tests.api.world import Answer
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import email, sequence

KEYS = {"date", "timestamp", *COUNTS}


def in_zone(outreach: Outreach, zone: str) -> str:
    return outreach.draft(settings={"timezone": zone})


def happened(campaign: str, at: str, **counted: int) -> None:
    tallies.add(campaign, "first", "", datetime.fromisoformat(at), **counted)


def asked(outreach: Outreach, campaign: str, **query: str) -> Answer:
    names = "&".join(f"{name.rstrip('_')}={value}" for name, value in query.items())
    return outreach.api.get(f"campaigns/{campaign}/stats/timeline?{names}")


def sent(outreach: Outreach, campaign: str, **query: str) -> list[tuple[str, int]]:
    return [(point["date"], point["sent"]) for point in asked(outreach, campaign, **query).data]


def test_what_the_engine_does_stands_in_its_hour_and_day(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(sequence(email("first")), to=["a@x.co", "b@x.co"])
    outreach.run()
    outreach.clock.shift(2 * 3600)
    outreach.fetch(smtp.to("a@x.co")[0].path("o"))
    hours = asked(outreach, campaign, interval="hour").data
    assert all(point.keys() == KEYS for point in hours)
    assert [(point["timestamp"], point["sent"], point["opened"]) for point in hours] == [
        ("2030-01-07T10:00:00Z", 2, 0),
        ("2030-01-07T11:00:00Z", 0, 0),
        ("2030-01-07T12:00:00Z", 0, 1),
    ]
    (day,) = asked(outreach, campaign).data
    assert (day["date"], day["sent"], day["opened"]) == ("2030-01-07", 2, 1)


def test_each_count_has_its_own_name(outreach: Outreach):
    campaign = in_zone(outreach, "UTC")
    counted: dict[str, Any] = {name: number for number, name in enumerate(COUNTS, 1)}
    happened(campaign, "2030-01-07T10:07:00Z", **counted)
    (day,) = asked(outreach, campaign).data
    assert {name: day[name] for name in COUNTS} == counted


def test_gaps_are_filled_with_zeros(outreach: Outreach):
    campaign = in_zone(outreach, "UTC")
    for at in ("2030-01-07T23:59:00Z", "2030-01-10T00:00:00Z"):
        happened(campaign, at, sent=1)
    assert sent(outreach, campaign, interval="day") == [
        ("2030-01-07", 1),
        ("2030-01-08", 0),
        ("2030-01-09", 0),
        ("2030-01-10", 1),
    ]


def test_from_and_to_bound_and_widen_it(outreach: Outreach):
    campaign = in_zone(outreach, "UTC")
    for at in ("2030-01-07T12:00:00Z", "2030-01-09T12:00:00Z"):
        happened(campaign, at, sent=1)
    period = {"from": "2030-01-06T00:00:00Z", "to": "2030-01-09T00:00:00Z"}
    assert sent(outreach, campaign, **period) == [("2030-01-06", 0), ("2030-01-07", 1), ("2030-01-08", 0)]
    assert asked(outreach, campaign, **period).meta["total"] == 3


def test_a_day_is_the_campaigns_own_even_half_an_hour_off(outreach: Outreach):
    campaign = in_zone(outreach, "Asia/Kolkata")
    for at in ("2030-01-07T18:29:00Z", "2030-01-07T18:30:00Z"):
        happened(campaign, at, sent=1)
    assert sent(outreach, campaign) == [("2030-01-07", 1), ("2030-01-08", 1)]
    assert asked(outreach, campaign).data[1]["timestamp"] == "2030-01-07T18:30:00Z"


def test_an_hour_is_the_campaigns_own_even_half_an_hour_off(outreach: Outreach):
    campaign = in_zone(outreach, "Asia/Kolkata")
    for at in ("2030-01-07T10:29:59Z", "2030-01-07T10:30:00Z", "2030-01-07T11:29:00Z"):
        happened(campaign, at, sent=1)
    assert sent(outreach, campaign, interval="hour") == [
        ("2030-01-07T15:00:00+05:30", 1),
        ("2030-01-07T16:00:00+05:30", 2),
    ]


def test_a_quarter_of_an_hour_off_too(outreach: Outreach):
    campaign = in_zone(outreach, "Asia/Kathmandu")
    for at in ("2030-01-07T18:14:00Z", "2030-01-07T18:15:00Z"):
        happened(campaign, at, sent=1)
    assert sent(outreach, campaign) == [("2030-01-07", 1), ("2030-01-08", 1)]


def test_the_day_that_clocks_go_forward_has_23_hours(outreach: Outreach):
    campaign = in_zone(outreach, "Europe/Paris")
    period = {"from": "2030-03-30T23:00:00Z", "to": "2030-03-31T22:00:00Z"}
    happened(campaign, "2030-03-31T01:05:00Z", sent=1)
    hours = sent(outreach, campaign, interval="hour", **period)
    assert len(hours) == 23 and ("2030-03-31T03:00:00+02:00", 1) in hours
    assert not any("T02:" in date for date, _ in hours)
    assert sent(outreach, campaign, **period) == [("2030-03-31", 1)]


def test_the_hour_that_comes_twice_is_two_hours(outreach: Outreach):
    campaign = in_zone(outreach, "Europe/Paris")
    for at in ("2030-10-27T00:30:00Z", "2030-10-27T01:30:00Z"):
        happened(campaign, at, sent=1)
    assert sent(outreach, campaign, interval="hour") == [
        ("2030-10-27T02:00:00+02:00", 1),
        ("2030-10-27T02:00:00+01:00", 1),
    ]
    period = {"from": "2030-10-26T22:00:00Z", "to": "2030-10-27T23:00:00Z"}
    assert len(sent(outreach, campaign, interval="hour", **period)) == 25
    assert sent(outreach, campaign, **period) == [("2030-10-27", 2)]


def test_clocks_that_move_by_half_an_hour(outreach: Outreach):
    """Lord Howe Island goes from +11:00 to +10:30 on the first Sunday of April at 2:00."""
    campaign = in_zone(outreach, "Australia/Lord_Howe")
    for at in ("2030-04-06T14:30:00Z", "2030-04-06T15:15:00Z", "2030-04-06T16:00:00Z"):
        happened(campaign, at, sent=1)
    hours = sent(outreach, campaign, interval="hour")
    assert sum(count for _, count in hours) == 3
    assert len({date for date, _ in hours}) == len(hours)
    assert sent(outreach, campaign) == [("2030-04-07", 3)]


def test_a_day_without_midnight_is_a_day_once(outreach: Outreach):
    """Santiago goes from 0:00 to 1:00 on a Sunday in September."""
    campaign = in_zone(outreach, "America/Santiago")
    for at in ("2030-09-07T12:00:00Z", "2030-09-08T12:00:00Z", "2030-09-09T12:00:00Z"):
        happened(campaign, at, sent=1)
    assert sent(outreach, campaign) == [("2030-09-07", 1), ("2030-09-08", 1), ("2030-09-09", 1)]


def test_weeks_begin_on_monday(outreach: Outreach):
    campaign = in_zone(outreach, "Europe/Paris")
    for at in ("2030-03-24T22:59:00Z", "2030-03-24T23:00:00Z", "2030-03-31T21:59:00Z", "2030-04-08T10:00:00Z"):
        happened(campaign, at, sent=1)
    assert sent(outreach, campaign, interval="week") == [
        ("2030-03-18", 1),
        ("2030-03-25", 2),
        ("2030-04-01", 0),
        ("2030-04-08", 1),
    ]


def test_where_nothing_happened_there_is_no_point(outreach: Outreach):
    answer = asked(outreach, in_zone(outreach, "UTC"))
    assert (answer.data, answer.meta["total"]) == ([], 0)


def test_an_empty_period_that_was_asked_for_has_zeros(outreach: Outreach):
    campaign = in_zone(outreach, "UTC")
    found = sent(outreach, campaign, **{"from": "2030-01-01T00:00:00Z", "to": "2030-01-03T00:00:00Z"})
    assert found == [("2030-01-01", 0), ("2030-01-02", 0)]


def test_bounds_without_an_offset_are_of_the_campaigns_zone(outreach: Outreach):
    campaign = in_zone(outreach, "America/New_York")
    happened(campaign, "2030-01-07T20:00:00-05:00", sent=1)
    assert sent(outreach, campaign, **{"from": "2030-01-07", "to": "2030-01-08"}) == [("2030-01-07", 1)]
    evening = {"from": "2030-01-07T20:00", "to": "2030-01-07T21:00", "interval": "hour"}
    assert sent(outreach, campaign, **evening) == [("2030-01-07T20:00:00-05:00", 1)]
    of_utc = {"from": "2030-01-08T00:00:00Z", "to": "2030-01-08T05:00:00%2B00:00"}
    assert sent(outreach, campaign, **of_utc) == [("2030-01-07", 1)]


def test_a_period_the_wrong_way_round_is_empty(outreach: Outreach):
    campaign = in_zone(outreach, "UTC")
    assert sent(outreach, campaign, **{"from": "2030-01-03T00:00:00Z", "to": "2030-01-01T00:00:00Z"}) == []


def test_bounds_inside_a_quarter_count_only_what_is_inside(outreach: Outreach):
    campaign = in_zone(outreach, "UTC")
    happened(campaign, "2030-01-07T10:00:00Z", sent=1)
    happened(campaign, "2030-01-07T10:15:00Z", sent=1)
    assert sent(outreach, campaign, **{"from": "2030-01-07T10:15:00Z"}) == [("2030-01-07", 1)]
    assert sent(outreach, campaign, to="2030-01-07T10:15:00Z") == [("2030-01-07", 1)]


@pytest.mark.parametrize(
    "query",
    [
        {"interval": "month"},
        {"interval": "HOUR"},
        {"from": "yesterday"},
        {"to": "2030-13-01"},
        {"interval": "hour", "from": "1970-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z"},
    ],
    ids=str,
)
def test_what_cannot_be_answered_is_400(outreach: Outreach, query: dict[str, str]):
    answer = asked(outreach, in_zone(outreach, "UTC"), **query)
    assert answer.status == 400 and len(answer.details) == 1


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/Santiago"])
@pytest.mark.parametrize("interval", ["hour", "day", "week"])
def test_the_ends_of_time_break_nothing(outreach: Outreach, at: str, zone: str, interval: str):
    campaign = in_zone(outreach, zone)
    happened(campaign, "2030-01-07T10:00:00Z", sent=1)
    for name in ("from", "to"):
        assert asked(outreach, campaign, interval=interval, **{name: at}).status in (200, 400)
