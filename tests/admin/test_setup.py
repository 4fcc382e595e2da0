"""Groups, tags, stages, custom fields, locations, keys, members."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from contacts.changes.custom_fields import create_field
from contacts.changes.groups import create_group
from contacts.models import Contact, CustomField, Group, Location, PipelineStage, Tag
from fluenzr_site.events.models import Event
from fluenzr_site.workspaces import keys
from fluenzr_site.workspaces.models import ApiKey, Membership, Workspace

Make = Callable[..., Contact]


def errors(page) -> set[str]:  # type: ignore[no-untyped-def]
    return set(page.context["adminform"].form.errors)


def test_groups(admin: Client, acme: Workspace, contact: Make) -> None:
    admin.post(reverse("admin:contacts_group_add"), {"name": "Readers", "type": "static", "color": "#112233"})
    group = Group.objects.of(acme).get()
    contact("a@example.com", groupIds=[group.pk])
    again = admin.post(reverse("admin:contacts_group_add"), {"name": "Readers", "type": "static"})
    assert errors(again) == {"name"}
    bad = admin.post(reverse("admin:contacts_group_add"), {"name": "X", "type": "static", "color": "red"})
    assert errors(bad) == {"color"}
    url = reverse("admin:contacts_group_delete", args=[group.pk])
    assert "Its contact stays" in admin.get(url).text
    admin.post(url, {"post": "yes"})
    assert (Group.objects.count(), Contact.objects.count()) == (0, 1)


def test_a_group_export_has_only_one_s_own(admin: Client, acme: Workspace, zebras: dict[str, str]) -> None:
    create_group(acme, {"name": "Readers"})
    url = reverse("admin:contacts_group_export")
    assert admin.get(url).status_code == 200
    file = admin.post(url, {"format": "0", "resource": "", "groupresource_name": "on", "groupresource_id": "on"})
    assert "Readers" in file.text
    assert "Zebra" not in file.text


def test_renaming_a_tag_merges_only_when_told(admin: Client, acme: Workspace, contact: Make) -> None:
    there = contact("a@example.com", tags=["old"])
    contact("b@example.com", tags=["new"])
    url = reverse("admin:contacts_tag_change", args=[Tag.objects.get(name="old").pk])
    assert errors(admin.post(url, {"name": "NEW"})) == {"name"}
    assert admin.post(url, {"name": "NEW", "merge": "on"}).status_code == 302
    assert there.tags.get().name == "new"
    assert Event.objects.of(acme).about(there.pk)[0].type == "contact.updated"
    url = reverse("admin:contacts_tag_delete", args=[Tag.objects.get().pk])
    assert "take it off 2 contacts" in admin.get(url).text
    admin.post(url, {"post": "yes"})
    assert Tag.objects.count() == 0


def test_a_stage_goes_only_when_its_contacts_have_a_place(admin: Client, acme: Workspace, contact: Make) -> None:
    lead, qualified = PipelineStage.objects.of(acme)[:2]
    there = contact("a@example.com", pipelineStageId=lead.pk)
    url = reverse("admin:contacts_pipelinestage_delete", args=[lead.pk])
    assert admin.post(url, {}).status_code == 200
    assert PipelineStage.objects.filter(pk=lead.pk).exists()
    admin.post(url, {"move_to": qualified.pk})
    there.refresh_from_db()
    assert there.stage == qualified
    assert not PipelineStage.objects.filter(pk=lead.pk).exists()


def test_a_stage_s_contacts_move_to_no_foreign_one(
    admin: Client, acme: Workspace, contact: Make, zebras: dict[str, str]
) -> None:
    lead = PipelineStage.objects.of(acme)[0]
    contact("a@example.com", pipelineStageId=lead.pk)
    url = reverse("admin:contacts_pipelinestage_delete", args=[lead.pk])
    assert admin.post(url, {"move_to": zebras["pipelinestage"]}).status_code == 200
    assert PipelineStage.objects.filter(pk=lead.pk).exists()


def test_stages_are_added_and_changed(admin: Client, acme: Workspace) -> None:
    values = {"name": "Demo", "kind": "open", "color": "#112233", "position": "9"}
    admin.post(reverse("admin:contacts_pipelinestage_add"), values)
    stage = PipelineStage.objects.of(acme).get(name="Demo")
    url = reverse("admin:contacts_pipelinestage_change", args=[stage.pk])
    assert errors(admin.post(url, values | {"name": "Lead"})) == {"name"}
    assert admin.post(url, values | {"name": "Trial"}).status_code == 302
    stage.refresh_from_db()
    assert stage.name == "Trial"


def test_custom_fields(admin: Client, acme: Workspace, contact: Make) -> None:
    values = {"label": "Size", "key": "size", "type": "dropdown", "options": "big\nsmall\n", "position": "0"}
    admin.post(reverse("admin:contacts_customfield_add"), values)
    field = CustomField.objects.of(acme).get()
    assert field.options == ["big", "small"]
    assert errors(admin.post(reverse("admin:contacts_customfield_add"), values)) == {"key"}
    url = reverse("admin:contacts_customfield_change", args=[field.pk])
    assert errors(admin.post(url, values | {"options": "big"})) == {"options"}
    admin.post(url, values | {"options": "big\nsmall\nhuge", "key": "other", "type": "text"})
    field.refresh_from_db()
    assert (field.key, field.type, field.options) == ("size", "dropdown", ["big", "small", "huge"])
    there = contact("a@example.com", customFields={"size": "big"})
    url = reverse("admin:contacts_customfield_delete", args=[field.pk])
    assert "1 contact has a value in it" in admin.get(url).text
    admin.post(url, {"post": "yes"})
    there.refresh_from_db()
    assert there.custom_fields == {}


@pytest.mark.parametrize(("type_", "default", "wrong"), [("number", "x", "default"), ("dropdown", "", "options")])
def test_custom_fields_that_make_no_sense(admin: Client, type_: str, default: str, wrong: str) -> None:
    values = {"label": "L", "key": "k", "type": type_, "default": default, "options": "", "position": "0"}
    assert errors(admin.post(reverse("admin:contacts_customfield_add"), values)) == {wrong}


def test_required_fields_and_defaults_are_on_the_form(admin: Client, acme: Workspace) -> None:
    field = create_field(acme, {"key": "k", "label": "Segment", "type": "text", "required": True, "default": "b2b"})
    page = admin.get(reverse("admin:contacts_contact_add"))
    assert page.context["adminform"].form[f"own_{field.pk}"].initial == "b2b"
    values = {"email": "a@example.com", "status": "active", "consent_source": "other"}
    assert errors(admin.post(reverse("admin:contacts_contact_add"), values)) == {f"own_{field.pk}"}


def test_locations(admin: Client, acme: Workspace, contact: Make) -> None:
    admin.post(reverse("admin:contacts_location_add"), {"title": "Paris"})
    assert errors(admin.post(reverse("admin:contacts_location_add"), {"title": "Paris"})) == {"title"}
    paris = Location.objects.of(acme).get()
    there = contact("a@example.com")
    Contact.objects.filter(pk=there.pk).update(location=paris)
    admin.post(reverse("admin:contacts_location_delete", args=[paris.pk]), {"post": "yes"})
    there.refresh_from_db()
    assert there.location is None


def test_a_key_is_shown_once(admin: Client, acme: Workspace, ada: User) -> None:
    made = admin.post(reverse("admin:workspaces_apikey_add"), {"name": "Zapier", "permission": "read_only"})
    key = made.context["key"].shown_key
    assert key in made.text
    assert "no-store" in made.headers["Cache-Control"]
    row = ApiKey.objects.of(acme).get()
    assert (row.digest, row.permission, row.created_by) == (keys.digest(key), "read_only", ada)
    for url in (
        reverse("admin:workspaces_apikey_changelist"),
        reverse("admin:workspaces_apikey_change", args=[row.pk]),
    ):
        page = admin.get(url).text
        assert key not in page
        assert row.start in page


def test_a_key_is_revoked_and_neither_changed_nor_deleted(admin: Client, acme: Workspace) -> None:
    admin.post(reverse("admin:workspaces_apikey_add"), {"name": "Zapier", "permission": "read_only"})
    row = ApiKey.objects.of(acme).get()
    url = reverse("admin:workspaces_apikey_change", args=[row.pk])
    assert admin.post(url, {"name": "Other", "permission": "all"}).status_code == 403
    assert admin.post(reverse("admin:workspaces_apikey_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    admin.post(url, {"revoke": "yes"})
    row.refresh_from_db()
    assert row.revoked_at is not None
    assert (row.name, row.permission) == ("Zapier", "read_only")


def test_members_are_added(admin: Client, acme: Workspace, sam: User) -> None:
    url = reverse("admin:workspaces_membership_add")
    admin.post(url, {"email": "SAM@example.com", "role": "member"})
    assert Membership.objects.filter(workspace=acme, user=sam, role="member").exists()
    assert errors(admin.post(url, {"email": "kim@example.com", "role": "member"})) == {"password"}
    assert errors(admin.post(url, {"email": "kim@example.com", "role": "member", "password": "1"})) == {"password"}
    page = admin.post(url, {"email": "kim@example.com", "role": "member", "password": "long enough 77"}, follow=True)
    assert "kim@example.com may come in now, at http://testserver/admin/" in page.text
    kim = User.objects.get(username="kim@example.com")
    assert kim.is_staff
    assert not kim.is_superuser
    assert kim.check_password("long enough 77")


def test_nobody_is_added_twice(admin: Client, acme: Workspace, ada: User) -> None:
    """It would take the last administrator's role away."""
    page = admin.post(reverse("admin:workspaces_membership_add"), {"email": "ada", "role": "member"})
    assert errors(page) == {"email"}
    assert Membership.objects.get(workspace=acme, user=ada).role == "admin"


