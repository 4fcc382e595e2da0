"""The run of an import: chunk after chunk, each one transaction, from the last committed line on.

The import's row is the checkpoint. What a chunk writes and how far the import has come are committed
together under a lease, so that a killed run is taken up by another with no row twice and none lost.
"""

import logging
import threading
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from typing import Final, TypeVar
from uuid import uuid4

from django.db import InterfaceError, OperationalError, connection, transaction

from contacts.changes import earlier
from contacts.changes.contacts import Edit, RowResult, Rules, edit_many, save_many
from contacts.cleaning import SETTABLE_STATUSES, Draft
from contacts.imports import drafts, files, store
from contacts.imports.drafts import Resolver
from contacts.imports.reading import Record, Unreadable
from contacts.imports.rows import Convert, Problem, Row, converter
from contacts.models import BulkChange, Contact, Import, ImportPart, ImportProblem
from fluenzr_site.core import bulk, clock, leases
from fluenzr_site.core.database import retried
from fluenzr_site.core.leases import LeaseLost
from fluenzr_site.core.saying import Counted, say
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.plans import require_room

T = TypeVar("T")
logger = logging.getLogger(__name__)

LEASE_SECONDS: Final = 60
# A chunk's transaction is short: on SQLite everybody else who writes waits for it.
CHUNK_ROWS: Final = {"sqlite": 500, "postgresql": 2000}
KIND: Final = "import"
_ROWS: Final = Counted("%(count)s row an import", "%(count)s rows an import")
COUNTS: Final = ("rows", "created", "updated", "skipped", "failed")
STATUSES: Final = ("unsubscribed", "bounced", "blocked")

# Set when the worker is told to stop: the run then ends after its chunk and leaves the rest to the next worker.
stopping = threading.Event()


class NotReady(Exception):
    """The import can't be started, cancelled or undone in its present state."""


def require_ready(source: Import) -> None:
    """Raises NotReady, or LimitReached when the plan's rows are too few."""
    if not source.consent_certified:
        raise NotReady(say("Certify the consent of these people first"))
    if store.mapping_of(source).email_column is None:
        raise NotReady(say("No column holds e-mail addresses. Choose the one that does."))
    _require_rows(source)


def start(source: Import, *, claimed: bool = False) -> None:
    """Make the import due for a worker; ``claimed``: for us, who run it at once. Raises what ``require_ready`` does."""
    require_ready(source)
    now = clock.now()
    lease = {"lease": uuid4().hex, "leased_until": now + timedelta(seconds=LEASE_SECONDS)} if claimed else {}
    draft = Import.objects.of(source.workspace).filter(pk=source.pk, state=Import.State.DRAFT)
    if not draft.update(state=Import.State.RUNNING, due_at=now, **lease):
        raise NotReady(say("This import was started already"))
    store.remember_mapping(source)
    source.refresh_from_db()


def _require_rows(source: Import) -> None:
    limits = source.workspace.limits
    if limits.import_rows is not None:
        rows = sum(1 for _ in store.table_of(source).records(0))
        require_room(limits.import_rows, used=0, adding=rows, what=_ROWS, plan_title=limits.title)


def run_due() -> bool:
    """Claim one due import and run it; False when there was none."""
    source = leases.claim(Import.objects.filter(state=Import.State.RUNNING), seconds=LEASE_SECONDS)
    if source is None:
        return False
    work(source)
    return True


def work(source: Import) -> None:
    """Run a claimed import to its end, or until somebody else has it, it is cancelled, or the worker stops."""
    with suppress(LeaseLost):
        try:
            _Run(source).go()
        except Unreadable as error:
            _fail(source, str(error))
        except ImportPart.DoesNotExist:
            # Ended by another worker meanwhile, and then the lease isn't ours; else the file has really gone.
            _fail(source, say("The file has gone. Upload it again."))
        except (OperationalError, InterfaceError):
            # The database's trouble, not the file's: the run is taken up again when its lease ends.
            raise
        except Exception as error:
            # It would be taken up, and fail, for ever. Logged without the message: a database's holds the row.
            where = "".join(traceback.format_tb(error.__traceback__))
            logger.error("Import %s failed: %s\n%s", source.pk, type(error).__name__, where)
            _fail(source, say("Something unexpected stopped this import. What came before stays; the log has more."))


def _fail(source: Import, error: str) -> None:
    leases.release(source, due_at=None, state=Import.State.FAILED, error=error, finished_at=clock.now())
    files.forget_parts(source)


