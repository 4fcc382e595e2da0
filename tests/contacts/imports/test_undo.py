"""Taking an import back: what it made goes, what it updated is as before, who was touched since stays and is named."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError

from contacts.changes import bulk_changes
from contacts.changes import contacts as changes
from contacts.cleaning import clean
from contacts.imports import run, store, undo
from contacts.imports.undo import UndoResult
from contacts.models import BulkChange, Contact, EarlierValues, Import
from fluenzr_site.core import clock
from fluenzr_site.events import types
from fluenzr_site.events.models import Event
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.changes import create_workspace
from fluenzr_site.workspaces.models import Workspace

pytestmark = pytest.mark.django_db
PERSON = Actor("user", "1")
Importer = Callable[..., Import]
FILE = "email,company,tags\nann@example.com,New,x\nbo@example.com,New,x\ncy@example.com,New,x\ndi@example.com,New,x\n"


@pytest.fixture
def workspace() -> Workspace:
    return create_workspace("Acme")


@pytest.fixture
def import_file(workspace: Workspace) -> Importer:
    def import_file(text: str = FILE, **choices: Any) -> Import:
        source = store.create(workspace, io.BytesIO(text.encode()), "people.csv")
        given = {"on_duplicate": "update", "consent_source": "existing", "certified": True} | choices
        store.choose(source, **given)
        run.start(source)
        assert run.run_due()
        source.refresh_from_db()
        return source

    return import_file


@pytest.fixture
def known(workspace: Workspace) -> dict[str, str]:
    """Ann and Bo are there already: their ids."""
    found = {}
    for name in ("ann", "bo"):
        draft = clean({"email": f"{name}@example.com", "company": "Old", "tags": [name]}, needs_email=True)
        found[name] = changes.create(workspace, draft, by=PERSON)
    return found


def people(workspace: Workspace) -> dict[str, tuple[str, list[str]]]:
    rows = Contact.objects.of(workspace).order_by("email")
    return {row.email or "": (row.company, sorted(row.tags.values_list("name", flat=True))) for row in rows}


def touch(workspace: Workspace, email: str) -> str:
    contact_id: str = Contact.objects.of(workspace).values_list("pk", flat=True).get(email=email)
    changes.update(workspace, contact_id, clean({"firstName": "T"}, needs_email=False), by=PERSON)
    return contact_id


def test_created_ones_go_and_updated_ones_are_as_before(
    workspace: Workspace, known: dict[str, str], import_file: Importer
) -> None:
    before = people(workspace)
    source = import_file()
    assert (source.created, source.updated) == (2, 2)
    assert undo.extent(source) == (2, 2)
    assert undo.undo(source, by=PERSON) == UndoResult(deleted=2, kept=0, restored=2)
    assert people(workspace) == before
    assert (source.state, source.undone) == (Import.State.UNDONE, 2)
    told = Event.objects.of(workspace).filter(actor=str(PERSON)).order_by("id").values_list("type", flat=True)
    assert list(told)[2:] == [types.CONTACT_UPDATED] * 2 + [types.CONTACT_DELETED] * 2
    with pytest.raises(run.NotReady):
        undo.undo(source, by=PERSON)


def test_who_was_touched_since_stays_and_is_named(
    workspace: Workspace, known: dict[str, str], import_file: Importer
) -> None:
    source = import_file()
    ann, cy = touch(workspace, "ann@example.com"), touch(workspace, "cy@example.com")
    assert undo.undo(source, by=PERSON) == UndoResult(deleted=1, kept=2, restored=1)
    assert {email: company for email, (company, _) in people(workspace).items()} == {
        "ann@example.com": "New",
        "bo@example.com": "Old",
        "cy@example.com": "New",
    }
    change = run.change_of(source)
    assert change is not None
    assert set(change.earlier.values_list("contact_id", "outcome")) == {(ann, "changed"), (cy, "changed")}


def test_an_opt_out_that_only_the_import_knew_is_undone_with_it(
    workspace: Workspace, known: dict[str, str], import_file: Importer
) -> None:
    """A wrong column is why people undo; who unsubscribed by themselves since stays so."""
    source = import_file("email,unsubscribed\nann@example.com,yes\nbo@example.com,yes\n", on_duplicate="skip")
    assert source.skipped == 2
    with changes.change(workspace, Actor("engine", "mail")) as unit:
        unit.record(types.EMAIL_UNSUBSCRIBED, known["bo"], {})
    assert undo.undo(source, by=PERSON) == UndoResult(deleted=0, kept=1, restored=1)
    assert dict(Contact.objects.values_list("pk", "status")) == {known["ann"]: "active", known["bo"]: "unsubscribed"}


def test_an_opt_out_of_contacts_that_only_the_import_made_is_undone_with_it(import_file: Importer) -> None:
    source = import_file("email,unsubscribed\ndeb@example.com,yes\n")
    assert Contact.objects.get(email="deb@example.com").status == "unsubscribed"
    assert undo.undo(source, by=PERSON).deleted == 1
    import_file("email\ndeb@example.com\n")
    assert Contact.objects.get(email="deb@example.com").status == "active"


def test_what_only_creates_keeps_nothing(workspace: Workspace, import_file: Importer) -> None:
    import_file()
    import_file(on_duplicate="skip")
    assert not EarlierValues.objects.exists()


def test_the_worker_undoes_it_and_goes_on_where_it_was_cut_off(
    workspace: Workspace, known: dict[str, str], import_file: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_changes, "STEP", 1)
    monkeypatch.setattr(undo, "UNDO_ROWS", 1)
    before = people(workspace)
    source = import_file()
    undo.begin(source, by=PERSON)
    real, calls = undo.delete_many, []

    def cut_off(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise OperationalError("gone")
        return real(*args, **kwargs)

    monkeypatch.setattr(undo, "delete_many", cut_off)
    with pytest.raises(OperationalError):
        bulk_changes.run_due()
    assert Contact.objects.count() == 3
    assert bulk_changes.run_due()
    source.refresh_from_db()
    change = run.change_of(source)
    assert change is not None and people(workspace) == before
    assert (change.state, change.restored, change.deleted, change.kept) == (BulkChange.State.UNDONE, 2, 2, 0)
    assert (source.state, source.undone) == (Import.State.UNDONE, 2)


def test_after_thirty_days_what_it_made_can_still_be_deleted(
    workspace: Workspace, known: dict[str, str], import_file: Importer
) -> None:
    source = import_file()
    BulkChange.objects.update(created_at=clock.now() - bulk_changes.KEPT)
    assert undo.extent(source) == (2, 0)
    assert undo.undo(source, by=PERSON) == UndoResult(deleted=2, kept=0)
    assert {company for company, _ in people(workspace).values()} == {"New"}


def test_it_is_undone_by_one_at_a_time(workspace: Workspace, known: dict[str, str], import_file: Importer) -> None:
    source = import_file()
    change = undo.begin(source, by=PERSON, claimed=True)
    with pytest.raises(run.NotReady):
        undo.undo(source, by=PERSON)
    bulk_changes.work(change)
    source.refresh_from_db()
    assert source.state == Import.State.UNDONE
