"""Erasure and access: a person's right to have the data, and to have it gone."""

import json
from typing import Any
from urllib.parse import quote_plus

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from contacts import documents
from contacts.changes import earlier
from contacts.changes.contacts import Unknown, load_one, remove
from contacts.models import Contact, EarlierValues, Import, ImportProblem, Merge, SavedView, StageMove, Suppression
from contacts.models.suppression import address_digest
from fluenzr_site.core.clock import iso
from fluenzr_site.core.database import retried
from fluenzr_site.events import types
from fluenzr_site.events.models import Event
from fluenzr_site.events.recording import Actor, change
from fluenzr_site.workspaces.models import Workspace


@retried
def erase(workspace: Workspace, contact_id: str, *, by: Actor) -> None:
    """Delete a contact and everything said of it, leaving only a one-way digest of the address.

    Raises Unknown. The digest keeps the address from being mailed or imported again by mistake.
    """
    with change(workspace, by) as unit:
        person = _Person(workspace, load_one(workspace, contact_id).contact)
        for email in sorted(person.emails):
            Suppression.objects.update_or_create(
                workspace=workspace,
                digest=address_digest(email),
                defaults={"reason": Suppression.Reason.ERASED},
                create_defaults={"reason": Suppression.Reason.ERASED, "created_at": unit.at},
            )
            _forget_rows(workspace, email)
            _forget_merges(workspace, email)
            _forget_views(workspace, email)
        for known_as in sorted(person.contact_ids):
            earlier.forget(workspace, known_as, *person.emails)
        Event.objects.of(workspace).about(contact_id).delete()
        remove(workspace, [contact_id])
        unit.record(types.CONTACT_DELETED, contact_id, {"contact": {"id": contact_id}}, "erased")


class _Person:
    """All ids and addresses that a contact has had as those who were merged into it."""

    def __init__(self, workspace: Workspace, contact: Contact) -> None:
        self.contact_ids, self.emails = {contact.pk}, {contact.email} if contact.email else set()
        ends = Event.objects.of(workspace).about(contact.pk).filter(type=types.CONTACT_DELETED, note="merged")
        for event in ends:
            document = event.data["contact"]
            self.contact_ids.add(document["id"])
            self.emails |= {document["email"]} - {None}
        for before in contact.merges.values_list("before", flat=True):
            self.emails |= {before["survivor"]["was"].get("email")} - {None}


def _forget_rows(workspace: Workspace, email: str) -> None:
    """Delete the rows of files that imports keep for their reports, where they hold the address."""
    kept = ImportProblem.objects.filter(source__workspace=workspace).annotate(row=Cast("cells", TextField()))
    # SQLite keeps JSON as it was written, in ASCII.
    written = json.dumps(email)[1:-1]
    kept.filter(Q(row__icontains=email) | Q(row__icontains=written) | Q(value__icontains=email)).delete()


def _forget_merges(workspace: Workspace, email: str) -> None:
    """What others were before a merge, where it holds the address: that merge can't be undone any more."""
    kept = Merge.objects.of(workspace).annotate(text=Cast("before", TextField()))
    kept.filter(Q(text__icontains=email) | Q(text__icontains=json.dumps(email)[1:-1])).delete()


def _forget_views(workspace: Workspace, email: str) -> None:
    """The saved views that look for the address, or are called by it."""
    views = SavedView.objects.of(workspace)
    views.filter(Q(name__icontains=email) | Q(query__icontains=email) | Q(query__icontains=quote_plus(email))).delete()


def everything_about(workspace: Workspace, contact_id: str) -> dict[str, Any]:
    """All that is kept about one contact, as one JSON-ready object. Raises Unknown."""
    contact = Contact.objects.of(workspace).filter(pk=contact_id).first()
    if contact is None:
        raise Unknown(contact_id)
    document = documents.contact_documents(Contact.objects.of(workspace).filter(pk=contact_id))[0]
    return {
        "contact": document,
        "notes": contact.notes or None,
        "channel": contact.channel or None,
        "location": contact.location.title if contact.location else None,
        "consent": {
            "source": contact.consent_source,
            "date": contact.consent_date.isoformat() if contact.consent_date else None,
            "notes": contact.consent_notes or None,
        },
        "import": _import(workspace, contact.source_import_id),
        "trackingObjection": contact.tracking_objection,
        "stageMoves": [_move(move) for move in contact.stage_moves.order_by("id").select_related()],
        "earlierValues": [_earlier(row) for row in _earlier_values(workspace, contact_id)],
        "history": [
            {"id": event.pk, "type": event.type, "at": iso(event.created_at), "by": event.actor, **event.data}
            for event in Event.objects.of(workspace).about(contact_id)
        ],
    }


def _earlier_values(workspace: Workspace, contact_id: str) -> QuerySet[EarlierValues]:
    rows = EarlierValues.objects.filter(change__workspace=workspace, contact_id=contact_id, outcome="")
    return rows.select_related("change").order_by("change_id")


def _earlier(row: EarlierValues) -> dict[str, Any]:
    """What the contact was before a change of many, kept for its undo."""
    change = row.change
    kept = {"change": str(change), "at": iso(change.created_at), "by": change.actor}
    return kept | {"until": iso(change.until), "before": row.values}


def _import(workspace: Workspace, import_id: str | None) -> dict[str, Any] | None:
    source = Import.objects.of(workspace).filter(pk=import_id).first() if import_id else None
    return {"id": source.pk, "file": source.filename, "at": iso(source.created_at)} if source else None


def _move(move: StageMove) -> dict[str, Any]:
    return {
        "from": move.from_stage.name if move.from_stage else None,
        "to": move.to_stage.name if move.to_stage else None,
        "at": iso(move.moved_at),
        "by": move.actor,
        "note": move.note or None,
    }
