"""/webhooks"""

from collections.abc import Iterable
from datetime import datetime

from fluenzr._calls import Call, ListCall
from fluenzr._values import NOT_GIVEN, Maybe, NotGiven, given, texts
from fluenzr.endpoints._building import listing, one
from fluenzr.inputs import Order
from fluenzr.models import Deleted, Replayed, Webhook, WebhookLog


def list_all(
    *,
    status: str | None = None,
    page: int | None = None,
    per_page: int | None = None,
    cursor: str | None = None,
    sort: str | None = None,
    order: Order | None = None,
) -> ListCall[Webhook]:
    """List webhooks; ``status``: active, disabled or failed."""
    return listing(Webhook, "webhooks", query=locals())


def get(webhook_id: str) -> Call[Webhook]:
    """Get a webhook."""
    return one(Webhook, "GET", "webhooks", webhook_id)


def create(
    *,
    url: str,
    events: Iterable[str],
    secret: Maybe[str] = NOT_GIVEN,
    idempotency_key: str | None = None,
) -> Call[Webhook]:
    """Create a webhook. Without a ``secret`` the server makes one; this is the one answer that tells it."""
    body = given({"url": url, "events": texts(events, "events"), "secret": secret})
    return one(Webhook, "POST", "webhooks", body=body, key=idempotency_key)


def update(
    webhook_id: str,
    *,
    url: Maybe[str] = NOT_GIVEN,
    events: Maybe[Iterable[str]] = NOT_GIVEN,
    status: Maybe[str] = NOT_GIVEN,
) -> Call[Webhook]:
    """Change what is given; ``status``: active or disabled."""
    body = given({"url": url, "events": texts(events, "events"), "status": status})
    return one(Webhook, "PUT", "webhooks", webhook_id, body=body)


def delete(webhook_id: str) -> Call[Deleted]:
    """Delete a webhook."""
    return one(Deleted, "DELETE", "webhooks", webhook_id)


def test(webhook_id: str, *, idempotency_key: str | None = None) -> Call[WebhookLog]:
    """Send a test event, and tell how it went."""
    return one(WebhookLog, "POST", "webhooks", webhook_id, "test", key=idempotency_key)


def logs(
    webhook_id: str,
    *,
    status: str | None = None,
    event_id: str | None = None,
    event_type: str | None = None,
    page: int | None = None,
    per_page: int | None = None,
    cursor: str | None = None,
    order: Order | None = None,
) -> ListCall[WebhookLog]:
    """List a webhook's delivery attempts."""
    filters = {"status": status, "event_id": event_id, "event_type": event_type}
    paging = {"page": page, "per_page": per_page, "cursor": cursor, "order": order}
    return listing(WebhookLog, "webhooks", webhook_id, "logs", query={**filters, **paging})


def retry(webhook_id: str, log_id: str, *, idempotency_key: str | None = None) -> Call[WebhookLog]:
    """Deliver again what a log entry tells of."""
    return one(WebhookLog, "POST", "webhooks", webhook_id, "logs", log_id, "retry", key=idempotency_key)


def rotate_secret(
    webhook_id: str,
    *,
    secret: Maybe[str] = NOT_GIVEN,
    overlap_hours: Maybe[int] = NOT_GIVEN,
    idempotency_key: str | None = None,
) -> Call[Webhook]:
    """Give the webhook another secret; without a ``secret`` the server makes one, and this answer alone tells it.

    For ``overlap_hours`` (24 unless given) the old one is valid beside it, and ``verify_webhook`` accepts both.
    """
    body = given({"secret": secret, "overlap_hours": overlap_hours})
    return one(Webhook, "POST", "webhooks", webhook_id, "rotate-secret", body=body or None, key=idempotency_key)


def replay(
    webhook_id: str,
    *,
    since: datetime | str,
    until: Maybe[datetime | str] = NOT_GIVEN,
    events: Maybe[Iterable[str]] = NOT_GIVEN,
    idempotency_key: str | None = None,
) -> Call[Replayed]:
    """Deliver again the events of a time (all, or of these types), after an outage. They keep their ids."""
    body = given({"from": since, "to": until, "events": events if isinstance(events, NotGiven) else list(events)})
    return one(Replayed, "POST", "webhooks", webhook_id, "replay", body=body, key=idempotency_key)
