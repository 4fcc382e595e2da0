"""Compares a contact's field with the value a condition names."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

_NUMBER: Final = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?(e[+-]?\d{1,3})?", re.IGNORECASE)
_LONGEST_DATE: Final = 40


def holds(operator: str, held: Any, wanted: Any) -> bool:
    """Whether what a field holds (None where it is missing, which is empty) compares so with ``wanted``.

    ``equals``, ``not_equals`` and ``contains`` compare text without case. ``greater`` and ``less`` compare
    numbers where both are, ISO dates where both are, else text; an empty field is neither. Lists read as
    their items between commas. Raises KeyError for an unknown operator.
    """
    return _OPERATORS[operator](text(held), text(wanted))


def text(value: Any) -> str:
    """A value as text that can be compared: trimmed, without case, one spelling of accented letters."""
    if value is None:
        return ""
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(text(item) for item in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, date):
        value = value.isoformat()
    # Folding can leave letters apart that belong together again.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", str(value)).casefold()).strip()


def _order(held: str, wanted: str) -> int:
    """Below 0, 0 or above: less, equal, greater."""
    left: Any
    right: Any
    for read in (_number, _moment, str):
        left, right = read(held), read(wanted)
        if left is not None and right is not None:
            break
    if isinstance(left, datetime) and (_is_day(held) or _is_day(wanted)):
        # A day isn't before a moment of the same day.
        left, right = left.date(), right.date()
    return int(left > right) - int(left < right)


def _number(value: str) -> Decimal | None:
    return Decimal(value) if _NUMBER.fullmatch(value) else None


def _moment(value: str) -> datetime | None:
    """An ISO date or date and time; without a zone it is UTC."""
    if len(value) > _LONGEST_DATE:
        return None
    try:
        moment = datetime.fromisoformat(value.upper())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_day(value: str) -> bool:
    """Whether an ISO date names a day only."""
    return ":" not in value and "t" not in value


_OPERATORS: Final[dict[str, Callable[[str, str], bool]]] = {
    "equals": lambda held, wanted: held == wanted,
    "not_equals": lambda held, wanted: held != wanted,
    "contains": lambda held, wanted: wanted in held,
    "is_empty": lambda held, wanted: held == "",
    "greater": lambda held, wanted: held != "" and _order(held, wanted) > 0,
    "less": lambda held, wanted: held != "" and _order(held, wanted) < 0,
}
