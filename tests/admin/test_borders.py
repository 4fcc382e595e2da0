"""Nothing of another workspace is seen, found, chosen or changed."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from contacts.models import Contact, Group, Import
from fluenzr_site.workspaces.changes import add_member, create_api_key
from fluenzr_site.workspaces.models import ApiKey, Membership, Workspace
from tests.admin.conftest import signed_in

MODELS = ["contact", "group", "tag", "pipelinestage", "customfield", "location"]


@pytest.mark.parametrize("model", MODELS)
def test_lists_show_nothing_foreign(admin: Client, zebras: dict[str, str], model: str) -> None:
    page = admin.get(reverse(f"admin:contacts_{model}_changelist"))
    assert page.context["cl"].queryset.filter(pk=zebras[model]).count() == 0
    assert "zebra" not in page.text.lower()


@pytest.mark.parametrize("page", ["change", "delete"])
@pytest.mark.parametrize("model", MODELS)
def test_foreign_ids_are_as_missing_ones(admin: Client, zebras: dict[str, str], model: str, page: str) -> None:
    name = f"admin:contacts_{model}_{page}"
    foreign = admin.get(reverse(name, args=[zebras[model]]))
    missing = admin.get(reverse(name, args=["con_00000000000000000000"]))
    assert (foreign.status_code, foreign.headers["Location"]) == (302, missing.headers["Location"])
    posted = admin.post(reverse(name, args=[zebras[model]]), {"post": "yes", "name": "mine"})
    assert posted.status_code == 302
    assert Contact.objects.filter(pk=zebras["contact"]).exists()
    assert Group.objects.filter(pk=zebras["group"], name="Zebra group").exists()


@pytest.mark.parametrize("model", [*MODELS, "import"])
def test_no_history_pages(admin: Client, zebras: dict[str, str], model: str) -> None:
    identifier = zebras.get(model, "imp_x")
    assert admin.get(reverse(f"admin:contacts_{model}_history", args=[identifier])).status_code == 404


def test_forms_offer_nothing_foreign(admin: Client, zebras: dict[str, str]) -> None:
    page = admin.get(reverse("admin:contacts_contact_add"))
    assert "zebra" not in page.text.lower()
    assert "sam" not in str(page.context["adminform"].form["owner_choice"])


def test_forms_refuse_foreign_choices(admin: Client, zebras: dict[str, str], sam: User) -> None:
    values = {"email": "new@example.com", "status": "active", "consent_source": "other"}
    foreign = {
        "group_ids": [zebras["group"]],
        "stage_choice": zebras["pipelinestage"],
        "location_choice": zebras["location"],
        "owner_choice": sam.pk,
    }
    page = admin.post(reverse("admin:contacts_contact_add"), values | foreign)
    assert set(page.context["adminform"].form.errors) == set(foreign)
    assert not Contact.objects.filter(email="new@example.com").exists()


@pytest.mark.parametrize("parameter", ["group", "stage", "tag", "owner", "import"])
def test_filters_find_nothing_foreign(
    admin: Client, zebras: dict[str, str], sam: User, contact: Callable[..., Contact], parameter: str
) -> None:
    contact("mine@example.com")
    value = {"group": zebras["group"], "stage": zebras["pipelinestage"], "tag": "zebra-tag", "owner": sam.pk}
    page = admin.get(reverse("admin:contacts_contact_changelist"), {parameter: value.get(parameter, "imp_x")})
    assert page.context["cl"].result_count == 0
    assert "stripes" not in page.text


@pytest.mark.parametrize("lookup", ["workspace", "owner__password__startswith", "stage__workspace__name"])
def test_the_address_reaches_into_no_other_table(admin: Client, lookup: str) -> None:
    assert admin.get(reverse("admin:contacts_contact_changelist"), {lookup: "x"}).status_code == 400


def test_autocomplete_is_closed(admin: Client, zebras: dict[str, str]) -> None:
    asked = {"app_label": "contacts", "model_name": "contact", "field_name": "stage", "term": ""}
    answer = admin.get(reverse("admin:autocomplete"), asked)
    assert "Zebra" not in answer.text
    assert zebras["pipelinestage"] not in answer.text


def test_the_theme_s_search_is_closed(admin: Client, zebras: dict[str, str]) -> None:
    assert admin.get(reverse("admin:search"), {"s": "stripes", "extended": 1}).status_code == 404


@pytest.mark.parametrize("action", ["delete", "block", "export"])
def test_bulk_actions_pass_over_foreign_ids(admin: Client, zebras: dict[str, str], action: str) -> None:
    values = {
        "action": action,
        "select_across": "0",
        "_selected_action": [zebras["contact"]],
        "confirmed": "1",
    }
    extra = {"format": "csv", "columns": ["email"]} if action == "export" else {}
    answer = admin.post(reverse("admin:contacts_contact_changelist"), values | extra)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    assert b"stripes" not in body
    assert Contact.objects.get(pk=zebras["contact"]).status == "active"


def test_select_all_is_all_of_the_workspace(admin: Client, zebras: dict[str, str], contact) -> None:  # type: ignore[no-untyped-def]
    mine = contact("mine@example.com")
    values = {"action": "delete", "select_across": "1", "_selected_action": [mine.pk], "confirmed": "1"}
    admin.post(reverse("admin:contacts_contact_changelist"), values)
    assert list(Contact.objects.values_list("pk", flat=True)) == [zebras["contact"]]


@pytest.mark.parametrize("page", ["change", "choices", "preview", "progress", "errors", "undo"])
def test_foreign_imports_are_not_there(admin: Client, zebra: Workspace, page: str) -> None:
    from fluenzr_site.core import clock

    foreign = Import.objects.create(workspace=zebra, filename="zebra.csv", created_at=clock.now())
    assert admin.get(reverse(f"admin:contacts_import_{page}", args=[foreign.pk])).status_code == 404
    if page in ("change", "choices", "preview", "undo"):
        assert admin.post(reverse(f"admin:contacts_import_{page}", args=[foreign.pk])).status_code == 404


def test_foreign_keys_and_members(admin: Client, zebra: Workspace, sam: User) -> None:
    key, _clear = create_api_key(zebra, name="Zebra key")
    theirs = Membership.objects.get(user=sam)
    admin.post(reverse("admin:workspaces_apikey_change", args=[key.pk]), {"revoke": "yes"})
    admin.post(reverse("admin:workspaces_membership_delete", args=[theirs.pk]), {"post": "yes"})
    admin.post(reverse("admin:workspaces_workspace_change", args=[zebra.pk]), {"name": "Mine", "timezone": "UTC"})
    assert ApiKey.objects.get(pk=key.pk).revoked_at is None
    assert Membership.objects.filter(pk=theirs.pk).exists()
    assert Workspace.objects.get(pk=zebra.pk).name == "Zebra"


def test_switching(admin: Client, ada: User, zebra: Workspace, zebras: dict[str, str]) -> None:
    url = reverse("admin:workspace")
    admin.post(url, {"workspace": zebra.pk})
    assert "stripes" not in admin.get(reverse("admin:contacts_contact_changelist")).text
    add_member(zebra, ada, role="member")
    admin.post(url, {"workspace": zebra.pk})
    assert "stripes" in admin.get(reverse("admin:contacts_contact_changelist")).text
    assert admin.get(reverse("admin:workspaces_apikey_changelist")).status_code == 403
    assert admin.get(url).status_code == 405


def test_a_superuser_enters_every_workspace(zebra: Workspace, zebras: dict[str, str], acme: Workspace) -> None:
    client = signed_in(User.objects.create(username="root", is_staff=True, is_superuser=True))
    client.post(reverse("admin:workspace"), {"workspace": zebra.pk})
    assert "stripes" in client.get(reverse("admin:contacts_contact_changelist")).text


@pytest.mark.parametrize("page", ["", "add/", "con_x/change/", "con_x/delete/"])
def test_who_is_kept_out_of_the_only_workspace_sees_no_contacts(member: Client, mia: User, page: str) -> None:
    Membership.objects.filter(user=mia).update(is_active=False)
    assert member.get(f"/admin/contacts/contact/{page}").status_code in (302, 403)


def test_a_nul_is_refused_not_broken_over(admin: Client, zebras: dict[str, str]) -> None:
    assert admin.get(reverse("admin:index") + "contacts/contact/con_%00/change/").status_code == 400
    assert admin.post(reverse("admin:contacts_group_add"), {"name": "a\0b"}).status_code == 400
