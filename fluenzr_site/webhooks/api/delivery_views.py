"""What was sent to a webhook, and sending it again."""

from datetime import timedelta
from typing import Any, Final

from django.http import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from fluenzr_site.api import idempotency, paging
from fluenzr_site.api.errors import invalid, not_found
from fluenzr_site.api.models import KeptAnswer
from fluenzr_site.api.openapi import described, listing, or_blank, query
from fluenzr_site.api.paging import SortField
from fluenzr_site.api.rendering import json_bytes
from fluenzr_site.api.views import ok
from fluenzr_site.core import clock
from fluenzr_site.webhooks import changes, deliver
from fluenzr_site.webhooks.api import serializers
from fluenzr_site.webhooks.api.views import WebhookView
from fluenzr_site.webhooks.documents import attempt_document
from fluenzr_site.webhooks.models import Attempt

SORTS: Final = {"timestamp": SortField("id")}
NO_SUCH_LOG: Final = "Log entry not found"


class TestWebhook(WebhookView):
    """Sends outside any transaction, also where an Idempotency-Key wraps one around what a POST changes.

    So the change, which records that the test is about to be sent, is one thing, and the sending comes after it. A
    request that is cut off in between has its answer kept as pending, and a worker makes the attempt.
    """

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            begin = self.post
            vars(self)["post"] = lambda *args, **kwargs: self._sent(begin(*args, **kwargs))

    @described("Test a webhook", answer=serializers.WebhookLog, errors=(404,))
    def post(self, request: Request, webhook_id: str) -> Response:
        """Sends an event of the type `webhook.test` now, whatever the webhook's status, and tells how it went."""
        self.begun = changes.begin_test(self.webhook(webhook_id), by=self.actor)
        return ok(attempt_document(self.begun))

    def _sent(self, response: HttpResponseBase) -> HttpResponseBase:
        begun: Attempt | None = getattr(self, "begun", None)
        if begun is None or not isinstance(response, Response):
            # An answer that was kept: it is given again, and nothing is sent.
            return response
        response.data = ok(attempt_document(deliver.send_test(begun))).data
        key = self.request.headers.get(idempotency.HEADER)
        if key:
            kept = KeptAnswer.objects.filter(workspace=self.workspace, key=key)
            kept.update(body=json_bytes(response.data))
        return response


class WebhookLogs(WebhookView):
    @described(
        "List a webhook's log",
        answer=serializers.WebhookLog,
        many=True,
        parameters=[
            *listing(SORTS),
            query("status", "Of this outcome", or_blank({"type": "string", "enum": Attempt.Status.values})),
            query("eventId", "Of this event"),
            query("eventType", "Of events of this type"),
        ],
        errors=(404,),
    )
    def get(self, request: Request, webhook_id: str) -> Response:
        values = request.query_params
        attempts = Attempt.objects.filter(webhook=self.webhook(webhook_id))
        if values.get("status"):
            if values["status"] not in Attempt.Status.values:
                raise invalid({"status": [f"status must be one of: {', '.join(Attempt.Status.values)}"]})
            attempts = attempts.filter(status=values["status"])
        if values.get("eventId"):
            attempts = attempts.filter(delivery__event_id=values["eventId"])
        if values.get("eventType"):
            attempts = attempts.filter(delivery__event__type=values["eventType"])
        asked = paging.page_request(values, SORTS)
        page = paging.take(attempts, asked, values.get("sort"))
        rows = Attempt.objects.select_related("delivery__event").in_bulk(page.ids)
        documents = [attempt_document(rows[identifier]) for identifier in page.ids if identifier in rows]
        return ok(documents, meta=paging.meta(asked, page, attempts.count()))


class RetryDelivery(WebhookView):
    @described("Retry a delivery", answer=serializers.WebhookLog, errors=(404,))
    def post(self, request: Request, webhook_id: str, log_id: str) -> Response:
        """Sends what the log entry tells of once more, at once, whatever became of it and the webhook's status.

        Answers with the new entry, still pending.
        """
        mine = Attempt.objects.filter(webhook=self.webhook(webhook_id))
        attempt = mine.filter(pk=log_id).first()
        if attempt is None:
            raise not_found(NO_SUCH_LOG)
        return ok(attempt_document(changes.retry(attempt)))


class Replay(WebhookView):
    @described(
        "Replay a period",
        body=serializers.ReplayPeriod,
        answer=serializers.Replayed,
        errors=(400, 404, 409),
    )
    def post(self, request: Request, webhook_id: str) -> Response:
        """Sends the events of a time once more, with their ids: up to 10000 in a call."""
        webhook = self.webhook(webhook_id)
        write = serializers.ReplayPeriod(data=self.body)
        write.is_valid(raise_exception=True)
        values = write.validated_data
        start = values["from"]
        end = values.get("to", max(clock.now() + timedelta(milliseconds=1), start))
        if end < start:
            raise invalid({"to": ["to must not be before from"]})
        try:
            queued = changes.replay(webhook, start=start, end=end, types=values.get("events", webhook.events))
        except changes.TooMany as error:
            raise invalid({"from": [str(error)]}) from error
        return ok({"queued": queued})
