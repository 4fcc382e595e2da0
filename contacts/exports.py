"""Contacts out: CSV, XLSX and JSON, streamed, so that a million rows cost no memory.

What a spreadsheet would run as a formula leaves with an apostrophe before it, which the importer takes off
again: a file that is imported back gives the same contacts.
"""

import csv
import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import orjson
from openpyxl import Workbook

from contacts.cells import neutralised
from contacts.documents import Document, contact_documents
from contacts.imports.mapping import CUSTOM
from contacts.models import CustomField
from contacts.queries import Contacts
from fluenzr_site.workspaces.models import Workspace

CONTENT_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
BATCH: Final = 1000
COLUMNS: Final = (
    "id",
    "email",
    "firstName",
    "lastName",
    "company",
    "jobTitle",
    "phone",
    "website",
    "status",
    "notes",
    "groups",
    "tags",
    "pipelineStage",
    "createdAt",
    "updatedAt",
)
_SEPARATORS: Final = frozenset(',;|\n"[')


class UnknownColumn(ValueError):
    """A column that contacts don't have; the message names those that they do."""


def export(
    workspace: Workspace, contacts: Contacts, format: str, columns: Sequence[str] | None = None
) -> Iterator[bytes]:
    """Contacts of the workspace as a file of ``format`` (csv, xlsx or json), piece by piece.

    ``columns``: names of COLUMNS and ``custom:<key>``; all of them when None. Raises UnknownColumn at once.
    """
    keys = CustomField.objects.of(workspace).values_list("key", flat=True)
    every = [*COLUMNS, *(f"{CUSTOM}{key}" for key in keys)]
    wanted = list(columns) if columns is not None else every
    unknown = [name for name in wanted if name not in every]
    if unknown:
        raise UnknownColumn(f"Unknown column {unknown[0]!r}; the columns are: {', '.join(every)}")
    return _FORMATS[format](contacts, wanted)


def _documents(contacts: Contacts) -> Iterator[list[Document]]:
    """Batches in the order of ids, each from where the last one ended."""
    after = ""
    while batch := contact_documents(contacts.filter(pk__gt=after).order_by("id")[:BATCH], also=["notes"]):
        yield batch
        after = batch[-1]["id"]


def _reader(column: str) -> Callable[[Document], str]:
    if column.startswith(CUSTOM):
        key = column.removeprefix(CUSTOM)
        return lambda document: _plain(document["customFields"].get(key))
    if column == "groups":
        return lambda document: _listed([group["name"] for group in document["groups"]])
    if column == "tags":
        return lambda document: _listed(document["tags"])
    if column == "pipelineStage":
        return lambda document: document["pipelineStage"]["name"] if document["pipelineStage"] else ""
    return lambda document: document[column] or ""


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _listed(names: Sequence[str]) -> str:
    """Names in one cell: ``a; b``, or a JSON list where a name has a separator in it."""
    if any(not _SEPARATORS.isdisjoint(name) or ":::" in name for name in names):
        return orjson.dumps(list(names)).decode()
    return "; ".join(names)


def _rows(contacts: Contacts, columns: Sequence[str]) -> Iterator[list[list[str]]]:
    readers = [_reader(column) for column in columns]
    for batch in _documents(contacts):
        yield [[neutralised(read(document)) for read in readers] for document in batch]


def _csv(contacts: Contacts, columns: Sequence[str]) -> Iterator[bytes]:
    # The mark at the beginning is what makes spreadsheets read UTF-8.
    yield "\ufeff".encode() + _csv_lines([columns])
    for rows in _rows(contacts, columns):
        yield _csv_lines(rows)


def _csv_lines(rows: Sequence[Sequence[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode()


def _xlsx(contacts: Contacts, columns: Sequence[str]) -> Iterator[bytes]:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Contacts")
    sheet.append(columns)
    for rows in _rows(contacts, columns):
        for row in rows:
            sheet.append(row)
    with tempfile.TemporaryFile() as file:
        workbook.save(file)
        file.seek(0)
        while piece := file.read(65_536):
            yield piece


def _json(contacts: Contacts, columns: Sequence[str]) -> Iterator[bytes]:
    """A list of contact objects, cut to the columns."""
    kept = [name for name in COLUMNS if name in columns]
    custom = [name.removeprefix(CUSTOM) for name in columns if name.startswith(CUSTOM)]
    separator = b"["
    for batch in _documents(contacts):
        for document in batch:
            fields = document["customFields"]
            cut = {name: document[name] for name in kept}
            cut["customFields"] = {key: fields[key] for key in custom if key in fields}
            yield separator + orjson.dumps(cut)
            separator = b",\n"
    yield b"[]\n" if separator == b"[" else b"]\n"


_FORMATS: Final = {"csv": _csv, "xlsx": _xlsx, "json": _json}
