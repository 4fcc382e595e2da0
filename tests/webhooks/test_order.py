"""A contact's events arrive in the order in which they happened, however many are under way at once."""

import threading
import time
from collections import defaultdict

from fluenzr_site.webhooks.models import Delivery
from tests.webhooks.receiver import Call, Listener, Receiver, Say


def test_a_contact_s_events_arrive_in_order(listener: Listener, receiver: Receiver, no_rate_limit: None):
    listener.listen()
    contacts = [listener.api.create(f"c{number}@b.co")["id"] for number in range(20)]
    for step in range(5):
        for contact_id in contacts:
            listener.api.put(f"contacts/{contact_id}", {"firstName": f"Step {step}"})
    assert listener.deliver() == 120
    heard = defaultdict(list)
    for call in receiver.calls:
        contact = call.event["data"]["contact"]
        heard[contact["id"]].append(contact["firstName"])
    assert all(names == [None, *(f"Step {step}" for step in range(5))] for names in heard.values())


def test_events_of_one_contact_are_never_under_way_together(listener: Listener, receiver: Receiver):
    under_way: defaultdict[str, int] = defaultdict(int)
    most, lock = defaultdict(int), threading.Lock()

    def watch(call: Call) -> Say:
        subject = call.event["data"]["contact"]["id"]
        with lock:
            under_way[subject] += 1
            under_way["all"] += 1
            for name in (subject, "all"):
                most[name] = max(most[name], under_way[name])
        time.sleep(0.005)
        with lock:
            under_way[subject] -= 1
            under_way["all"] -= 1
        return 200

    receiver.answers["/hook"] = watch
    listener.listen()
    contacts = [listener.api.create(f"c{number}@b.co")["id"] for number in range(20)]
    for contact_id in contacts:
        listener.api.put(f"contacts/{contact_id}", {"firstName": "Ann"})
    assert listener.deliver() == 40
    assert most.pop("all") > 1
    assert set(most.values()) == {1}


def test_a_retry_is_held_back_for_nobody_and_holds_nobody_back(listener: Listener, receiver: Receiver):
    listener.listen()
    receiver.answers["/hook"] = lambda call: 500 if len(receiver.calls) == 1 else 200
    made = listener.api.create("ann@b.co")["id"]
    listener.deliver()
    listener.api.put(f"contacts/{made}", {"firstName": "Ann"})
    assert listener.deliver() == 1
    assert listener.wait(minutes=1) == 1
    assert receiver.types == ["contact.created", "contact.updated", "contact.created"]
    ids = [call.id for call in receiver.calls]
    assert sorted(set(ids)) == ids[:2]
    assert not Delivery.objects.filter(state="pending").exists()
