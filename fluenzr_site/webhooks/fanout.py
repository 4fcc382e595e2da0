"""From what happened to what is to be sent: an event becomes a delivery for each webhook that asked for its type.

It reads the outbox (``events.outbox``, which says why there is one). Whatever way a change was made, its events are
there once they are committed. A batch is one transaction: entries out of the outbox, deliveries in, webhooks due.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from fluenzr_site.core import bulk, clock, ids
from fluenzr_site.core.database import retried
from fluenzr_site.events import outbox
from fluenzr_site.events.models import Event, Listening, OutboxEntry
from fluenzr_site.webhooks.models import Delivery, Webhook

# Of one workspace, before the others have theirs. On SQLite everybody else who writes waits for the transaction.
BATCH: Final = 1000


def fan_out() -> int:
    """Turn what waits, of every workspace a batch, into deliveries; how many events were read."""
    if not outbox.anything_waits():
        return 0
    read, after = 0, ""
    while (found := _one_workspace(after)) is not None:
        after, count = found
        read += count
    return read


@retried
def _one_workspace(after: str) -> tuple[str, int] | None:
    """The id of the workspace that was served, and how many of its events; None when no further one waits."""
    with transaction.atomic():
        listening = outbox.waiting(after)
        return (listening.pk, _tell(listening, clock.now())) if listening else None


def _tell(listening: Listening, now: datetime) -> int:
    waiting = OutboxEntry.objects.filter(workspace_id=listening.pk).order_by("id")
    entries = list(waiting.values_list("id", "before")[:BATCH])
    types = _types([event_id for event_id, _ in entries])
    rows: list[tuple[str, str]] = []
    for webhook in _listeners(listening):
        wanted = set(webhook.events)
        rows += [
            (webhook.pk, event_id)
            for event_id, before in entries
            # As ``to_come`` has it.
            if types.get(event_id) in wanted and (before is None or webhook.number < before)
        ]
    queue(rows, now)
    # By what was read: an entry that comes into sight meanwhile has its turn later.
    OutboxEntry.objects.filter(pk__in=[event_id for event_id, _ in entries]).delete()
    return len(entries)


def _types(event_ids: Sequence[str]) -> dict[str, str]:
    """The type of each event. One that was erased meanwhile is missing."""
    return dict(Event.objects.filter(pk__in=event_ids).values_list("id", "type"))


def _listeners(listening: Listening) -> list[Webhook]:
    workspace = listening.workspace
    if not workspace.limits.api:
        # Another plan since then: webhooks are part of the API.
        return []
    active = Webhook.objects.of(workspace).filter(status=Webhook.Status.ACTIVE)
    return list(active.only("id", "events", "number").order_by("id"))


def to_come(webhook: Webhook) -> Q:
    """Of events: those in the outbox that the webhook, as it is now, will be told of. Under ``outbox.hold``."""
    if not webhook.is_active or not webhook.workspace.limits.api:
        return Q(pk__in=[])
    heard = Q(before=None) | Q(before__gt=webhook.number)
    return Exists(OutboxEntry.objects.filter(heard, pk=OuterRef("pk"))) & Q(type__in=webhook.events)


def queue(rows: Sequence[tuple[str, str]], now: datetime) -> None:
    """New deliveries, of (webhook's id, event's id), due now. Those that there are already stay as they are.

    Belongs to a transaction that holds the outbox. A replay may have been before the fan-out: what it queued for a
    webhook that wasn't to be told of it may be for it by now, which was switched to other types.
    """
    there = Delivery.objects.filter(
        webhook__in={webhook_id for webhook_id, _ in rows}, event__in={event_id for _, event_id in rows}
    )
    known = set(there.values_list("webhook_id", "event_id")) if rows else set()
    rows = [row for row in rows if row not in known]
    numbers = ids.new_batch("dlv", len(rows))
    names = ("id", "webhook_id", "event_id", "state", "is_forced", "attempts", "due_at")
    values = [
        (number, webhook_id, event_id, Delivery.State.PENDING.value, False, 0, now)
        for number, (webhook_id, event_id) in zip(numbers, rows, strict=True)
    ]
    bulk.insert_values(Delivery, names, values)
    wake({webhook_id for webhook_id, _ in rows}, now)


def wake(webhook_ids: set[str], at: datetime) -> None:
    """Workers look at these webhooks at that time, or earlier. In the transaction that makes something due.

    After the deliveries, and with the row locked: who lets go of a webhook at that moment sees either these
    deliveries or this time.
    """
    if not webhook_ids:
        return
    # One order for all, so that two who lock several don't wait for each other.
    locked = Webhook.objects.filter(pk__in=webhook_ids).select_for_update(no_key=True).order_by("pk")
    held = [webhook.pk for webhook in locked.only("pk")]
    Webhook.objects.filter(Q(due_at=None) | Q(due_at__gt=at), pk__in=held).update(due_at=at)
