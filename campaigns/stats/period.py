"""The stretch of time that figures are of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from campaigns.models import Tally
from campaigns.models.tally import QUARTER


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` up to, not including, ``end``; either open where None."""

    start: datetime | None = None
    end: datetime | None = None


EVER: Final = Period()


def within(tallies: QuerySet[Tally], period: Period) -> QuerySet[Tally]:
    """Those whose quarter of an hour isn't wholly outside the period."""
    if period.start:
        tallies = tallies.filter(quarter__gt=period.start.timestamp() - QUARTER)
    if period.end:
        tallies = tallies.filter(quarter__lt=period.end.timestamp())
    return tallies
