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

pytestmark = pytest.mark.django_db(transaction=True)

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


def processes(count: int, script: str, var: Path, *, on: str = connection.vendor) -> list[str]:
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
    assert [process.returncode for process in started] == [0] * count, said
    return said


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
    key = owner.key
    if connection.vendor == "sqlite":
        processes(1, MIGRATE, tmp_path)
        key = processes(1, NEW_KEY, tmp_path)[0].strip()
    said = processes(4, CREATE.format(key=key), tmp_path)
    statuses = Counter(status for text in said for status in text.splitlines()[-1].split())
    assert statuses == {"201": 25, "409": 75}
