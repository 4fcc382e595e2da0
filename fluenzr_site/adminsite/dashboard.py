"""What the dashboard shows. The apps put their numbers and panels on it; it knows none of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fluenzr_site.workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class Card:
    """One number: what it counts, and the list behind it."""

    title: str
    value: int
    link: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A template and what it needs."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


_cards: list[Callable[[Workspace], list[Card]]] = []
_panels: list[Callable[[Workspace], list[Panel]]] = []


def add_cards(maker: Callable[[Workspace], list[Card]]) -> Callable[[Workspace], list[Card]]:
    _cards.append(maker)
    return maker


def add_panels(maker: Callable[[Workspace], list[Panel]]) -> Callable[[Workspace], list[Panel]]:
    _panels.append(maker)
    return maker


def cards(workspace: Workspace) -> list[Card]:
    return [card for maker in _cards for card in maker(workspace)]


def panels(workspace: Workspace) -> list[Panel]:
    return [panel for maker in _panels for panel in maker(workspace)]
