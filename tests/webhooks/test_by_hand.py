"""What a person asks for, of a webhook that is off: a retry, a test."""

from fluenzr_site.webhooks.models import Delivery
from tests.webhooks.receiver import Listener, Receiver


def test_a_retry_of_a_disabled_one_that_fails_leaves_nothing_to_come(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    path = f"webhooks/{webhook['id']}"
    receiver.answers["/hook"] = 404
    listener.api.create("ann@b.co")
    listener.deliver()
    listener.api.patch(path, {"status": "disabled"})
    receiver.answers["/hook"] = 503
    listener.api.post(f"{path}/logs/{listener.logs(webhook)[0]['id']}/retry")
    assert listener.deliver() == 1
    assert Delivery.objects.get().state == "failed"
    listener.api.patch(path, {"status": "active"})
    assert [listener.deliver(), listener.wait(hours=3)] == [0, 0]


def test_a_retry_of_an_active_one_that_fails_goes_on_as_usual(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    receiver.answers["/hook"] = 404
    listener.api.create("ann@b.co")
    listener.deliver()
    receiver.answers["/hook"] = 503
    listener.api.post(f"webhooks/{webhook['id']}/logs/{listener.logs(webhook)[0]['id']}/retry")
    assert [listener.deliver(), listener.wait(hours=3)] == [1, 1]


def test_a_test_that_arrives_leaves_a_failed_one_as_it_is(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    receiver.answers["/hook"] = 404
    for number in range(20):
        listener.api.create(f"c{number}@b.co")
    listener.deliver()
    assert listener.status(webhook) == "failed"
    receiver.answers.clear()
    assert listener.api.post(f"webhooks/{webhook['id']}/test").data["status"] == "delivered"
    assert listener.status(webhook) == "failed"
