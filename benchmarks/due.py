"""What a worker's tick costs when nothing is due, beside one plain query over everybody, in one run.

``benchmarks/due.py [ENROLMENTS]`` (1000000): half of them in a delay until tomorrow, half through with an e-mail, in
20 active campaigns, or all in one. On SQLite in a temporary folder, or on the empty database of ``DATABASE_URL``,
which is migrated and filled. Rounds alternate, and the medians are told: machines are noisy.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from rounds import ALWAYS, own_site

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
ROUNDS = 30
AT_ONCE = 50_000
CAMPAIGNS = 20


def campaign_of(workspace: Any, emails: int = 1) -> Any:
    """A campaign that has begun, and nobody in it."""
    from campaigns.changes import accounts, campaigns
    from campaigns.models import Campaign
    from fluenzr_site.core import clock
    from fluenzr_site.events.recording import Actor

    names = [f"e{number}" for number in range(1, emails + 1)]
    nodes = [{"id": name, "type": "email", "data": {"subject": name, "body": "Hello"}} for name in names]
    ways = ["start", *names, "end"]
    workflow = {
        "nodes": [{"id": "start", "type": "start"}, *nodes, {"id": "end", "type": "end"}],
        "edges": [{"from": a, "to": b} for a, b in zip(ways, ways[1:], strict=False)],
    }
    server = {"smtp_host": "127.0.0.1", "smtp_port": 25, "smtp_security": "none"}
    account = workspace.email_accounts.first() or accounts.create(workspace, {"email": "ana@example.com", **server})
    values = {"name": "Benchmark", "account_id": account.pk, "settings": ALWAYS, "workflow": workflow}
    campaign = campaigns.create(workspace, values, by=Actor("command", "benchmark"))
    Campaign.objects.filter(pk=campaign.pk).update(status="active", started_at=clock.now())
    campaign.refresh_from_db()
    return campaign


def insert(rows: list[Any]) -> None:
    """In one transaction: SQLite would make one of each row."""
    from django.db import transaction

    from fluenzr_site.core import bulk

    with transaction.atomic():
        bulk.insert(rows)


def make_contacts(workspace: Any, count: int) -> list[str]:
    """Their ids."""
    from contacts.models import Contact
    from fluenzr_site.core import clock, ids

    everybody: list[str] = []
    now = clock.now()
    fixed = {"workspace_id": workspace.pk, "created_at": now, "updated_at": now, "status": "active"}
    for start in range(0, count, AT_ONCE):
        some = ids.new_batch("con", min(AT_ONCE, count - start))
        rows = [Contact(id=each, email=f"c{start + i}@example.net", **fixed) for i, each in enumerate(some)]
        insert(rows)
        everybody += some
    return everybody


def enrol(campaign: Any, contact_ids: list[str], **values: Any) -> list[str]:
    """Their enrolments' ids."""
    from campaigns.models import Enrolment
    from fluenzr_site.core import clock, ids

    found: list[str] = []
    fixed = {"workspace_id": campaign.workspace_id, "campaign_id": campaign.pk, "enrolled_at": clock.now()} | values
    for start in range(0, len(contact_ids), AT_ONCE):
        some = contact_ids[start : start + AT_ONCE]
        made = ids.new_batch("enr", len(some))
        insert([Enrolment(id=a, contact_id=b, **fixed) for a, b in zip(made, some, strict=True)])
        found += made
    return found


def send(campaign: Any, enrolments: list[str], contact_ids: list[str], values: Callable[[int], dict[str, Any]]) -> None:
    """An e-mail to each, with what ``values`` says of the nth."""
    from campaigns.models import Message
    from fluenzr_site.core import ids

    fixed = {"workspace_id": campaign.workspace_id, "campaign_id": campaign.pk, "account_id": campaign.account_id}
    for start in range(0, len(enrolments), AT_ONCE):
        some = range(start, min(start + AT_ONCE, len(enrolments)))
        rows = []
        for number, made in zip(some, ids.new_batch("msg", len(some)), strict=True):
            whose = {
                "enrolment_id": enrolments[number],
                "contact_id": contact_ids[number],
                "recipient": "c@example.net",
            }
            rows.append(
                Message(id=made, message_id=f"<{made}@example.com>", state="sent", **fixed, **whose, **values(number))
            )
        insert(rows)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are run meanwhile."""
    from django.db import connection

    told: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        told.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield told


def seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def settle() -> None:
    """What a database does by itself, sooner or later: it learns how its rows are spread."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def tick(title: str) -> None:
    from campaigns.models import Enrolment
    from campaigns.sending.turn import take_turn
    from fluenzr_site.core import clock

    def plain() -> None:
        if Enrolment.objects.filter(due_at__lte=clock.now()).exists():
            raise SystemExit("Something is due")

    def ours() -> None:
        if take_turn():
            raise SystemExit("Something was done")

    ours()
    with counted() as statements:
        ours()
    times: dict[str, list[float]] = {"tick": [], "plain query": []}
    for _ in range(ROUNDS):
        times["tick"].append(seconds(ours))
        times["plain query"].append(seconds(plain))
    print(f"{title}, {len(statements)} queries a tick")
    middle = {name: statistics.median(each) * 1000 for name, each in times.items()}
    for name, each in times.items():
        print(f"  {name:<12}{middle[name]:9.2f} ms   ({min(each) * 1000:.2f} to {max(each) * 1000:.2f})")
    print(f"  plain query / tick: {middle['plain query'] / middle['tick']:.1f}")


def main(count: int) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from django.db import connection

    from campaigns.models import Campaign, Enrolment
    from fluenzr_site.core import clock
    from fluenzr_site.workspaces.changes import create_workspace

    workspace = create_workspace("Benchmark")
    everybody = make_contacts(workspace, count)
    now = clock.now()
    campaigns = [campaign_of(workspace) for _ in range(CAMPAIGNS)]
    for number, campaign in enumerate(campaigns):
        mine = everybody[number::CAMPAIGNS]
        half = len(mine) // 2
        enrol(campaign, mine[:half], status="in_progress", node_id="e1", due_at=now + timedelta(days=1))
        done = enrol(campaign, mine[half:], status="completed", node_id="end", ended_at=now)
        send(campaign, done, mine[half:], lambda _: {"node_id": "e1", "claimed_at": now, "sent_at": now})
    settle()
    print(f"{connection.vendor}, {count} enrolments")
    tick(f"{CAMPAIGNS} campaigns")
    Campaign.objects.exclude(pk=campaigns[0].pk).update(status="paused")
    Enrolment.objects.filter(status="in_progress").update(campaign=campaigns[0])
    settle()
    tick("1 campaign of all who wait")


if __name__ == "__main__":
    with own_site():
        main(int([*sys.argv[1:], "1000000"][0]))
