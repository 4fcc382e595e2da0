"""Shorthand for the functions that build calls."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from fluenzr._calls import Call, ListCall
from fluenzr._model import Model
from fluenzr._values import path, query_values

M = TypeVar("M", bound=Model)


def one(
    model: type[M],
    method: str,
    *parts: str,
    body: Any = None,
    query: Mapping[str, Any] | None = None,
    key: str | None = None,
) -> Call[M]:
    """A call that answers with one object."""
    return Call(
        method,
        path(*parts),
        lambda answer: model.from_json(answer.data),
        query=query_values(query or {}),
        body=body,
        idempotency_key=key,
    )


def several(model: type[M], *parts: str, query: Mapping[str, Any] | None = None) -> Call[tuple[M, ...]]:
    """A GET that answers with all there is, unpaged."""
    return Call("GET", path(*parts), lambda answer: _all(model, answer.data), query=query_values(query or {}))


def listing(model: type[M], *parts: str, query: Mapping[str, Any]) -> ListCall[M]:
    """A GET that answers with a page."""
    read: Callable[[Any], M] = model.from_json
    return ListCall(path(*parts), read, query=query_values(query))


def _all(model: type[M], data: Any) -> tuple[M, ...]:
    if not isinstance(data, list):
        raise ValueError("the data is not a list")
    return tuple(model.from_json(document) for document in data)
