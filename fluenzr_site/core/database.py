"""What the two databases do differently, in one place."""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from django.db import IntegrityError, OperationalError, connection
from django.db.migrations.operations import RunSQL

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 5
_DEADLOCK, _SERIALIZATION = "40P01", "40001"


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
        for _ in range(ATTEMPTS - 1):
            try:
                return function(*args, **kwargs)
            except (IntegrityError, OperationalError) as error:
                if connection.in_atomic_block or not _lost_a_race(error):
                    raise
        return function(*args, **kwargs)

    return run


def _lost_a_race(error: Exception) -> bool:
    if isinstance(error, IntegrityError):
        # A foreign key breaks when what it names was deleted meanwhile: looked up again, it is unknown.
        return any(kind in str(error).lower() for kind in ("unique", "foreign key"))
    return getattr(error.__cause__, "sqlstate", None) in (_DEADLOCK, _SERIALIZATION)
