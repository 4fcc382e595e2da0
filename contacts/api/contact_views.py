"""Contacts of the FluenzR dialect: each class parses, calls the write path or a query, and answers."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from contacts import queries
from contacts.api import serializers
from contacts.api.bodies import taken
from contacts.api.bulk import answer_bulk
from contacts.api.filters import MOST_TEXT, SORTS, STATUSES, filtered
from contacts.api.listing import PAGING, answer_page
from contacts.api.search import answer_search
from contacts.changes import contacts as changes
from contacts.changes.contacts import Edit, EmailTaken, Unknown
from contacts.cleaning import Draft, Invalid, clean, identifiers, tag_names
from contacts.documents import Document, contact_documents
from fluenzr_site.api.errors import ApiError, invalid, not_found
from fluenzr_site.api.openapi import NO_NUL, described, listing, or_blank, query
from fluenzr_site.api.views import ApiView, ok
from fluenzr_site.workspaces.models import Workspace

NO_SUCH_CONTACT = "Contact not found"
_PHRASE = {"type": "string", "pattern": NO_NUL, "maxLength": MOST_TEXT}
FILTERS = [
    query("email", "Part of the address, whatever its case", _PHRASE),
    query("status", "Of this status", or_blank({"type": "string", "enum": STATUSES})),
    query("groupId", "In this group", {"type": "string", "format": "group-id"}),
    query("group", "The same as groupId", {"type": "string", "format": "group-id"}),
    query("tag", "With this tag, whatever its case"),
    query("stageId", "In this pipeline stage", {"type": "string", "format": "stage-id"}),
    query(
        "q",
        "Part of the e-mail, a name, the company or the job title",
        _PHRASE,
    ),
    query("updatedSince", "Changed then or later", or_blank({"type": "string", "format": "date-time"})),
    OpenApiParameter(
        "customFields",
        {
            "type": "object",
            "propertyNames": {"minLength": 1, "pattern": NO_NUL},
            "additionalProperties": {"type": "string", "pattern": NO_NUL},
        },
        OpenApiParameter.QUERY,
        description="The custom field has this value: `customFields[sector]=Fintech`",
        style="deepObject",
        explode=True,
    ),
]


def document_of(workspace: Workspace, contact_id: str) -> Document:
    """The contact object. Raises ApiError 404."""
    found = contact_documents(queries.contacts_of(workspace).filter(pk=contact_id))
    if not found:
        raise not_found(NO_SUCH_CONTACT)
    return found[0]


def draft_of(data: Any, *, needs_email: bool) -> Draft:
    try:
        return clean(data, needs_email=needs_email)
    except Invalid as error:
        raise invalid(error.problems) from error


class ContactList(ApiView):
    @described(
        "List contacts", answer=serializers.ContactObject, many=True, parameters=listing(SORTS) + FILTERS, errors=(404,)
    )
    def get(self, request: Request) -> Response:
        parameters = request.query_params
        contacts = filtered(self.workspace, parameters)
        paging = {name: parameters[name] for name in PAGING if name in parameters}
        question = tuple(sorted((name, value) for name, value in parameters.items() if name not in PAGING))
        return answer_page(self.workspace, contacts, paging, question)

    @described(
        "Create a contact",
        body=serializers.ContactCreate,
        answer=serializers.ContactObject,
        status=201,
        errors=(400, 409),
    )
    def post(self, request: Request) -> Response:
        draft = draft_of(self.body, needs_email=True)
        try:
            entry = changes.create_entry(self.workspace, draft, by=self.actor)
        except Invalid as error:
            raise invalid(error.problems) from error
        except EmailTaken as error:
            raise ApiError(409, str(error), details={"email": [str(error)]}) from error
        return ok(entry.document(), status=201)


class ContactDetail(ApiView):
    @described("Get a contact", answer=serializers.ContactObject, errors=(404,))
    def get(self, request: Request, contact_id: str) -> Response:
        return ok(document_of(self.workspace, contact_id))

    @described(
        "Update a contact",
        body=serializers.ContactUpdate,
        answer=serializers.ContactObject,
        errors=(400, 404, 409),
    )
    def put(self, request: Request, contact_id: str) -> Response:
        draft = draft_of(self.body, needs_email=False)
        try:
            entry = changes.update(self.workspace, contact_id, draft, by=self.actor)
        except Unknown as error:
            raise not_found(NO_SUCH_CONTACT) from error
        except Invalid as error:
            raise invalid(error.problems) from error
        except EmailTaken as error:
            raise ApiError(409, str(error), details={"email": [str(error)]}) from error
        return ok(entry.document())

    @described(
        "Update a contact (PATCH)",
        body=serializers.ContactUpdate,
        answer=serializers.ContactObject,
        errors=(400, 404, 409),
    )
    def patch(self, request: Request, contact_id: str) -> Response:
        return self.put(request, contact_id)

    @described("Delete a contact", answer=serializers.Deleted, errors=(404,))
    def delete(self, request: Request, contact_id: str) -> Response:
        if not changes.delete_many(self.workspace, [contact_id], by=self.actor):
            raise not_found(NO_SUCH_CONTACT)
        return ok({"id": contact_id, "deleted": True})


class ContactBulk(ApiView):
    @described(
        "Create or update up to 1000 contacts",
        body=serializers.BulkCreate,
        answer=serializers.BulkResult,
        errors=(400,),
    )
    def post(self, request: Request) -> Response:
        return answer_bulk(self.workspace, self.body, by=self.actor)


class ContactSearch(ApiView):
    only_reads = True

    @described(
        "Search contacts",
        body=serializers.Search,
        answer=serializers.ContactObject,
        many=True,
        errors=(400,),
    )
    def post(self, request: Request) -> Response:
        return answer_search(self.workspace, self.body)


class _ContactLinks(ApiView):
    """Adding to and removing from a contact's groups or tags: both answer with the contact."""

    def answer_edited(self, contact_id: str, edit: Edit) -> Response:
        if not queries.contacts_of(self.workspace).filter(pk=contact_id).exists():
            raise not_found(NO_SUCH_CONTACT)
        try:
            changes.edit_many(self.workspace, [contact_id], edit, by=self.actor)
        except Invalid as error:
            raise invalid(error.problems) from error
        return ok(document_of(self.workspace, contact_id))

    def listed(self, name: str, read: Callable[[Any], list[str]]) -> tuple[str, ...]:
        """The list under ``name`` in the body, which must be there and not be empty."""
        value = self.body.get(name)
        found = taken(value, name, read) if value is not None else []
        if not found:
            raise invalid({name: [f"{name} is required and must have at least one entry"]})
        return tuple(found)


