"""Puts contacts back as they were before a change: who is still as the change left them; the others are named.

Nothing that is undone makes anybody be written to: who comes back into a group isn't enrolled by that.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db.models import Q

from contacts.changes import batch, earlier, kinds, suppressing
from contacts.changes.batch import Entry
from contacts.changes.contacts import Edit, delete_many, edit_many, room
from contacts.changes.kinds import Kind
from contacts.models import (
    BulkChange,
    Contact,
    ContactTag,
    EarlierValues,
    Group,
    GroupMembership,
    Location,
    PipelineStage,
    StageMove,
    Suppression,
    Tag,
)
from contacts.models.suppression import address_digest
from fluenzr_site.core import bulk, ids
from fluenzr_site.events import types
from fluenzr_site.events.models import Event
from fluenzr_site.events.recording import Actor, Change, change
from fluenzr_site.workspaces.models import Workspace

Outcome: Final = EarlierValues.Outcome
Rows = Sequence[EarlierValues]
_OPTED_OUT: Final = (types.EMAIL_UNSUBSCRIBED, types.EMAIL_BOUNCED)
_FIELDS: Final = {field.attname: field for field in Contact._meta.local_concrete_fields}
_MAILED: Final = (Contact.Status.ACTIVE, Contact.Status.REPLIED)


class EditKind(Kind):
    """Values that were set, groups, tags, owner, stage and status. ``what``: the arguments of an Edit."""

    def make(self, change: BulkChange, contact_ids: Sequence[str], by: Actor) -> int:
        return len(edit_many(change.workspace, contact_ids, _edit(change.what), by=by, keep=change.pk))

    def take_back(self, change: BulkChange, rows: Rows, by: Actor) -> dict[str, str]:
        return put_back(change, rows, by)


def _edit(what: dict[str, Any]) -> Edit:
    return Edit(**what | {"values": {name: _read(name, value) for name, value in what.get("values", {}).items()}})


def _read(name: str, value: Any) -> Any:
    """An attribute's value as JSON has kept it: dates are text there."""
    return _FIELDS[name].to_python(value)


class DeleteKind(Kind):
    """Contacts that were deleted. Their enrolments, e-mails and conversations don't come back."""

    def make(self, change: BulkChange, contact_ids: Sequence[str], by: Actor) -> int:
        return len(delete_many(change.workspace, contact_ids, by=by, keep=change.pk))

    def take_back(self, change: BulkChange, rows: Rows, by: Actor) -> dict[str, str]:
        return bring_back(change.workspace, rows, by)


EDIT: Final = "edit"
DELETE: Final = "delete"
kinds.register(EDIT, EditKind())
kinds.register(DELETE, DeleteKind())


# ------------------------------------------------------------------------------------ contacts that are there


def put_back(of: BulkChange, rows: Rows, by: Actor) -> dict[str, str]:
    """Give contacts back the values of these rows; the outcome of those that stay as they are, by id."""
    with change(of.workspace, by) as unit:
        entries = {entry.contact.pk: entry for entry in batch.load(of.workspace, pk__in=[r.contact_id for r in rows])}
        known, refused = _Known(of.workspace, [row.values for row in rows]), _refused(of, rows)
        outcomes, written = dict[str, str](), []
        for row in rows:
            entry = entries.get(row.contact_id)
            outcome = _obstacle(entry, row, known, refused)
            if outcome or entry is None:
                outcomes[row.contact_id] = outcome
                continue
            known.put_back(entry, row.values)
            written.append(entry)
        batch.write(unit, written)
    return outcomes


def _obstacle(entry: Entry | None, row: EarlierValues, known: "_Known", refused: dict[str, str]) -> str:
    if entry is None:
        return Outcome.DELETED
    if earlier.fingerprint(entry) != row.after:
        return Outcome.CHANGED
    if row.contact_id in refused:
        return refused[row.contact_id]
    if known.lacks(row.values):
        return Outcome.MISSING
    return Outcome.TAKEN if known.taken(row.contact_id, row.values) else ""


