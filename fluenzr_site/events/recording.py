"""The unit of change: a transaction, who makes it, and the events that it leaves behind."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.db import transaction

from fluenzr_site.core import bulk, clock, ids
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


@contextmanager
def change(workspace: Workspace, by: Actor) -> Iterator[Change]:
    """Open a transaction; at its end insert the events in one go and note that the workspace changed.

    A subject's events keep their order, since ids of a batch ascend and writers of one subject hold its row.
    """
    with transaction.atomic():
        unit = Change(workspace, by, clock.now())
        yield unit
        _write(unit)
        workspace.touch()


def _write(unit: Change) -> None:
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
