"""What can be done from a webhook's page: a test, another secret, a replay; and what the dashboard says."""

import logging
import re
import threading
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fluenzr_site.core import clock as now
from fluenzr_site.core import heartbeat
from fluenzr_site.webhooks import changes, deliver, signing
from fluenzr_site.webhooks.models import Attempt, Webhook
from fluenzr_site.workspaces.changes import update_workspace
from tests.support.scripted import serving
from tests.webhooks.admin.support import errors, everywhere, newest, of, text
from tests.webhooks.receiver import Call, Listener, Receiver

REPLAY = {"start": "2030-01-07T00:00", "end": "", "events": ["contact.created"]}


# ------------------------------------------------------------------------------------------------- testing


def test_a_test_that_works(admin: Client, receiver: Receiver, hook: dict[str, Any]) -> None:
    page = admin.post(of(hook, "test"))
    [call] = receiver.calls
    assert (call.event["type"], call.event["data"]["webhookId"]) == ("webhook.test", hook["id"])
    assert "It works" in text(page)
    assert f"it answered 200 within {newest(hook).milliseconds} ms" in text(page)
    assert of(hook, "entry", newest(hook).pk) in page.text


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (302, "sends callers elsewhere"),
        (401, "wants a login"),
        (404, "knows no such path"),
        (405, "takes no POST"),
        (410, "so the webhook was switched off"),
        (500, "its own log says why"),
    ],
)
def test_a_test_that_is_refused(
    admin: Client, receiver: Receiver, hook: dict[str, Any], status: int, advice: str
) -> None:
    receiver.answers["/hook"] = status
    page = text(admin.post(of(hook, "test")))
    assert "It doesn't work yet" in page
    assert f"The receiver answered {status} within" in page
    assert advice in page
    assert ("off all the same" in page) == (status == 410)


def test_a_receiver_that_is_not_there(admin: Client, listener: Listener) -> None:
    with serving() as port:
        pass
    hook = listener.api.post("webhooks", {"url": f"http://127.0.0.1:{port}/", "events": ["email.sent"]}).data
    page = text(admin.post(of(hook, "test")))
    assert "It doesn't work yet" in page
    assert "ms: refused the connection" in page
    assert "Is the address right" in page


def test_where_many_tests_wait_the_page_says_so(
    admin: Client, listener: Listener, hook: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "_tests", threading.BoundedSemaphore(1))
    with deliver._tests:
        assert "The test is on its way" in text(admin.post(of(hook, "test")))
    assert (len(listener.receiver.calls), listener.deliver()) == (0, 1)
    assert newest(hook).status == "delivered"


# -------------------------------------------------------------------------------------------- another secret


def present_in(page: Any) -> str:
    """What the form sends back to say which secret it saw."""
    [said] = re.findall(r'name="present" value="(\w+)"', page.text)
    return str(said)


def rotate(admin: Client, hook: dict[str, Any], **values: Any) -> Any:
    present = present_in(admin.get(of(hook, "rotate")))
    return admin.post(of(hook, "rotate"), {"hours": "24", "own_secret": "", "present": present, **values})


def is_signed_with(call: Call, secret: str) -> bool:
    at = int(call.headers["webhook-timestamp"])
    expected = signing.headers(call.body, secrets=[secret], message_id=call.id, at=at)["webhook-signature"]
    return expected in call.headers["webhook-signature"].split()


