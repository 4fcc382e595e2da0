"""Webhooks and their log as the API shows them."""

from typing import Any

from fluenzr_site.core.clock import iso
from fluenzr_site.webhooks.models import Attempt, Webhook


def webhook_document(webhook: Webhook) -> dict[str, Any]:
    """Never with its secret."""
    return {
        "id": webhook.pk,
        "url": webhook.url,
        "events": webhook.events,
        "status": webhook.status,
        "createdAt": iso(webhook.created_at),
    }


def attempt_document(attempt: Attempt) -> dict[str, Any]:
    """With its delivery and event loaded."""
    return {
        "id": attempt.pk,
        "eventId": attempt.delivery.event_id,
        "eventType": attempt.delivery.event.type,
        "status": attempt.status,
        "statusCode": attempt.status_code,
        "responseTime": attempt.milliseconds,
        "timestamp": iso(attempt.at),
        "attempt": attempt.number,
        "error": attempt.error or None,
    }
