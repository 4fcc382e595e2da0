"""A webhook's log: each attempt to deliver, what was sent and answered, and sending it again."""

from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from fluenzr_site.adminsite.choices import asked_choice, choices, without_empty
from fluenzr_site.core import clock
from fluenzr_site.events.types import ALL
from fluenzr_site.webhooks import bodies, changes, claiming
from fluenzr_site.webhooks.admin import said
from fluenzr_site.webhooks.admin.pages import WebhookPage
from fluenzr_site.webhooks.admin.state import entries
from fluenzr_site.webhooks.models import Attempt, Delivery

PER_PAGE: Final = 50
TYPES: Final = (*ALL, changes.TEST)


class Log(WebhookPage):
    template = "webhooks/log.html"

    def get(self, request: HttpRequest, **_kwargs: str) -> HttpResponse:
        webhook, asked = self.load(), request.GET
        status, type_ = asked_choice(asked, "status", Attempt.Status.values), asked_choice(asked, "event", TYPES)
        found = _filtered(entries(webhook), status, type_)
        page = list(_older(found, asked.get("before", ""))[: PER_PAGE + 1])
        kept = without_empty({"status": status, "event": type_})
        return self.show(
            _("Log"),
            attempts=page[:PER_PAGE],
            statuses=choices([("", _("All")), *Attempt.Status.choices], status, "status", {"event": type_}),
            types=TYPES,
            kept=kept,
            newest="?" + urlencode(kept) if asked.get("before") else "",
            older="?" + urlencode(kept | {"before": page[PER_PAGE - 1].pk}) if len(page) > PER_PAGE else "",
        )


def _filtered(attempts: QuerySet[Attempt], status: str, type_: str) -> QuerySet[Attempt]:
    if status:
        attempts = attempts.filter(status=status)
    return attempts.filter(delivery__event__type=type_) if type_ else attempts


def _older(attempts: QuerySet[Attempt], before: str) -> QuerySet[Attempt]:
    """Those before an entry, so that new ones move nothing to another page."""
    return attempts.filter(pk__lt=before) if before and "\0" not in before else attempts


class EntryPage(WebhookPage):
    """Something about one entry of the log."""

    def entry(self, log_id: str) -> Attempt:
        mine = Attempt.objects.filter(webhook=self.load()).select_related("delivery__event")
        attempt = mine.filter(pk=log_id).first()
        if attempt is None:
            raise Http404
        attempt.webhook = self.webhook
        return attempt


class Entry(EntryPage):
    """What was sent and answered: as text, whatever it is."""

    template = "webhooks/entry.html"

    def get(self, request: HttpRequest, *, log_id: str = "", **_kwargs: str) -> HttpResponse:
        attempt = self.entry(log_id)
        delivery = attempt.delivery
        return self.show(
            _("Entry of the log"),
            attempt=attempt,
            delivery=delivery,
            colour=said.OUTCOME_COLOURS[attempt.status],
            attempts=entries(self.webhook).filter(delivery=delivery),
            body=_body(delivery),
        )


def _body(delivery: Delivery) -> str:
    """As it is sent, to the byte."""
    due = claiming.due(delivery)
    try:
        return bodies.body(due.event_id, due.type, due.happened_at, due.data).decode()
    except ValueError:
        return ""


class Retry(EntryPage):
    def get(self, request: HttpRequest, *, log_id: str = "", **_kwargs: str) -> HttpResponse:
        return self._to(self.entry(log_id))

    def post(self, request: HttpRequest, log_id: str) -> HttpResponse:
        asked = changes.retry(self.entry(log_id))
        if self.webhook.rests_until and clock.now() < self.webhook.rests_until:
            messages.success(request, _("It is sent once more when the rest that its receiver asked for is over."))
        else:
            messages.success(request, _("It is sent once more in a moment."))
        return self._to(asked)

    def _to(self, attempt: Attempt) -> HttpResponse:
        return redirect("admin:webhooks_webhook_entry", self.webhook.pk, attempt.pk)
