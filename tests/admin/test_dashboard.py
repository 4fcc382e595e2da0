"""The dashboard: true numbers against the period before, what to do first, and what it costs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns.changes import accounts, campaigns, tallies
from campaigns.models import Campaign
from contacts.models import Contact
from fluenzr_site.core import clock
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.models import Workspace

Make = Callable[..., Contact]
URL = "admin:index"
BY = Actor("command", "test")


@pytest.fixture
def campaign(acme: Workspace) -> Campaign:
    account = accounts.create(acme, {"email": "sam@acme.example", "smtp_host": "127.0.0.1"})
    return campaigns.create(acme, {"name": "Fair", "account_id": account.pk}, by=BY)


def happened(campaign: Campaign, *, days_ago: int, **counted: int) -> None:
    tallies.add(campaign.pk, "first", "", tallies.quarter(clock.now() - timedelta(days=days_ago)), **counted)


def card(client: Client, title: str, **query: Any) -> Any:
    page = client.get(reverse(URL), query)
    return next((card for card in page.context["cards"] if card.title == title), None)


def test_numbers_stand_against_the_period_before(member: Client, campaign: Campaign) -> None:
    happened(campaign, days_ago=1, sent=30, opened=12, replied=3, bounced=0)
    happened(campaign, days_ago=9, sent=20, opened=5, replied=2, bounced=0)
    sent = card(member, "E-mails sent", days=7)
    assert (sent.value, sent.change.text, sent.change.direction) == (30, "+10 (+50 %)", "up")
    opened = card(member, "Open rate", days=7)
    assert (opened.text, opened.change.text) == ("40 %", "+15 points")
    assert card(member, "Reply rate", days=7).change.text == "as before"
    assert card(member, "E-mails sent", days=30).value == 50


def test_nothing_before_says_so(member: Client, campaign: Campaign, contact: Make) -> None:
    contact("new@example.com")
    happened(campaign, days_ago=1, sent=10)
    assert card(member, "New contacts").change.text == "no data before"
    assert card(member, "E-mails sent").change.text == "no data before"
    assert "no data before" in member.get(reverse(URL)).text


def test_a_rate_that_is_not_known_is_not_nought(member: Client, acme: Workspace, campaign: Campaign) -> None:
    Workspace.objects.filter(pk=acme.pk).update(open_tracking="off")
    happened(campaign, days_ago=1, sent=10)
    opened = card(member, "Open rate")
    assert (opened.text, opened.hint, opened.change) == ("Unknown", "opens aren't tracked", None)
    assert card(member, "Reply rate").hint == "no mailbox is read"


def test_the_bars_are_in_a_table_too(member: Client, campaign: Campaign, contact: Make) -> None:
    contact("new@example.com")
    happened(campaign, days_ago=2, sent=4)
    page = member.get(reverse(URL), {"days": 7})
    assert [numbers for _day, numbers in page.context["chart"]["table"]["rows"]][-3:] == [
        ["0", "4"],
        ["0", "0"],
        ["1", "0"],
    ]
    assert [total for _chart, total in page.context["chart"]["drawn"]] == ["1", "4"]
    assert page.text.count('<svg role="img"') == 2


def test_free_days_stand_against_as_many_before(member: Client, campaign: Campaign, contact: Make) -> None:
    contact("new@example.com")
    for days_ago, sent in ((2, 1), (3, 20), (5, 30), (6, 4), (8, 8), (9, 100)):
        happened(campaign, days_ago=days_ago, sent=sent)
    days = {name: str(clock.now().date() - timedelta(days=ago)) for name, ago in (("from", 5), ("to", 3))}
    cards = {each.title: each for each in member.get(reverse(URL), days).context["cards"]}
    assert (cards["E-mails sent"].value, cards["E-mails sent"].before) == (50, 12)
    assert cards["New contacts"].value == 0
    assert cards["New contacts"].link.endswith(f"?created={days['from']}..{days['to']}")
    assert not member.get(cards["New contacts"].link).context["cl"].result_list
    assert card(member, "E-mails sent", **days, days="7").value == 55


@pytest.mark.parametrize(("first", "last"), [("x", ""), ("0001-01-01", "9999-12-31"), ("2026-01-02", "2026-01-01")])
def test_wrong_days_are_the_usual_ones_and_say_so(member: Client, first: str, last: str) -> None:
    page = member.get(reverse(URL), {"from": first, "to": last})
    assert page.context["period"].days == 30 and 'aria-invalid="true"' in page.text


@pytest.mark.parametrize("asked", ["", "8", "x", "-7"])
def test_other_periods_are_the_usual_one(member: Client, asked: str) -> None:
    assert member.get(reverse(URL), {"days": asked}).context["period"].days == 30


def test_first_steps_tick_themselves_off(admin: Client, contact: Make, campaign: Campaign) -> None:
    contact("new@example.com")
    steps = admin.get(reverse(URL)).context["steps"]
    assert [step.done for step in steps] == [True, True, True, False]
    Campaign.objects.update(status="active")
    assert admin.get(reverse(URL)).context["steps"] == []


def test_first_steps_can_be_hidden(member: Client, acme: Workspace) -> None:
    page = member.get(reverse(URL))
    assert "Begin with your contacts" in page.text
    assert "An administrator of this workspace can do it." in page.text
    assert reverse("admin:campaigns_emailaccount_changelist") not in page.text
    member.post(reverse("admin:hide_steps"))
    assert "Begin with your contacts" not in member.get(reverse(URL)).text


def test_active_campaigns_show_how_far_they_are(member: Client, acme: Workspace, campaign: Campaign) -> None:
    Campaign.objects.update(status="active")
    assert "0 of 0 contacts are through" in member.get(reverse(URL)).text


def test_nothing_of_another_workspace_counts(
    admin: Client, zebras: dict[str, str], zebra: Workspace, campaign: Campaign
) -> None:
    theirs = accounts.create(zebra, {"email": "sam@zebra.example", "smtp_host": "127.0.0.1"})
    other = campaigns.create(zebra, {"name": "Zebra campaign", "account_id": theirs.pk}, by=BY)
    Campaign.objects.update(status="active")
    happened(other, days_ago=1, sent=10)
    page = admin.get(reverse(URL))
    assert "zebra" not in page.text.lower()
    assert (card(admin, "Contacts").value, card(admin, "E-mails sent")) == (0, None)


def test_it_costs_the_same_however_much_there_is(
    admin: Client, ada: User, campaign: Campaign, contact: Make, django_assert_max_num_queries: Any
) -> None:
    for number in range(3):
        contact(f"{number}@example.com")
        accounts.create(campaign.workspace, {"email": f"{number}@acme.example", "smtp_host": "127.0.0.1"})
        happened(campaign, days_ago=number, sent=10)
    Campaign.objects.update(status="active")
    with django_assert_max_num_queries(30):
        admin.get(reverse(URL))
