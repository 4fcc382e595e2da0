"""Looking into custom fields by a key of any spelling.

Django writes a key into SQLite's path language, where ``0`` is a position, a quote ends the name and ``é`` is
spelt otherwise than in the stored text. Here the keys are read out and compared as what they are.
"""

from typing import Any, Final

from django.db import connection
from django.db.models import BooleanField, Expression, F, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from contacts.models import Contact

_SQL: Final = "EXISTS (SELECT 1 FROM json_each({column}) WHERE key = %s{condition})"


class _Holds(Expression):
    """SQLite: the object in ``column`` has the key, and under it this value where one is given."""

    conditional = True
    output_field = BooleanField()

    def __init__(self, column: str, condition: str, *values: Any) -> None:
        super().__init__()
        self.column: Any = F(column)
        self.condition, self.values = condition, values

    def get_source_expressions(self) -> list[Any]:
        return [self.column]

    def set_source_expressions(self, exprs: Any) -> None:
        (self.column,) = exprs

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        column, params = compiler.compile(self.column)
        return _SQL.format(column=column, condition=self.condition), (*params, *self.values)


def with_key(contacts: QuerySet[Contact], key: str) -> QuerySet[Contact]:
    """Those that have a value under ``key``."""
    if connection.vendor == "postgresql":
        return contacts.filter(custom_fields__has_key=key)
    return contacts.filter(_Holds("custom_fields", "", key))


def with_value(contacts: QuerySet[Contact], key: str, value: str | float | bool) -> QuerySet[Contact]:
    """Those that have this very value, of this JSON type, under ``key``."""
    if connection.vendor == "postgresql":
        # The form that the jsonb_path_ops index serves.
        return contacts.filter(custom_fields__contains={key: value})
    if isinstance(value, bool):
        return contacts.filter(_Holds("custom_fields", " AND type = %s", key, "true" if value else "false"))
    kinds = "('text')" if isinstance(value, str) else "('integer', 'real')"
    return contacts.filter(_Holds("custom_fields", f" AND type IN {kinds} AND atom = %s", key, value))