class ContactGroups(_ContactLinks):
    @described(
        "Add a contact to groups",
        body=serializers.GroupIds,
        answer=serializers.ContactObject,
        errors=(400, 404),
    )
    def post(self, request: Request, contact_id: str) -> Response:
        edit = Edit(add_groups=self.listed("groupIds", identifiers))
        return self.answer_edited(contact_id, edit)

    @described(
        "Remove a contact from groups",
        body=serializers.GroupIds,
        answer=serializers.ContactObject,
        errors=(400, 404),
    )
    def delete(self, request: Request, contact_id: str) -> Response:
        edit = Edit(remove_groups=self.listed("groupIds", identifiers))
        return self.answer_edited(contact_id, edit)


class ContactTags(_ContactLinks):
    @described(
        "Add tags to a contact",
        body=serializers.TagNames,
        answer=serializers.ContactObject,
        errors=(400, 404),
    )
    def post(self, request: Request, contact_id: str) -> Response:
        return self.answer_edited(contact_id, Edit(add_tags=self.listed("tags", tag_names)))

    @described(
        "Remove tags from a contact",
        body=serializers.TagNames,
        answer=serializers.ContactObject,
        errors=(400, 404),
    )
    def delete(self, request: Request, contact_id: str) -> Response:
        return self.answer_edited(contact_id, Edit(remove_tags=self.listed("tags", tag_names)))
