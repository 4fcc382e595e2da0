"""Sends a campaign while its workers are killed, then counts: ``run.py --messages 3000 --kills 75 --workers 3``.

On SQLite, or with ``--database URL`` on a database of its own on that PostgreSQL server. The server for mail, the
workers and their deaths are real. Prints a table; the exit code is 1 where a row isn't what it must be.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

import psycopg

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT))
from tests.support.premade import migrated  # noqa: E402
from tests.support.waiting import free_port, wait_for  # noqa: E402

STEPS = {"e1": "First", "e2": "Second"}


# ------------------------------------------------------------------------------------------- processes


class Received(NamedTuple):
    recipient: str
    message_id: str
    subject: str


@dataclass(frozen=True, slots=True)
class Place:
    """A folder and an empty database, both gone afterwards. ``env`` leads a process there."""

    var: Path
    env: dict[str, str]

    def run(self, *command: str) -> str:
        """What one of our scripts prints here."""
        told = [sys.executable, *command]
        return subprocess.run(told, cwd=ROOT, env=os.environ | self.env, stdout=-1, text=True, check=True).stdout


@contextmanager
def fresh(server: str = "") -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="fluenzr-kill-") as folder, _database(server, folder) as url:
        env = {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "fluenzr_site.settings",
            "FLUENZR_VAR": folder,
            "FLUENZR_PRIVATE_NETWORKS": "127.0.0.0/8",
            "FLUENZR_SECRET_KEY": "",
            "PYTHONPATH": str(ROOT),
        }
        place = Place(Path(folder), env)
        if server:
            place.run("manage.py", "migrate", "-v0")
        else:
            migrated(place.var)
        yield place


@contextmanager
def _database(server: str, folder: str) -> Iterator[str]:
    if not server:
        yield f"sqlite:///{folder}/fluenzr.sqlite3"
        return
    name = f"kill_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Child:
    """A process of ours that says when it is ready, and whose words are kept."""

    def __init__(self, place: Place, name: str, *command: str) -> None:
        self.said, self.complained = place.var / f"{name}.out", place.var / f"{name}.err"
        with self.said.open("wb") as out, self.complained.open("wb") as err:
            told = [sys.executable, *command]
            self.process = subprocess.Popen(told, cwd=ROOT, env=os.environ | place.env, stdout=out, stderr=err)

    @property
    def is_ready(self) -> bool:
        return self.said.stat().st_size > 0

    def tell(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self, number: int = signal.SIGTERM, *, within: float = 60) -> int:
        """Its exit code after a signal."""
        self.tell(number)
        return self.process.wait(within)


class Team:
    """A mail server and the workers that send to it."""

    def __init__(self, place: Place, *, delay: float = 0.0, hold: Path | None = None) -> None:
        self.place, self.file, self.port = place, place.var / "sink.txt", free_port()
        self.workers: list[Child] = []
        self.hired = 0
        self.crashes: list[str] = []
        options = ["--delay", str(delay), *(["--hold", str(hold)] if hold else [])]
        self.sink = Child(place, "sink", str(HERE / "sink.py"), str(self.port), str(self.file), *options)

    def __enter__(self) -> Self:
        wait_for(lambda: self.sink.is_ready, "the mail server listens")
        return self

    def __exit__(self, *_: object) -> None:
        for child in (*self.workers, self.sink):
            if child.process.poll() is None:
                child.end(signal.SIGKILL)

    def hire(self) -> Child:
        self.hired += 1
        worker = Child(self.place, f"worker-{self.hired}", str(HERE / "worker.py"), str(self.hired))
        self.workers.append(worker)
        return worker

    def kill(self, worker: Child) -> None:
        self.workers.remove(worker)
        if worker.end(signal.SIGKILL) != -signal.SIGKILL:
            self._crashed(worker)

    def look_after(self) -> None:
        """Note who ended unasked, and put another in its place."""
        for worker in [each for each in self.workers if each.process.poll() is not None]:
            self.workers.remove(worker)
            self._crashed(worker)
            self.hire()

    def stop(self) -> None:
        """Let everybody end what they are at."""
        for worker in self.workers:
            # Before that SIGTERM would kill it.
            wait_for(lambda worker=worker: worker.is_ready or worker.process.poll(), "a worker is ready")
            worker.tell(signal.SIGTERM)
        for worker in self.workers:
            if worker.process.wait(60):
                self._crashed(worker)
        self.workers.clear()

    def _crashed(self, worker: Child) -> None:
        self.crashes.append(worker.complained.read_text()[-2000:])

    def errors(self) -> int:
        """How many the workers logged, without ending."""
        logs = self.place.var.glob("worker-*.err")
        return sum(log.read_text(errors="replace").count(" ERROR ") for log in logs)

    def received(self) -> list[Received]:
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        return [Received(*line.split("\t")) for line in lines]


# ------------------------------------------------------------------------- the campaign (Django is set up)


def start_campaign(contacts: int, port: int) -> str:
    """A workspace whose campaign of two e-mails, held back by nothing, has begun; the campaign's id."""
    from campaigns.changes import accounts, campaigns, enrolling
    from contacts.changes.contacts import Rules, save_many
    from contacts.cleaning import Draft
    from contacts.models import Contact
    from fluenzr_site.events.recording import Actor, change
    from fluenzr_site.workspaces.changes import create_workspace
    from tests.campaigns.api.support import ALWAYS
    from tests.campaigns.workflow.examples import email, sequence

    by = Actor("command", "kill")
    workspace = create_workspace("Kill")
    server = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "daily_limit": 1_000_000}
    account = accounts.create(workspace, {"email": "sam@sender.test", **server})
    for start in range(0, contacts, 500):
        drafts = [Draft(email=f"c{number}@there.test") for number in range(start, min(start + 500, contacts))]
        save_many(workspace, drafts, rules=Rules(), by=by)
    workflow = sequence(*(email(step, subject=subject) for step, subject in STEPS.items()))
    values = {"name": "Kill", "account_id": account.pk, "settings": ALWAYS, "workflow": workflow}
    campaign = campaigns.create(workspace, values, by=by)
    with change(workspace, by) as unit:
        enrolling.enrol(unit, campaign, Contact.objects.of(workspace))
    return campaigns.start(workspace, campaign.pk, by=by).pk


