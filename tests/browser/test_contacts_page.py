"""The contacts in a browser: views and columns by mouse and by keyboard, duplicates merged, on a telephone too."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from contacts.changes.contacts import create
from contacts.cleaning import clean
from contacts.models import Contact, ListChoice, PipelineStage, SavedView
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.changes import create_workspace
from fluenzr_site.workspaces.models import Workspace
from tests.browser.conftest import PHONE, Visitor, tab

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "/admin/contacts/contact/"


@pytest.fixture
def acme() -> Workspace:
    workspace = create_workspace("Acme")
    people: list[dict[str, Any]] = [
        {"email": "ann@acme.co", "firstName": "Ann", "lastName": "Lee", "company": "Acme", "tags": ["vip"]},
        {"email": "a.lee@acme.co", "firstName": "Ann", "lastName": "Lee", "phone": "0612345678"},
        {"email": "bob@else.co", "firstName": "<b>Bob</b>", "company": "A very long company name " * 8},
    ]
    for values in people:
        create(workspace, clean(values, needs_email=True), by=Actor("command", "test"))
    return workspace


@pytest.fixture
def caller(chromium: Any, live_server: Any, user: User) -> Iterator[Visitor]:
    """On a telephone, in the dark."""
    with tab(chromium, live_server.url, user, viewport=PHONE, color_scheme="dark") as visitor:
        yield visitor


def open_menu(visitor: Visitor, name: str) -> None:
    visitor.page.locator("summary").filter(has_text=name).first.click()


def test_filter_and_save_a_view_by_mouse(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(f"{LIST}?view=all")
    open_menu(visitor, "Filters")
    page.get_by_label("vip").check()
    visitor.press("Apply")
    page.get_by_role("link", name="Remove the filter tag: vip").wait_for()
    assert page.locator("#result_list tbody tr").count() == 1
    open_menu(visitor, "Save as a view")
    page.get_by_label("Name", exact=True).fill("Friends")
    visitor.press("Save the view")
    page.get_by_text("The view “Friends” is saved.").wait_for()
    assert page.get_by_role("link", name="Friends").get_attribute("aria-current") == "page"
    page.get_by_role("link", name="Clear all").click()
    page.get_by_role("link", name="Friends").click()
    page.get_by_role("link", name="Remove the filter tag: vip").wait_for()
    assert SavedView.objects.get().query == "tag=vip"
    assert visitor.wrong == [] and visitor.nameless() == []


def test_columns_are_chosen_and_ordered_by_keyboard(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(f"{LIST}?view=all")
    page.locator("summary").filter(has_text="Columns").focus()
    page.keyboard.press("Enter")
    phone = page.get_by_label("Phone", exact=True)
    phone.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Alt+ArrowUp")
    page.get_by_text("Phone is now number 8.").wait_for(state="attached")
    assert phone.evaluate("element => element === document.activeElement")
    page.get_by_role("button", name="Move phone up").press("Enter")
    page.get_by_role("button", name="Show these").press("Enter")
    page.locator("th.head-phone").wait_for()
    names = ["email", "company", "stage", "groups", "tags", "status", "phone", "created"]
    assert ListChoice.objects.get().columns == names
    page.keyboard.press("/")
    page.keyboard.type("bob")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Remove the filter search: bob").wait_for()
    assert page.locator("th.field-name").inner_text() == "<b>Bob</b>"
    assert visitor.wrong == []


def test_selecting_counts_and_leads_to_merging(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(f"{LIST}?view=all")
    page.get_by_label("Select Ann Lee").first.check()
    page.get_by_label("Select Ann Lee").last.check()
    page.get_by_text("2 of 3 selected").wait_for()
    page.locator("select[name=action]").select_option("merge")
    visitor.press("Run")
    page.get_by_role("heading", name="Choose what stays").wait_for()
    assert visitor.wrong == []


def test_duplicates_are_merged_and_taken_apart_by_keyboard(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(reverse("admin:contacts_duplicates"))
    page.get_by_role("button", name="Compare and merge…").press("Enter")
    page.get_by_role("heading", name="Choose what stays").wait_for()
    assert visitor.nameless() == []
    page.get_by_role("group", name="E-mail").get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Merge 2 contacts into one").press("Enter")
    page.get_by_text("2 contacts are now one.").wait_for()
    survivor = Contact.objects.get(last_name="Lee")
    assert (survivor.email, survivor.phone, survivor.company) == ("a.lee@acme.co", "0612345678", "Acme")
    page.get_by_role("link", name="Undo", exact=True).press("Enter")
    page.get_by_role("button", name="Undo the merge").press("Enter")
    page.get_by_text("1 contact is back.").wait_for()
    assert Contact.objects.count() == 3
    assert visitor.wrong == []


def test_a_contact_s_page(visitor: Visitor, acme: Workspace) -> None:
    page, ann = visitor.page, Contact.objects.get(email="ann@acme.co")
    visitor.go(f"{LIST}{ann.pk}/change/")
    page.get_by_label("Stage", exact=True).select_option("Qualified")
    page.get_by_text("Moved to Qualified.").wait_for()
    page.locator("#timeline").get_by_role("link", name="Pipeline").click()
    page.locator("#timeline [aria-current]").get_by_text("Pipeline").wait_for()
    assert page.locator(".flz-event").count() == 1
    open_menu(visitor, "More")
    page.get_by_role("button", name="Block: write no more").press("Enter")
    page.get_by_text("is blocked and not written to any more.").wait_for()
    assert visitor.wrong == []


def test_everything_fits_a_telephone(caller: Visitor) -> None:
    pages = [LIST + "?view=all", reverse("admin:contacts_duplicates")]
    two = Contact.objects.filter(last_name="Lee").order_by("pk")
    pages += [f"{reverse('admin:contacts_merge')}?ids={two[0].pk}&ids={two[1].pk}", f"{LIST}{two[0].pk}/change/"]
    for path in pages:
        caller.go(path)
        assert caller.fits(), path
        for menu in caller.page.locator("main summary:visible").all():
            menu.click()
            assert caller.fits(), path
            caller.page.keyboard.press("Escape")
    assert caller.wrong == []


def test_moving_on_the_page_keeps_what_is_being_written(visitor: Visitor) -> None:
    page, ann = visitor.page, Contact.objects.get(email="ann@acme.co")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    visitor.go(f"{LIST}{ann.pk}/change/")
    page.locator("#id_notes").press_sequentially("met in Lyon")
    stage = page.get_by_label("Stage", exact=True)
    stage.select_option("Qualified")
    page.get_by_text("Moved to Qualified.").wait_for()
    page.locator("#timeline").get_by_text("Moved from no stage to Qualified").wait_for()
    assert page.locator("#id_notes").input_value() == "met in Lyon" and asked == []
    # One that is refused is not shown as if it had been made.
    PipelineStage.objects.filter(name="Won").delete()
    stage.select_option("Won")
    page.get_by_text("That stage is gone.").wait_for()
    assert stage.locator("option:checked").inner_text() == "Qualified"
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was changed successfully").wait_for()
    ann.refresh_from_db()
    assert (ann.notes, ann.stage and ann.stage.name) == ("met in Lyon", "Qualified")
    assert visitor.wrong == [] and asked == []
