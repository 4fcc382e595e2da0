"""Time zones by their IANA names: those that exist, and what a person may choose."""

import zoneinfo
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

#: Not places: copies of the others under names of old, and what only the database's makers use.
_NO_PLACES: Final = ("Etc/", "SystemV/", "posix/", "right/", "US/")


@cache
def names() -> frozenset[str]:
    """Every name that is known here."""
    return frozenset(zoneinfo.available_timezones())


@cache
def _places() -> dict[str, str]:
    places = sorted(name for name in names() if "/" in name and not name.startswith(_NO_PLACES))
    return {"UTC": "UTC"} | {name: name.replace("_", " ") for name in places}


def choices(now: str = "") -> list[tuple[str, str]]:
    """What is offered, as names and as people read them: UTC, the places, and what is chosen ``now`` whatever it is."""
    return list((_places() | ({now: now} if now and now not in _places() else {})).items())


def zone(name: str) -> ZoneInfo:
    """The zone of that name; UTC for one that isn't known any more, so that no page breaks over it."""
    return ZoneInfo(name if name in names() else "UTC")
