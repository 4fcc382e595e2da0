"""When scheduled notices are due: by the clock on the wall where their reader is."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

MORNING: Final = time(8)


def last_morning(now: datetime, zone: ZoneInfo) -> datetime:
    """The last time that it was 8 o'clock there, in UTC."""
    local = now.astimezone(zone)
    day = local.date() if local.time() >= MORNING else local.date() - timedelta(days=1)
    return _at(day, MORNING, zone)


def last_monday(now: datetime, zone: ZoneInfo) -> datetime:
    """The last time that it was Monday, 8 o'clock there, in UTC."""
    day = last_morning(now, zone).astimezone(zone).date()
    return _at(day - timedelta(days=day.weekday()), MORNING, zone)


def weeks_before(monday: datetime, zone: ZoneInfo) -> tuple[datetime, datetime, datetime]:
    """When the week before the one before that Monday, the week before it, and its own begin, in UTC."""
    day = monday.astimezone(zone).date()
    before, last, this = (_at(day - timedelta(days=days), time(), zone) for days in (14, 7, 0))
    return before, last, this


def _at(day: date, hour: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, hour, zone).astimezone(UTC)