def _refused(of: BulkChange, rows: Rows) -> dict[str, str]:
    """Who would be mailed again, and unsubscribed or bounced since, or has become one with somebody who may have:
    also where their status didn't change by it. The outcome by id."""
    concerned = [row.contact_id for row in rows if row.values.get("status") in _MAILED]
    if not concerned:
        return {}
    since = Event.objects.of(of.workspace).filter(pk__gte=ids.first_at("evt", of.created_at))
    merged = Q(type=types.CONTACT_DELETED, note="merged")
    told = since.filter(Q(type__in=_OPTED_OUT) | merged, subject_id__in=concerned)
    found = dict[str, str]()
    for contact_id, type_ in told.values_list("subject_id", "type"):
        found[contact_id] = Outcome.OPTED_OUT if type_ in _OPTED_OUT else found.get(contact_id, Outcome.CHANGED)
    return found


class _Known:
    """What earlier values speak of and still exists, looked up for many rows at once."""

    def __init__(self, workspace: Workspace, all_values: Sequence[dict[str, Any]]) -> None:
        def named(name: str) -> set[Any]:
            return {values[name] for values in all_values if values.get(name) is not None}

        def linked(name: str) -> set[str]:
            return {link for values in all_values for links in values.get(name, ()) for link in links}

        self.stages = _by_id(PipelineStage.objects.of(workspace), named("stage_id"))
        self.groups = _by_id(Group.objects.of(workspace), linked("groups"))
        self.tags = _by_id(Tag.objects.of(workspace), linked("tags"))
        self.locations = _by_id(Location.objects.of(workspace), named("location_id"))
        self.owners = _by_id(get_user_model().objects.all(), named("owner_id"))
        self.emails = _holders(workspace, "email", named("email"))
        self.numbers = _holders(workspace, "number", named("number"))

    def lacks(self, values: dict[str, Any]) -> bool:
        """Whether one of the things that a contact has one of is gone."""
        places = (("stage_id", self.stages), ("location_id", self.locations), ("owner_id", self.owners))
        return any(values.get(name) is not None and values[name] not in there for name, there in places)

    def taken(self, contact_id: str, values: dict[str, Any]) -> bool:
        """Whether another contact has the address or the number meanwhile."""
        holders = (self.emails.get(values.get("email")), self.numbers.get(values.get("number")))
        return any(holder not in (None, contact_id) for holder in holders)

    def put_back(self, entry: Entry, values: dict[str, Any]) -> None:
        for name, value in values.items():
            if name == "custom_fields":
                entry.merge_custom_fields(value)
            elif name == "stage_id":
                entry.move(self.stages[value] if value else None)
            elif name not in earlier.LINKS:
                entry.set(name, _read(name, value))
        joined, left = values.get("groups", ((), ()))
        for group_id in joined:
            entry.leave(group_id)
        for group_id in left:
            if group_id in self.groups:
                entry.join(self.groups[group_id])
        entry.entered_dynamic.clear()
        tagged, untagged = values.get("tags", ((), ()))
        for tag_id in tagged:
            entry.remove_tag(tag_id)
        for tag_id in untagged:
            if tag_id in self.tags:
                entry.add_tag(self.tags[tag_id])


def _by_id(rows: Any, identifiers: Iterable[Any]) -> dict[Any, Any]:
    wanted = list(identifiers)
    return {row.pk: row for row in rows.filter(pk__in=wanted)} if wanted else {}


def _holders(workspace: Workspace, name: str, values: Iterable[str]) -> dict[Any, str]:
    wanted = list(values)
    rows = Contact.objects.of(workspace).filter(**{f"{name}__in": wanted}) if wanted else Contact.objects.none()
    return dict(rows.values_list(name, "pk"))


# -------------------------------------------------------------------------------- contacts that were deleted


def bring_back(workspace: Workspace, rows: Rows, by: Actor) -> dict[str, str]:
    """Make deleted contacts again, under their ids; the outcome of those that stay away, by id."""
    with change(workspace, by) as unit:
        known = _Known(workspace, [_of_deleted(row.values) for row in rows])
        outcomes = _kept_away(workspace, rows, known)
        coming = [row for row in rows if row.contact_id not in outcomes]
        space = room(workspace)
        if space is not None:
            outcomes |= {row.contact_id: Outcome.FULL for row in coming[space:]}
            coming = coming[:space]
        entries = [_made_again(unit, row, known) for row in coming]
        _heed_refusals(workspace, [entry.contact for entry in entries])
        batch.write(unit, entries)
        suppressing.take_back(workspace, [entry.contact for entry in entries])
        _link_again(coming, known)
    return outcomes


