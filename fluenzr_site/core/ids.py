"""Prefixed identifiers, which are the primary keys: ``con_`` and 20 characters of time, then chance.

An id is 48 bits of milliseconds followed by 52 random bits, written in 20 characters of an alphabet whose
order as text is its order as a number. So ids sort by time of making, on any database, and a page of a list
can begin at an id. Ids made in one process never decrease, even when its clock is set back.
"""

import secrets
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import models

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH: Final = 20
_RANDOM_BITS: Final = 52
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}


class _Sequence:
    """The process's last id as a number; each one handed out is greater than the one before.

    Within a batch by a step of up to 32 bits, so that nobody guesses the next id from this one.
    """

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def take(self, count: int) -> list[int]:
        fresh = (time.time_ns() // 1_000_000) << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS - 1)
        chance = secrets.token_bytes(4 * count)
        steps = [int.from_bytes(chance[i : i + 4]) + 1 for i in range(0, 4 * count, 4)]
        numbers = []
        with self._lock:
            number = max(fresh, self._last)
            for step in steps:
                number += step
                numbers.append(number)
            self._last = number
        return numbers


_sequence = _Sequence()


# Two characters at a time: half the steps, and ids are made by the million.
_PAIRS: Final = [first + second for first in ALPHABET for second in ALPHABET]
_SHIFTS: Final = range(10 * (LENGTH // 2 - 1), -1, -10)


def _encode(number: int) -> str:
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])


def new(prefix: str) -> str:
    """One new id, such as ``con_06dq…``."""
    return new_batch(prefix, 1)[0]


def new_batch(prefix: str, count: int) -> list[str]:
    """``count`` new ids in ascending order."""
    return [f"{prefix}_{_encode(number)}" for number in _sequence.take(count)]


def made_at(identifier: str) -> datetime:
    """When an id was made, to the millisecond, in UTC. Raises ValueError for what isn't an id."""
    body = identifier.partition("_")[2]
    if len(body) != LENGTH or not set(body) <= _VALUES.keys():
        raise ValueError(f"not an id: {identifier!r}")
    number = 0
    for character in body:
        number = number << 5 | _VALUES[character]
    return datetime.fromtimestamp((number >> _RANDOM_BITS) / 1000, UTC)


def first_at(prefix: str, moment: datetime) -> str:
    """The smallest id that can be made at ``moment`` or later: turns a date filter into a range of ids."""
    milliseconds = max(0, int(moment.timestamp() * 1000))
    return f"{prefix}_{_encode(milliseconds << _RANDOM_BITS)}"


if TYPE_CHECKING:
    _CharField = models.CharField[str, str]
else:
    _CharField = models.CharField


class IdField(_CharField):
    """A primary key of this kind. Compared byte by byte ("C") on PostgreSQL, so both databases sort alike."""

    def __init__(self, *args: Any, prefix: str = "", **kwargs: Any) -> None:
        self.prefix = prefix
        kwargs.setdefault("max_length", len(prefix) + 1 + LENGTH)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "prefix": self.prefix}

    def get_default(self) -> str:
        return new(self.prefix)

    def db_type(self, connection: Any) -> str | None:
        kind = super().db_type(connection)
        return f'{kind} COLLATE "C"' if kind and connection.vendor == "postgresql" else kind

    def rel_db_type(self, connection: Any) -> str | None:
        return self.db_type(connection)
