"""Writing many rows in one statement a table: COPY on PostgreSQL for new ones, else executemany.

Building and saving a model for each row is most of what a save costs. A unique constraint still holds: the
transaction fails as it would for any INSERT, and the caller's ``retried`` runs it again with what has been
committed meanwhile in view.
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

import orjson
from django.db import connection, models

M = TypeVar("M", bound=models.Model)
Values = Sequence[Any]

# Below this an INSERT is as quick as COPY's three messages.
COPY_FROM: Final = 20


def insert(rows: Sequence[M]) -> None:
    """Write new rows of one model. Primary keys must be set; nothing is read back."""
    if rows:
        model = type(rows[0])
        names = [field.attname for field in model._meta.local_concrete_fields if not _is_automatic(field)]
        insert_values(model, names, [[getattr(row, name) for name in names] for row in rows])


def insert_values(model: type[models.Model], names: Sequence[str], rows: Sequence[Values]) -> None:
    """The same from plain values in the order of ``names`` (the model's attributes, ``workspace_id`` …).

    Columns that aren't named get what the database gives them, so every one without a default must be.
    """
    if not rows:
        return
    by_attribute = {field.attname: field for field in model._meta.local_concrete_fields}
    fields = [by_attribute[name] for name in names]
    table = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(connection.ops.quote_name(field.column or "") for field in fields)
    prepared = _prepared(fields, rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) >= COPY_FROM:
            # COPY is the driver's own: its errors become Django's, for whoever runs a lost race again.
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in prepared:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(prepared))  # noqa: S608


def update_values(model: type[models.Model], names: Sequence[str], rows: Sequence[Values]) -> None:
    """Set the attributes ``names`` of the rows whose primary key comes last in each of ``rows``."""
    if not rows:
        return
    quote = connection.ops.quote_name
    by_attribute = {field.attname: field for field in model._meta.local_concrete_fields}
    fields = [by_attribute[name] for name in (*names, "id")]
    assignments = ", ".join(f"{quote(field.column or '')} = %s" for field in fields[:-1])
    sql = f"UPDATE {quote(model._meta.db_table)} SET {assignments} WHERE {quote('id')} = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(sql, list(_prepared(fields, rows)))


def _is_automatic(field: Any) -> bool:
    return isinstance(field, models.AutoField)


def _prepared(fields: Sequence[Any], rows: Sequence[Values]) -> Iterable[Values]:
    """The rows as the driver takes them; only times, dates and JSON need a hand."""
    converters = [(position, _converter(field)) for position, field in enumerate(fields)]
    needed = [(position, convert) for position, convert in converters if convert]
    for row in rows:
        values = list(row)
        for position, convert in needed:
            values[position] = convert(values[position])
        yield values


def _converter(field: Any) -> Callable[[Any], Any] | None:
    if isinstance(field, models.JSONField):
        return lambda value: orjson.dumps(value).decode()
    if isinstance(field, models.DateField):
        # A batch has few different times.
        return functools.lru_cache(maxsize=256)(lambda value: field.get_db_prep_save(value, connection))
    if isinstance(field, models.BinaryField):
        return lambda value: field.get_db_prep_save(value, connection)
    return None
