"""Erasure and access: a person's right to have the data, and to have it gone."""

from typing import Any

from contacts import documents
from contacts.changes.contacts import Unknown, load_one, remove
from contacts.models import Contact, StageMove, Suppression
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
        contact = load_one(workspace, contact_id).contact
        if contact.email:
            Suppression.objects.get_or_create(
                workspace=workspace,
                digest=address_digest(contact.email),
                defaults={"reason": Suppression.Reason.ERASED, "created_at": unit.at},
            )
        Event.objects.of(workspace).about(contact_id).delete()
        remove([contact_id])
        unit.record(types.CONTACT_DELETED, contact_id, {"contact": {"id": contact_id}}, "erased")


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
        "trackingObjection": contact.tracking_objection,
        "stageMoves": [_move(move) for move in contact.stage_moves.order_by("id").select_related()],
        "history": [
            {"id": event.pk, "type": event.type, "at": iso(event.created_at), "by": event.actor, **event.data}
            for event in Event.objects.of(workspace).about(contact_id)
        ],
    }


def _move(move: StageMove) -> dict[str, Any]:
    return {
        "from": move.from_stage.name if move.from_stage else None,
        "to": move.to_stage.name if move.to_stage else None,
        "at": iso(move.moved_at),
        "by": move.actor,
        "note": move.note or None,
    }
