"""Runs of imports, through the functions that the browser, the command and the worker share."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError

from contacts.changes import contacts as changes
from contacts.changes.erasure import erase
from contacts.changes.groups import create_group
from contacts.cleaning import clean
from contacts.imports import preview, report, run, store
from contacts.imports.undo import UndoResult, undo
from contacts.models import Contact, Import, StageMove
from fluenzr_site.core import leases
from fluenzr_site.events.models import Event
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.changes import create_workspace
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.plans import LimitReached

pytestmark = pytest.mark.django_db
PERSON = Actor("user", "1")
Importer = Callable[..., Import]


@pytest.fixture
def workspace() -> Workspace:
    return create_workspace("Acme")


@pytest.fixture
def prepare(workspace: Workspace) -> Importer:
    def prepare(text: str, filename: str = "people.csv", **choices: Any) -> Import:
        source = store.create(workspace, io.BytesIO(text.encode()), filename)
        given = {"on_duplicate": "skip", "consent_source": "existing", "certified": True} | choices
        store.choose(source, **given)
        return source

    return prepare


@pytest.fixture
def import_file(prepare: Importer) -> Importer:
    def import_file(text: str, **choices: Any) -> Import:
        source = prepare(text, **choices)
        run.start(source)
        assert run.run_due()
        source.refresh_from_db()
        return source

    return import_file


def counts(source: Import) -> tuple[int, int, int, int, int]:
    return source.rows, source.created, source.updated, source.skipped, source.failed


def test_every_row_is_told_of(import_file: Importer, workspace: Workspace) -> None:
    source = import_file("Email,First name\nann@example.com,Ann\nnope,Bo\nANN@example.com,Again\n,\n,Cy\n")
    assert counts(source) == (4, 1, 0, 1, 2)
    assert source.state == Import.State.FINISHED
    assert not source.parts.exists()
    assert [problem["line"] for problem in report.as_json(source)["errors"]] == [3, 6]
    assert workspace.contacts.get().first_name == "Ann"


def test_groups_tags_consent_and_stage_come_with_it(import_file: Importer, workspace: Workspace) -> None:
    group = create_group(workspace, {"name": "Fair"})
    import_file(
        "email,tags,groups,stage\nann@example.com,vip;Paris,Leads,qualified\n",
        group_ids=[group.pk],
        tags=["fair"],
        consent_source="event",
    )
    contact = workspace.contacts.get()
    assert {group.name for group in contact.groups.all()} == {"Leads", "Fair"}
    assert {tag.name for tag in contact.tags.all()} == {"vip", "Paris", "fair"}
    assert (contact.stage.name, contact.consent_source) == ("Qualified", "event")
    assert contact.consent_date is not None
    assert StageMove.objects.get(contact=contact).to_stage == contact.stage


def test_blank_cells_overwrite_nothing_and_links_are_only_added(import_file: Importer, workspace: Workspace) -> None:
    known = {"email": "ann@example.com", "company": "Acme", "tags": ["old"], "jobTitle": "CEO"}
    changes.create(workspace, clean(known, needs_email=True), by=PERSON)
    source = import_file("email,company,job title,tags\nann@example.com,,CTO,new\n", on_duplicate="update")
    contact = workspace.contacts.get()
    assert counts(source) == (1, 0, 1, 0, 0)
    assert (contact.company, contact.job_title) == ("Acme", "CTO")
    assert {tag.name for tag in contact.tags.all()} == {"old", "new"}


def test_a_new_custom_field_is_made_when_asked_for(import_file: Importer, workspace: Workspace) -> None:
    import_file("email,Shoe\nann@example.com,42\n", choices={"Shoe": "custom:shoe_size"})
    assert workspace.contacts.get().custom_fields == {"shoe_size": "42"}
    assert workspace.custom_fields.get().key == "shoe_size"


def test_a_cell_that_does_not_fit_its_field_is_left_out_and_told(import_file: Importer, workspace: Workspace) -> None:
    from contacts.changes.custom_fields import create_field

    create_field(workspace, {"key": "age", "label": "Age", "type": "number"})
    source = import_file("email,Age,stage\nann@example.com,old,Nowhere\nbo@example.com,41,Won\n")
    assert counts(source) == (2, 2, 0, 0, 0)
    warnings = report.as_json(source)["warnings"]
    assert [(problem["line"], problem["column"]) for problem in warnings] == [(2, "stage"), (2, "Age")]
    assert Contact.objects.of(workspace).get(email="bo@example.com").custom_fields == {"age": 41}


def test_an_unsubscribed_contact_stays_so(import_file: Importer, workspace: Workspace) -> None:
    import_file("email,unsubscribed\nann@example.com,yes\n")
    import_file("email,status\nann@example.com,active\n", on_duplicate="update")
    assert workspace.contacts.get().status == "unsubscribed"


def test_an_opt_out_is_heeded_even_where_duplicates_are_skipped(import_file: Importer, workspace: Workspace) -> None:
    changes.create(workspace, clean({"email": "ann@example.com"}, needs_email=True), by=PERSON)
    source = import_file("email,unsubscribed\nann@example.com,yes\n")
    assert counts(source) == (1, 0, 0, 1, 0)
    assert workspace.contacts.get().status == "unsubscribed"


def test_the_erased_are_not_imported_again(import_file: Importer, workspace: Workspace) -> None:
    contact_id = changes.create(workspace, clean({"email": "ann@example.com"}, needs_email=True), by=PERSON)
    erase(workspace, contact_id, by=PERSON)
    source = import_file("email\nAnn@Example.com\n")
    assert counts(source) == (1, 0, 0, 0, 1)
    assert "erased" in report.as_json(source)["errors"][0]["message"]
    assert not workspace.contacts.exists()


def test_each_created_contact_has_its_event(import_file: Importer, workspace: Workspace) -> None:
    source = import_file("email\nann@example.com\nbo@example.com\n")
    events = Event.objects.of(workspace)
    assert [event.type for event in events] == ["contact.created"] * 2
    assert {event.actor for event in events} == {f"import:{source.pk}"}


def test_a_run_goes_on_from_its_last_chunk(
    prepare: Importer, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "CHUNK_ROWS", {"sqlite": 2, "postgresql": 2})
    source = prepare("email\n" + "".join(f"p{i}@example.com\n" for i in range(7)))
    run.start(source)
    monkeypatch.setattr(run.stopping, "is_set", lambda: True)
    assert run.run_due()
    source.refresh_from_db()
    assert (source.rows, source.state) == (2, Import.State.RUNNING)
    monkeypatch.undo()
    assert run.run_due()
    source.refresh_from_db()
    assert counts(source) == (7, 7, 0, 0, 0)
    assert workspace.contacts.count() == 7


def test_a_crash_inside_a_chunk_leaves_nothing_of_it(
    prepare: Importer, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = prepare("email\nann@example.com\n")
    run.start(source)

    def die(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(leases, "hold", die)
    with pytest.raises(OperationalError):
        run.run_due()
    assert not workspace.contacts.exists()
    monkeypatch.undo()
    Import.objects.update(leased_until=None)
    run.run_due()
    assert workspace.contacts.count() == 1


def test_a_worker_whose_lease_has_passed_writes_nothing(prepare: Importer, workspace: Workspace) -> None:
    source = prepare("email\nann@example.com\n")
    run.start(source)
    stale = leases.claim(Import.objects.all(), seconds=60)
    Import.objects.update(leased_until=None)
    assert stale is not None
    assert run.run_due()
    run.work(stale)
    source.refresh_from_db()
    assert counts(source) == (1, 1, 0, 0, 0)


def test_cancelling_stops_the_runner_at_its_next_chunk(prepare: Importer, workspace: Workspace) -> None:
    source = prepare("email\nann@example.com\n")
    run.start(source)
    claimed = leases.claim(Import.objects.all(), seconds=60)
    assert claimed is not None
    run.cancel(source)
    run.work(claimed)
    assert source.state == Import.State.CANCELLED
    assert not workspace.contacts.exists()
    with pytest.raises(run.NotReady):
        run.cancel(source)


def test_undo_deletes_what_nobody_has_touched(import_file: Importer, workspace: Workspace) -> None:
    source = import_file("email\nann@example.com\nbo@example.com\n")
    touched = Contact.objects.of(workspace).get(email="bo@example.com")
    changes.update(workspace, touched.pk, clean({"company": "Acme"}, needs_email=False), by=PERSON)
    assert undo(source, by=PERSON) == UndoResult(deleted=1, kept=1)
    assert workspace.contacts.get() == touched
    with pytest.raises(run.NotReady):
        undo(source, by=PERSON)


def test_the_error_file_can_be_corrected_and_imported(import_file: Importer, workspace: Workspace) -> None:
    source = import_file('Email;Name\nnope;=Ann\n"bo@example.com";Bo\n;Cy\n')
    text = b"".join(report.error_csv(source)).decode("utf-8-sig")
    assert text.splitlines()[0] == "Email;Name;Reason"
    assert text.splitlines()[1].startswith("nope;'=Ann;")
    corrected = text.replace("nope", "ann@example.com")
    again = import_file(corrected)
    assert again.created == 1
    assert Contact.objects.of(workspace).get(email="ann@example.com").first_name == "=Ann"


def test_the_preview_foretells_the_run(prepare: Importer, workspace: Workspace) -> None:
    changes.create(workspace, clean({"email": "old@example.com"}, needs_email=True), by=PERSON)
    source = prepare("email,name\nold@example.com,A\nnew@example.com,Bo Li\nNEW@example.com,C\nbad,D\n")
    seen = preview.preview(source)
    assert (seen.total, seen.new, seen.duplicates, seen.bad) == (4, 1, 2, 1)
    assert seen.rows[1].cells == {"email": "new@example.com", "firstName": "Bo", "lastName": "Li"}
    assert seen.rows[3].is_bad
    run.start(source)
    run.run_due()
    source.refresh_from_db()
    assert counts(source) == (4, 1, 0, 2, 1)


def test_a_mapping_is_remembered_for_the_same_header(prepare: Importer, workspace: Workspace) -> None:
    run.start(prepare("Email,Code\nann@example.com,x\n", choices={"Code": "jobTitle"}))
    again = store.create(workspace, io.BytesIO(b"Email,Code\nbo@example.com,y\n"), "more.csv")
    assert store.mapping_of(again).by_field()["jobTitle"] == "Code"


def test_consent_must_be_certified(workspace: Workspace) -> None:
    source = store.create(workspace, io.BytesIO(b"email\nann@example.com\n"), "a.csv")
    with pytest.raises(store.BadChoice) as caught:
        store.choose(source, on_duplicate="skip", consent_source="event", certified=False)
    assert caught.value.field == "certified"
    with pytest.raises(run.NotReady):
        run.start(source)


def test_another_workspaces_group_is_unknown(prepare: Importer) -> None:
    foreign = create_group(create_workspace("Other"), {"name": "Theirs"})
    with pytest.raises(store.BadChoice, match="Unknown group"):
        prepare("email\nann@example.com\n", group_ids=[foreign.pk])


def test_a_plans_row_limit_is_named(prepare: Importer, workspace: Workspace) -> None:
    workspace.plan = "free"
    workspace.save()
    source = prepare("email\n" + "".join(f"p{i}@example.com\n" for i in range(301)))
    with pytest.raises(LimitReached, match="300 rows an import"):
        run.start(source)


def test_a_plans_contacts_are_filled_and_the_rest_told(import_file: Importer, workspace: Workspace) -> None:
    workspace.plan = "free"
    workspace.save()
    import_file("email\n" + "".join(f"a{i}@example.com\n" for i in range(299)))
    source = import_file("email\nx@example.com\ny@example.com\n")
    assert counts(source) == (2, 1, 0, 0, 1)
    assert "300 contacts" in report.as_json(source)["errors"][0]["message"]


def test_a_file_in_many_parts_reads_as_one(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from contacts.imports import files

    monkeypatch.setattr(files, "PART_BYTES", 16)
    text = "email,company\n" + "".join(f"p{i}@example.com,Ünï\n" for i in range(50))
    source = store.create(workspace, io.BytesIO(text.encode()), "parts.csv")
    assert source.parts.count() > 50
    with files.open_parts(source) as file:
        assert file.read().decode() == text


def test_what_no_database_keeps_is_left_out_of_the_report_too(import_file: Importer, workspace: Workspace) -> None:
    source = import_file("email,na\0me\nno\0pe,A\0nn\nbo@example.com,B\0o\n", filename="a\0\ud800.csv")
    assert (source.filename, counts(source)) == ("a.csv", (2, 1, 0, 0, 1))
    (problem,) = report.as_json(source)["errors"]
    assert problem["value"] == "nope"
    assert b"nope,Ann," in b"".join(report.error_csv(source))


def test_a_file_that_breaks_the_run_ends_it(
    prepare: Importer, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def die(*args: Any, **kwargs: Any) -> None:
        raise ValueError(address)

    address = "ann@example.com"
    source = prepare(f"email\n{address}\n")
    run.start(source)
    monkeypatch.setattr(run, "save_many", die)
    assert run.run_due()
    assert not run.run_due()
    source.refresh_from_db()
    assert (source.state, source.parts.exists()) == (Import.State.FAILED, False)
    assert "unexpected" in source.error
    assert f"Import {source.pk} failed: ValueError" in caplog.text
    assert address not in caplog.text


def test_a_quote_that_is_never_closed_is_told_of(import_file: Importer, workspace: Workspace) -> None:
    source = import_file('email,name\n"ann@example.com,Ann\nbo@example.com,Bo\n"nope,Cy\ndi@example.com,"Di')
    assert counts(source) == (4, 3, 0, 0, 1)
    told = report.as_json(source)
    assert [(p["line"], p["column"]) for p in told["warnings"]] == [(2, "email"), (5, "name")]
    assert [(p["line"], p["value"]) for p in told["errors"]] == [(4, "nope,Cy")]
    assert all("quote isn't closed" in p["message"] for p in told["warnings"] + told["errors"])
    assert Contact.objects.of(workspace).get(email="bo@example.com").first_name == "Bo"


def test_a_status_that_nobody_knows_is_told_of(import_file: Importer, workspace: Workspace) -> None:
    text = "email,Status\na@example.com,active\nb@example.com,Unsubscribed\nc@example.com,Zombie\nd@example.com,\n"
    source = import_file(text, choices={"Status": "status"})
    (problem,) = report.as_json(source)["warnings"]
    assert (problem["line"], problem["value"], counts(source)) == (4, "Zombie", (4, 4, 0, 0, 0))


def test_an_undo_that_was_cut_off_goes_on(
    import_file: Importer, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contacts.imports.undo.UNDO_ROWS", 2)
    source = import_file("email\n" + "".join(f"p{i}@example.com\n" for i in range(5)))
    real, calls = changes.delete_many, []

    def cut_off(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise OperationalError("gone")
        return real(*args, **kwargs)

    monkeypatch.setattr("contacts.imports.undo.delete_many", cut_off)
    with pytest.raises(OperationalError):
        undo(source, by=PERSON)
    assert workspace.contacts.count() == 3
    assert undo(source, by=PERSON) == UndoResult(deleted=5, kept=0)
    assert (source.state, source.undone, workspace.contacts.count()) == (Import.State.UNDONE, 5, 0)
