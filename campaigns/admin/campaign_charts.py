"""The timeline as a chart, and the heat map as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format, time_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from campaigns.admin.campaign_period import Chosen
from campaigns.models import Campaign
from campaigns.stats.heat import heat_map
from campaigns.stats.timeline import Interval, TooLong, timeline
from fluenzr_site.adminsite.charts import Chart, Point, Series, draw, short_day
from fluenzr_site.adminsite.moments import weekday
from fluenzr_site.adminsite.numbers import number

#: What is drawn, and in which colour: legible on white and on black.
DRAWN: Final[dict[str, tuple[str | Promise, str]]] = {
    "sent": (pgettext_lazy("figures", "Sent"), "#7c8aa5"),
    "opened": (pgettext_lazy("figures", "Opened"), "#0891b2"),
    "clicked": (pgettext_lazy("figures", "Clicked"), "#d97706"),
    "replied": (pgettext_lazy("figures", "Replied"), "#16a34a"),
}
HEAT: Final[dict[str, str | Promise]] = {
    "opened": gettext_lazy("Opens"),
    "clicked": gettext_lazy("Clicks"),
    "replied": gettext_lazy("Replies"),
    "sent": gettext_lazy("Sent e-mails"),
}
_BARS: Final = 31
_WEEKS_FROM: Final = timedelta(days=120)
_LEVELS: Final = 5
#: A timeline of more days than this tells the year.
_A_YEAR: Final = 300


def chart(campaign: Campaign, chosen: Chosen) -> Chart | None:
    """None where nothing happened."""
    interval = chosen.interval or _interval(campaign)
    try:
        found = timeline(campaign, chosen.period, interval)
    except TooLong:
        interval = "week"
        found = timeline(campaign, chosen.period, interval)
    if not any(map(_happened, found)):
        return None
    found = _trimmed(found) if interval == "week" else found
    series = [Series(label, [point[name] for point in found], colour) for name, (label, colour) in DRAWN.items()]
    return draw("bars" if len(found) <= _BARS else "lines", series, _points(found, interval))


def _interval(campaign: Campaign) -> Interval:
    """Weeks for a campaign that has run for long."""
    if campaign.started_at and campaign.updated_at - campaign.started_at > _WEEKS_FROM:
        return "week"
    return "day"


def _happened(point: Mapping[str, Any]) -> bool:
    return any(point[name] for name in DRAWN)


def _trimmed(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """From the first point in which something happened to the last: a period may be years longer."""
    places = [place for place, point in enumerate(found) if _happened(point)]
    return found[places[0] : places[-1] + 1]


def _points(found: Sequence[Mapping[str, Any]], interval: Interval) -> list[Point]:
    if interval == "hour":
        hours = [time_format(datetime.fromisoformat(point["date"]), "TIME_FORMAT") for point in found]
        return [Point(hour, hour) for hour in hours]
    days = [date.fromisoformat(point["date"]) for point in found]
    is_long = (days[-1] - days[0]).days > _A_YEAR
    full = "DATE_FORMAT" if is_long else "MONTH_DAY_FORMAT"
    return [Point(short_day(day, with_year=is_long), date_format(day, full)) for day in days]


@dataclass(frozen=True, slots=True)
class Cell:
    """``level``: 0 for none, up to 5 for the most."""

    count: int
    level: int
    said: str


@dataclass(frozen=True, slots=True)
class Heat:
    """Seven rows of a weekday's name and its hours; ``best`` says when most happened, in words."""

    counted: str
    zone: str
    hours: list[str]
    rows: list[tuple[str, str, list[Cell]]]
    best: str


def heat(campaign: Campaign, chosen: Chosen, counted: str) -> Heat | None:
    """None where nothing was counted."""
    grid = heat_map(campaign, chosen.period, counted)
    most = max(max(row) for row in grid)
    if most <= 0:
        return None
    rows = [
        (str(WEEKDAYS[day]), str(WEEKDAYS_ABBR[day]), [_cell(day, hour, row[hour], most) for hour in range(24)])
        for day, row in enumerate(grid)
    ]
    day, hour = next((day, hour) for day in range(7) for hour in range(24) if grid[day][hour] == most)
    best = _("Most happens on %(day)s from %(hour)s on.") % {"day": weekday(day), "hour": _hour(hour)}
    zone = ZoneInfo(campaign.settings["timezone"]).key.replace("_", " ")
    return Heat(counted, zone, [f"{hour:02}" for hour in range(24)], rows, best)


def _cell(day: int, hour: int, count: int, most: int) -> Cell:
    said = _("%(day)s, %(hour)s: %(count)s") % {"day": WEEKDAYS[day], "hour": _hour(hour), "count": number(count)}
    return Cell(count, -(-count * _LEVELS // most) if count > 0 else 0, said)


def _hour(hour: int) -> str:
    return f"{hour:02}:00"
