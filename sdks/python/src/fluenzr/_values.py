"""From Python's arguments to the API's JSON: names, absent values, times."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Final, TypeAlias, TypeVar
from urllib.parse import quote

from fluenzr._model import Model, camel

T = TypeVar("T")


class NotGiven(Enum):
    """The type of NOT_GIVEN."""

    NOT_GIVEN = "NOT_GIVEN"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "NOT_GIVEN"


#: An argument that wasn't given: the field isn't sent. None is sent, as null, and clears the field.
NOT_GIVEN: Final = NotGiven.NOT_GIVEN
Maybe: TypeAlias = T | NotGiven


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that were given, under the API's names. What is inside a value keeps its own names."""
    return {camel(name): value for name, value in values.items() if value is not NOT_GIVEN}


def inside(value: Any) -> Any:
    """A mapping with snake_case keys under the API's names; anything else as it is."""
    return given(value) if isinstance(value, Mapping) else value


def texts(values: Any, name: str) -> Any:
    """An iterable of text as a list. One bare string is a mistake that would be sent letter by letter."""
    if isinstance(values, str):
        raise TypeError(f"{name} must be a list of text, not one text: [{values!r}]")
    return list(values) if isinstance(values, Iterable) else values


def path(*parts: str) -> str:
    """A path below the base URL. Raises ValueError for an id that would make it another path."""
    for part in parts:
        if not isinstance(part, str):
            raise TypeError(f"An id must be text, not {type(part).__name__}")
        if part.strip() in ("", ".", ".."):
            raise ValueError("An id must not be empty")
    return "/" + "/".join(quote(part, safe="") for part in parts)


def query_values(values: Mapping[str, Any]) -> dict[str, str]:
    """Query parameters as text; those that weren't given, or are None, are left out."""
    return {name: _query_text(value) for name, value in given(values).items() if value is not None}


def to_json(body: Any) -> bytes:
    """A request's body. Raises TypeError or ValueError for what JSON can't say."""
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain).encode()


def _query_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(_plain(value)) if isinstance(value, date) else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("A time must know its zone, as in datetime.now(UTC)")
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Model):
        return value.to_json()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"{type(value).__name__} can't be sent as JSON")
