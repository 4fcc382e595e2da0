"""How SQLite is opened: what makes it fit for a web server and a worker at once."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext

SQLITE = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
pytestmark = [pytest.mark.skipif(not SQLITE, reason="SQLite's own"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[str]:
    """A database opened by the site's settings, in a file: pytest's own is in memory, which has no WAL."""
    usual = connections["default"]
    opened = type(usual)(usual.settings_dict | {"NAME": str(tmp_path / "site.sqlite3")}, "on_disk")
    connections["on_disk"] = opened
    yield "on_disk"
    opened.close()
    del connections["on_disk"]


def pragma(alias: str, name: str) -> object:
    with connections[alias].cursor() as cursor:
        return cursor.execute(f"PRAGMA {name}").fetchone()[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [("journal_mode", "wal"), ("synchronous", 1), ("foreign_keys", 1)],
)
def test_pragmas(on_disk: str, name: str, value: object):
    assert pragma(on_disk, name) == value


def test_a_writer_waits_for_the_one_before(on_disk: str):
    assert int(str(pragma(on_disk, "busy_timeout"))) >= 5000


def test_a_transaction_takes_the_lock_for_writing_when_it_begins(on_disk: str):
    with CaptureQueriesContext(connections[on_disk]) as said, transaction.atomic(using=on_disk):
        pass
    assert said[0]["sql"] == "BEGIN IMMEDIATE"


def test_readers_go_on_while_somebody_writes(on_disk: str):
    with connections[on_disk].cursor() as cursor:
        cursor.execute("CREATE TABLE t (n)")
        cursor.execute("INSERT INTO t VALUES (1)")
    seen: list[int] = []
    file = str(connections[on_disk].settings_dict["NAME"])

    def read() -> None:
        other = sqlite3.connect(file, timeout=0)
        seen.append(other.execute("SELECT count(*) FROM t").fetchone()[0])
        other.close()

    with transaction.atomic(using=on_disk):
        with connections[on_disk].cursor() as cursor:
            cursor.execute("INSERT INTO t VALUES (2)")
        reader = threading.Thread(target=read)
        reader.start()
        reader.join()
    assert seen == [1]
