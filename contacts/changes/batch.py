"""Contacts in the making: loaded together, changed in memory, written in a handful of statements."""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

from django.db.models.base import ModelState

from contacts import documents
from contacts.changes import suppressing
from contacts.changes.references import References
from contacts.cleaning import MAX_CUSTOM_KEYS, Draft, Invalid, tag_key
from contacts.models import Contact, ContactTag, Group, GroupMembership, PipelineStage, StageMove, Tag
from contacts.signals import joined_group
from fluenzr_site.core import bulk, ids
from fluenzr_site.core.saying import Sentence
from fluenzr_site.events import types
from fluenzr_site.events.recording import Change
from fluenzr_site.workspaces.models import Workspace

L = TypeVar("L", Group, Tag)

# A change of many keeps why it failed in English: it is recognised.
_TOO_MANY_FIELDS: Final = Sentence("A contact has at most %(most)s custom fields")

SEARCHED = ("email", "first_name", "last_name", "company", "job_title")
WRITTEN = [
    "email",
    "first_name",
    "last_name",
    "company",
    "job_title",
    "phone",
    "number",
    "website",
    "status",
    "stage_id",
    "custom_fields",
    "owner_id",
    "channel",
    "location_id",
    "notes",
    "consent_source",
    "consent_date",
    "consent_notes",
    "tracking_objection",
    "search_text",
    "updated_at",
]


@dataclass(slots=True)
class Entry:
    """One contact, what it is linked to, and how that differs from what the database has."""

    contact: Contact
    is_new: bool
    groups: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    stage_name: str | None = None
    changed: set[str] = field(default_factory=set)
    # What an existing contact's changed attributes were, for who keeps earlier values.
    before: dict[str, Any] = field(default_factory=dict)
    joined: list[str] = field(default_factory=list)
    entered_dynamic: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    tagged: list[str] = field(default_factory=list)
    untagged: list[str] = field(default_factory=list)
    moves: list[tuple[str | None, str | None, str]] = field(default_factory=list)

    @property
    def is_touched(self) -> bool:
        return self.is_new or bool(self.changed)

    def set(self, attribute: str, value: Any) -> None:
        before = getattr(self.contact, attribute)
        if before != value:
            if not self.is_new:
                self.before.setdefault(attribute, before)
            setattr(self.contact, attribute, value)
            self.changed.add(attribute)

    def merge_custom_fields(self, values: dict[str, Any]) -> None:
        merged = self.contact.custom_fields | values
        self.set("custom_fields", {key: value for key, value in merged.items() if value is not None})

    def move(self, stage: PipelineStage | None, note: str = "") -> None:
        before, after = self.contact.stage_id, stage.pk if stage else None
        if before != after:
            self.moves.append((before, after, note))
            self.before.setdefault("stage_id", before)
            self.contact.stage, self.stage_name = stage, stage.name if stage else None
            self.changed.add("stage")

    def join(self, group: Group) -> None:
        if group.pk not in self.groups:
            self.groups[group.pk] = group.name
            self.joined.append(group.pk)
            self.changed.add("groups")
            if group.type == Group.Type.DYNAMIC:
                self.entered_dynamic.append(group.pk)

    def leave(self, group_id: str) -> None:
        if self.groups.pop(group_id, None) is not None:
            _take_back(group_id, self.joined, self.left)
            self.changed.add("groups")

    def add_tag(self, tag: Tag) -> None:
        if tag.pk not in self.tags:
            self.tags[tag.pk] = tag.name
            self.tagged.append(tag.pk)
            self.changed.add("tags")

    def remove_tag(self, tag_id: str) -> None:
        if self.tags.pop(tag_id, None) is not None:
            _take_back(tag_id, self.tagged, self.untagged)
            self.changed.add("tags")

    def document(self) -> documents.Document:
        return documents.contact_document(
            self.contact.__dict__,
            groups=[{"id": group_id, "name": name} for group_id, name in self.groups.items()],
            tags=list(self.tags.values()),
            stage=documents.stage_document(self.contact.stage_id, self.stage_name),
        )


def _take_back(identifier: str, added: list[str], removed: list[str]) -> None:
    """Removing what this very batch added leaves nothing to write."""
    if identifier in added:
        added.remove(identifier)
    else:
        removed.append(identifier)


