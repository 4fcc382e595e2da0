"""Work that is due, claimed for a while by one worker: the claim is ours, no broker is trusted with it.

A row that can be worked on carries ``due_at`` (null: nothing to do), ``leased_until`` and ``lease``. A worker
claims a due row by one conditional UPDATE, works outside any transaction, and says with each write that the
lease is still its own. A worker that was stopped past its lease finds that it isn't, and changes nothing.
"""

from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

from django.db import connection, models, transaction
from django.db.models import Q

from fluenzr_site.core import clock


class Leased(models.Model):
    due_at = models.DateTimeField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    lease = models.CharField(max_length=32, blank=True, default="", editable=False)

    class Meta:
        abstract = True


class LeaseLost(Exception):
    """Another worker has the row now: stop, write nothing."""


L = TypeVar("L", bound=Leased)


def claim(queryset: "models.QuerySet[L]", *, seconds: int, now: datetime | None = None) -> L | None:
    """Take the row that has been due longest, or none. The row's ``lease`` names this claim."""
    now = now or clock.now()
    due = queryset.filter(Q(leased_until__isnull=True) | Q(leased_until__lt=now), due_at__lte=now)
    # Nearly every tick finds nothing: look first, and take no lock for that.
    if not due.exists():
        return None
    lease = uuid4().hex
    with transaction.atomic():
        candidates = due.order_by("due_at")
        if connection.features.has_select_for_update_skip_locked:
            candidates = candidates.select_for_update(skip_locked=True)
        # By its key: as a subquery of the update, PostgreSQL may run it again for each row, and lease them all.
        first = candidates.values_list("pk", flat=True)[:1]
        taken = due.filter(pk__in=list(first)).update(lease=lease, leased_until=now + timedelta(seconds=seconds))
    return queryset.get(lease=lease) if taken else None


def hold(row: L, *, seconds: int, **changes: Any) -> None:
    """Write ``changes`` and go on holding the row. Raises LeaseLost when it is no longer ours.

    Call it inside the transaction that writes the work's result: then neither is without the other.
    """
    _write(row, leased_until=clock.now() + timedelta(seconds=seconds), **changes)


def release(row: L, *, due_at: datetime | None, **changes: Any) -> None:
    """Write ``changes`` and let go; ``due_at`` says when there is more to do, None that there isn't."""
    _write(row, leased_until=None, lease="", due_at=due_at, **changes)


def _write(row: Leased, **changes: Any) -> None:
    # Who has let go holds nothing, and every free row has the empty lease.
    mine = type(row)._base_manager.filter(pk=row.pk, lease=row.lease).exclude(lease="")
    if not mine.update(**changes):
        raise LeaseLost(str(row.pk))
    for name, value in changes.items():
        setattr(row, name, value)
