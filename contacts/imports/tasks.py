"""What the worker is woken for. The database says what there is to do."""

from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down

from contacts.imports import run


@shared_task(name="contacts.imports.tick")
def tick() -> None:
    """Run imports that are due, one after the other."""
    while not run.stopping.is_set() and run.run_due():
        pass


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    run.stopping.set()
