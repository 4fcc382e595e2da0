"""A receiver that asks for a rest (Retry-After on 429 and 503) gets it, whatever it was that it answered so."""

import threading

import pytest

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
