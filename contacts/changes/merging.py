"""Makes several contacts one, and takes them apart again for as long as nobody needs to wonder what they were."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from contacts.changes import batch, refusals
from contacts.changes.batch import Entry
from contacts.changes.contacts import EmailTaken, Unknown, full, load_one, remove, room
from contacts.models import (
    Contact,
    ContactTag,
    Group,
    GroupMembership,
    Location,
    Merge,
    PipelineStage,
    StageMove,
    Suppression,
    Tag,
)
from contacts.signals import contacts_merged, contacts_unmerged
from fluenzr_site.core import bulk, clock
from fluenzr_site.core.database import retried
from fluenzr_site.events import types
from fluenzr_site.events.models import Event
from fluenzr_site.events.recording import Actor, Change, change
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.plans import LimitReached

MOST: Final = 5
KEPT: Final = timedelta(days=30)
CUSTOM: Final = "custom:"
# What each choice of a merge sets: a phone goes with the number it is known by, consent is one statement.
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "email": ("email",),
    "first_name": ("first_name",),
    "last_name": ("last_name",),
    "company": ("company",),
    "job_title": ("job_title",),
    "phone": ("phone", "number"),
    "website": ("website",),
    "stage": ("stage_id",),
    "owner": ("owner_id",),
    "location": ("location_id",),
    "channel": ("channel",),
    "consent": ("consent_source", "consent_date", "consent_notes"),
}
NO_CONSENT: Final = "not_specified"


class Busy(Exception):
    """It can't be merged at this moment; the message is a sentence for a person."""


class TooLate(Exception):
    """The merge is too long ago to be undone."""


class NotLast(Exception):
    """Something was merged into the contact since: that has to be undone first."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the survivor becomes: whose value each field has, and what is settled without asking."""

    picks: dict[str, str]
    status: str
    notes: str
    objects: bool


@dataclass(slots=True)
class Undone:
    """Who came back, and which fields of the survivor stay because they were changed since."""

    contact_ids: list[str]
    stays: list[str] = field(default_factory=list)


def value_of(contact: Contact, name: str) -> Any:
    """What a field's choice shows and compares; empty where there is nothing to choose."""
    if name.startswith(CUSTOM):
        return contact.custom_fields.get(name.removeprefix(CUSTOM))
    if name == "consent":
        return "" if contact.consent_source == NO_CONSENT else contact.consent_source
    return getattr(contact, FIELDS[name][0])


def fields_of(contacts: Sequence[Contact]) -> list[str]:
    """The fields of which at least one has a value, in the order of the form."""
    own = sorted({key for contact in contacts for key in contact.custom_fields})
    names = [*FIELDS, *(f"{CUSTOM}{key}" for key in own)]
    return [name for name in names if any(value_of(each, name) not in ("", None) for each in contacts)]


def plan(contacts: Sequence[Contact], picks: Mapping[str, str] | None = None) -> Plan:
    """The first of ``contacts`` survives. ``picks``: whose value a field takes; else the first that has one."""
    known = {contact.pk: contact for contact in contacts}
    chosen = {}
    for name in fields_of(contacts):
        wanted = (picks or {}).get(name)
        with_value = (each.pk for each in contacts if value_of(each, name) not in ("", None))
        chosen[name] = wanted if wanted in known else next(with_value)
    notes = dict.fromkeys(each.notes.strip() for each in contacts if each.notes.strip())
    holder = known[chosen.get("email", contacts[0].pk)]
    return Plan(
        picks=chosen,
        status=refusals.strictest(contacts, holder),
        notes="\n\n".join(notes),
        objects=any(each.tracking_objection for each in contacts),
    )


@retried
def merge(
    workspace: Workspace, survivor_id: str, other_ids: Sequence[str], *, picks: Mapping[str, str], by: Actor
) -> Merge:
    """Make the others part of the survivor. Raises Unknown, Busy, or ValueError for too few or too many."""
    wanted = list(dict.fromkeys([survivor_id, *other_ids]))
    if not 2 <= len(wanted) <= MOST:
        raise ValueError(f"2 to {MOST} contacts can be merged at once")
    with change(workspace, by) as unit:
        found = {entry.contact.pk: entry for entry in batch.load(workspace, pk__in=wanted)}
        missing = [contact_id for contact_id in wanted if contact_id not in found]
        if missing:
            raise Unknown(missing[0])
        return _merged(unit, [found[contact_id] for contact_id in wanted], picks)


