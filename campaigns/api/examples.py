"""A working call of each operation, in the world of the documents; a test executes every one."""

from typing import Any, Final

from contacts.api.examples import CONTACT
from fluenzr_site.api.openapi import Example

SETTINGS: Final[dict[str, Any]] = {
    "sendDays": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    "sendHoursStart": 0,
    "sendHoursEnd": 24,
    "timezone": "Europe/Paris",
    "maxEmailsPerHour": 30,
}
WORKFLOW: Final[dict[str, Any]] = {
    "nodes": [
        {"id": "start", "type": "start", "data": {}},
        {
            "id": "hello",
            "type": "email",
            "data": {
                "subject": "Hello {{firstName|there}}",
                "body": "A word about {{company}}.",
                "trackOpens": True,
                "trackClicks": True,
            },
        },
        {"id": "wait", "type": "delay", "data": {"days": 3, "businessDays": True}},
        {
            "id": "again",
            "type": "email",
            "data": {
                "subject": "Did you see it, {{firstName}}?",
                "body": "Just a reminder.",
                "trackOpens": True,
                "trackClicks": True,
            },
        },
        {"id": "end", "type": "end", "data": {}},
    ],
    "edges": [
        {"from": "start", "to": "hello"},
        {"from": "hello", "to": "wait"},
        {"from": "wait", "to": "again"},
        {"from": "again", "to": "end"},
    ],
}
DRAFT: Final = "cmp_06gzv704t5mt68yt034w"
ACTIVE: Final = "cmp_06gzv704t5mt68yt035x"
PAUSED: Final = "cmp_06gzv704t5mt68yt036y"
_RATES: Final = {
    "sent": 1,
    "delivered": 1,
    "opened": 1,
    "openRate": 100.0,
    "clicked": 0,
    "clickRate": 0.0,
    "replied": 0,
    "replyRate": 0.0,
    "bounced": 0,
    "bounceRate": 0.0,
    "unsubscribed": 0,
    "unsubscribeRate": 0.0,
}
STATS: Final = {"totalContacts": 1, **_RATES}
_NOTHING: Final = {name: type(value)() for name, value in _RATES.items()}
CAMPAIGN: Final[dict[str, Any]] = {
    "id": DRAFT,
    "name": "Automated Q1 2025",
    "description": None,
    "status": "draft",
    "emailAccountId": "acc_123",
    "moreEmailAccountIds": [],
    "settings": SETTINGS,
    "workflow": WORKFLOW,
    "stats": {"totalContacts": 1, **_NOTHING},
    "createdAt": "2025-01-15T10:30:00Z",
    "startedAt": None,
    "updatedAt": "2025-01-15T10:30:00Z",
}
_STARTED: Final = {**CAMPAIGN, "startedAt": "2025-01-15T14:45:00Z"}
_OF_DRAFT: Final = {"campaignId": DRAFT}
_OF_ACTIVE: Final = {"campaignId": ACTIVE}
_OF_PAUSED: Final = {"campaignId": PAUSED}
_ACTIVITY: Final = {
    "id": "evt_06gzv704t5mt68yt034w",
    "type": "opened",
    "contactId": "con_abc123",
    "contactEmail": "john.smith@example.com",
    "emailNodeId": "hello",
    "timestamp": "2025-01-15T14:45:00Z",
    "metadata": {"openCount": 1, "firstOpen": True, "userAgent": None, "ip": None},
}


def _ok(data: Any) -> dict[str, Any]:
    return {"success": True, "data": data}


def _page(*rows: Any, per_page: int = 20) -> dict[str, Any]:
    meta = {"page": 1, "perPage": per_page, "total": len(rows), "totalPages": 1, "nextCursor": None}
    return _ok(list(rows)) | {"meta": meta}


def _email(node_id: str, number: int, subject: str, rates: dict[str, Any]) -> dict[str, Any]:
    told = {"nodeId": node_id, "emailNumber": number, "subject": subject}
    return told | rates | {"variants": [], "winner": None, "significance": None}


def _gate(name: str, reason: str, *, is_open: bool = True) -> dict[str, Any]:
    return {"name": name, "open": is_open, "reason": reason, "opensAt": None}


