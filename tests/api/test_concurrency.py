"""Many at once, on a real database: nothing twice, nothing lost, nothing locked, no 5xx."""

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.conf import settings as site
from django.db import connection, connections

from contacts.models import Contact, Tag
from fluenzr_site.events.models import Event
from tests.api.world import Api, Party

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
T = TypeVar("T")


@pytest.fixture
def owner(transactional_db: None) -> Party:
    return Party("Owner")


@pytest.fixture
def rounds() -> int:
    """How often a race is run. SQLite's test database is in memory, where threads can't meet."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    return 5


def at_once(*calls: Callable[[], T]) -> list[T]:
    """The answers of all calls, each in a thread of its own, begun together."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        try:
            gate.wait(timeout=30)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def poster(party: Party, path: str, body: Any) -> Callable[[], int]:
    return lambda: Api(party.key).post(path, body).status


def test_of_16_creators_of_one_address_one_wins(owner: Party, rounds: int):
    for number in range(rounds):
        body = {"email": f"{number}@b.co", "tags": ["t"], "customFields": {"k": "v"}}
        answers = at_once(*[poster(owner, "contacts", body)] * 16)
        assert Counter(answers) == {201: 1, 409: 15}
    assert Contact.objects.count() == Event.objects.count() == rounds


@pytest.mark.parametrize("count", [7, 60])
def test_creators_of_the_same_new_tags_in_other_orders_all_succeed(owner: Party, rounds: int, count: int):
    for number in range(rounds):
        names = [f"t{number}-{n}" for n in range(count)]
        bodies = [{"email": f"{number}-{n}@b.co", "tags": names[:: (-1) ** n]} for n in range(8)]
        assert at_once(*[poster(owner, "contacts", body) for body in bodies]) == [201] * 8
    assert Tag.objects.count() == count * rounds


@pytest.mark.parametrize("count", [7, 60])
def test_creators_of_the_same_new_custom_fields_in_other_orders_all_succeed(owner: Party, rounds: int, count: int):
    for number in range(rounds):
        keys = [f"k{number}-{n}" for n in range(count)]
        bodies = [
            {"email": f"{number}-{n}@b.co", "customFields": dict.fromkeys(keys[:: (-1) ** n], "v")} for n in range(8)
        ]
        assert at_once(*[poster(owner, "contacts", body) for body in bodies]) == [201] * 8
    assert owner.workspace.custom_fields.count() == count * rounds


def test_bulk_upserts_of_the_same_addresses_in_other_orders(owner: Party, rounds: int):
    for number in range(rounds):
        rows = [
            {
                "email": f"{number}-{n}@b.co",
                "tags": [f"t{number}-{n % 7}"],
                "customFields": {f"k{number}-{n % 5}": n},
            }
            for n in range(60)
        ]
        orders = [
            rows,
            rows[::-1],
            rows[30:] + rows[:30],
            rows[::2] + rows[1::2],
            rows[1::2] + rows[::2],
            rows[::-1],
        ]
        bodies = [
            {"contacts": [row | {"firstName": f"w{writer}"} for row in order], "onDuplicate": "update"}
            for writer, order in enumerate(orders)
        ]
        assert at_once(*[poster(owner, "contacts/bulk", body) for body in bodies]) == [200] * len(orders)
    assert Contact.objects.count() == 60 * rounds


def test_updates_of_one_contact_lose_no_custom_field(owner: Party, rounds: int):
    for number in range(rounds):
        path = f"contacts/{owner.api.create(f'{number}@b.co')['id']}"
        calls = [
            lambda n=n, path=path: Api(owner.key).put(path, {"customFields": {f"k{n}": "v"}, "tags": [f"t{n}"]}).status
            for n in range(12)
        ]
        assert at_once(*calls) == [200] * 12
        contact = owner.api.get(path).data
        assert (len(contact["customFields"]), len(contact["tags"])) == (12, 1)


def test_changing_and_deleting_at_once_is_no_error_of_ours(owner: Party, rounds: int):
    for number in range(rounds * 2):
        group, made = owner.api.group(f"G{number}"), owner.api.create(f"{number}@b.co")["id"]
        answers = at_once(
            lambda group=group: Api(owner.key).delete(f"groups/{group}").status,
            lambda made=made: Api(owner.key).delete(f"contacts/{made}").status,
            lambda group=group, made=made: (
                Api(owner.key).post(f"groups/{group}/contacts", {"contactIds": [made]}).status
            ),
            lambda made=made: Api(owner.key).put(f"contacts/{made}", {"firstName": "X"}).status,
            lambda group=group, n=number: poster(owner, "contacts", {"email": f"n{n}@b.co", "groupIds": [group]})(),
            lambda group=group: Api(owner.key).put(f"groups/{group}", {"description": "x"}).status,
        )
        assert all(status < 500 for status in answers), answers


def test_of_8_creators_of_one_group_one_wins(owner: Party, rounds: int):
    for number in range(rounds):
        answers = at_once(*[poster(owner, "groups", {"name": f"G{number}"})] * 8)
        assert Counter(answers) == {201: 1, 409: 7}


# --------------------------------------------------------------------------------------- other processes

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


def processes(count: int, script: str, var: Path) -> list[str]:
    """What so many processes print that run ``script`` at once on this test's database."""
    database = connection.settings_dict
    if connection.vendor == "postgresql":
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


def test_eight_processes_that_read_then_write_are_never_locked_out(owner: Party, tmp_path: Path):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL locks rows, not files")
    processes(1, MIGRATE, tmp_path)
    processes(1, NEW_KEY, tmp_path)
    assert processes(8, READ_THEN_WRITE.format(times=300), tmp_path) == ["done\n"] * 8
    asked = "from fluenzr_site.workspaces.models import Workspace; print(Workspace.objects.get().revision)"
    assert int(processes(1, asked, tmp_path)[0]) == 2400


def test_processes_that_create_the_same_addresses_make_each_once(owner: Party, tmp_path: Path):
    key = owner.key
    if connection.vendor == "sqlite":
        processes(1, MIGRATE, tmp_path)
        key = processes(1, NEW_KEY, tmp_path)[0].strip()
    said = processes(4, CREATE.format(key=key), tmp_path)
    statuses = Counter(status for text in said for status in text.splitlines()[-1].split())
    assert statuses == {"201": 25, "409": 75}
