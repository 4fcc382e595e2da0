"""What the worker is woken for on behalf of the API."""

from celery import shared_task

from fluenzr_site.api import idempotency


@shared_task(name="api.forget_answers")
def forget_answers() -> None:
    """Throw away the answers that nobody can ask for again."""
    idempotency.forget_old()
