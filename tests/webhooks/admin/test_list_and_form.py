"""The list of webhooks, and the form that makes and changes one."""

import logging
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fluenzr_site.events.types import ALL
from fluenzr_site.webhooks import changes, signing
from fluenzr_site.webhooks.models import Attempt, Delivery, Webhook
from fluenzr_site.workspaces.changes import update_workspace
from tests.api.world import Party
from tests.webhooks.admin.support import ADD, LIST, NEW, URL, errors, everywhere, of, text
from tests.webhooks.receiver import Listener, Receiver

PAGES = ["change", "delete", "on", "off", "test", "rotate", "replay", "log"]


def made(client: Client, **values: Any) -> tuple[dict[str, Any], Any]:
    """A new webhook of the form, and the page that answers."""
    page = client.post(reverse(ADD), NEW | values)
    assert page.status_code == 200, page
    return {"id": page.context["webhook"].pk}, page


# ------------------------------------------------------------------------------------------------- rights


def test_they_are_for_administrators(member: Client, hook: dict[str, Any]) -> None:
    paths = [reverse(LIST), reverse(ADD), *(of(hook, page) for page in PAGES), of(hook, "entry", "log_x")]
    for path in paths:
        assert member.get(path).status_code == 403, path
        assert member.post(path, {"post": "yes"}).status_code == 403, path
    assert reverse(LIST) not in member.get(reverse("admin:index")).text
    assert Webhook.objects.get().status == "active"


def test_a_strangers_webhook_is_not_there(outsider: Client, listener: Listener, hook: dict[str, Any]) -> None:
    listener.api.create("ann@b.co")
    listener.deliver()
    entry = Attempt.objects.get().pk
    paths = [*(of(hook, page) for page in PAGES), of(hook, "entry", entry), of(hook, "retry", entry)]
    for path in paths:
        assert outsider.get(path).status_code == 404, path
        assert outsider.post(path, {"post": "yes", **NEW}).status_code in (404, 405), path
    assert "127.0.0.1" not in outsider.get(reverse(LIST)).text
    assert (Webhook.objects.get().status, Attempt.objects.count()) == ("active", 1)


def test_an_entry_belongs_to_its_webhook(admin: Client, listener: Listener, hook: dict[str, Any]) -> None:
    listener.api.create("ann@b.co")
    listener.deliver()
    other = listener.listen("/other")
    assert admin.get(of(other, "entry", Attempt.objects.get().pk)).status_code == 404
    assert admin.post(of(other, "retry", Attempt.objects.get().pk)).status_code == 404


@pytest.mark.parametrize("page", ["on", "off", "test"])
def test_opened_as_a_page_a_button_does_nothing(admin: Client, hook: dict[str, Any], page: str) -> None:
    assert admin.get(of(hook, page)).headers["Location"] == of(hook)
    assert (Webhook.objects.get().status, Attempt.objects.count()) == ("active", 0)


# ----------------------------------------------------------------------------------------------- the list


def test_an_empty_list_says_what_webhooks_are_for(admin: Client) -> None:
    page = text(admin.get(reverse(LIST)))
    assert "A webhook tells a program of yours as soon as something happens" in page
    assert reverse(ADD) in page and "Add webhook" in page


def test_the_list_tells_how_each_does(admin: Client, listener: Listener, hook: dict[str, Any]) -> None:
    listener.listen("/all", list(ALL))
    listener.api.create("ann@b.co")
    listener.deliver()
    page = text(admin.get(reverse(LIST)))
    for said in (listener.receiver.url("/hook"), "Active", "3 events", "All events", "just now"):
        assert said in page


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"status": "failed"}, "mend the receiver, send a test, then switch the webhook on again"),
        ({"status": "disabled"}, "It is switched off"),
        ({"failures": 3}, "The last 3 deliveries were given up"),
        ({"rests_until": "2030-01-07T10:05:00Z"}, "until 01/07/2030 10:05 a.m. nothing is sent"),
    ],
)
def test_trouble_says_what_to_do(admin: Client, hook: dict[str, Any], values: dict[str, Any], said: str) -> None:
    for url in (reverse(LIST), of(hook)):
        assert said not in text(admin.get(url))
    Webhook.objects.update(**values)
    for url in (reverse(LIST), of(hook)):
        assert said in text(admin.get(url))


def test_a_rest_that_is_over_is_not_told(admin: Client, hook: dict[str, Any]) -> None:
    Webhook.objects.update(rests_until="2030-01-07T09:59:00Z")
    assert "Retry-After" not in admin.get(reverse(LIST)).text


def test_one_whose_receiver_is_gone(admin: Client, listener: Listener, receiver: Receiver) -> None:
    hook = listener.listen()
    receiver.answers["/hook"] = 410
    listener.api.create("ann@b.co")
    listener.deliver()
    for url in (reverse(LIST), of(hook), reverse("admin:index")):
        assert "it is gone for good (410)" in text(admin.get(url))


def test_a_plan_without_the_api_is_told(admin: Client, owner: Party, hook: dict[str, Any]) -> None:
    for url in (reverse(LIST), of(hook)):
        assert "has no API" not in admin.get(url).text
    update_workspace(owner.workspace, {"plan": "starter"})
    for url in (reverse(LIST), of(hook)):
        assert "has no API" in admin.get(url).text


