"""The changes of workspaces, members and keys."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from fluenzr_site.core import clock
from fluenzr_site.core.saying import Counted
from fluenzr_site.workspaces import keys, plans
from fluenzr_site.workspaces.models import ApiKey, Membership, Workspace
from fluenzr_site.workspaces.signals import workspace_created

_LAST_USED_TO = timedelta(minutes=1)
_MEMBERS: Final = Counted("%(count)s member", "%(count)s members")


@transaction.atomic
def create_workspace(name: str, *, plan: str | None = None) -> Workspace:
    """A new workspace with what every workspace begins with (its apps hear of it and add their own)."""
    workspace = Workspace.objects.create(name=name, plan=plan or plans.default_plan())
    workspace_created.send(Workspace, workspace=workspace)
    return workspace


@transaction.atomic
def add_member(workspace: Workspace, user: User, *, role: str) -> Membership:
    """Add a person, or change the role of one who is in it. Raises LimitReached when the plan has no room."""
    _require_seat(workspace, user)
    given = {"role": role, "is_active": True}
    return Membership.objects.update_or_create(workspace=workspace, user=user, defaults=given)[0]


def _require_seat(workspace: Workspace, user: User) -> None:
    # The row of the workspace is the lock that two additions at once meet at.
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    others = workspace.memberships.filter(is_active=True).exclude(user=user)
    plans.require_room(
        workspace.limits.members,
        used=others.count(),
        adding=1,
        what=_MEMBERS,
        plan_title=workspace.limits.title,
    )


class LastAdministrator(Exception):
    """A workspace keeps at least one administrator."""


@transaction.atomic
def change_role(membership: Membership, role: str) -> Membership:
    """Give a member another role. Raises LastAdministrator."""
    if role != Membership.Role.ADMIN:
        _require_another_administrator(membership)
    membership.role = role
    membership.save(update_fields=["role"])
    return membership


@transaction.atomic
def deactivate_member(membership: Membership) -> None:
    """Keep a person out of the workspace, and what they did in it. Raises LastAdministrator."""
    _require_another_administrator(membership)
    _set_active(membership, False)


@transaction.atomic
def reactivate_member(membership: Membership) -> None:
    """Let a person in again, as what they were. Raises LimitReached when the plan has no room by now."""
    _require_seat(membership.workspace, membership.user)
    _set_active(membership, True)


def _set_active(membership: Membership, is_active: bool) -> None:
    membership.is_active = is_active
    membership.save(update_fields=["is_active"])


@transaction.atomic
def remove_member(membership: Membership) -> None:
    """Take a person out of the workspace; the account stays. Raises LastAdministrator."""
    _require_another_administrator(membership)
    membership.delete()


def _require_another_administrator(membership: Membership) -> None:
    # The row of the workspace is the lock: two administrators can't remove each other at once.
    Workspace.objects.select_for_update().get(pk=membership.workspace_id)
    others = Membership.objects.filter(workspace_id=membership.workspace_id).exclude(pk=membership.pk)
    if not others.filter(role=Membership.Role.ADMIN, is_active=True, user__is_active=True).exists():
        raise LastAdministrator


def update_workspace(workspace: Workspace, values: dict[str, Any]) -> Workspace:
    """Set what ``values`` gives: name, time zone, plan, postal address, open tracking."""
    for name, value in values.items():
        setattr(workspace, name, value)
    workspace.save(update_fields=list(values))
    return workspace


def create_api_key(
    workspace: Workspace,
    *,
    name: str,
    read_only: bool = False,
    by: User | None = None,
) -> tuple[ApiKey, str]:
    """A new key: its row, and the key itself, which is never to be had again."""
    key = keys.make()
    row = ApiKey.objects.create(
        workspace=workspace,
        name=name,
        digest=keys.digest(key),
        start=key[: keys.SHOWN],
        permission=ApiKey.Permission.READ_ONLY if read_only else ApiKey.Permission.ALL,
        created_by=by,
    )
    return row, key


def revoke_api_key(key: ApiKey) -> None:
    """Shut a key out from the next request on. Revoking twice changes nothing."""
    ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=clock.now())


def note_key_use(key: ApiKey, now: datetime) -> None:
    """Remember when the key was last used, to the minute: one write a minute, not one a request."""
    if key.last_used_at and now - key.last_used_at < _LAST_USED_TO:
        return
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - _LAST_USED_TO)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now.replace(second=0, microsecond=0))
