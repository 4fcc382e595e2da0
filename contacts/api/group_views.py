"""Groups of the FluenzR dialect, and who is in them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from contacts import queries
from contacts.api import serializers
from contacts.api.bodies import taken
from contacts.api.filters import MOST_TEXT
from contacts.api.filters import SORTS as CONTACT_SORTS
from contacts.api.listing import PAGING, answer_page
from contacts.api.serializers import GroupUpdate, GroupWrite, group_document
from contacts.changes import groups as changes
from contacts.changes.contacts import Unknown
from contacts.changes.groups import MembershipResult, NameTaken
from contacts.cleaning import Invalid, identifiers
from contacts.models import Group, GroupMembership
from fluenzr_site.api import paging, totals
from fluenzr_site.api.errors import ApiError, invalid, not_found
from fluenzr_site.api.openapi import NO_NUL, described, listing, or_blank, query
from fluenzr_site.api.paging import SortField
from fluenzr_site.api.views import ApiView, ok
from fluenzr_site.workspaces.models import Workspace

SORTS = {
    "createdAt": SortField("id"),
    "updatedAt": SortField("updated_at", kind=datetime),
    "name": SortField("name", folded=True),
    "type": SortField("type"),
}
MOST = 1000
NO_SUCH_GROUP = "Group not found"


def contact_counts(workspace: Workspace, group_ids: list[str]) -> dict[str, int]:
    """How many contacts are in each group, exactly, in at most one query."""

    def counted() -> dict[str, int]:
        links = GroupMembership.objects.filter(group_id__in=group_ids)
        rows = links.values_list("group_id").annotate(contacts=Count("contact_id"))
        return dict(rows)

    return totals.remembered(workspace, ("group-counts", tuple(group_ids)), counted)


def group_documents(workspace: Workspace, groups: list[Group]) -> list[dict[str, Any]]:
    counts = contact_counts(workspace, [group.pk for group in groups]) if groups else {}
    return [group_document(group, counts.get(group.pk, 0)) for group in groups]


class _GroupView(ApiView):
    def group(self, group_id: str) -> Group:
        found = Group.objects.one_of(self.workspace, group_id)
        if found is None:
            raise not_found(NO_SUCH_GROUP)
        return found

    def answer_group(self, group: Group, status: int = 200) -> Response:
        # Just written, perhaps: what was remembered under the old revision is not asked.
        count = group.memberships.count()
        return ok(group_document(group, count), status=status)

    def edited(self, edit: Callable[..., MembershipResult], group: Group) -> MembershipResult:
        contact_ids = self.contact_ids()
        try:
            return edit(group, contact_ids, by=self.actor)
        except Invalid as error:
            # The only id that the edit looks up beside the contacts' is the group's.
            raise not_found(NO_SUCH_GROUP) from error

    def contact_ids(self) -> list[str]:
        found = taken(self.body.get("contactIds"), "contactIds", identifiers)
        if not 1 <= len(found) <= MOST:
            raise invalid({"contactIds": [f"contactIds must have 1 to {MOST} ids"]})
        return found


class GroupList(_GroupView):
    @described(
        "List groups",
        answer=serializers.GroupObject,
        many=True,
        parameters=[
            *listing(SORTS),
            query("name", "Part of the name", {"type": "string", "pattern": NO_NUL, "maxLength": MOST_TEXT}),
            query("type", "Of this type", or_blank({"type": "string", "enum": Group.Type.values})),
        ],
    )
    def get(self, request: Request) -> Response:
        parameters = request.query_params
        groups: QuerySet[Group] = Group.objects.of(self.workspace)
        if parameters.get("name"):
            if len(parameters["name"]) > MOST_TEXT:
                raise invalid({"name": [f"name must be at most {MOST_TEXT} characters"]})
            groups = groups.filter(name__icontains=parameters["name"])
        if parameters.get("type"):
            if parameters["type"] not in Group.Type.values:
                raise invalid({"type": ["type must be one of: static, dynamic"]})
            groups = groups.filter(type=parameters["type"])
        asked = paging.page_request(parameters, SORTS)
        page = paging.take(groups, asked, parameters.get("sort"))
        rows = Group.objects.of(self.workspace).in_bulk(page.ids)
        documents = group_documents(self.workspace, [rows[identifier] for identifier in page.ids if identifier in rows])
        return ok(documents, meta=paging.meta(asked, page, groups.count()))

    @described(
        "Create a group",
        body=serializers.GroupWrite,
        answer=serializers.GroupObject,
        status=201,
        errors=(400, 409),
    )
    def post(self, request: Request) -> Response:
        write = GroupWrite(data=self.body)
        write.is_valid(raise_exception=True)
        try:
            group = changes.create_group(self.workspace, write.validated_data)
        except NameTaken as error:
            raise ApiError(409, str(error), details={"name": [str(error)]}) from error
        return self.answer_group(group, status=201)


class GroupDetail(_GroupView):
    @described("Get a group", answer=serializers.GroupObject, errors=(404,))
    def get(self, request: Request, group_id: str) -> Response:
        return self.answer_group(self.group(group_id))

    @described(
        "Update a group",
        body=serializers.GroupUpdate,
        answer=serializers.GroupObject,
        errors=(400, 404, 409),
    )
    def put(self, request: Request, group_id: str) -> Response:
        group = self.group(group_id)
        write = GroupUpdate(data=self.body)
        write.is_valid(raise_exception=True)
        try:
            return self.answer_group(changes.update_group(group, write.validated_data))
        except Unknown as error:
            raise not_found(NO_SUCH_GROUP) from error
        except NameTaken as error:
            raise ApiError(409, str(error), details={"name": [str(error)]}) from error

    @described(
        "Update a group (PATCH)",
        body=serializers.GroupUpdate,
        answer=serializers.GroupObject,
        errors=(400, 404, 409),
    )
    def patch(self, request: Request, group_id: str) -> Response:
        return self.put(request, group_id)

    @described("Delete a group; its contacts stay", answer=serializers.Deleted, errors=(404,))
    def delete(self, request: Request, group_id: str) -> Response:
        changes.delete_group(self.group(group_id), by=self.actor)
        return ok({"id": group_id, "deleted": True})


class GroupContacts(_GroupView):
    @described(
        "List a group's contacts",
        answer=serializers.ContactObject,
        many=True,
        parameters=listing(CONTACT_SORTS),
        errors=(404,),
    )
    def get(self, request: Request, group_id: str) -> Response:
        group = self.group(group_id)
        asked = {name: request.query_params[name] for name in PAGING if name in request.query_params}
        contacts = queries.in_groups(queries.contacts_of(self.workspace), [group.pk])
        return answer_page(self.workspace, contacts, asked, ("group", group.pk))

    @described(
        "Add contacts to a group",
        body=serializers.ContactIds,
        answer=serializers.MembershipAnswer,
        errors=(400, 404),
    )
    def post(self, request: Request, group_id: str) -> Response:
        group = self.group(group_id)
        result = self.edited(changes.add_contacts, group)
        return ok({"added": result.changed, "skipped": result.skipped, "errors": _unknown(result.unknown)})

    @described(
        "Remove contacts from a group",
        body=serializers.ContactIds,
        answer=serializers.MembershipRemoval,
        errors=(400, 404),
    )
    def delete(self, request: Request, group_id: str) -> Response:
        group = self.group(group_id)
        result = self.edited(changes.remove_contacts, group)
        return ok({"removed": result.changed, "skipped": result.skipped, "errors": _unknown(result.unknown)})


def _unknown(contact_ids: tuple[str, ...]) -> list[dict[str, str]]:
    return [
        {"contactId": contact_id, "code": "NOT_FOUND", "message": f"Unknown contact: {contact_id}"}
        for contact_id in contact_ids
    ]