def _of_deleted(values: dict[str, Any]) -> dict[str, Any]:
    """A deleted contact's values, shaped as those of a changed one: all its links are to be added."""
    links = {name: [[link for link, *_ in values[name]]] for name in earlier.LINKS}
    of_it: dict[str, Any] = values["contact"] | links
    return of_it


def _kept_away(workspace: Workspace, rows: Rows, known: _Known) -> dict[str, str]:
    contacts = {row.contact_id: row.values["contact"] for row in rows}
    digests = {address_digest(own["email"]): pk for pk, own in contacts.items() if own["email"]}
    erased = Suppression.objects.of(workspace).filter(digest__in=digests, reason=Suppression.Reason.ERASED)
    outcomes: dict[str, str] = {digests[digest]: Outcome.ERASED for digest in erased.values_list("digest", flat=True)}
    # Under its own id too: it may have been brought back otherwise.
    present = set(Contact.objects.filter(pk__in=contacts).values_list("pk", flat=True))
    taken = [pk for pk, own in contacts.items() if pk in present or known.taken(pk, own)]
    return dict.fromkeys(taken, Outcome.TAKEN.value) | outcomes


def _made_again(unit: Change, row: EarlierValues, known: _Known) -> Entry:
    own = {name: _read(name, value) for name, value in row.values["contact"].items()}
    for name, there in (("stage_id", known.stages), ("location_id", known.locations), ("owner_id", known.owners)):
        own[name] = own[name] if own[name] in there else None
    entry = batch.fresh(unit.workspace, row.contact_id, own.pop("email"), own | {"updated_at": unit.at})
    stage = known.stages.get(own["stage_id"])
    entry.stage_name = stage.name if stage else None
    for group_id, *_ in sorted(row.values["groups"], key=lambda link: link[1]):
        if group_id in known.groups:
            entry.groups[group_id] = known.groups[group_id].name
    for tag_id, *_ in sorted(row.values["tags"], key=lambda link: link[1]):
        if tag_id in known.tags:
            entry.tags[tag_id] = known.tags[tag_id].name
    return entry


def _heed_refusals(workspace: Workspace, contacts: Sequence[Contact]) -> None:
    """Who has said no while they were away has said it."""
    reasons = suppressing.reasons_of(workspace, [each.email for each in contacts if each.email])
    for contact in contacts:
        if contact.status in _MAILED:
            contact.status = suppressing.status_for(reasons.get(contact.email or "", "")) or contact.status


def _link_again(rows: Rows, known: _Known) -> None:
    """Groups, tags and the history in the pipeline, with their times: not as if they began today."""
    every = [(row.contact_id, row.values) for row in rows]
    groups = [(pk, *link) for pk, values in every for link in values["groups"] if link[0] in known.groups]
    tags = [(pk, *link) for pk, values in every for link in values["tags"] if link[0] in known.tags]
    moves = [(pk, *move) for pk, values in every for move in values["moves"]]
    at = GroupMembership._meta.get_field("joined_at").to_python
    bulk.insert_values(
        GroupMembership,
        ("contact_id", "group_id", "position", "joined_at"),
        [(pk, group_id, position, at(joined)) for pk, group_id, position, joined in groups],
    )
    bulk.insert_values(ContactTag, ("contact_id", "tag_id", "position"), tags)
    stages = set(
        PipelineStage.objects.filter(pk__in={stage for move in moves for stage in move[2:4]}).values_list(
            "pk", flat=True
        )
    )
    bulk.insert_values(
        StageMove,
        ("contact_id", "id", "from_stage_id", "to_stage_id", "actor", "note", "moved_at"),
        [
            (pk, move_id, *(stage if stage in stages else None for stage in (start, end)), actor, note, at(moved))
            for pk, move_id, start, end, actor, note, moved in moves
        ],
    )
