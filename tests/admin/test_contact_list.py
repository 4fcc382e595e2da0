"""The list as each person has it: filters, saved views, columns, and where it opens."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from contacts.admin import views_paginator
from contacts.admin.contacts import ContactAdmin
from contacts.changes.custom_fields import create_field
from contacts.changes.groups import create_group
from contacts.models import Contact, PipelineStage, SavedView
from contacts.models.imports import Import
from contacts.queries import matching
from fluenzr_site.core import clock, ids
from fluenzr_site.workspaces.models import Workspace
from tests.admin.conftest import signed_in

LIST = "/admin/contacts/contact/"
Make = Callable[..., Contact]


def emails(client: Client, query: str) -> list[str]:
    answer = client.get(LIST + query, follow=True)
    return [row.email for row in answer.context["cl"].result_list]


@pytest.fixture(autouse=True)
def _address() -> None:
    assert reverse("admin:contacts_contact_changelist") == LIST


# ------------------------------------------------------------------------------------------------- filters


def test_values_of_one_filter_widen_and_filters_narrow(admin: Client, contact: Make, acme: Workspace) -> None:
    stages = list(PipelineStage.objects.of(acme)[:2])
    contact("a@example.com", tags=["x"], pipelineStageId=stages[0].pk)
    contact("b@example.com", tags=["Y"], pipelineStageId=stages[1].pk)
    contact("c@example.com", tags=["z"])
    assert emails(admin, "?tag=x&tag=y") == ["b@example.com", "a@example.com"]
    assert emails(admin, f"?tag=x&tag=y&stage={stages[0].pk}") == ["a@example.com"]
    assert emails(admin, f"?stage=none&stage={stages[1].pk}") == ["c@example.com", "b@example.com"]
    chips = admin.get(LIST + "?tag=x&tag=y").context["cl"].chips()
    assert chips == [("tag: x", "?tag=y"), ("tag: Y", "?tag=x")]


def test_groups_owners_imports_and_custom_fields(admin: Client, contact: Make, acme: Workspace, ada: User) -> None:
    group = create_group(acme, {"name": "Readers"})
    field = create_field(acme, {"key": "size", "label": "Size", "type": "dropdown", "options": ["big", "small", "odd"]})
    source = Import.objects.create(
        workspace=acme, filename="fair.csv", digest="x", state="finished", created_at=clock.now()
    )
    first = contact("a@example.com", groupIds=[group.pk], customFields={"size": "big"})
    contact("b@example.com", customFields={"size": "small"})
    contact("c@example.com")
    Contact.objects.filter(pk=first.pk).update(owner=ada, source_import_id=source.pk)
    assert emails(admin, f"?group={group.pk}") == emails(admin, f"?owner={ada.pk}") == ["a@example.com"]
    assert emails(admin, f"?import={source.pk}") == ["a@example.com"]
    assert emails(admin, "?group=none&o=email") == ["b@example.com", "c@example.com"]
    assert emails(admin, f"?{field.pk}=big&{field.pk}=small&o=email") == ["a@example.com", "b@example.com"]
    assert emails(admin, f"?{field.pk}=unheard-of") == []
    assert "import: fair.csv" in admin.get(LIST + f"?import={source.pk}").context["cl"].chips()[0][0]


def test_created_in_a_period(admin: Client, contact: Make) -> None:
    contact("new@example.com")
    old = contact("old@example.com")
    long_ago = clock.now() - timedelta(days=100)
    Contact.objects.filter(pk=old.pk).update(id=ids.first_at("con", long_ago))
    assert emails(admin, "?created=7") == ["new@example.com"]
    day = localdate(long_ago).isoformat()
    assert emails(admin, f"?created={day}..{day}") == ["old@example.com"]
    # As the form sends it: two dates, and whatever is empty.
    answer = admin.get(LIST + f"?q=&created=&created_from={day}&created_to=")
    assert answer.headers["Location"] == f"{LIST}?created={day}.."
    assert emails(admin, f"?created={day}..&o=pk") == ["old@example.com", "new@example.com"]
    assert emails(admin, "?created=nonsense") == []


@pytest.mark.parametrize(
    "query", ["?status=%00", "?group=%00x", "?created=99999999999", "?o=password", "?p=999", "?tag="]
)
def test_odd_addresses_break_nothing(admin: Client, contact: Make, query: str) -> None:
    contact("a@example.com")
    assert admin.get(LIST + query, follow=True).status_code == 200


def test_order(admin: Client, contact: Make) -> None:
    for name in ("b", "a", "c"):
        contact(f"{name}@example.com")
    assert emails(admin, "?o=email") == ["a@example.com", "b@example.com", "c@example.com"]
    assert emails(admin, "?o=-email")[0] == emails(admin, "?o=-pk")[0] == "c@example.com"
    heads = {head.name: head for head in admin.get(LIST + "?o=email").context["cl"].heads()}
    assert (heads["email"].order, heads["email"].address) == ("ascending", "?o=-email")


def test_the_list_costs_the_same_for_two_and_for_fifty(admin: Client, contact: Make) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin.get(LIST + "?status=active")
        return len(captured)

    for number in range(2):
        contact(f"a{number}@example.com", tags=["t"])
    admin.get(LIST + "?status=active")
    few = queries()
    for number in range(55):
        contact(f"b{number}@example.com", tags=["t", "u"])
    admin.get(LIST + "?status=active")
    assert queries() == few <= 15


def test_a_search_that_finds_little_is_looked_for_once(admin: Client, contact: Make) -> None:
    contact("rare@example.com")
    emails(admin, "?q=rare")
    with CaptureQueriesContext(connection) as captured:
        assert emails(admin, "?q=rare&o=email") == ["rare@example.com"]
    wide = [q["sql"] for q in captured if "search_text" in q["sql"].partition("WHERE")[2] and " IN (" not in q["sql"]]
    assert wide == []
    contact("rare2@example.com")
    assert len(emails(admin, "?q=rare")) == 2


# ------------------------------------------------------------------------------------------- where it opens


def test_the_filters_stay_for_the_session(admin: Client, contact: Make) -> None:
    contact("a@example.com", tags=["x"])
    contact("b@example.com")
    emails(admin, "?tag=x&p=1")
    assert admin.get(LIST).headers["Location"] == f"{LIST}?tag=x"
    assert len(emails(admin, "?view=all")) == 2
    assert admin.get(LIST).status_code == 200


def save(client: Client, name: str, query: str = "", **values: Any) -> SavedView:
    client.post(reverse("admin:contacts_views"), {"name": name, "query": query, "columns": ["email"], **values})
    return SavedView.objects.get(name=name)


def test_a_view_keeps_search_filters_order_and_columns(admin: Client, contact: Make) -> None:
    contact("a@example.com", tags=["x"])
    contact("b@example.com")
    view = save(admin, "The x", "q=exa&tag=x&o=email", columns=["phone", "nonsense", "email"])
    assert admin.get(LIST + f"?view={view.pk}").headers["Location"] == f"{LIST}?view={view.pk}&q=exa&tag=x&o=email"
    page = admin.get(LIST + f"?view={view.pk}", follow=True)
    assert [row.email for row in page.context["cl"].result_list] == ["a@example.com"]
    assert [head.name for head in page.context["cl"].heads()] == ["name", "phone", "email"]
    assert page.context["cl"].tabs()[1].is_chosen and not page.context["cl"].view_is_changed
    assert admin.get(LIST + f"?view={view.pk}&tag=x").context["cl"].view_is_changed


def test_views_are_renamed_updated_shared_and_deleted(admin: Client, contact: Make) -> None:
    view = save(admin, "First", "tag=x")
    url = reverse("admin:contacts_view", args=[view.pk])
    admin.post(url, {"action": "change", "name": "Second", "is_shared": "on"})
    admin.post(url, {"action": "update", "query": "status=active", "columns": ["status"]})
    view.refresh_from_db()
    assert (view.name, view.is_shared, view.query, view.columns) == ("Second", True, "status=active", ["status"])
    save(admin, "Third")
    page = admin.post(url, {"action": "change", "name": "Third"}, follow=True)
    assert "You have a view “Third” already." in page.text
    admin.post(url, {"action": "delete"})
    assert not SavedView.objects.filter(pk=view.pk).exists()


def test_a_shared_view_is_seen_by_all_and_changed_by_its_maker(admin: Client, member: Client, sam: User) -> None:
    own, shared = save(admin, "Mine"), save(admin, "Ours", is_shared="on")

    def seen(client: Client) -> list[str]:
        return [tab.label for tab in client.get(LIST + "?view=all").context["cl"].tabs()[1:]]

    assert (seen(admin), seen(member), seen(signed_in(sam))) == (["Mine", "Ours"], ["Ours"], [])
    for view, action in ((own, "open"), (own, "delete"), (shared, "delete"), (shared, "update")):
        url = reverse("admin:contacts_view", args=[view.pk])
        assert member.post(url, {"action": action}).status_code == 404
        assert signed_in(sam).post(url, {"action": action}).status_code == 404
    theirs = save(member, "Theirs", is_shared="on")
    # Whoever administers the workspace tidies up.
    admin.post(reverse("admin:contacts_view", args=[theirs.pk]), {"action": "delete"})
    assert SavedView.objects.count() == 2


def test_the_list_opens_with_a_view_of_each_person_s_choice(admin: Client, member: Client, ada: User) -> None:
    view = save(admin, "Ours", "tag=x", is_shared="on")
    url = reverse("admin:contacts_view", args=[view.pk])
    admin.post(url, {"action": "open", "on": "1"})
    fresh = signed_in(ada)
    assert fresh.get(LIST).headers["Location"] == f"{LIST}?view={view.pk}&tag=x"
    assert member.get(LIST).status_code == 200
    admin.post(url, {"action": "open", "on": "0"})
    assert signed_in(ada).get(LIST).status_code == 200


# ------------------------------------------------------------------------------------------------- columns


def test_columns_are_each_person_s_own(admin: Client, member: Client, acme: Workspace, contact: Make) -> None:
    create_field(acme, {"key": "size", "label": "Size", "type": "number"})
    contact("a@example.com", phone="123", customFields={"size": 12})
    chosen = ["custom:size", "phone", "owner", "nonsense"]
    admin.post(reverse("admin:contacts_columns"), {"columns": chosen, "query": "view=all"})

    def names(client: Client) -> list[str]:
        return [head.name for head in client.get(LIST + "?view=all").context["cl"].heads()]

    assert names(admin) == ["name", "custom:size", "phone", "owner"]
    assert '<td class="field-custom-size" data-label="Size">12</td>' in admin.get(LIST + "?view=all").text
    assert "email" in names(member)
    admin.post(reverse("admin:contacts_columns"), {"columns": chosen, "usual": "1", "query": "view=all"})
    assert names(admin) == names(member)


def test_an_export_begins_with_the_columns_that_are_shown(admin: Client, contact: Make) -> None:
    there = contact("a@example.com")
    admin.post(reverse("admin:contacts_columns"), {"columns": ["phone", "tags", "owner"]})
    posted = {"action": "export", "select_across": "0", "_selected_action": [there.pk]}
    form = admin.post(LIST + "?view=all", posted).context["form"]
    assert form["columns"].initial == ["firstName", "lastName", "phone", "tags"]


def test_what_a_filter_offers_is_as_new_as_the_workspace(admin: Client, acme: Workspace) -> None:
    assert "Readers" not in admin.get(LIST + "?view=all").text
    create_group(acme, {"name": "Readers"})
    assert "Readers" in admin.get(LIST + "?view=all").text


def test_columns_of_a_view_are_its_own(admin: Client, member: Client) -> None:
    view = save(admin, "Ours", is_shared="on")
    url = reverse("admin:contacts_columns")
    admin.post(url, {"columns": ["status"], "view": view.pk})
    view.refresh_from_db()
    assert view.columns == ["status"]
    assert member.post(url, {"columns": ["phone"], "view": view.pk}).status_code == 404


def test_what_contacts_are_called_is_shown_as_text(admin: Client, contact: Make, acme: Workspace) -> None:
    evil = '<script>alert("x")</script>'
    create_group(acme, {"name": evil})
    contact("a@example.com", firstName=evil, company=evil, tags=[evil], customFields={"k": evil})
    create = ["company", "tags", "custom:k"]
    page = admin.post(reverse("admin:contacts_columns"), {"columns": create, "query": "view=all"}, follow=True)
    assert "<script>alert(" not in page.text and "&lt;script&gt;" in page.text


def test_what_a_field_is_called_is_shown_as_text(admin: Client, contact: Make) -> None:
    """Its key may be any text: tools make fields of what they send."""
    contact("a@example.com", customFields={'"><img src=x>': "v"})
    columns = {"columns": ['custom:"><img src=x>'], "query": "view=all"}
    page = admin.post(reverse("admin:contacts_columns"), columns, follow=True)
    assert "<img src=x>" not in page.text and "&lt;img src=x&gt;" in page.text


def test_a_search_reads_an_index_and_not_the_rows(acme: Workspace) -> None:
    """The index is the migration's own: a change of the table that makes it anew could lose it."""
    rows = matching(Contact.objects.of(acme), "ann").order_by().values_list("pk", flat=True)
    if connection.vendor == "sqlite":
        assert "contact_searched" in rows.explain()


@pytest.mark.parametrize("query", ["?view=all", "?q=example", "?status=active"])
def test_a_page_far_down_is_what_a_page_is(
    admin: Client, contact: Make, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    for number in range(5):
        contact(f"p{number}@example.com", last_name=f"{9 - number}")
    monkeypatch.setattr(ContactAdmin, "list_per_page", 2)
    pages = [emails(admin, f"{query}&p={number}") for number in (1, 2, 3)]
    monkeypatch.setattr(views_paginator, "DEEP", 0)
    assert [emails(admin, f"{query}&p={number}") for number in (1, 2, 3)] == pages
    assert [len(page) for page in pages] == [2, 2, 1] and len({*sum(pages, [])}) == 5
