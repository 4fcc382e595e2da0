"""A replay brings the events of a period, whether or not the fan-out has read them, and none twice."""

from typing import Any

from fluenzr_site.webhooks.models import Delivery
from tests.webhooks.receiver import Listener, Receiver

SINCE = {"from": "2030-01-07T00:00:00Z"}


def patched(listener: Listener, webhook: dict[str, Any], **values: Any) -> None:
    assert listener.api.patch(f"webhooks/{webhook['id']}", values).status == 200


def replayed(listener: Listener, webhook: dict[str, Any], **values: Any) -> int:
    return int(listener.api.post(f"webhooks/{webhook['id']}/replay", SINCE | values).data["queued"])


def test_what_happened_while_it_was_disabled_and_waits_for_another(listener: Listener, receiver: Receiver):
    """Nothing has been fanned out when the replay is asked for."""
    _, second = listener.listen("/a"), listener.listen("/b")
    patched(listener, second, status="disabled")
    listener.api.create("meanwhile@b.co")
    patched(listener, second, status="active")
    assert (replayed(listener, second), replayed(listener, second)) == (1, 0)
    assert listener.deliver() == 2
    assert [call.id for call in receiver.at("/a")] == [call.id for call in receiver.at("/b")]


def test_of_one_that_is_still_disabled(listener: Listener, receiver: Receiver):
    _, second = listener.listen("/a"), listener.listen("/b")
    patched(listener, second, status="disabled")
    listener.api.create("meanwhile@b.co")
    assert replayed(listener, second) == 1
    assert (listener.deliver(), len(receiver.at("/b"))) == (1, 0)
    patched(listener, second, status="active")
    assert (listener.deliver(), len(receiver.at("/b"))) == (1, 1)


def test_of_one_that_was_made_later(listener: Listener, receiver: Receiver):
    listener.listen("/a")
    listener.api.create("before@b.co")
    newcomer = listener.listen("/b")
    listener.api.create("after@b.co")
    assert replayed(listener, newcomer) == 1
    assert listener.deliver() == 4
    emails = {call.event["data"]["contact"]["email"] for call in receiver.at("/b")}
    assert (len(receiver.at("/b")), emails) == (2, {"before@b.co", "after@b.co"})


def test_of_a_type_that_it_did_not_ask_for(listener: Listener, receiver: Receiver):
    webhook = listener.listen(events=["contact.deleted"])
    listener.api.create("ann@b.co")
    assert replayed(listener, webhook, events=["contact.created"]) == 1
    assert (listener.deliver(), receiver.types) == (1, ["contact.created"])


def test_what_the_fan_out_brings_anyway_is_passed_over(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    listener.api.create("ann@b.co")
    assert replayed(listener, webhook) == 0
    assert (listener.deliver(), len(receiver.calls)) == (1, 1)


def test_a_type_that_it_asks_for_after_the_replay(listener: Listener, receiver: Receiver):
    """The fan-out comes upon a delivery that there is already, and goes on."""
    webhook = listener.listen(events=["contact.deleted"])
    listener.api.create("ann@b.co")
    assert replayed(listener, webhook, events=["contact.created"]) == 1
    patched(listener, webhook, events=["contact.created"])
    listener.api.create("bob@b.co")
    assert (listener.deliver(), len({call.id for call in receiver.calls})) == (2, 2)
    assert Delivery.objects.filter(state="delivered").count() == 2


def test_what_waited_to_be_fanned_out_when_it_was_switched_off(listener: Listener, receiver: Receiver):
    """It isn't told of it any more, and a replay brings it."""
    webhook = listener.listen()
    listener.api.create("ann@b.co")
    patched(listener, webhook, status="disabled")
    patched(listener, webhook, status="active")
    assert listener.deliver() == 0
    assert (replayed(listener, webhook), listener.deliver()) == (1, 1)
