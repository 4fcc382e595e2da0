"""The filters above a list: of each few choices one is chosen, and its address keeps the other filters."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

#: How much of what an address asks is looked at.
MOST_ASKED: Final = 100
T = TypeVar("T", bound=str)


@dataclass(frozen=True, slots=True)
class Choice:
    """``count`` is how many it finds; None where nobody counted."""

    label: object
    address: str
    is_chosen: bool
    count: int | None = None


def choices(
    offered: Iterable[tuple[str, object]],
    chosen: str,
    parameter: str,
    kept: Mapping[str, str],
    count: Callable[[str], int | None] = lambda _value: None,
) -> list[Choice]:
    """One for each value offered; ``kept`` are the page's other filters, of which the empty ones go."""
    return [
        Choice(label, "?" + urlencode(without_empty({**kept, parameter: value})), value == chosen, count(value))
        for value, label in offered
    ]


def without_empty(query: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if value}


def asked_choice(asked: Mapping[str, Any], parameter: str, offered: Iterable[T]) -> T | str:
    """What the address chose, empty where that isn't offered."""
    value = asked.get(parameter, "")
    return value if value in set(offered) else ""


def typed(asked: Mapping[str, Any], name: str = "q", most: int = MOST_ASKED) -> str:
    """What was typed, a search unless ``name`` says otherwise: without what no database takes, nor blanks around it."""
    return str(asked.get(name, "")).replace("\0", "").strip()[:most]
