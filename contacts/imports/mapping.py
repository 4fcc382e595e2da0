"""Decides which column of a file goes into which field: a guess from headers and values, then a person's
choices.
"""

import hashlib
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from contacts.imports import vocabulary
from contacts.imports.guessing import Guesser
from contacts.imports.table import Record
from fluenzr_site.core.saying import say

IGNORE: Final = "ignore"
CUSTOM: Final = "custom:"
#: Fields that a column can be imported into, besides ``custom:<key>``. ``status``, ``optOut`` and
#: ``optIn`` (a "no" counts) only ever keep people from being mailed.
FIELDS: Final = (
    *("email", "firstName", "lastName", "fullName", "company", "jobTitle", "phone", "website", "notes"),
    *("tags", "groups", "stage", "status", "optOut", "optIn"),
)
#: Fields that several columns may go into.
MANY: Final = frozenset({"tags", "groups", "status", "optOut", "optIn", IGNORE})
_NO_CUSTOM: Final[Dictionary[str, str]] = MappingProxyType({})


class MappingProblem(ValueError):
    """A choice that can't be followed; ``str()`` names it and lists what would be right."""


@dataclass(frozen=True, slots=True)
class Column:
    """``index`` from 0; ``field`` is one of FIELDS, ``custom:<key>``, or ``ignore``."""

    index: int
    header: str
    field: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """A field for every column, in the file's order.

    ``alternatives``: indexes of other e-mail columns, tried in order where the main one holds no address.
    """

    columns: tuple[Column, ...]
    alternatives: tuple[int, ...] = ()

    @property
    def email_column(self) -> Column | None:
        return next((column for column in self.columns if column.field == "email"), None)

    @property
    def unmatched(self) -> tuple[Column, ...]:
        """The columns that are left out, to be offered as custom fields."""
        return tuple(c for c in self.columns if c.field == IGNORE and c.index not in self.alternatives)

    def by_field(self) -> dict[str, str]:
        """Field -> header of its (first) column; without the ignored ones."""
        found: dict[str, str] = {}
        for column in self.columns:
            if column.field != IGNORE:
                found.setdefault(column.field, column.header)
        return found

    def choices(self) -> dict[str, str]:
        """Column number (from 1, as text) -> field: the whole mapping in the form that ``apply`` takes."""
        return {str(column.index + 1): column.field for column in self.columns}


def guess(
    table_header: Sequence[str], sample: Sequence[Record], custom_fields: Dictionary[str, str] = _NO_CUSTOM
) -> Mapping:
    """The most plausible mapping, from the header and some first rows (200 are plenty).

    ``custom_fields``: key -> label of the workspace's definitions; a column named as either goes there.
    """
    guesser = Guesser(table_header, sample, custom_fields)
    fields = guesser.fields()
    columns = tuple(Column(i, name, fields.get(i, IGNORE)) for i, name in enumerate(table_header))
    return Mapping(columns, guesser.alternatives(fields))


def apply(
    header: Sequence[str],
    choices: Dictionary[str, str],
    *,
    guessed: Mapping | None = None,
    custom_fields: Dictionary[str, str] = _NO_CUSTOM,
) -> Mapping:
    """A person's choices, {column's header or number from 1: field}, on top of the guess (of nothing,
    without one).

    A header that occurs twice means its first column; a number tells them apart. A chosen column takes
    the field from the one guessed for it. Raises MappingProblem for an unknown column or field, and for
    a field chosen twice.
    """
    chosen: dict[int, str] = {}
    for name, field in choices.items():
        chosen[_index(header, name)] = _field(field, custom_fields)
    _refuse_twice(header, chosen)
    base = guessed or Mapping(tuple(Column(i, name, IGNORE) for i, name in enumerate(header)))
    taken = set(chosen.values()) - MANY
    columns = tuple(
        replace(c, field=chosen.get(c.index, IGNORE if c.field in taken else c.field)) for c in base.columns
    )
    return Mapping(columns, _alternatives(base, columns, chosen))


def _alternatives(base: Mapping, columns: Sequence[Column], chosen: Dictionary[int, str]) -> tuple[int, ...]:
    """The guessed alternatives that nobody chose otherwise, and first the guessed main column that gave
    way.
    """
    main = base.email_column
    order = ((main.index,) if main else ()) + base.alternatives
    return tuple(i for i in order if i not in chosen and columns[i].field == IGNORE)


def signature(header: Sequence[str]) -> str:
    """64 hexadecimal digits that are the same for files with the same column names in the same order."""
    names = "\x1f".join(" ".join(vocabulary.folded(name).split()) for name in header)
    return hashlib.sha256(names.encode("utf-8", "surrogatepass")).hexdigest()


def _index(header: Sequence[str], name: str) -> int:
    wanted = " ".join(name.split())
    if wanted in header:
        return list(header).index(wanted)
    for index, known in enumerate(header):
        if vocabulary.folded(known) == vocabulary.folded(wanted):
            return index
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 6 and 1 <= int(wanted) <= len(header):
        return int(wanted) - 1
    names = ", ".join(f'"{known}"' for known in header[:50])
    known = say("The columns are %(names)s, or their numbers 1 to %(count)s.", names=names, count=len(header))
    raise MappingProblem(say('There is no column "%(name)s". %(known)s', name=name, known=known))


def _field(field: str, custom_fields: Dictionary[str, str]) -> str:
    custom = [f"{CUSTOM}{key}" for key in custom_fields]
    if field not in FIELDS and field != IGNORE and field not in custom:
        known = ", ".join([*FIELDS, *custom, IGNORE])
        raise MappingProblem(say('There is no field "%(field)s". The fields are %(known)s.', field=field, known=known))
    return field


def _refuse_twice(header: Sequence[str], chosen: Dictionary[int, str]) -> None:
    seen: dict[str, int] = {}
    for index, field in chosen.items():
        if field not in MANY and field in seen:
            names = f'"{header[seen[field]]}" and "{header[index]}"'
            raise MappingProblem(
                say(
                    'The field "%(field)s" was chosen for %(names)s; it can come from one column only.',
                    field=field,
                    names=names,
                )
            )
        seen[field] = index
