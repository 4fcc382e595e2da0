"""The events that are still to be told to whoever listens to a workspace, such as webhooks.

An event's id is made before its transaction is committed, and a chunk of an import is committed seconds later: a
smaller id may come into sight after a larger one, and who reads on "from the last id" loses it. So each event of a
workspace that somebody listens to leaves an entry, in its own transaction. Who tells it takes the entry away in the
transaction that notes whom it is told to. What isn't committed isn't seen; what is committed stays until it is told.

A workspace that nobody listens to pays nothing: the one statement that notes that it changed says so as well.
"""

from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from fluenzr_site.core import bulk
from fluenzr_site.events.models import Listening, OutboxEntry
from fluenzr_site.workspaces.models import Workspace


def touch(workspace: Workspace) -> bool:
    """``workspace.touch()``, and whether somebody listens. A change under way while they began may be before it."""
    table, listening = Workspace._meta.db_table, Listening._meta.db_table
    heard = f"EXISTS (SELECT 1 FROM {listening} AS l WHERE l.workspace_id = {table}.id AND l.is_on)"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET revision = revision + 1 WHERE id = %s RETURNING {heard}",  # noqa: S608
            [workspace.pk],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def add(workspace: Workspace, event_ids: Sequence[str]) -> None:
    """Note that these events of the open transaction are to be told."""
    bulk.insert_values(OutboxEntry, ("id", "workspace_id"), [(event_id, workspace.pk) for event_id in event_ids])


@transaction.atomic
def listen(workspace: Workspace) -> int:
    """From now on the workspace's events are to be told. The number of who begins to listen: greater than all before.

    What is in the outbox already is stamped as older, and isn't for the newcomer.
    """
    Listening.objects.get_or_create(workspace=workspace)
    listening = _held(workspace)
    entries = OutboxEntry.objects.filter(workspace=workspace)
    if listening.is_on:
        entries.filter(before=None).update(before=listening.number + 1)
    else:
        entries.delete()
    listening.is_on, listening.number = True, listening.number + 1
    listening.save(update_fields=["is_on", "number"])
    return listening.number


@transaction.atomic
def stop(workspace: Workspace) -> None:
    """Nobody listens any more: what waits is told to nobody."""
    Listening.objects.filter(workspace=workspace).update(is_on=False)
    OutboxEntry.objects.filter(workspace=workspace).delete()


def hold(workspace: Workspace) -> None:
    """Until the end of the transaction nobody else begins or ends listening, nor tells what waits.

    Who changes a listener and more takes this lock first, as the fan-out does.
    """
    Listening.objects.get_or_create(workspace=workspace)
    _held(workspace)


def waiting(after: str = "") -> Listening | None:
    """The first workspace after that id with events that wait, held to the end of the transaction.

    One that another worker holds is passed over: a workspace's events are told by one at a time, in their order.
    """
    waits = Exists(OutboxEntry.objects.filter(workspace_id=OuterRef("workspace_id")))
    found = Listening.objects.filter(waits, workspace_id__gt=after, is_on=True)
    return found.select_for_update(of=("self",), skip_locked=True, no_key=True).order_by("workspace_id").first()


def anything_waits() -> bool:
    """Asked first, without a lock or a transaction: nearly always there is nothing."""
    waits = Exists(OutboxEntry.objects.filter(workspace_id=OuterRef("workspace_id")))
    return Listening.objects.filter(waits, is_on=True).exists()


def _held(workspace: Workspace) -> Listening:
    return Listening.objects.select_for_update(no_key=True).get(workspace=workspace)
