"""/campaigns"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from fluenzr._calls import Call, ListCall
from fluenzr._values import NOT_GIVEN, Maybe, given, inside, texts
from fluenzr.endpoints._building import listing, one, several
from fluenzr.inputs import Interval, Order, SearchFilters, SettingsInput
from fluenzr.models import (
    Activity,
    Added,
    Campaign,
    CampaignContact,
    CampaignStats,
    EmailStats,
    Removed,
    TimelinePoint,
    Why,
    Workflow,
)

# ``from`` is a word of Python's; the methods say ``since`` and ``until``.
Time = date | str | None


def list_all(
    *,
    status: str | None = None,
    updated_since: datetime | str | None = None,
    page: int | None = None,
    per_page: int | None = None,
    cursor: str | None = None,
    sort: str | None = None,
    order: Order | None = None,
) -> ListCall[Campaign]:
    """List campaigns, newest first."""
    return listing(Campaign, "campaigns", query=locals())


def get(campaign_id: str) -> Call[Campaign]:
    """Get a campaign."""
    return one(Campaign, "GET", "campaigns", campaign_id)


def create(
    *,
    name: str,
    email_account_id: str,
    more_email_account_ids: Maybe[Iterable[str]] = NOT_GIVEN,
    description: Maybe[str | None] = NOT_GIVEN,
    settings: Maybe[SettingsInput] = NOT_GIVEN,
    workflow: Maybe[Workflow | Mapping[str, Any]] = NOT_GIVEN,
    idempotency_key: str | None = None,
) -> Call[Campaign]:
    """Create a campaign, a draft. A ``workflow`` given as a mapping is spelled as in the API.

    The accounts of ``more_email_account_ids`` take turns with the first; a conversation keeps the one it began with.
    """
    body = _body(name, email_account_id, more_email_account_ids, description, settings, workflow)
    return one(Campaign, "POST", "campaigns", body=body, key=idempotency_key)


def update(
    campaign_id: str,
    *,
    name: Maybe[str] = NOT_GIVEN,
    email_account_id: Maybe[str] = NOT_GIVEN,
    more_email_account_ids: Maybe[Iterable[str]] = NOT_GIVEN,
    description: Maybe[str | None] = NOT_GIVEN,
    settings: Maybe[SettingsInput] = NOT_GIVEN,
    workflow: Maybe[Workflow | Mapping[str, Any]] = NOT_GIVEN,
) -> Call[Campaign]:
    """Change a draft or paused campaign; settings merge key by key. Raises ConflictError in another state."""
    body = _body(name, email_account_id, more_email_account_ids, description, settings, workflow)
    return one(Campaign, "PUT", "campaigns", campaign_id, body=body)


def _body(
    name: Maybe[str],
    email_account_id: Maybe[str],
    more_email_account_ids: Maybe[Iterable[str]],
    description: Maybe[str | None],
    settings: Maybe[SettingsInput],
    workflow: Maybe[Workflow | Mapping[str, Any]],
) -> dict[str, Any]:
    more = texts(more_email_account_ids, "more_email_account_ids")
    values = {"name": name, "email_account_id": email_account_id, "more_email_account_ids": more}
    return given({**values, "description": description, "settings": inside(settings), "workflow": workflow})


def start(campaign_id: str, *, idempotency_key: str | None = None) -> Call[Campaign]:
    """Start a draft. Raises ValidationError that names each node with a problem, ConflictError in another state."""
    return one(Campaign, "POST", "campaigns", campaign_id, "start", key=idempotency_key)


def pause(campaign_id: str, *, idempotency_key: str | None = None) -> Call[Campaign]:
    """Pause an active campaign."""
    return one(Campaign, "POST", "campaigns", campaign_id, "pause", key=idempotency_key)


def resume(campaign_id: str, *, idempotency_key: str | None = None) -> Call[Campaign]:
    """Go on with a paused campaign. One that nobody is left in is completed next."""
    return one(Campaign, "POST", "campaigns", campaign_id, "resume", key=idempotency_key)


def archive(campaign_id: str, *, idempotency_key: str | None = None) -> Call[Campaign]:
    """Put a draft, paused or completed campaign away."""
    return one(Campaign, "POST", "campaigns", campaign_id, "archive", key=idempotency_key)


def add_contacts(
    campaign_id: str,
    *,
    contact_ids: Maybe[Iterable[str]] = NOT_GIVEN,
    group_ids: Maybe[Iterable[str]] = NOT_GIVEN,
    group_id: Maybe[str] = NOT_GIVEN,
    filters: Maybe[SearchFilters] = NOT_GIVEN,
    idempotency_key: str | None = None,
) -> Call[Added]:
    """Add contacts: by id, those of groups, or those that filters find. Exactly one of them is given.

    ``filters`` has at least one filter: everybody is ``{"status": "active"}``.
    """
    body = given(
        {
            "contact_ids": texts(contact_ids, "contact_ids"),
            "group_ids": texts(group_ids, "group_ids"),
            "group_id": group_id,
            "filters": inside(filters),
        }
    )
    if len(body) != 1:
        raise ValueError("Give one of contact_ids, group_ids, group_id and filters")
    return one(Added, "POST", "campaigns", campaign_id, "contacts", body=body, key=idempotency_key)


def remove_contacts(campaign_id: str, contact_ids: Iterable[str]) -> Call[Removed]:
    """Take contacts out of a campaign."""
    body = {"contactIds": texts(contact_ids, "contact_ids")}
    return one(Removed, "DELETE", "campaigns", campaign_id, "contacts", body=body)


def list_contacts(
    campaign_id: str,
    *,
    status: str | None = None,
    page: int | None = None,
    per_page: int | None = None,
    cursor: str | None = None,
    sort: str | None = None,
    order: Order | None = None,
) -> ListCall[CampaignContact]:
    """List a campaign's contacts; ``status`` is where they stand in it."""
    paging = {"page": page, "per_page": per_page, "cursor": cursor, "sort": sort, "order": order}
    return listing(CampaignContact, "campaigns", campaign_id, "contacts", query={"status": status, **paging})


