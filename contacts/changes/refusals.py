"""What people have refused outlives that contacts become one, and that they are taken apart again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from contacts.changes import suppressing
from contacts.changes.batch import Entry
from contacts.models import Contact, Merge, Suppression
from fluenzr_site.events import types
from fluenzr_site.events.models import Event
from fluenzr_site.events.recording import Change

Status = Contact.Status
# A person's no is for all their addresses, a bounce for one.
_PERSONAL: Final = (Status.BLOCKED, Status.UNSUBSCRIBED)


def strictest(contacts: Sequence[Contact], holder: Contact) -> str:
    """Who refused stays refused. A bounce is the address's own, and goes where the address goes."""
    statuses = {contact.status for contact in contacts}
    for status in _PERSONAL:
        if status in statuses:
            return status
    if holder.status == Status.BOUNCED:
        return Status.BOUNCED
    return Status.REPLIED if Status.REPLIED in statuses else Status.ACTIVE


def suppress(unit: Change, entries: Sequence[Entry], holder_id: str | None) -> list[str]:
    """The addresses that go, since another's is kept, and were not to be mailed; the ids of the new rows."""
    going = (entry.contact for entry in entries if entry.contact.email and entry.contact.pk != holder_id)
    refused = [contact.email or "" for contact in going if contact.status in suppressing.REASONS]
    return suppressing.suppress(unit, dict.fromkeys(refused, Suppression.Reason.MERGED.value))


@dataclass(frozen=True, slots=True)
class Refused:
    """What was refused while several contacts were one. Nobody knows for which of them: it holds for each."""

    personal: str
    bounced: frozenset[str]
    objects: bool

    def heed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A contact's email, status and objection to tracking, as they are to be once it stands by itself again."""
        status = values["status"]
        if status not in suppressing.REASONS:
            status = self.personal or (Status.BOUNCED.value if values["email"] in self.bounced else status)
        return {"status": status, "tracking_objection": values["tracking_objection"] or self.objects}


def refused_since(merge: Merge, survivor: Contact) -> Refused:
    """Of the survivor, before it is given back what it was."""
    since = Event.objects.of(merge.workspace).about(survivor.pk).filter(created_at__gte=merge.at)
    told = list(since.filter(type__in=(types.EMAIL_UNSUBSCRIBED, types.EMAIL_BOUNCED)))
    bounces = [event.data for event in told if event.type == types.EMAIL_BOUNCED]
    personal = ""
    if survivor.status in _PERSONAL and survivor.status != merge.before.get("status"):
        personal = survivor.status
    elif any(event.type == types.EMAIL_UNSUBSCRIBED for event in told):
        personal = Status.UNSUBSCRIBED.value
    return Refused(
        personal=personal,
        bounced=frozenset(each["contactEmail"] for each in bounces if each["bounceType"] == "hard"),
        objects=survivor.tracking_objection and not merge.before.get("objects", False),
    )
