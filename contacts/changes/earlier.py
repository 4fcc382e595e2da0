"""What contacts were before a change, kept so that it can be undone (``undoing``): for each a compact row.

A row says what the change made different, and bears a fingerprint of all that the change left. Whoever undoes it
compares that with the contact of the day: who has been touched since, by anybody, stays as they are.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import orjson
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from contacts.changes.batch import WRITTEN, Entry
from contacts.models import BulkChange, Contact, ContactTag, EarlierValues, GroupMembership, StageMove
from fluenzr_site.core import bulk, clock
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.models import Workspace

Values = dict[str, Any]

#: What a contact's own columns say of it: what people write, not what follows from that.
STATE: Final = tuple(name for name in WRITTEN if name not in ("search_text", "updated_at"))
_COLUMNS: Final = ("change_id", "contact_id", "values", "after", "outcome")
# Links are kept as a pair of lists of ids: those that were added, those that were taken away.
LINKS: Final = ("groups", "tags")


def open_change(workspace: Workspace, kind: str, action: str, *, by: Actor, **described: Any) -> BulkChange:
    """A row for a change that is about to be made; ``described``: its other columns, such as ``detail``."""
    return BulkChange.objects.create(
        workspace=workspace, kind=kind, action=action, actor=str(by), created_at=clock.now(), **described
    )


def fingerprint(entry: Entry) -> str:
    """Of all that a contact is."""
    return _digest(_state(entry))


def _state(entry: Entry) -> Values:
    own = vars(entry.contact)
    state = {name: own[name] for name in STATE}
    return state | {"groups": sorted(entry.groups), "tags": sorted(entry.tags)}


def _digest(state: Values) -> str:
    return hashlib.blake2b(orjson.dumps(state, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()


def keep(change_id: str, entries: Sequence[Entry]) -> None:
    """Note what these contacts were; called in the transaction that has just written them.

    Of one that the same change has written before, as the rows of a file may, what it was at first stays.
    """
    different = [(entry, values) for entry in entries if entry.before or entry.changed if (values := before(entry))]
    if not different:
        return
    rows = EarlierValues.objects.filter(change_id=change_id)
    known = {row.contact_id: row for row in rows.filter(contact_id__in=[each.contact.pk for each, _ in different])}
    new = [
        (change_id, e.contact.pk, values, fingerprint(e), "") for e, values in different if e.contact.pk not in known
    ]
    bulk.insert_values(EarlierValues, _COLUMNS, new)
    for entry, values in different:
        row = known.get(entry.contact.pk)
        # Somebody else was there in between: left as it is, it is found changed.
        if row is not None and row.after == _digest(_went_back(_state(entry), values)):
            told = {"values": _joined(row.values, values), "after": fingerprint(entry)}
            rows.filter(contact_id=entry.contact.pk).update(**told)


def before(entry: Entry) -> Values:
    """What the contact was, where that differs from what it is."""
    contact = entry.contact
    values = {name: was for name, was in entry.before.items() if was != getattr(contact, name)}
    if "custom_fields" in values:
        was, now = values["custom_fields"], contact.custom_fields
        keys = (key for key in was | now if was.get(key) != now.get(key))
        values["custom_fields"] = {key: was.get(key) for key in keys}
    if entry.joined or entry.left:
        values["groups"] = [entry.joined, entry.left]
    if entry.tagged or entry.untagged:
        values["tags"] = [entry.tagged, entry.untagged]
    return values


def _went_back(state: Values, values: Values) -> Values:
    """A contact's state before it changed so."""
    was = state | {name: value for name, value in values.items() if name not in (*LINKS, "custom_fields")}
    own = state["custom_fields"] | values.get("custom_fields", {})
    was["custom_fields"] = {key: value for key, value in own.items() if value is not None}
    for name in LINKS:
        added, taken = values.get(name, ([], []))
        was[name] = sorted(set(state[name]) - set(added) | set(taken))
    return was


def _joined(first: Values, second: Values) -> Values:
    """What two changes after one another made different."""
    both = second | first
    if "custom_fields" in both:
        both["custom_fields"] = second.get("custom_fields", {}) | first.get("custom_fields", {})
    for name in LINKS:
        if name in both:
            (added, taken), (more, fewer) = first.get(name, ([], [])), second.get(name, ([], []))
            both[name] = [
                [link for link in added if link not in fewer] + [link for link in more if link not in taken],
                [link for link in taken if link not in more] + [link for link in fewer if link not in added],
            ]
    return both


def keep_deleted(change_id: str, entries: Sequence[Entry]) -> None:
    """Note all that contacts are; called in the transaction that is about to delete them."""
    names = [field.attname for field in Contact._meta.local_concrete_fields if field.attname not in _MADE_ANEW]
    contact_ids = [entry.contact.pk for entry in entries]
    groups = _by_contact(GroupMembership, ("group_id", "position", "joined_at"), contact_ids)
    tags = _by_contact(ContactTag, ("tag_id", "position"), contact_ids)
    moves = _by_contact(StageMove, ("id", "from_stage_id", "to_stage_id", "actor", "note", "moved_at"), contact_ids)
    rows = []
    for entry in entries:
        pk, own = entry.contact.pk, vars(entry.contact)
        values: Values = {"contact": {name: own[name] for name in names}}
        values |= {"groups": groups[pk], "tags": tags[pk], "moves": moves[pk]}
        rows.append((change_id, pk, values, "", ""))
    bulk.insert_values(EarlierValues, _COLUMNS, rows)


_MADE_ANEW: Final = ("id", "workspace_id", "search_text", "created_at", "updated_at")


def _by_contact(model: Any, names: Sequence[str], contact_ids: Sequence[str]) -> dict[str, list[list[Any]]]:
    found: dict[str, list[list[Any]]] = defaultdict(list)
    for contact_id, *values in model.objects.filter(contact_id__in=contact_ids).values_list("contact_id", *names):
        found[contact_id].append(values)
    return found


def note(change_id: str, outcomes: dict[str, str]) -> None:
    """Rows without values: of contacts that stay as they are, or to which a change did what isn't on them."""
    rows: list[Sequence[Any]] = [(change_id, contact_id, {}, "", outcome) for contact_id, outcome in outcomes.items()]
    bulk.insert_values(EarlierValues, _COLUMNS, rows)


def forget(workspace: Workspace, contact_id: str, *addresses: str) -> None:
    """Nothing of what a contact was stays, nor of what bore one of its addresses."""
    kept: QuerySet[EarlierValues] = EarlierValues.objects.filter(change__workspace=workspace)
    kept.filter(contact_id=contact_id).delete()
    text = kept.annotate(text=Cast("values", TextField()))
    for address in addresses:
        # SQLite keeps JSON as it was written, which may be in ASCII.
        text.filter(Q(text__icontains=address) | Q(text__icontains=json.dumps(address)[1:-1])).delete()