def due(**which: Any) -> int:
    """How many still have something to do."""
    from campaigns.models import IN_CAMPAIGN, Enrolment

    return Enrolment.objects.filter(status__in=IN_CAMPAIGN, due_at__isnull=False, **which).count()


def age_leases() -> int:
    """Make every lease one that is over; how many e-mails were on their way."""
    from campaigns.models import Enrolment, Message
    from fluenzr_site.core import clock

    Enrolment.objects.exclude(lease="").update(leased_until=clock.now() - timedelta(seconds=1))
    return Message.objects.filter(state=Message.State.SENDING).count()


def send_and_kill(team: Team, told: argparse.Namespace) -> int:
    """Until all is sent that can be, but for what the dead still hold; how many were killed."""
    chance = random.Random(told.seed)
    # Along the whole way, each then put off by a moment, so that it can hit anything that a worker does.
    moments = sorted(chance.uniform(0, 0.8 * told.messages) for _ in range(told.kills))
    deadline, killed, looked = time.monotonic() + told.seconds, 0, 0.0
    while time.monotonic() < deadline:
        team.look_after()
        ready = [worker for worker in team.workers if worker.is_ready]
        if killed < told.kills:
            if ready and len(team.received()) >= moments[killed]:
                time.sleep(chance.uniform(0, 0.05))
                team.kill(chance.choice(ready))
                team.hire()
                killed += 1
        elif time.monotonic() - looked > 0.2:
            looked = time.monotonic()
            if not due(lease=""):
                break
        time.sleep(0.005)
    return killed


def end_the_dead(team: Team, told: argparse.Namespace) -> int:
    """Let the leases of the dead be over, and others find them; how many there were."""
    # Who lives lets go first: none but leases of the dead are made old.
    team.stop()
    held = age_leases()
    for _ in range(told.workers):
        team.hire()

    def is_done() -> bool:
        team.look_after()
        return not due()

    # Whoever is left is counted as lost.
    with suppress(TimeoutError):
        wait_for(is_done, "nothing is due", seconds=120)
    team.stop()
    return held


# -------------------------------------------------------------------------------------------- counting


class Row(NamedTuple):
    what: str
    found: int
    most: int | None = None
    least: int | None = None

    @property
    def is_right(self) -> bool:
        return (self.most is None or self.found <= self.most) and (self.least is None or self.found >= self.least)

    def __str__(self) -> str:
        rule = "" if self.most is None else f"= {self.most}" if self.most == self.least else f"≤ {self.most}"
        return f"{self.what:<58}{self.found:>8}  {rule:<8}{'' if self.is_right else 'WRONG'}".rstrip()


