"""Many contacts changed and put back, in a browser: by mouse, by keyboard, in the background, on a telephone."""

import pytest
from django.urls import reverse

from contacts.admin import bulk
from contacts.changes import bulk_changes
from contacts.changes.contacts import create, update
from contacts.cleaning import clean
from contacts.models import BulkChange, Contact
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.changes import create_workspace
from fluenzr_site.workspaces.models import Workspace
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "admin:contacts_contact_changelist"
BY = Actor("command", "test")


@pytest.fixture
def acme() -> Workspace:
    workspace = create_workspace("Acme")
    for name in ("Ann", "Bo", "Cy"):
        values = {"email": f"{name.lower()}@example.com", "firstName": name, "company": "Old"}
        create(workspace, clean(values, needs_email=True), by=BY)
    return workspace


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def choose(visitor: Visitor, action: str) -> None:
    """Everybody on the page, and what is to be done."""
    visitor.go(reverse(LIST))
    visitor.page.locator("#action-toggle").check()
    visitor.page.select_option("select[name=action]", action)
    visitor.press("Run")


def test_a_field_is_set_and_put_back_and_who_was_changed_since_is_named(visitor: Visitor, acme: Workspace) -> None:
    page = visitor.page
    choose(visitor, "set_field")
    page.get_by_label("Field").select_option("company")
    visitor.press("Continue")
    page.get_by_label("Company").fill("New")
    visitor.press("Set a field")
    page.get_by_text("3 contacts changed.").wait_for()
    ann = acme.contacts.get(email="ann@example.com")
    update(acme, ann.pk, clean({"company": "Mine"}, needs_email=False), by=BY)
    page.get_by_role("link", name="Undo", exact=True).click()
    page.get_by_role("heading", name="for 3 contacts?").wait_for()
    visitor.press("Undo")
    page.get_by_text("2 contacts are as they were before. 1 stays as it is.").first.wait_for()
    assert sorted(acme.contacts.values_list("company", flat=True)) == ["Mine", "Old", "Old"]
    page.get_by_role("link", name="Ann").click()
    page.wait_for_url(f"**{ann.pk}/change/**")
    assert visitor.wrong == []


def test_deleting_and_undoing_by_keyboard(visitor: Visitor, acme: Workspace) -> None:
    page = visitor.page
    visitor.go(reverse(LIST))
    page.locator("#action-toggle").focus()
    page.keyboard.press("Space")
    page.locator("select[name=action]").focus()
    page.keyboard.type("Delete")
    page.locator("button[title='Run the selected action']").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Delete 3 contacts?").wait_for()
    page.get_by_role("button", name="Delete").focus()
    page.keyboard.press("Enter")
    page.get_by_text("3 contacts deleted.").wait_for()
    assert not acme.contacts.exists()
    page.get_by_role("link", name="Undo", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    page.get_by_text("3 contacts are as they were before.").first.wait_for()
    assert acme.contacts.count() == 3
    assert visitor.wrong == []


def test_the_page_of_a_long_one_moves_by_itself(
    visitor: Visitor, acme: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    page = visitor.page
    choose(visitor, "block")
    visitor.press("Block")
    page.get_by_text("Waiting for the worker").wait_for()
    bulk_changes.run_due()
    page.get_by_text("3 contacts changed.").wait_for()
    assert set(acme.contacts.values_list("status", flat=True)) == {"blocked"}
    assert visitor.wrong == []


def test_the_pages_fit_a_telephone_and_name_what_can_be_pressed(visitor: Visitor, acme: Workspace) -> None:
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    made = bulk_changes.start(
        Contact.objects.of(acme),
        "edit",
        "add_tags",
        workspace=acme,
        by=BY,
        claimed=True,
        what={"add_tags": ["x" * 64]},
        detail="x" * 64,
    )
    bulk_changes.work(made)
    touched = acme.contacts.get(email="ann@example.com")
    update(acme, touched.pk, clean({"lastName": "y" * 200}, needs_email=False), by=BY)
    for name in ("undo", "one"):
        visitor.go(reverse(f"admin:contacts_changes_{name}", args=[made.pk]))
        assert (visitor.fits(), visitor.nameless()) == (True, [])
    bulk_changes.start_undo(BulkChange.objects.get(pk=made.pk), by=BY)
    bulk_changes.run_due()
    for url in (reverse("admin:contacts_changes_one", args=[made.pk]), reverse("admin:contacts_changes")):
        visitor.go(url)
        assert (visitor.fits(), visitor.nameless()) == (True, [])
    assert visitor.wrong == []
