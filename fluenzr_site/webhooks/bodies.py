"""The bytes of a webhook's body, such that parsing and writing them again in JavaScript gives the same bytes.

Many receivers check the signature of ``JSON.stringify(request.body)`` instead of what came. So this writes JSON as
ECMAScript does: numbers, the order of keys that are array indices, escapes.
"""

import json
import math
import re
from datetime import datetime
from typing import Any, Final

import orjson

from fluenzr_site.core import clock

# From here on JavaScript drops digits.
_MOST_SAFE: Final = 2**53
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_MOST_INDEX: Final = 2**32 - 2
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def body(event_id: str, type_: str, at: datetime, data: str) -> bytes:
    """``{id, type, timestamp, data}``; ``data`` is JSON. Raises ValueError when it isn't.

    Integers past 2^53 become text, which keeps their digits; lone surrogates, which no other language reads, U+FFFD;
    of a key that comes twice the last value counts; what JSON can't say (NaN, 1e999) becomes null.
    """
    envelope = {"id": event_id, "type": type_, "timestamp": clock.iso(at), "data": orjson.Fragment(_rewritten(data))}
    return orjson.dumps(envelope)


def _rewritten(text: str) -> bytes:
    value = _decoder.decode(text)
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return orjson.dumps(_without_surrogates(value))


def _ordered(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Array indices first, ascending, as JavaScript's objects hold them; the others as they came."""
    found = dict(pairs)
    indices = [key for key in found if _is_index(key)]
    if not indices:
        return found
    first = {key: found[key] for key in sorted(indices, key=int)}
    return first | {key: value for key, value in found.items() if key not in first}


def _is_index(key: str) -> bool:
    return key[:1].isdigit() and _INDEX.fullmatch(key) is not None and int(key) <= _MOST_INDEX


def _integer(text: str) -> int | str:
    """Not through ``int`` before its length is known: it has a limit of its own."""
    if len(text) > 17:
        return text
    value = int(text)
    return value if -_MOST_SAFE <= value <= _MOST_SAFE else text


def _float(text: str) -> orjson.Fragment | None:
    value = float(text)
    return orjson.Fragment(_ecmascript(value)) if math.isfinite(value) else None


def _ecmascript(value: float) -> str:
    """As Number::toString writes it. The digits are Python's, which are the same shortest ones."""
    if value == 0:
        return "0"
    mantissa, _, power = f"{value!r}e".partition("e")
    sign, mantissa = ("-", mantissa[1:]) if value < 0 else ("", mantissa)
    whole, _, fraction = mantissa.partition(".")
    # The value is 0.digits × 10^point.
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(power.rstrip("e") or 0) - (len(whole + fraction) - len(digits))
    return sign + _placed(digits.rstrip("0"), point)


def _placed(digits: str, point: int) -> str:
    if len(digits) <= point <= 21:
        return digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{rest}e{point - 1:+d}"


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(each) for each in value]
    if isinstance(value, dict):
        return _ordered([(_without_surrogates(key), _without_surrogates(each)) for key, each in value.items()])
    return value


_decoder: Final = json.JSONDecoder(
    object_pairs_hook=_ordered, parse_int=_integer, parse_float=_float, parse_constant=lambda _: None
)
