"""The review of a campaign: what it says before the start, and the start."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, EmailAccount
from contacts.models import Contact
from fluenzr_site.workspaces.models import Workspace
from tests.campaigns.api.support import Outreach, of
from tests.campaigns.workflow.examples import branching, email, node, sequence

pytestmark = pytest.mark.django_db
TWO = sequence(
    email("first", subject="Hi {{firstName}}"), node("wait", "delay", days=2), email("second", subject="Again")
)
OFFICE = {"sendHoursStart": 9, "sendHoursEnd": 12, "timezone": "Europe/Paris", "maxEmailsPerHour": 2}


@pytest.fixture
def campaign_id(outreach: Outreach) -> str:
    return drafted(outreach)


def drafted(outreach: Outreach, workflow: dict[str, Any] = TWO, count: int = 5) -> str:
    found = outreach.draft(workflow, settings=OFFICE)
    outreach.add(found, outreach.people(*(f"p{number}@x.co" for number in range(count))))
    return found


def at(campaign_id: str, name: str = "review", **asked: Any) -> str:
    return reverse(f"admin:campaigns_campaign_{name}", args=[campaign_id], query=asked or None)


def test_it_says_who_gets_what_when(member: Client, campaign_id: str) -> None:
    page = member.get(at(campaign_id))
    shown = page.context["shown"]
    assert shown.emails == "10"
    assert [(row.label, row.total) for row in shown.rows] == [
        ("Mon 7 Jan", "2"),
        ("Tue 8 Jan", "3"),
        ("Wed 9 Jan", "2"),
        ("Thu 10 Jan", "3"),
    ]
    assert shown.moments[0].said.startswith("Mon 7 Jan, 11:")
    assert shown.moments[2].said == "Thu 10 Jan 2030"
    assert page.context["button"] == "Start: write to 5 people"


def test_numbers_lead_to_the_people_behind_them(member: Client, campaign_id: str) -> None:
    Contact.objects.filter(email="p0@x.co").update(status="unsubscribed")
    Contact.objects.filter(email="p1@x.co").update(first_name="Ben")
    page = member.get(at(campaign_id)).content.decode()
    assert "Start: write to 4 people" in page
    for asked, expected in (({"left_out": "unsubscribed"}, ["p0@x.co"]), ({"missing": "first/a/firstName"}, 3)):
        assert reverse("admin:campaigns_campaign_review_people", args=[campaign_id]) in page
        listed = list(member.get(at(campaign_id, "review_people", **asked)).context["page"])
        assert expected in (len(listed), [each.email for each in listed])


def test_a_paused_campaign_that_nobody_is_left_in_goes_on(member: Client, outreach: Outreach, campaign_id: str) -> None:
    ids = [each["id"] for each in outreach.api.get(f"campaigns/{campaign_id}/contacts").data]
    outreach.api.post(f"campaigns/{campaign_id}/start")
    outreach.api.post(f"campaigns/{campaign_id}/pause")
    outreach.api.delete(f"campaigns/{campaign_id}/contacts", {"contactIds": ids})
    assert member.get(at(campaign_id)).context["may_start"]
    assert member.post(at(campaign_id)).status_code == 302
    assert outreach.status(campaign_id) == "active"


def test_who_is_in_another_running_campaign_is_told(member: Client, outreach: Outreach, campaign_id: str) -> None:
    outreach.started(sequence(node("wait", "delay", days=9), email("late")), to=("other@x.co",))
    running = Campaign.objects.get(status="active")
    outreach.add(running.pk, [Contact.objects.get(email="p0@x.co").pk])
    page = member.get(at(campaign_id)).content.decode()
    assert "1 of these people is in another running campaign too." in page
    assert "1 other running campaign sends from the same accounts" in page
    listed = member.get(at(campaign_id, "review_people", elsewhere="")).context["page"]
    assert [each.email for each in listed] == ["p0@x.co"]


def test_what_is_asked_for_and_isnt_there_is_not_found(member: Client, campaign_id: str) -> None:
    for asked in ({}, {"left_out": "tall"}, {"missing": "x"}, {"missing": "nowhere/a/firstName"}):
        assert member.get(at(campaign_id, "review_people", **asked)).status_code == 404
    assert not list(member.get(at(campaign_id, "review_people", missing="first/a/x\0")).context["page"])


def checks(page: Any) -> dict[str, str]:
    return {each.title: each.state for each in page.context["checks"]}


def test_the_checklist(admin: Client, campaign_id: str) -> None:
    page = admin.get(at(campaign_id))
    assert checks(page) == {
        "E-mail 1: Hi {{firstName}}": "warn",
        "Worker": "warn",
        "Postal address": "warn",
        "Steps": "good",
        "sam@sender.test": "good",
        "sender.test": "info",
        "Opens": "info",
    }
    Workspace.objects.update(postal_address="Acme", open_tracking="off")
    EmailAccount.objects.update(state="paused")
    now = checks(admin.get(at(campaign_id)))
    assert (now["Postal address"], now["sam@sender.test"]) == ("good", "warn")


def test_members_are_led_only_where_they_are_let_in(member: Client, campaign_id: str) -> None:
    page = member.get(at(campaign_id))
    assert "sender.test" not in checks(page)
    assert "/emailaccount/" not in page.content.decode()


def test_a_condition_is_answered_as_the_person_assumes(member: Client, outreach: Outreach) -> None:
    campaign_id = drafted(outreach, branching(), count=10)
    usual = member.get(at(campaign_id))
    assert [(rate.name, rate.value) for rate in usual.context["rates"]] == [("opened", 50)]
    assert usual.context["shown"].emails == "15"
    assert "If nobody opens or clicks: 20 e-mails" in usual.context["extremes"]
    assert member.get(at(campaign_id, opened=20)).context["shown"].emails == "18"
    for nonsense in ("-1", "x", "1e9", "9" * 9):
        assert member.get(at(campaign_id, opened=nonsense)).context["shown"].emails == "15"
    assert member.get(at(campaign_id, opened="999")).context["shown"].emails == "10"


def test_a_daily_limit_that_slows_it_down_is_told(member: Client, campaign_id: str) -> None:
    assert "a daily limit is used up" not in member.get(at(campaign_id)).content.decode()
    EmailAccount.objects.update(daily_limit=1)
    assert "On 10 days a daily limit is used up" in member.get(at(campaign_id)).content.decode()


def test_one_button_starts_it(member: Client, campaign_id: str) -> None:
    page = member.post(at(campaign_id), follow=True)
    assert [str(message) for message in page.context["messages"]] == ["“Hello” has started."]
    assert of(campaign_id).status == "active"
    assert "button" not in member.get(at(campaign_id)).context
    again = member.post(at(campaign_id), follow=True)
    assert [message.level_tag for message in again.context["messages"]] == ["warning"]


def test_what_prevents_it_is_said_and_nothing_starts(member: Client, outreach: Outreach) -> None:
    campaign_id = outreach.draft(sequence(email("first", body="{{nmae}}")))
    for page in (member.get(at(campaign_id)), member.post(at(campaign_id))):
        text = page.content.decode()
        assert "It can't start yet" in text
        assert "There is no variable “nmae”" in text
        assert "Nobody is in the campaign yet." in text
        assert 'type="submit"' not in text.split('id="forecast"')[1]
    assert page.status_code == 409
    assert of(campaign_id).status == "draft"


def test_a_workflow_that_leads_nowhere_has_no_forecast(member: Client, outreach: Outreach) -> None:
    loop = sequence(email("a"), email("b"))
    loop["edges"].append({"from": "b", "to": "a"})
    people = outreach.people("ann@x.co")
    for workflow in (loop, {"nodes": [], "edges": []}, sequence()):
        campaign_id = outreach.draft(workflow)
        outreach.add(campaign_id, people)
        assert "The forecast appears here" in member.get(at(campaign_id)).content.decode()


def test_a_paused_campaign_is_resumed_with_who_is_left(member: Client, outreach: Outreach) -> None:
    campaign_id = outreach.started(TWO, to=("ann@x.co", "ben@x.co"))
    outreach.run()
    outreach.api.post(f"campaigns/{campaign_id}/pause")
    page = member.get(at(campaign_id))
    assert page.context["button"] == "Resume: go on with 2 people"
    assert page.context["shown"].emails == "2"
    member.post(at(campaign_id))
    assert of(campaign_id).status == "active"


def test_what_is_over_has_no_review(member: Client, outreach: Outreach) -> None:
    campaign_id = outreach.started()
    outreach.run()
    assert "The campaign is over" in member.get(at(campaign_id)).content.decode()


def test_a_dynamic_group_may_be_waited_for(member: Client, outreach: Outreach) -> None:
    group = outreach.api.post("groups", {"name": "Fair <b>", "type": "dynamic"}).data["id"]
    campaign_id = outreach.draft(sequence(email("first")))
    Campaign.objects.get(pk=campaign_id).dynamic_groups.add(group)
    page = member.get(at(campaign_id))
    assert page.context["button"] == "Start, and wait for the first person"
    assert "Fair &lt;b&gt;" in page.content.decode()


@pytest.mark.parametrize("name", ["review", "review_people"])
def test_others_campaigns_arent_there(outsider: Client, campaign_id: str, name: str) -> None:
    assert outsider.get(at(campaign_id, name)).status_code == 404
    assert outsider.post(at(campaign_id, name)).status_code in (404, 405)
