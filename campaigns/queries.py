"""What can be asked about campaigns: whom they may mail, under which names their e-mails know a contact's fields."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db.models import QuerySet

from campaigns.models import EmailAccount
from campaigns.sending.pacing import Ramp, daily_allowance
from contacts.models import Contact, CustomField, Suppression
from contacts.models.suppression import address_digest
from fluenzr_site.core.saying import Said, say
from fluenzr_site.workspaces.models import Workspace

_NEVER_MAILED: Final[dict[str, Said]] = {
    Contact.Status.UNSUBSCRIBED: say("is unsubscribed"),
    Contact.Status.BOUNCED: say("is bounced"),
    Contact.Status.BLOCKED: say("is blocked"),
}
NEVER_MAILED: Final = tuple(_NEVER_MAILED)
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
    return why_not_mailable_many(contact.workspace, [contact]).get(contact.pk, "")


def why_not_mailable_many(workspace: Workspace, contacts: Sequence[Contact]) -> dict[str, str]:
    """The same for many, by their ids; those who may be mailed are left out."""
    reasons: dict[str, str] = {
        contact.pk: say("has no e-mail address") if not contact.email else _NEVER_MAILED[contact.status]
        for contact in contacts
        if not contact.email or contact.status in NEVER_MAILED
    }
    digests = {address_digest(each.email): each.pk for each in contacts if each.email and each.pk not in reasons}
    suppressed = Suppression.objects.of(workspace).filter(digest__in=digests).values_list("digest", flat=True)
    return reasons | {digests[digest]: say("is suppressed") for digest in suppressed}


def allowance(account: EmailAccount, today: date) -> int:
    """How many e-mails the account may send on that day, its ramp-up included."""
    ramp = None
    if account.ramp_first_day and account.ramp_ceiling:
        ramp = Ramp(account.ramp_first_day, account.ramp_growth or 0, account.ramp_ceiling)
    # The day on which it was made is the first, also where the workspace has moved west since.
    return daily_allowance(account.daily_limit, ramp, min(account.ramp_started_on, today), today)


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
