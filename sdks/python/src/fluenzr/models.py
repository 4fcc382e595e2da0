"""The objects of the API. Each field has a default, so that an older or a newer server's answers can be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fluenzr._model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference(Model):
    """A thing by its id and name."""

    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(Model):
    """A contact. ``status``: active, unsubscribed, bounced, replied or blocked."""

    id: str = ""
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    job_title: str | None = None
    phone: str | None = None
    website: str | None = None
    status: str = ""
    groups: tuple[Reference, ...] = ()
    tags: tuple[str, ...] = ()
    custom_fields: Mapping[str, Any] = field(default_factory=dict, hash=False)
    pipeline_stage: Reference | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted(Model):
    """What a deletion answers."""

    id: str = ""
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkError(Model):
    """A row of a bulk request that was refused; ``index`` is its place, from 0."""

    index: int = 0
    email: str | None = None
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkResult(Model):
    """created + updated + skipped + len(errors) is the number of rows sent."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    errors: tuple[BulkError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberError(Model):
    """A contact that couldn't be added or removed."""

    contact_id: str = ""
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added(Model):
    """How many contacts came into a group or a campaign; ``skipped`` were in it or can't be mailed."""

    added: int = 0
    skipped: int = 0
    errors: tuple[MemberError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed(Model):
    """How many contacts left a group or a campaign; ``skipped`` weren't in it."""

    removed: int = 0
    skipped: int = 0
    errors: tuple[MemberError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Model):
    """A group. ``type``: static or dynamic; ``color``: such as #3b82f6."""

    id: str = ""
    name: str = ""
    description: str | None = None
    type: str = "static"
    color: str | None = None
    contact_count: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag(Reference):
    """A tag; contacts carry its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineStage(Reference):
    """A column of the pipeline."""

    color: str | None = None
    position: int = 0
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomField(Model):
    """A definition. ``type``: text, number, date, dropdown, checkbox or url."""

    id: str = ""
    key: str = ""
    label: str = ""
    type: str = "text"
    required: bool = False
    default: str | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailAccount(Model):
    """An account that campaigns send from. ``status``: connected, failing or paused; only a connected one sends.

    ``sent_today`` of ``daily_limit`` e-mails are used; ``last_error`` is None once its server has taken one again.
    """

    id: str = ""
    email: str | None = None
    name: str | None = None
    status: str | None = None
    sent_today: int | None = None
    daily_limit: int | None = None
    last_error: str | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Location(Model):
    """A location."""

    id: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSettings(Model):
    """When a campaign sends: days by English name, whole hours in ``timezone``."""

    send_days: tuple[str, ...] = ()
    send_hours_start: int | None = None
    send_hours_end: int | None = None
    timezone: str | None = None
    max_emails_per_hour: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowNode(Model):
    """A step. ``type``: start, email, delay, condition or end; ``data`` as the API spells it."""

    id: str = ""
    type: str = ""
    data: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowEdge(Model):
    """The way from a node to the next; ``when`` (yes or no) after a condition."""

    from_node: str = field(default="", metadata={"json": "from"})
    to_node: str = field(default="", metadata={"json": "to"})
    when: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow(Model):
    """A campaign's steps and the ways between them."""

    nodes: tuple[WorkflowNode, ...] = ()
    edges: tuple[WorkflowEdge, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignStats(Model):
    """Unique contacts, and rates in percent. Bounce rate is over sent, the other rates over delivered."""

    total_contacts: int = 0
    sent: int = 0
    delivered: int = 0
    opened: int = 0
    open_rate: float = 0.0
    clicked: int = 0
    click_rate: float = 0.0
    replied: int = 0
    reply_rate: float = 0.0
    bounced: int = 0
    bounce_rate: float = 0.0
    unsubscribed: int = 0
    unsubscribe_rate: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign(Model):
    """A campaign. ``status``: draft, active, paused, completed or archived.

    The accounts of ``more_email_account_ids`` take turns with that of ``email_account_id``.
    """

    id: str = ""
    name: str = ""
    description: str | None = None
    status: str = ""
    email_account_id: str | None = None
    more_email_account_ids: tuple[str, ...] = ()
    settings: CampaignSettings | None = None
    workflow: Workflow | None = None
    stats: CampaignStats | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailCounts(Model):
    """What became of one e-mail; rates are percent of sent. None: the server doesn't count it here."""

    sent: int | None = None
    delivered: int | None = None
    opened: int | None = None
    open_rate: float | None = None
    clicked: int | None = None
    click_rate: float | None = None
    replied: int | None = None
    reply_rate: float | None = None
    bounced: int | None = None
    bounce_rate: float | None = None
    unsubscribed: int | None = None
    unsubscribe_rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantStats(EmailCounts):
    """One version of an A/B test."""

    variant: str = ""
    subject: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailStats(EmailCounts):
    """One e-mail of a campaign; ``email_number`` counts from 1."""

    node_id: str = ""
    email_number: int = 0
    subject: str | None = None
    variants: tuple[VariantStats, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePoint(EmailCounts):
    """The counts of one hour, day or week of the campaign's zone."""

    timestamp: datetime | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate(Model):
    """One thing that a campaign's sending waits for; ``opens_at`` is when it won't any more."""

    name: str = ""
    open: bool = False
    reason: str | None = None
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why(Model):
    """Why nothing is sent: every gate, open or not."""

    gates: tuple[Gate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignContact(Contact):
    """A contact in a campaign. ``status`` is where it stands there: pending, in_progress, completed, replied…"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity(Model):
    """Something that happened in a campaign."""

    id: str = ""
    type: str = ""
    contact_id: str | None = None
    contact_email: str | None = None
    email_node_id: str | None = None
    timestamp: datetime | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook(Model):
    """A webhook. ``secret`` is there only in the answers that make one, and isn't shown when printed."""

    id: str = ""
    url: str = ""
    events: tuple[str, ...] = ()
    status: str = ""
    secret: str | None = field(default=None, repr=False)
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookLog(Model):
    """One delivery attempt; ``response_time`` in milliseconds."""

    id: str = ""
    event_id: str | None = None
    event_type: str | None = None
    status: str = ""
    status_code: int | None = None
    response_time: int | None = None
    timestamp: datetime | None = None
    attempt: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed(Model):
    """How many events are on their way again."""

    queued: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Model):
    """What a webhook tells. ``data`` is as the API spells it. The id is the same on every attempt."""

    id: str = ""
    type: str = ""
    timestamp: datetime | None = None
    data: Mapping[str, Any] = field(default_factory=dict, hash=False)
