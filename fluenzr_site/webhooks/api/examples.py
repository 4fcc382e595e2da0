"""A working call of each operation, in the world of the documents; a test executes every one."""

from typing import Any, Final

from fluenzr_site.api.openapi import Example

WEBHOOK_ID: Final = "whk_abc123"
# Disabled, so that the examples have a place to send to which isn't in their lists.
TESTED_ID: Final = "whk_def456"
LOG_ID: Final = "log_abc123"
WEBHOOK: Final[dict[str, Any]] = {
    "id": WEBHOOK_ID,
    "url": "https://example.com/webhooks/fluenzr",
    "events": ["contact.created", "email.replied"],
    "status": "active",
    "createdAt": "2025-01-15T10:30:00Z",
}
SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - it opens nothing
LOG: Final[dict[str, Any]] = {
    "id": LOG_ID,
    "eventId": "evt_abc123",
    "eventType": "contact.created",
    "status": "failed",
    "statusCode": 500,
    "responseTime": 84,
    "timestamp": "2025-01-15T14:45:00Z",
    "attempt": 1,
    "error": "answered 500",
}
_NEW: Final = {"id": "whk_06gzv704t5mt68yt034w", "secret": SECRET}
_NEW_LOG: Final = {**LOG, "id": "log_06gzv704t5mt68yt034w", "error": None}
_OF_WEBHOOK: Final = {"webhookId": WEBHOOK_ID}


def _ok(data: Any) -> dict[str, Any]:
    return {"success": True, "data": data}


def _page(*rows: Any) -> dict[str, Any]:
    meta = {"page": 1, "perPage": 20, "total": len(rows), "totalPages": 1, "nextCursor": None}
    return _ok(list(rows)) | {"meta": meta}


EXAMPLES: Final[dict[str, Example]] = {
    "listWebhooks": Example(_page(WEBHOOK), query={"status": "active"}),
    "createWebhook": Example(
        _ok({**WEBHOOK, **_NEW}),
        body={"url": WEBHOOK["url"], "events": WEBHOOK["events"]},
    ),
    "getWebhook": Example(_ok(WEBHOOK), path=_OF_WEBHOOK),
    "updateWebhook": Example(
        _ok({**WEBHOOK, "events": ["contact.created"]}), path=_OF_WEBHOOK, body={"events": ["contact.created"]}
    ),
    "updateWebhookPatch": Example(
        _ok({**WEBHOOK, "status": "disabled"}), path=_OF_WEBHOOK, body={"status": "disabled"}
    ),
    "deleteWebhookAndItsLog": Example(_ok({"id": WEBHOOK_ID, "deleted": True}), path=_OF_WEBHOOK),
    "rotateWebhookSecret": Example(_ok({**WEBHOOK, "secret": SECRET}), path=_OF_WEBHOOK, body={"overlapHours": 48}),
    "testWebhook": Example(
        _ok({**_NEW_LOG, "eventType": "webhook.test", "status": "delivered", "statusCode": 200}),
        path={"webhookId": TESTED_ID},
    ),
    "listWebhookLog": Example(_page(LOG), path=_OF_WEBHOOK, query={"status": "failed"}),
    "retryDelivery": Example(
        _ok(
            {
                **LOG,
                **_NEW_LOG,
                "status": "pending",
                "statusCode": None,
                "responseTime": None,
                "attempt": 2,
                "error": None,
            }
        ),
        path={**_OF_WEBHOOK, "logId": LOG_ID},
    ),
    "replayPeriod": Example(
        _ok({"queued": 1}),
        path=_OF_WEBHOOK,
        body={"from": "2025-01-15T00:00:00Z", "to": "2025-01-16T00:00:00Z", "events": ["contact.created"]},
    ),
}
