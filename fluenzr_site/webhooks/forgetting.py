"""Deletes what the log no longer shows. Events stay: they are the contacts' history."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q, QuerySet

from fluenzr_site.core import clock, ids
from fluenzr_site.webhooks.models import Attempt, Delivery, Webhook

# A transaction each: on SQLite everybody else who writes waits for it.
_AT_A_TIME: Final = 1000


def forget_old() -> int:
    """Delete attempts and ended deliveries older than ``FLUENZR_WEBHOOK_LOG_DAYS``; how many rows.

    Deliveries that wait for a webhook which has not been active since then go too.
    """
    before = clock.now() - timedelta(days=settings.FLUENZR_WEBHOOK_LOG_DAYS)
    # Ids begin with the time: a range of the primary key.
    attempts = Attempt.objects.filter(pk__lt=ids.first_at("log", before))
    over = ~Q(state=Delivery.State.PENDING) | ~Q(webhook__status=Webhook.Status.ACTIVE)
    # Replayed ones are young again: their log says so.
    deliveries = Delivery.objects.filter(over, pk__lt=ids.first_at("dlv", before), log__isnull=True)
    return _deleted(attempts) + _deleted(deliveries)


def _deleted(rows: "QuerySet[Attempt] | QuerySet[Delivery]") -> int:
    count = 0
    while chosen := list(rows.order_by("pk").values_list("pk", flat=True)[:_AT_A_TIME]):
        rows.model._base_manager.filter(pk__in=chosen).delete()
        count += len(chosen)
    return count
