"""Changes of many contacts: begun, worked off step by step by whoever holds the lease, cancelled, undone.

Each step is one transaction of at most a thousand contacts: what it does to them, what it keeps of them and how far
it has come. A worker that dies leaves whole steps; another goes on, and no contact is changed twice.
"""

import logging
import threading
import traceback
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from django.db import DatabaseError, InterfaceError, OperationalError, transaction

from contacts.changes import earlier, kinds
from contacts.cleaning import Invalid
from contacts.models import BulkChange, BulkPart
from contacts.models.bulk_change import KEPT
from contacts.queries import Contacts
from fluenzr_site.core import bulk, clock, ids, leases
from fluenzr_site.core.database import retried
from fluenzr_site.core.leases import LeaseLost
from fluenzr_site.core.saying import say
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.models import Workspace

logger = logging.getLogger(__name__)

STEP: Final = 1000
LEASE_SECONDS: Final = 60
State: Final = BulkChange.State
WORKING: Final = (State.RUNNING, State.UNDOING)
ENDED: Final = (State.FINISHED, State.CANCELLED, State.FAILED)

# Set when the worker is told to stop: it then hands the change back after its step.
stopping = threading.Event()


class NotPossible(Exception):
    """The change can't be cancelled or undone, in its state or after so long."""


def start(
    contacts: Contacts,
    kind: str,
    action: str,
    *,
    workspace: Workspace,
    by: Actor,
    claimed: bool = False,
    **described: Any,
) -> BulkChange:
    """Begin a change of these contacts, as they are now: who matches later isn't meant.

    A worker does it; or, when it is ``claimed``, we do, by ``work``.
    """
    with transaction.atomic():
        change = earlier.open_change(workspace, kind, action, by=by, **_due(claimed), **described)
        rows = []
        for number, contact_ids in enumerate(in_steps(contacts)):
            rows.append((change.pk, number, " ".join(contact_ids)))
            change.total += len(contact_ids)
        bulk.insert_values(BulkPart, ("change_id", "number", "contact_ids"), rows)
        change.save(update_fields=["total"])
    return change


def in_steps(contacts: Contacts) -> Iterable[list[str]]:
    """The ids, in their order."""
    after = ""
    ordered = contacts.order_by("pk").values_list("pk", flat=True)
    while step := list(ordered.filter(pk__gt=after)[:STEP]):
        yield step
        after = step[-1]


def _due(claimed: bool) -> dict[str, Any]:
    now = clock.now()
    lease = {"lease": uuid4().hex, "leased_until": now + timedelta(seconds=LEASE_SECONDS)} if claimed else {}
    return {"due_at": now, **lease}


def run_due() -> bool:
    """Claim one change that is due and work on it; False when there was none."""
    change = leases.claim(BulkChange.objects.filter(state__in=WORKING), seconds=LEASE_SECONDS)
    if change is None:
        return False
    work(change)
    return True


def work(change: BulkChange) -> None:
    """Make or undo a claimed change, to its end or until somebody else has it, it is cancelled or we are to stop."""
    with suppress(LeaseLost):
        try:
            _work(change)
        except (OperationalError, InterfaceError):
            # The database's trouble: somebody takes it up again, soon if it can be said.
            with suppress(DatabaseError, InterfaceError, LeaseLost):
                leases.release(change, due_at=clock.now())
            raise
        except Invalid as error:
            # What was chosen has gone meanwhile.
            _fail(change, str(error))
        except Exception as error:
            # It would be taken up, and fail, for ever. Logged without the message: a database's holds the row.
            where = "".join(traceback.format_tb(error.__traceback__))
            logger.error("Change %s failed: %s\n%s", change.pk, type(error).__name__, where)
            _fail(change, say("Something unexpected stopped this change. What came before stays; the log has more."))


def _work(change: BulkChange) -> None:
    is_undo = change.state == State.UNDOING
    while _undo_step(change, _counts(change)) if is_undo else _step(change, change.done, change.changed):
        if stopping.is_set():
            leases.release(change, due_at=clock.now())
            return
    if not is_undo:
        leases.release(change, due_at=None, state=State.FINISHED, finished_at=clock.now())


def _fail(change: BulkChange, error: str) -> None:
    # What was undone halfway is finished again: it can be tried once more.
    state = State.FINISHED if change.state == State.UNDOING else State.FAILED
    leases.release(change, due_at=None, state=state, error=error, finished_at=change.finished_at or clock.now())
    change.parts.all().delete()


