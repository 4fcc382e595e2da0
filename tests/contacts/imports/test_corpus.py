"""Real exports of some 40 products against what a sensible importer makes of them.

The files belong to others, so they live beside the repository; where they aren't, these tests are skipped.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pytest

from contacts.imports.mapping import FIELDS, Mapping, guess
from contacts.imports.reading import Table, Unreadable, open_table
from contacts.imports.rows import Row, converter

FOLDER: Final = Path(os.environ.get("FLUENZR_CSV_CORPUS") or Path(__file__).parents[4] / "shared" / "csv")

#: File -> why we keep another reading than the expectation's. All other files must agree in everything.
DISAGREEMENTS: Final[dict[str, str]] = {
    "salesking__google_outlook_latin1.csv": "the same header, Categories, is tags in Outlook's files",
    "ugnis__example_1000.csv": "Zsa Zsa.Lipson@… may be a stranger's address after the space",
}

Expected = dict[str, Any]


def expectations() -> dict[str, Expected]:
    path = FOLDER / "expected.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


EXPECTED: Final = expectations()
pytestmark = pytest.mark.skipif(not EXPECTED, reason="the folder of example files isn't here")


@dataclass(frozen=True, slots=True)
class Read:
    table: Table
    mapping: Mapping
    rows: list[Row]


def read(name: str) -> Read:
    table = open_table(lambda: (FOLDER / "files" / name).open("rb"))
    mapping = guess(table.header, list(islice(table.records(0), 200)))
    return Read(table, mapping, [converter(mapping)(record) for record in table.records(0)])


def differences(name: str, expected: Expected) -> list[str]:
    """What differs from the expectation, one line each; empty where the file agrees."""
    try:
        found = read(name)
    except Unreadable as error:
        refused = expected["expected_outcome"].startswith(("refuse", "file is empty"))
        return [] if refused else [f"unreadable: {error}"]
    if expected["expected_outcome"].startswith(("refuse", "file is empty")):
        return ["was read, should be refused"]
    return [*shape(found.table, expected), *fields(found.mapping, expected), *counts(found, expected)]


def shape(table: Table, expected: Expected) -> Iterator[str]:
    if table.encoding not in [expected["encoding"], *expected.get("encoding_also_acceptable", [])]:
        yield f"encoding {table.encoding}, expected {expected['encoding']}"
    if table.delimiter != (expected["delimiter"] or "").replace("\\t", "\t"):
        yield f"separator {table.delimiter!r}, expected {expected['delimiter']!r}"
    if (table.header_line, len(table.header)) != (expected["header_line"], expected["columns"]):
        yield f"header line {table.header_line}, {len(table.header)} columns"
    records = sum(1 for _ in table.records(0))
    if records != expected["data_rows"]:
        yield f"{records} rows, expected {expected['data_rows']}"


def fields(mapping: Mapping, expected: Expected) -> Iterator[str]:
    lax = expected.get("mapping_fields_not_to_be_strict_about", [])
    for field, right in expected["mapping"].items():
        given = [column.index for column in mapping.columns if column.field == field]
        if field == "custom":
            given = [c.index for c in mapping.columns if c.field == "ignore" and c.index == right["index"]]
        allowed = {choice["index"] for choice in (right or {}).get("any_of", [right] if right else [])}
        if field not in lax and not is_right(field, given, allowed, expected):
            yield f"{field} from columns {given}, expected {sorted(allowed)}"
    yield from traps(mapping, expected)


def is_right(field: str, given: list[int], allowed: set[int], expected: Expected) -> bool:
    """Right where a right column is taken, or none where none is right; e-mail goes first in a shared one."""
    if not allowed:
        return not given
    email = expected["mapping"]["email"]
    shared = field != "email" and bool(email) and allowed == {email.get("index")}
    return bool(set(given) & allowed) or shared


def traps(mapping: Mapping, expected: Expected) -> Iterator[str]:
    forbidden = expected.get("must_not_be_mapped_to_email_or_name_or_phone", [])
    for column in mapping.columns:
        trapped = column.header in forbidden or column.index in forbidden
        if trapped and column.field in (*FIELDS[:4], "phone"):
            yield f'"{column.header}" is a trap, became {column.field}'
    others = [i for i in mapping.alternatives if mapping.columns[i].header in forbidden]
    if others:
        yield f"traps among the other e-mail columns: {others}"


def counts(found: Read, expected: Expected) -> Iterator[str]:
    emails = [row.email for row in found.rows if row.email]
    distinct = expected["distinct_valid_emails_casefolded"]
    if (len(emails), len(set(emails))) != (expected["valid_emails"], distinct):
        yield f"{len(emails)} valid, {len(set(emails))} distinct"
    if expected["mapping"]["email"]:
        bad = [row.line for row in found.rows if not row.email]
        if bad != [row["line"] for row in expected["invalid_rows"]]:
            yield f"bad rows {bad}"
    listed = [email.lower() for email in expected.get("emails", [])]
    if listed and emails != listed and sorted(set(emails)) != sorted(set(listed)):
        yield f"addresses {emails[:5]}, expected {listed[:5]}"
    ends = [email.lower() for email in expected.get("first_and_last_email", [])]
    if ends and [emails[0], emails[-1]] != ends:
        yield f"first and last {emails[0]}, {emails[-1]}, expected {ends}"


@pytest.mark.parametrize("name", EXPECTED)
def test_file(name: str) -> None:
    found = differences(name, EXPECTED[name])
    assert bool(found) == (name in DISAGREEMENTS), found or "it agrees now: take it out of the table"


def test_summary(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f" {len(EXPECTED) - len(DISAGREEMENTS)} of {len(EXPECTED)} files agree ", end="")
    assert len(DISAGREEMENTS) <= 4
