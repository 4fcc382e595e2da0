"""The changes of webhooks that people make. What is sent meanwhile is ``deliver``'s affair."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from django.db import transaction
from django.db.models import Exists, OuterRef

from fluenzr_site.core import clock, encryption, ids
from fluenzr_site.core.database import retried
from fluenzr_site.events import outbox
from fluenzr_site.events.models import Event
from fluenzr_site.events.recording import Actor
from fluenzr_site.webhooks import fanout, secrets, signing
from fluenzr_site.webhooks.models import Attempt, Delivery, Webhook
from fluenzr_site.webhooks.urls_allowed import check_url
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.plans import LimitReached

TEST: Final = "webhook.test"
OVERLAP: Final = timedelta(hours=24)
MOST: Final = 100
MOST_REPLAYED: Final = 10_000
# Who tests sends by itself. Should it die, a worker does after this, which is longer than an attempt can take.
_TEST_SECONDS: Final = 60
Status = Webhook.Status


class TooMany(Exception):
    """The message says how many there may be; it is fit to be shown."""


class NeedsPlan(LimitReached):
    """The workspace's plan has no API, which webhooks are part of."""

    def __init__(self) -> None:
        super().__init__("API access requires Pro plan")


class StillOverlapping(Exception):
    """Another secret, older than the present one, is valid ``until`` then; the message says so."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(
            f"The secret was rotated already, and the one before is valid until {clock.iso(until)}: wait until "
            "then, or give overlapHours 0, which makes every old one invalid at once"
        )


class Unknown(Exception):
    """The workspace has no such webhook."""


@transaction.atomic
def create(workspace: Workspace, *, url: str, events: Sequence[str], secret: str = "") -> tuple[Webhook, str]:
    """A webhook that gets what happens from now on, and its secret, which is made unless given.

    Raises InvalidUrl, TooMany, NeedsPlan.
    """
    _require_plan(workspace)
    check_url(url)
    number = outbox.listen(workspace)
    if Webhook.objects.of(workspace).count() >= MOST:
        raise TooMany(f"A workspace has at most {MOST} webhooks")
    secret, webhook_id = secret or signing.new_secret(), ids.new("whk")
    webhook = Webhook.objects.create(
        id=webhook_id,
        workspace=workspace,
        url=url,
        events=list(events),
        secret=secrets.seal(webhook_id, secret),
        number=number,
        created_at=clock.now(),
    )
    return webhook, secret


@retried
@transaction.atomic
def update(workspace: Workspace, webhook_id: str, values: dict[str, Any]) -> Webhook:
    """Set url, events, status (active or disabled), as far as given. Raises InvalidUrl, Unknown.

    One that becomes active gets what happens from then on, and goes on with what was on its way before. Another
    receiver begins anew: what the former one failed and asked for isn't its own, and what waits goes to it at once.
    """
    if "url" in values:
        check_url(values["url"])
    outbox.hold(workspace)
    webhook = _held(workspace, webhook_id)
    if values.get("status") == Status.ACTIVE and not webhook.is_active:
        values = values | {"number": outbox.listen(workspace), "failures": 0, "rests_until": None, "to_tell": False}
        values["due_at"] = clock.now()
    if values.get("url", webhook.url) != webhook.url:
        values = values | {"failures": 0, "rests_until": None, "due_at": clock.now()}
        waiting = Delivery.objects.filter(webhook=webhook, state=Delivery.State.PENDING, due_at__gt=clock.now())
        waiting.exclude(event__type=TEST).update(due_at=clock.now())
    for name, value in values.items():
        setattr(webhook, name, value)
    webhook.save(update_fields=list(values))
    settle(workspace)
    return webhook


@retried
@transaction.atomic
def recover(workspace: Workspace, webhook_id: str) -> None:
    """Make a failed webhook active again, to which something was delivered after all."""
    if Webhook.objects.of(workspace).filter(pk=webhook_id, status=Status.FAILED).exists():
        update(workspace, webhook_id, {"status": Status.ACTIVE})


@retried
@transaction.atomic
def delete(workspace: Workspace, webhook_id: str) -> None:
    """With its deliveries and its log. Raises Unknown."""
    outbox.hold(workspace)
    webhook = _held(workspace, webhook_id)
    Attempt.objects.filter(webhook=webhook).delete()
    Delivery.objects.filter(webhook=webhook).delete()
    webhook.delete()
    settle(workspace)


@transaction.atomic
def settle(workspace: Workspace) -> None:
    """Where no webhook is active any more, events leave nothing in the outbox."""
    outbox.hold(workspace)
    if not Webhook.objects.of(workspace).filter(status=Status.ACTIVE).exists():
        outbox.stop(workspace)


@retried
@transaction.atomic
def rotate_secret(workspace: Workspace, webhook_id: str, *, secret: str = "", overlap: timedelta = OVERLAP) -> str:
    """Give the webhook another secret, made unless given; the old one stays valid for ``overlap``.

    With no overlap every old one is invalid at once. With one there may be no older secret that is still valid, as
    receivers may know that one alone. Raises Unknown, StillOverlapping.
    """
    webhook, now = _held(workspace, webhook_id), clock.now()
    if overlap and (until := webhook.overlaps_until(now)):
        raise StillOverlapping(until)
    secret = secret or signing.new_secret()
    before = secrets.unseal(webhook_id, webhook.secret)
    webhook.previous_secret = secrets.seal(webhook_id, before, "previous_secret")
    webhook.previous_until = now + overlap
    webhook.secret = secrets.seal(webhook_id, secret)
    webhook.save(update_fields=["secret", "previous_secret", "previous_until"])
    return secret


@transaction.atomic
def reseal(webhook: Webhook) -> bool:
    """Encrypt its secrets under the present key, for ``rotate_secrets``; whether one wasn't. Raises CannotDecrypt."""
    held = _held(webhook.workspace, webhook.pk)
    stale = [
        column
        for column in ("secret", "previous_secret")
        if getattr(held, column) and encryption.key_id_of(getattr(held, column)) != encryption.current_key_id()
    ]
    for column in stale:
        plain = secrets.unseal(held.pk, getattr(held, column), column)
        setattr(held, column, secrets.seal(held.pk, plain, column))
    if stale:
        held.save(update_fields=stale)
    return bool(stale)


