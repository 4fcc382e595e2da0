"""The form, the history and the bulk actions of contacts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from contacts.changes import bulk_changes
from contacts.changes.custom_fields import create_field
from contacts.changes.groups import create_group
from contacts.models import BulkChange, Contact, PipelineStage
from fluenzr_site.events.models import Event
from fluenzr_site.workspaces.models import Workspace

LIST = "admin:contacts_contact_changelist"
Make = Callable[..., Contact]


def form(**values: Any) -> dict[str, Any]:
    return {"email": "new@example.com", "status": "active", "consent_source": "not_specified"} | values


def test_adding_writes_through_the_write_path(admin: Client, acme: Workspace, ada: User) -> None:
    size = create_field(acme, {"key": "size", "label": "Size", "type": "number"})
    group, stage = create_group(acme, {"name": "Readers"}), PipelineStage.objects.of(acme)[1]
    values = form(
        email="New@Example.com",
        first_name="Ann",
        group_ids=[group.pk],
        tag_names="vip, new one",
        stage_choice=stage.pk,
        owner_choice=ada.pk,
        notes="met in Lyon",
        consent_source="event",
        consent_date="2026-01-31",
        **{f"own_{size.pk}": "12,5"},
    )
    assert admin.post(reverse("admin:contacts_contact_add"), values).status_code == 302
    made = Contact.objects.get(email="new@example.com")
    assert (made.first_name, made.owner, made.stage, made.notes) == ("Ann", ada, stage, "met in Lyon")
    assert (made.consent_source, str(made.consent_date)) == ("event", "2026-01-31")
    assert made.custom_fields == {"size": 12.5}
    assert sorted(made.tags.values_list("name", flat=True)) == ["new one", "vip"]
    event = Event.objects.of(acme).about(made.pk).get()
    assert (event.type, event.actor) == ("contact.created", f"user:{ada.pk}")


def test_changing_touches_only_what_was_changed(admin: Client, acme: Workspace, contact: Make) -> None:
    there = contact("a@example.com", firstName="A", tags=["vip"], customFields={"size": "big"})
    field = acme.custom_fields.get()
    values = form(email="a@example.com", first_name="B", tag_names="vip", **{f"own_{field.pk}": "big"})
    admin.post(reverse("admin:contacts_contact_change", args=[there.pk]), values)
    there.refresh_from_db()
    assert there.first_name == "B"
    assert Event.objects.of(acme).about(there.pk)[0].note == "first_name"


def test_emptied_fields_are_emptied(admin: Client, acme: Workspace, contact: Make) -> None:
    there = contact("a@example.com", company="X", tags=["vip"], customFields={"size": "big"})
    admin.post(reverse("admin:contacts_contact_change", args=[there.pk]), form(email="a@example.com"))
    there.refresh_from_db()
    assert (there.company, there.custom_fields, there.tags.count()) == ("", {}, 0)


@pytest.mark.parametrize("email", ["taken@example.com", "TAKEN@example.com"])
def test_a_taken_address_is_said_at_the_field_and_whose_it_is(admin: Client, contact: Make, email: str) -> None:
    holder, other = contact("taken@example.com", firstName="<Ann>", lastName="Lee"), contact("other@example.com")
    there = reverse("admin:contacts_contact_change", args=[holder.pk])
    for url in (reverse("admin:contacts_contact_add"), reverse("admin:contacts_contact_change", args=[other.pk])):
        page = admin.post(url, form(email=email))
        assert list(page.context["adminform"].form.errors) == ["email"]
        assert "&lt;Ann&gt; Lee already has this address." in page.text and f'href="{there}"' in page.text


def test_a_stranger_s_address_is_free(admin: Client, zebras: dict[str, str]) -> None:
    answer = admin.post(reverse("admin:contacts_contact_add"), form(email="stripes@zebra.example"))
    assert answer.status_code == 302


def test_one_is_deleted_as_many_are(admin: Client, contact: Make) -> None:
    there = contact("ann@example.com", firstName="Ann", tags=["vip"])
    url = reverse("admin:contacts_contact_delete", args=[there.pk])
    question = admin.get(url).text
    for said in ("Delete the contact “Ann”?", "You can undo this for 30 days.", "e-mails and conversations are gone"):
        assert said in question
    assert Contact.objects.exists()
    told = admin.post(url, {"post": "yes"}, follow=True)
    change = BulkChange.objects.get()
    assert not Contact.objects.exists() and "1 contact deleted." in told.text
    undo = reverse("admin:contacts_changes_undo", args=[change.pk])
    assert f'href="{undo}"' in told.text
    admin.post(undo)
    assert Contact.objects.get(email="ann@example.com").tags.get().name == "vip"


def test_a_stranger_s_contact_is_not_deleted(admin: Client, zebras: dict[str, str]) -> None:
    admin.post(reverse("admin:contacts_contact_delete", args=[zebras["contact"]]), {"post": "yes"})
    assert Contact.objects.filter(pk=zebras["contact"]).exists() and not BulkChange.objects.exists()


@pytest.mark.parametrize("page", ["change", "delete"])
def test_saving_who_is_gone_leads_to_the_list_and_says_so(admin: Client, contact: Make, page: str) -> None:
    there = contact("ann@example.com")
    url = reverse(f"admin:contacts_contact_{page}", args=[there.pk])
    there.delete()
    answer = admin.post(url, form(email="ann@example.com"), follow=True)
    assert answer.request["PATH_INFO"] == reverse(LIST)
    assert "isn&#x27;t there any more" in answer.text and f'href="{reverse("admin:contacts_changes")}"' in answer.text


def test_bad_values_are_said_at_their_fields(admin: Client, acme: Workspace) -> None:
    number = create_field(acme, {"key": "n", "label": "N", "type": "number"})
    values = form(email="nonsense", first_name="\x01", status="bounced", tag_names="x" * 65)
    page = admin.post(reverse("admin:contacts_contact_add"), values)
    assert "status" in page.context["adminform"].form.errors
    page = admin.post(reverse("admin:contacts_contact_add"), values | {"status": "active"})
    assert set(page.context["adminform"].form.errors) == {"email", "first_name", "tag_names"}
    page = admin.post(reverse("admin:contacts_contact_add"), form(**{f"own_{number.pk}": "many"}))
    assert set(page.context["adminform"].form.errors) == {f"own_{number.pk}"}
    assert Contact.objects.count() == 0


def test_an_unsubscribed_contact_can_be_saved_as_it_is(admin: Client, contact: Make) -> None:
    there = contact("a@example.com")
    Contact.objects.filter(pk=there.pk).update(status="unsubscribed")
    url = reverse("admin:contacts_contact_change", args=[there.pk])
    assert admin.post(url, form(email="a@example.com", status="unsubscribed", first_name="B")).status_code == 302
    assert Contact.objects.get(pk=there.pk).status == "unsubscribed"


def test_history_names_people_and_moves(admin: Client, acme: Workspace, contact: Make) -> None:
    there = contact("a@example.com")
    stage = PipelineStage.objects.of(acme)[0]
    url = reverse("admin:contacts_contact_change", args=[there.pk])
    admin.post(reverse("admin:contacts_contact_stage", args=[there.pk]), {"stage": stage.pk})
    page = admin.get(url).text
    assert "Moved from no stage to Lead" in page
    assert "<span>ada</span>" in page


def test_search_and_filters(admin: Client, contact: Make, acme: Workspace) -> None:
    group = create_group(acme, {"name": "Readers"})
    contact("ann@example.com", lastName="Lee", tags=["vip"])
    contact("bob@example.com", groupIds=[group.pk], pipelineStageId=PipelineStage.objects.of(acme)[0].pk)

    def found(**parameters: str) -> list[str]:
        rows = admin.get(reverse(LIST), parameters).context["cl"].result_list
        return [row.email for row in rows]

    assert found(q="LEE") == found(tag="VIP") == found(stage="none") == ["ann@example.com"]
    assert found(group=group.pk) == ["bob@example.com"]
    assert found(owner="none", status="active") == ["bob@example.com", "ann@example.com"]
    assert found(status="blocked") == []


def test_filters_are_named_and_can_be_taken_away(admin: Client, contact: Make) -> None:
    contact("ann@example.com", tags=["vip"])
    page = admin.get(reverse(LIST), {"tag": "vip", "q": "ann"})
    assert page.context["cl"].chips() == [("search: ann", "?tag=vip"), ("tag: vip", "?q=ann")]
    assert 'href="?q=ann"' in page.text and 'href="?view=all"' in page.text


def test_a_filter_by_what_is_gone_matches_nobody(admin: Client, contact: Make) -> None:
    """Else "select all" would be everybody."""
    contact("ann@example.com")
    page = admin.get(reverse(LIST), {"group": "grp_gone"})
    assert page.context["cl"].result_count == 0


def test_the_list_costs_few_queries(admin: Client, contact: Make, django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        contact(f"c{number}@example.com", tags=["a", "b"])
    admin.get(reverse(LIST))
    with django_assert_max_num_queries(19):
        admin.get(reverse(LIST))


# ----------------------------------------------------------------------------------------------- bulk actions


def act(client: Client, action: str, *chosen: Contact, query: str = "", **values: Any) -> Any:
    posted = {"action": action, "select_across": "0", "_selected_action": [one.pk for one in chosen]}
    return client.post(reverse(LIST) + query, posted | values)


def test_the_question_says_how_many(admin: Client, contact: Make) -> None:
    page = act(admin, "delete", contact("a@example.com"), contact("b@example.com"))
    assert "Delete 2 contacts?" in page.text
    assert Contact.objects.count() == 2


def test_tags_groups_stage_owner_and_block(admin: Client, acme: Workspace, ada: User, contact: Make) -> None:
    there, other = contact("a@example.com", tags=["old"]), contact("b@example.com")
    group, stage = create_group(acme, {"name": "Readers"}), PipelineStage.objects.of(acme)[2]
    act(admin, "add_tags", there, confirmed="1", tags="vip, warm")
    act(admin, "remove_tags", there, confirmed="1", tags="OLD")
    act(admin, "add_to_group", there, confirmed="1", group=group.pk)
    act(admin, "move_to_stage", there, confirmed="1", stage=stage.pk)
    act(admin, "set_owner", there, confirmed="1", owner=ada.pk)
    act(admin, "block", there, confirmed="1")
    there.refresh_from_db()
    assert sorted(there.tags.values_list("name", flat=True)) == ["vip", "warm"]
    assert (there.groups.get(), there.stage, there.owner, there.status) == (group, stage, ada, "blocked")
    act(admin, "remove_from_group", there, confirmed="1", group=group.pk)
    assert there.groups.count() == 0
    assert Event.objects.of(acme).about(there.pk).filter(actor=f"user:{ada.pk}").count() == 7
    assert Event.objects.of(acme).about(other.pk).count() == 1


def test_all_that_match_in_steps(
    admin: Client, contact: Make, acme: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the change takes contacts out of what matches."""
    monkeypatch.setattr(bulk_changes, "STEP", 2)
    first = [contact(f"c{number}@example.com", tags=["old"]) for number in range(5)][0]
    contact("other@example.com")
    posted = {"confirmed": "1", "select_across": "1", "tags": "old"}
    page = act(admin, "remove_tags", first, query="?tag=old", **posted)
    assert page.status_code == 302
    assert Contact.objects.filter(tags__name="old").count() == 0


def test_deleting_many(admin: Client, contact: Make, acme: Workspace) -> None:
    there, kept = contact("a@example.com"), contact("b@example.com")
    act(admin, "delete", there, confirmed="1")
    assert Contact.objects.get() == kept
    assert Event.objects.of(acme).about(there.pk)[0].type == "contact.deleted"


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_export_follows_the_filter(admin: Client, contact: Make, kind: str) -> None:
    there = contact("a@example.com", tags=["vip"])
    contact("b@example.com")
    posted = {"confirmed": "1", "select_across": "1", "format": kind, "columns": ["email", "tags"]}
    answer = act(admin, "export", there, query="?tag=vip", **posted)
    body = b"".join(answer.streaming_content)
    assert answer.headers["Content-Disposition"].endswith(f'.{kind}"')
    assert body[:2] == b"PK" if kind == "xlsx" else (b"a@example.com" in body and b"b@example.com" not in body)
