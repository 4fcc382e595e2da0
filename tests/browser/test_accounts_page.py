"""The pages of e-mail accounts in a browser, by keyboard and on a phone: nothing refused, nothing cut off."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from campaigns.changes import accounts
from campaigns.models import EmailAccount
from fluenzr_site.workspaces.models import Workspace
from tests.browser.conftest import DESK, PHONE, Visitor, make_admin, tab

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "admin:campaigns_emailaccount_changelist"
ADD = "admin:campaigns_emailaccount_add"
SIZES = {"desk": DESK, "phone": PHONE}


@pytest.fixture
def user(acme: Workspace) -> User:
    return make_admin(acme)


@pytest.fixture(params=[("desk", "light"), ("desk", "dark"), ("phone", "light")], ids="-".join)
def visitor(request: pytest.FixtureRequest, chromium: Any, live_server: Any, user: User) -> Iterator[Visitor]:
    size, scheme = request.param
    with tab(chromium, live_server.url, user, viewport=SIZES[size], color_scheme=scheme) as visitor:
        yield visitor


def typed(visitor: Visitor, values: dict[str, str]) -> None:
    """Goes from field to field with Tab, and types into those that are named."""
    page, left = visitor.page, dict(values)
    for _ in range(40):
        name = page.locator(":focus").get_attribute("name") or ""
        if name in left:
            page.keyboard.type(left.pop(name))
        if not left:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Not reached by keyboard: {', '.join(left)}")


def test_an_account_is_added_by_keyboard(visitor: Visitor, acme: Workspace) -> None:
    page = visitor.page
    visitor.go(reverse(ADD))
    page.locator("[name=email]").focus()
    values = {"email": "sam@sender.test", "name": "Sam", "smtp_host": "127.0.0.1"}
    typed(visitor, values | {"smtp_username": "sam", "smtp_secret": "hush"})
    page.keyboard.press("Enter")
    page.get_by_text("sam@sender.test is added").wait_for()
    account = EmailAccount.objects.of(acme).get()
    assert (account.email, account.smtp_username, accounts.secret(account, "smtp_password")) == (
        "sam@sender.test",
        "sam",
        "hush",
    )
    assert page.locator("[name=smtp_secret]").input_value() == ""
    assert "hush" not in page.content()
    assert visitor.fits()
    assert visitor.wrong == []


def test_an_account_is_tried_paused_and_resumed(visitor: Visitor, acme: Workspace) -> None:
    server = {"smtp_host": "127.0.0.1", "smtp_port": 9, "smtp_security": "none"}
    account = accounts.create(acme, {"email": "sam@sender.test", **server})
    page = visitor.page
    visitor.go(reverse(LIST))
    page.get_by_role("link", name="sam@sender.test").click()
    visitor.press("Try it")
    # No server is there, or none may be reached on this machine.
    page.get_by_role("heading", name="sam@sender.test doesn't work yet").wait_for()
    assert visitor.fits()
    page.get_by_role("link", name="Back to the account").click()
    visitor.press("Pause")
    page.get_by_text("sam@sender.test is paused").wait_for()
    assert EmailAccount.objects.get(pk=account.pk).state == "paused"
    visitor.press("Resume")
    page.get_by_text("sam@sender.test sends again").wait_for()
    assert visitor.wrong == []


def test_every_page_fits_and_is_named(visitor: Visitor, acme: Workspace) -> None:
    account = accounts.create(acme, {"email": f"{'long.' * 10}sam@sender.test", "smtp_host": "127.0.0.1"})
    EmailAccount.objects.filter(pk=account.pk).update(state="failing", last_error="535 5.7.8 Refused")
    paths = [reverse(LIST), reverse("admin:campaigns_message_changelist"), reverse("admin:index")]
    paths += [reverse(f"admin:campaigns_emailaccount_{page}", args=[account.pk]) for page in ("change", "delete")]
    for path in paths:
        visitor.go(path)
        assert visitor.fits(), path
        assert visitor.nameless() == [], path
    assert visitor.wrong == []


def test_a_button_that_is_not_set_up_can_not_be_pressed(visitor: Visitor, acme: Workspace, settings: Any) -> None:
    for name in ("GOOGLE", "MICROSOFT"):
        setattr(settings, f"FLUENZR_{name}_CLIENT_ID", "")
    visitor.go(reverse(LIST))
    for label in ("Connect Gmail", "Connect Microsoft"):
        assert visitor.page.get_by_role("button", name=label, exact=True).is_disabled()
    assert visitor.wrong == []
