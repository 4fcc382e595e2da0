"""Pages by number, as documented, and by cursor, at one cost however deep."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower

from fluenzr_site.api.errors import invalid

DEFAULT_PER_PAGE: Final = 20
MAX_PER_PAGE: Final = 100
# OFFSET and COUNT are 64-bit in both databases.
_MAX_PAGE: Final = 10**12
_LARGEST_INTEGER: Final = 2**31 - 1
UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class SortField:
    """What a field of the API is sorted by: a column of ``kind``; ``folded`` sorts text without case."""

    column: str
    folded: bool = False
    kind: type = str

    @property
    def alias(self) -> str:
        return "sorted_by"

    @property
    def expression(self) -> Any:
        return Lower(self.column) if self.folded else F(self.column)


NEWEST: Final = SortField("id")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page that was asked for, by number or after a cursor, and its order."""

    page: int
    per_page: int
    sort: SortField
    descending: bool
    after: tuple[Any, str] | None = None
    by_cursor: bool = False

    @property
    def order(self) -> list[Any]:
        """Ties are broken by id. What has no value counts as greatest, as PostgreSQL's indexes have it."""
        by_id = "-id" if self.descending else "id"
        if self.sort.column == "id":
            return [by_id]
        value = F(self.sort.alias)
        return [value.desc(nulls_first=True) if self.descending else value.asc(nulls_last=True), by_id]


def whole_number(value: Any, name: str, least: int, most: int) -> int:
    """``value`` as an integer within bounds. Raises ApiError 400 naming the parameter."""
    text = str(value).strip()
    digits = text.isascii() and text.isdigit() and len(text) <= 15
    if isinstance(value, bool) or not digits or not least <= int(text) <= most:
        bound = f"from {least} to {most}" if most < _MAX_PAGE else f"from {least}"
        raise invalid({name: [f"{name} must be a whole number {bound}"]})
    return int(text)


def page_request(values: Mapping[str, Any], sorts: Mapping[str, SortField]) -> PageRequest:
    """The page that query parameters (or a body's) ask for. Raises ApiError 400 naming the bad one."""
    sort_name, order = values.get("sort"), values.get("order")
    if sort_name is not None and (not isinstance(sort_name, str) or sort_name not in sorts):
        raise invalid({"sort": [f"sort must be one of: {', '.join(sorts)}"]})
    if order is not None and order not in ("asc", "desc"):
        raise invalid({"order": ["order must be asc or desc"]})
    sort = sorts[sort_name] if sort_name is not None else NEWEST
    descending = order == "desc" if order is not None else sort_name is None
    cursor = values.get("cursor")
    return PageRequest(
        page=whole_number(values.get("page", 1), "page", 1, _MAX_PAGE),
        per_page=whole_number(values.get("perPage", DEFAULT_PER_PAGE), "perPage", 1, MAX_PER_PAGE),
        sort=sort,
        descending=descending,
        after=_decode(cursor, sort_name, sort, descending) if cursor else None,
        by_cursor=cursor is not None,
    )


@dataclass(slots=True)
class Page:
    """The ids of a page in order, and what follows it."""

    ids: list[str]
    next_cursor: str | None


def take(queryset: "QuerySet[Any, Any]", request: PageRequest, sort_name: str | None) -> Page:
    """The page's ids in one query; one more row than asked for tells whether there is a next page."""
    if request.sort.column != "id":
        queryset = queryset.annotate(sorted_by=request.sort.expression)
    if request.after is not None:
        queryset = queryset.filter(_beyond(request))
    start = 0 if request.by_cursor else (request.page - 1) * request.per_page
    wanted = queryset.order_by(*request.order)[start : start + request.per_page + 1]
    columns = ("id",) if request.sort.column == "id" else ("id", request.sort.alias)
    rows = list(wanted.values_list(*columns))
    more = len(rows) > request.per_page
    rows = rows[: request.per_page]
    cursor = _encode(rows[-1], sort_name, request.descending) if more and rows else None
    return Page([row[0] for row in rows], cursor)


def _beyond(request: PageRequest) -> Q:
    value, identifier = request.after or (None, "")
    comparison = "lt" if request.descending else "gt"
    later_id = Q(**{f"id__{comparison}": identifier})
    if request.sort.column == "id":
        return later_id
    alias = request.sort.alias
    nothing = Q(**{f"{alias}__isnull": True})
    if value is None:
        return (nothing & later_id) | ~nothing if request.descending else nothing & later_id
    beyond = Q(**{f"{alias}__{comparison}": value}) | (Q(**{alias: value}) & later_id)
    return beyond if request.descending else beyond | nothing


def _encode(row: Sequence[Any], sort_name: str | None, descending: bool) -> str:
    value = row[1] if len(row) > 1 else None
    if isinstance(value, datetime):
        value = value.astimezone(UTC).isoformat()
    packed = orjson.dumps([sort_name, descending, value, row[0]])
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _decode(cursor: Any, sort_name: str | None, sort: SortField, descending: bool) -> tuple[Any, str]:
    """The last row's value and id. Anybody can write a cursor, so each part is checked."""
    try:
        padded = str(cursor) + "=" * (-len(str(cursor)) % 4)
        name, was_descending, value, identifier = orjson.loads(base64.urlsafe_b64decode(padded))
        if (name, was_descending) != (sort_name, descending) or not isinstance(identifier, str):
            raise ValueError("not a cursor of this list")
        return _sort_value(value, sort), storable(identifier)
    except (ValueError, TypeError, OverflowError):
        message = "cursor must be the meta.nextCursor of a page with the same sort and order"
        raise invalid({"cursor": [message]}) from None


def _sort_value(value: Any, sort: SortField) -> Any:
    if value is None:
        return None
    if sort.kind is datetime:
        return datetime.fromisoformat(value).astimezone(UTC)
    if type(value) is not sort.kind or (isinstance(value, int) and abs(value) > _LARGEST_INTEGER):
        raise ValueError("not a value of this field")
    return storable(value) if isinstance(value, str) else value


def storable(text: str) -> str:
    """The text itself. Raises ValueError for what no database holds: NUL, half of a surrogate pair."""
    if UNSTORABLE.search(text):
        raise ValueError("no database holds this text")
    return text


def meta(request: PageRequest, page: Page, total: int) -> dict[str, Any]:
    """The list's ``meta``, with the exact total and the way on."""
    return {
        "page": request.page,
        "perPage": request.per_page,
        "total": total,
        "totalPages": -(-total // request.per_page),
        "nextCursor": page.next_cursor,
    }
