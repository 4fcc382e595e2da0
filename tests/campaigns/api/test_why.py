"""/v1/campaigns/:id/why: each gate between a campaign and its next e-mail."""

from datetime import datetime
from typing import Any

import pytest

from campaigns import tasks
from campaigns.models import EmailAccount
from fluenzr_site.core import heartbeat
from tests.api.world import Party, set_status
from tests.campaigns.api.support import Outreach, of
from tests.campaigns.workflow.examples import email, node, sequence

NAMES = [
    "campaign",
    "contacts",
    "uncertain",
    "worker",
    "account",
    "calendar",
    "campaign_hourly",
    "account_daily",
    "plan_daily",
]
MANY = sequence(email("first"), node("wait", "delay", days=2), email("second"))


def gates(outreach: Outreach, campaign: str, contact: str = "") -> dict[str, dict[str, Any]]:
    query = f"?contactId={contact}" if contact else ""
    return {gate["name"]: gate for gate in outreach.api.get(f"campaigns/{campaign}/why{query}").data["gates"]}


@pytest.fixture(autouse=True)
def _a_worker_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever it is asked, however far the clock was moved."""
    asked = heartbeat.is_alive

    def is_alive(name: str, now: datetime) -> bool:
        heartbeat.beat(name, now)
        return asked(name, now)

    monkeypatch.setattr(heartbeat, "is_alive", is_alive)


def closed(outreach: Outreach, campaign: str, contact: str = "") -> list[str]:
    return [name for name, gate in gates(outreach, campaign, contact).items() if not gate["open"]]


def test_every_gate_is_told(outreach: Outreach):
    campaign = outreach.started()
    found = outreach.api.get(f"campaigns/{campaign}/why").data["gates"]
    assert [gate["name"] for gate in found] == NAMES
    assert all(gate.keys() == {"name", "open", "reason", "opensAt"} and gate["reason"] for gate in found)
    assert all(gate["open"] and gate["opensAt"] is None for gate in found)


def test_without_a_worker_it_says_so(outreach: Outreach, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()
    campaign = outreach.started()
    assert gates(outreach, campaign)["worker"]["reason"].startswith("No worker has looked for work yet")
    tasks.send()
    assert gates(outreach, campaign)["worker"]["open"]
    outreach.clock.shift(61)
    gate = gates(outreach, campaign)["worker"]
    assert (gate["open"], gate["opensAt"]) == (False, None)
    assert "since 2030-01-07 10:0" in gate["reason"]


@pytest.mark.parametrize("status", ["draft", "paused", "completed", "archived"])
def test_only_an_active_campaign_sends(outreach: Outreach, status: str):
    campaign = outreach.started()
    row = of(campaign)
    row.status = status
    row.save()
    gate = gates(outreach, campaign)["campaign"]
    assert (gate["open"], gate["opensAt"]) == (False, None) and status in gate["reason"]


def test_a_draft_waits_for_its_start(outreach: Outreach):
    campaign = outreach.draft()
    assert closed(outreach, campaign) == ["campaign", "contacts"]


def test_outside_the_hours_it_says_when_they_begin(outreach: Outreach):
    hours = {"sendDays": ["tuesday"], "sendHoursStart": 9, "sendHoursEnd": 10, "timezone": "Europe/Paris"}
    gate = gates(outreach, outreach.started(settings=hours))["calendar"]
    assert (gate["open"], gate["opensAt"]) == (False, "2030-01-08T08:00:00Z")
    assert "2030-01-08 09:00 (Europe/Paris)" in gate["reason"]


def test_the_hourly_limit_says_when_the_next_may_go(outreach: Outreach):
    campaign = outreach.started(to=["a@x.co", "b@x.co"], settings={"maxEmailsPerHour": 1})
    for _ in range(60):
        outreach.run()
        if closed(outreach, campaign) == ["campaign_hourly"]:
            break
        outreach.clock.shift(60)
    gate = gates(outreach, campaign)["campaign_hourly"]
    assert not gate["open"] and "1 e-mails an hour" in gate["reason"]
    assert gate["opensAt"] > "2030-01-07T10:30"


def test_the_daily_limit_of_the_account(outreach: Outreach):
    EmailAccount.objects.update(daily_limit=1)
    campaign = outreach.started(to=["a@x.co", "b@x.co"])
    outreach.run()
    assert closed(outreach, campaign) == ["account_daily"]
    assert gates(outreach, campaign)["account_daily"]["opensAt"] == "2030-01-08T00:00:00Z"


def test_the_daily_limit_of_the_plan(outreach: Outreach, settings: Any):
    plans = settings.FLUENZR_PLANS
    settings.FLUENZR_PLANS = plans | {"pro": plans["pro"] | {"emails_a_day": 1}}
    campaign = outreach.started(to=["a@x.co", "b@x.co"])
    outreach.run()
    assert closed(outreach, campaign) == ["plan_daily"]


def test_a_failing_account(outreach: Outreach):
    campaign = outreach.started()
    EmailAccount.objects.update(state="failing", last_error="535 5.7.8 Bad credentials")
    gate = gates(outreach, campaign)["account"]
    assert closed(outreach, campaign) == ["account"]
    assert "535 5.7.8 Bad credentials" in gate["reason"] and gate["opensAt"] is None


def test_everybody_in_a_delay(outreach: Outreach):
    campaign = outreach.started(MANY)
    outreach.run()
    contact = outreach.message("ann@x.co").contact_id
    assert closed(outreach, campaign, contact) == ["contacts", "contact"]
    found = gates(outreach, campaign, contact)
    assert found["contacts"]["opensAt"] == found["contact"]["opensAt"]
    assert found["contact"]["opensAt"][:16] == "2030-01-09T10:00"


def test_an_unsubscribed_contact(outreach: Outreach):
    campaign = outreach.started(to=["ann@x.co", "bob@x.co"])
    contact = of(campaign).enrolments.get(contact__email="ann@x.co").contact_id
    assert closed(outreach, campaign, contact) == []
    set_status(contact, "unsubscribed")
    gate = gates(outreach, campaign, contact)["suppression"]
    assert (gate["open"], gate["opensAt"]) == (False, None) and "unsubscribed" in gate["reason"]
    outreach.run()
    assert closed(outreach, campaign, contact)[-2:] == ["contact", "suppression"]


def test_a_contact_who_is_through(outreach: Outreach):
    campaign = outreach.started()
    outreach.run()
    gate = gates(outreach, campaign, outreach.message("ann@x.co").contact_id)["contact"]
    assert not gate["open"] and "completed" in gate["reason"]


def test_a_contact_who_is_not_in_it_is_404(outreach: Outreach, stranger: Party):
    campaign = outreach.started()
    outside, theirs = outreach.people("out@x.co")[0], stranger.api.create("theirs@x.co")["id"]
    for contact in ("con_nothing", outside, theirs):
        assert outreach.api.get(f"campaigns/{campaign}/why?contactId={contact}").status == 404
