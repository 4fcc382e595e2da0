"""Every page opens, for those who may see it."""

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.defaults import server_error

from contacts.models import Contact, PipelineStage
from fluenzr_site.workspaces.changes import create_api_key
from fluenzr_site.workspaces.models import Membership, Workspace

EVERYBODY = ["contact", "group", "tag", "pipelinestage", "customfield", "location", "import"]
ADDED = ["contact", "group", "pipelinestage", "customfield", "location", "import"]
ADMINISTRATORS = ["workspaces_apikey", "workspaces_membership", "workspaces_workspace"]


@pytest.fixture
def somebody(contact, acme: Workspace) -> Contact:  # type: ignore[no-untyped-def]
    from contacts.changes.groups import create_group

    group = create_group(acme, {"name": "Readers"})
    acme.locations.create(title="Paris")
    values = {"groupIds": [group.pk], "tags": ["vip"], "customFields": {"size": "big"}}
    made: Contact = contact("grace@example.com", firstName="Grace", **values)
    return made


@pytest.mark.parametrize("model", EVERYBODY)
@pytest.mark.parametrize("who", ["admin", "member"])
def test_lists_open(request: pytest.FixtureRequest, who: str, model: str, somebody: Contact) -> None:
    client = request.getfixturevalue(who)
    assert client.get(reverse(f"admin:contacts_{model}_changelist")).status_code == 200


@pytest.mark.parametrize("model", ADDED)
def test_add_forms_open_for_members(member: Client, model: str) -> None:
    assert member.get(reverse(f"admin:contacts_{model}_add")).status_code == 200


@pytest.mark.parametrize("model", [name for name in EVERYBODY if name != "import"])
@pytest.mark.parametrize("page", ["change", "delete"])
def test_pages_of_rows_open(member: Client, acme: Workspace, somebody: Contact, model: str, page: str) -> None:
    rows = {
        "contact": somebody,
        "group": somebody.groups.get(),
        "tag": somebody.tags.get(),
        "pipelinestage": PipelineStage.objects.of(acme)[0],
        "customfield": acme.custom_fields.get(),
        "location": acme.locations.get(),
    }
    assert member.get(reverse(f"admin:contacts_{model}_{page}", args=[rows[model].pk])).status_code == 200


@pytest.mark.parametrize("model", ADMINISTRATORS)
def test_only_administrators_see_keys_members_and_settings(admin: Client, member: Client, model: str) -> None:
    url = reverse(f"admin:{model}_changelist")
    assert admin.get(url, follow=True).status_code == 200
    assert member.get(url).status_code == 403
    assert url not in member.get(reverse("admin:index")).text


def test_members_reach_no_key_by_its_id(member: Client, acme: Workspace) -> None:
    row, _key = create_api_key(acme, name="Zapier")
    url = reverse("admin:workspaces_apikey_change", args=[row.pk])
    assert member.get(url).status_code == 403
    assert member.post(url, {"revoke": "yes"}).status_code == 403
    row.refresh_from_db()
    assert row.revoked_at is None


def test_staff_without_a_workspace_see_an_empty_dashboard(db: None) -> None:
    from django.contrib.auth.models import User

    from tests.admin.conftest import signed_in

    client = signed_in(User.objects.create(username="nobody", is_staff=True))
    assert "You are in no workspace yet" in client.get(reverse("admin:index")).text
    assert client.get(reverse("admin:contacts_contact_changelist")).status_code == 403


def test_the_policy_allows_no_inline_script(member: Client) -> None:
    page = member.get(reverse("admin:contacts_contact_changelist"))
    assert "script-src 'self' 'unsafe-eval';" in page.headers["Content-Security-Policy"] + ";"
    assert "onclick=" not in page.text


def test_last_administrator_stays(admin: Client, acme: Workspace, ada) -> None:  # type: ignore[no-untyped-def]
    mine = Membership.objects.get(workspace=acme, user=ada)
    admin.post(reverse("admin:workspaces_membership_delete", args=[mine.pk]), {"post": "yes"})
    page = admin.post(reverse("admin:workspaces_membership_change", args=[mine.pk]), {"role": "member"})
    assert "at least one administrator" in page.text
    mine.refresh_from_db()
    assert mine.role == "admin"


@pytest.mark.parametrize("path", ["/nothing", "/admin/contacts/contact/con_none/erase/"])
def test_an_address_without_a_page_says_so_and_leads_back(admin: Client, path: str) -> None:
    page = admin.get(path)
    assert page.status_code == 404
    assert "There is nothing at this address" in page.text
    assert reverse("admin:index") in page.text


def test_a_mistake_of_ours_has_a_page_too() -> None:
    page = server_error(RequestFactory().get("/"))
    assert (page.status_code, "Something went wrong on our side" in page.text) == (500, True)
