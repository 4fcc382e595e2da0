"""What the worker is woken for. The database says what there is to do."""

from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down

from contacts.changes import bulk_changes
from contacts.imports import run
from contacts.imports import undo as undo


@shared_task(name="contacts.imports.tick")
def tick() -> None:
    """Run imports, and changes of many contacts, that are due, one after the other."""
    while not run.stopping.is_set() and (run.run_due() or bulk_changes.run_due()):
        pass


@shared_task(name="contacts.imports.forget_earlier_values")
def forget_earlier_values() -> None:
    """Throw away what contacts were before changes that can't be undone any more."""
    bulk_changes.forget_old()


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    run.stopping.set()
    bulk_changes.stopping.set()
