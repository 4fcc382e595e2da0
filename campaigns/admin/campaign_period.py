"""The stretch of time that statistics are looked at over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from campaigns.stats.period import EVER, Period
from campaigns.stats.timeline import Interval
from fluenzr_site.adminsite import periods

#: Days up to now, today included, under the name that the address has.
_DAYS: Final = {"today": 1, "7": 7, "30": 30, "90": 90}
LABELS: Final[dict[str, str | Promise]] = {
    "": _("All the time"),
    "today": _("Today"),
    "7": _("7 days"),
    "30": _("30 days"),
    "90": _("90 days"),
}
#: A timeline of more days than this has a point a week.
MOST_DAYS: Final = 120


@dataclass(frozen=True, slots=True)
class Chosen:
    """``dates`` are free days, if any were asked for; ``name`` is then, as for all the time, empty."""

    name: str
    period: Period
    dates: periods.Asked

    @property
    def query(self) -> dict[str, str]:
        """What an address has to say to choose the same; nothing for all the time."""
        if self.dates.days:
            return self.dates.days.query
        return {"period": self.name} if self.name else {}

    @property
    def said(self) -> str | Promise:
        return self.dates.days.said if self.dates.days else LABELS[self.name]

    @property
    def is_ever(self) -> bool:
        return not self.query

    @property
    def interval(self) -> Interval | None:
        """How long a point of the timeline is; None where that depends on what there is."""
        days = self.dates.days.count if self.dates.days else _DAYS.get(self.name)
        if days is None:
            return None
        return "hour" if days == 1 else "day" if days <= MOST_DAYS else "week"


def chosen(campaign: Campaign, values: Mapping[str, Any], now: datetime) -> Chosen:
    """Days begin at midnight of the campaign's zone. One of the usual periods goes before dates.

    What isn't known, and dates that are wrong, are all the time.
    """
    zone = ZoneInfo(campaign.settings["timezone"])
    name = values.get("period", "")
    if name in _DAYS:
        first = now.astimezone(zone).date() - timedelta(days=_DAYS[name] - 1)
        return Chosen(name, Period(start=periods.midnight(first, zone), end=now), periods.asked({}, zone))
    dates = periods.asked(values, zone)
    if dates.days is None:
        return Chosen("", EVER, dates)
    start, end = periods.midnight(dates.days.first, zone), dates.days.end(zone)
    return Chosen("", Period(start=start, end=end), dates)
