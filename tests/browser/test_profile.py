"""A person's own page and menu in a browser: colours without a flash or a new page, zones, by mouse and keyboard."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.urls import reverse

from fluenzr_site.notices.models import Choices
from fluenzr_site.workspaces.changes import add_member
from fluenzr_site.workspaces.models import Profile, Workspace
from fluenzr_site.workspaces.profiles import update_profile
from tests.browser.conftest import Visitor, tab

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def ada(acme: Workspace) -> User:
    user = User.objects.create_user("ada", "ada@example.com", "right and long", is_staff=True)
    add_member(acme, user, role="admin")
    return user


@pytest.fixture
def visitor(chromium: Any, live_server: Any, ada: User) -> Iterator[Visitor]:
    with tab(chromium, live_server.url, ada, timezone_id="Asia/Tokyo", locale="en-GB") as visitor:
        yield visitor


def colours(visitor: Visitor) -> str:
    said = str(visitor.page.evaluate("document.documentElement.className")).split()
    return " ".join(each for each in said if each in ("light", "dark"))


def test_the_menu_changes_colours_in_place_and_for_good_by_keyboard(visitor: Visitor, ada: User) -> None:
    page = visitor.page
    visitor.go(reverse("admin:profile"))
    page.get_by_label("First name").fill("Half a na")
    page.locator(".flz-person summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    with page.expect_response("**/profile/quick/") as answered:
        page.keyboard.press("Enter")
    assert (answered.value.status, colours(visitor)) == (204, "dark")
    assert page.get_by_label("First name").input_value() == "Half a na"
    assert Profile.objects.get(user=ada).theme == "dark"
    visitor.go(reverse("admin:settings_home"))
    assert colours(visitor) == "dark"
    page.locator(".flz-person summary").click()
    with page.expect_response("**/profile/quick/"):
        page.get_by_role("button", name="Light", exact=True).click()
    assert colours(visitor) == "light"
    assert visitor.wrong == []


def test_what_the_server_says_outweighs_what_the_browser_kept(visitor: Visitor, ada: User) -> None:
    visitor.go(reverse("admin:profile"))
    visitor.page.evaluate("localStorage.setItem('adminTheme', '\"light\"')")
    update_profile(ada, {"theme": "dark"})
    visitor.go(reverse("admin:profile"))
    assert colours(visitor) == "dark"
    update_profile(ada, {"theme": "auto"})
    visitor.page.emulate_media(color_scheme="dark")
    visitor.go(reverse("admin:profile"))
    assert colours(visitor) == "dark"
    visitor.page.emulate_media(color_scheme="light")
    visitor.page.locator("html.light").wait_for()
    assert colours(visitor) == "light"


def test_the_zone_is_offered_and_taken_and_the_language_follows(visitor: Visitor, ada: User) -> None:
    page = visitor.page
    visitor.go(reverse("admin:index"))
    page.get_by_text("Your browser is in the time zone Asia/Tokyo").wait_for()
    visitor.press("Show mine")
    page.wait_for_load_state("load")
    assert Profile.objects.get(user=ada).timezone == "Asia/Tokyo"
    assert page.get_by_text("Your browser is in the time zone").count() == 0
    page.locator(".flz-person summary").click()
    page.get_by_text("Time zone: Asia/Tokyo").wait_for()
    visitor.press("Français")
    page.locator("html[lang=fr]").wait_for()
    assert Profile.objects.get(user=ada).language == "fr"
    assert visitor.wrong == []


def test_the_profile_is_filled_in_and_saved(visitor: Visitor, ada: User) -> None:
    page = visitor.page
    visitor.go(reverse("admin:profile"))
    password = page.get_by_label("Your password")
    assert password.is_hidden()
    page.get_by_label("E-mail address").fill("new@example.com")
    password.fill("right and long")
    page.get_by_role("button", name="Use Asia/Tokyo").click()
    assert page.get_by_label("Time zone").input_value() == "Asia/Tokyo"
    assert page.get_by_label("With the first lines").is_hidden()
    page.get_by_label("Replies").select_option("hourly")
    page.get_by_label("With the first lines").check()
    page.get_by_label("Weekly report").check()
    page.get_by_label("Dark").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    assert colours(visitor) == "dark"
    visitor.press("Save")
    page.get_by_text("Your profile is saved.").wait_for()
    ada.refresh_from_db()
    profile, choices = Profile.objects.get(user=ada), Choices.objects.get(membership__user=ada)
    assert (ada.email, profile.timezone, profile.theme) == ("new@example.com", "Asia/Tokyo", "dark")
    assert (choices.replies, choices.excerpts, choices.weekly, choices.trouble) == ("hourly", True, True, True)
    assert visitor.wrong == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_read_the_pages_on_any_screen(visitor: Visitor, ada: User, acme: Workspace, theme: str) -> None:
    update_profile(ada, {"theme": theme})
    for route in ("profile", "settings_home", "settings_privacy", "settings_plan", "workspaces_membership_add"):
        visitor.page.set_viewport_size({"width": 1280, "height": 850})
        visitor.go(reverse(f"admin:{route}"))
        found = Axe().run(visitor.page, context="#content", options=RULES).response["violations"]
        assert [(route, each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found] == []
        assert visitor.nameless() == []
        visitor.page.set_viewport_size({"width": 390, "height": 844})
        assert visitor.fits(), route
    assert visitor.wrong == []


def test_the_footer_is_shown_as_the_address_is_written(visitor: Visitor, ada: User, acme: Workspace) -> None:
    page = visitor.page
    visitor.go(reverse("admin:workspaces_workspace_change", args=[acme.pk]))
    page.get_by_text("Without a postal address").wait_for()
    page.get_by_label("Postal address").fill("Acme\n1 <b>Road</b>")
    assert page.locator("[data-address]").inner_text() == "Acme\n1 <b>Road</b>"
    page.get_by_label("Open tracking").select_option("off")
    assert page.get_by_text("This e-mail tells its sender").is_hidden()
    assert visitor.wrong == []
