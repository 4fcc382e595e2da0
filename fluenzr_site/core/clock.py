"""The one place that asks what time it is, so that a test, or a sandbox, can say otherwise."""

from datetime import UTC, datetime
from functools import lru_cache


def now() -> datetime:
    """The present moment, with its zone (UTC)."""
    return datetime.now(UTC)


@lru_cache(maxsize=4096)
def iso(moment: datetime) -> str:
    """As the API writes times: ISO 8601 in UTC to the second with ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
