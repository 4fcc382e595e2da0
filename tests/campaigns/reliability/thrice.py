"""``manage.py worker`` with a clock that tells everything three times, as a broker may: ``thrice.py worker``."""

import sys
import uuid
from typing import Any

from celery.beat import Scheduler
from django.core.management import execute_from_command_line

_once = Scheduler.apply_async


def _thrice(self: Scheduler, entry: Any, producer: Any = None, advance: bool = True, **options: Any) -> Any:
    entry.options["task_id"] = str(uuid.uuid4())
    for _ in range(2):
        _once(self, entry, producer=producer, advance=False, **options)
    return _once(self, entry, producer=producer, advance=advance, **options)


Scheduler.apply_async = _thrice  # type: ignore[method-assign]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
