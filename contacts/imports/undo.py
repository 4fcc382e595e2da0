"""Takes an import back: what it made and nobody has touched since goes, what it updated is as it was before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Exists, F, OuterRef, QuerySet

from contacts.changes import bulk_changes, earlier, kinds
from contacts.changes.bulk_changes import NotPossible
from contacts.changes.contacts import delete_many
from contacts.changes.kinds import Kind
from contacts.changes.undoing import put_back
from contacts.imports.run import KIND, NotReady, change_of, open_change
from contacts.models import BulkChange, Contact, EarlierValues, Import
from fluenzr_site.core import clock, leases
from fluenzr_site.core.saying import say
from fluenzr_site.events.models import Event
from fluenzr_site.events.recording import Actor

UNDO_ROWS: Final = 500
ENDED: Final = (Import.State.FINISHED, Import.State.CANCELLED, Import.State.FAILED)


@dataclass(frozen=True, slots=True)
class UndoResult:
    """How many contacts were deleted, how many stay because something else has touched them since (or they can't be
    put back otherwise), and how many were put back as they were."""

    deleted: int
    kept: int
    restored: int = 0


def begin(source: Import, *, by: Actor, claimed: bool = False) -> BulkChange:
    """Make the undo of an ended import due for a worker, or ours to work on; one that was cut off is gone on with.

    Raises NotReady while the import runs, and once it is undone.
    """
    if source.state not in ENDED:
        raise NotReady(say("Only an import that has ended can be undone"))
    change = _kept_of(source)
    try:
        if change.state != BulkChange.State.UNDOING:
            change.changed = sum(extent(source))
            change.save(update_fields=["changed"])
            bulk_changes.start_undo(change, by=by, claimed=claimed)
        elif claimed:
            change = _taken_over(change)
    except NotPossible as error:
        raise NotReady(str(error)) from error
    return change


def extent(source: Import) -> tuple[int, int]:
    """How many contacts there are that the import made, and how many of which it is kept what they were."""
    change = change_of(source)
    kept = change.earlier.filter(outcome="").count() if change and clock.now() < change.until else 0
    return Contact.objects.of(source.workspace).filter(source_import_id=source.pk).count(), kept


def _kept_of(source: Import) -> BulkChange:
    """The import's change; a new one, of which nothing is kept, where it was made too long ago."""
    change = change_of(source)
    return change if change is not None and clock.now() < change.until else open_change(source)


def _taken_over(change: BulkChange) -> BulkChange:
    this = BulkChange.objects.of(change.workspace).filter(pk=change.pk, state=BulkChange.State.UNDOING)
    claimed = leases.claim(this, seconds=bulk_changes.LEASE_SECONDS)
    if claimed is None:
        raise NotReady(say("This import is being undone"))
    return claimed


def undo(source: Import, *, by: Actor) -> UndoResult:
    """Undo an import now. Raises NotReady."""
    change = begin(source, by=by, claimed=True)
    bulk_changes.work(change)
    change.refresh_from_db()
    source.refresh_from_db()
    return UndoResult(deleted=change.deleted, kept=change.kept, restored=change.restored)


class ImportKind(Kind):
    def take_back(self, change: BulkChange, rows: Sequence[EarlierValues], by: Actor) -> dict[str, str]:
        return put_back(change, rows, by)

    def take_back_rest(self, change: BulkChange, by: Actor) -> tuple[int, int] | None:
        """Delete what the import made and nobody has touched; who was touched is named."""
        named = EarlierValues.objects.filter(change_id=change.pk, contact_id=OuterRef("pk"))
        made = Contact.objects.of(change.workspace).filter(~Exists(named), source_import_id=change.source_import_id)
        # Locked before it is asked who else has touched them: from then on nobody does.
        contact_ids = list(made.select_for_update().order_by("pk").values_list("pk", flat=True)[:UNDO_ROWS])
        if not contact_ids:
            return None
        untouched = _untouched(change, contact_ids)
        deleted = set(delete_many(change.workspace, untouched, by=by, keeps_refusals=False))
        touched = [contact_id for contact_id in contact_ids if contact_id not in deleted]
        earlier.note(change.pk, dict.fromkeys(touched, EarlierValues.Outcome.CHANGED.value))
        _import(change).update(undone=F("undone") + len(deleted))
        return len(deleted), len(touched)

    def undone(self, change: BulkChange) -> None:
        _import(change).update(state=Import.State.UNDONE)


kinds.register(KIND, ImportKind())


def _import(change: BulkChange) -> QuerySet[Import]:
    return Import.objects.of(change.workspace).filter(pk=change.source_import_id)


def _untouched(change: BulkChange, contact_ids: list[str]) -> list[str]:
    others = Event.objects.filter(workspace=change.workspace, subject_id=OuterRef("pk")).exclude(
        actor=str(Actor("import", change.source_import_id))
    )
    untouched = Contact.objects.of(change.workspace).filter(~Exists(others), pk__in=contact_ids)
    return list(untouched.values_list("pk", flat=True))
