"""A private copy of JSON that can be stored anywhere, made without trusting its depth, size or values."""

import math
import re
from typing import Any, Final

from campaigns.workflow.graph import InvalidWorkflow
from fluenzr_site.core.saying import say

MAX_DEPTH: Final = 30
MAX_VALUES: Final = 100_000
_MAX_INTEGER: Final = 2**63
_LONGEST_SHOWN: Final = 60
# PostgreSQL's jsonb takes neither NUL nor half of a surrogate pair.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def plain(data: Any) -> Any:
    """A copy of ``data`` (decoded JSON).

    Raises InvalidWorkflow, naming the first such place, for anything nested deeper than 30 levels, more than
    100,000 values in all, NaN and infinity, numbers beyond 64 bits, NUL and broken surrogate pairs in text
    or keys, and objects that aren't JSON.
    """
    return _Copier().copy(data, ())


def shown(text: str) -> str:
    """A text in a message: at most 60 characters, without anything that can't be encoded."""
    short = text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
    return _UNSTORABLE.sub("\ufffd", short)


class _Copier:
    def __init__(self) -> None:
        self.left = MAX_VALUES

    def copy(self, value: Any, path: tuple[str | int, ...]) -> Any:
        self.left -= 1
        if self.left < 0:
            raise _wrong((), say("Must hold at most %(most)s values in all", most=MAX_VALUES))
        if len(path) > MAX_DEPTH:
            raise _wrong(path, say("Must be nested at most %(most)s levels deep", most=MAX_DEPTH))
        if isinstance(value, dict):
            return {_key(key, path): self.copy(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.copy(item, (*path, index)) for index, item in enumerate(value)]
        return _scalar(value, path)


def _key(key: Any, path: tuple[str | int, ...]) -> str:
    if not isinstance(key, str) or _UNSTORABLE.search(key):
        raise _wrong(path, say("Must have keys of text without NUL or broken surrogate pairs"))
    return key


def _scalar(value: Any, path: tuple[str | int, ...]) -> Any:
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            raise _wrong(path, say("Must not contain NUL or broken surrogate pairs"))
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise _wrong(path, say("Must be a finite number"))
        if abs(value) >= _MAX_INTEGER:
            # jsonb gives it back as an integer.
            raise _wrong(path, say("Must be a number of at most 64 bits"))
    elif isinstance(value, int):
        if not -_MAX_INTEGER <= value < _MAX_INTEGER:
            raise _wrong(path, say("Must be a number of at most 64 bits"))
    elif value is not None:
        raise _wrong(path, say("Must be JSON: an object, a list, text, a number, true, false or null"))
    return value


def _wrong(path: tuple[str | int, ...], message: str) -> InvalidWorkflow:
    return InvalidWorkflow({".".join(shown(str(part)) for part in path): [message]})
