"""What the two databases do differently, in one place."""

import functools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, ParamSpec, TypeVar

from django.db import IntegrityError, InterfaceError, OperationalError, connection
from django.db.migrations.operations import RunSQL

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 5
_DEADLOCK, _SERIALIZATION = "40P01", "40001"
# The class of lost connections; shut down by its administrator, by a crash, and not ready yet.
_OUTAGES: Final = ("08", "57P01", "57P02", "57P03")
#: How long a database that went away is waited for.
OUTAGE_SECONDS: Final = 120.0
_AGAIN_SECONDS: Final = 0.5


class PostgresSQL(RunSQL):
    """SQL of a migration that only PostgreSQL runs: extensions, special indexes, unlogged tables."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)


def retried(function: Callable[P, R]) -> Callable[P, R]:
    """Run a whole transaction again when it lost a race for a row or was picked as a deadlock's victim.

    Inside somebody's larger transaction there is nothing to run again: the error goes up.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, ATTEMPTS):
            try:
                return function(*args, **kwargs)
            except (IntegrityError, OperationalError) as error:
                if connection.in_atomic_block or not _lost_a_race(error):
                    raise
            # Not in step with who won.
            time.sleep(random.uniform(0, 0.01 * attempt))  # noqa: S311 - no secret
        return function(*args, **kwargs)

    return run


def outlasting(function: Callable[P, R]) -> Callable[P, R]:
    """Run a whole transaction again when the database went away, until it is back or OUTAGE_SECONDS are over.

    For what is known nowhere else. The first may have been committed without our hearing of it: ``function`` has to
    find that out.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        until = time.monotonic() + OUTAGE_SECONDS
        while True:
            try:
                return function(*args, **kwargs)
            except (InterfaceError, OperationalError) as error:
                # By what was said: the connection may have been opened anew at the end of the transaction.
                if connection.in_atomic_block or not _is_outage(error) or time.monotonic() > until:
                    raise
            connection.close()
            time.sleep(_AGAIN_SECONDS)

    return run


def _is_outage(error: Exception) -> bool:
    """The connection is lost, can't be made, or the server is ending or beginning. SQLite has no such errors."""
    if isinstance(error, InterfaceError):
        return True
    state = getattr(error.__cause__, "sqlstate", "")
    # None: the server itself said nothing.
    return state is None or state.startswith(_OUTAGES)


@contextmanager
def durable() -> Iterator[None]:
    """What is committed inside outlives a power cut: on SQLite for a flush each; PostgreSQL sees to that anyway."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = FULL")
        try:
            yield
        finally:
            cursor.execute("PRAGMA synchronous = NORMAL")


def _lost_a_race(error: Exception) -> bool:
    if isinstance(error, IntegrityError):
        # A foreign key breaks when what it names was deleted meanwhile: looked up again, it is unknown.
        return any(kind in str(error).lower() for kind in ("unique", "foreign key"))
    return getattr(error.__cause__, "sqlstate", None) in (_DEADLOCK, _SERIALIZATION)
