"""Files of contacts: what they hold, that no spreadsheet runs them, that they cost no memory."""

import csv
import io
import json
from itertools import islice
from typing import Any

import openpyxl
import pytest
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from contacts import exports
from contacts.cells import neutralised
from contacts.changes import contacts as changes
from contacts.changes.contacts import Rules
from contacts.cleaning import clean
from contacts.imports.rows import clean as clean_cell
from contacts.models import Contact
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.changes import create_workspace
from fluenzr_site.workspaces.models import Workspace

PERSON = Actor("user", "1")


@pytest.fixture
def workspace(db: None) -> Workspace:
    return create_workspace("Acme")


def add(workspace: Workspace, *contacts: dict[str, Any]) -> None:
    drafts = [clean(contact, needs_email=True) for contact in contacts]
    changes.save_many(workspace, drafts, rules=Rules(), by=PERSON)


def exported(workspace: Workspace, format: str, columns: list[str] | None = None) -> bytes:
    return b"".join(exports.export(workspace, Contact.objects.of(workspace), format, columns))


def test_csv_has_a_mark_and_a_line_a_contact(workspace: Workspace) -> None:
    add(workspace, {"email": "ann@example.com", "firstName": "प्रिया", "customFields": {"shoe": "42"}})
    text = exported(workspace, "csv")
    assert text.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(text.decode("utf-8-sig")))
    assert (row["email"], row["firstName"], row["custom:shoe"]) == ("ann@example.com", "प्रिया", "42")


def test_columns_are_those_chosen(workspace: Workspace) -> None:
    add(workspace, {"email": "ann@example.com", "company": "Acme"})
    assert exported(workspace, "csv", ["company", "email"]).splitlines()[1] == b"Acme,ann@example.com"


def test_an_unknown_column_is_named(workspace: Workspace) -> None:
    with pytest.raises(exports.UnknownColumn, match="'password'.*email"):
        exports.export(workspace, Contact.objects.of(workspace), "csv", ["password"])


def test_custom_fields_say_that_they_are(workspace: Workspace) -> None:
    add(workspace, {"email": "ann@example.com", "customFields": {"phone": "1", "shoe": "2"}})
    header = exported(workspace, "csv").decode("utf-8-sig").splitlines()[0].split(",")
    assert header[-2:] == ["custom:phone", "custom:shoe"] and header.count("phone") == 1


def test_formulas_leave_inert(workspace: Workspace) -> None:
    add(workspace, {"email": "ann@example.com", "firstName": '=HYPERLINK("x")', "phone": "+33612"})
    (row,) = csv.DictReader(io.StringIO(exported(workspace, "csv").decode("utf-8-sig")))
    assert (row["firstName"], row["phone"]) == ('\'=HYPERLINK("x")', "'+33612")
    sheet = openpyxl.load_workbook(io.BytesIO(exported(workspace, "xlsx"))).active
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}


@given(st.text(alphabet="'=+-@＝a \t", min_size=1, max_size=8).map(str.strip))
def test_what_is_neutralised_comes_back(text: str) -> None:
    cell = neutralised(text)
    assert cell[:1] not in ("=", "+", "-", "@", "\t", "＝")
    assert clean_cell(cell) == text


def test_json_is_a_list_of_contact_objects(workspace: Workspace) -> None:
    assert json.loads(exported(workspace, "json")) == []
    add(workspace, {"email": "ann@example.com", "tags": ["a, b"], "customFields": {"n": "1"}})
    (contact,) = json.loads(exported(workspace, "json", ["email", "tags", "custom:n"]))
    assert contact == {"email": "ann@example.com", "tags": ["a, b"], "customFields": {"n": "1"}}


def test_another_workspaces_contacts_stay_out(workspace: Workspace) -> None:
    add(create_workspace("Other"), {"email": "theirs@example.com"})
    assert b"theirs" not in exported(workspace, "csv")


def test_rows_are_read_as_they_are_written(
    workspace: Workspace, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "BATCH", 10)
    add(workspace, *({"email": f"p{i}@example.com"} for i in range(100)))
    pieces = exports.export(workspace, Contact.objects.of(workspace), "csv")
    with CaptureQueriesContext(_connection()) as queries:
        list(islice(pieces, 3))
    # Two batches of three queries each; the other eight haven't been asked for.
    assert len(queries) == 6


def _connection() -> Any:
    from django.db import connection

    return connection
