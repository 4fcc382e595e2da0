"""What a request asks again and again, asked once."""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest

from fluenzr_site.workspaces.current import is_admin

T = TypeVar("T")


def once(request: HttpRequest, name: str, ask: Callable[[], T]) -> T:
    """The answer to ``ask``, kept on the request under ``name``."""
    if not hasattr(request, name):
        setattr(request, name, ask())
    answer: T = getattr(request, name)
    return answer


def administers(request: HttpRequest) -> bool:
    """Whether the person may see keys, members and settings of the workspace."""
    return once(request, "_administers", lambda: is_admin(request))
