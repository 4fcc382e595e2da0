"""The list of campaigns, making one, and comparing some."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.changes import campaigns as changes
from campaigns.models import Campaign, EmailAccount
from tests.campaigns.admin.campaign_support import ADD, COMPARE, LIST, TWO, UNTRACKED, at, get, opened, row
from tests.campaigns.api.support import TESTS, Outreach


def listed(page: Any) -> list[str]:
    return [each.line.campaign.name for each in page.context["rows"]]


def test_an_empty_list_leads_to_the_first_campaign(member: Client, outreach: Outreach) -> None:
    page = get(member, reverse(LIST)).text
    assert "No campaign yet" in page and reverse(ADD) in page


def test_each_campaign_tells_how_it_does(member: Client, outreach: Outreach) -> None:
    outreach.started(TWO, to=["ann@x.co", "bob@x.co"], name="Spring <b>")
    outreach.run()
    opened(outreach, "ann@x.co")
    page = get(member, reverse(LIST))
    [line] = [each.line for each in page.context["rows"]]
    assert (line.enrolled, line.document["sent"], line.by_name["opened"].rate.text) == (2, 2, "50.0 %")
    for text in ("Spring &lt;b&gt;", "Active", "sam@sender.test", "just now", "Pause", "Duplicate"):
        assert text in page.text


def test_a_rate_that_is_not_known_says_so(member: Client, outreach: Outreach) -> None:
    outreach.started(UNTRACKED)
    outreach.run()
    [line] = [each.line for each in get(member, reverse(LIST)).context["rows"]]
    rates = {name: counted.rate for name, counted in line.by_name.items()}
    assert [str(rates[name].why) for name in ("opened", "clicked")] == ["tracking is off"] * 2
    assert str(rates["replied"].why) == "mailbox isn't read"
    assert rates["unsubscribed"].text == "0.0 %"


def test_nor_is_one_where_the_workspace_tracks_no_opens(member: Client, outreach: Outreach) -> None:
    outreach.started(TWO)
    outreach.run()
    outreach.workspace.open_tracking = "off"
    outreach.workspace.save()
    [line] = [each.line for each in get(member, reverse(LIST)).context["rows"]]
    assert line.by_name["opened"].rate.why and line.by_name["clicked"].rate.text == "0.0 %"


def test_chips_and_search_narrow_the_list(member: Client, outreach: Outreach) -> None:
    outreach.draft(name="Spring")
    changes.archive(outreach.workspace, outreach.draft(name="Old"), by=TESTS)
    page = get(member, reverse(LIST))
    assert listed(page) == ["Spring"]
    assert {chip.label: chip.count for chip in page.context["statuses"]} == {
        "All": 1,
        "Draft": 1,
        "Active": 0,
        "Paused": 0,
        "Completed": 0,
        "Archived": 1,
    }
    assert listed(get(member, reverse(LIST), status="archived")) == ["Old"]
    assert listed(get(member, reverse(LIST), q="spr")) == ["Spring"]
    assert "No campaign fits the search." in get(member, reverse(LIST), q="%").text
    assert listed(get(member, reverse(LIST), status="' OR 1", page="x")) == ["Spring"]


def test_many_cost_no_more_queries(member: Client, outreach: Outreach, django_assert_max_num_queries: Any) -> None:
    for number in range(8):
        outreach.draft(TWO, name=f"Campaign {number}")
    with django_assert_max_num_queries(12):
        assert len(get(member, reverse(LIST)).context["rows"]) == 8


def test_strangers_see_none(outsider: Client, outreach: Outreach) -> None:
    outreach.draft(name="Secret")
    for url in (reverse(LIST), reverse(COMPARE), reverse(ADD)):
        assert "Secret" not in get(outsider, url).text


# ------------------------------------------------------------------------------------------------------- making


def test_making_one_takes_a_few_words(member: Client, outreach: Outreach) -> None:
    page = get(member, reverse(ADD))
    assert page.context["form"].initial == {"timezone": "UTC", "account": outreach.account.pk}
    posted = {"name": " Spring ", "account": outreach.account.pk, "timezone": "Europe/Paris"}
    answer = member.post(reverse(ADD), posted)
    made = Campaign.objects.get()
    assert answer.status_code == 302 and made.pk in answer["Location"]
    assert (made.name, made.status, made.settings["timezone"]) == ("Spring", "draft", "Europe/Paris")


def test_what_is_wrong_is_said_at_the_field(member: Client, outreach: Outreach, outsider: Client) -> None:
    page = member.post(reverse(ADD), {"name": "", "account": "acc_none", "timezone": "Moon/Crater"})
    assert set(page.context["form"].errors) == {"name", "account", "timezone"}
    assert not Campaign.objects.exists()


def test_a_copy_has_everything_but_the_contacts(member: Client, outreach: Outreach) -> None:
    second = outreach.connect("zoe@sender.test")
    source = outreach.started(TWO, name="Spring", settings={"maxEmailsPerHour": 7}, moreEmailAccountIds=[second.pk])
    page = get(member, reverse(ADD), copy=source)
    assert page.context["form"].initial["name"] == "Copy of Spring"
    posted = {
        "name": "Summer",
        "account": outreach.account.pk,
        "more_accounts": [second.pk],
        "timezone": "UTC",
        "copy": source,
    }
    member.post(reverse(ADD), posted)
    made = Campaign.objects.get(name="Summer")
    assert made.workflow == row(source).workflow and made.settings["maxEmailsPerHour"] == 7
    assert (made.more_accounts.get(), made.enrolments.count(), made.status) == (second, 0, "draft")


def test_without_an_account_it_says_who_can_add_one(member: Client, admin: Client, outreach: Outreach) -> None:
    EmailAccount.objects.all().delete()
    assert "An administrator of this workspace can add one" in get(member, reverse(ADD)).text
    assert reverse("admin:campaigns_emailaccount_changelist") in get(admin, reverse(ADD)).text


# ---------------------------------------------------------------------------------------------------- comparing


def test_two_campaigns_side_by_side(member: Client, outreach: Outreach) -> None:
    for name, people in (("Spring", ["ann@x.co", "bob@x.co"]), ("Summer", ["cat@x.co"])):
        outreach.started(TWO, to=people, name=name)
    outreach.run()
    opened(outreach, "ann@x.co")
    ids = list(Campaign.objects.order_by("pk").values_list("pk", flat=True))
    page = get(member, reverse(COMPARE), id=ids)
    assert [line.campaign.name for line, _colour in page.context["lines"]] == ["Spring", "Summer"]
    rates = {str(rate["label"]): rate["cells"] for rate in page.context["rates"]}
    assert [(cell.rate.text, cell.is_best) for cell in rates["Opened"]] == [("50.0 %", True), ("0.0 %", False)]
    assert not any(cell.is_best for cell in rates["Unsubscribed"])


@pytest.mark.parametrize("count", [0, 1, 6])
def test_fewer_or_more_are_asked_about(member: Client, outreach: Outreach, count: int) -> None:
    ids = [outreach.draft(name=f"Campaign {number}") for number in range(count)]
    page = get(member, reverse(COMPARE), id=[*ids, "cmp_none"])
    assert "lines" not in page.context
    assert ("Two to five can be compared." in page.text) == bool(count)


def test_a_stranger_s_campaign_is_not_compared(outsider: Client, outreach: Outreach) -> None:
    ids = [outreach.draft(name="Secret"), outreach.draft(name="Secret 2")]
    assert "Secret" not in get(outsider, reverse(COMPARE), id=ids).text


# ------------------------------------------------------------------------------------------------------- doing


@pytest.mark.parametrize(
    ("start", "does", "end"), [(True, "pause", "paused"), (False, "start", "active"), (False, "archive", "archived")]
)
def test_what_is_done_is_asked_first(member: Client, outreach: Outreach, start: bool, does: str, end: str) -> None:
    campaign = outreach.started() if start else outreach.draft()
    outreach.add(campaign, outreach.people("zed@x.co"))
    before = row(campaign).status
    assert "not through it" in get(member, at(campaign, does)).text
    assert row(campaign).status == before
    page = member.post(at(campaign, does), follow=True)
    assert row(campaign).status == end and page.redirect_chain[-1][0] == at(campaign)


def test_what_is_not_ready_says_where_to_mend_it(member: Client, outreach: Outreach) -> None:
    campaign = outreach.draft()
    page = member.post(at(campaign, "start"))
    assert page.status_code == 409 and at(campaign, "recipients") in page.text
    assert [problem.where for problem in page.context["problems"]] == ["Recipients"]


def test_a_paused_one_is_resumed_and_an_impossible_one_refused(member: Client, outreach: Outreach) -> None:
    campaign = outreach.started()
    changes.pause(outreach.workspace, campaign, by=TESTS)
    assert "is now “Paused”" in member.post(at(campaign, "pause"), follow=True).text
    member.post(at(campaign, "resume"))
    assert row(campaign).status == "active"
