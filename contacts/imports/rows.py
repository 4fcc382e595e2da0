"""Turns records into contacts: one function, built once for a mapping, that runs for each of a million
rows.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from contacts.addresses import BLANKS, InvalidAddress, first_in_cell
from contacts.cells import restored
from contacts.cleaning import MAX_CUSTOM_BYTES, MAX_GROUP_NAME, MAX_TAG, TEXT_FIELDS
from contacts.imports import values
from contacts.imports.mapping import CUSTOM, Column, Mapping
from contacts.imports.table import Record
from fluenzr_site.core.saying import Sentence, say

#: Characters that a field holds at most. ``channel`` comes from elsewhere.
LIMITS: Final = {name: limit for name, (_, limit) in TEXT_FIELDS.items() if name != "channel"}
_LONGEST_SHOWN: Final = 200

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
# Rows keep the English of what was wrong with them.
_TOO_LONG: Final = Sentence("The text has %(count)s characters: shorten it to at most %(limit)s.")
_NOT_AN_ADDRESS: Final = Sentence("%(error)s: write one address such as name@example.com.")
_UNCLOSED: Final = say("A quote isn't closed in this row, so that its cells run together: close or remove it.")
_UNKNOWN_STATUS: Final = say(
    "This status isn't known, so the contact can be mailed: write active, unsubscribed, bounced or blocked."
)
_LIST = re.compile(r"[,;|\n]|\s:::\s")
_MULTILINE: Final = frozenset({"notes"})


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell that could not be taken: the record's line, the column's header, at most 200 characters of
    the value, and a sentence that says what would be right."""

    line: int
    column: str
    value: str
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """A contact to be. ``email`` None means that the row failed; it then has exactly one problem, on the
    e-mail column.

    ``values``: API name -> text, blank ones left out, since they never overwrite. ``status``:
    ``unsubscribed``, ``bounced``, ``blocked``, or None where nothing keeps the person from being mailed.
    ``groups`` and ``stage`` are names.
    """

    line: int
    email: str | None
    values: dict[str, str]
    tags: tuple[str, ...]
    groups: tuple[str, ...]
    stage: str | None
    status: str | None
    custom_fields: dict[str, str]
    problems: tuple[Problem, ...]


Convert = Callable[[Record], Row]
_ReadStatus = Callable[[str], str | None]
_Texts = tuple[tuple[int, str, str, int, bool], ...]


def converter(mapping: Mapping) -> Convert:
    """The function that makes a Row of each Record of the mapped file; it raises nothing."""
    columns = mapping.columns
    email = mapping.email_column
    main, others = (email.index if email else -1), mapping.alternatives
    texts, customs = _texts(columns), _customs(columns)
    full, stage = _first(columns, "fullName"), _first(columns, "stage")
    tags, groups = _all(columns, "tags"), _all(columns, "groups")
    statuses = _statuses(columns)

    def convert(record: Record) -> Row:
        cells, line = record.cells, record.line
        problems: list[Problem] = []
        address = _address(cells, line, main, others, columns, problems)
        if record.unclosed:
            problems[:] = [_unclosed(record, columns, main if address is None else -1)]
        if address is None:
            return Row(line, None, {}, (), (), None, None, {}, tuple(problems))
        found = _read(cells, line, texts, problems)
        if full is not None and "firstName" not in found and "lastName" not in found:
            _split_name(cells[full.index], line, full, found, problems)
        return Row(
            line,
            address,
            found,
            _listed(cells, line, tags, MAX_TAG, problems) if tags else (),
            _listed(cells, line, groups, MAX_GROUP_NAME, problems) if groups else (),
            (clean(cells[stage.index]) or None) if stage else None,
            _status(cells, line, statuses, problems) if statuses else None,
            _read(cells, line, customs, problems) if customs else {},
            tuple(problems),
        )

    return convert


def clean(cell: str, multiline: bool = False) -> str:
    """A cell's text: trimmed of every kind of white space, without control characters and our own
    apostrophe.
    """
    text = cell.strip()
    if text[:1] == "'":
        text = restored(cell.strip(" ")).strip()
    if text.isprintable() and text.isascii():
        return text
    text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text)).strip(BLANKS)
    return text if multiline else " ".join(text.split("\n"))


def _address(
    cells: Sequence[str],
    line: int,
    main: int,
    others: Sequence[int],
    columns: Sequence[Column],
    problems: list[Problem],
) -> str | None:
    """The address of the first e-mail column that holds one; a problem on the main column where none does."""
    if main < 0:
        problems.append(Problem(line, "", "", say("No column holds e-mail addresses. Choose the one that does.")))
        return None
    problem: Problem | None = None
    for index in (main, *others):
        try:
            address = first_in_cell(cells[index])
        except InvalidAddress as error:
            wrong = _NOT_AN_ADDRESS(error=str(error))
            problem = problem or Problem(line, columns[index].header, _shown(cells[index]), wrong)
        else:
            if address is not None:
                if problem:
                    problems.append(problem)
                return address
    missing = say("The e-mail address is missing: write one such as name@example.com.")
    problems.append(problem or Problem(line, columns[main].header, "", missing))
    return None


