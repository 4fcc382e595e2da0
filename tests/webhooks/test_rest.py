"""A receiver that asks for a rest (Retry-After on 429 and 503) gets it, whatever it was that it answered so."""

import threading

import pytest

from fluenzr_site.events.recording import Actor
from fluenzr_site.webhooks import changes, deliver
from fluenzr_site.webhooks.models import Webhook
from tests.webhooks.receiver import Call, Listener, Receiver, Say

HOUR = {"Retry-After": "3600"}


@pytest.mark.parametrize("said", [429, 503])
def test_on_the_last_attempt_of_a_delivery(listener: Listener, receiver: Receiver, said: int):
    listener.listen()
    receiver.answers["/hook"] = 500
    listener.api.create("poor@b.co")
    listener.deliver()
    for minutes in (1, 4, 25):
        listener.wait(minutes=minutes)
    receiver.answers["/hook"] = 200
    listener.api.create("ann@b.co")
    listener.deliver()
    receiver.answers["/hook"] = lambda call: (said, HOUR)
    assert listener.wait(minutes=90) == 1
    receiver.answers["/hook"] = 200
    listener.api.create("bob@b.co")
    assert [listener.deliver(), listener.wait(minutes=59), listener.wait(minutes=1)] == [0, 0, 1]


def test_on_a_test(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    receiver.answers["/hook"] = (503, HOUR)
    assert listener.api.post(f"webhooks/{webhook['id']}/test").data["status"] == "failed"
    receiver.answers["/hook"] = 200
    listener.api.create("ann@b.co")
    assert [listener.deliver(), listener.wait(minutes=59), listener.wait(minutes=1)] == [0, 0, 1]


def test_of_two_that_are_answered_at_once_the_longer(listener: Listener, receiver: Receiver):
    """The shorter one is answered when both calls are there, and after the longer."""
    webhook = listener.listen()
    both, longer = threading.Barrier(2), threading.Event()

    def limited(call: Call) -> Say:
        email = call.event["data"]["contact"]["email"]
        if not email.startswith("limited"):
            return 200
        both.wait(30)
        if email.startswith("limited1"):
            longer.set()
            return (429, HOUR)
        longer.wait(30)
        return (429, {"Retry-After": "1"})

    receiver.answers["/hook"] = limited
    names = [*(f"c{number}" for number in range(8)), "limited1", "limited2"]
    listener.api.post("contacts/bulk", {"contacts": [{"email": f"{name}@b.co"} for name in names]})
    assert listener.deliver() == 10
    receiver.answers["/hook"] = 200
    listener.api.create("ann@b.co")
    assert [listener.wait(minutes=1), listener.wait(minutes=58)] == [0, 0]
    assert listener.wait(minutes=1) == 3
    assert [entry["statusCode"] for entry in listener.logs(webhook)].count(429) == 2


def test_a_new_receiver_begins_anew(listener: Listener, receiver: Receiver):
    """Neither the rest nor the failures nor the times of the old one are its own."""
    webhook = listener.listen("/old")
    receiver.answers["/old"] = 404
    for number in range(19):
        listener.api.create(f"c{number}@b.co")
    listener.deliver()
    receiver.answers["/old"] = (503, {"Retry-After": "86400"})
    listener.api.create("waits@b.co")
    listener.deliver()
    receiver.answers["/new"] = lambda call: 404 if len(receiver.at("/new")) == 1 else 200
    listener.api.patch(f"webhooks/{webhook['id']}", {"url": receiver.url("/new")})
    assert listener.deliver() == 1
    assert (receiver.at("/new")[0].event["data"]["contact"]["email"], listener.status(webhook)) == (
        "waits@b.co",
        "active",
    )
    listener.api.create("ann@b.co")
    assert (listener.deliver(), len(receiver.at("/new"))) == (1, 2)


def test_what_the_old_receiver_answers_late_binds_the_new_one_to_nothing(listener: Listener, receiver: Receiver):
    webhook = listener.listen("/old")
    receiver.answers["/old"] = 410
    begun = changes.begin_test(Webhook.objects.get(), by=Actor("user", "1"))
    # As who is about to send has read it.
    assert begun.webhook.url == receiver.url("/old")
    listener.api.patch(f"webhooks/{webhook['id']}", {"url": receiver.url("/new")})
    assert (deliver.send_test(begun).status_code, listener.status(webhook)) == (410, "active")
    assert (len(receiver.at("/old")), listener.wait(hours=1)) == (1, 0)


def test_the_same_address_given_again_changes_nothing(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    receiver.answers["/hook"] = (503, HOUR)
    listener.api.create("ann@b.co")
    listener.deliver()
    listener.api.put(f"webhooks/{webhook['id']}", listener.api.get(f"webhooks/{webhook['id']}").data)
    assert listener.wait(minutes=59) == 0


def test_a_retry_by_hand_waits_for_it(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    receiver.answers["/hook"] = lambda call: (503, HOUR) if len(receiver.calls) == 1 else 200
    listener.api.create("ann@b.co")
    listener.deliver()
    [entry] = listener.logs(webhook)
    asked = listener.api.post(f"webhooks/{webhook['id']}/logs/{entry['id']}/retry").data
    assert asked["status"] == "pending"
    assert [listener.deliver(), listener.wait(minutes=60)] == [0, 1]
