"""What workers are woken for. The database says what there is to do."""

from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down

from fluenzr_site.core import clock, heartbeat
from fluenzr_site.webhooks import deliver, forgetting, tell
from fluenzr_site.webhooks.deliver import WORKER as WORKER


@shared_task(name="webhooks.sending.tick")
def send() -> None:
    """Send what is due, until there is no more for now."""
    heartbeat.beat(WORKER, clock.now())
    if not deliver.stopping.is_set():
        deliver.deliver_due()


@shared_task(name="webhooks.tell")
def tell_administrators() -> None:
    """Tell of webhooks that failed. Not among the deliveries, which a slow mail server would hold up."""
    tell.tell_due()


@shared_task(name="webhooks.forget_old")
def forget_old() -> None:
    """Throw away the log that is older than what is kept."""
    forgetting.forget_old()


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    deliver.stopping.set()
