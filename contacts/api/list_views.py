"""The lists that ids come from: tags, pipeline stages, custom fields, locations."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api import serializers
from contacts.models import CustomField, Location, PipelineStage, Tag
from fluenzr_site.api import paging
from fluenzr_site.api.openapi import LIST_PARAMETERS, described
from fluenzr_site.api.paging import SortField
from fluenzr_site.api.views import ApiView, ok

Documents = Callable[[Any], dict[str, Any]]


class _Listing(ApiView):
    """A page of one model's rows. ``default_sort`` is the order people know them in."""

    model: ClassVar[Any]
    sorts: ClassVar[Mapping[str, SortField]]
    default_sort: ClassVar[str]

    def document(self, row: Any) -> dict[str, Any]:
        raise TypeError("each list says how its rows look")

    def answer(self, request: Request) -> Response:
        values = request.query_params.dict()
        values.setdefault("sort", self.default_sort)
        asked = paging.page_request(values, self.sorts)
        rows = self.model.objects.of(self.workspace)
        page = paging.take(rows, asked, values["sort"])
        found = rows.in_bulk(page.ids)
        documents = [self.document(found[identifier]) for identifier in page.ids if identifier in found]
        return ok(documents, meta=paging.meta(asked, page, rows.count()))


class TagList(_Listing):
    model = Tag
    sorts: ClassVar = {"name": SortField("name", folded=True), "createdAt": SortField("id")}
    default_sort = "name"

    @described("List tags", answer=serializers.TagObject, many=True, parameters=LIST_PARAMETERS)
    def get(self, request: Request) -> Response:
        return self.answer(request)

    def document(self, row: Tag) -> dict[str, Any]:
        return {"id": row.pk, "name": row.name}


class StageList(_Listing):
    model = PipelineStage
    sorts: ClassVar = {"position": SortField("position", kind=int), "name": SortField("name", folded=True)}
    default_sort = "position"

    @described("List pipeline stages", answer=serializers.StageObject, many=True, parameters=LIST_PARAMETERS)
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


class CustomFieldList(_Listing):
    model = CustomField
    sorts: ClassVar = {"position": SortField("position", kind=int), "key": SortField("key", folded=True)}
    default_sort = "position"

    @described("List custom fields", answer=serializers.CustomFieldObject, many=True, parameters=LIST_PARAMETERS)
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


class LocationList(_Listing):
    model = Location
    sorts: ClassVar = {"title": SortField("title", folded=True), "createdAt": SortField("id")}
    default_sort = "title"

    @described("List locations", answer=serializers.LocationObject, many=True, parameters=LIST_PARAMETERS)
    def get(self, request: Request) -> Response:
        return self.answer(request)

    def document(self, row: Location) -> dict[str, Any]:
        return {"id": row.pk, "title": row.title}
