"""Why nothing is sent: the first gate that stops the campaign; what stops single contacts is a side note."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from fluenzr_site.core import heartbeat
from tests.campaigns.admin.campaign_support import TWO, at, get, row
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import email, sequence

UNCERTAIN = "admin:campaigns_message_changelist"
NOTE = "1 contact waits for you"
HELD = "Nothing is sent at the moment."


@pytest.fixture(autouse=True)
def _a_worker_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "is_alive", lambda *_: True)


@pytest.fixture
def in_doubt(outreach: Outreach, smtp: MailServer) -> str:
    """A campaign of Mondays: whether Ann got the first e-mail isn't known; Bob's second is due on Wednesday."""
    smtp.hangs_up_on = {"ann@x.co"}
    campaign = outreach.started(TWO, to=["ann@x.co", "bob@x.co"], settings={"sendDays": ["monday"]})
    outreach.run()
    assert outreach.message("ann@x.co").state == "uncertain"
    outreach.clock.shift(timedelta(days=3))
    return campaign


def test_the_headline_is_what_stops_the_others(member: Client, in_doubt: str) -> None:
    page = get(member, at(in_doubt, "why"))
    assert (page.context["deciding"].name, page.context["deciding"].in_time) == ("calendar", "3\xa0days, 13\xa0hours")
    assert NOTE in page.text and reverse(UNCERTAIN) in page.text
    assert "somebody has to" not in page.text
    assert [each.name for each in page.context["gates"] if not each.is_open] == ["calendar"]


def test_the_campaign_page_has_it_as_a_side_note(member: Client, in_doubt: str) -> None:
    page = get(member, at(in_doubt)).text
    assert HELD not in page
    assert NOTE in page and reverse(UNCERTAIN) in page


def test_another_contact_is_not_told_to_wait_for_it(member: Client, in_doubt: str) -> None:
    bob, ann = (row(in_doubt).enrolments.get(contact__email=each).contact_id for each in ("bob@x.co", "ann@x.co"))
    page = get(member, at(in_doubt, "why"), contact=bob)
    assert page.context["deciding"].name == "calendar" and NOTE not in page.text
    deciding = get(member, at(in_doubt, "why"), contact=ann).context["deciding"]
    assert (deciding.name, deciding.link) == ("contact", reverse(UNCERTAIN))


def test_it_is_the_headline_once_nobody_else_is_left(member: Client, outreach: Outreach, in_doubt: str) -> None:
    outreach.outcome("replied", "bob@x.co", subject="Re", preview="Yes")
    page = get(member, at(in_doubt, "why"))
    assert page.context["deciding"].name == "uncertain" and NOTE not in page.text
    overview = get(member, at(in_doubt)).text
    assert HELD in overview and NOTE not in overview


def test_a_campaign_without_any_has_no_side_note(member: Client, outreach: Outreach) -> None:
    campaign = outreach.started(sequence(email("first")), to=["ann@x.co"])
    outreach.run()
    for page in ("change", "why"):
        assert "waits for you" not in get(member, at(campaign, page)).text


def test_the_api_says_that_it_holds_up_those_contacts_alone(outreach: Outreach, in_doubt: str) -> None:
    found = {gate["name"]: gate for gate in outreach.api.get(f"campaigns/{in_doubt}/why").data["gates"]}
    assert [name for name, gate in found.items() if not gate["open"]] == ["calendar"]
    assert found["uncertain"]["opensAt"] is None and "their contacts alone" in found["uncertain"]["reason"]
