"""An account's day is the workspace's, whatever zones its campaigns send in."""

from collections import Counter
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import EmailAccount, Message
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.simulating.support import days_in, days_of, foretold, really
from tests.campaigns.workflow.examples import email, sequence

LIMIT = 3
ZONES = ["America/Los_Angeles", "Pacific/Auckland", "UTC"]


@pytest.fixture(params=["UTC", "Asia/Kolkata"])
def home(request: Any, outreach: Outreach) -> ZoneInfo:
    """The workspace's zone, and a small limit of the account."""
    outreach.workspace.timezone = request.param
    outreach.workspace.save()
    EmailAccount.objects.update(daily_limit=LIMIT)
    outreach.clock.move_to("2030-01-07T07:30:00Z")
    return ZoneInfo(request.param)


def people(zone: str) -> list[str]:
    return [f"{zone[-3:].lower()}{number}@x.co" for number in range(9)]


def account(outreach: Outreach) -> dict[str, Any]:
    found: dict[str, Any] = outreach.api.get("email-accounts").data[0]
    return found


def gate(outreach: Outreach, campaign: str) -> dict[str, Any]:
    gates = outreach.api.get(f"campaigns/{campaign}/why").data["gates"]
    found: dict[str, Any] = next(each for each in gates if each["name"] == "account_daily")
    return found


def test_campaigns_of_several_zones_keep_the_limit_together(outreach: Outreach, home: ZoneInfo) -> None:
    for zone in ZONES:
        outreach.started(to=people(zone), settings={"timezone": zone})
    days: Counter[Any] = Counter()
    for _ in range(3 * 24):
        outreach.run()
        told = account(outreach)
        assert told["sentToday"] <= told["dailyLimit"] == LIMIT
        outreach.wait(hours=1)
    for message in Message.objects.of(outreach.workspace).filter(sent_at__isnull=False):
        days[message.sent_at.astimezone(home).date()] += 1
    assert set(days.values()) == {LIMIT}
    assert len(days) >= 3


def test_a_ramp_grows_at_the_workspace_s_midnight(outreach: Outreach, home: ZoneInfo, smtp: MailServer) -> None:
    day = outreach.account.created_at.date()
    EmailAccount.objects.update(ramp_first_day=1, ramp_growth=1, ramp_ceiling=3, ramp_started_on=day)
    outreach.started(to=people(ZONES[0]), settings={"timezone": ZONES[0]})
    for _ in range(2 * 24):
        outreach.run()
        told = account(outreach)
        assert told["sentToday"] == told["dailyLimit"], "each day's e-mails go at once"
        outreach.wait(hours=1)


def test_why_tells_the_workspace_s_midnight(outreach: Outreach, home: ZoneInfo) -> None:
    campaign = outreach.started(to=people(ZONES[0]), settings={"timezone": ZONES[0]})
    outreach.run()
    told = gate(outreach, campaign)
    midnight = {"UTC": "2030-01-08T00:00:00Z", "Asia/Kolkata": "2030-01-07T18:30:00Z"}[home.key]
    assert (told["open"], told["opensAt"]) == (False, midnight)
    assert f"until 2030-01-08 00:00 ({home.key})" in told["reason"]


@pytest.mark.parametrize("zone", ZONES[:2])
def test_the_forecast_agrees(outreach: Outreach, home: ZoneInfo, zone: str) -> None:
    before = outreach.started(to=["early@x.co"], settings={"timezone": ZONES[1]})
    outreach.run()
    assert outreach.states(before) == {"early@x.co": "completed"}
    hours = {"timezone": zone, "sendHoursStart": 9, "sendHoursEnd": 23, "maxEmailsPerHour": 60}
    campaign = outreach.draft(sequence(email("first")), settings=hours)
    outreach.add(campaign, outreach.people(*people(zone)))
    told = foretold(campaign)
    sent = really(outreach, campaign)
    assert days_in(told) == days_of(sent, zone)
    assert abs(sent[-1].claimed_at - told.last_at) < timedelta(seconds=2)


def test_a_ramp_begins_on_the_workspace_s_day(outreach: Outreach) -> None:
    outreach.workspace.timezone = "Pacific/Auckland"
    outreach.workspace.save()
    # The eighth there.
    outreach.clock.move_to("2030-01-07T20:00:00Z")
    outreach.connect("new@sender.test", ramp_first_day=1, ramp_growth=1, ramp_ceiling=3)
    told = {each["email"]: each["dailyLimit"] for each in outreach.api.get("email-accounts").data}
    assert told["new@sender.test"] == 1
