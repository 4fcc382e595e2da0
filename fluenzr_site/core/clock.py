"""The one place that asks what time it is, so that a test, or a sandbox, can say otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache

_moved: ContextVar[datetime | None] = ContextVar("moved", default=None)


def now() -> datetime:
    """The present moment, with its zone (UTC)."""
    return _moved.get() or datetime.now(UTC)


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Inside, in this thread alone, it is ``moment``: a sandbox's time."""
    token = _moved.set(moment)
    try:
        yield
    finally:
        _moved.reset(token)


@lru_cache(maxsize=4096)
def iso(moment: datetime) -> str:
    """As the API writes times: ISO 8601 in UTC to the second with ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
