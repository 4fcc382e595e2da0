"""The shapes of the messaging dialect, as its description shows them. Bodies are cleaned by ``bodies``."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from contacts.cleaning import TEXT_FIELDS
from contacts.messaging.bodies import MAX_NAME
from fluenzr_site.api.fields import NOT_BLANK, CustomFields, TagName, plain_text


class LocationReference(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="loc_…")
    title = serializers.CharField()


class MessagingContact(serializers.Serializer[Any]):
    """A contact as messaging platforms know it."""

    id = serializers.CharField(help_text="con_…")
    name = serializers.CharField(allow_blank=True, help_text="First and last name in one")
    phoneNumber = serializers.CharField(
        allow_null=True, help_text="E.164; as it was written where another API gave the phone; null without one"
    )
    location = LocationReference(allow_null=True)
    stage = serializers.CharField(help_text="The pipeline stage's name; Subscriber is none")
    notes = serializers.CharField(allow_null=True)
    customFields = serializers.DictField()
    tags = serializers.ListField(child=serializers.CharField())


@extend_schema_field({"type": "string", "pattern": NOT_BLANK, "maxLength": MAX_NAME})
class Name(serializers.CharField):
    """First and last name."""


@extend_schema_field({"type": "string", "format": "phone-number", "maxLength": 64})
class PhoneNumber(serializers.CharField):
    """A telephone number in any spelling that shows its country."""


@extend_schema_field({"type": "string", "format": "stage-name"})
class StageName(serializers.CharField):
    """The name of one of the workspace's stages."""


@extend_schema_field({"type": "string", "format": "location-id"})
class LocationId(serializers.CharField):
    """loc_…"""


class LocationChoice(serializers.Serializer[Any]):
    id = LocationId()
    title = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, help_text="Passed over: the location's own is shown"
    )


class MessagingContactWrite(serializers.Serializer[Any]):
    """What a contact is written from. What is absent stays as it is."""

    id = plain_text(MAX_NAME, required=False, allow_null=True, help_text="Of the contact to be updated by a POST")
    name: serializers.CharField = Name(help_text="Split at its first space")
    phoneNumber = PhoneNumber(help_text="With its country code; kept as E.164")
    location = LocationChoice(required=False, allow_null=True)
    stage = StageName(
        required=False, allow_null=True, help_text="The name of a pipeline stage; Subscriber or null for none"
    )
    notes = plain_text(TEXT_FIELDS["notes"][1], required=False, allow_null=True)
    channel = plain_text(
        TEXT_FIELDS["channel"][1],
        required=False,
        allow_null=True,
        help_text="Where the person writes from, such as whatsapp; the list can be filtered by it",
    )
    customFields = CustomFields(required=False, allow_null=True, help_text="Merged key by key; null removes a key")
    tags = serializers.ListField(
        child=TagName(), required=False, allow_null=True, max_length=1000, help_text="They replace the contact's own"
    )


class MessagingContactUpdate(MessagingContactWrite):
    """What a contact is changed to. What is absent stays as it is; the name and the number must be there.

    A contact that other APIs gave no name or number has an empty name and a null number, and they can be put back.
    """

    name = plain_text(MAX_NAME, help_text="Split at its first space; empty only if it was")
    phoneNumber = PhoneNumber(allow_null=True, help_text="With its country code, kept as E.164; null only if it was")


class MessagingTags(serializers.Serializer[Any]):
    """The tags that a contact then has."""

    id = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())


class MessagingTagNames(serializers.Serializer[Any]):
    tags = serializers.ListField(child=TagName(), min_length=1, max_length=1000)


class MessagingDeleted(serializers.Serializer[Any]):
    success = serializers.BooleanField()