def _merged(unit: Change, entries: Sequence[Entry], picks: Mapping[str, str]) -> Merge:
    survivor, others = entries[0], entries[1:]
    merged_ids = [entry.contact.pk for entry in others]
    settled = plan([entry.contact for entry in entries], picks)
    before: dict[str, Any] = {"merged": [_row(entry.contact) for entry in others], **_links(merged_ids)}
    before |= {"status": settled.status, "objects": settled.objects}
    before["suppressions"] = refusals.suppress(unit, entries, settled.picks.get("email"))
    told = contacts_merged.send(
        Contact,
        workspace=unit.workspace,
        survivor_id=survivor.contact.pk,
        merged_ids=merged_ids,
        at=unit.at,
        by=unit.by,
    )
    answers: list[Any] = [answer or {} for _receiver, answer in told]
    before["kept"] = {key: value for answer in answers for key, value in answer.items()}
    before |= _take_history(unit, survivor.contact.pk, merged_ids)
    for entry in others:
        # Under the survivor, where its history is told and erasing it finds it.
        unit.record(types.CONTACT_DELETED, survivor.contact.pk, {"contact": entry.document()}, "merged")
    remove(unit.workspace, merged_ids)
    before["survivor"] = _become(survivor, others, settled)
    batch.write(unit, [survivor])
    Merge.objects.of(unit.workspace).filter(at__lt=unit.at - KEPT).delete()
    return Merge.objects.create(
        workspace=unit.workspace, survivor=survivor.contact, before=before, actor=str(unit.by), at=unit.at
    )


def _row(contact: Contact) -> dict[str, Any]:
    names = [each.attname for each in Contact._meta.local_concrete_fields]
    return {name: _plain(getattr(contact, name)) for name in names}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _links(contact_ids: Sequence[str]) -> dict[str, Any]:
    groups = GroupMembership.objects.filter(contact_id__in=contact_ids)
    tags = ContactTag.objects.filter(contact_id__in=contact_ids)
    return {
        "groups": [
            [*row[:3], row[3].isoformat()]
            for row in groups.values_list("group_id", "contact_id", "position", "joined_at")
        ],
        "tags": [list(row) for row in tags.values_list("tag_id", "contact_id", "position")],
    }


def _take_history(unit: Change, survivor_id: str, merged_ids: Sequence[str]) -> dict[str, Any]:
    moves = StageMove.objects.filter(contact_id__in=merged_ids)
    events = Event.objects.of(unit.workspace).filter(subject_id__in=merged_ids)
    taken = {
        "moves": dict(moves.values_list("pk", "contact_id")),
        "events": dict(events.values_list("pk", "subject_id")),
    }
    moves.update(contact_id=survivor_id)
    events.update(subject_id=survivor_id)
    return taken


def _become(survivor: Entry, others: Sequence[Entry], settled: Plan) -> dict[str, Any]:
    """Put everything on the survivor; what it was and is, of what has changed."""
    contact = survivor.contact
    was = _state(contact)
    holders = {entry.contact.pk: entry for entry in (survivor, *others)}
    for name, contact_id in settled.picks.items():
        _take(survivor, holders[contact_id], name)
    survivor.set("status", settled.status)
    survivor.set("notes", settled.notes)
    survivor.set("tracking_objection", settled.objects)
    groups = Group.objects.in_bulk({group_id for entry in others for group_id in entry.groups})
    tags = Tag.objects.in_bulk({tag_id for entry in others for tag_id in entry.tags})
    for entry in others:
        for group_id in entry.groups:
            survivor.join(groups[group_id])
        for tag_id in entry.tags:
            survivor.add_tag(tags[tag_id])
    # Nobody has entered: whoever this person is was in those groups before, and in or out of their campaigns.
    survivor.entered_dynamic.clear()
    now = _state(contact)
    changed = [name for name in now.keys() | was.keys() if was.get(name) != now.get(name)]
    return {
        "was": {name: was.get(name) for name in changed},
        "is": {name: now.get(name) for name in changed},
        "groups": list(survivor.joined),
        "tags": list(survivor.tagged),
    }


def _take(survivor: Entry, holder: Entry, name: str) -> None:
    if name.startswith(CUSTOM):
        survivor.merge_custom_fields({name.removeprefix(CUSTOM): value_of(holder.contact, name)})
    elif name == "stage":
        survivor.move(holder.contact.stage)
    else:
        for attribute in FIELDS[name]:
            survivor.set(attribute, getattr(holder.contact, attribute))


def _state(contact: Contact) -> dict[str, Any]:
    """What a merge may change of a contact, each custom field by itself."""
    names = [attribute for attributes in FIELDS.values() for attribute in attributes]
    names += ["status", "notes", "tracking_objection"]
    plain = {name: _plain(getattr(contact, name)) for name in names}
    return plain | {f"{CUSTOM}{key}": value for key, value in contact.custom_fields.items()}


# ------------------------------------------------------------------------------------------------ undoing


def undoable(workspace: Workspace, survivor_id: str) -> Merge | None:
    """The last merge into a contact, while it can be undone."""
    rows = Merge.objects.of(workspace).filter(survivor=survivor_id, at__gte=clock.now() - KEPT)
    return rows.order_by("-pk").first()


