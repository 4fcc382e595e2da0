"""A contact as the messaging API shows it, made of the one shape that all others use."""

from typing import Any, Final

from contacts.documents import Document, contact_documents
from contacts.queries import Contacts

#: What the API calls the stage of a contact that is in none.
NO_STAGE: Final = "Subscriber"
_ALSO: Final = ("number", "notes", "location_id", "location__title")


def messaging_documents(contacts: Contacts) -> list[Document]:
    """The documented objects of a queryset of contacts, in its order, in three queries."""
    return [_document(known) for known in contact_documents(contacts, also=_ALSO)]


def _document(known: Document) -> dict[str, Any]:
    location = {"id": known["location_id"], "title": known["location__title"]} if known["location_id"] else None
    return {
        "id": known["id"],
        "name": f"{known['firstName'] or ''} {known['lastName'] or ''}".strip(),
        "phoneNumber": known["number"] or known["phone"],
        "location": location,
        "stage": known["pipelineStage"]["name"] if known["pipelineStage"] else NO_STAGE,
        "notes": known["notes"] or None,
        "customFields": known["customFields"],
        "tags": known["tags"],
    }