EXAMPLES: Final[dict[str, Example]] = {
    "listEmailAccounts": Example(
        _page(
            {
                "id": "acc_123",
                "email": "sales@example.com",
                "name": "Sales team",
                "status": "connected",
                "sentToday": 0,
                "dailyLimit": 200,
                "lastError": None,
                "createdAt": "2025-01-15T10:30:00Z",
            }
        )
    ),
    "listCampaigns": Example(
        _page({**_STARTED, "id": ACTIVE, "name": "Spring", "status": "active", "stats": STATS}),
        query={"status": "active"},
    ),
    "createCampaign": Example(
        _ok({**CAMPAIGN, "name": "Follow-up", "stats": {"totalContacts": 0, **_NOTHING}}),
        body={
            "name": "Follow-up",
            "emailAccountId": "acc_123",
            "settings": SETTINGS,
            "workflow": WORKFLOW,
        },
    ),
    "getCampaign": Example(_ok(CAMPAIGN), path=_OF_DRAFT),
    "updateCampaign": Example(
        _ok({**CAMPAIGN, "description": "For the fair", "settings": {**SETTINGS, "maxEmailsPerHour": 20}}),
        path=_OF_DRAFT,
        body={"description": "For the fair", "settings": {"maxEmailsPerHour": 20}},
    ),
    "updateCampaignPatch": Example(
        _ok({**CAMPAIGN, "name": "Automated Q2 2025"}), path=_OF_DRAFT, body={"name": "Automated Q2 2025"}
    ),
    "startCampaign": Example(_ok({**_STARTED, "status": "active"}), path=_OF_DRAFT),
    "pauseCampaign": Example(
        _ok({**_STARTED, "id": ACTIVE, "name": "Spring", "status": "paused", "stats": STATS}), path=_OF_ACTIVE
    ),
    "resumeCampaign": Example(
        _ok({**_STARTED, "id": PAUSED, "name": "Summer", "status": "active"}),
        path=_OF_PAUSED,
    ),
    "archiveCampaign": Example(_ok({**CAMPAIGN, "status": "archived"}), path=_OF_DRAFT),
    "listCampaignContacts": Example(_page({**CONTACT, "status": "in_progress"}), path=_OF_ACTIVE),
    "addContactsToCampaign": Example(
        _ok(
            {
                "added": 0,
                "skipped": 1,
                "errors": [{"contactId": "con_gone", "code": "NOT_FOUND", "message": "Unknown contact: con_gone"}],
            }
        ),
        path=_OF_DRAFT,
        body={"contactIds": ["con_abc123", "con_gone"]},
    ),
    "removeContactsFromCampaign": Example(
        _ok({"removed": 1, "skipped": 0, "errors": []}), path=_OF_DRAFT, body={"contactIds": ["con_abc123"]}
    ),
    "getCampaignStatistics": Example(_ok(STATS), path=_OF_ACTIVE),
    "getStatisticsByEmail": Example(
        _page(
            _email("hello", 1, "Hello {{firstName|there}}", _RATES),
            _email("again", 2, "Did you see it, {{firstName}}?", _NOTHING),
            per_page=2,
        ),
        path=_OF_ACTIVE,
    ),
    "getCampaignTimeline": Example(
        _page(
            {
                "date": "2025-01-15",
                "timestamp": "2025-01-14T23:00:00Z",
                "sent": 1,
                "opened": 1,
                "clicked": 0,
                "replied": 0,
                "bounced": 0,
                "unsubscribed": 0,
            },
            per_page=1,
        ),
        path=_OF_ACTIVE,
        query={"interval": "day"},
    ),
    "listCampaignActivity": Example(_page(_ACTIVITY), path=_OF_ACTIVE, query={"type": "opened"}),
    "sayWhyNothingIsSent": Example(
        _ok(
            {
                "gates": [
                    _gate("campaign", "The campaign is draft: only an active one sends", is_open=False),
                    _gate("contacts", "Nobody in the campaign waits for an e-mail", is_open=False),
                    _gate("uncertain", "It is known of every e-mail whether it was sent"),
                    _gate("worker", "A worker looks for what is due"),
                    _gate("account", "The e-mail account sales@example.com is connected"),
                    _gate("calendar", "The campaign's sending hours are open"),
                    _gate("campaign_hourly", "Below the campaign's limit of 30 e-mails an hour"),
                    _gate("account_daily", "The account's daily limit leaves 200 of 200 e-mails"),
                    _gate("plan_daily", "The plan has no daily limit"),
                ]
            }
        ),
        path=_OF_DRAFT,
    ),
}
