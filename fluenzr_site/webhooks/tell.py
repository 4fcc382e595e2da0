"""Tells a workspace's administrators by e-mail, once, that a webhook gets no more events.

Each has a notice of their own (``fluenzr_site.notices``): a server that doesn't take one person's e-mail now is asked
again later, and nobody else waits for that.
"""

import logging
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from fluenzr_site.core import clock
from fluenzr_site.core.database import retried
from fluenzr_site.notices import choosing, letters, sending
from fluenzr_site.notices.letters import Letter, link
from fluenzr_site.notices.models import Notice
from fluenzr_site.webhooks.models import Webhook

log = logging.getLogger("fluenzr.webhooks")

KIND: Final = Notice.Kind.WEBHOOK


def tell_due() -> int:
    """Note whom to tell of webhooks that stopped, and send what is due; how many webhooks were noted.

    No transaction is open while the mail server is asked.
    """
    stopped = list(Webhook.objects.filter(to_tell=True).values_list("pk", flat=True).order_by("pk"))
    noted = sum(_note(webhook_id, clock.now()) for webhook_id in stopped)
    while sending.send_due({KIND: _write}):
        pass
    return noted


@retried
def _note(webhook_id: str, now: datetime) -> bool:
    """That its administrators are to be told, and that this was noted: neither without the other."""
    with transaction.atomic():
        if not Webhook.objects.filter(pk=webhook_id, to_tell=True).update(to_tell=False):
            return False
        webhook = Webhook.objects.get(pk=webhook_id)
        people = list(choosing.wanting(KIND).filter(workspace=webhook.workspace_id)) if letters.can_send() else []
        if not people:
            log.warning("Webhook %s is %s; nobody is told by e-mail (FLUENZR_EMAIL_URL)", webhook.pk, webhook.status)
        for membership in people:
            sending.note(membership, KIND, f"{webhook.pk} {now.timestamp():.0f}", now)
    return True


def _write(notice: Notice, now: datetime) -> Letter | None:
    """Nothing of one that works again, or was deleted, by the time it is sent."""
    workspace = notice.membership.workspace
    webhook = Webhook.objects.one_of(workspace, notice.period.partition(" ")[0])
    if webhook is None or webhook.is_active:
        return None
    # The host alone: the rest of the URL may be a secret.
    named = {"host": urlsplit(webhook.url).hostname, "id": webhook.pk, "workspace": workspace.name}
    if webhook.status == Webhook.Status.DISABLED:
        what = _("The receiver at %(host)s answered that it is gone (410), so the webhook %(id)s was disabled.")
    else:
        what = _("The last deliveries to %(host)s all failed, so the webhook %(id)s was marked failed.")
    then = _(
        "It gets no more events of %(workspace)s until somebody makes it active again. Its log says what was answered; "
        "what happened meanwhile can be replayed."
    )
    page = link(workspace, "webhooks_webhook_change", webhook.pk)
    subject = _("FluenzR: a webhook of %(workspace)s gets no more events") % {"workspace": workspace.name}
    return Letter(subject, "webhook", {"what": what % named, "then": then % named, "page": page})
