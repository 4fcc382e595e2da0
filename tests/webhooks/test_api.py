"""The documented calls of webhooks."""

import hashlib
import hmac
import logging
import threading
from typing import Any

import pytest

from fluenzr_site.api.models import KeptAnswer
from fluenzr_site.events.types import ALL
from fluenzr_site.webhooks import changes, deliver
from fluenzr_site.webhooks.models import Delivery, Webhook
from fluenzr_site.workspaces.changes import create_api_key, update_workspace
from tests.api.world import Api, Party
from tests.webhooks.receiver import CONTACTS, Call, Listener, Receiver

URL = "https://example.com/hooks/fluenzr"


def make(api: Api, **fields: Any) -> dict[str, Any]:
    answer = api.post("webhooks", {"url": URL, "events": ["contact.created"], **fields})
    assert answer.status == 201, answer.json
    made: dict[str, Any] = answer.data
    return made


# ------------------------------------------------------------------------------------------- the webhook itself


def test_what_is_made_tells_its_secret_and_nothing_does_later(api: Api):
    made = make(api, events=["email.sent", "contact.created", "email.sent"])
    secret = made.pop("secret")
    assert made.keys() == {"id", "url", "events", "status", "createdAt"}
    assert made["id"].startswith("whk_") and secret.startswith("whsec_")
    assert (made["url"], made["events"], made["status"]) == (URL, ["contact.created", "email.sent"], "active")
    assert api.get(f"webhooks/{made['id']}").data == made
    assert api.get("webhooks").data == [made]
    assert api.put(f"webhooks/{made['id']}", made).data == made
    assert secret not in str(list(Webhook.objects.values()))


def test_a_secret_of_ones_own_is_kept(api: Api):
    assert make(api, secret="correct-horse-battery")["secret"] == "correct-horse-battery"
    assert make(api, secret=None)["secret"].startswith("whsec_")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"events": ["contact.created"]}, "url"),
        ({"url": URL}, "events"),
        ({"url": None, "events": ["contact.created"]}, "url"),
        ({"url": 7, "events": ["contact.created"]}, "url"),
        ({"url": "ftp://example.com", "events": ["contact.created"]}, "url"),
        ({"url": "http://example.com/", "events": ["contact.created"]}, "url"),
        ({"url": "https://127.0.0.1/", "events": ["contact.created"]}, "url"),
        ({"url": "https://169.254.169.254/latest", "events": ["contact.created"]}, "url"),
        ({"url": "https://2130706433/", "events": ["contact.created"]}, "url"),
        ({"url": "https://localhost/", "events": ["contact.created"]}, "url"),
        ({"url": "https://u:p@example.com/", "events": ["contact.created"]}, "url"),
        ({"url": URL, "events": []}, "events"),
        ({"url": URL, "events": "contact.created"}, "events"),
        ({"url": URL, "events": ["contact.made"]}, "events.0"),
        ({"url": URL, "events": [None]}, "events.0"),
        ({"url": URL, "events": ["contact.created"], "secret": "short"}, "secret"),
        ({"url": URL, "events": ["contact.created"], "secret": "with spaces in it"}, "secret"),
        ({"url": URL, "events": ["contact.created"], "secret": 12345678}, "secret"),
    ],
)
def test_what_is_refused(api: Api, body: dict[str, Any], field: str):
    answer = api.post("webhooks", body)
    assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR")
    assert [name for name in answer.details if name.startswith(field.partition(".")[0])], answer.details
    assert Webhook.objects.count() == 0


def test_an_unknown_event_is_answered_with_those_that_there_are(api: Api):
    message = api.post("webhooks", {"url": URL, "events": ["contact.made"]}).message
    assert all(type_ in message for type_ in ALL)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"events": []}, f"Must have at least one of: {', '.join(ALL)}"),
        ({"secret": "short"}, "Must have at least 8 characters"),
        ({"secret": "with a space"}, "Must be printable ASCII characters without spaces"),
    ],
)
def test_a_refusal_says_what_is_wanted(api: Api, values: dict[str, Any], message: str):
    answer = api.post("webhooks", {"url": URL, "events": ["contact.created"], **values})
    assert (answer.status, answer.details) == (400, {next(iter(values)): [message]})


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_only_what_is_given_changes(api: Api, method: str):
    made = make(api)
    path = f"webhooks/{made['id']}"
    assert api.call(method, path, {"status": "disabled"}).data["status"] == "disabled"
    assert api.call(method, path, {"events": ["email.sent"]}).data["events"] == ["email.sent"]
    changed = api.call(method, path, {"url": "https://example.org/", "secret": "ignored-secret", "id": "whk_x"}).data
    assert (changed["url"], changed["status"], changed["id"]) == ("https://example.org/", "disabled", made["id"])
    assert api.call(method, path, {}).data == changed


