"""Who gets a campaign, what it is set to, and why nothing is sent."""

from typing import Any

import pytest
from django.test import Client

from campaigns.changes import campaigns as changes
from campaigns.models import EmailAccount, Enrolment
from fluenzr_site.core import heartbeat
from tests.api.world import Party, set_status
from tests.campaigns.admin.campaign_support import at, get, row
from tests.campaigns.api.support import TESTS, Outreach

SETTINGS = {
    "name": "Spring",
    "description": "For the fair",
    "days": ["monday", "wednesday"],
    "starts": "8",
    "ends": "12",
    "timezone": "Europe/Paris",
    "per_hour": "20",
}


def group(outreach: Outreach, *contacts: str, **values: Any) -> str:
    made: str = outreach.api.post("groups", {"name": "Fair", **values}).data["id"]
    outreach.api.post(f"groups/{made}/contacts", {"contactIds": list(contacts)})
    return made


def said(client: Client, campaign: str, **posted: Any) -> str:
    page = client.post(at(campaign, "recipients"), posted, follow=True)
    return " ".join(str(message) for message in page.context["messages"])


def test_a_group_comes_in_and_it_is_told_who_did_not(member: Client, outreach: Outreach) -> None:
    ann, bob, cat = outreach.people("ann@x.co", "bob@x.co", "cat@x.co")
    set_status(cat, "unsubscribed")
    campaign = outreach.draft()
    outreach.add(campaign, [bob])
    told = said(member, campaign, add="groups", group=[group(outreach, ann, bob, cat)])
    assert told.startswith("1 contact was added. 1 was in it already. 1 is never written to")
    assert set(outreach.states(campaign)) == {"ann@x.co", "bob@x.co"}


def test_a_dynamic_group_fills_it_on_unless_told_not_to(member: Client, outreach: Outreach) -> None:
    campaign, dynamic = outreach.draft(), group(outreach, type="dynamic")
    said(member, campaign, add="groups", group=[dynamic])
    assert not row(campaign).dynamic_groups.exists()
    said(member, campaign, add="groups", group=[dynamic], link="1")
    outreach.api.post(f"groups/{dynamic}/contacts", {"contactIds": outreach.people("late@x.co")})
    assert set(outreach.states(campaign)) == {"late@x.co"}
    assert "Filled by dynamic groups" in get(member, at(campaign, "recipients")).text
    assert "stays out of the campaign" in said(member, campaign, unlink=dynamic)
    assert not row(campaign).dynamic_groups.exists()


def test_single_contacts_are_searched_and_ticked(member: Client, outreach: Outreach) -> None:
    ann, bob, cat = outreach.people("ann@x.co", "bob@x.co", "cat@y.co")
    set_status(bob, "bounced")
    campaign = outreach.draft()
    page = get(member, at(campaign, "recipients"), q="x.co")
    assert [(contact.email, why) for contact, why in page.context["results"]] == [
        ("bob@x.co", "Bounced"),
        ("ann@x.co", ""),
    ]
    assert "1 contact was added." in said(member, campaign, add="ticked", contact=[ann], q="x.co")
    page = get(member, at(campaign, "recipients"), q="ann")
    assert page.context["results"][0][1] == "in it: pending"
    assert "1 contact was added." in said(member, campaign, add="match", q="cat")
    # All that are found are in it or never written to: nothing is offered.
    assert 'name="add" value="match"' not in get(member, at(campaign, "recipients"), q=".co").text


def test_all_found_are_offered_while_one_beyond_the_shown_is_left(member: Client, outreach: Outreach) -> None:
    first, *others = outreach.people(*(f"p{number}@x.co" for number in range(26)))
    campaign = outreach.draft()
    outreach.add(campaign, others)
    page = get(member, at(campaign, "recipients"), q="x.co").text
    assert "Add all 26 found" in page and 'value="ticked"' not in page
    outreach.add(campaign, [first])
    assert "Add all 26 found" not in get(member, at(campaign, "recipients"), q="x.co").text


