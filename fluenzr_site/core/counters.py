"""Counters that several processes share exactly: so many in this window of time, and no more.

On PostgreSQL one unlogged row a subject, changed in one statement: exact on any number of hosts, and cheap,
because nothing is flushed to disk for it. On SQLite a file of its own beside the database, so that counting
a request never waits for an import that holds the database's one write lock.
"""

import sqlite3
import threading
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection

TABLE = "core_counter"
_UPSERT = f"""
INSERT INTO {TABLE} (subject, window_start, hits) VALUES (%s, %s, 1)
ON CONFLICT (subject) DO UPDATE SET
  hits = CASE WHEN excluded.window_start > {TABLE}.window_start THEN 1 ELSE {TABLE}.hits + 1 END,
  window_start = CASE WHEN excluded.window_start > {TABLE}.window_start
                      THEN excluded.window_start ELSE {TABLE}.window_start END
RETURNING hits, window_start
"""  # noqa: S608 - the table's name is a constant
SCHEMA = f"CREATE TABLE IF NOT EXISTS {TABLE} (subject text PRIMARY KEY, window_start bigint, hits integer)"


class Count(NamedTuple):
    """The hits of a subject in its window, and the epoch second at which the window ends."""

    hits: int
    resets_at: int


def hit(subject: str, *, seconds: int, now: float) -> Count:
    """Count one more for ``subject`` in the window of ``seconds`` that ``now`` (epoch seconds) falls in.

    A host whose clock is behind counts into the window that others have already opened.
    """
    start = int(now) // seconds * seconds
    hits, start = _one_row(_UPSERT, (subject, start))
    return Count(hits, start + seconds)


def _one_row(sql: str, values: tuple[str, int]) -> tuple[int, ...]:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchone() or ()
    return _file().execute(sql.replace("%s", "?"), values).fetchone() or ()


_files = threading.local()


def _file() -> sqlite3.Connection:
    path: Path = settings.FLUENZR_COUNTERS_FILE
    if getattr(_files, "path", None) != path:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Autocommit; counts of a minute needn't outlive a power cut.
        opened = sqlite3.connect(path, timeout=10, isolation_level=None)
        opened.execute("PRAGMA journal_mode = WAL")
        opened.execute("PRAGMA synchronous = OFF")
        opened.execute(SCHEMA)
        _files.path, _files.connection = path, opened
    connected: sqlite3.Connection = _files.connection
    return connected