def test_a_plan_with_no_room_says_so(admin: Client, acme: Workspace) -> None:
    Workspace.objects.filter(pk=acme.pk).update(plan="free")
    values = {"email": "kim", "role": "member", "password": "long enough 77"}
    page = admin.post(reverse("admin:workspaces_membership_add"), values)
    assert "The Free plan allows 1 member:" in page.text
    assert not User.objects.filter(username="kim").exists()


def test_settings(admin: Client, acme: Workspace) -> None:
    url = reverse("admin:workspaces_workspace_change", args=[acme.pk])
    given = {"name": "Acme 2", "timezone": "Europe/Paris", "postal_address": "1 Road\nLyon", "open_tracking": "off"}
    assert errors(admin.post(url, given | {"timezone": "Mars"})) == {"timezone"}
    assert errors(admin.post(url, given | {"open_tracking": "always"})) == {"open_tracking"}
    admin.post(url, given | {"plan": "free"})
    acme.refresh_from_db()
    assert (acme.name, acme.timezone, acme.plan) == ("Acme 2", "Europe/Paris", "pro")
    assert (acme.postal_address.splitlines(), acme.open_tracking) == (["1 Road", "Lyon"], "off")


@pytest.mark.parametrize(
    ("after", "leads_to"), [("/admin/campaigns/campaign/", "/admin/campaigns/campaign/"), ("//evil.test/", "")]
)
def test_what_sent_its_reader_to_the_settings_gets_them_back(
    admin: Client, acme: Workspace, after: str, leads_to: str
) -> None:
    settings = admin.get(f"{reverse('admin:workspaces_workspace_changelist')}?{urlencode({'next': after})}")
    given = {"name": "Acme", "timezone": "UTC", "postal_address": "1 Road", "open_tracking": "full"}
    assert admin.post(settings["Location"], given)["Location"] == (
        leads_to or reverse("admin:workspaces_workspace_changelist")
    )
    acme.refresh_from_db()
    assert acme.postal_address == "1 Road"
