"""One change for many contacts: what it says, and what it makes of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from contacts.changes import batch, references
from contacts.changes.batch import Entry
from contacts.changes.references import References
from contacts.cleaning import MAX_NAMES, Draft, Invalid, tag_key
from contacts.models import Contact
from fluenzr_site.core.saying import Sentence
from fluenzr_site.events.recording import Change
from fluenzr_site.workspaces.models import Workspace

UNSUBSCRIBED: Final = Contact.Status.UNSUBSCRIBED
# A change of many keeps why it failed in English: it is recognised.
_TOO_MANY_TAGS: Final = Sentence("A contact has at most %(most)s tags")


@dataclass(frozen=True, slots=True)
class Edit:
    """One change for many contacts. Ids and names are resolved once; None leaves alone."""

    add_groups: tuple[str, ...] = ()
    remove_groups: tuple[str, ...] = ()
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    status: str | None = None
    # The status is changed only where it is this one.
    status_from: str | None = None
    stage_id: str | None = None
    stage_given: bool = False
    owner_id: int | None = None
    owner_given: bool = False
    # Attributes of the model to what they become; custom fields by key, None removes.
    values: Mapping[str, Any] = field(default_factory=dict)
    custom_fields: Mapping[str, Any] = field(default_factory=dict)


def resolve(workspace: Workspace, edit: Edit, unit: Change) -> References:
    """What the edit names; tags and custom fields are made where they are new. Raises Invalid."""
    draft = Draft(
        group_ids=[*edit.add_groups, *edit.remove_groups],
        tags=list(edit.add_tags),
        stage_id=edit.stage_id,
        stage_given=edit.stage_given,
        location_id=edit.values.get("location_id"),
        custom_fields=dict(edit.custom_fields),
    )
    known = references.look_up(workspace, [draft])
    known.settle(draft)
    references.make_missing(workspace, known, [draft], unit.at)
    return known


def apply(entry: Entry, edit: Edit, known: References) -> None:
    """Make the edit of one contact, in memory. Raises Invalid."""
    for group_id in edit.add_groups:
        entry.join(known.groups[group_id])
    for group_id in edit.remove_groups:
        entry.leave(group_id)
    for name in edit.add_tags:
        entry.add_tag(known.tags[tag_key(name)])
    if edit.add_tags and len(entry.tags) > MAX_NAMES:
        raise Invalid({"tags": [_TOO_MANY_TAGS(most=str(MAX_NAMES))]})
    unwanted = {tag_key(name) for name in edit.remove_tags}
    for tag_id in [tag_id for tag_id, name in entry.tags.items() if tag_key(name) in unwanted]:
        entry.remove_tag(tag_id)
    if edit.stage_given:
        entry.move(known.stages[edit.stage_id] if edit.stage_id else None)
    present = entry.contact.status
    if edit.status and present != UNSUBSCRIBED and edit.status_from in (None, present):
        entry.set("status", edit.status)
    if edit.owner_given:
        entry.set("owner_id", edit.owner_id)
    for attribute, value in edit.values.items():
        entry.set(attribute, value)
    if edit.custom_fields:
        batch.require_custom_room(entry, Draft(custom_fields=dict(edit.custom_fields)))
        entry.merge_custom_fields(dict(edit.custom_fields))