def assign(entry: Entry, draft: Draft, references: References, *, adds_only: bool = False) -> None:
    """Put what the draft gives on the contact. Groups and tags replace (or only add); custom fields merge."""
    if draft.email:
        entry.set("email", draft.email)
    for attribute, value in draft.values.items():
        entry.set(attribute, value)
    _assign_person(entry, draft)
    if draft.custom_fields:
        entry.merge_custom_fields(draft.custom_fields)
    if draft.stage_given:
        entry.move(references.stages[draft.stage_id] if draft.stage_id else None)
    if draft.group_ids is not None:
        groups = [references.groups[group_id] for group_id in draft.group_ids]
        _assign_links(entry.groups, groups, entry.join, entry.leave, adds_only)
    if draft.tags is not None:
        tags = [references.tags[tag_key(name)] for name in draft.tags]
        _assign_links(entry.tags, tags, entry.add_tag, entry.remove_tag, adds_only)


def _assign_person(entry: Entry, draft: Draft) -> None:
    """Name, number and place as the messaging API gives them."""
    if draft.full_name is not None and draft.full_name != entry.contact.full_name:
        first, _, last = draft.full_name.partition(" ")
        entry.set("first_name", first)
        entry.set("last_name", last)
    if draft.number:
        entry.set("number", draft.number)
        entry.set("phone", draft.number)
    elif entry.contact.number and entry.contact.phone != entry.contact.number:
        # Somebody has written another phone over it.
        entry.set("number", None)
    if draft.location_given:
        entry.set("location_id", draft.location_id)


def require_custom_room(entry: Entry, draft: Draft) -> None:
    """Raises Invalid when the contact's custom fields and the draft's together are too many."""
    merged = entry.contact.custom_fields | draft.custom_fields
    if sum(value is not None for value in merged.values()) > MAX_CUSTOM_KEYS:
        raise Invalid({"customFields": [_TOO_MANY_FIELDS(most=str(MAX_CUSTOM_KEYS))]})


def _assign_links(
    present: dict[str, str],
    wanted: Sequence[L],
    add: Callable[[L], None],
    remove: Callable[[str], None],
    adds_only: bool,
) -> None:
    kept = {link.pk for link in wanted}
    for identifier in [] if adds_only else [known for known in present if known not in kept]:
        remove(identifier)
    for link in wanted:
        add(link)


def fresh(workspace: Workspace, contact_id: str, email: str | None, values: dict[str, Any]) -> Entry:
    """A new contact. It is as old as its id says, so that order by id is order by creation."""
    made = ids.made_at(contact_id)
    given = {"id": contact_id, "workspace_id": workspace.pk, "email": email, "created_at": made, "updated_at": made}
    # Not through __init__, which looks at 25 fields to fill five: a third of what a contact of an import costs.
    contact = Contact.__new__(Contact)
    contact._state = ModelState()
    vars(contact).update(_blank() | {"custom_fields": {}} | given | values)
    return Entry(contact, is_new=True)


@functools.cache
def _blank() -> dict[str, Any]:
    """What a contact's attributes are before anything is said of it."""
    return {name: value for name, value in vars(Contact()).items() if name != "_state"}


def load(workspace: Workspace, **condition: Any) -> list[Entry]:
    """Existing contacts with their links, locked until the transaction ends, in the order of their ids."""
    contacts = list(
        Contact.objects.of(workspace)
        .filter(**condition)
        .select_related("stage")
        # Without their keys, which the rows that others write meanwhile refer to.
        .select_for_update(of=("self",), no_key=True)
        .order_by("id")
    )
    contact_ids = [contact.pk for contact in contacts]
    groups = documents.groups_of(contact_ids) if contacts else {}
    tags = documents.tags_of(contact_ids) if contacts else {}
    return [
        Entry(
            contact,
            is_new=False,
            groups={group["id"]: group["name"] for group in groups[contact.pk]},
            tags=dict(tags[contact.pk]),
            stage_name=contact.stage.name if contact.stage else None,
        )
        for contact in contacts
    ]


