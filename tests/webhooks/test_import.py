"""A large import with a webhook on contact.created: bounded memory and queries, all delivered, none twice.

``FLUENZR_SHOW_ROWS`` says how large (20,000; the show is 100,000). What it costs is printed.
"""

import csv
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.premade import migrated
from tests.support.running import ROOT
from tests.webhooks.sink import Sink
from tests.webhooks.site import Site, eventually

pytestmark = [pytest.mark.processes, pytest.mark.once]

ROWS = int(os.environ.get("FLUENZR_SHOW_ROWS", "20000"))
PENDING = """
SELECT (SELECT count(*) FROM webhooks_delivery WHERE state <> 'delivered') + (SELECT count(*) FROM events_outboxentry)
"""
# Of the importer and of the worker, above what each has when it has done a tenth of this.
MEGABYTES = 150


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as running:
        yield running


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    migrated(tmp_path)
    yield site
    site.close()


def write(path: Path, count: int, prefix: str) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["email", "first name", "last name", "company", "job title"])
        for number in range(count):
            writer.writerow([f"{prefix}{number}@example.net", f"Ann{number}", "Lee", "Acme", "Buyer"])
    return path


def imported(site: Site, path: Path, workspace: str) -> dict[str, Any]:
    """What the import tells of itself: rows, seconds, its memory above idle in MB, and its statements."""
    command = [sys.executable, "-c", IMPORT, str(path), workspace]
    done = subprocess.run(command, cwd=ROOT, env=site.environment, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def resident(pid: int, what: str) -> float:
    """In MB: ``VmRSS`` now, ``VmHWM`` at its most."""
    found = re.search(rf"^{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def counted(site: Site, sql: str) -> int:
    with closing(sqlite3.connect(Path(site.environment["FLUENZR_VAR"]) / "fluenzr.sqlite3", timeout=30)) as database:
        return int(database.execute(sql).fetchone()[0])


@pytest.mark.skipif(sys.platform != "linux", reason="reads its memory from /proc")
def test_all_of_an_import_is_delivered_once(site: Site, sink: Sink, tmp_path: Path):
    quiet, heard = (site.manage("create_workspace", name) for name in ("Quiet", "Heard"))
    alone = imported(site, write(tmp_path / "quiet.csv", ROWS, "q"), quiet)
    site.shell(LISTEN.format(workspace=heard, url=sink.url))
    few = imported(site, write(tmp_path / "few.csv", 2000, "f"), heard)
    worker = site.worker()
    eventually(lambda: len(sink.ids) == 2000)
    idle = resident(worker.pid, "VmRSS")
    began = time.monotonic()
    many = imported(site, write(tmp_path / "many.csv", ROWS, "m"), heard)
    ended = time.monotonic()
    eventually(lambda: len(sink.ids) == ROWS + 2000, seconds=600)
    all_there = time.monotonic()
    eventually(lambda: counted(site, PENDING) == 0)
    above = resident(worker.pid, "VmHWM") - idle

    by_row = [1000 * told["queries"] / told["rows"] for told in (alone, few, many)]
    print(f"{ROWS} rows: {ROWS / alone['seconds']:.0f} a second alone, {ROWS / many['seconds']:.0f} while it is heard")
    print(f"statements a thousand rows: {by_row[0]:.1f} alone, {by_row[2]:.1f} heard")
    print(f"{ROWS / (all_there - began):.0f} deliveries a second, the last {all_there - ended:.1f} s after the import")
    print(f"MB above idle: importer {alone['megabytes']:.0f} alone, {many['megabytes']:.0f} heard; worker {above:.0f}")
    assert counted(site, f"SELECT count(*) FROM events_event WHERE workspace_id = '{heard}'") == ROWS + 2000
    assert Counter(sink.ids.values()) == {1: ROWS + 2000}
    assert counted(site, "SELECT count(*) FROM webhooks_attempt") == ROWS + 2000
    # A statement a chunk of 500 rows, and the look whether anybody listens is part of one that is made anyway.
    assert by_row[2] <= by_row[0] + 2.5
    assert by_row[2] <= by_row[1] * 1.1 + 1
    assert max(many["megabytes"], above) < MEGABYTES


IMPORT = """
import json, re, sys, time
import django; django.setup()
from django.core.management import call_command
from django.db import connection
import io
count = 0
def counting(execute, *arguments):
    global count
    count += 1
    return execute(*arguments)
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
connection.ensure_connection()
idle, began, out = peak(), time.monotonic(), io.StringIO()
with connection.execute_wrapper(counting):
    call_command("import_contacts", sys.argv[1], "--workspace", sys.argv[2], "--consent-source", "existing",
        "--certify-consent", "--json", stdout=out)
told = json.loads(out.getvalue())
assert told["created"] == told["rows"], told
print(json.dumps({"rows": told["rows"], "seconds": time.monotonic() - began, "megabytes": peak() - idle,
    "queries": count}))
"""
LISTEN = """
from fluenzr_site.webhooks import changes
from fluenzr_site.workspaces.models import Workspace
changes.create(Workspace.objects.get(pk="{workspace}"), url="{url}", events=["contact.created"])
"""
