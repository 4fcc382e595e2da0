"""Changes of many contacts in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from contacts.admin import bulk
from contacts.admin.people import members, person_name
from contacts.admin.undo_names import IMPORT, UNNAMED
from contacts.changes import bulk_changes
from contacts.models import BulkChange, Import
from fluenzr_site.workspaces.models import Workspace

_OTHERS = {IMPORT: pgettext_lazy("recent change", "Import")}


@dataclass(frozen=True, slots=True)
class Line:
    """One of the recent changes."""

    change: BulkChange
    what: str
    who: str
    happened: str
    can_undo: bool


def title(change: BulkChange) -> str:
    """Such as "Add tags: vip, warm"."""
    if not change.detail:
        return label(change)
    return _("%(what)s: %(detail)s") % {"what": label(change), "detail": change.detail}


def label(change: BulkChange) -> str:
    """Such as "Add tags"."""
    return str(bulk.labels().get(change.action) or _OTHERS.get(change.action) or UNNAMED)


def lines(workspace: Workspace, changes: Sequence[BulkChange]) -> list[Line]:
    """The rows of the list, with few queries for all."""
    people = {f"user:{user.pk}": person_name(user) for user in members(workspace)}
    import_ids = [change.source_import_id for change in changes if change.source_import_id]
    imports = Import.objects.of(workspace).select_related("created_by").in_bulk(import_ids)
    return [_line(change, people, imports.get(change.source_import_id)) for change in changes]


def _line(change: BulkChange, people: dict[str, str], source: Import | None) -> Line:
    if source is None:
        can_undo = bulk_changes.can_be_undone(change) and bool(change.changed)
        return Line(change, title(change), people.get(change.actor, ""), what_happened(change), can_undo)
    who = person_name(source.created_by) if source.created_by else ""
    can_undo = source.state != Import.State.RUNNING and bulk_changes.can_be_undone(change)
    told = what_happened(change, source)
    return Line(change, title(change), who, told, can_undo and bool(source.created or source.updated))


def import_of(change: BulkChange) -> Import | None:
    """What it is a change of, unless it is one of somebody's own."""
    return Import.objects.of(change.workspace).filter(pk=change.source_import_id).first()


def _imported(source: Import) -> str:
    return _("%(created)d created, %(updated)d updated") % {"created": source.created, "updated": source.updated}


def what_happened(change: BulkChange, source: Import | None = None) -> str:
    """The figures of a change, or of its undoing, in a sentence."""
    if change.state in (BulkChange.State.UNDOING, BulkChange.State.UNDONE):
        return " ".join(_undone(change)) or _("Nothing had to be put back.")
    if source:
        return _imported(source)
    if change.action == "delete":
        changed = ngettext("%(count)d contact deleted.", "%(count)d contacts deleted.", change.changed)
    else:
        changed = ngettext("%(count)d contact changed.", "%(count)d contacts changed.", change.changed)
    told = [changed % {"count": change.changed}]
    same = change.done - change.changed
    if same > 0 and change.action != "delete":
        words = ngettext("%(count)d needed no change.", "%(count)d needed no change.", same)
        told.append(words % {"count": same})
    return " ".join(told)


def _undone(change: BulkChange) -> list[str]:
    told = []
    if change.restored:
        words = ngettext(
            "%(count)d contact is as it was before.", "%(count)d contacts are as they were before.", change.restored
        )
        told.append(words % {"count": change.restored})
    if change.deleted:
        words = ngettext("%(count)d contact deleted.", "%(count)d contacts deleted.", change.deleted)
        told.append(words % {"count": change.deleted})
    if change.kept:
        words = ngettext("%(count)d stays as it is.", "%(count)d stay as they are.", change.kept)
        told.append(words % {"count": change.kept})
    return told
