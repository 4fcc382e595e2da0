"""What people choose to be told of, and how they end it."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from fluenzr_site.core import clock
from fluenzr_site.core.database import retried
from fluenzr_site.notices.models import Choices, Notice
from fluenzr_site.workspaces.models import Membership

CHOSEN = ("replies", "excerpts", "weekly", "trouble")
_Kind = Notice.Kind
# Told to every administrator who hasn't said no.
_TROUBLE = Q(role=Membership.Role.ADMIN) & (Q(choices__isnull=True) | Q(choices__trouble=True))
_WANTED = {
    _Kind.REPLIES: Q(choices__isnull=False) & ~Q(choices__replies=Choices.Replies.OFF),
    _Kind.WEEKLY: Q(choices__weekly=True),
    _Kind.TROUBLE: _TROUBLE,
    _Kind.WEBHOOK: _TROUBLE,
}
# What is chosen by another name.
_CHOICE = {_Kind.WEBHOOK: "trouble"}


def choices_of(membership: Membership) -> Choices:
    """What the person chose for the workspace; who has chosen nothing has a row that isn't kept."""
    return Choices.objects.filter(pk=membership.pk).first() or Choices(membership=membership)


def memberships_of(user: User) -> "QuerySet[Membership]":
    """Where there is something to choose: the workspaces that the person is in."""
    rows = Membership.objects.filter(user=user, is_active=True, workspace__is_sandbox=False)
    return rows.select_related("workspace").order_by("workspace__name", "pk")


def wanting(kind: str) -> "QuerySet[Membership]":
    """Whoever wants notices of that kind and can get them: is let into the workspace, and has an address."""
    here = Q(is_active=True, user__is_active=True, workspace__is_sandbox=False) & ~Q(user__email="")
    rows = Membership.objects.filter(here, _WANTED[Notice.Kind(kind)])
    return rows.select_related("workspace", "user__profile", "choices").order_by("pk")


@retried
def choose(membership: Membership, values: dict[str, Any]) -> Choices:
    """Set what ``values`` gives of CHOSEN. What begins tells nothing of before."""
    now = clock.now()
    with transaction.atomic():
        row = _held(membership)
        before = (row.replies, row.weekly)
        for name in CHOSEN:
            setattr(row, name, values.get(name, getattr(row, name)))
        if before[0] == Choices.Replies.OFF != row.replies:
            row.replies_since = now
        if row.weekly and not before[1]:
            row.weekly_since = now
        row.save()
    return row


def stop(membership: Membership, kind: str) -> None:
    """Tell the person no more of that kind."""
    choose(membership, {_CHOICE.get(_Kind(kind), kind): Choices.Replies.OFF if kind == Notice.Kind.REPLIES else False})


@retried
def remember(membership: Membership, told: dict[str, Any]) -> None:
    """Note what the person was told, beside what was noted before."""
    with transaction.atomic():
        row = _held(membership)
        row.told = row.told | told
        row.save(update_fields=["told"])


def _held(membership: Membership) -> Choices:
    Choices.objects.get_or_create(membership=membership)
    return Choices.objects.select_for_update(of=("self",)).get(pk=membership.pk)
