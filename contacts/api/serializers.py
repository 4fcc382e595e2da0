"""The shapes of the FluenzR dialect. Contacts are cleaned by ``contacts.cleaning``; here they are described."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from contacts.api.filters import SORTS
from contacts.cleaning import TEXT_FIELDS
from contacts.models import Contact, CustomField, Group, PipelineStage
from fluenzr_site.api.fields import (
    NOT_BLANK,
    PLAIN,
    Choice,
    ContactId,
    Cursor,
    CustomFields,
    Email,
    GroupId,
    IdList,
    Phrase,
    StageId,
    TagName,
    Text,
    plain_text,
)
from fluenzr_site.core.clock import iso

COLOUR = r"^#[0-9a-fA-F]{6}$"


def _optional(name: str) -> serializers.CharField:
    return plain_text(TEXT_FIELDS[name][1], required=False, allow_null=True)


class Reference(serializers.Serializer[Any]):
    """A thing by id and name."""

    id = serializers.CharField()
    name = serializers.CharField()


class ContactObject(serializers.Serializer[Any]):
    """The contact object."""

    id = serializers.CharField(help_text="con_…")
    email = Email(allow_null=True)
    firstName = serializers.CharField(allow_null=True)
    lastName = serializers.CharField(allow_null=True)
    company = serializers.CharField(allow_null=True)
    jobTitle = serializers.CharField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    website = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(Contact.Status.choices)
    groups = Reference(many=True)
    tags = serializers.ListField(child=serializers.CharField())
    customFields = serializers.DictField()
    pipelineStage = Reference(allow_null=True)
    createdAt = serializers.DateTimeField()
    updatedAt = serializers.DateTimeField()


class ContactUpdate(serializers.Serializer[Any]):
    """What a contact is written from. Only what is given is changed; null clears an optional field."""

    email = Email(required=False)
    firstName = _optional("firstName")
    lastName = _optional("lastName")
    company = _optional("company")
    jobTitle = _optional("jobTitle")
    phone = _optional("phone")
    website = _optional("website")
    status = serializers.ChoiceField(["active", "blocked"], required=False)
    groupIds = serializers.ListField(child=GroupId(), required=False, allow_null=True, max_length=1000)
    tags = serializers.ListField(child=TagName(), required=False, allow_null=True, max_length=1000)
    customFields = CustomFields(required=False, allow_null=True, help_text="Merged key by key; null removes a key")
    pipelineStageId = StageId(required=False, allow_null=True, allow_blank=True)


class ContactCreate(ContactUpdate):
    """A new contact."""

    email = Email()


@extend_schema_field({"anyOf": [{"$ref": "#/components/schemas/ContactCreateRequest"}, {}]})
class BulkRow(serializers.JSONField):
    """A new contact. Anything else is a row that failed, told in ``errors``; it stops no other."""


class BulkCreate(serializers.Serializer[Any]):
    """Up to 1000 contacts."""

    contacts = serializers.ListField(child=BulkRow(), min_length=1, max_length=1000)
    groupIds = serializers.ListField(
        child=GroupId(), required=False, max_length=1000, help_text="For every contact made or updated"
    )
    onDuplicate = serializers.ChoiceField(["skip", "update"], default="skip")


class BulkError(serializers.Serializer[Any]):
    index = serializers.IntegerField(help_text="Position in contacts, from 0")
    email = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    message = serializers.CharField()


class BulkResult(serializers.Serializer[Any]):
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    skipped = serializers.IntegerField()
    errors = BulkError(many=True)  # type: ignore[assignment]  # a field; nobody validates with this one


class SearchFilters(serializers.Serializer[Any]):
    status = serializers.ChoiceField(Contact.Status.choices, required=False, allow_null=True)
    groups = serializers.ListField(
        child=GroupId(), required=False, allow_null=True, max_length=1000, help_text="In any of them"
    )
    tags = serializers.ListField(
        child=TagName(), required=False, allow_null=True, max_length=1000, help_text="With any of them"
    )
    customFields = CustomFields(required=False, allow_null=True, help_text="All equal")
    pipelineStageId = StageId(required=False, allow_null=True)
    createdAfter = serializers.DateTimeField(required=False, allow_null=True)
    createdBefore = serializers.DateTimeField(required=False, allow_null=True)


class SearchSort(serializers.Serializer[Any]):
    field = serializers.ChoiceField(list(SORTS))
    order = serializers.ChoiceField(["asc", "desc"], required=False, allow_null=True)


class Search(serializers.Serializer[Any]):
    query = Phrase(
        required=False, allow_null=True, help_text="Part of the e-mail, a name, the company or the job title"
    )
    filters = SearchFilters(required=False, allow_null=True)
    sort = SearchSort(required=False, allow_null=True)
    page = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=10**12)
    perPage = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=100)
    cursor = Cursor(
        required=False, allow_null=True, help_text="meta.nextCursor of the page before, for the same question"
    )


class Deleted(serializers.Serializer[Any]):
    id = serializers.CharField()
    deleted = serializers.BooleanField()


class GroupIds(serializers.Serializer[Any]):
    groupIds = IdList(GroupId)


class TagNames(serializers.Serializer[Any]):
    tags = serializers.ListField(child=TagName(), min_length=1, max_length=1000)


class ContactIds(serializers.Serializer[Any]):
    contactIds = IdList(ContactId)


class MembershipAnswer(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    skipped = serializers.IntegerField()
    errors = serializers.ListField(child=serializers.DictField())  # type: ignore[assignment]


class MembershipRemoval(serializers.Serializer[Any]):
    removed = serializers.IntegerField()
    skipped = serializers.IntegerField()
    errors = serializers.ListField(child=serializers.DictField())  # type: ignore[assignment]


@extend_schema_field({"type": "string", "pattern": NOT_BLANK, "minLength": 1, "maxLength": 120})
class GroupName(Text):
    """Trimmed."""


@extend_schema_field({"type": "string", "pattern": PLAIN, "maxLength": 5000})
class GroupText(Text):
    """Of any number of lines."""


class GroupWrite(serializers.Serializer[Any]):
    """A new group."""

    name = GroupName(max_length=120)
    description = GroupText(max_length=5000, required=False, allow_null=True, allow_blank=True)
    type = Choice(Group.Type.choices, required=False)
    color = serializers.RegexField(
        COLOUR,
        required=False,
        allow_null=True,
        error_messages={"invalid": "Must be a colour such as #3b82f6"},
    )

    default_error_messages = {"invalid": "Must be a JSON object"}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {name: "" if value is None else value for name, value in attrs.items()}


class GroupUpdate(GroupWrite):
    """What a group is changed to. Only what is given is changed; null clears an optional field."""

    name = GroupName(max_length=120, required=False)


class GroupObject(serializers.Serializer[Group]):
    id = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(allow_null=True)
    type = serializers.ChoiceField(Group.Type.choices)
    color = serializers.CharField(allow_null=True)
    contactCount = serializers.IntegerField()
    createdAt = serializers.DateTimeField()
    updatedAt = serializers.DateTimeField()


class TagObject(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()


class StageObject(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    color = serializers.CharField(allow_null=True)
    position = serializers.IntegerField()
    kind = serializers.ChoiceField(PipelineStage.Kind.choices)


class CustomFieldObject(serializers.Serializer[Any]):
    id = serializers.CharField()
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    type = serializers.ChoiceField(CustomField.Type.choices)
    required = serializers.BooleanField()  # type: ignore[assignment]
    default = serializers.CharField(allow_null=True)
    options = serializers.ListField(child=serializers.CharField())


class LocationObject(serializers.Serializer[Any]):
    id = serializers.CharField()
    title = serializers.CharField()


def group_document(group: Group, contact_count: int) -> dict[str, Any]:
    """The group object of the API."""
    return {
        "id": group.pk,
        "name": group.name,
        "description": group.description or None,
        "type": group.type,
        "color": group.color or None,
        "contactCount": contact_count,
        "createdAt": iso(group.created_at),
        "updatedAt": iso(group.updated_at),
    }