@pytest.mark.parametrize(
    "body", [{"status": "failed"}, {"status": "gone"}, {"url": "http://10.0.0.1/"}, {"events": []}]
)
def test_a_bad_change_changes_nothing(api: Api, body: dict[str, Any]):
    made = make(api)
    assert api.put(f"webhooks/{made['id']}", body).status == 400
    assert api.get(f"webhooks/{made['id']}").data["status"] == "active"


def test_a_failed_one_can_be_put_back_as_it_was_read(api: Api):
    path = f"webhooks/{make(api)['id']}"
    Webhook.objects.update(status="failed")
    assert api.put(path, api.get(path).data).data["status"] == "failed"


def test_deleting(api: Api):
    made = make(api)
    assert api.delete(f"webhooks/{made['id']}").data == {"id": made["id"], "deleted": True}
    assert api.delete(f"webhooks/{made['id']}").status == 404
    assert api.get("webhooks").data == []


def test_the_list_is_paged_sorted_and_filtered(api: Api):
    urls = [f"https://example.com/{name}" for name in "bca"]
    made = [make(api, url=url)["id"] for url in urls]
    api.put(f"webhooks/{made[0]}", {"status": "disabled"})
    assert [row["id"] for row in api.get("webhooks").data] == made[::-1]
    assert [row["url"] for row in api.get("webhooks?sort=url").data] == sorted(urls)
    assert [row["id"] for row in api.get("webhooks?status=disabled").data] == made[:1]
    page = api.get("webhooks?perPage=2&sort=url")
    rest = api.get(f"webhooks?perPage=2&sort=url&cursor={page.meta['nextCursor']}")
    assert (page.meta["total"], len(page.data), [row["url"] for row in rest.data]) == (3, 2, [max(urls)])
    assert api.get("webhooks?status=x").status == 400


