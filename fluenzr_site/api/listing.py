"""Plain lists of one model's rows: the lists that ids come from."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from fluenzr_site.api import paging
from fluenzr_site.api.paging import SortField
from fluenzr_site.api.views import ApiView, ok


class Listing(ApiView):
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