def exactly(what: str, found: int, wanted: int) -> Row:
    return Row(what, found, wanted, wanted)


def count(received: list[Received], kills: int) -> list[Row]:
    """What became of every message and enrolment, here and at the mail server."""
    from campaigns.models import Activity, Enrolment, Message, Tally
    from fluenzr_site.events.models import Event

    messages = list(Message.objects.all())
    sent = {each.message_id for each in messages if each.state == Message.State.SENT}
    unsure = {each.message_id for each in messages if each.state == Message.State.UNCERTAIN}
    taken = Counter(each.message_id for each in received)
    steps = Counter((each.recipient, each.subject) for each in received)
    ended, waiting = _ended(messages), _waiting(messages)
    everybody = set(Enrolment.objects.values_list("pk", flat=True))
    tallied = sum(Tally.objects.values_list("sent", flat=True))
    return [
        Row("messages at the mail server", len(received)),
        Row("recorded as sent", len(sent)),
        exactly("duplicates: a recipient got a step twice", sum(steps.values()) - len(steps), 0),
        exactly("duplicates: a Message-ID came twice", sum(taken.values()) - len(taken), 0),
        exactly("lost: enrolments neither completed nor uncertain", len(everybody - ended - waiting), 0),
        exactly("lost: recorded as sent, not at the mail server", len(sent - set(taken)), 0),
        exactly("at the mail server, recorded as neither sent nor uncertain", len(set(taken) - sent - unsure), 0),
        Row("uncertain", len(unsure), kills),
        Row("  of them at the mail server", len(unsure & set(taken))),
        exactly("  of them shown: enrolment with its note, no due_at", len(waiting), len(unsure)),
        exactly("sent, as counted in the figures", tallied, len(sent)),
        exactly("sent, as told in the campaign's log", Activity.objects.filter(type="sent").count(), len(sent)),
        exactly("sent, as told in events", Event.objects.filter(type="email.sent").count(), len(sent)),
    ]


def _ended(messages: list[Any]) -> set[str]:
    """Enrolments that are completed, with every step sent."""
    from campaigns.models import Enrolment

    steps = Counter(each.enrolment_id for each in messages if each.state == "sent")
    completed = Enrolment.objects.filter(status=Enrolment.Status.COMPLETED, due_at=None, lease="")
    return {each for each in completed.values_list("pk", flat=True) if steps[each] == len(STEPS)}


def _waiting(messages: list[Any]) -> set[str]:
    """Enrolments that wait for a person, as one sees."""
    from campaigns.models import IN_CAMPAIGN, Enrolment
    from campaigns.sending.wording import UNCERTAIN

    unsure = {each.enrolment_id for each in messages if each.state == "uncertain"}
    held = Enrolment.objects.filter(status__in=IN_CAMPAIGN, due_at=None, lease="", leased_until=None, note=UNCERTAIN)
    return unsure & set(held.values_list("pk", flat=True))


# ------------------------------------------------------------------------------------------ the program


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--kills", type=int, default=75)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--database", default="")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--delay", type=float, default=0.02, help="the longest that the mail server waits")
    parser.add_argument("--seconds", type=float, default=480, help="the longest that the sending may take")
    return parser.parse_args()


def main() -> int:
    told = options()
    # Whoever stops the program has nothing to clear up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with fresh(told.database) as place:
        os.environ |= place.env
        import django
        from django.db import connection

        django.setup()
        with Team(place, delay=told.delay) as team:
            start_campaign(told.messages // 2, team.port)
            began = time.monotonic()
            for _ in range(told.workers):
                team.hire()
            killed = send_and_kill(team, told)
            seconds, so_far = time.monotonic() - began, len(team.received())
            left = due(lease="")
            held = end_the_dead(team, told)
            rows = [
                exactly("kill -9", killed, told.kills),
                exactly("workers that ended unasked", len(team.crashes), 0),
                exactly("errors that workers logged", team.errors(), 0),
                exactly("free to be sent when the killing was over", left, 0),
                Row("e-mails that the dead left on their way", held, killed),
                *count(team.received(), killed),
            ]
        print(f"{connection.vendor}, {told.workers} workers, {told.messages} messages, seed {told.seed}")
        print(*rows, f"{so_far} in {seconds:.1f} s: {so_far / seconds:.1f} a second", sep="\n")
        for crash in team.crashes[:1]:
            print(f"The first of {len(team.crashes)} ended so:\n{crash}", file=sys.stderr)
        connection.close()
    return 0 if all(row.is_right for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