def test_a_workspace_has_so_many_at_most(api: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(changes, "MOST", 2)
    make(api), make(api)
    answer = api.post("webhooks", {"url": URL, "events": ["contact.created"]})
    assert (answer.status, answer.message) == (403, "A workspace has at most 2 webhooks")


def test_a_key_that_only_reads(owner: Party):
    made = make(owner.api)
    reader = Api(create_api_key(owner.workspace, name="reader", read_only=True)[1])
    assert reader.get(f"webhooks/{made['id']}/logs").status == 200
    for method, path in (("POST", ""), ("DELETE", "/x"), ("POST", "/x/test"), ("POST", "/x/rotate-secret")):
        assert reader.call(method, f"webhooks{path.replace('x', made['id'])}", {}).status == 403


def test_they_need_the_plan_of_the_api(owner: Party):
    update_workspace(owner.workspace, {"plan": "starter"})
    assert owner.api.get("webhooks").message == "API access requires Pro plan"


# ------------------------------------------------------------------------------------------------- secrets


def test_rotating_tells_a_new_secret_once(api: Api):
    made = make(api)
    rotated = api.post(f"webhooks/{made['id']}/rotate-secret").data
    assert rotated.pop("secret") not in (made.pop("secret"), "")
    assert rotated == made


def test_the_oldest_secret_stays_valid_for_all_of_its_overlap(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    path = f"webhooks/{webhook['id']}/rotate-secret"
    listener.api.post(path, {"overlapHours": 48})
    for body in ({}, {"overlapHours": 1}):
        again = listener.api.post(path, body)
        assert (again.status, again.error["code"]) == (409, "CONFLICT")
        assert "2030-01-09T10:00:00Z" in again.message and "overlapHours 0" in again.message
    listener.clock.shift(47 * 3600)
    listener.api.create("ann@b.co")
    listener.deliver()
    assert is_signed(receiver.calls[-1], webhook["secret"])
    listener.clock.shift(3600)
    second = listener.api.post(path, {"secret": "second-one", "overlapHours": 1})
    assert second.status == 200


def test_without_an_overlap_every_old_secret_ends_at_once(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    path = f"webhooks/{webhook['id']}/rotate-secret"
    listener.api.post(path)
    new = listener.api.post(path, {"overlapHours": 0}).data["secret"]
    listener.api.create("ann@b.co")
    listener.deliver()
    call = receiver.calls[-1]
    assert is_signed(call, new)
    assert call.headers["webhook-signature"].count("v1,") == 1


def is_signed(call: Call, secret: str) -> bool:
    """As the documents have it."""
    message = call.headers["x-fluenzr-timestamp"].encode() + b"." + call.body
    digest = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    return call.headers["x-fluenzr-signature"] == f"sha256={digest}"


@pytest.mark.parametrize("hours", [-1, 169, 1.5, "1", True, None])
def test_an_overlap_that_is_none(api: Api, hours: Any):
    answer = api.post(f"webhooks/{make(api)['id']}/rotate-secret", {"overlapHours": hours})
    assert (answer.status, list(answer.details)) == (400, ["overlapHours"])


def test_an_answer_that_is_given_again_tells_the_same_secret_and_none_is_kept_in_plain_text(api: Api):
    body = {"url": URL, "events": ["contact.created"]}
    first, again = (api.post("webhooks", body, Idempotency_Key="once") for _ in range(2))
    assert (first.json, first.status) == (again.json, again.status)
    assert again.headers["Idempotency-Replayed"] == "true"
    path = f"webhooks/{first.data['id']}/rotate-secret"
    rotated, told_again = (api.post(path, Idempotency_Key="rotate") for _ in range(2))
    assert rotated.json == told_again.json
    kept = b"".join(bytes(row) for row in KeptAnswer.objects.values_list("body", flat=True))
    assert first.data["secret"].encode() not in kept and rotated.data["secret"].encode() not in kept
    assert Webhook.objects.count() == 1


def test_a_refusal_is_kept_too(api: Api):
    answers = [api.post("webhooks", {"url": URL}, Idempotency_Key="once") for _ in range(2)]
    assert [answer.status for answer in answers] == [400, 400]
    assert answers[0].json == answers[1].json


def test_secrets_are_in_no_log_and_no_answer(listener: Listener, receiver: Receiver, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG):
        made = listener.listen()
        receiver.answers["/hook"] = 500
        listener.api.create("ann@b.co")
        listener.deliver()
        said = listener.api.get(f"webhooks/{made['id']}/logs").raw + listener.api.get("webhooks").raw
        said += listener.api.get(f"webhooks/{made['id']}").raw
    assert made["secret"].encode() not in said
    assert made["secret"] not in caplog.text


# ------------------------------------------------------------------------------------- tests, log, retry, replay


def test_a_test_is_sent_at_once_and_tells_how_it_went(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    entry = listener.api.post(f"webhooks/{webhook['id']}/test").data
    [call] = receiver.calls
    assert (call.event["type"], call.event["data"]["webhookId"]) == ("webhook.test", webhook["id"])
    assert (entry["eventId"], entry["eventType"], entry["status"]) == (call.id, "webhook.test", "delivered")
    assert (entry["statusCode"], entry["attempt"], entry["error"]) == (200, 1, None)
    assert listener.logs(webhook) == [entry]
    assert listener.wait(hours=1) == 0


def test_a_test_that_fails_is_not_tried_again(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    receiver.answers["/hook"] = 503
    entry = listener.api.post(f"webhooks/{webhook['id']}/test").data
    assert (entry["status"], entry["statusCode"], entry["error"]) == ("failed", 503, "answered 503")
    assert listener.wait(hours=1) == 0
    assert listener.status(webhook) == "active"


def test_a_disabled_one_can_be_tested(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    listener.api.put(f"webhooks/{webhook['id']}", {"status": "disabled"})
    assert listener.api.post(f"webhooks/{webhook['id']}/test").data["status"] == "delivered"
    assert listener.status(webhook) == "disabled"


def test_a_test_with_an_idempotency_key_is_sent_once(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    answers = [listener.api.post(f"webhooks/{webhook['id']}/test", Idempotency_Key="once") for _ in range(2)]
    assert answers[0].json == answers[1].json
    assert (answers[1].headers["Idempotency-Replayed"], len(receiver.calls)) == ("true", 1)


def test_a_test_that_was_cut_off_is_sent_by_a_worker(listener: Listener, receiver: Receiver, owner: Party):
    from fluenzr_site.events.recording import Actor

    webhook = listener.listen()
    changes.begin_test(Webhook.objects.get(), by=Actor("key", owner.row.pk))
    assert listener.logs(webhook)[0]["status"] == "pending"
    assert [listener.deliver(), listener.wait(seconds=61)] == [0, 1]
    assert [entry["status"] for entry in listener.logs(webhook)] == ["delivered"]


def test_where_many_tests_wait_a_worker_makes_the_next(
    listener: Listener, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    webhook = listener.listen()
    monkeypatch.setattr(deliver, "_tests", threading.BoundedSemaphore(1))
    with deliver._tests:
        assert listener.api.post(f"webhooks/{webhook['id']}/test").data["status"] == "pending"
    assert (len(receiver.calls), listener.deliver()) == (0, 1)
    assert [entry["status"] for entry in listener.logs(webhook)] == ["delivered"]


def test_the_log_is_filtered_and_paged(listener: Listener, receiver: Receiver):
    webhook, other = listener.listen(), listener.listen("/other")
    receiver.answers["/hook"] = lambda call: 400 if len(receiver.at("/hook")) == 1 else 200
    made = listener.api.create("ann@b.co")
    listener.deliver()
    listener.api.put(f"contacts/{made['id']}", {"firstName": "Ann"})
    listener.deliver()
    first, second = listener.logs(webhook)
    assert (first["status"], first["error"], second["status"]) == ("failed", "answered 400", "delivered")
    assert listener.logs(webhook, "&status=failed") == [first]
    assert listener.logs(webhook, "&eventType=contact.updated") == [second]
    assert listener.logs(webhook, f"&eventId={first['eventId']}") == [first]
    page = listener.api.get(f"webhooks/{webhook['id']}/logs?perPage=1")
    assert (page.data, page.meta["total"]) == ([second], 2)
    assert listener.api.get(f"webhooks/{webhook['id']}/logs?cursor={page.meta['nextCursor']}").data == [first]
    assert len(listener.logs(other)) == 2
    assert listener.api.get(f"webhooks/{webhook['id']}/logs?status=x").status == 400


def test_a_delivery_is_retried_by_hand_under_its_id(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    receiver.answers["/hook"] = 404
    listener.api.create("ann@b.co")
    listener.deliver()
    receiver.answers.clear()
    path = f"webhooks/{webhook['id']}/logs/{listener.logs(webhook)[0]['id']}/retry"
    asked = [listener.api.post(path).data for _ in range(2)]
    assert asked[0] == asked[1]
    assert (asked[0]["status"], asked[0]["statusCode"], asked[0]["attempt"]) == ("pending", None, 2)
    assert listener.deliver() == 1
    assert len({call.id for call in receiver.calls}) == 1
    assert [(e["id"], e["status"]) for e in listener.logs(webhook)][1] == (asked[0]["id"], "delivered")
    assert listener.api.post(f"webhooks/{webhook['id']}/logs/log_x/retry").message == "Log entry not found"


def test_a_period_is_replayed(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    listener.api.create("before@b.co")
    listener.clock.shift(3600)
    for name in ("ann", "bob"):
        made = listener.api.create(f"{name}@b.co")
        listener.api.put(f"contacts/{made['id']}", {"firstName": name})
    listener.deliver()
    first = {call.id: call.body for call in receiver.calls}
    receiver.calls.clear()
    body = {"from": "2030-01-07T11:00:00Z", "to": "2030-01-07T12:00:00+00:00", "events": ["contact.created"]}
    assert listener.api.post(f"webhooks/{webhook['id']}/replay", body).data == {"queued": 2}
    assert listener.api.post(f"webhooks/{webhook['id']}/replay", body).data == {"queued": 0}
    assert listener.deliver() == 2
    assert receiver.types == ["contact.created"] * 2
    assert all(first[call.id] == call.body for call in receiver.calls)
    assert [entry["attempt"] for entry in listener.logs(webhook)] == [1] * 7


def test_what_was_missed_while_disabled_is_replayed(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    path = f"webhooks/{webhook['id']}"
    listener.api.put(path, {"status": "disabled"})
    listener.api.create("missed@b.co")
    listener.deliver()
    listener.api.put(path, {"status": "active"})
    assert listener.deliver() == 0
    assert listener.api.post(f"{path}/replay", {"from": "2030-01-01"}).data == {"queued": 1}
    assert listener.deliver() == 1


def test_the_future_has_no_events(api: Api):
    assert api.post(f"webhooks/{make(api)['id']}/replay", {"from": "3337-07-01T09:28:10Z"}).data == {"queued": 0}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"from": 5}, "from"),
        ({"from": "0001-01-01T00:00:00+14:00"}, "from"),
        ({"from": "2030-01-02", "to": "2030-01-01"}, "to"),
        ({"from": "2030-01-01", "events": ["x"]}, "events.0"),
        ({"from": "2030-01-01", "events": []}, "events"),
    ],
)
def test_a_period_that_is_none(api: Api, body: dict[str, Any], field: str):
    answer = api.post(f"webhooks/{make(api)['id']}/replay", body)
    assert answer.status == 400
    assert any(name.startswith(field.partition(".")[0]) for name in answer.details)


def test_a_replay_is_bounded(listener: Listener, receiver: Receiver, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(changes, "MOST_REPLAYED", 2)
    webhook = listener.listen(events=CONTACTS)
    for name in "abc":
        listener.api.create(f"{name}@b.co")
    listener.deliver()
    answer = listener.api.post(f"webhooks/{webhook['id']}/replay", {"from": "2030-01-01"})
    assert (answer.status, list(answer.details)) == (400, ["from"])
    assert not Delivery.objects.filter(state="pending").exists()