@retried
def undo(workspace: Workspace, merge_id: str, *, by: Actor) -> Undone:
    """Bring the merged contacts back, and what the survivor has from them as far as nobody has changed it since.

    What was refused since holds for all of them. Raises Unknown, TooLate, NotLast, Busy, EmailTaken when another
    contact has one of the addresses by now, or LimitReached.
    """
    with change(workspace, by) as unit:
        found = Merge.objects.of(workspace).select_for_update(no_key=True).filter(pk=merge_id).first()
        if found is None:
            raise Unknown(merge_id)
        if found.at < unit.at - KEPT:
            raise TooLate(merge_id)
        _require_room(workspace, len(found.before["merged"]))
        survivor = load_one(workspace, found.survivor_id)
        if undoable(workspace, found.survivor_id) != found:
            raise NotLast(merge_id)
        refused = refusals.refused_since(found, survivor.contact)
        undone = Undone([row["id"] for row in found.before["merged"]])
        undone.stays = _return(workspace, survivor, found.before["survivor"])
        for name, value in refused.heed(vars(survivor.contact)).items():
            survivor.set(name, value)
        batch.write(unit, [survivor])
        _restore(unit, found.before, refused)
        _give_history_back(unit, found)
        contacts_unmerged.send(
            Contact,
            workspace=workspace,
            survivor_id=found.survivor_id,
            merged_ids=undone.contact_ids,
            kept=found.before["kept"],
            by=by,
        )
        for entry in batch.load(workspace, pk__in=undone.contact_ids):
            unit.record(types.CONTACT_CREATED, entry.contact.pk, {"contact": entry.document()}, "unmerged")
        found.delete()
    return undone


def _require_room(workspace: Workspace, count: int) -> None:
    free = room(workspace)
    if free is not None and free < count:
        raise LimitReached(full(workspace))


def _return(workspace: Workspace, survivor: Entry, before: Mapping[str, Any]) -> list[str]:
    """Give the survivor back what it was; the names of what stays, since somebody has changed it."""
    now, stays = _state(survivor.contact), []
    for name, value in before["was"].items():
        if now.get(name) != before["is"][name]:
            stays.append(name)
        elif name == "stage_id":
            survivor.move(PipelineStage.objects.of(workspace).filter(pk=value).first())
        elif name.startswith(CUSTOM):
            survivor.merge_custom_fields({name.removeprefix(CUSTOM): value})
        else:
            survivor.set(name, _field(name).to_python(value))
    for group_id in before["groups"]:
        survivor.leave(group_id)
    for tag_id in before["tags"]:
        survivor.remove_tag(tag_id)
    return stays


def _field(name: str) -> Any:
    return next(each for each in Contact._meta.local_concrete_fields if each.attname == name)


def _restore(unit: Change, before: Mapping[str, Any], refused: refusals.Refused) -> None:
    workspace, rows = unit.workspace, before["merged"]
    emails = [row["email"] for row in rows if row["email"]]
    if Contact.objects.of(workspace).filter(email__in=emails).exists():
        raise EmailTaken
    numbers = {row["number"] for row in rows if row["number"]}
    taken = set(Contact.objects.of(workspace).filter(number__in=numbers).values_list("number", flat=True))
    stages = set(PipelineStage.objects.of(workspace).values_list("pk", flat=True))
    locations = set(Location.objects.of(workspace).values_list("pk", flat=True))
    people = set(workspace.memberships.values_list("user_id", flat=True))
    for row in rows:
        row = row | refused.heed(row)
        row |= {
            "number": None if row["number"] in taken else row["number"],
            "stage_id": row["stage_id"] if row["stage_id"] in stages else None,
            "location_id": row["location_id"] if row["location_id"] in locations else None,
            "owner_id": row["owner_id"] if row["owner_id"] in people else None,
        }
        values = {name: _field(name).to_python(value) for name, value in row.items()}
        bulk.insert([Contact(**(values | {"updated_at": unit.at}))])
    groups = set(Group.objects.of(workspace).values_list("pk", flat=True))
    tags = set(Tag.objects.of(workspace).values_list("pk", flat=True))
    joined = [[*row[:3], datetime.fromisoformat(row[3])] for row in before["groups"] if row[0] in groups]
    bulk.insert_values(GroupMembership, ("group_id", "contact_id", "position", "joined_at"), joined)
    tagged = [row for row in before["tags"] if row[0] in tags]
    bulk.insert_values(ContactTag, ("tag_id", "contact_id", "position"), tagged)
    Suppression.objects.of(workspace).filter(pk__in=before["suppressions"]).delete()


def _give_history_back(unit: Change, merged: Merge) -> None:
    moves, events = merged.before["moves"], merged.before["events"]
    for contact_id in {*moves.values()}:
        mine = [pk for pk, owner in moves.items() if owner == contact_id]
        StageMove.objects.filter(pk__in=mine).update(contact_id=contact_id)
    told = Event.objects.of(unit.workspace)
    for contact_id in {*events.values()}:
        mine = [pk for pk, owner in events.items() if owner == contact_id]
        told.filter(pk__in=mine).update(subject_id=contact_id)
    # What was told of their end holds their values, and goes where erasing one of them finds it.
    for event in told.filter(subject_id=merged.survivor_id, type=types.CONTACT_DELETED, note="merged"):
        contact_id = event.data["contact"]["id"]
        if contact_id in {row["id"] for row in merged.before["merged"]}:
            told.filter(pk=event.pk).update(subject_id=contact_id)
