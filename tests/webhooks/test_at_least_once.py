"""Receivers of every kind at once, on real sockets, with the clock moved: what is tried when, and that none is lost."""

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.core import mail

from contacts.changes.erasure import erase
from fluenzr_site.core import clock as present
from fluenzr_site.events.recording import Actor
from fluenzr_site.webhooks import claiming, deliver, tell
from fluenzr_site.webhooks.models import Delivery, Webhook
from fluenzr_site.webhooks.sender import Sender
from fluenzr_site.workspaces.changes import add_member
from tests.webhooks.receiver import RESET, Call, Listener, Receiver, Say

Answering = int | Callable[[Call], Say]
SCHEDULE = [0, 1, 5, 30, 120]


@pytest.fixture
def over() -> Iterator[threading.Event]:
    """Until then a silent receiver says nothing."""
    end = threading.Event()
    yield end
    end.set()


@pytest.fixture
def zoo(over: threading.Event, monkeypatch: pytest.MonkeyPatch) -> dict[str, Answering]:
    """Receivers by path. Who is silent is waited for 0.2 seconds instead of 30."""
    monkeypatch.setattr(deliver, "Sender", partial(Sender, timeout=0.2))

    def silent(_: Call) -> Say:
        over.wait(30)
        return 200

    def hanging_up(_: Call) -> Say:
        raise ConnectionAbortedError

    statuses = {f"/{status}": status for status in (200, 204, 302, 307, 400, 404, 408, 429, 500, 503)}
    return statuses | {"/silent": silent, "/reset": RESET, "/hanging-up": hanging_up}


AT_ONCE = {"/200", "/204", "/400", "/404", "/408"}


def test_each_kind_is_tried_when_it_should_be(listener: Listener, receiver: Receiver, zoo: dict[str, Answering]):
    receiver.answers |= zoo
    webhooks = {path: listener.listen(path, ["contact.created"]) for path in zoo}
    listener.api.create("ann@b.co")
    tried, heard = defaultdict(list), Counter[str]()
    for minute in range(130):
        listener.deliver()
        now = Counter(call.path for call in receiver.calls)
        for path in now - heard:
            tried[path] += [minute] * (now - heard)[path]
        heard = now
        listener.clock.shift(60)
    assert tried == {path: SCHEDULE[:1] if path in AT_ONCE else SCHEDULE for path in zoo}
    # One event for all, under one id on every attempt.
    assert len({call.id for call in receiver.calls}) == 1
    states = dict(Delivery.objects.values_list("webhook_id", "state"))
    taken = {path for path, webhook in webhooks.items() if states[webhook["id"]] == "delivered"}
    assert taken == {"/200", "/204"} and Counter(states.values()) == {"delivered": 2, "failed": len(zoo) - 2}
    active = {path for path, webhook in webhooks.items() if listener.status(webhook) == "active"}
    assert active == AT_ONCE


def test_none_is_lost_on_a_receiver_that_recovers(listener: Listener, receiver: Receiver, zoo: dict[str, Answering]):
    for path, said in zoo.items():
        receiver.answers[path] = _bad_at_first(said, receiver)
        if path not in AT_ONCE:
            listener.listen(path, ["contact.created"])
    made = {listener.api.create(f"c{number}@b.co")["id"] for number in range(5)}
    for minutes in (0, 1, 4):
        listener.wait(minutes=minutes)
    for path in zoo.keys() - AT_ONCE:
        calls = Counter(call.event["data"]["contact"]["id"] for call in receiver.at(path))
        assert calls == dict.fromkeys(made, 3), path
        assert len({call.id for call in receiver.at(path)}) == 5
    assert set(Delivery.objects.values_list("state", "attempts")) == {("delivered", 3)}


def _bad_at_first(said: Answering, receiver: Receiver) -> Callable[[Call], Say]:
    """Twice for each event; then it takes it."""

    def answer(call: Call) -> Say:
        times = sum(each.body == call.body for each in receiver.at(call.path))
        if times > 2:
            return 200
        return said(call) if callable(said) else said

    return answer


def test_one_that_always_hangs_is_marked_failed_in_two_hours_and_told_of_once(
    listener: Listener,
    receiver: Receiver,
    over: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
    no_rate_limit: None,
):
    """Hundreds wait for it, of which it is asked for one each half minute; those that wait longest go first."""
    add_member(listener.workspace, User.objects.create_user("ann", "ann@team.co"), role="admin")
    # As it is with thirty seconds: the look between two attempts comes after KEEP_SECONDS.
    monkeypatch.setattr(deliver, "KEEP_SECONDS", 0)
    monkeypatch.setattr(deliver, "Sender", partial(Sender, timeout=0.02))

    def hang(_: Call) -> Say:
        listener.clock.shift(30)
        over.wait(30)
        return 200

    receiver.answers["/hook"] = hang
    webhook = listener.listen()
    listener.api.post("contacts/bulk", {"contacts": [{"email": f"c{number}@b.co"} for number in range(400)]})
    began = present.now()
    attempts = listener.deliver()
    assert listener.status(webhook) == "failed"
    minutes = (present.now() - began).total_seconds() / 60
    print(f"marked failed after {minutes:.0f} minutes and {attempts} attempts")
    assert 120 <= minutes <= 130
    assert (tell.tell_due(), tell.tell_due()) == (1, 0)
    for hours in (1, 24):
        listener.api.create(f"later{hours}@b.co")
        assert listener.wait(hours=hours) == 0
    assert (tell.tell_due(), [message.to for message in mail.outbox]) == (0, [["ann@team.co"]])
    assert Webhook.objects.get().lease == ""


def test_what_is_erased_while_it_waits_behind_a_slow_receiver_is_not_sent(
    listener: Listener, receiver: Receiver, over: threading.Event, monkeypatch: pytest.MonkeyPatch
):
    """However long ago it was read to be sent next."""
    monkeypatch.setattr(deliver, "KEEP_SECONDS", 0)
    receiver.answers["/hook"] = lambda _: 200 if over.wait(30) else 500
    listener.listen()
    listener.api.create("ann@b.co")
    bob = listener.api.create("bob@b.co")["id"]
    keep = claiming.keep

    def meanwhile(lease: str, webhook_ids: list[str], now: object) -> dict[str, Webhook]:
        if receiver.calls and not over.is_set():
            erase(listener.workspace, bob, by=Actor("user", "1"))
            over.set()
        return keep(lease, webhook_ids, now)  # type: ignore[arg-type]

    monkeypatch.setattr(claiming, "keep", meanwhile)
    listener.deliver()
    assert receiver.types == ["contact.created", "contact.deleted"]
    assert not [call for call in receiver.calls if b"bob@b.co" in call.body]