def test_another_secret_is_shown_once(
    admin: Client, listener: Listener, hook: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        page = rotate(admin, hook)
        secret = page.context["secret"]
        assert (page.text.count(secret), hook["secret"] in page.text) == (1, False)
        assert "no-store" in page["Cache-Control"]
        assert "Until 01/08/2030 10 a.m. the old secret is valid too." in text(page)
        assert "until 01/08/2030 10 a.m. the one before is valid too" in text(admin.get(of(hook)))
        shown = everywhere(admin, hook)
    assert (secret in shown, hook["secret"] in shown, secret in caplog.text) == (False, False, False)
    listener.api.create("ann@b.co")
    listener.deliver()
    [call] = listener.receiver.calls
    assert is_signed_with(call, secret) and is_signed_with(call, hook["secret"])


def test_the_old_one_can_end_at_once(admin: Client, listener: Listener, hook: dict[str, Any]) -> None:
    page = rotate(admin, hook, hours="0", own_secret="correct-horse-battery")
    assert (page.context["secret"], "invalid from now on" in page.text) == ("correct-horse-battery", True)
    assert "valid too" not in admin.get(of(hook)).text
    listener.api.create("ann@b.co")
    listener.deliver()
    [call] = listener.receiver.calls
    assert is_signed_with(call, "correct-horse-battery") and not is_signed_with(call, hook["secret"])


def test_sent_twice_it_is_rotated_once(admin: Client, hook: dict[str, Any]) -> None:
    present = present_in(admin.get(of(hook, "rotate")))
    rotate(admin, hook, present=present)
    kept = Webhook.objects.get().secret
    again = rotate(admin, hook, present=present)
    assert again.headers["Location"] == of(hook)
    assert Webhook.objects.get().secret == kept
    assert "it was not rotated again" in text(admin.get(of(hook)))


@pytest.mark.parametrize("page", ["test", "replay"])
def test_without_the_plan_nothing_is_sent_and_it_says_why(
    admin: Client, listener: Listener, hook: dict[str, Any], page: str
) -> None:
    listener.api.create("ann@b.co")
    listener.deliver()
    receiver, was = listener.receiver, len(listener.receiver.calls)
    update_workspace(listener.workspace, {"plan": "free"})
    form = {"start": "2030-01-07T00:00", "end": "", "events": ["contact.created"]}
    assert admin.post(of(hook, page), form).headers["Location"] == of(hook)
    assert "has no API, which webhooks are part of: nothing is sent to them" in text(admin.get(of(hook)))
    update_workspace(listener.workspace, {"plan": "pro"})
    assert (listener.wait(hours=1), len(receiver.calls)) == (0, was)


def test_while_an_older_secret_is_valid_it_says_until_when(
    admin: Client, listener: Listener, hook: dict[str, Any]
) -> None:
    rotate(admin, hook)
    kept = Webhook.objects.get().secret
    page = rotate(admin, hook)
    assert errors(page) == {"hours"} and "valid until 01/08/2030 10 a.m." in text(page)
    assert Webhook.objects.get().secret == kept
    assert "invalid from now on" in rotate(admin, hook, hours="0").text


@pytest.mark.parametrize(
    ("values", "field"), [({"hours": "5000"}, "hours"), ({"hours": ""}, "hours"), ({"own_secret": "x y"}, "own_secret")]
)
def test_a_rotation_that_is_refused(admin: Client, hook: dict[str, Any], values: dict[str, Any], field: str) -> None:
    kept = Webhook.objects.get().secret
    assert errors(rotate(admin, hook, **values)) == {field}
    assert Webhook.objects.get().secret == kept


# ------------------------------------------------------------------------------------------------- replaying


def happened(listener: Listener) -> None:
    """Two contacts come, an hour apart, and are told."""
    for name in ("ann", "bob"):
        listener.api.create(f"{name}@b.co")
        listener.wait(hours=1)
    listener.receiver.calls.clear()


@pytest.mark.parametrize(
    ("values", "count", "said"),
    [
        ({}, 2, "2 events are sent once more."),
        ({"end": "2030-01-07T10:30"}, 1, "1 event is sent once more."),
        ({"start": "2030-01-07T10:30"}, 1, "1 event is sent once more."),
        ({"end": "2030-01-07T09:00"}, 0, "Nothing of that kind happened then"),
        ({"events": ["email.sent"]}, 0, "Nothing of that kind happened then"),
    ],
)
def test_a_period_is_replayed(
    admin: Client, listener: Listener, hook: dict[str, Any], values: dict[str, Any], count: int, said: str
) -> None:
    happened(listener)
    page = admin.post(of(hook, "replay"), REPLAY | values, follow=True)
    assert said in text(page)
    assert (listener.deliver(), listener.receiver.types) == (count, ["contact.created"] * count)


def test_the_form_offers_the_last_day_and_the_webhooks_events(admin: Client, hook: dict[str, Any]) -> None:
    page = admin.get(of(hook, "replay"))
    assert 'value="2030-01-06T10:00"' in page.text
    assert page.context["form"]["events"].value() == hook["events"]
    assert "In UTC." in page.text


def test_what_is_replayed_to_one_that_is_off_waits(admin: Client, listener: Listener, hook: dict[str, Any]) -> None:
    happened(listener)
    admin.post(of(hook, "off"))
    assert "what you replay waits until it is switched on" in text(admin.get(of(hook, "replay")))
    page = admin.post(of(hook, "replay"), REPLAY, follow=True)
    assert "They wait until the webhook is switched on." in text(page)
    assert listener.deliver() == 0
    admin.post(of(hook, "on"))
    assert listener.deliver() == 2


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"start": ""}, "start"),
        ({"start": "yesterday"}, "start"),
        ({"end": "2030-01-06T00:00"}, "end"),
        ({"events": []}, "events"),
    ],
)
def test_a_period_that_is_none(admin: Client, hook: dict[str, Any], values: dict[str, Any], field: str) -> None:
    assert errors(admin.post(of(hook, "replay"), REPLAY | values)) == {field}


def test_a_replay_is_bounded(
    admin: Client, listener: Listener, hook: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    happened(listener)
    monkeypatch.setattr(changes, "MOST_REPLAYED", 1)
    page = admin.post(of(hook, "replay"), REPLAY)
    assert (errors(page), "These are more than 1 events" in page.text) == ({"start"}, True)
    assert listener.deliver() == 0


# ------------------------------------------------------------------------------- the dashboard, the worker


def test_the_dashboard_names_those_that_stopped(admin: Client, member: Client, listener: Listener) -> None:
    hooks = [listener.listen(f"/hook{number}") for number in range(7)]
    dashboard = reverse("admin:index")
    title = "Webhooks that get no more events"
    assert title not in admin.get(dashboard).text
    Webhook.objects.exclude(pk=hooks[0]["id"]).update(status="failed")
    page = text(admin.get(dashboard))
    assert (title in page, "/hook6" in page, "/hook0" in page) == (True, True, False)
    assert "1 more webhook needs somebody." in page
    assert "/hook" not in member.get(dashboard).text


def test_one_that_somebody_switched_off_troubles_nobody(admin: Client, hook: dict[str, Any]) -> None:
    admin.post(of(hook, "test"))
    admin.post(of(hook, "off"))
    assert "get no more events" not in admin.get(reverse("admin:index")).text


def test_a_worker_that_is_not_at_work_is_told(admin: Client, hook: dict[str, Any]) -> None:
    assert "No worker was seen" in admin.get(of(hook)).text
    heartbeat.beat("webhooks", now.now())
    assert "No worker was seen" not in admin.get(of(hook)).text


def test_the_page_counts_what_is_still_to_be_sent(admin: Client, listener: Listener, hook: dict[str, Any]) -> None:
    listener.receiver.answers["/hook"] = 500
    for name in ("ann", "bob"):
        listener.api.create(f"{name}@b.co")
    listener.deliver()
    assert admin.get(of(hook)).context["state"].waiting == 2
    assert Attempt.objects.count() == 2
