"""Reading one value of a request's body, so that what is wrong with it is told under its own path."""

from collections.abc import Callable
from typing import Any, TypeVar

from contacts.cleaning import Invalid
from fluenzr_site.api.errors import invalid

T = TypeVar("T")


def taken(value: Any, path: str, read: Callable[[Any], T]) -> T:
    """``read(value)``. What it finds wrong becomes a 400 under ``path``: ``groupIds.3``."""
    try:
        return read(value)
    except Invalid as error:
        raise invalid({f"{path}.{below}".rstrip("."): said for below, said in error.problems.items()}) from error