def _read(cells: Sequence[str], line: int, texts: _Texts, problems: list[Problem]) -> dict[str, str]:
    """Name -> text of the cells that hold any; one too long becomes a problem instead."""
    found: dict[str, str] = {}
    for index, name, header, limit, multiline in texts:
        cell = cells[index]
        if cell and (text := clean(cell, multiline)):
            if len(text) > limit:
                problems.append(_too_long(line, header, text, limit))
            else:
                found[name] = text
    return found


def _split_name(cell: str, line: int, column: Column, found: dict[str, str], problems: list[Problem]) -> None:
    """Splits a full name at its first space; "Last, First" is turned round; a name without a space is a
    first name.
    """
    text = clean(cell)
    before, comma, after = text.partition(",")
    first, last = (after.strip(), before.strip()) if comma and after.strip() else (text, "")
    if not last:
        first, _, last = first.rstrip(", ").replace("\u3000", " ").partition(" ")
    for name, part in (("firstName", first), ("lastName", last.strip())):
        if len(part) > LIMITS[name]:
            problems.append(_too_long(line, column.header, part, LIMITS[name]))
        elif part:
            found[name] = part


def _unclosed(record: Record, columns: Sequence[Column], index: int) -> Problem:
    """What is wrong with the row, told of the column at ``index``, or of the last with any text where -1."""
    if index < 0:
        index = max((number for number, cell in enumerate(record.cells) if cell), default=0)
    return Problem(record.line, columns[index].header, _shown(record.cells[index]), _UNCLOSED)


def _listed(
    cells: Sequence[str], line: int, columns: Sequence[Column], limit: int, problems: list[Problem]
) -> tuple[str, ...]:
    """The names in cells that list several, in order, each once."""
    found: dict[str, None] = {}
    for column in columns:
        for name in _names(clean(cells[column.index], multiline=True)):
            if len(name) > limit:
                problems.append(_too_long(line, column.header, name, limit))
            elif name:
                found[name] = None
    return tuple(found)


def _names(text: str) -> list[str]:
    """The names in a cell; a JSON list, as our own export writes where a name has a separator in it, is one."""
    if text.startswith('["'):
        try:
            return [name.strip() for name in json.loads(text)]
        except (ValueError, AttributeError):
            pass
    return [part.strip(BLANKS).removeprefix("* ").strip('"').strip() for part in _LIST.split(text)]


def _status(
    cells: Sequence[str], line: int, readers: Sequence[tuple[Column, _ReadStatus]], problems: list[Problem]
) -> str | None:
    """The first reason not to mail somebody that any of the columns gives; a status nobody knows is told of."""
    for column, read in readers:
        cell = cells[column.index]
        if cell and (text := clean(cell)):
            if found := read(text):
                return found
            if column.field == "status" and not values.is_choice(text):
                problems.append(Problem(line, column.header, _shown(cell), _UNKNOWN_STATUS))
    return None


def _opted_out(text: str) -> str | None:
    """An opt-out column: anything but a no counts, since some hold a date or a reason."""
    if not text or values.is_no(text) or (values.is_told(text) and not values.status(text)):
        return None
    return values.status(text) or "unsubscribed"


def _not_opted_in(text: str) -> str | None:
    """An opt-in column: only a clear no counts; blank says nothing."""
    return values.status(text) or ("unsubscribed" if text and values.is_no(text) else None)


_STATUS_READERS: Final[dict[str, _ReadStatus]] = {
    "status": values.status,
    "optOut": _opted_out,
    "optIn": _not_opted_in,
}


def _statuses(columns: Sequence[Column]) -> tuple[tuple[Column, _ReadStatus], ...]:
    return tuple((c, _STATUS_READERS[c.field]) for c in columns if c.field in _STATUS_READERS)


def _texts(columns: Sequence[Column]) -> _Texts:
    return tuple(
        (c.index, c.field, c.header, LIMITS[c.field], c.field in _MULTILINE) for c in columns if c.field in LIMITS
    )


def _customs(columns: Sequence[Column]) -> _Texts:
    return tuple(
        (c.index, c.field.removeprefix(CUSTOM), c.header, MAX_CUSTOM_BYTES, True)
        for c in columns
        if c.field.startswith(CUSTOM)
    )


def _first(columns: Sequence[Column], field: str) -> Column | None:
    return next((column for column in columns if column.field == field), None)


def _all(columns: Sequence[Column], field: str) -> tuple[Column, ...]:
    return tuple(column for column in columns if column.field == field)


def _too_long(line: int, header: str, text: str, limit: int) -> Problem:
    message = _TOO_LONG(count=len(text), limit=limit)
    return Problem(line, header, _shown(text), message)


def _shown(cell: str) -> str:
    return cell.strip(BLANKS)[:_LONGEST_SHOWN]
