"""Workers that are killed, and one that sleeps past its lease, on a database of their own of the suite's kind."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from tests.campaigns.kill.run import HERE, Place, Team, fresh
from tests.support.waiting import wait_for

pytestmark = pytest.mark.processes

LONG_AGO = "2020-01-01 00:00:00+00:00"
# All that a result leaves traces in.
TABLES = (
    "campaigns_enrolment",
    "campaigns_message",
    "campaigns_emailaccount",
    "campaigns_activity",
    "campaigns_tally",
    "events_event",
    "workspaces_workspace",
)
START = "import django; django.setup(); from tests.campaigns.kill import run; run.start_campaign({people}, {port})"


def server() -> str:
    """Of the suite's PostgreSQL server; empty on SQLite."""
    return os.environ["DATABASE_URL"] if connection.vendor == "postgresql" else ""


def test_workers_that_are_killed_send_nothing_twice_and_lose_nothing():
    told = ["--messages", "80", "--kills", "5", "--workers", "2", "--database", server()]
    ended = subprocess.run([sys.executable, str(HERE / "run.py"), *told], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.fixture
def place() -> Iterator[Place]:
    with fresh(server()) as place:
        yield place


def sql(place: Place, statement: str) -> list[tuple[Any, ...]]:
    """The rows that it gives, in another connection than any worker's."""
    url = place.env["DATABASE_URL"]
    if url.startswith("postgres"):
        with psycopg.connect(url) as session:
            cursor = session.execute(statement)
            return cursor.fetchall() if cursor.description else []
    with closing(sqlite3.connect(urlsplit(url).path, timeout=20)) as session, session:
        return session.execute(statement).fetchall()


def everything(place: Place) -> dict[str, list[str]]:
    return {table: sorted(map(repr, sql(place, f"SELECT * FROM {table}"))) for table in TABLES}


def state(place: Place) -> list[tuple[Any, ...]]:
    rows = "campaigns_message m JOIN campaigns_enrolment e ON e.id = m.enrolment_id"
    return sql(place, f"SELECT m.state, e.lease <> '', e.due_at IS NULL FROM {rows}")


def test_a_worker_that_slept_past_its_lease_changes_nothing(place: Place, tmp_path: Path):
    hold = tmp_path / "hold"
    hold.touch()
    with Team(place, hold=hold) as team:
        place.run("-c", START.format(people=1, port=team.port))
        stale = team.hire()
        wait_for(team.received, "the message is at the mail server")
        stale.tell(signal.SIGSTOP)
        assert state(place) == [("sending", True, False)]

        sql(place, f"UPDATE campaigns_enrolment SET leased_until = '{LONG_AGO}'")
        other = team.hire()
        wait_for(lambda: state(place) == [("uncertain", False, True)], "the other finds it uncertain")
        assert other.end() == 0
        before = everything(place)

        hold.unlink()
        # It gets the answer that it waited for, tries to record it, and only then ends.
        stale.tell(signal.SIGCONT)
        assert stale.end() == 0
        assert "came too late to be recorded" in stale.complained.read_text()
        assert everything(place) == before
        assert [each[::2] for each in team.received()] == [("c0@there.test", "First")]
