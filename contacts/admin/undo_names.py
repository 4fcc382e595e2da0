"""What changes of many contacts are called, and who stayed as they are when one was undone."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.cells import neutralised
from contacts.models import BulkChange, Contact, EarlierValues
from fluenzr_site.events import types
from fluenzr_site.events.models import Event
from fluenzr_site.workspaces.models import Workspace

BATCH: Final = 1000
IMPORT: Final = "import"


def offer(change: BulkChange, told: str) -> SafeString:
    """A message of what happened, with the way back."""
    way = '{} <a class="text-link" href="{}">{}</a> · <a class="text-link" href="{}">{}</a>'
    undo = reverse("admin:contacts_changes_undo", args=[change.pk])
    return format_html(way, told, undo, _("Undo"), reverse("admin:contacts_changes"), _("Recent changes"))


@dataclass(frozen=True, slots=True)
class Named:
    """A contact that stayed as it is, and why. Without a link where it is gone."""

    contact_id: str
    name: str
    email: str
    reason: Any
    link: str


def stayed(change: BulkChange) -> QuerySet[EarlierValues]:
    return change.earlier.exclude(outcome="").order_by("contact_id")


def named(workspace: Workspace, rows: Sequence[EarlierValues]) -> list[Named]:
    """The rows with the names of their contacts, or what these were called when they were deleted."""
    contact_ids = [row.contact_id for row in rows]
    contacts = Contact.objects.of(workspace).in_bulk(contact_ids)
    gone = _names_of_deleted(workspace, [pk for pk in contact_ids if pk not in contacts])
    found = []
    for row in rows:
        contact, reason = contacts.get(row.contact_id), row.get_outcome_display()
        if contact is None:
            name, email = gone.get(row.contact_id, (_("A contact that is gone"), ""))
            found.append(Named(row.contact_id, name, email, reason, ""))
        else:
            link = reverse("admin:contacts_contact_change", args=[contact.pk])
            found.append(Named(contact.pk, str(contact), contact.email or "", reason, link))
    return found


def _names_of_deleted(workspace: Workspace, contact_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    if not contact_ids:
        return {}
    events = Event.objects.of(workspace).filter(subject_id__in=contact_ids, type=types.CONTACT_DELETED)
    found = {}
    for event in events.order_by("id"):
        told = event.data["contact"]
        name, email = f"{told.get('firstName') or ''} {told.get('lastName') or ''}".strip(), told.get("email") or ""
        if name or email:
            found[event.subject_id] = (name or email, email)
    return found


def as_csv(change: BulkChange) -> Iterator[bytes]:
    """All who stayed as they are, as a file; with the mark that spreadsheets need to see that it is UTF-8."""
    yield "\ufeff".encode() + _lines([(_("Id"), _("E-mail"), _("Name"), _("Reason"))])
    after = ""
    while rows := list(stayed(change).filter(contact_id__gt=after)[:BATCH]):
        told = named(change.workspace, rows)
        yield _lines([(each.contact_id, each.email, each.name, str(each.reason)) for each in told])
        after = rows[-1].contact_id


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([neutralised(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode()


#: What a change of an unknown name is called: one of an app that is no longer there.
UNNAMED: Final = gettext_lazy("Change")
