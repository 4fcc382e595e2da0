"""When a webhook is tried again, and when no more."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from fluenzr_site.webhooks.answer import Answer

Outcome = Literal["delivered", "retry", "failed", "disabled"]

# Of the attempts, counted from the first.
OFFSETS: Final = tuple(timedelta(minutes=minutes) for minutes in (0, 1, 5, 30, 120))
ATTEMPTS: Final = len(OFFSETS)
LONGEST_WAIT: Final = timedelta(hours=24)

# The 4xx that says "not now" rather than "not this".
_PASSING: Final = {429}
_MAY_ASK_FOR_TIME: Final = {429, 503}
_GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Verdict:
    """``retry_at`` is there when ``outcome`` is "retry". "disabled": the receiver wants no more of anything."""

    outcome: Outcome
    retry_at: datetime | None = None


def after(attempt: int, answer: Answer, first_at: datetime, now: datetime) -> Verdict:
    """What follows an answer. ``attempt`` counts from 1; ``first_at`` is when the first one began."""
    if answer.ok:
        return Verdict("delivered")
    if answer.status == _GONE:
        return Verdict("disabled")
    if attempt >= ATTEMPTS or _is_final(answer.status):
        return Verdict("failed")
    return Verdict("retry", max(_scheduled(attempt, first_at, now), _asked_for(answer, now)))


def _is_final(status: int | None) -> bool:
    return status is not None and 400 <= status < 500 and status not in _PASSING


def _scheduled(attempt: int, first_at: datetime, now: datetime) -> datetime:
    due = first_at + OFFSETS[attempt]
    # After an outage of ours, or a wait that was asked for: the same distance, or all that's left would go in a burst.
    return due if due > now else now + OFFSETS[attempt] - OFFSETS[attempt - 1]


def _asked_for(answer: Answer, now: datetime) -> datetime:
    return rest(answer, now) or now


def rest(answer: Answer, now: datetime) -> datetime | None:
    """Until when the receiver wants to be left alone (Retry-After), at most a day from now; None where it doesn't."""
    if answer.retry_after is None or answer.status not in _MAY_ASK_FOR_TIME:
        return None
    if isinstance(answer.retry_after, datetime):
        return min(answer.retry_after, now + LONGEST_WAIT)
    return now + timedelta(seconds=min(answer.retry_after, LONGEST_WAIT.total_seconds()))
