"""The changes of custom field definitions: key and type are for good, options only grow."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction

from contacts.changes import batch
from contacts.json_keys import with_key
from contacts.models import Contact, CustomField
from fluenzr_site.core import clock
from fluenzr_site.events.recording import Actor, change
from fluenzr_site.workspaces.models import Workspace

AT_ONCE = 1000


class KeyTaken(Exception):
    """The workspace has a field with that key."""


class OptionsShrink(Exception):
    """An option that contacts may have was left out."""


def create_field(workspace: Workspace, values: dict[str, Any]) -> CustomField:
    """A new definition of model values. Raises KeyTaken."""
    position = CustomField.objects.of(workspace).count()
    field = CustomField(workspace=workspace, created_at=clock.now(), **({"position": position} | values))
    try:
        with transaction.atomic():
            field.save(force_insert=True)
            workspace.touch()
    except IntegrityError as error:
        raise KeyTaken(field.key) from error
    return field


def update_field(
    field: CustomField, *, label: str, required: bool, default: str, options: Sequence[str], position: int
) -> CustomField:
    """Change what may change of a definition. Raises OptionsShrink naming an option that is missing."""
    missing = [option for option in field.options if option not in options]
    if missing:
        raise OptionsShrink(missing[0])
    field.label, field.required, field.default = label, required, default
    field.options, field.position = list(options), position
    with transaction.atomic():
        field.save(update_fields=["label", "required", "default", "options", "position"])
        field.workspace.touch()
    return field


def values_of(field: CustomField) -> int:
    """How many contacts have a value in the field: what deleting it would destroy."""
    return with_key(Contact.objects.of(field.workspace), field.key).count()


def delete_field(field: CustomField, *, by: Actor) -> int:
    """Delete a definition and its values; how many contacts had one."""
    emptied, workspace = 0, field.workspace
    bearing = with_key(Contact.objects.of(workspace), field.key)
    while contact_ids := list(bearing.values_list("pk", flat=True)[:AT_ONCE]):
        with change(workspace, by) as unit:
            entries = batch.load(workspace, pk__in=contact_ids)
            for entry in entries:
                entry.merge_custom_fields({field.key: None})
            batch.write(unit, entries)
        emptied += len(contact_ids)
    with transaction.atomic():
        field.delete()
        workspace.touch()
    return emptied
