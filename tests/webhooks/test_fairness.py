"""One slow receiver holds one slot and harms nobody; who stops, dies or comes too late loses nothing."""

import base64
import hmac
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

import pytest

from fluenzr_site.core import clock as present
from fluenzr_site.core import heartbeat
from fluenzr_site.webhooks import claiming, deliver, fanout, forgetting, recording
from fluenzr_site.webhooks.answer import Answer
from fluenzr_site.webhooks.models import Attempt, Delivery, Webhook
from tests.webhooks.receiver import Call, Listener, Receiver, Say


@pytest.fixture
def hung(receiver: Receiver, listener: Listener) -> Iterator[threading.Event]:
    """Whoever calls /hung waits until the event is set."""
    end = threading.Event()

    def hang(_: Call) -> Say:
        end.wait(30)
        return 200

    receiver.answers["/hung"] = hang
    yield end
    end.set()
    deliver.stopping.clear()


def test_one_that_hangs_holds_one_slot_and_nine_healthy_ones_are_served(
    listener: Listener, receiver: Receiver, hung: threading.Event, no_rate_limit: None
):
    paths = [f"/healthy{number}" for number in range(9)]
    for path in ("/hung", *paths):
        listener.listen(path, ["contact.created"])
    rows = [{"email": f"c{number}@b.co"} for number in range(100)]
    began = time.monotonic()
    taken: defaultdict[str, list[float]] = defaultdict(list)

    def note(call: Call) -> Say:
        taken[call.path].append(time.monotonic() - began)
        if sum(len(times) for times in taken.values()) == 900:
            # What hangs is let go as soon as everybody else has theirs: else it would be never.
            at_the_end.append(len(receiver.at("/hung")))
            hung.set()
        return 200

    at_the_end: list[int] = []
    for path in paths:
        receiver.answers[path] = note
    listener.api.post("contacts/bulk", {"contacts": rows})
    assert listener.deliver() == 1000
    assert at_the_end == [1]
    assert all(len(times) == 100 for times in taken.values()) and len(taken) == 9
    times = sorted(moment for each in taken.values() for moment in each)
    print(f"healthy: p95 {times[int(len(times) * 0.95)]:.2f} s, last {times[-1]:.2f} s after the change")
    assert Delivery.objects.filter(state="delivered").count() == 1000


def test_a_run_shows_that_its_worker_is_alive(listener: Listener, receiver: Receiver):
    """However long it lasts, and though no other thread is there to say so."""
    listener.listen()
    listener.api.create("ann@b.co")
    listener.deliver()
    assert heartbeat.is_alive(deliver.WORKER, present.now())


def test_one_run_a_process(listener: Listener, receiver: Receiver, hung: threading.Event):
    listener.listen("/hung")
    listener.api.create("ann@b.co")
    answers: list[int] = []

    def again(call: Call) -> Say:
        answers.append(deliver._at_work.locked())
        return 200

    receiver.answers["/hung"] = again
    assert listener.deliver() == 1
    assert answers == [True] and not deliver._at_work.locked()


