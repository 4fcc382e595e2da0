"""E-mails a second with everything that is recorded, beside a bare SMTP loop with the same bytes, in one run.

``benchmarks/sending.py [MESSAGES] [CAMPAIGNS]`` (2000, 8: one campaign alone may send no more than 278 a second), on
SQLite in a temporary folder or on the empty database of
``DATABASE_URL``, which is migrated and filled. Rounds alternate, and the medians are told: machines are noisy.
"""

import smtplib
import sys
import time
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from rounds import ALWAYS, LOOPBACK, own_site, tell

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
ROUNDS = 3
WORKFLOW = {
    "nodes": [
        {"id": "start", "type": "start"},
        {
            "id": "hello",
            "type": "email",
            "data": {"subject": "Hello {{firstName|there}}", "body": "A word about {{company}}: https://example.com/a"},
        },
        {"id": "end", "type": "end"},
    ],
    "edges": [{"from": "start", "to": "hello"}, {"from": "hello", "to": "end"}],
}


def serve(told: Connection) -> None:
    """A mail server that takes everything, in a process of its own."""
    from campaigns.sandbox.smtp_server import SmtpServer

    with SmtpServer(lambda _: "250 2.0.0 taken") as server:
        told.send(server.port)
        told.recv()


def bare(port: int, raw: bytes, count: int) -> float:
    """Messages a second over one connection, with nothing recorded."""
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for number in range(count):
            smtp.sendmail("ana@example.com", [f"c{number}@example.net"], raw)
    return count / (time.perf_counter() - began)


def engine(port: int, count: int, shares: int) -> tuple[float, bytes]:
    """The same through as many campaigns as ``shares``; the bytes of the last message too."""
    from campaigns.changes import accounts, campaigns, enrolling
    from campaigns.models import Message
    from campaigns.sending import writing
    from campaigns.sending.turn import take_turn
    from contacts.changes.contacts import Rules, save_many
    from contacts.cleaning import clean
    from contacts.models import Contact
    from fluenzr_site.events.recording import Actor, change
    from fluenzr_site.workspaces.changes import create_workspace

    by = Actor("command", "benchmark")
    workspace = create_workspace("Benchmark")
    server = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "daily_limit": 10**6}
    account = accounts.create(workspace, {"email": "ana@example.com", **server})
    people = [{"email": f"c{number}@example.net", "firstName": "Ann", "company": "Acme"} for number in range(count)]
    save_many(workspace, [clean(each, needs_email=True) for each in people], rules=Rules(), by=by)
    everybody = list(Contact.objects.of(workspace).values_list("pk", flat=True))
    for number in range(shares):
        values: dict[str, Any] = {"name": "B", "account_id": account.pk, "settings": ALWAYS, "workflow": WORKFLOW}
        campaign = campaigns.create(workspace, values, by=by)
        with change(workspace, by) as unit:
            enrolling.enrol(unit, campaign, Contact.objects.of(workspace).filter(pk__in=everybody[number::shares]))
        campaigns.start(workspace, campaign.pk, by=by)
    kept: list[bytes] = []
    written = writing.write

    def keep(*arguments: Any) -> bytes:
        kept[:] = [written(*arguments)]
        return kept[0]

    writing.write = keep
    began = time.perf_counter()
    while Message.objects.of(workspace).filter(state="sent").count() < count:
        take_turn()
    speed = count / (time.perf_counter() - began)
    writing.write = written
    return speed, kept[0]


def main(count: int, shares: int) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    ours, theirs = Pipe()
    server = Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    port = ours.recv()
    speeds: dict[str, list[float]] = {"engine": [], "bare": []}
    for _ in range(ROUNDS):
        speed, raw = engine(port, count, shares)
        speeds["engine"].append(speed)
        speeds["bare"].append(bare(port, raw, count))
    ours.send("enough")
    tell(speeds, "messages", ("bare", "engine"))


if __name__ == "__main__":
    with own_site(**LOOPBACK):
        main(*[int(each) for each in (*sys.argv[1:], *(2000, 8)[len(sys.argv) - 1 :])])