def test_many_cost_as_many_queries_as_one(
    admin: Client, listener: Listener, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        listener.listen(f"/{number}")
    Webhook.objects.update(status="disabled")
    with django_assert_max_num_queries(10):
        admin.get(reverse(LIST))


def test_the_list_is_searched(admin: Client, listener: Listener) -> None:
    listener.listen("/one"), listener.listen("/two")
    page = admin.get(reverse(LIST), {"q": "/two"}).text
    assert ("/one" in page, "/two" in page) == (False, True)


# ----------------------------------------------------------------------------------------------- making one


def test_the_secret_is_shown_once_and_never_again(
    admin: Client, owner: Party, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        hook, page = made(admin)
        secret = page.context["secret"]
        assert secret.startswith("whsec_")
        assert (page.text.count(secret), "no-store" in page["Cache-Control"]) == (1, True)
        assert secret not in everywhere(admin, hook)
    assert secret not in caplog.text
    webhook = Webhook.objects.of(owner.workspace).get()
    assert (webhook.url, webhook.events, webhook.status) == (URL, ["contact.created", "email.replied"], "active")


def test_a_secret_of_ones_own(admin: Client, listener: Listener, receiver: Receiver) -> None:
    hook, page = made(admin, url=receiver.url(), own_secret="correct-horse-battery")
    assert page.text.count("correct-horse-battery") == 1
    assert "correct-horse-battery" not in everywhere(admin, hook)
    listener.api.create("ann@b.co")
    listener.deliver()
    [call] = receiver.calls
    at = int(call.headers["x-fluenzr-timestamp"])
    expected = signing.headers(call.body, secrets=["correct-horse-battery"], message_id=call.id, at=at)
    assert call.headers["x-fluenzr-signature"] == expected["X-FluenzR-Signature"]


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"url": ""}, "url", "This field is required."),
        ({"url": "ftp://example.com/"}, "url", "The URL must begin with https://."),
        ({"url": "https://127.0.0.1/"}, "url", "127.0.0.1 is a private address."),
        ({"url": "https://u:p@example.com/"}, "url", "must not hold a user name"),
        ({"url": f"https://example.com/{'x' * 2048}"}, "url", "at most 2048 characters"),
        ({"events": []}, "events", "Choose at least one event."),
        ({"events": ["contact.made"]}, "events", "contact.made is not one of the available choices"),
        ({"own_secret": "short"}, "own_secret", "at least 8 characters"),
        ({"own_secret": "with spaces in it"}, "own_secret", "without spaces"),
        ({"own_secret": "x" * 256}, "own_secret", "at most 255 characters"),
    ],
)
def test_what_is_refused_is_said_at_the_field(admin: Client, values: dict[str, Any], field: str, said: str) -> None:
    page = admin.post(reverse(ADD), NEW | values)
    assert errors(page) == {field}
    assert said in text(page)
    assert Webhook.objects.count() == 0


def test_a_workspace_has_so_many_at_most(admin: Client, hook: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MOST", 1)
    page = admin.post(reverse(ADD), NEW)
    assert "A workspace has at most 1 webhooks." in text(page)
    assert Webhook.objects.count() == 1


# ------------------------------------------------------------------------------------- changing and deleting


def test_the_address_and_the_events_are_changed(admin: Client, hook: dict[str, Any]) -> None:
    page = admin.get(of(hook))
    assert page.context["adminform"].form.initial["events"] == hook["events"]
    assert "own_secret" not in page.text
    answer = admin.post(of(hook), {"url": URL, "events": ["email.sent"]})
    assert answer.headers["Location"] == of(hook)
    webhook = Webhook.objects.get()
    assert (webhook.url, webhook.events, webhook.status) == (URL, ["email.sent"], "active")


def test_a_bad_change_changes_nothing(admin: Client, hook: dict[str, Any]) -> None:
    page = admin.post(of(hook), {"url": "https://10.0.0.1/", "events": ["email.sent"]})
    assert errors(page) == {"url"}
    assert Webhook.objects.get().url == hook["url"]


@pytest.mark.parametrize("status", ["failed", "disabled"])
def test_it_is_switched_on_and_off(admin: Client, listener: Listener, hook: dict[str, Any], status: str) -> None:
    Webhook.objects.update(status=status, failures=20)
    assert "Switch on" in admin.get(of(hook)).text
    listener.api.create("missed@b.co")
    admin.post(of(hook, "on"))
    webhook = Webhook.objects.get()
    assert (webhook.status, webhook.failures, "Switch off" in admin.get(of(hook)).text) == ("active", 0, True)
    listener.api.create("ann@b.co")
    assert listener.deliver() == 1
    admin.post(of(hook, "off"))
    listener.api.create("bob@b.co")
    assert (Webhook.objects.get().status, listener.deliver()) == ("disabled", 0)


def test_deleting_says_what_goes_with_it(admin: Client, listener: Listener, receiver: Receiver) -> None:
    hook, kept = listener.listen(), listener.listen("/kept")
    receiver.answers["/hook"] = 500
    for name in ("ann", "bob"):
        listener.api.create(f"{name}@b.co")
    listener.deliver()
    question = admin.get(of(hook, "delete")).context["question"]
    assert question == (
        f"Delete the webhook to {hook['url']}? 2 entries of its log go with it. 2 events aren't sent any more."
    )
    admin.post(of(hook, "delete"), {"post": "yes"})
    assert [webhook.pk for webhook in Webhook.objects.all()] == [kept["id"]]
    assert {row.webhook_id for row in Attempt.objects.all()} == {kept["id"]}
    assert {row.webhook_id for row in Delivery.objects.all()} == {kept["id"]}
