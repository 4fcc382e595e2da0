"""The lists that ids come from: tags, pipeline stages, custom fields, locations."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api import serializers
from contacts.models import CustomField, Location, PipelineStage, Tag
from fluenzr_site.api.listing import Listing
from fluenzr_site.api.openapi import described, listing
from fluenzr_site.api.paging import SortField


class TagList(Listing):
    model = Tag
    sorts: ClassVar = {"name": SortField("name", folded=True), "createdAt": SortField("id")}
    default_sort = "name"

    @described("List tags", answer=serializers.TagObject, many=True, parameters=listing(sorts))
    def get(self, request: Request) -> Response:
        return self.answer(request)

    def document(self, row: Tag) -> dict[str, Any]:
        return {"id": row.pk, "name": row.name}


class StageList(Listing):
    model = PipelineStage
    sorts: ClassVar = {"position": SortField("position", kind=int), "name": SortField("name", folded=True)}
    default_sort = "position"

    @described("List pipeline stages", answer=serializers.StageObject, many=True, parameters=listing(sorts))
    def get(self, request: Request) -> Response:
        return self.answer(request)

    def document(self, row: PipelineStage) -> dict[str, Any]:
        return {
            "id": row.pk,
            "name": row.name,
            "color": row.color or None,
            "position": row.position,
            "kind": row.kind,
        }


class CustomFieldList(Listing):
    model = CustomField
    sorts: ClassVar = {"position": SortField("position", kind=int), "key": SortField("key", folded=True)}
    default_sort = "position"

    @described("List custom fields", answer=serializers.CustomFieldObject, many=True, parameters=listing(sorts))
    def get(self, request: Request) -> Response:
        return self.answer(request)

    def document(self, row: CustomField) -> dict[str, Any]:
        return {
            "id": row.pk,
            "key": row.key,
            "label": row.label,
            "type": row.type,
            "required": row.required,
            "default": row.default or None,
            "options": row.options,
        }


class LocationList(Listing):
    model = Location
    sorts: ClassVar = {"title": SortField("title", folded=True), "createdAt": SortField("id")}
    default_sort = "title"

    @described("List locations", answer=serializers.LocationObject, many=True, parameters=listing(sorts))
    def get(self, request: Request) -> Response:
        return self.answer(request)

    def document(self, row: Location) -> dict[str, Any]:
        return {"id": row.pk, "title": row.title}
