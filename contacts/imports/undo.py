"""Takes an import back: what it made and nobody has touched since."""

from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef

from contacts.changes.contacts import delete_many
from contacts.imports.run import NotReady
from contacts.models import Contact, Import
from fluenzr_site.core.database import retried
from fluenzr_site.events.models import Event
from fluenzr_site.events.recording import Actor

UNDO_ROWS: Final = 500
ENDED: Final = (Import.State.FINISHED, Import.State.CANCELLED, Import.State.FAILED)


@dataclass(frozen=True, slots=True)
class UndoResult:
    """How many contacts were deleted, and how many stay because something else has touched them since."""

    deleted: int
    kept: int


def undo(source: Import, *, by: Actor) -> UndoResult:
    """Delete what the import created and nothing else has touched since. Raises NotReady while it runs.

    Each step is a transaction that holds the import's row: a second undo at the same time takes no contact
    twice, and one that was cut off can be given again.
    """
    _require_ended(source)
    after: str | None = ""
    while after is not None:
        after = _step(source, after, by)
    source.refresh_from_db()
    kept = Contact.objects.of(source.workspace).filter(source_import_id=source.pk).count()
    return UndoResult(source.undone, kept)


def _require_ended(source: Import) -> None:
    if source.state not in ENDED:
        raise NotReady("Only an import that has ended can be undone")


@retried
def _step(source: Import, after: str, by: Actor) -> str | None:
    """Take back some of the contacts past that id; the id to go on after, None when there are no more."""
    with transaction.atomic():
        held = Import.objects.of(source.workspace).select_for_update().get(pk=source.pk)
        _require_ended(held)
        made = Contact.objects.of(source.workspace).filter(source_import_id=source.pk, pk__gt=after)
        # Locked before it is asked who else has touched them: from then on nobody does.
        contact_ids = list(made.select_for_update().order_by("pk").values_list("pk", flat=True)[:UNDO_ROWS])
        if contact_ids:
            held.undone += len(delete_many(source.workspace, _untouched(source, contact_ids), by=by))
        else:
            held.state = Import.State.UNDONE
        held.save(update_fields=["state", "undone"])
    return contact_ids[-1] if contact_ids else None


def _untouched(source: Import, contact_ids: list[str]) -> list[str]:
    others = Event.objects.filter(workspace=source.workspace, subject_id=OuterRef("pk")).exclude(
        actor=str(Actor("import", source.pk))
    )
    untouched = Contact.objects.of(source.workspace).filter(~Exists(others), pk__in=contact_ids)
    return list(untouched.values_list("pk", flat=True))
