"""How webhooks do: what their pages and the dashboard tell of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import OuterRef, QuerySet, Subquery

from fluenzr_site.adminsite.moments import ago
from fluenzr_site.core import clock, heartbeat
from fluenzr_site.webhooks.admin import said
from fluenzr_site.webhooks.models import Attempt, Delivery, Webhook
from fluenzr_site.webhooks.tasks import WORKER
from fluenzr_site.workspaces.models import Workspace

RECENT: Final = 5


@dataclass(frozen=True, slots=True)
class State:
    """``overlap``: until when the secret before this one is valid. ``without_worker``: what waits isn't sent."""

    colour: str
    reasons: Sequence[str]
    waiting: int
    delivered: str
    overlap: datetime | None
    without_worker: bool
    without_api: bool
    recent: Sequence[Attempt]


def state(workspace: Workspace, webhook: Webhook) -> State:
    now = clock.now()
    return State(
        colour=said.STATUS_COLOURS.get(webhook.status, ""),
        reasons=said.reasons(webhook, is_gone=bool(gone([webhook]))),
        waiting=Delivery.objects.filter(webhook=webhook, state=Delivery.State.PENDING).count(),
        delivered=ago(webhook.delivered_at),
        overlap=webhook.overlaps_until(now),
        without_worker=not heartbeat.is_alive(WORKER, now),
        without_api=not workspace.limits.api,
        recent=list(entries(webhook)[:RECENT]),
    )


def entries(webhook: Webhook) -> QuerySet[Attempt]:
    """The log, newest first, as rows show it: without what was sent and answered."""
    rows = Attempt.objects.filter(webhook=webhook).select_related("delivery__event")
    return rows.defer("answer", "delivery__event__body", "delivery__event__note").order_by("-id")


def with_last_code(webhooks: QuerySet[Webhook]) -> QuerySet[Any]:
    """With ``last_code``, the status that the receiver answered last."""
    last = Attempt.objects.filter(webhook=OuterRef("pk"), status_code__isnull=False).order_by("-id")
    return webhooks.annotate(last_code=Subquery(last.values("status_code")[:1]))


def gone(webhooks: Sequence[Webhook]) -> set[str]:
    """Those that are switched off because their receiver answered 410."""
    off = [webhook.pk for webhook in webhooks if webhook.status == Webhook.Status.DISABLED]
    if not off:
        return set()
    found = with_last_code(Webhook.objects.filter(pk__in=off)).filter(last_code=said.GONE)
    return set(found.values_list("pk", flat=True))
