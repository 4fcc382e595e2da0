"""What a workspace uses of what its plan allows. Who counts a thing says so here; the page knows none of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fluenzr_site.workspaces.models import Workspace

_NEAR = 80


@dataclass(frozen=True, slots=True)
class Use:
    """``used`` None: nothing is counted, the limit holds for each time. ``limit`` None: there is none.

    ``at_limit`` says what happens there.
    """

    title: Any
    used: int | None
    limit: int | None
    at_limit: Any
    #: Where it stands among the others.
    order: int = 0

    @property
    def percent(self) -> int:
        """Never a full bar while there is room."""
        if not self.limit or self.used is None:
            return 0
        return 100 if self.used >= self.limit else min(99, 100 * self.used // self.limit)

    @property
    def is_full(self) -> bool:
        return self.limit is not None and self.used is not None and self.used >= self.limit

    @property
    def is_near(self) -> bool:
        return not self.is_full and self.percent >= _NEAR


_counters: list[Callable[[Workspace], list[Use]]] = []


def add_uses(counter: Callable[[Workspace], list[Use]]) -> Callable[[Workspace], list[Use]]:
    _counters.append(counter)
    return counter


def uses(workspace: Workspace) -> list[Use]:
    return sorted((use for counter in _counters for use in counter(workspace)), key=lambda use: use.order)
