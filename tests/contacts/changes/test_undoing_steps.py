"""Changes of many and their undo, step by step: crashes, leases, cancelling, forgetting, and what they cost."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError

from contacts.changes import bulk_changes, undoing
from contacts.changes import contacts as changes
from contacts.changes.bulk_changes import NotPossible
from contacts.changes.erasure import erase, everything_about
from contacts.changes.groups import create_group
from contacts.cleaning import clean
from contacts.models import BulkChange, Contact, EarlierValues
from fluenzr_site.core import clock, ids, leases
from fluenzr_site.events import types
from fluenzr_site.events.models import Event
from fluenzr_site.workspaces.changes import create_workspace
from fluenzr_site.workspaces.models import Workspace
from tests.contacts.changes.undoing import (
    OTHER,
    PERSON,
    Make,
    State,
    all_of,
    begun,
    done,
    maker,
    queries,
    undone,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return create_workspace("Acme")


@pytest.fixture
def make(workspace: Workspace) -> Make:
    return maker(workspace)


# --------------------------------------------------------------------------------- crashes, leases, cancelling


@pytest.fixture
def three(workspace: Workspace, make: Make, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Contact]]:
    monkeypatch.setattr(bulk_changes, "STEP", 1)
    yield [make(name) for name in ("ann", "bo", "cy")]


def cut_off(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The second call of that function of ``undoing`` finds the database gone."""
    real, calls = getattr(undoing, name), []

    def once(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise OperationalError("gone")
        return real(*args, **kwargs)

    monkeypatch.setattr(undoing, name, once)


def test_a_change_that_was_cut_off_goes_on(
    workspace: Workspace, three: list[Contact], monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(monkeypatch, "edit_many")
    made = begun(workspace, add_tags=["x"])
    with pytest.raises(OperationalError):
        bulk_changes.work(made)
    assert Contact.objects.filter(tags__name="x").count() == 1
    assert bulk_changes.run_due()
    made.refresh_from_db()
    assert (made.state, made.done, made.changed, made.parts.count()) == (State.FINISHED, 3, 3, 0)
    assert Event.objects.filter(type=types.CONTACT_UPDATED).count() == 3


def test_an_undo_that_was_cut_off_goes_on(
    workspace: Workspace, three: list[Contact], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = done(workspace, undoing.DELETE)
    cut_off(monkeypatch, "bring_back")
    bulk_changes.start_undo(made, by=OTHER, claimed=True)
    with pytest.raises(OperationalError):
        bulk_changes.work(made)
    assert Contact.objects.count() == 1
    assert bulk_changes.run_due()
    made.refresh_from_db()
    assert (made.state, made.restored, Contact.objects.count()) == (State.UNDONE, 3, 3)


def test_a_worker_past_its_lease_changes_nothing(workspace: Workspace, three: list[Contact]) -> None:
    made = begun(workspace, add_tags=["x"])
    BulkChange.objects.update(leased_until=clock.now() - timedelta(seconds=1))
    other = leases.claim(BulkChange.objects.all(), seconds=60)
    assert other is not None
    bulk_changes.work(made)
    assert not Contact.objects.filter(tags__name="x").exists()
    bulk_changes.work(other)
    assert Contact.objects.filter(tags__name="x").count() == 3


def test_cancelling_keeps_what_is_done_and_it_can_be_undone(workspace: Workspace, three: list[Contact]) -> None:
    made = begun(workspace, add_tags=["x"])
    assert bulk_changes._step(made, 0, 0)
    bulk_changes.cancel(made)
    bulk_changes.work(made)
    assert (made.state, made.changed) == (State.CANCELLED, 1)
    assert Contact.objects.filter(tags__name="x").count() == 1
    with pytest.raises(NotPossible):
        bulk_changes.cancel(made)
    assert undone(made) == {}
    assert not Contact.objects.filter(tags__name="x").exists()


def test_only_those_who_were_chosen_are_changed(workspace: Workspace, make: Make) -> None:
    ann = make("ann")
    made = begun(workspace, add_tags=["x"])
    make("bo")
    bulk_changes.work(made)
    assert Contact.objects.get(tags__name="x") == ann


def test_what_was_chosen_and_is_gone_ends_it_with_a_reason(workspace: Workspace, make: Make) -> None:
    make("ann")
    made = begun(workspace, add_groups=["grp_gone"])
    bulk_changes.work(made)
    assert (made.state, made.error) == (State.FAILED, "Unknown group: grp_gone")
    assert not bulk_changes.run_due()


def test_it_is_undone_once(workspace: Workspace, make: Make) -> None:
    make("ann")
    made = done(workspace, add_tags=["x"])
    bulk_changes.start_undo(made, by=OTHER)
    with pytest.raises(NotPossible):
        bulk_changes.start_undo(made, by=OTHER)
    assert bulk_changes.run_due()
    made.refresh_from_db()
    with pytest.raises(NotPossible):
        bulk_changes.start_undo(made, by=OTHER)
    assert not Contact.objects.filter(tags__name="x").exists()


# ------------------------------------------------------------------------------------- forgetting and privacy


def test_after_thirty_days_it_is_forgotten(workspace: Workspace, make: Make) -> None:
    make("ann")
    old = done(workspace, add_tags=["x"])
    with time_machine.travel(clock.now() + timedelta(days=29), tick=False):
        assert bulk_changes.forget_old() == 0
        assert bulk_changes.can_be_undone(old)
    with time_machine.travel(clock.now() + timedelta(days=30, minutes=1), tick=False):
        with pytest.raises(NotPossible):
            bulk_changes.start_undo(old, by=OTHER)
        young = BulkChange.objects.create(
            id=ids.new("chg"),
            workspace=workspace,
            kind="edit",
            action="x",
            actor="",
            created_at=clock.now(),
            state="finished",
        )
        assert bulk_changes.forget_old() == 1
    assert list(BulkChange.objects.all()) == [young]
    assert not EarlierValues.objects.exists()


def test_a_contacts_data_has_its_earlier_values_and_erasure_takes_them(workspace: Workspace, make: Make) -> None:
    ann, bo = make("ann", company="Before"), make("bo")
    done(workspace, values={"company": "After"})
    (kept,) = everything_about(workspace, ann.pk)["earlierValues"]
    assert (kept["by"], kept["before"]) == (str(PERSON), {"company": "Before"})
    erase(workspace, ann.pk, by=PERSON)
    assert list(EarlierValues.objects.values_list("contact_id", flat=True)) == [bo.pk]


# --------------------------------------------------------------------------------------------- query counts


# The cascade of a deletion is Django's, which asks again every so many rows.
@pytest.mark.parametrize(
    ("kind", "what", "making", "back"),
    [
        (undoing.EDIT, {"add_tags": ["x"], "values": {"company": "X"}}, 15, 14),
        (undoing.DELETE, {}, 36, 17),
    ],
)
def test_a_step_costs_the_same_for_few_and_for_many(
    workspace: Workspace, kind: str, what: dict[str, Any], making: int, back: int
) -> None:
    assert bulk_changes.STEP == 1000
    group = create_group(workspace, {"name": "G"})

    def cost(count: int) -> tuple[int, int]:
        rows = [{"email": f"{count}-{n}@b.co", "tags": ["a", "x0"], "groupIds": [group.pk]} for n in range(count)]
        drafts = [clean(row, needs_email=True) for row in rows]
        changes.save_many(workspace, drafts, rules=changes.Rules(), by=PERSON)
        made = begun(workspace, kind, **what)
        forth = queries(lambda: bulk_changes.work(made))
        bulk_changes.start_undo(made, by=OTHER, claimed=True)
        undo = queries(lambda: bulk_changes.work(made))
        assert (made.state, made.restored, made.kept) == (State.UNDONE, count, 0)
        Contact.objects.all().delete()
        return forth, undo

    # The first makes the tag.
    cost(1)
    few, many = cost(10), cost(500)
    assert many[1] == few[1] <= back
    assert few[0] <= many[0] <= making


def test_a_file_that_names_a_contact_twice_keeps_the_first_values(
    workspace: Workspace, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contacts.imports import run, store
    from contacts.imports.undo import undo

    monkeypatch.setattr(run, "CHUNK_ROWS", {"sqlite": 1, "postgresql": 1})
    make("ann", company="First", tags=["old"], customFields={"size": "big"})
    before = all_of(workspace)
    text = "email,company,size,tags\nann@example.com,A,small,x\nann@example.com,B,,y\n"
    source = store.create(workspace, io.BytesIO(text.encode()), "twice.csv")
    choices = {"size": "custom:size"}
    store.choose(source, on_duplicate="update", consent_source="existing", certified=True, choices=choices)
    run.start(source)
    run.run_due()
    assert Contact.objects.get().company == "B"
    source.refresh_from_db()
    assert undo(source, by=PERSON).restored == 1
    assert all_of(workspace) == before
