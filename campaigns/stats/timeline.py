"""What happened when: the tallies by hour, day or week of the campaign's zone, gaps filled with zeros."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from operator import add
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from django.db.models import Max, Min, Sum

from campaigns.models import Campaign, Tally
from campaigns.models.tally import QUARTER
from campaigns.stats.period import Period, within
from fluenzr_site.core.clock import iso

Interval = Literal["hour", "day", "week"]
COUNTS: Final = ("sent", "opened", "clicked", "replied", "bounced", "unsubscribed")
MOST_POINTS: Final = 10_000
_HOUR: Final = timedelta(hours=1)


class TooLong(ValueError):
    """The period has more points than are answered, or isn't in the calendar."""


def timeline(campaign: Campaign, period: Period, interval: Interval) -> list[dict[str, Any]]:
    """The points in order. Without bounds, from the first thing that happened to the last. Raises TooLong."""
    zone = ZoneInfo(campaign.settings["timezone"])
    tallies = within(Tally.objects.filter(campaign=campaign).exclude(node_id=""), period)
    bounds = tallies.aggregate(first=Min("quarter"), last=Max("quarter"))
    start, end = period.start or _at(bounds["first"]), period.end or _after(bounds["last"])
    if start is None or end is None:
        return []
    try:
        begins = list(_begins(start, end, interval, zone))
    except OverflowError as error:
        raise TooLong("The period reaches beyond the calendar: choose one between the years 2 and 9998") from error
    seconds, points = [begin.timestamp() for begin in begins], [[0] * len(COUNTS) for _ in begins]
    for quarter, *sums in tallies.values_list("quarter").annotate(*(Sum(name) for name in COUNTS)):
        # A quarter lies within one point: every zone's hours and days begin on one.
        place = bisect_right(seconds, quarter) - 1
        if place >= 0:
            points[place] = list(map(add, points[place], sums))
    return [
        _point(begin, dict(zip(COUNTS, counted, strict=True)), interval, zone)
        for begin, counted in zip(begins, points, strict=True)
    ]


def _at(quarter: int | None) -> datetime | None:
    return None if quarter is None else datetime.fromtimestamp(quarter, UTC)


def _after(quarter: int | None) -> datetime | None:
    return None if quarter is None else datetime.fromtimestamp(quarter + QUARTER, UTC)


def _begins(start: datetime, end: datetime, interval: Interval, zone: ZoneInfo) -> Iterator[datetime]:
    begin = _begin(start, interval, zone)
    for _ in range(MOST_POINTS + 1):
        if begin >= end:
            return
        yield begin
        begin = _next(begin, interval, zone)
    raise TooLong(f"The period has more than {MOST_POINTS} points: choose a longer interval or a shorter period")


def _begin(at: datetime, interval: Interval, zone: ZoneInfo) -> datetime:
    """When the hour, day or week that holds ``at`` begins, in UTC."""
    local = at.astimezone(zone)
    if interval == "hour":
        # Counted back from the instant, since an hour that comes twice is two hours.
        past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return at.astimezone(UTC) - past
    day = local.date() - timedelta(days=local.weekday() if interval == "week" else 0)
    return _midnight(day, zone)


def _next(begin: datetime, interval: Interval, zone: ZoneInfo) -> datetime:
    if interval == "hour":
        return _begin(begin + _HOUR, interval, zone)
    days = 7 if interval == "week" else 1
    return _midnight(begin.astimezone(zone).date() + timedelta(days=days), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _point(begin: datetime, counts: dict[str, int], interval: Interval, zone: ZoneInfo) -> dict[str, Any]:
    local = begin.astimezone(zone)
    shown = local.isoformat(timespec="seconds") if interval == "hour" else local.date().isoformat()
    return {"date": shown, "timestamp": iso(begin), **counts}
