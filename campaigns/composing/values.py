"""What a contact's fields read like in an e-mail, and the filters that change it."""

import math
import re
from collections.abc import Callable, Iterable
from datetime import date
from itertools import islice
from typing import Any, Final

from campaigns.composing.characters import clean

_MOST_ITEMS: Final = 1_000
_ISO_DAY: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ][0-9:.,+\-Z ]{0,40})?")
# Not strftime's, whose names follow the process's locale.
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def text_of(value: Any) -> str:
    """A value as text, trimmed, and empty where there is none. Never raises.

    None and False are empty, so that an unticked box is false in a condition; True is "yes"; whole floats lose
    their ".0"; dates are ISO; lists are their items between commas, empty ones left out.
    """
    if isinstance(value, list | tuple | set | frozenset):
        return _joined(value)
    return _scalar(value)


def _joined(values: Iterable[Any]) -> str:
    return ", ".join(text for text in map(_scalar, islice(values, _MOST_ITEMS)) if text)


def _scalar(value: Any) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    try:
        return clean(_plain(value)).strip()
    except Exception:
        # Whatever an object's own __str__ raises, or an integer of thousands of digits: it has no text.
        return ""


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else str(value)
    return str(value)


def _short(text: str) -> str:
    """ "2026-11-21", with or without a time, as "21 Nov 2026"; any other text as it is."""
    found = _ISO_DAY.fullmatch(text)
    if not found:
        return text
    try:
        day = date.fromisoformat(found[1])
    except ValueError:
        return text
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


FILTERS: Final[dict[str, Callable[[str], str]]] = {"uppercase": str.upper, "lowercase": str.lower, "short": _short}
