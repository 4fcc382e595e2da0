"""The shapes of webhooks, as the API takes and describes them."""

from datetime import UTC, datetime
from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from fluenzr_site.api.fields import Choice, Text
from fluenzr_site.events.types import ALL
from fluenzr_site.webhooks.models import Attempt, Webhook
from fluenzr_site.webhooks.urls_allowed import LONGEST

MOST_OVERLAP: Final = 7 * 24
SHORTEST_SECRET: Final = 8
LONGEST_SECRET: Final = 255
_SECRET: Final = {"type": "string", "minLength": SHORTEST_SECRET, "maxLength": LONGEST_SECRET, "pattern": "^[!-~]+$"}


@extend_schema_field({"type": "string", "format": "webhook-url", "maxLength": LONGEST})
class WebhookUrl(Text):
    """https://…"""


@extend_schema_field(_SECRET)
class Secret(serializers.RegexField):
    """Printable ASCII without spaces."""

    def __init__(self, **kwargs: Any) -> None:
        # Given at once: what checks lengths and the pattern takes its message when it is made.
        messages: dict[str, Any] = {
            "invalid": "Must be printable ASCII characters without spaces",
            "min_length": f"Must have at least {SHORTEST_SECRET} characters",
            "max_length": f"Must have at most {LONGEST_SECRET} characters",
        }
        lengths: dict[str, Any] = {"min_length": SHORTEST_SECRET, "max_length": LONGEST_SECRET}
        super().__init__(r"\A[!-~]+\Z", trim_whitespace=False, error_messages=messages, **lengths, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "enum": list(ALL)})
class EventType(Choice):
    """A type of event."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(ALL, **kwargs)


class EventTypes(serializers.ListField):
    """At least one, each once, in the order of the documents."""

    def __init__(self, **kwargs: Any) -> None:
        # Given at once: what checks lengths takes its message when it is made.
        messages: dict[str, Any] = {
            "not_a_list": "Must be a list of events",
            "min_length": f"Must have at least one of: {', '.join(ALL)}",
            "max_length": "Must have at most 100 events",
            "required": "Events is required",
            "null": "Must not be null",
        }
        super().__init__(child=EventType(), min_length=1, max_length=100, error_messages=messages, **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        chosen = set(super().to_internal_value(data))
        return [type_ for type_ in ALL if type_ in chosen]


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": MOST_OVERLAP, "default": 24})
class Hours(serializers.Field[Any, Any, Any, Any]):
    """A whole number."""

    default_error_messages = {"invalid": f"Must be a whole number from 0 to {MOST_OVERLAP}", "null": "Must not be null"}

    def to_internal_value(self, data: Any) -> int:
        whole = isinstance(data, int) or (isinstance(data, float) and data.is_integer())
        if isinstance(data, bool) or not whole or not 0 <= data <= MOST_OVERLAP:
            self.fail("invalid")
        return int(data)

    def to_representation(self, value: int) -> int:
        return value


class WebhookObject(serializers.Serializer[Any]):
    """The webhook object; its secret isn't shown again."""

    id = serializers.CharField(help_text="whk_…")
    url = serializers.CharField()
    events = serializers.ListField(child=EventType())
    status = serializers.ChoiceField(Webhook.Status.choices)
    createdAt = serializers.DateTimeField()


class WebhookWithSecret(WebhookObject):
    """The answer that makes a secret, and the only one that shows it."""

    secret = serializers.CharField(help_text="Signs each call; keep it")


@extend_schema_field({"type": "string", "enum": ["active", "disabled"]})
class SettableStatus(Choice):
    """A failed one may be put back as it was read."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Webhook.Status.values, **kwargs)


class WebhookUpdate(serializers.Serializer[Any]):
    """What a webhook is changed to; only what is given is changed."""

    url = WebhookUrl(required=False)
    events = EventTypes(required=False)
    status = SettableStatus(required=False)


class WebhookCreate(serializers.Serializer[Any]):
    """A new webhook, active at once."""

    url = WebhookUrl()
    events = EventTypes()
    secret = Secret(required=False, allow_null=True, help_text="Made for you unless given")


class SecretRotation(serializers.Serializer[Any]):
    """Everything may be left out."""

    secret = Secret(required=False, allow_null=True, help_text="Made for you unless given")
    overlapHours = Hours(required=False, help_text="How long the old secret stays valid beside the new one")


class WebhookLog(serializers.Serializer[Any]):
    """One attempt to deliver an event."""

    id = serializers.CharField(help_text="log_…")
    eventId = serializers.CharField(help_text="evt_…, the same on each attempt")
    eventType = serializers.CharField()
    status = serializers.ChoiceField(
        Attempt.Status.choices, help_text="pending: it was asked for, and is still to be made"
    )
    statusCode = serializers.IntegerField(allow_null=True, help_text="null where no answer came")
    responseTime = serializers.IntegerField(allow_null=True, help_text="Milliseconds")
    timestamp = serializers.DateTimeField()
    attempt = serializers.IntegerField(help_text="From 1")
    error = serializers.CharField(allow_null=True)


@extend_schema_field({"type": "string", "format": "date-time"})
class Moment(Text):
    """ISO 8601; without a zone it is UTC."""

    default_error_messages = {"moment": "Must be an ISO 8601 time such as 2025-01-31T10:00:00Z"}

    def to_internal_value(self, data: Any) -> Any:
        try:
            read = datetime.fromisoformat(super().to_internal_value(data))
            return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("moment")


class ReplayPeriod(serializers.Serializer[Any]):
    """Which events are sent again."""

    to = Moment(required=False, help_text="Up to then; now unless given")
    events = EventTypes(required=False, help_text="Of these types; the webhook's own unless given")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # A word of Python's.
        return {"from": Moment(help_text="From then on"), **super().get_fields()}


class Replayed(serializers.Serializer[Any]):
    queued = serializers.IntegerField(help_text="How many events are on their way again")


class DeletedWebhook(serializers.Serializer[Any]):
    id = serializers.CharField()
    deleted = serializers.BooleanField()
