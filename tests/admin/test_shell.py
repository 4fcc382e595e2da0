"""The shell: who sees what in the menu, where one is, how pages are called, and how static files travel."""

import gzip
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.templatetags.static import static
from django.test import Client
from django.urls import reverse

from campaigns.changes import accounts
from campaigns.models import Conversation
from contacts.changes.groups import create_group
from contacts.models import Contact
from fluenzr_site.adminsite.assets import FOR_A_WHILE, FOR_GOOD
from fluenzr_site.workspaces.models import Workspace


def menu(client: Client, path: str) -> dict[str, Any]:
    """The entries of the page's menu by their title, those beneath others among them."""
    entries = client.get(path).context["sidebar_navigation"]
    return {entry.title: entry for each in entries for entry in (each, *each.below)}


def test_the_menu_follows_the_work(admin: Client) -> None:
    entries = [entry.title for entry in admin.get(reverse("admin:index")).context["sidebar_navigation"]]
    assert entries == ["Dashboard", "Contacts", "Pipeline", "Campaigns", "Inbox", "Settings"]


@pytest.mark.parametrize("who, seen", [("admin", True), ("member", False)])
def test_what_is_for_administrators_is_seen_by_them(request: pytest.FixtureRequest, who: str, seen: bool) -> None:
    client = request.getfixturevalue(who)
    found = menu(client, reverse("admin:contacts_customfield_changelist"))
    assert "Custom fields" in found
    assert all((name in found) == seen for name in ("API keys", "Members", "Webhooks", "E-mail accounts"))


@pytest.mark.parametrize(
    "route, current",
    [
        ("index", "Dashboard"),
        ("contacts_contact_add", "Contacts"),
        ("contacts_group_changelist", "Groups"),
        ("contacts_board", "Pipeline"),
        ("campaigns_message_changelist", "Campaigns"),
        ("contacts_location_add", "Locations"),
    ],
)
def test_one_entry_is_current(member: Client, route: str, current: str) -> None:
    path = reverse(f"admin:{route}")
    assert [title for title, entry in menu(member, path).items() if entry.is_current] == [current]
    assert member.get(path).text.count('aria-current="page"') == 1


def test_the_inbox_says_how_much_is_unread(member: Client, acme: Workspace, contact: Any) -> None:
    account = accounts.create(acme, {"email": "sam@acme.example", "smtp_host": "127.0.0.1"})
    one: Contact = contact("ann@x.co")
    made = {"workspace": acme, "contact": one, "account": account, "last_at": one.created_at}
    assert menu(member, reverse("admin:index"))["Inbox"].badge == ""
    Conversation.objects.create(**made)
    assert menu(member, reverse("admin:index"))["Inbox"].badge == "1"


@pytest.mark.parametrize(
    "route, title",
    [
        ("index", "Dashboard | FluenzR"),
        ("contacts_contact_changelist", "Contacts | FluenzR"),
        ("contacts_group_add", "Add group | FluenzR"),
        ("campaigns_conversation_changelist", "Inbox | FluenzR"),
    ],
)
def test_pages_are_called_by_what_they_are(member: Client, route: str, title: str) -> None:
    assert f"<title>{title}</title>" in member.get(reverse(f"admin:{route}")).text


def test_a_row_is_called_by_its_name(member: Client, contact: Any) -> None:
    ada = contact("ada@example.com", firstName="Ada", lastName="Lovelace")
    assert (
        "<title>Ada Lovelace | FluenzR</title>"
        in member.get(reverse("admin:contacts_contact_change", args=[ada.pk])).text
    )


def test_pages_have_landmarks_and_a_way_past_the_menu(member: Client) -> None:
    page = member.get(reverse("admin:contacts_group_changelist")).text
    assert page.index("skip-link") < page.index("nav-sidebar") < page.index("<header") < page.index("<main")
    assert all(page.count(mark) == 1 for mark in ("<main", "<header", 'aria-label="Main menu"', "<h1"))


def test_nobody_without_a_second_workspace_is_offered_one(member: Client, mia: User) -> None:
    assert reverse("admin:workspace") not in member.get(reverse("admin:index")).text


# ------------------------------------------------------------------------------------------------- static files


def test_static_files_are_kept_for_good_and_come_compressed(db: None) -> None:
    path = static("adminsite/admin.css")
    assert "?v=" in path
    answer = Client(headers={"Accept-Encoding": "gzip"}).get(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, FOR_GOOD)
    assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert b"flz-panel" in gzip.decompress(answer.content)
    assert len(answer.content) == int(answer.headers["Content-Length"])


def test_an_address_without_a_version_is_asked_for_again(db: None) -> None:
    client = Client()
    answer = client.get("/static/adminsite/admin.css")
    assert answer.headers["Cache-Control"] == FOR_A_WHILE
    assert b"flz-panel" in b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    again = client.get("/static/adminsite/admin.css", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_page_that_adds_has_no_way_to_itself(member: Client, acme: Workspace) -> None:
    group = create_group(acme, {"name": "readers"})
    assert "addlink" not in member.get(reverse("admin:contacts_group_add")).text
    page = member.get(reverse("admin:contacts_group_change", args=[group.pk]))
    assert 'title="Add group"' in page.text


def test_an_empty_list_has_no_search(member: Client, acme: Workspace) -> None:
    groups = reverse("admin:contacts_group_changelist")
    assert 'id="searchbar"' not in member.get(groups).text
    assert 'id="searchbar"' in member.get(groups, {"q": "nobody"}).text


def test_a_file_keeps_its_name(member: Client, acme: Workspace) -> None:
    file = SimpleUploadedFile("leads.csv", b"Email\nann@example.com\n")
    page = member.post(reverse("admin:contacts_import_add"), {"file": file}, follow=True)
    assert "<h1>leads.csv</h1>" in page.text
