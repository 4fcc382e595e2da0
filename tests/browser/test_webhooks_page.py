"""The pages of webhooks in a browser, by keyboard and on a phone: nothing refused, nothing cut off."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.urls import reverse

from fluenzr_site.events.recording import Actor
from fluenzr_site.webhooks import changes, deliver
from fluenzr_site.webhooks.models import Attempt, Webhook
from fluenzr_site.workspaces.models import Workspace
from tests.browser.conftest import DESK, PHONE, Visitor, make_admin, tab
from tests.webhooks.receiver import Receiver, receiving

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "admin:webhooks_webhook_changelist"
ADD = "admin:webhooks_webhook_add"
SIZES = {"desk": DESK, "phone": PHONE}
HOSTILE = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    with receiving() as running:
        yield running


@pytest.fixture
def user(acme: Workspace) -> User:
    return make_admin(acme)


@pytest.fixture(params=[("desk", "light"), ("desk", "dark"), ("phone", "light"), ("phone", "dark")], ids="-".join)
def visitor(request: pytest.FixtureRequest, chromium: Any, live_server: Any, user: User) -> Iterator[Visitor]:
    size, scheme = request.param
    with tab(chromium, live_server.url, user, viewport=SIZES[size], color_scheme=scheme) as visitor:
        visitor.page.on("dialog", lambda dialog: (visitor.wrong.append(dialog.message), dialog.dismiss()))
        yield visitor


def tab_to(visitor: Visitor, wanted: str) -> None:
    """Goes on with Tab until what fits the selector has the focus."""
    for _ in range(60):
        if visitor.page.locator(f":focus:is({wanted})").count():
            return
        visitor.page.keyboard.press("Tab")
    raise AssertionError(f"Not reached by keyboard: {wanted}")


def beside(work: Callable[[], Any]) -> Any:
    """In a thread of its own: in this one runs the browser's event loop."""

    def run() -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(run).result()


def worked(acme: Workspace, receiver: Receiver) -> Webhook:
    """A webhook with a long address, whose log has a test that arrived and one with a hostile answer."""
    url = receiver.url(f"/{'long' * 40}")
    webhook, _ = changes.create(acme, url=url, events=["contact.created"])
    for _ in range(2):
        begun = changes.begin_test(webhook, by=Actor("user", "1"))
        beside(partial(deliver.send_test, begun))
    Attempt.objects.filter(pk=Attempt.objects.order_by("-id")[0].pk).update(
        status="failed", status_code=None, answer=HOSTILE, error="its host name leads nowhere"
    )
    return webhook


def test_a_webhook_is_made_tested_and_its_log_read_by_keyboard(
    visitor: Visitor, acme: Workspace, receiver: Receiver
) -> None:
    page, keyboard = visitor.page, visitor.page.keyboard
    visitor.go(reverse(ADD))
    page.locator("[name=url]").focus()
    keyboard.type(receiver.url())
    tab_to(visitor, "[data-tick=events]")
    keyboard.press("Enter")
    tab_to(visitor, "[value='email.opened']")
    keyboard.press("Space")
    assert visitor.fits()
    tab_to(visitor, "[name=own_secret]")
    keyboard.press("Enter")
    secret = page.get_by_label("Secret", exact=True)
    secret.wait_for()
    webhook = Webhook.objects.of(acme).get()
    assert secret.input_value().startswith("whsec_")
    assert (len(webhook.events), "email.opened" in webhook.events) == (12, False)
    assert visitor.fits()
    tab_to(visitor, "[data-copy=secret]")
    keyboard.press("Enter")
    page.get_by_role("button", name="Copied", exact=True).wait_for()
    page.get_by_role("link", name="Done: to the webhook").press("Enter")
    page.get_by_role("button", name="Send a test").press("Enter")
    page.get_by_role("heading", name="It works").wait_for()
    assert receiver.types == ["webhook.test"]
    assert visitor.fits()
    page.get_by_role("link", name="Back to the webhook").press("Enter")
    page.get_by_role("link", name="The whole log").press("Enter")
    page.get_by_role("link", name="webhook.test").press("Enter")
    page.get_by_role("heading", name="What is sent").wait_for()
    assert page.locator("pre").first.inner_text().encode() == receiver.calls[0].body
    assert visitor.fits()
    assert visitor.wrong == []


def test_every_page_fits_and_is_named(visitor: Visitor, acme: Workspace, receiver: Receiver) -> None:
    webhook = worked(acme, receiver)
    Webhook.objects.update(status="failed", failures=20)
    paths = [reverse(LIST), reverse(ADD), reverse("admin:index")]
    pages = ("change", "delete", "rotate", "replay", "log")
    paths += [reverse(f"admin:webhooks_webhook_{page}", args=[webhook.pk]) for page in pages]
    paths += [reverse("admin:webhooks_webhook_entry", args=[webhook.pk, entry.pk]) for entry in Attempt.objects.all()]
    for path in paths:
        visitor.go(path)
        assert visitor.fits(), path
        assert visitor.nameless() == [], path
    assert visitor.wrong == []


def test_a_secret_is_rotated_and_a_delivery_sent_again(visitor: Visitor, acme: Workspace, receiver: Receiver) -> None:
    webhook, page = worked(acme, receiver), visitor.page
    visitor.go(reverse("admin:webhooks_webhook_change", args=[webhook.pk]))
    page.get_by_role("link", name="Rotate the secret").click()
    visitor.press("Rotate the secret")
    page.get_by_text("the old secret is valid too").wait_for()
    assert visitor.fits()
    page.get_by_role("link", name="Done: to the webhook").click()
    page.get_by_role("link", name="webhook.test").first.click()
    page.get_by_text(HOSTILE).wait_for()
    visitor.press("Send it again")
    page.get_by_text("It is sent once more in a moment.").wait_for()
    assert visitor.fits()
    assert beside(deliver.deliver_due) == 1
    page.get_by_role("link", name="Look again").click()
    page.get_by_text("It was delivered.").wait_for()
    assert visitor.wrong == []