def test_a_draft_has_no_tab_for_why_nothing_is_sent(member: Client, outreach: Outreach) -> None:
    tab = "Why nothing is sent"
    assert tab not in get(member, at(outreach.draft())).text
    assert tab in get(member, at(outreach.started(to=["ann@x.co"]))).text


@pytest.mark.parametrize("posted", [{}, {"add": "groups"}, {"add": "groups", "group": "grp_none"}, {"add": "match"}])
def test_nothing_ticked_adds_nobody(member: Client, outreach: Outreach, posted: dict[str, str]) -> None:
    outreach.people("ann@x.co")
    assert "nobody was added" in said(member, outreach.draft(), **posted)


def test_a_stranger_s_contacts_and_groups_stay_theirs(member: Client, outreach: Outreach, stranger: Party) -> None:
    contact = stranger.api.create("theirs@x.co")["id"]
    theirs = stranger.api.post("groups", {"name": "Theirs"}).data["id"]
    campaign = outreach.draft()
    assert "Theirs" not in get(member, at(campaign, "recipients"), q="theirs").text
    said(member, campaign, add="ticked", contact=[contact])
    said(member, campaign, add="groups", group=[theirs])
    assert not Enrolment.objects.exists()


def test_one_that_is_over_takes_nobody(member: Client, outreach: Outreach) -> None:
    campaign = outreach.draft()
    changes.archive(outreach.workspace, campaign, by=TESTS)
    assert "nobody can be added any more" in get(member, at(campaign, "recipients")).text
    told = said(member, campaign, add="ticked", contact=outreach.people("ann@x.co"))
    assert "nobody can be added any more" in told and not Enrolment.objects.exists()


def test_removing_asks_first(member: Client, outreach: Outreach) -> None:
    campaign = outreach.started(to=["ann@x.co", "bob@x.co"])
    ids = list(Enrolment.objects.values_list("contact_id", flat=True))
    asked = member.post(at(campaign, "remove"), {"contact": ids, "back": "did=waiting"})
    assert "Remove 2 contacts from the campaign?" in asked.text
    assert set(outreach.states(campaign).values()) == {"pending"}
    one = member.post(at(campaign, "remove"), {"only": ids[0], "contact": ids})
    assert "Remove ann@x.co from the campaign?" in one.text
    posted = {"contact": ids, "confirmed": "1", "back": "did=waiting"}
    done = member.post(at(campaign, "remove"), posted, follow=True)
    assert done.redirect_chain[-1][0] == at(campaign, "people") + "?did=waiting"
    assert "2 contacts were removed." in done.text
    assert set(outreach.states(campaign).values()) == {"removed"}
    assert "Nobody was ticked" in member.post(at(campaign, "remove"), posted, follow=True).text


# ---------------------------------------------------------------------------------------------------- settings


def test_everything_can_be_set(member: Client, outreach: Outreach) -> None:
    second = outreach.connect("zoe@sender.test")
    campaign = outreach.draft()
    posted = SETTINGS | {"account": second.pk, "more_accounts": [outreach.account.pk]}
    assert "The settings are saved." in member.post(at(campaign, "settings"), posted, follow=True).text
    made = row(campaign)
    assert made.settings == {
        "sendDays": ["monday", "wednesday"],
        "sendHoursStart": 8,
        "sendHoursEnd": 12,
        "timezone": "Europe/Paris",
        "maxEmailsPerHour": 20,
    }
    assert (made.name, made.description, made.account_id) == ("Spring", "For the fair", second.pk)
    assert list(made.more_accounts.all()) == [outreach.account]
    assert get(member, at(campaign, "settings")).context["form"].initial["starts"] == 8


