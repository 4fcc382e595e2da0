"""Contacts of the messaging dialect: bare JSON on success, everything else as in the FluenzR dialect."""

from collections.abc import Mapping
from typing import Any, Final

from rest_framework.request import Request
from rest_framework.response import Response

from contacts import queries
from contacts.changes import contacts as changes
from contacts.changes.contacts import Edit, NumberTaken, Unknown
from contacts.cleaning import Draft, Invalid
from contacts.documents import Document
from contacts.messaging import bodies, serializers
from contacts.messaging.documents import messaging_documents
from contacts.models import PipelineStage
from contacts.queries import Contacts
from fluenzr_site.api.authentication import HeaderKey
from fluenzr_site.api.errors import ApiError, invalid, not_found
from fluenzr_site.api.openapi import JsonSchema, described, or_blank, query
from fluenzr_site.api.paging import UNSTORABLE, whole_number
from fluenzr_site.api.views import ApiView
from fluenzr_site.workspaces.models import Workspace

NO_SUCH_CONTACT: Final = "Contact not found"
_MAX_PAGE: Final = 10**12


def _numbers(*, most: int, default: int) -> JsonSchema:
    return or_blank({"type": "integer", "minimum": 1, "maximum": most, "default": default})


FILTERS: Final = [
    query("limit", "How many", or_blank({"type": "integer", "minimum": 1, "maximum": 100, "default": 20})),
    query(
        "page", "Page number, from 1", or_blank({"type": "integer", "minimum": 1, "maximum": _MAX_PAGE, "default": 1})
    ),
    query("tags", "Names with commas between; any of them will do"),
    query("locationId", "At this location", {"type": "string", "format": "location-id"}),
    query("channel", "From this channel, whatever its case"),
    query("searchText", "Part of the name, the phone number or the notes, whatever its case"),
]


class MessagingView(ApiView):
    section = "messaging contacts"
    authentication_classes = (HeaderKey,)

    def document(self, contact_id: str) -> Document:
        """The contact object. Raises ApiError 404."""
        found = messaging_documents(queries.contacts_of(self.workspace).filter(pk=contact_id))
        if not found:
            raise not_found(NO_SUCH_CONTACT)
        return found[0]

    def draft(self, contact_id: Any) -> Draft:
        """What the body says of a contact, which may be one that is there."""
        readable = isinstance(contact_id, str) and not UNSTORABLE.search(contact_id)
        present = messaging_documents(queries.contacts_of(self.workspace).filter(pk=contact_id)) if readable else []
        try:
            return bodies.clean(self.body, _stages(self.workspace), present[0] if present else None)
        except Invalid as error:
            raise invalid(error.problems) from error


def _stages(workspace: Workspace) -> dict[str, str]:
    return dict(PipelineStage.objects.of(workspace).order_by("position", "id").values_list("name", "id"))


class ContactList(MessagingView):
    @described(
        "Find contacts", answer=serializers.MessagingContact, many=True, bare=True, parameters=FILTERS, errors=(404,)
    )
    def get(self, request: Request) -> Response:
        values = request.query_params
        limit = whole_number(values.get("limit") or 20, "limit", 1, 100)
        start = (whole_number(values.get("page") or 1, "page", 1, _MAX_PAGE) - 1) * limit
        contacts = _filtered(self.workspace, values).order_by("-id")[start : start + limit]
        return Response(messaging_documents(contacts))

    @described(
        "Add or update a contact by id or number",
        body=serializers.MessagingContactWrite,
        answer=serializers.MessagingContact,
        bare=True,
        errors=(400, 409),
    )
    def post(self, request: Request) -> Response:
        contact_id = self.body.get("id")
        draft = self.draft(contact_id)
        try:
            written = changes.save_by_number(self.workspace, contact_id, draft, by=self.actor)
        except Invalid as error:
            raise invalid(error.problems) from error
        except NumberTaken as error:
            raise _taken(error) from error
        return Response(self.document(written))


def _filtered(workspace: Workspace, values: Mapping[str, Any]) -> Contacts:
    """The contacts that the query parameters ask for; a blank one asks for nothing. Raises ApiError 404."""
    contacts = queries.contacts_of(workspace)
    names = [name for name in values.get("tags", "").split(",") if name.strip()]
    if names:
        contacts = queries.with_tags(contacts, names)
    location_id = values.get("locationId")
    if location_id:
        if not queries.has_location(workspace, location_id):
            raise not_found(f"Unknown location: {location_id}")
        contacts = queries.at_location(contacts, location_id)
    if values.get("channel"):
        contacts = queries.from_channel(contacts, values["channel"].strip())
    text = values.get("searchText", "").strip()
    return queries.spoken_of(contacts, text) if text else contacts


def _taken(error: NumberTaken) -> ApiError:
    return ApiError(409, str(error), details={"phoneNumber": [str(error)]})


class ContactDetail(MessagingView):
    @described("Get a contact by its id", answer=serializers.MessagingContact, bare=True, errors=(404,))
    def get(self, request: Request, contact_id: str) -> Response:
        return Response(self.document(contact_id))

    @described(
        "Change a contact",
        body=serializers.MessagingContactUpdate,
        answer=serializers.MessagingContact,
        bare=True,
        errors=(400, 404, 409),
    )
    def put(self, request: Request, contact_id: str) -> Response:
        try:
            changes.update(self.workspace, contact_id, self.draft(contact_id), by=self.actor)
        except Unknown as error:
            raise not_found(NO_SUCH_CONTACT) from error
        except Invalid as error:
            raise invalid(error.problems) from error
        except NumberTaken as error:
            raise _taken(error) from error
        return Response(self.document(contact_id))

    @described(
        "Change a contact (PATCH)",
        body=serializers.MessagingContactUpdate,
        answer=serializers.MessagingContact,
        bare=True,
        errors=(400, 404, 409),
    )
    def patch(self, request: Request, contact_id: str) -> Response:
        return self.put(request, contact_id)

    @described("Remove a contact", answer=serializers.MessagingDeleted, bare=True, errors=(404,))
    def delete(self, request: Request, contact_id: str) -> Response:
        if not changes.delete_many(self.workspace, [contact_id], by=self.actor):
            raise not_found(NO_SUCH_CONTACT)
        return Response({"success": True})


class _Tags(MessagingView):
    """Both calls answer with the tags that the contact then has."""

    def names(self) -> tuple[str, ...]:
        try:
            return bodies.tags_of(self.body)
        except Invalid as error:
            raise invalid(error.problems) from error

    def answer(self, contact_id: str, edit: Edit) -> Response:
        if not queries.contacts_of(self.workspace).filter(pk=contact_id).exists():
            raise not_found(NO_SUCH_CONTACT)
        try:
            changes.edit_many(self.workspace, [contact_id], edit, by=self.actor)
        except Invalid as error:
            raise invalid(error.problems) from error
        document = self.document(contact_id)
        return Response({"id": contact_id, "tags": document["tags"]})


class AddTags(_Tags):
    @described(
        "Add tags to a contact's own",
        body=serializers.MessagingTagNames,
        answer=serializers.MessagingTags,
        bare=True,
        errors=(400, 404),
    )
    def post(self, request: Request, contact_id: str) -> Response:
        return self.answer(contact_id, Edit(add_tags=self.names()))


class RemoveTags(_Tags):
    @described(
        "Remove tags from a contact's own",
        body=serializers.MessagingTagNames,
        answer=serializers.MessagingTags,
        bare=True,
        errors=(400, 404),
    )
    def post(self, request: Request, contact_id: str) -> Response:
        return self.answer(contact_id, Edit(remove_tags=self.names()))
