"""A session that ends over a form: what was typed comes back after the login, and only there."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session

from contacts.changes.contacts import create
from contacts.cleaning import clean
from contacts.models import Contact
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.models import Membership, Workspace
from tests.browser.conftest import Visitor, make_admin, make_member, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADD = "/admin/contacts/contact/add/"
BACK = "What you had entered before is back."
KEPT = "sessionStorage.getItem('flzKept')"


@pytest.fixture
def user(acme: Workspace) -> User:
    member = make_member(acme)
    member.set_password("correct horse")
    member.save(update_fields=["password"])
    return member


def fill_in(page: Any) -> None:
    page.locator("#id_email").fill("ann@acme.co")
    page.locator("#id_notes").fill("one\ntwo")
    page.locator("#id_tracking_objection").check()


def log_in(page: Any, name: str = "mia") -> None:
    page.locator("#login-form").wait_for()
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill("correct horse")
    page.get_by_role("button", name="Log in").click()


def save(page: Any) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def lose_the_session(visitor: Visitor) -> None:
    visitor.go(ADD)
    fill_in(visitor.page)
    Session.objects.all().delete()
    save(visitor.page)


def test_what_was_typed_is_back_after_the_login_and_forgotten_once_saved(visitor: Visitor) -> None:
    page = visitor.page
    lose_the_session(visitor)
    log_in(page)
    page.get_by_role("status").filter(has_text=BACK).wait_for()
    assert page.locator("#id_email").input_value() == "ann@acme.co"
    assert page.locator("#id_notes").input_value() == "one\ntwo"
    assert page.locator("#id_tracking_objection").is_checked()
    save(page)
    page.get_by_text("was added successfully").wait_for()
    page.wait_for_load_state("load")
    assert Contact.objects.get().tracking_objection and page.evaluate(KEPT) is None
    visitor.go(ADD)
    assert page.locator("#id_email").input_value() == "" and page.get_by_text(BACK).count() == 0
    assert visitor.wrong == []


def test_it_can_be_dropped(visitor: Visitor) -> None:
    page = visitor.page
    lose_the_session(visitor)
    log_in(page)
    page.get_by_role("button", name="Drop it").press("Enter")
    page.get_by_text(BACK).wait_for(state="detached")
    assert page.locator("#id_email").input_value() == "" and page.evaluate(KEPT) is None
    assert not page.locator("#id_tracking_objection").is_checked()


def test_somebody_else_who_signs_in_there_sees_none_of_it(visitor: Visitor, acme: Workspace) -> None:
    page, ada = visitor.page, make_admin(acme)
    ada.set_password("correct horse")
    ada.save(update_fields=["password"])
    lose_the_session(visitor)
    log_in(page, "ada")
    page.locator("#id_email").wait_for()
    page.wait_for_load_state("load")
    assert page.evaluate(KEPT) is None and page.locator("#id_email").input_value() == ""


def test_others_changes_meanwhile_stay_after_a_login(visitor: Visitor, acme: Workspace) -> None:
    page = visitor.page
    ann = create(acme, clean({"email": "ann@acme.co"}, needs_email=True), by=Actor("command", "test"))
    visitor.go(f"/admin/contacts/contact/{ann}/change/")
    page.locator("#id_notes").fill("mine")
    Session.objects.all().delete()
    Contact.objects.update(status="blocked")
    save(page)
    log_in(page)
    page.get_by_role("status").filter(has_text=BACK).wait_for()
    save(page)
    page.get_by_text("was changed successfully").wait_for()
    assert Contact.objects.values_list("status", "notes").get() == ("blocked", "mine")


def test_no_secret_is_kept(visitor: Visitor, user: User) -> None:
    Membership.objects.filter(user=user).update(role="admin")
    page = visitor.page
    visitor.go("/admin/campaigns/emailaccount/add/")
    page.locator("#id_email").fill("us@acme.test")
    page.locator("#id_smtp_secret").fill("very secret")
    Session.objects.all().delete()
    save(page)
    page.locator("#login-form").wait_for()
    kept = page.evaluate(KEPT)
    assert "us@acme.test" in kept and "very secret" not in kept and "csrf" not in kept


def test_a_login_in_another_tab_spoils_no_open_form(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(ADD)
    fill_in(page)
    Session.objects.all().delete()
    other = page.context.new_page()
    other.goto(visitor.url + "/admin/")
    log_in(other)
    other.get_by_role("heading", name="Dashboard").first.wait_for()
    save(page)
    page.get_by_text("was added successfully").wait_for()
    assert Contact.objects.get().notes.split() == ["one", "two"]


def test_two_logins_open_lead_both_in(visitor: Visitor, user: User) -> None:
    page = visitor.page
    Session.objects.all().delete()
    page.goto(visitor.url + ADD)
    other = page.context.new_page()
    other.goto(visitor.url + "/admin/")
    log_in(other)
    other.get_by_role("heading", name="Dashboard").first.wait_for()
    log_in(page)
    page.locator("#id_email").wait_for()
    assert page.url.endswith(ADD)


def test_back_from_a_refused_form_the_text_is_still_there(visitor: Visitor, user: User) -> None:
    page = visitor.page
    visitor.go(ADD)
    fill_in(page)
    page.context.clear_cookies()
    sign_in(page.context, visitor.url, user)
    save(page)
    page.get_by_role("heading", name="You have signed in elsewhere meanwhile").wait_for()
    page.go_back()
    page.locator("#id_email").wait_for()
    page.wait_for_load_state("load")
    assert page.locator("#id_email").input_value() == "ann@acme.co"
    save(page)
    page.get_by_text("was added successfully").wait_for()
