"""The shapes of campaigns, as the description shows them. What they hold is read by the pure code behind."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns.models import Campaign, Enrolment
from campaigns.sending.calendar import DAY_NAMES, MAX_PER_HOUR
from campaigns.workflow.graph import MAX_EDGES, MAX_NODES
from campaigns.workflow.parsing import MAX_NODE_ID
from contacts.api.serializers import ContactObject, SearchFilters
from fluenzr_site.api.fields import NOT_BLANK, PLAIN, ContactId, GroupId, IdList, Text

MAX_NAME: Final = 255
MAX_DESCRIPTION: Final = 10_000
_NO_NUL: Final = "^[^\\u0000]*$"
_TEXT: Final = {"type": ["string", "null"], "pattern": _NO_NUL}
# Every key of every type: a type knows some of them, and keeps the others as they came.
_DATA: Final = {"subject": _TEXT, "body": _TEXT}
_NODE: Final = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": MAX_NODE_ID, "pattern": _NO_NUL},
        "type": {**_TEXT, "description": "start, email, delay, condition or end"},
        "data": {
            "type": ["object", "null"],
            "description": "What is known of each type; other keys are kept as they came",
            "properties": {},
        },
    },
}
_EDGE: Final = {
    "type": "object",
    "properties": {
        "from": _TEXT,
        "to": _TEXT,
        "when": {**_TEXT, "description": "After a condition: yes or no"},
    },
}
WORKFLOW_SCHEMA: Final = {
    "type": "object",
    "description": "A draft may be unfinished; what is missing is named when it starts",
    "properties": {
        "nodes": {"type": ["array", "null"], "maxItems": MAX_NODES, "items": _NODE},
        "edges": {"type": ["array", "null"], "maxItems": MAX_EDGES, "items": _EDGE},
    },
    "example": {
        "nodes": [
            {"id": "start", "type": "start", "data": {}},
            {
                "id": "hello",
                "type": "email",
                "data": {"subject": "Hello {{firstName|there}}", "body": "A word about {{company}}."},
            },
            {"id": "end", "type": "end", "data": {}},
        ],
        "edges": [{"from": "start", "to": "hello"}, {"from": "hello", "to": "end"}],
    },
}
SETTINGS_SCHEMA: Final = {
    "type": "object",
    "description": "On update they merge key by key",
    "properties": {
        "sendDays": {"type": "array", "minItems": 1, "items": {"type": "string", "enum": list(DAY_NAMES)}},
        "sendHoursStart": {"type": "integer", "minimum": 0, "maximum": 23},
        "sendHoursEnd": {"type": "integer", "minimum": 1, "maximum": 24},
        "timezone": {"type": "string", "format": "time-zone", "description": "IANA, such as Europe/Paris"},
        "maxEmailsPerHour": {"type": "integer", "minimum": 1, "maximum": MAX_PER_HOUR},
    },
    "example": {
        "sendDays": ["monday", "tuesday", "wednesday", "thursday", "friday"],
        "sendHoursStart": 9,
        "sendHoursEnd": 18,
        "timezone": "Europe/Paris",
        "maxEmailsPerHour": 30,
    },
}


@extend_schema_field(WORKFLOW_SCHEMA)
class WorkflowField(serializers.JSONField):
    """Nodes and the edges between them."""


@extend_schema_field(SETTINGS_SCHEMA)
class SettingsField(serializers.JSONField):
    """When a campaign may send."""


@extend_schema_field({"type": "string", "format": "account-id"})
class AccountId(Text):
    """acc_…"""


@extend_schema_field({"type": "string", "pattern": NOT_BLANK, "minLength": 1, "maxLength": MAX_NAME})
class CampaignName(Text):
    """Trimmed."""


@extend_schema_field({"type": "string", "pattern": PLAIN, "maxLength": MAX_DESCRIPTION})
class CampaignDescription(Text):
    """What the team knows it by."""


class EmailFigures(serializers.Serializer[Any]):
    """In contacts for each e-mail; rates in percent with one decimal."""

    sent = serializers.IntegerField()
    delivered = serializers.IntegerField()
    opened = serializers.IntegerField()
    openRate = serializers.FloatField()
    clicked = serializers.IntegerField()
    clickRate = serializers.FloatField()
    replied = serializers.IntegerField()
    replyRate = serializers.FloatField()
    bounced = serializers.IntegerField()
    bounceRate = serializers.FloatField()
    unsubscribed = serializers.IntegerField()
    unsubscribeRate = serializers.FloatField()


class CampaignStats(EmailFigures):
    """Of the whole campaign: bounces over sent, the other rates over delivered."""

    totalContacts = serializers.IntegerField()


class CampaignObject(serializers.Serializer[Any]):
    """The campaign object."""

    id = serializers.CharField(help_text="cmp_…")
    name = serializers.CharField()
    description = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(Campaign.Status.choices)
    emailAccountId = serializers.CharField()
    moreEmailAccountIds = serializers.ListField(
        child=serializers.CharField(), help_text="They take turns with emailAccountId"
    )
    settings = serializers.DictField()
    workflow = serializers.DictField()
    stats = CampaignStats()
    createdAt = serializers.DateTimeField()
    startedAt = serializers.DateTimeField(allow_null=True)
    updatedAt = serializers.DateTimeField()


class CampaignUpdate(serializers.Serializer[Any]):
    """What a campaign is changed to; only what is given is changed."""

    name = CampaignName(required=False, max_length=MAX_NAME)
    description = CampaignDescription(required=False, allow_null=True, allow_blank=True, max_length=MAX_DESCRIPTION)
    emailAccountId = AccountId(required=False)
    moreEmailAccountIds = IdList(
        AccountId,
        least=0,
        most=100,
        required=False,
        help_text="They take turns with emailAccountId; a conversation keeps the one that it began with",
    )
    settings = SettingsField(required=False)
    workflow = WorkflowField(required=False)


class CampaignCreate(CampaignUpdate):
    """A new campaign, a draft."""

    name = CampaignName(max_length=MAX_NAME)
    emailAccountId = AccountId()


class CampaignEnrol(serializers.Serializer[Any]):
    """One of contactIds, groupIds (or groupId) and filters."""

    contactIds = IdList(ContactId, required=False)
    groupIds = IdList(GroupId, required=False)
    groupId = GroupId(required=False)
    filters = SearchFilters(required=False, help_text="As in a search: at least one, and none that isn't known")


class CampaignContactIds(serializers.Serializer[Any]):
    contactIds = IdList(ContactId)


class CampaignContact(ContactObject):
    """A contact; ``status`` is where it stands in the campaign."""

    status = serializers.ChoiceField(Enrolment.Status.choices)


class VariantStats(EmailFigures):
    """One version of an A/B test."""

    variant = serializers.ChoiceField(["A", "B"])
    subject = serializers.CharField()


class EmailStats(EmailFigures):
    """One e-mail; rates over sent."""

    nodeId = serializers.CharField()
    emailNumber = serializers.IntegerField()
    subject = serializers.CharField()
    variants = VariantStats(many=True)
    winner = serializers.ChoiceField(["A", "B"], allow_null=True)
    significance = serializers.FloatField(allow_null=True, help_text="0 to 1: that the versions' rates really differ")


class TimelinePoint(serializers.Serializer[Any]):
    """An hour, day or week of the campaign's zone."""

    date = serializers.CharField(help_text="When it begins, in the campaign's zone")
    timestamp = serializers.DateTimeField(help_text="The same in UTC")
    sent = serializers.IntegerField()
    opened = serializers.IntegerField()
    clicked = serializers.IntegerField()
    replied = serializers.IntegerField()
    bounced = serializers.IntegerField()
    unsubscribed = serializers.IntegerField()


class ActivityObject(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="evt_…")
    type = serializers.ChoiceField(["sent", "opened", "clicked", "replied", "bounced", "unsubscribed"])
    contactId = serializers.CharField()
    contactEmail = serializers.CharField()
    emailNodeId = serializers.CharField()
    timestamp = serializers.DateTimeField()
    metadata = serializers.DictField()


class GateObject(serializers.Serializer[Any]):
    name = serializers.CharField()
    open = serializers.BooleanField()
    reason = serializers.CharField()
    opensAt = serializers.DateTimeField(
        allow_null=True, help_text="Null where it is open, and where only a person can open it"
    )


class WhyObject(serializers.Serializer[Any]):
    """Every gate between a campaign and its next e-mail."""

    gates = GateObject(many=True)
