"""The shapes of the FluenzR dialect. Contacts are cleaned by ``contacts.cleaning``; here they are described."""

from typing import Any

from rest_framework import serializers

from contacts.cleaning import MAX_TAG, TEXT_FIELDS
from contacts.models import Contact, CustomField, Group, PipelineStage
from fluenzr_site.api.fields import Choice, IdList, Text
from fluenzr_site.core.clock import iso

COLOUR = r"^#[0-9a-fA-F]{6}$"


class Reference(serializers.Serializer[Any]):
    """A thing by id and name."""

    id = serializers.CharField()
    name = serializers.CharField()


class ContactObject(serializers.Serializer[Any]):
    """The contact object."""

    id = serializers.CharField(help_text="con_…")
    email = serializers.EmailField(allow_null=True)
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

    email = serializers.CharField(required=False, max_length=254)
    firstName = serializers.CharField(required=False, allow_null=True, max_length=TEXT_FIELDS["firstName"][1])
    lastName = serializers.CharField(required=False, allow_null=True, max_length=TEXT_FIELDS["lastName"][1])
    company = serializers.CharField(required=False, allow_null=True, max_length=TEXT_FIELDS["company"][1])
    jobTitle = serializers.CharField(required=False, allow_null=True, max_length=TEXT_FIELDS["jobTitle"][1])
    phone = serializers.CharField(required=False, allow_null=True, max_length=TEXT_FIELDS["phone"][1])
    website = serializers.CharField(required=False, allow_null=True, max_length=TEXT_FIELDS["website"][1])
    status = serializers.ChoiceField(["active", "blocked"], required=False)
    groupIds = serializers.ListField(child=serializers.CharField(), required=False, allow_null=True)
    tags = serializers.ListField(child=serializers.CharField(max_length=MAX_TAG), required=False, allow_null=True)
    customFields = serializers.DictField(required=False, help_text="Merged key by key; null removes a key.")
    pipelineStageId = serializers.CharField(required=False, allow_null=True)


class ContactCreate(ContactUpdate):
    """A new contact."""

    email = serializers.CharField(max_length=254)


class BulkCreate(serializers.Serializer[Any]):
    """Up to 1000 contacts."""

    contacts = ContactCreate(many=True)
    groupIds = serializers.ListField(child=serializers.CharField(), required=False)
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
    status = serializers.ChoiceField(Contact.Status.choices, required=False)
    groups = serializers.ListField(child=serializers.CharField(), required=False, help_text="In any of them")
    tags = serializers.ListField(child=serializers.CharField(), required=False, help_text="With any of them")
    customFields = serializers.DictField(required=False, help_text="All equal")
    pipelineStageId = serializers.CharField(required=False)
    createdAfter = serializers.DateTimeField(required=False)
    createdBefore = serializers.DateTimeField(required=False)


class SearchSort(serializers.Serializer[Any]):
    field = serializers.CharField()
    order = serializers.ChoiceField(["asc", "desc"], required=False)


class Search(serializers.Serializer[Any]):
    query = serializers.CharField(required=False)
    filters = SearchFilters(required=False)
    sort = SearchSort(required=False)
    page = serializers.IntegerField(required=False, min_value=1)
    perPage = serializers.IntegerField(required=False, min_value=1, max_value=100)


class Deleted(serializers.Serializer[Any]):
    id = serializers.CharField()
    deleted = serializers.BooleanField()


class GroupIds(serializers.Serializer[Any]):
    groupIds = IdList()


class TagNames(serializers.Serializer[Any]):
    tags = serializers.ListField(child=serializers.CharField(max_length=MAX_TAG), min_length=1)


class ContactIds(serializers.Serializer[Any]):
    contactIds = IdList()


class MembershipAnswer(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    skipped = serializers.IntegerField()
    errors = serializers.ListField(child=serializers.DictField())  # type: ignore[assignment]


class MembershipRemoval(serializers.Serializer[Any]):
    removed = serializers.IntegerField()
    skipped = serializers.IntegerField()
    errors = serializers.ListField(child=serializers.DictField())  # type: ignore[assignment]


class GroupWrite(serializers.Serializer[Any]):
    """A group to be made or changed."""

    name = Text(max_length=120)
    description = Text(max_length=5000, required=False, allow_null=True, allow_blank=True)
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