def test_a_zone_that_is_not_offered_stays_where_it_is_chosen(member: Client, outreach: Outreach) -> None:
    campaign = outreach.draft(settings={"timezone": "US/Pacific"})
    names = [name for name, _label in get(member, at(campaign, "settings")).context["form"]["timezone"].field.choices]
    assert {"UTC", "Europe/Paris", "US/Pacific"} <= set(names)
    # Known to the machine's database, but of no place; the change functions refuse the first.
    assert set(names).isdisjoint({"Factory", "localtime", "US/Eastern"})
    posted = SETTINGS | {"account": outreach.account.pk, "timezone": "US/Pacific"}
    assert "The settings are saved." in member.post(at(campaign, "settings"), posted, follow=True).text
    assert row(campaign).settings["timezone"] == "US/Pacific"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"days": []}, "days"),
        ({"starts": "12"}, "ends"),
        ({"per_hour": "0"}, "per_hour"),
        ({"timezone": "Moon/Crater"}, "timezone"),
        ({"account": "acc_none"}, "account"),
        ({"name": " "}, "name"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    member: Client, outreach: Outreach, wrong: dict[str, Any], field: str
) -> None:
    campaign = outreach.draft()
    page = member.post(at(campaign, "settings"), SETTINGS | {"account": outreach.account.pk} | wrong)
    assert list(page.context["form"].errors) == [field]
    assert row(campaign).name == "Hello"


def test_a_running_one_is_paused_first(member: Client, outreach: Outreach) -> None:
    campaign = outreach.started()
    page = get(member, at(campaign, "settings")).text
    assert "Pause it to change its settings" in page and "Save the settings" not in page
    answer = member.post(at(campaign, "settings"), SETTINGS | {"account": outreach.account.pk}, follow=True)
    assert "pause it first" in answer.text and row(campaign).name == "Hello"


# --------------------------------------------------------------------------------------------------------- why


@pytest.fixture
def working(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "is_alive", lambda *_: True)


def closed(page: Any) -> list[str]:
    return [str(gate.title) for gate in page.context["gates"] if not gate.is_open]


def test_when_nothing_holds_it_back_it_says_so(member: Client, outreach: Outreach, working: None) -> None:
    page = get(member, at(outreach.started(), "why"))
    assert closed(page) == [] and "Nothing holds it back" in page.text


def test_a_closed_gate_says_when_it_opens_and_where(member: Client, outreach: Outreach, working: None) -> None:
    hours = {"sendDays": ["tuesday"], "sendHoursStart": 9, "sendHoursEnd": 10, "timezone": "Europe/Paris"}
    page = get(member, at(outreach.started(settings=hours), "why"))
    assert closed(page) == ["Days and hours"]
    assert "Not before 01/08/2030 9 a.m. (Europe/Paris), in 22\xa0hours." in page.text.replace("&nbsp;", "\xa0")


def test_what_only_a_person_opens_says_so(member: Client, outreach: Outreach, working: None) -> None:
    campaign = outreach.started()
    EmailAccount.objects.update(state="failing", last_error="535 <b>no</b>")
    page = get(member, at(campaign, "why"))
    assert closed(page) == ["E-mail account"]
    assert "somebody has to" in page.text and "535 &lt;b&gt;no&lt;/b&gt;" in page.text


def test_a_draft_leads_to_its_start_and_recipients(member: Client, outreach: Outreach, working: None) -> None:
    campaign = outreach.draft()
    links = [gate.link for gate in get(member, at(campaign, "why")).context["gates"] if not gate.is_open]
    assert links == [at(campaign, "review"), at(campaign, "recipients")]


def test_one_contact_has_gates_of_its_own(member: Client, outreach: Outreach, working: None) -> None:
    campaign = outreach.started(to=["ann@x.co", "bob@x.co"])
    found = get(member, at(campaign, "why"), q="ann").context["results"]
    [(enrolment, address)] = found
    set_status(enrolment.contact_id, "unsubscribed")
    page = get(member, at(campaign, "why") + address)
    assert closed(page) == ["May be written to"] and "The next e-mail to ann@x.co" in page.text
    assert "Nobody in the campaign fits" in get(member, at(campaign, "why"), q="zed").text


def test_a_contact_who_is_not_in_it_is_404(member: Client, outreach: Outreach) -> None:
    [outside] = outreach.people("out@x.co")
    assert member.get(at(outreach.started(), "why"), {"contact": outside}).status_code == 404
