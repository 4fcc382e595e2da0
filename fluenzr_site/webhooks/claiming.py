"""What a worker holds: webhooks under a lease, and of each a page of what it has due.

The lease is kept by saying every few seconds that its holder is alive, however long a receiver takes. A worker that
dies leaves its webhooks to the next after LEASE_SECONDS; what it had under way is sent again, under the same ids.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Min, Q, QuerySet

from fluenzr_site.core.database import retried
from fluenzr_site.webhooks.models import Delivery, Webhook
from fluenzr_site.workspaces import plans
from fluenzr_site.workspaces.models import Workspace

LEASE_SECONDS: Final = 30
_DUE: Final = ("id", "event_id", "event__type", "event__subject_id", "event__created_at", "event__body")


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery whose time has come, and its event. ``subject``: the contact or campaign that it is about."""

    id: str
    event_id: str
    type: str
    subject: str
    happened_at: datetime
    data: str


def ready(now: datetime) -> "QuerySet[Webhook]":
    """Webhooks that may have something due, that nobody holds, and whose receiver doesn't rest.

    Where the plan has no API they stay due, and go on when it has one again.
    """
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    rested = Q(rests_until__isnull=True) | Q(rests_until__lte=now)
    barred = Workspace.objects.filter(plans.without_api())
    return Webhook.objects.filter(free, rested, due_at__lte=now).exclude(workspace__in=barred)


def claim(lease: str, now: datetime, *, most: int) -> list[Webhook]:
    """Take webhooks that are ready, those first that wait longest."""
    # Nearly every look finds nothing, and takes no lock for that.
    if most <= 0 or not ready(now).exists():
        return []
    with transaction.atomic():
        candidates = ready(now).order_by("due_at")
        if connection.features.has_select_for_update_skip_locked:
            candidates = candidates.select_for_update(skip_locked=True, no_key=True)
        found = list(candidates.values_list("pk", flat=True)[:most])
        ready(now).filter(pk__in=found).update(lease=lease, leased_until=_until(now))
    return list(Webhook.objects.filter(pk__in=found, lease=lease).select_related("workspace"))


def keep(lease: str, webhook_ids: Collection[str], now: datetime) -> dict[str, Webhook]:
    """Say that their holder is alive; those that are still its own, as they are now."""
    mine = Webhook.objects.filter(pk__in=webhook_ids, lease=lease)
    mine.update(leased_until=_until(now))
    return {webhook.pk: webhook for webhook in mine.select_related("workspace")}


def _until(now: datetime) -> datetime:
    return now + timedelta(seconds=LEASE_SECONDS)


def due_of(webhook: Webhook, now: datetime, *, most: int, without: Collection[str] = ()) -> list[Due]:
    """The next that the webhook has due, in the events' order; ``without``: those that are under way."""
    if (webhook.rests_until and now < webhook.rests_until) or not webhook.workspace.limits.api:
        return []
    rows = _to_send(webhook).filter(due_at__lte=now).exclude(pk__in=without)
    # First which, then what they hold: else PostgreSQL may join all of a long backlog with its events, each time.
    first = list(rows.order_by("event_id").values_list("pk", flat=True)[:most])
    # Plain values: a model each would be a tenth of what a delivery costs.
    return [Due(*row) for row in Delivery.objects.filter(pk__in=first).order_by("event_id").values_list(*_DUE)]


def _to_send(webhook: Webhook) -> "QuerySet[Delivery]":
    pending = Delivery.objects.filter(webhook=webhook, state=Delivery.State.PENDING)
    return pending if webhook.is_active else pending.filter(is_forced=True)


def due(row: Delivery) -> Due:
    """What is sent of a delivery; its event is loaded."""
    event = row.event
    return Due(row.pk, event.pk, event.type, event.subject_id, event.created_at, event.body)


@retried
def release(lease: str, webhook_ids: Collection[str]) -> None:
    """Let go of webhooks that are still one's own, and note when each has something due again."""
    with transaction.atomic():
        mine = Webhook.objects.filter(pk__in=webhook_ids, lease=lease)
        for webhook in mine.select_for_update(no_key=True).order_by("pk"):
            # With the row locked: see ``fanout.wake``.
            webhook.due_at = _to_send(webhook).aggregate(first=Min("due_at"))["first"]
            webhook.lease, webhook.leased_until = "", None
            webhook.save(update_fields=["due_at", "lease", "leased_until"])
