"""What workers are woken for. The database says what there is to do."""

import threading
from typing import Any, Final

from celery import shared_task
from celery.signals import worker_shutting_down

from campaigns.receiving import collect
from campaigns.sending import gates, replies, turn
from fluenzr_site.core import clock, heartbeat, outbound

#: What is at a server when the worker is told to end has so long to come to its own end. Whoever told it kills it
#: after ten seconds (Docker) or fifteen (``serve``), and then a lease would be left behind.
STOP_SECONDS: Final = 5.0


@shared_task(name="campaigns.sending.tick")
def send() -> None:
    """Do what campaigns have due, until there is no more for now."""
    heartbeat.beat(gates.WORKER, clock.now())
    while not turn.stopping.is_set() and (replies.send_due() or turn.take_turn()):
        pass


@shared_task(name="campaigns.receiving.tick")
def receive() -> None:
    """Read the mailboxes that are due."""
    while not turn.stopping.is_set() and collect.read_due():
        pass


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    turn.stopping.set()
    patience = threading.Timer(STOP_SECONDS, outbound.hang_up)
    patience.daemon = True
    patience.start()
