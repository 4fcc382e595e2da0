"""A call of the API as a value: what to send, and how to read what comes back. Nothing here does I/O."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """The envelope of a success."""

    data: Any
    meta: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request. ``path`` stands below the base URL; a ``body`` of None is no body.

    ``only_reads``: a POST that changes nothing, so that it needs no idempotency key.
    """

    method: str
    path: str
    read: Callable[[Answer], T]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    idempotency_key: str | None = None
    only_reads: bool = False


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """One page's items and what the server says of it."""

    items: tuple[T, ...]
    page: int
    per_page: int
    total: int
    total_pages: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ListCall(Generic[T]):
    """A request for one page of a list, which knows the request for the page after it.

    A list that is asked by POST turns pages by their number, any other by cursor, which stays cheap however deep and
    misses nobody while others write. A server that gives no cursor is asked by number.
    """

    path: str
    item: Callable[[Any], T]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None

    def first(self) -> Call[Slice[T]]:
        """The request for the page that this stands for."""
        method = "GET" if self.body is None else "POST"
        return Call(method, self.path, self._read, query=self.query, body=self.body, only_reads=True)

    def after(self, seen: Slice[T]) -> "ListCall[T] | None":
        """The call for the page after ``seen``; None at the end."""
        if self.body is not None:
            more = seen.items and seen.page < seen.total_pages
            return replace(self, body={**self.body, "page": seen.page + 1}) if more else None
        if seen.next_cursor is not None:
            kept = {name: value for name, value in self.query.items() if name != "page"}
            return replace(self, query={**kept, "cursor": seen.next_cursor})
        if "cursor" not in self.query and seen.items and seen.page < seen.total_pages:
            return replace(self, query={**self.query, "page": str(seen.page + 1)})
        return None

    def _read(self, answer: Answer) -> Slice[T]:
        if not isinstance(answer.data, list):
            raise ValueError("the data is not a list")
        items = tuple(self.item(document) for document in answer.data)
        numbers = {name: value for name, value in answer.meta.items() if isinstance(value, int)}
        cursor = answer.meta.get("nextCursor")
        per_page = numbers.get("perPage", len(items))
        total = numbers.get("total", len(items))
        return Slice(
            items=items,
            page=numbers.get("page", 1),
            per_page=per_page,
            total=total,
            # Not in every document of the API: reckoned when it isn't sent.
            total_pages=numbers.get("totalPages", -(-total // per_page) if per_page else 0),
            next_cursor=cursor if isinstance(cursor, str) and cursor else None,
        )
