"""What can be asked about campaigns: whom they may mail, under which names their e-mails know a contact's fields."""

from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from contacts.models import Contact, CustomField, Suppression
from contacts.models.suppression import address_digest
from fluenzr_site.workspaces.models import Workspace

NEVER_MAILED: Final = (Contact.Status.UNSUBSCRIBED, Contact.Status.BOUNCED, Contact.Status.BLOCKED)
_STANDARD: Final = {
    "email": "email",
    "firstName": "first_name",
    "lastName": "last_name",
    "fullName": "full_name",
    "company": "company",
    "jobTitle": "job_title",
    "phone": "phone",
    "website": "website",
    "status": "status",
    "channel": "channel",
    "notes": "notes",
}
SYSTEM: Final = ("unsubscribe_link", "current_date", "current_year")


def mailable(contacts: QuerySet[Contact]) -> QuerySet[Contact]:
    """Those with an address that hasn't been unsubscribed, blocked or found dead."""
    return contacts.exclude(email=None).exclude(status__in=NEVER_MAILED)


def why_not_mailable(contact: Contact) -> str:
    """Why this contact is never mailed, in a few words; empty if it may be. Asked at the last moment."""
    if not contact.email:
        return "has no e-mail address"
    if contact.status in NEVER_MAILED:
        return f"is {contact.status}"
    digest = address_digest(contact.email)
    if Suppression.objects.of(contact.workspace).filter(digest=digest).exists():
        return "is suppressed"
    return ""


def known_fields(workspace: Workspace) -> set[str]:
    """The names of the contact fields that conditions and variables may use."""
    return {*_STANDARD, "stage", *CustomField.objects.of(workspace).values_list("key", flat=True)}


def values_of(contact: Contact) -> dict[str, Any]:
    """A contact's fields under those names; its own come before a custom one of the same name."""
    values: dict[str, Any] = {name: getattr(contact, attribute) for name, attribute in _STANDARD.items()}
    values["stage"] = contact.stage.name if contact.stage else ""
    return {**contact.custom_fields, **values}


def system_values(at: datetime, unsubscribe_link: str) -> dict[str, str]:
    """The variables that aren't the contact's. ``at``: in the campaign's zone."""
    return {
        "unsubscribe_link": unsubscribe_link,
        "current_date": at.date().isoformat(),
        "current_year": str(at.year),
    }
