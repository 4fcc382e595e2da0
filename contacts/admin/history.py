"""A contact's history, in words: the events about it and its way through the pipeline, newest first, in pages.

Whoever records events about contacts tells them here (``tells``): campaigns tell what became of their e-mails.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.admin.contact_form import API_NAMES
from contacts.admin.people import members, person_name
from contacts.models import Contact, CustomField, Import, StageMove
from fluenzr_site.events import types
from fluenzr_site.events.models import Event
from fluenzr_site.workspaces.models import ApiKey, Workspace

SHOWN: Final = 20
CHANGES, STAGES = "changes", "stages"


@dataclass(frozen=True, slots=True)
class Told:
    """An event in words: the headline, what more there is to say, and where it leads."""

    what: str
    details: tuple[str, ...] = ()
    link: str = ""
    link_text: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry. ``key`` is its place: ids begin with the time, whatever they are of."""

    key: str
    kind: str
    at: datetime
    told: Told
    who: str
    who_link: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """A page of it; ``older`` is where the next one begins, empty at the end."""

    lines: list[Line]
    older: str


# Makes of a contact and its events what tells each; None leaves one out.
Teller = Callable[[Contact, Sequence[Event]], Callable[[Event], Told | None]]
# Names of actors of one kind, by their ids.
Names = Callable[[Workspace, set[str]], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class _Kind:
    label: Any
    types: tuple[str, ...]
    teller: Teller | None


_kinds: dict[str, _Kind] = {}
_actors: dict[str, Names] = {}


def tells(kind: str, label: Any, event_types: Sequence[str]) -> Callable[[Teller], Teller]:
    """The events of these types are told so, under a filter of that name."""

    def add(teller: Teller) -> Teller:
        _kinds[kind] = _Kind(label, tuple(event_types), teller)
        return teller

    return add


def names(kind: str) -> Callable[[Names], Names]:
    """What actors such as ``campaign:…`` are called."""

    def add(finder: Names) -> Names:
        _actors[kind] = finder
        return finder

    return add


def kinds() -> list[tuple[str, Any]]:
    """The filters of the history and their labels."""
    return [(name, kind.label) for name, kind in _kinds.items()]


def history(contact: Contact, kind: str = "", before: str = "") -> History:
    """The newest entries, of one kind or all, past a place."""
    wanted = {kind: _kinds[kind]} if kind in _kinds else _kinds
    found = _told(contact, wanted, before)
    if STAGES in wanted:
        found += _moved(contact, before)
    found.sort(key=lambda each: each[0], reverse=True)
    page = found[:SHOWN]
    called = _names(contact.workspace, {actor for _key, _kind, _at, _told, actor in page})
    lines = [Line(key, name, at, told, *_who(actor, called)) for key, name, at, told, actor in page]
    return History(lines, page[-1][0] if len(found) > SHOWN else "")


_Entry = tuple[str, str, datetime, Told, str]


def _told(contact: Contact, wanted: Mapping[str, _Kind], before: str) -> list[_Entry]:
    kind_of = {type_: (name, kind) for name, kind in wanted.items() for type_ in kind.types}
    rows = Event.objects.of(contact.workspace).about(contact.pk).filter(type__in=kind_of)
    # A move is told by its own row, which knows from where.
    rows = rows.exclude(type=types.CONTACT_UPDATED, note="stage")
    events = list((rows.filter(_past(contact, before)) if before else rows)[: SHOWN + 1])
    tellers = {name: kind.teller(contact, events) for name, kind in wanted.items() if kind.teller}
    entries: list[_Entry] = []
    for event in events:
        name, _kind = kind_of[event.type]
        told = tellers[name](event)
        # Left out, but it has its place: a page is never empty where there is more.
        if told is not None:
            entries.append((_place(contact, event), name, event.created_at, told, event.actor))
    return entries


def _place(contact: Contact, event: Event) -> str:
    """An event is written at the end of its change, after the first stage: being made has the place of the contact."""
    begins = event.type == types.CONTACT_CREATED and event.subject_id == contact.pk and event.note != "unmerged"
    return _key(contact.pk if begins else event.pk)


def _past(contact: Contact, before: str) -> Q:
    """The events whose place is past that one."""
    past = Q(pk__lt=f"evt_{before}")
    if _key(contact.pk) < before:
        past |= Q(type=types.CONTACT_CREATED, subject_id=contact.pk) & ~Q(note="unmerged")
    return past


def _moved(contact: Contact, before: str) -> list[_Entry]:
    moves = contact.stage_moves.select_related("from_stage", "to_stage").order_by("-id")
    if before:
        moves = moves.filter(pk__lt=f"mov_{before}")
    return [(_key(move.pk), STAGES, move.moved_at, _move(move), move.actor) for move in moves[: SHOWN + 1]]


def _key(identifier: str) -> str:
    return identifier.partition("_")[2]


def _move(move: StageMove) -> Told:
    nowhere = _("no stage")
    places = {"before": move.from_stage or nowhere, "after": move.to_stage or nowhere}
    return Told(_("Moved from %(before)s to %(after)s") % places, (move.note,) if move.note else ())


# ------------------------------------------------------------------------------------------- changes of a contact

_CONTACT: Final = (types.CONTACT_CREATED, types.CONTACT_UPDATED, types.CONTACT_DELETED)


@tells(CHANGES, gettext_lazy("Changes"), _CONTACT)
def _changes(contact: Contact, events: Sequence[Event]) -> Callable[[Event], Told | None]:
    labels = dict(CustomField.objects.of(contact.workspace).values_list("key", "label"))
    mine = [event for event in events if event.type in _CONTACT]
    if mine:
        mine += Event.objects.of(contact.workspace).about(contact.pk).filter(type__in=_CONTACT, pk__lt=mine[-1].pk)[:1]
    documents = [event.data["contact"] for event in mine]

    def tell(event: Event) -> Told:
        place = mine.index(event)
        document = documents[place]
        if event.type == types.CONTACT_CREATED:
            return Told(_("Separated again") if event.note == "unmerged" else _("Created"))
        if event.type == types.CONTACT_DELETED:
            return _merged(document)
        # What it was before; those of a contact that was merged into it are another's.
        earlier = (each for each in documents[place + 1 :] if each["id"] == document["id"])
        return _updated(event.note.split(), document, next(earlier, None), labels)

    return tell


def _merged(document: Mapping[str, Any]) -> Told:
    named = " ".join(document[part] for part in ("firstName", "lastName") if document.get(part))
    name = named or document.get("email") or document["id"]
    return Told(_("Merged with %(name)s") % {"name": name}, (document["email"],) if named and document["email"] else ())


def _updated(
    changed: Sequence[str], now: Mapping[str, Any], before: Mapping[str, Any] | None, labels: Mapping[str, str]
) -> Told:
    what = _("Changed: %(fields)s") % {"fields": ", ".join(_field(name) for name in changed)}
    if before is None:
        return Told(what)
    details: list[str] = []
    for name in changed:
        if name in API_NAMES:
            details.append(_turned(_field(name), before[API_NAMES[name]], now[API_NAMES[name]]))
        elif name == "custom_fields":
            own = {**before["customFields"], **now["customFields"]}
            pairs = ((key, before["customFields"].get(key), now["customFields"].get(key)) for key in own)
            details += [_turned(labels.get(key, key), was, is_) for key, was, is_ in pairs if was != is_]
        elif name == "tags":
            details += _gained(before["tags"], now["tags"])
        elif name == "groups":
            details += _gained([each["name"] for each in before["groups"]], [each["name"] for each in now["groups"]])
    return Told(what, tuple(details))


def _turned(label: str, was: Any, now: Any) -> str:
    words = {"field": label, "before": _value(was), "after": _value(now)}
    return _("%(field)s: %(before)s → %(after)s") % words


def _value(value: Any) -> str:
    if value in Contact.Status.values:
        return str(Contact.Status(value).label)
    return "–" if value in (None, "") else str(value)


def _gained(before: Sequence[str], now: Sequence[str]) -> list[str]:
    return [f"+ {name}" for name in now if name not in before] + [f"− {name}" for name in before if name not in now]


def _field(name: str) -> str:
    try:
        return str(Contact._meta.get_field(name.removesuffix("_id")).verbose_name)  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return name


_kinds[STAGES] = _Kind(gettext_lazy("Pipeline"), (), None)


# ---------------------------------------------------------------------------------------------------------- who


@names("user")
def _people(workspace: Workspace, ids: set[str]) -> Mapping[str, str]:
    asked = [identifier for identifier in ids if identifier.isdecimal()]
    found = {str(user.pk): person_name(user) for user in members(workspace).filter(pk__in=asked)}
    return {identifier: found.get(identifier, _("A former member")) for identifier in ids}


@names("key")
def _keys(workspace: Workspace, ids: set[str]) -> Mapping[str, str]:
    rows = ApiKey.objects.of(workspace).filter(pk__in=ids).values_list("pk", "name")
    return {pk: _("API key %(name)s") % {"name": name} for pk, name in rows}


@names("import")
def _imports(workspace: Workspace, ids: set[str]) -> Mapping[str, str]:
    rows = Import.objects.of(workspace).filter(pk__in=ids).values_list("pk", "filename")
    return {pk: _("Import of %(file)s") % {"file": name} for pk, name in rows}


def _names(workspace: Workspace, actors: Iterable[str]) -> dict[str, str]:
    """What the actors of a page are called: a query for each kind of them."""
    by_kind: dict[str, set[str]] = {}
    for actor in actors:
        kind, _colon, identifier = actor.partition(":")
        by_kind.setdefault(kind, set()).add(identifier)
    return {
        f"{kind}:{identifier}": name
        for kind, asked in by_kind.items()
        if kind in _actors
        for identifier, name in _actors[kind](workspace, asked).items()
    }


def _who(actor: str, called: Mapping[str, str]) -> tuple[str, str]:
    kind, _colon, identifier = actor.partition(":")
    known = called.get(actor, "")
    if kind == "import" and known:
        return known, reverse("admin:contacts_import_change", args=[identifier])
    return known or str(_AUTOMATIC.get(kind, actor)), ""


_AUTOMATIC: Final = {"command": gettext_lazy("the command line"), "campaign": gettext_lazy("A campaign")}
