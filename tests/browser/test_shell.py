"""The shell in a browser: by keyboard alone, and on a telephone."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from fluenzr_site.workspaces.changes import add_member, create_workspace
from tests.browser.conftest import REFUSALS, Visitor, make_admin, tab

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FOCUSED = "() => document.activeElement.textContent.trim() || document.activeElement.getAttribute('aria-label')"


@pytest.fixture
def visitor(chromium: Any, live_server: Any) -> Iterator[Visitor]:
    user = make_admin(create_workspace("Acme"))
    add_member(create_workspace("Zebra"), user, role="admin")
    with tab(chromium, live_server.url, user, reduced_motion="reduce") as visitor:
        visitor.page.add_init_script(REFUSALS)
        yield visitor
        assert (visitor.wrong, visitor.page.evaluate("refused")) == ([], [])


def test_pages_by_two_letters_and_none_while_typing(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(reverse("admin:index"))
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url(f"**{reverse('admin:contacts_contact_changelist')}")
    visitor.go(reverse("admin:contacts_group_add"))
    page.locator("[name=name]").focus()
    page.keyboard.type("g d ? /")
    assert page.locator("[name=name]").input_value() == "g d ? /"
    assert page.locator("#shortcuts").is_hidden()


def test_a_question_mark_shows_the_shortcuts(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(reverse("admin:index"))
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    dialog.wait_for()
    assert dialog.get_by_text("Pipeline").is_visible()
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")


def test_the_workspace_is_switched_by_keyboard(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(reverse("admin:contacts_group_changelist"))
    page.locator(".flz-workspace summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert page.get_by_role("button", name="Zebra").is_hidden()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{reverse('admin:index')}")
    assert page.locator(".flz-workspace strong").text_content() == "Zebra"


def test_the_menu_of_a_telephone_keeps_the_focus(visitor: Visitor) -> None:
    page = visitor.page
    page.set_viewport_size({"width": 390, "height": 844})
    visitor.go(reverse("admin:index"))
    button = page.get_by_role("button", name="Menu", exact=True)
    assert button.get_attribute("aria-expanded") == "false"
    button.click()
    assert page.evaluate(FOCUSED) == "Dashboard"
    for _ in range(20):
        page.keyboard.press("Tab")
        assert not page.evaluate("document.getElementById('main').contains(document.activeElement)")
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUSED) == "Menu"
    assert page.get_by_role("navigation", name="Main menu").is_hidden()


def test_the_menu_stays_as_it_was_left(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(reverse("admin:index"))
    page.get_by_role("button", name="Menu", exact=True).click()
    assert page.get_by_role("navigation", name="Main menu").is_hidden()
    visitor.go(reverse("admin:contacts_group_changelist"))
    assert page.get_by_role("navigation", name="Main menu").is_hidden()
    page.get_by_role("button", name="Menu", exact=True).press("Enter")
    page.get_by_role("navigation", name="Main menu").wait_for()