def write(unit: Change, entries: Sequence[Entry]) -> None:
    """Everything that differs, set by set, and the events of it."""
    touched = [entry for entry in entries if entry.is_touched]
    for entry in touched:
        _finish(entry, unit.at)
    # By address, so that two batches with the same ones wait for each other in one order.
    new = sorted((entry.contact for entry in touched if entry.is_new), key=lambda row: row.email or row.pk)
    bulk.insert(new)
    changed = [entry for entry in touched if not entry.is_new]
    _update(changed, unit.at)
    suppressing.heed(unit, [(entry.contact, entry.before) for entry in changed])
    _write_links(touched, unit)
    _write_moves(touched, unit)
    for entry in touched:
        kind = types.CONTACT_CREATED if entry.is_new else types.CONTACT_UPDATED
        note = "" if entry.is_new else " ".join(sorted(entry.changed))
        unit.record(kind, entry.contact.pk, {"contact": entry.document()}, note)
    _announce(touched, unit)


def _finish(entry: Entry, at: datetime) -> None:
    contact = entry.contact
    if not entry.is_new:
        contact.updated_at = at
    if entry.is_new or not entry.changed.isdisjoint(SEARCHED):
        # One line a field, the two names on one: "ann lee" finds Ann Lee, and nothing matches across fields.
        lines = (contact.email or "", contact.full_name, contact.company, contact.job_title)
        contact.search_text = "\n".join(" ".join(line.split("\n")) for line in lines).lower()


def _update(entries: Sequence[Entry], at: datetime) -> None:
    links_only = [entry.contact.pk for entry in entries if entry.changed <= {"groups", "tags"}]
    if links_only:
        Contact.objects.filter(pk__in=links_only).update(updated_at=at)
    rows = [entry for entry in entries if not entry.changed <= {"groups", "tags"}]
    if len(rows) == 1:
        columns = (rows[0].changed - {"groups", "tags"}) | {"updated_at"}
        if not rows[0].changed.isdisjoint(SEARCHED):
            columns.add("search_text")
        rows[0].contact.save(update_fields=columns)
    elif rows:
        bulk.update_values(
            Contact,
            WRITTEN,
            [[getattr(entry.contact, name) for name in (*WRITTEN, "id")] for entry in rows],
        )


def _write_links(entries: Sequence[Entry], unit: Change) -> None:
    for group_id, contact_ids in _by_link((entry.contact.pk, entry.left) for entry in entries):
        GroupMembership.objects.filter(group_id=group_id, contact_id__in=contact_ids).delete()
    for tag_id, contact_ids in _by_link((entry.contact.pk, entry.untagged) for entry in entries):
        ContactTag.objects.filter(tag_id=tag_id, contact_id__in=contact_ids).delete()
    bulk.insert_values(
        GroupMembership,
        ("group_id", "contact_id", "position", "joined_at"),
        [
            (group_id, entry.contact.pk, position, unit.at)
            for entry in entries
            for position, group_id in enumerate(entry.joined, len(entry.groups) - len(entry.joined))
        ],
    )
    bulk.insert_values(
        ContactTag,
        ("tag_id", "contact_id", "position"),
        [
            (tag_id, entry.contact.pk, position)
            for entry in entries
            for position, tag_id in enumerate(entry.tagged, len(entry.tags) - len(entry.tagged))
        ],
    )


def _by_link(removed: Iterable[tuple[str, list[str]]]) -> Iterable[tuple[str, list[str]]]:
    """From what each contact loses to who loses each link: one statement for each of these."""
    found: dict[str, list[str]] = {}
    for contact_id, identifiers in removed:
        for identifier in identifiers:
            found.setdefault(identifier, []).append(contact_id)
    return found.items()


def _write_moves(entries: Sequence[Entry], unit: Change) -> None:
    moves = [(entry.contact.pk, *move) for entry in entries for move in entry.moves]
    numbers = ids.new_batch("mov", len(moves))
    bulk.insert_values(
        StageMove,
        ("id", "contact_id", "from_stage_id", "to_stage_id", "note", "actor", "moved_at"),
        [(number, *move, str(unit.by), unit.at) for number, move in zip(numbers, moves, strict=True)],
    )


def _announce(entries: Sequence[Entry], unit: Change) -> None:
    joined = [
        (group_id, entry.contact.pk)
        for entry in entries
        for group_id in entry.entered_dynamic
        if group_id in entry.joined
    ]
    if joined:
        joined_group.send(Contact, workspace=unit.workspace, joined=joined, by=unit.by)
