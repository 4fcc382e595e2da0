"""Shows that workers are alive: each notes, now and then, that it has looked for work."""

from datetime import datetime, timedelta
from typing import Final

from fluenzr_site.core.models import Heartbeat

EVERY: Final = timedelta(seconds=10)
#: Who hasn't been seen for so long isn't at work.
ALIVE: Final = timedelta(seconds=60)


def beat(name: str, now: datetime) -> None:
    """Note it, at most every ten seconds: asking is cheap, writing takes SQLite's one lock."""
    last = last_seen(name)
    if last is None or now - last >= EVERY:
        Heartbeat.objects.update_or_create(name=name, defaults={"at": now})


def last_seen(name: str) -> datetime | None:
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()


def is_alive(name: str, now: datetime) -> bool:
    last = last_seen(name)
    return last is not None and now - last < ALIVE
