"""Inserting many rows that are known to be new: COPY on PostgreSQL, ``bulk_create`` on SQLite.

COPY costs a tenth of what saving costs. A unique constraint still holds: the transaction fails as it would
for an INSERT, and the caller's ``retried`` runs it again with what has been committed meanwhile in view.
"""

from collections.abc import Sequence
from typing import TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)

# Below this an INSERT is as quick as COPY's three messages; SQLite takes 250 rows before it must split anyway.
COPY_FROM = 50
BATCH = 500


def insert(rows: Sequence[M]) -> None:
    """Write new rows of one model. Primary keys must be set; nothing is read back."""
    if not rows:
        return
    if connection.vendor == "postgresql" and len(rows) >= COPY_FROM:
        _copy(rows)
    else:
        type(rows[0])._base_manager.bulk_create(rows, batch_size=BATCH)


def _copy(rows: Sequence[models.Model]) -> None:
    meta = rows[0]._meta
    fields = meta.local_concrete_fields
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    readers = [(field.attname, field) for field in fields]
    with connection.cursor() as cursor:
        statement = f"COPY {quote(meta.db_table)} ({columns}) FROM STDIN"
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(
                    [field.get_db_prep_save(getattr(row, name), connection) for name, field in readers]
                )