def test_a_stop_hands_back_what_takes_long(
    listener: Listener, receiver: Receiver, hung: threading.Event, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(deliver, "STOP_SECONDS", 0.1)
    webhook = listener.listen("/hung")

    def stop(_: Call) -> Say:
        deliver.stopping.set()
        hung.wait(30)
        return 200

    receiver.answers["/hung"] = stop
    listener.api.create("ann@b.co")
    assert listener.deliver() == 0
    held = Webhook.objects.get()
    assert (held.lease, held.leased_until, held.due_at) == ("", None, present.now())
    deliver.stopping.clear()
    hung.set()
    receiver.answers.clear()
    assert listener.deliver() == 1
    assert len({call.id for call in receiver.calls}) == 1
    assert [entry["status"] for entry in listener.logs(webhook)] == ["delivered"]


def test_what_a_dead_worker_held_is_sent_by_the_next(listener: Listener, receiver: Receiver):
    listener.listen()
    listener.api.create("ann@b.co")
    fanout.fan_out()
    assert len(claiming.claim("dead", present.now(), most=10)) == 1
    assert [listener.deliver(), listener.wait(seconds=30), listener.wait(seconds=1)] == [0, 0, 1]


def test_a_stale_worker_records_nothing(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    listener.api.create("ann@b.co")
    fanout.fan_out()
    [held] = claiming.claim("stale", present.now(), most=10)
    [due] = claiming.due_of(held, present.now(), most=10)
    listener.clock.shift(timedelta(seconds=31))
    assert listener.deliver() == 1
    late = recording.Result(held.pk, due.id, present.now(), Answer(500, "answered 500"), held.url)
    assert recording.record([late], lease="stale") == {}
    assert claiming.keep("stale", [held.pk], present.now()) == {}
    assert [entry["status"] for entry in listener.logs(webhook)] == ["delivered"]


def test_a_delivery_that_can_not_be_sent_stops_no_other(listener: Listener, receiver: Receiver):
    broken, whole = listener.listen("/broken"), listener.listen("/whole")
    Webhook.objects.filter(pk=broken["id"]).update(secret="v1.00000000.AAAA")
    listener.api.create("ann@b.co")
    assert listener.deliver() == 2
    [entry] = listener.logs(broken)
    assert (entry["status"], entry["error"]) == ("failed", "its secret can't be read: give it another")
    assert [entry["status"] for entry in listener.logs(whole)] == ["delivered"]


def standard(call: Call, secret: str) -> str:
    """The Standard Webhooks signature that this secret gives."""
    signed = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode() + call.body
    digest = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), signed, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"


def plain(call: Call, secret: str) -> str:
    signed = call.headers["x-fluenzr-timestamp"].encode() + b"." + call.body
    return f"sha256={hmac.digest(secret.encode(), signed, 'sha256').hex()}"


@pytest.mark.parametrize("hours", [24, 1])
def test_both_secrets_sign_until_the_overlap_is_over(listener: Listener, receiver: Receiver, hours: int):
    webhook = listener.listen()
    old = webhook["secret"]
    body = {} if hours == 24 else {"overlapHours": hours}
    new = listener.api.post(f"webhooks/{webhook['id']}/rotate-secret", body).data["secret"]

    def sent() -> Call:
        listener.api.create(f"c{len(receiver.calls)}@b.co")
        listener.deliver()
        return receiver.calls[-1]

    for _ in range(2):
        call = sent()
        assert call.headers["webhook-signature"].split() == [standard(call, new), standard(call, old)]
        assert call.headers["x-fluenzr-signature"] == plain(call, old)
        listener.clock.shift(timedelta(hours=hours, minutes=-1))
    listener.clock.shift(timedelta(minutes=2))
    call = sent()
    assert call.headers["webhook-signature"] == standard(call, new)
    assert call.headers["x-fluenzr-signature"] == plain(call, new)


def test_the_log_is_kept_for_so_long(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    receiver.answers["/hook"] = lambda call: 500 if len(receiver.calls) == 1 else 200
    listener.api.create("ann@b.co")
    listener.deliver()
    listener.wait(minutes=1)
    listener.clock.shift(timedelta(days=20))
    listener.api.create("bob@b.co")
    listener.deliver()
    assert forgetting.forget_old() == 0
    listener.clock.shift(timedelta(days=11))
    assert forgetting.forget_old() == 3
    assert (Attempt.objects.count(), Delivery.objects.count()) == (1, 1)
    assert listener.api.post(f"webhooks/{webhook['id']}/replay", {"from": "2030-01-01"}).data == {"queued": 2}


def test_forgetting_leaves_what_is_replayed(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    listener.api.create("ann@b.co")
    listener.deliver()
    listener.clock.shift(timedelta(days=31))
    listener.api.post(f"webhooks/{webhook['id']}/replay", {"from": "2030-01-01"})
    forgetting.forget_old()
    assert listener.deliver() == 1
    forgetting.forget_old()
    assert len(listener.logs(webhook)) == 1
