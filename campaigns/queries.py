"""What can be asked about campaigns: whom they may mail, under which names their e-mails know a contact's fields."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from campaigns.models import EmailAccount
from campaigns.sending.pacing import Ramp, daily_allowance
from contacts.models import Contact, ContactTag, CustomField, GroupMembership, Suppression
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
# A custom field of one of these names is older than they are, and goes first.
RELATED: Final = ("tags", "groups", "pipelineStage", "location", "owner", "createdAt", "updatedAt", "consentDate")
#: Other names, which the API doesn't use, of the same fields.
ALIASES: Final = {"stage": "pipelineStage"}
# Where ``load_fields`` puts the links.
_GROUPS: Final = "links_to_groups"
_TAGS: Final = "links_to_tags"
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
    return {*_STANDARD, *RELATED, *ALIASES, *CustomField.objects.of(workspace).values_list("key", flat=True)}


def load_fields(contacts: Sequence[Contact]) -> None:
    """Fetch what ``values_of`` reads of many contacts, in as many queries as of one."""
    groups = GroupMembership.objects.order_by("position", "group_id").select_related("group")
    tags = ContactTag.objects.order_by("position", "tag_id").select_related("tag")
    prefetch_related_objects(
        contacts,
        "workspace",
        "stage",
        "location",
        "owner",
        Prefetch("memberships", groups, to_attr=_GROUPS),
        Prefetch("contact_tags", tags, to_attr=_TAGS),
    )


def values_of(contact: Contact, names: Collection[str] | None = None) -> dict[str, Any]:
    """A contact's fields under those names. Of many, ``load_fields`` fetches first what stands in other tables.

    ``names``: what is asked for, of RELATED; None for everything.
    """
    values: dict[str, Any] = {name: getattr(contact, attribute) for name, attribute in _STANDARD.items()}
    values["stage"] = contact.stage.name if contact.stage else ""
    related = {} if names is not None and not asks_related(names) else _related_values(contact)
    return {**related, **contact.custom_fields, **values}


def asks_related(names: Collection[str]) -> bool:
    """Whether ``load_fields`` is worth it for these."""
    return not set(RELATED).isdisjoint(names)


def _related_values(contact: Contact) -> dict[str, Any]:
    """Names between commas, and days of the workspace's zone."""
    # Who isn't in the database, as the sample of a preview, is in no group either.
    if not contact._state.adding and not hasattr(contact, _GROUPS):
        load_fields([contact])
    zone = ZoneInfo(contact.workspace.timezone)
    owner = contact.owner
    return {
        "tags": ", ".join(link.tag.name for link in getattr(contact, _TAGS, ())),
        "groups": ", ".join(link.group.name for link in getattr(contact, _GROUPS, ())),
        "pipelineStage": contact.stage.name if contact.stage else "",
        "location": contact.location.title if contact.location else "",
        "owner": (owner.get_full_name() or owner.get_username()) if owner else "",
        "createdAt": _day(contact.created_at, zone),
        "updatedAt": _day(contact.updated_at, zone),
        "consentDate": contact.consent_date.isoformat() if contact.consent_date else "",
    }


def _day(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat() if at else ""


def system_values(at: datetime, unsubscribe_link: str) -> dict[str, str]:
    """The variables that aren't the contact's. ``at``: in the campaign's zone."""
    return {
        "unsubscribe_link": unsubscribe_link,
        "current_date": at.date().isoformat(),
        "current_year": str(at.year),
    }