class _Run:
    def __init__(self, source: Import) -> None:
        self.source = source
        mapping = store.mapping_of(source)
        self.convert: Convert = converter(mapping)
        self.resolver: Resolver = drafts.resolver(source.workspace, mapping)
        self.actor = Actor("import", source.pk)
        self.change = change_of(source) or open_change(source)
        # What is committed: a chunk that is run again after a lost race begins from here once more.
        self.counts = {name: getattr(source, name) for name in COUNTS}
        self.rules = Rules(
            on_duplicate="update" if source.on_duplicate == Import.OnDuplicate.UPDATE else "skip",
            group_ids=tuple(source.group_ids),
            tags=tuple(source.tags),
            statuses=STATUSES,
            new_values={"consent_source": source.consent_source, "consent_date": clock.now().date()},
            source_import=source.pk,
            adds_only=True,
            heeds_erasure=True,
            keep=self.change.pk,
        )

    def go(self) -> None:
        records = store.table_of(self.source).records(self.source.done_line)
        for chunk in _chunks(records, CHUNK_ROWS[connection.vendor]):
            self._take(chunk)
            if stopping.is_set():
                leases.release(self.source, due_at=clock.now())
                return
        leases.release(
            self.source,
            due_at=None,
            state=Import.State.FINISHED,
            finished_at=clock.now(),
            total_rows=self.source.rows,
        )
        files.forget_parts(self.source)

    def _take(self, chunk: list[Record]) -> None:
        rows = [self.convert(record) for record in chunk]
        drafts.learn_groups(self.resolver, rows)
        prepared = [self.resolver.draft(row) for row in rows if row.email]
        kept_out = [problem for _, problems in prepared for problem in problems]
        self.counts = self._write(chunk, rows, [draft for draft, _ in prepared], kept_out)

    @retried
    def _write(
        self, chunk: list[Record], rows: list[Row], ready: list[Draft], kept_out: list[Problem]
    ) -> dict[str, int]:
        """One chunk, one transaction; the counts after it."""
        with transaction.atomic():
            good = [row for row in rows if row.email]
            results = save_many(self.source.workspace, ready, rules=self.rules, by=self.actor)
            self._heed_opt_outs(good, results)
            refused = dict(zip((row.line for row in good), results, strict=True))
            failed = self._note_problems(chunk, rows, refused, kept_out)
            done: Counter[str] = Counter(result.kind for result in results if result.kind != "failed")
            done.update(rows=len(chunk), failed=failed)
            counts = {name: before + done[name] for name, before in self.counts.items()}
            leases.hold(self.source, seconds=LEASE_SECONDS, done_line=chunk[-1].line, **counts)
        return counts

    def _heed_opt_outs(self, rows: list[Row], results: list[RowResult]) -> None:
        """Who asked not to be mailed isn't, even where duplicates are left as they are."""
        for status in STATUSES:
            contact_ids = [
                result.contact_id
                for row, result in zip(rows, results, strict=True)
                if row.status == status and result.kind == "skipped" and result.contact_id
            ]
            mailable = Contact.objects.of(self.source.workspace).filter(
                pk__in=contact_ids, status__in=[*SETTABLE_STATUSES[:1], Contact.Status.REPLIED]
            )
            opted_out = list(mailable.values_list("pk", flat=True)) if contact_ids else []
            if opted_out:
                edit = Edit(status=status)
                edit_many(self.source.workspace, opted_out, edit, by=self.actor, keep=self.change.pk)

    def _note_problems(
        self,
        chunk: list[Record],
        rows: list[Row],
        results: dict[int, RowResult],
        kept_out: list[Problem],
    ) -> int:
        """Store what was wrong; how many rows failed."""
        notes, failed = [], 0
        for record, row in zip(chunk, rows, strict=True):
            result = results.get(row.line)
            lost = row.email is None or (result is not None and result.kind == "failed")
            failed += lost
            problems = list(row.problems)
            if result is not None and result.problems:
                problems += [
                    Problem(row.line, self.resolver.headers.get(path, path), "", messages[0])
                    for path, messages in result.problems.items()
                ]
            notes += [self._note(problem, lost, record) for problem in problems]
        cells = {record.line: record for record in chunk}
        notes += [self._note(problem, False, cells[problem.line]) for problem in kept_out]
        bulk.insert(sorted(notes, key=lambda note: note.line))
        return failed

    def _note(self, problem: Problem, failed: bool, record: Record) -> ImportProblem:
        return ImportProblem(
            source_id=self.source.pk,
            line=problem.line,
            column=problem.column[:255],
            value=problem.value[:200],
            message=problem.message[:300],
            row_failed=failed,
            cells=list(record.cells),
        )


def change_of(source: Import) -> BulkChange | None:
    """The change of many that an import is: it keeps what updated contacts were, and its undo."""
    changes = BulkChange.objects.of(source.workspace).filter(source_import_id=source.pk)
    return changes.order_by("-pk").first()


def open_change(source: Import) -> BulkChange:
    # Ended, as far as the worker of changes is concerned: the import has a worker of its own.
    described = {"detail": source.filename, "source_import_id": source.pk, "state": BulkChange.State.FINISHED}
    return earlier.open_change(source.workspace, KIND, KIND, by=Actor("import", source.pk), **described)


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def cancel(source: Import) -> None:
    """Stop an import that is running; what was imported stays. The runner notices at its next chunk."""
    running = Import.objects.of(source.workspace).filter(pk=source.pk, state=Import.State.RUNNING)
    stopped = running.update(
        state=Import.State.CANCELLED, due_at=None, lease="", leased_until=None, finished_at=clock.now()
    )
    if not stopped:
        raise NotReady(say("This import isn't running"))
    files.forget_parts(source)
    source.refresh_from_db()