@retried
@transaction.atomic
def retry(attempt: Attempt) -> Attempt:
    """Have the delivery of this log entry sent again at once, whatever became of it; the new entry, still pending.

    Raises NeedsPlan.
    """
    _require_plan(attempt.webhook.workspace)
    now, webhook_id = clock.now(), attempt.webhook_id
    held = Delivery.objects.select_for_update(of=("self",), no_key=True).select_related("event")
    delivery = held.get(pk=attempt.delivery_id)
    asked = _asked_for(delivery, now)
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.PENDING, is_forced=True, due_at=now)
    fanout.wake({webhook_id}, now)
    return asked


def _asked_for(delivery: Delivery, now: datetime) -> Attempt:
    """The entry of an attempt that is still to be made: asked for twice, it is made once."""
    pending = Attempt.objects.filter(delivery=delivery, status=Attempt.Status.PENDING).first()
    if pending:
        pending.delivery = delivery
    return pending or Attempt.objects.create(
        id=ids.new("log"),
        webhook_id=delivery.webhook_id,
        delivery=delivery,
        number=delivery.attempts + 1,
        status=Attempt.Status.PENDING,
        at=now,
    )


@retried
@transaction.atomic
def begin_test(webhook: Webhook, *, by: Actor) -> Attempt:
    """Record a test event and that it is about to be sent; the log's entry. ``deliver.send_test`` sends it.

    Raises NeedsPlan.
    """
    _require_plan(webhook.workspace)
    now = clock.now()
    due = now + timedelta(seconds=_TEST_SECONDS)
    event = Event.objects.create(
        id=ids.new("evt"),
        workspace=webhook.workspace,
        type=TEST,
        subject_id=webhook.pk,
        actor=str(by),
        body=orjson.dumps({"webhookId": webhook.pk, "message": "A test event: the webhook works"}).decode(),
        created_at=now,
    )
    delivery = Delivery.objects.create(webhook=webhook, event=event, is_forced=True, due_at=due)
    fanout.wake({webhook.pk}, due)
    return _asked_for(delivery, now)


@retried
@transaction.atomic
def replay(webhook: Webhook, *, start: datetime, end: datetime, types: Sequence[str]) -> int:
    """Send the events of these types from ``start`` up to ``end`` once more; how many. Raises TooMany, NeedsPlan.

    They keep their ids. Those that are on their way to this webhook anyway are passed over.
    """
    now, workspace = clock.now(), webhook.workspace
    _require_plan(workspace)
    outbox.hold(workspace)
    held = _held(workspace, webhook.pk)
    mine = Delivery.objects.filter(webhook=held, event_id=OuterRef("pk"))
    # An id is never older than what it tells of, and may be younger: the ids narrow, the times decide.
    events = Event.objects.of(workspace).filter(
        id__gte=ids.first_at("evt", start), created_at__gte=start, created_at__lt=end, type__in=types
    )
    under_way = Exists(mine.filter(state=Delivery.State.PENDING))
    chosen = events.exclude(fanout.to_come(held)).exclude(under_way).order_by("id")
    event_ids = list(chosen.values_list("id", flat=True)[: MOST_REPLAYED + 1])
    if len(event_ids) > MOST_REPLAYED:
        raise TooMany(f"More than {MOST_REPLAYED} events: choose a shorter period or fewer types")
    again = Delivery.objects.filter(webhook=held, event_id__in=event_ids)
    again.update(state=Delivery.State.PENDING, attempts=0, first_at=None, due_at=now)
    fanout.queue([(held.pk, event_id) for event_id in event_ids], now)
    fanout.wake({held.pk}, now)
    return len(event_ids)


def _require_plan(workspace: Workspace) -> None:
    if not workspace.limits.api:
        raise NeedsPlan


def _held(workspace: Workspace, webhook_id: str) -> Webhook:
    """Locked to the end of the transaction. Raises Unknown."""
    rows = Webhook.objects.of(workspace).select_for_update(of=("self",), no_key=True)
    webhook = rows.filter(pk=webhook_id).first()
    if webhook is None:
        raise Unknown(webhook_id)
    webhook.workspace = workspace
    return webhook
