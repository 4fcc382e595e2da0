"""Exact totals that are counted once and remembered until the workspace changes.

An exact COUNT is most of what a list costs. Each committed change raises the workspace's revision, so a total
under the revision that a request has read is never older than that request.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from fluenzr_site.workspaces.models import Workspace

T = TypeVar("T")

_KEPT = 20_000
_remembered: OrderedDict[Hashable, Any] = OrderedDict()
_lock = Lock()


def remembered(workspace: Workspace, question: Hashable, count: Callable[[], T]) -> T:
    """The answer to ``question`` (what is counted, with every filter), from memory or from ``count``."""
    key = (workspace.pk, workspace.revision, question)
    with _lock:
        if key in _remembered:
            _remembered.move_to_end(key)
            known: T = _remembered[key]
            return known
    total = count()
    with _lock:
        _remembered[key] = total
        while len(_remembered) > _KEPT:
            _remembered.popitem(last=False)
    return total
