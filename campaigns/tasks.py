"""What workers are woken for. The database says what there is to do."""

from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down

from campaigns.receiving import collect
from campaigns.sending import gates, turn
from fluenzr_site.core import clock, heartbeat


@shared_task(name="campaigns.sending.tick")
def send() -> None:
    """Do what campaigns have due, until there is no more for now."""
    heartbeat.beat(gates.WORKER, clock.now())
    while not turn.stopping.is_set() and turn.take_turn():
        pass


@shared_task(name="campaigns.receiving.tick")
def receive() -> None:
    """Read the mailboxes that are due."""
    while not turn.stopping.is_set() and collect.read_due():
        pass


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    turn.stopping.set()
