"""The way to the settings, privacy, and the plan with what is used of it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import Contact
from fluenzr_site.workspaces.changes import update_workspace
from fluenzr_site.workspaces.models import Workspace

HOME, PRIVACY, PLAN = "admin:settings_home", "admin:settings_privacy", "admin:settings_plan"


def routes(page: Any) -> set[str]:
    return {place.route for _title, places in page.context["groups"] for place in places}


def test_members_see_the_ways_that_are_open_to_them(admin: Client, member: Client) -> None:
    all_of_them, theirs = admin.get(reverse(HOME)), member.get(reverse(HOME))
    closed = {
        "campaigns_emailaccount_changelist",
        "webhooks_webhook_changelist",
        "workspaces_apikey_changelist",
        "workspaces_membership_changelist",
        "workspaces_workspace_changelist",
    }
    assert routes(all_of_them) - routes(theirs) == closed
    for route in routes(theirs):
        assert member.get(reverse(f"admin:{route}")).status_code == 200
    for route in closed:
        assert admin.get(reverse(f"admin:{route}"), follow=True).status_code == 200


@pytest.mark.parametrize("route", [HOME, PRIVACY, PLAN])
def test_who_is_in_no_workspace_sees_none(client: Client, admin: Client, acme: Workspace, route: str) -> None:
    assert client.get(reverse(route)).status_code == 302
    acme.memberships.all().delete()
    assert admin.get(reverse(route)).status_code == 403


@pytest.mark.parametrize(("mode", "chosen"), [("off", "Off"), ("full", "Every open, with address and program")])
def test_privacy_says_what_is_chosen(member: Client, acme: Workspace, mode: str, chosen: str) -> None:
    update_workspace(acme, {"open_tracking": mode})
    page = member.get(reverse(PRIVACY))
    assert [str(label) for label, _text, is_chosen in page.context["modes"] if is_chosen] == [chosen]
    assert reverse("admin:workspaces_workspace_changelist") not in page.content.decode().split('id="content"')[1]


def test_the_plan_counts_its_own_workspace(
    admin: Client, acme: Workspace, zebras: dict[str, str], contact: Any
) -> None:
    contact("ann@example.com")
    update_workspace(acme, {"plan": "free"})
    page = admin.get(reverse(PLAN))
    uses = {str(use.title): use for use in page.context["uses"]}
    assert (uses["Contacts"].used, uses["Contacts"].limit, uses["Contacts"].percent) == (1, 300, 0)
    assert uses["Members"].is_full
    assert uses["API requests a minute"].limit == 0
    assert "1 of 300" in page.text
    assert "not in this plan" in page.text
    assert Contact.objects.count() == 2


def test_a_plan_without_limits_says_so(admin: Client, acme: Workspace) -> None:
    page = admin.get(reverse(PLAN))
    assert "0, no limit" in page.text
    assert "at most 1,000" in page.text


def test_bars_are_full_at_the_limit_alone(admin: Client, acme: Workspace) -> None:
    from fluenzr_site.workspaces.usage import Use

    assert [Use("", used, 300, "").percent for used in (0, 1, 240, 299, 300, 400)] == [0, 0, 80, 99, 100, 100]
    assert [Use("", used, 300, "").is_near for used in (239, 240, 299, 300)] == [False, True, True, False]
