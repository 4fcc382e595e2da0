"""What several processes do at once to one database. Each starts interpreters of its own."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import connection

from tests.api.world import Party

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

HIT = """
from fluenzr_site.core import counters
for _ in range({times}):
    print(counters.hit("exact", seconds=60, now=1_000_000_000).hits)
"""
READ_THEN_WRITE = """
from django.db import transaction
from fluenzr_site.workspaces.models import Workspace
for _ in range({times}):
    with transaction.atomic():
        row = Workspace.objects.get()
        row.revision += 1
        row.save(update_fields=["revision"])
print("done")
"""


CREATE = """
import json
from django.test import Client
made = [
    Client().post(
        "/v1/contacts",
        json.dumps({{"email": f"{{n}}@b.co", "tags": ["t"]}}),
        "application/json",
        headers={{"Authorization": "Bearer {key}"}},
    ).status_code
    for n in range(25)
]
print(*made)
"""
MIGRATE = "from django.core.management import call_command; call_command('migrate', verbosity=0)"
NEW_KEY = """
from fluenzr_site.workspaces.changes import create_api_key, create_workspace
print(create_api_key(create_workspace("W"), name="k")[1])
"""


def processes(count: int, script: str, var: Path, *, on: str = connection.vendor, ends: int = 0) -> list[str]:
    """What so many processes print that run ``script`` at once on this test's database, or a file below ``var``."""
    database = connection.settings_dict
    if on == "postgresql":
        port = database["PORT"] or 5432
        url = f"postgres://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{port}/{database['NAME']}"
    else:
        url = f"sqlite:///{var / 'fluenzr.sqlite3'}"
    secret = {"FLUENZR_SECRET_KEY": site.SECRET_KEY, "FLUENZR_VAR": str(var), "DATABASE_URL": url}
    code = "import django; django.setup()\n" + script
    started = [
        subprocess.Popen(  # noqa: S603 - our own interpreter and our own text
            [sys.executable, "-c", code],
            env=os.environ | secret | {"PYTHONPATH": str(site.BASE_DIR)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=site.BASE_DIR,
        )
        for _ in range(count)
    ]
    said = [process.communicate()[0] for process in started]
    assert [process.returncode for process in started] == [ends] * count, said
    return said


def key_of(owner: Party, var: Path) -> str:
    """A key on the database that the processes share: SQLite's for tests is in memory, theirs is a file."""
    if connection.vendor == "postgresql":
        return owner.key
    processes(1, MIGRATE, var)
    return processes(1, NEW_KEY, var)[0].strip()


def test_four_processes_count_every_hit_once(owner: Party, tmp_path: Path):
    said = processes(4, HIT.format(times=1000), tmp_path)
    hits = sorted(int(line) for text in said for line in text.split())
    assert hits == list(range(1, 4001))


def test_eight_processes_that_read_then_write_are_never_locked_out(tmp_path: Path):
    processes(1, MIGRATE, tmp_path, on="sqlite")
    processes(1, NEW_KEY, tmp_path, on="sqlite")
    assert processes(8, READ_THEN_WRITE.format(times=300), tmp_path, on="sqlite") == ["done\n"] * 8
    asked = "from fluenzr_site.workspaces.models import Workspace; print(Workspace.objects.get().revision)"
    assert int(processes(1, asked, tmp_path, on="sqlite")[0]) == 2400


def test_processes_that_create_the_same_addresses_make_each_once(owner: Party, tmp_path: Path):
    said = processes(4, CREATE.format(key=key_of(owner, tmp_path)), tmp_path)
    statuses = Counter(status for text in said for status in text.splitlines()[-1].split())
    assert statuses == {"201": 25, "409": 75}


POST_ONCE = """
import json
from concurrent.futures import ThreadPoolExecutor
from django.db import connections
from django.test import Client
def post(_):
    answer = Client().post(
        "/v1/contacts",
        json.dumps({{"email": "ann@b.co", "tags": ["t"]}}),
        "application/json",
        headers={{"Authorization": "Bearer {key}", "Idempotency-Key": "once"}},
    )
    connections.close_all()
    return answer.status_code, answer.json().get("data", {{}}).get("id"), answer.headers.get("Idempotency-Replayed")
with ThreadPoolExecutor(8) as pool:
    for told in pool.map(post, range(8)):
        print(*told)
"""


KILLED = """
import json, os
from contacts.changes import contacts as changes
real = changes.create_entry
def write_and_die(*args, **kwargs):
    real(*args, **kwargs)
    os._exit(9)
changes.create_entry = write_and_die
"""


def test_of_32_posts_with_one_idempotency_key_from_four_processes_one_runs(owner: Party, tmp_path: Path):
    said = processes(4, POST_ONCE.format(key=key_of(owner, tmp_path)), tmp_path)
    answers = [line.split() for text in said for line in text.splitlines()]
    assert len(answers) == 32
    assert {(status, contact) for status, contact, _ in answers} == {tuple(answers[0][:2])}
    assert answers[0][0] == "201"
    assert Counter(replayed for *_, replayed in answers) == {"None": 1, "true": 31}


def test_a_process_that_dies_midway_leaves_neither_the_change_nor_its_answer(owner: Party, tmp_path: Path):
    post = POST_ONCE.format(key=key_of(owner, tmp_path))
    processes(1, KILLED + post, tmp_path, ends=9)
    counts = "from contacts.models import Contact; from fluenzr_site.api.models import KeptAnswer; "
    counts += "print(Contact.objects.count(), KeptAnswer.objects.count())"
    assert processes(1, counts, tmp_path) == ["0 0\n"]
    answers = [line.split() for line in processes(1, post, tmp_path)[0].splitlines()]
    assert Counter(replayed for *_, replayed in answers) == {"None": 1, "true": 7}
    assert processes(1, counts, tmp_path) == ["1 1\n"]
