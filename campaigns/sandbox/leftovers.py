"""Clears up sandboxes whose process is gone without having done so: killed, or cut off from the database.

Each process that runs one holds a lock on a file of it, which the system lets go of however the process ends. A
sandbox without such a file here may be another machine's: it goes once it is older than any run takes.
"""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from fluenzr_site.core import clock
from fluenzr_site.workspaces.models import Workspace

log = logging.getLogger("fluenzr.sandbox")

OLDEST: Final = timedelta(days=2)


@contextmanager
def marked(workspace: Workspace) -> Iterator[None]:
    """Inside, this process is seen to be at work on the sandbox, which needn't be saved yet."""
    path = _path(workspace)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def unmark(workspace: Workspace) -> None:
    """The sandbox is no more."""
    _path(workspace).unlink(missing_ok=True)


def abandoned() -> Iterator[Workspace]:
    """The sandboxes that nobody is at work on any more. Each is held until the next is asked for."""
    for workspace in Workspace.objects.filter(is_sandbox=True).order_by("id"):
        with _free(workspace, clock.now()) as is_free:
            if is_free:
                log.warning("The sandbox %s was left behind", workspace.pk)
                yield workspace


@contextmanager
def _free(workspace: Workspace, now: datetime) -> Iterator[bool]:
    """Whether its process is gone; inside, no other clears it up."""
    try:
        file = _path(workspace).open("r+")
    except FileNotFoundError:
        yield workspace.created_at < now - OLDEST
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _path(workspace: Workspace) -> Path:
    return Path(settings.VAR_DIR) / "sandboxes" / workspace.pk
