"""The unit of change: a transaction, who makes it, and the events that it leaves behind."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.db import transaction

from fluenzr_site.core import bulk, clock, ids
from fluenzr_site.events import outbox
from fluenzr_site.events.models import Event
from fluenzr_site.workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a change: ``user:12``, ``key:key_…``, ``import:imp_…``, ``command:import_contacts``."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(slots=True)
class Change:
    """An open change of one workspace. ``record`` what happens; it is written when the change ends."""

    workspace: Workspace
    by: Actor
    at: datetime
    events: list[tuple[str, str, Mapping[str, Any], str]] = field(default_factory=list)

    def record(self, type_: str, subject_id: str, data: Mapping[str, Any], note: str = "") -> None:
        """``data`` goes to webhooks; ``note`` is for the history alone."""
        self.events.append((type_, subject_id, data, note))


_open: ContextVar[Change | None] = ContextVar("open", default=None)


@contextmanager
def change(workspace: Workspace, by: Actor) -> Iterator[Change]:
    """Open a transaction; at its end insert the events in one go and note that the workspace changed.

    Where somebody listens to the workspace, the events go to the outbox as well (``events.outbox``).

    A subject's events keep their order, since ids of a batch ascend and writers of one subject hold its row.

    Inside another change of the same workspace and actor it is a part of that: the workspace's row, which all who
    write there want, is locked once and last.
    """
    with transaction.atomic():
        unit, outer = Change(workspace, by, clock.now()), _open.get()
        if outer is not None and outer.workspace.pk == workspace.pk and outer.by == by:
            yield unit
            outer.events += unit.events
            return
        token = _open.set(unit)
        try:
            yield unit
        finally:
            _open.reset(token)
        if not unit.events:
            workspace.touch()
            return
        numbers = _write(unit)
        if outbox.touch(workspace):
            outbox.add(workspace, numbers)


def _write(unit: Change) -> list[str]:
    workspace_id, actor = unit.workspace.pk, str(unit.by)
    numbers = ids.new_batch("evt", len(unit.events))
    bulk.insert_values(
        Event,
        ("id", "workspace_id", "type", "subject_id", "actor", "body", "note", "created_at"),
        [
            (number, workspace_id, type_, subject_id, actor, orjson.dumps(data).decode(), note, unit.at)
            for number, (type_, subject_id, data, note) in zip(numbers, unit.events, strict=True)
        ],
    )
    return numbers