@retried
def _step(change: BulkChange, done: int, changed: int) -> bool:
    """The next contacts; False when all are done. ``done`` and ``changed``: how many were, before."""
    with transaction.atomic():
        part = change.parts.order_by("number").first()
        if part is None:
            return False
        contact_ids = part.contact_ids.split()
        changed += kinds.of(change).make(change, contact_ids, actor_of(change.actor))
        part.delete()
        leases.hold(change, seconds=LEASE_SECONDS, done=done + len(contact_ids), changed=changed)
    return True


def actor_of(text: str) -> Actor:
    kind, _, identifier = text.partition(":")
    return Actor(kind, identifier)


def cancel(change: BulkChange) -> None:
    """Stop a change that is being made; what it has done stays, and can be undone. Raises NotPossible."""
    running = BulkChange.objects.of(change.workspace).filter(pk=change.pk, state=State.RUNNING)
    ended = {"state": State.CANCELLED, "finished_at": clock.now(), "due_at": None, "lease": "", "leased_until": None}
    if not running.update(**ended):
        raise NotPossible(say("This change isn't running any more"))
    change.parts.all().delete()
    change.refresh_from_db()


# ------------------------------------------------------------------------------------------------- undoing


def can_be_undone(change: BulkChange) -> bool:
    return change.state in ENDED and clock.now() < change.until


def start_undo(change: BulkChange, *, by: Actor, claimed: bool = False) -> None:
    """Make the undoing of an ended change due for a worker, or ours to ``work`` on. Raises NotPossible."""
    if clock.now() >= change.until:
        raise NotPossible(say("What was before is kept for 30 days only"))
    ended = BulkChange.objects.of(change.workspace).filter(pk=change.pk, state__in=ENDED)
    if not ended.update(state=State.UNDOING, undone_by=str(by), error="", **_due(claimed)):
        raise NotPossible(say("This change is being made or undone, or was undone already"))
    change.refresh_from_db()


def _counts(change: BulkChange) -> Counter[str]:
    return Counter(restored=change.restored, deleted=change.deleted, kept=change.kept)


@retried
def _undo_step(change: BulkChange, counts: Counter[str]) -> bool:
    """Put the next contacts back; False when all is done. ``counts``: how many were, before."""
    counts, kind, by = counts.copy(), kinds.of(change), actor_of(change.undone_by)
    with transaction.atomic():
        rows = list(change.earlier.filter(outcome="").order_by("contact_id")[:STEP])
        if rows:
            outcomes = kind.take_back(change, rows, by)
            _settle(change, rows, outcomes)
            counts.update(restored=len(rows) - len(outcomes), kept=len(outcomes))
        elif (rest := kind.take_back_rest(change, by)) is not None:
            counts.update(deleted=rest[0], kept=rest[1])
        else:
            kind.undone(change)
            leases.release(change, due_at=None, state=State.UNDONE, undone_at=clock.now())
            return False
        leases.hold(change, seconds=LEASE_SECONDS, **counts)
    return True


def _settle(change: BulkChange, rows: list[Any], outcomes: dict[str, str]) -> None:
    """Forget the values; of those that stay as they are the name and the reason remain."""
    these = change.earlier.filter(contact_id__in=[row.contact_id for row in rows])
    for outcome in sorted(set(outcomes.values())):
        named = [contact_id for contact_id, found in outcomes.items() if found == outcome]
        change.earlier.filter(contact_id__in=named).update(outcome=outcome, values={}, after="")
    these.filter(outcome="").delete()


# ----------------------------------------------------------------------------------------------- forgetting

_AT_A_TIME: Final = 5000


def forget_old() -> int:
    """Delete the changes whose earlier values aren't kept any longer; how many."""
    # Ids begin with the time: a range of the primary key. One that is worked on ends first.
    old = BulkChange.objects.filter(pk__lt=ids.first_at("chg", clock.now() - KEPT)).exclude(state__in=WORKING)
    count = 0
    for change in old.order_by("pk"):
        # A transaction each: on SQLite everybody else who writes waits for it.
        while rows := list(change.earlier.order_by("contact_id").values_list("contact_id", flat=True)[:_AT_A_TIME]):
            change.earlier.filter(contact_id__lte=rows[-1]).delete()
        count += old.filter(pk=change.pk).delete()[0]
    return count