def get_stats(campaign_id: str) -> Call[CampaignStats]:
    """A campaign's counts and rates."""
    return one(CampaignStats, "GET", "campaigns", campaign_id, "stats")


def get_email_stats(campaign_id: str) -> Call[tuple[EmailStats, ...]]:
    """The counts and rates of each e-mail of a campaign, and of each version of an A/B test."""
    return several(EmailStats, "campaigns", campaign_id, "stats", "emails")


def get_timeline(
    campaign_id: str, *, since: Time = None, until: Time = None, interval: Interval | None = None
) -> Call[tuple[TimelinePoint, ...]]:
    """The counts by hour, day or week of the campaign's zone; gaps are there, with zeros.

    A ``date``, or a text without an offset, is of the campaign's zone too.
    """
    query = {"from": since, "to": until, "interval": interval}
    return several(TimelinePoint, "campaigns", campaign_id, "stats", "timeline", query=query)


def get_activity(
    campaign_id: str,
    *,
    type: str | None = None,
    contact_id: str | None = None,
    since: Time = None,
    until: Time = None,
    page: int | None = None,
    per_page: int | None = None,
    cursor: str | None = None,
    order: Order | None = None,
) -> ListCall[Activity]:
    """List what happened in a campaign. A ``date``, or a text without an offset, is of its zone."""
    filters = {"type": type, "contact_id": contact_id, "from": since, "to": until}
    paging = {"page": page, "per_page": per_page, "cursor": cursor, "order": order}
    return listing(Activity, "campaigns", campaign_id, "activity", query={**filters, **paging})


def why(campaign_id: str, *, contact_id: str | None = None) -> Call[Why]:
    """Why nothing is sent, for the campaign or for one contact in it: every gate, with the time at which it opens."""
    return one(Why, "GET", "campaigns", campaign_id, "why", query={"contact_id": contact_id})
