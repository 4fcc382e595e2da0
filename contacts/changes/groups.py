"""The changes of groups and of who is in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, transaction

from contacts.changes.contacts import Edit, Unknown, edit_many
from contacts.cleaning import MAX_GROUP_NAME, Invalid
from contacts.models import Contact, Group, GroupMembership
from fluenzr_site.core import bulk, clock, ids
from fluenzr_site.core.database import retried
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.models import Workspace

AT_ONCE: Final = 1000


class NameTaken(Exception):
    """Another group of the workspace has the name."""

    def __init__(self) -> None:
        super().__init__("Group name already exists")


def create_group(workspace: Workspace, values: dict[str, Any]) -> Group:
    """A new group of model values. Raises NameTaken."""
    now = clock.now()
    group = Group(workspace=workspace, created_at=now, updated_at=now, **values)
    try:
        with transaction.atomic():
            group.save(force_insert=True)
            workspace.touch()
    except IntegrityError as error:
        raise NameTaken from error
    return group


def update_group(group: Group, values: dict[str, Any]) -> Group:
    """Set what ``values`` gives. Raises NameTaken, or Unknown when the group has gone meanwhile."""
    changed = {name for name, value in values.items() if getattr(group, name) != value}
    if not changed:
        return group
    new = {name: values[name] for name in changed} | {"updated_at": clock.now()}
    try:
        with transaction.atomic():
            if not Group.objects.of(group.workspace).filter(pk=group.pk).update(**new):
                raise Unknown(group.pk)
            group.workspace.touch()
    except IntegrityError as error:
        raise NameTaken from error
    for name, value in new.items():
        setattr(group, name, value)
    return group


def delete_group(group: Group, *, by: Actor) -> None:
    """Take everybody out of a group, as any removal does, then delete it; its contacts stay.

    In steps, so that no transaction is long: one that fails leaves the group and the rest in it.
    """
    gone = False
    while not gone:
        while contact_ids := list(group.memberships.values_list("contact_id", flat=True)[:AT_ONCE]):
            try:
                edit_many(group.workspace, contact_ids, Edit(remove_groups=(group.pk,)), by=by)
            except Invalid:
                if not _exists(group):
                    # Somebody else has just done the same.
                    return
                raise
        gone = _delete_empty(group)


def _exists(group: Group) -> bool:
    return Group.objects.of(group.workspace).filter(pk=group.pk).exists()


@retried
def _delete_empty(group: Group) -> bool:
    """Delete it unless somebody has joined meanwhile; whether it is gone."""
    with transaction.atomic():
        # By id, not through the object, which would have lost its own when a lost race makes all of this run again.
        mine = Group.objects.of(group.workspace).filter(pk=group.pk)
        # Locked, so that nobody joins between the look and the deletion.
        if mine.select_for_update().first() and GroupMembership.objects.filter(group_id=group.pk).exists():
            return False
        mine.delete()
        group.workspace.touch()
    return True


@dataclass(frozen=True, slots=True)
class MembershipResult:
    """How many entered or left, how many already had, and the ids that the workspace doesn't know."""

    changed: int
    skipped: int
    unknown: tuple[str, ...]


def add_contacts(group: Group, contact_ids: Sequence[str], *, by: Actor) -> MembershipResult:
    """Put contacts into a group; those that are in it already are left alone."""
    return _edit(group, contact_ids, Edit(add_groups=(group.pk,)), by)


def remove_contacts(group: Group, contact_ids: Sequence[str], *, by: Actor) -> MembershipResult:
    """Take contacts out of a group."""
    return _edit(group, contact_ids, Edit(remove_groups=(group.pk,)), by)


def _edit(group: Group, contact_ids: Sequence[str], edit: Edit, by: Actor) -> MembershipResult:
    known = set(Contact.objects.of(group.workspace).filter(pk__in=contact_ids).values_list("pk", flat=True))
    changed = edit_many(group.workspace, known, edit, by=by)
    return MembershipResult(
        changed=len(changed),
        skipped=len(contact_ids) - len(changed) - len(set(contact_ids) - known),
        unknown=tuple(contact_id for contact_id in contact_ids if contact_id not in known),
    )


@retried
def named_groups(workspace: Workspace, names: Sequence[str]) -> dict[str, str]:
    """The ids of the groups of these names, made where they are new. A name cut at 120 characters is one of them."""
    wanted = {name: name[:MAX_GROUP_NAME] for name in names}
    with transaction.atomic():
        rows = Group.objects.of(workspace).filter(name__in=wanted.values()).values_list("name", "pk")
        known = dict(rows)
        missing = [name for name in dict.fromkeys(wanted.values()) if name not in known]
        now = clock.now()
        made = [
            Group(id=number, workspace=workspace, name=name, created_at=now, updated_at=now)
            for number, name in zip(ids.new_batch("grp", len(missing)), missing, strict=True)
        ]
        bulk.insert(made)
        if made:
            workspace.touch()
    known |= {group.name: group.pk for group in made}
    return {name: known[cut] for name, cut in wanted.items()}
