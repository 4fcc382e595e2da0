"""What became of one attempt to deliver a webhook."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_SECONDS: Final = re.compile(r"[0-9]{1,12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` is None when no answer came; ``error`` says in a few words what went wrong, "" when nothing did.

    ``retry_after``: what the receiver asked for, in seconds from now or as a moment. ``milliseconds``: until the
    answer's head was there, or the attempt given up. ``body``: the beginning of what it said, at most 2,000 characters.
    """

    status: int | None
    error: str = ""
    retry_after: float | datetime | None = None
    milliseconds: int = 0
    # Of the receiver's own making: nothing for a log.
    body: str = field(default="", repr=False)

    @property
    def ok(self) -> bool:
        """Whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300


def parse_retry_after(text: str) -> float | datetime | None:
    """A Retry-After header: seconds, or the moment of an HTTP date. None for nonsense and the empty text."""
    text = text.strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
