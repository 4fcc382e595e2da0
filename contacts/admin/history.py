"""A contact's history, in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.urls import reverse
from django.utils.translation import gettext as _

from contacts.admin.people import members, person_name
from contacts.models import Contact, Import
from fluenzr_site.events import types
from fluenzr_site.events.models import Event
from fluenzr_site.workspaces.models import ApiKey, Workspace

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    what: str
    who: str
    link: str = ""


def history(contact: Contact) -> list[Line]:
    """The newest events and stage moves, newest first."""
    names = _names(contact.workspace)
    events = Event.objects.of(contact.workspace).about(contact.pk)[:SHOWN]
    lines = [Line(event.created_at, _told(event), *_who(event.actor, names)) for event in events]
    moves = contact.stage_moves.select_related("from_stage", "to_stage").order_by("-id")[:SHOWN]
    lines += [Line(move.moved_at, _moved(move), *_who(move.actor, names)) for move in moves]
    return sorted(lines, key=lambda line: line.at, reverse=True)[:SHOWN]


def _told(event: Event) -> str:
    if event.type == types.CONTACT_CREATED:
        return _("Created")
    if event.type == types.CONTACT_UPDATED:
        return _("Changed: %(fields)s") % {"fields": ", ".join(_field(name) for name in event.note.split())}
    return event.type


def _field(name: str) -> str:
    try:
        return str(Contact._meta.get_field(name.removesuffix("_id")).verbose_name)  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return name


def _moved(move: Any) -> str:
    nowhere = _("no stage")
    places = {"before": move.from_stage or nowhere, "after": move.to_stage or nowhere}
    return _("Moved from %(before)s to %(after)s") % places


def _names(workspace: Workspace) -> dict[str, str]:
    """What the actors of a workspace are called."""
    people = {f"user:{user.pk}": person_name(user) for user in members(workspace)}
    keys = ApiKey.objects.of(workspace).values_list("pk", "name")
    imports = Import.objects.of(workspace).values_list("pk", "filename")[:1000]
    return (
        people
        | {f"key:{pk}": _("API key %(name)s") % {"name": name} for pk, name in keys}
        | {f"import:{pk}": _("Import of %(file)s") % {"file": name} for pk, name in imports}
    )


def _who(actor: str, names: dict[str, str]) -> tuple[str, str]:
    kind, _colon, identifier = actor.partition(":")
    link = reverse("admin:contacts_import_change", args=[identifier]) if kind == "import" else ""
    if actor in names:
        return names[actor], link
    return (_("A former member") if kind == "user" else actor), ""
