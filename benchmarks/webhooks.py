"""Deliveries a second with everything that is recorded, beside the sender alone with the same bodies, in one run.

``benchmarks/webhooks.py [EVENTS]`` (5,000 deliveries a round), to a receiver in a process of its own, with one webhook
and with five, on SQLite in a temporary folder or on the empty database of ``DATABASE_URL``, which is migrated and
filled. The way is whole: outbox, fan-out, claim, body, signature, post, answer, log. Rounds alternate, and the medians
are told: machines are noisy.
"""

import asyncio
import sys
import time
from multiprocessing import Pipe, Process
from pathlib import Path

from rounds import LOOPBACK, own_site, tell

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.webhooks_sender import serve, through  # noqa: E402

ROUNDS = 3
WEBHOOKS = (1, 5)
PERSON = {"firstName": "Ann", "company": "Acme", "tags": ["fair", "spring"], "customFields": {"city": "Oslo"}}


def engine(url: str, count: int, webhooks: int) -> tuple[float, float, float, list[tuple[bytes, str]]]:
    """Deliveries a second: to be due, from there to the log, and both; and what was sent, as (body, event's id)."""
    from contacts.changes.contacts import Rules, save_many
    from contacts.cleaning import clean
    from fluenzr_site.events.models import Event
    from fluenzr_site.events.recording import Actor
    from fluenzr_site.webhooks import bodies, changes, deliver, fanout
    from fluenzr_site.webhooks.models import Delivery
    from fluenzr_site.workspaces.changes import create_workspace

    workspace = create_workspace("Benchmark")
    for number in range(webhooks):
        changes.create(workspace, url=f"{url}/{number}", events=["contact.created"])
    people = [{"email": f"c{number}@example.net", **PERSON} for number in range(count // webhooks)]
    by = Actor("command", "benchmark")
    for start in range(0, len(people), 1000):
        some = [clean(each, needs_email=True) for each in people[start : start + 1000]]
        save_many(workspace, some, rules=Rules(), by=by)
    began = time.perf_counter()
    while fanout.fan_out():
        pass
    told = time.perf_counter()
    deliver.deliver_due()
    ended = time.perf_counter()
    delivered = Delivery.objects.filter(webhook__workspace=workspace, state="delivered").count()
    if delivered != len(people) * webhooks:
        raise SystemExit(f"Only {delivered} were delivered")
    events = Event.objects.of(workspace).filter(type="contact.created").order_by("id")
    sent = [(bodies.body(each.pk, each.type, each.created_at, each.body), each.pk) for each in events]
    return delivered / (told - began), delivered / (ended - told), delivered / (ended - began), sent * webhooks


async def alone(url: str, sent: list[tuple[bytes, str]]) -> float:
    """The same bodies, signed and posted by the sender that the engine uses, with nothing else done."""
    from fluenzr_site.webhooks import signing
    from fluenzr_site.webhooks.sender import Sender

    secret = signing.new_secret()
    async with Sender() as sender:

        async def post(number: int) -> bool:
            body, event_id = sent[number]
            headers = signing.headers(body, secrets=[secret], message_id=event_id, at=int(time.time()))
            return (await sender.post(url, body, headers)).ok

        return await through(post, len(sent))


def main(count: int) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    us, them = Pipe()
    Process(target=serve, args=(them,), daemon=True).start()
    url = f"http://127.0.0.1:{us.recv()}"
    for webhooks in WEBHOOKS:
        speeds: dict[str, list[float]] = {"fan-out": [], "delivery": [], "whole way": [], "sender alone": []}
        for _ in range(ROUNDS):
            *ours, sent = engine(url, count, webhooks)
            for name, speed in zip(speeds, [*ours, asyncio.run(alone(url, sent))], strict=True):
                speeds[name].append(speed)
        print(f"{webhooks} webhook{'s'[: webhooks > 1]}")
        tell(speeds, "deliveries", ("sender alone", "whole way"))
    us.send("enough")


if __name__ == "__main__":
    with own_site(**LOOPBACK):
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
