"""What the worker is woken for once a minute. The database says whom there is something to tell."""

from typing import Final

from celery import shared_task

from campaigns.reporting import replies, trouble, weekly
from campaigns.sending.turn import stopping
from fluenzr_site.core import clock
from fluenzr_site.notices import letters, sending

WRITERS: Final[dict[str, sending.Writer]] = {
    kind.KIND: sending.to_person(kind.write) for kind in (replies, weekly, trouble)
}


@shared_task(name="campaigns.reporting.tick")
def tell() -> None:
    """Note what is due, and send it. Without a mail server of the site's own nothing is noted."""
    if not letters.can_send():
        return
    now = clock.now()
    for kind in (replies, weekly, trouble):
        kind.note_due(now)
    while not stopping.is_set() and sending.send_due(WRITERS):
        pass
    sending.forget_old(now)
