"""Webhooks of the FluenzR dialect: the endpoints themselves and their secrets.

An answer that is kept for an Idempotency-Key must not hold a secret in plain text for a day. So what is kept holds it
encrypted, and it is opened on the way out, for the first answer and for each that is given again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

import orjson
from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from fluenzr_site.api import paging
from fluenzr_site.api.errors import ApiError, invalid, not_found
from fluenzr_site.api.openapi import described, listing, or_blank, query
from fluenzr_site.api.paging import SortField
from fluenzr_site.api.rendering import json_bytes
from fluenzr_site.api.views import ApiView, ok
from fluenzr_site.webhooks import changes, secrets
from fluenzr_site.webhooks.api import serializers
from fluenzr_site.webhooks.documents import webhook_document
from fluenzr_site.webhooks.models import Webhook
from fluenzr_site.webhooks.urls_allowed import InvalidUrl

SORTS: Final = {"createdAt": SortField("id"), "url": SortField("url"), "status": SortField("status")}
NO_SUCH_WEBHOOK: Final = "Webhook not found"
_KEPT: Final = "kept answer"


class WebhookView(ApiView):
    section = "webhooks"

    def webhook(self, webhook_id: str) -> Webhook:
        """Raises ApiError 404."""
        found = Webhook.objects.one_of(self.workspace, webhook_id)
        if found is None:
            raise not_found(NO_SUCH_WEBHOOK)
        return found


@contextmanager
def answered() -> Iterator[None]:
    """What a change refuses, as the API says it."""
    try:
        yield
    except changes.Unknown as error:
        raise not_found(NO_SUCH_WEBHOOK) from error
    except InvalidUrl as error:
        raise invalid({"url": [str(error)]}) from error
    except changes.StillOverlapping as error:
        raise ApiError(409, str(error)) from error
    except changes.TooMany as error:
        raise ApiError(403, str(error)) from error


class _TellsSecret(WebhookView):
    """A POST whose answer holds a secret: encrypted as far as it may be kept, open on the way out."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            answer = self.post  # type: ignore[attr-defined]
            vars(self)["post"] = lambda *args, **kwargs: _opened(answer(*args, **kwargs))


def _sealed(webhook: Webhook, secret: str, *, status: int = 200) -> Response:
    return ok({**webhook_document(webhook), "secret": secrets.seal(webhook.pk, secret, _KEPT)}, status=status)


def _opened(response: HttpResponseBase) -> HttpResponseBase:
    """With the secret as it is. A refusal has none."""
    if response.status_code >= 300:
        return response
    if isinstance(response, Response):
        _open(response.data)
    elif isinstance(response, HttpResponse):
        # One that was kept.
        said = orjson.loads(response.content)
        _open(said)
        response.content = json_bytes(said)
    return response


def _open(answer: dict[str, Any]) -> None:
    document = answer["data"]
    document["secret"] = secrets.unseal(document["id"], document["secret"], _KEPT)


class WebhookList(_TellsSecret):
    @described(
        "List webhooks",
        answer=serializers.WebhookObject,
        many=True,
        parameters=[
            *listing(SORTS),
            query("status", "In this state", or_blank({"type": "string", "enum": Webhook.Status.values})),
        ],
    )
    def get(self, request: Request) -> Response:
        values = request.query_params
        webhooks = Webhook.objects.of(self.workspace)
        if values.get("status"):
            if values["status"] not in Webhook.Status.values:
                raise invalid({"status": [f"status must be one of: {', '.join(Webhook.Status.values)}"]})
            webhooks = webhooks.filter(status=values["status"])
        asked = paging.page_request(values, SORTS)
        page = paging.take(webhooks, asked, values.get("sort"))
        rows = Webhook.objects.of(self.workspace).in_bulk(page.ids)
        documents = [webhook_document(rows[identifier]) for identifier in page.ids if identifier in rows]
        return ok(documents, meta=paging.meta(asked, page, webhooks.count()))

    @described(
        "Create a webhook",
        body=serializers.WebhookCreate,
        answer=serializers.WebhookWithSecret,
        status=201,
        errors=(400,),
    )
    def post(self, request: Request) -> Response:
        write = serializers.WebhookCreate(data=self.body)
        write.is_valid(raise_exception=True)
        values = write.validated_data
        with answered():
            webhook, secret = changes.create(
                self.workspace, url=values["url"], events=values["events"], secret=values.get("secret") or ""
            )
        return _sealed(webhook, secret, status=201)


class WebhookDetail(WebhookView):
    @described("Get a webhook", answer=serializers.WebhookObject, errors=(404,))
    def get(self, request: Request, webhook_id: str) -> Response:
        return ok(webhook_document(self.webhook(webhook_id)))

    @described(
        "Update a webhook",
        body=serializers.WebhookUpdate,
        answer=serializers.WebhookObject,
        errors=(400, 404),
    )
    def put(self, request: Request, webhook_id: str) -> Response:
        webhook = self.webhook(webhook_id)
        write = serializers.WebhookUpdate(data=self.body)
        write.is_valid(raise_exception=True)
        values = dict(write.validated_data)
        if values.get("status") == Webhook.Status.FAILED:
            # A fetched object may be put back as it is.
            if webhook.status != Webhook.Status.FAILED:
                raise invalid({"status": ["status can be set to active or disabled"]})
            del values["status"]
        with answered():
            return ok(webhook_document(changes.update(self.workspace, webhook_id, values)))

    @described(
        "Update a webhook (PATCH)",
        body=serializers.WebhookUpdate,
        answer=serializers.WebhookObject,
        errors=(400, 404),
    )
    def patch(self, request: Request, webhook_id: str) -> Response:
        return self.put(request, webhook_id)

    @described("Delete a webhook and its log", answer=serializers.DeletedWebhook, errors=(404,))
    def delete(self, request: Request, webhook_id: str) -> Response:
        with answered():
            changes.delete(self.workspace, webhook_id)
        return ok({"id": webhook_id, "deleted": True})


class RotateSecret(_TellsSecret):
    @described(
        "Rotate a webhook's secret",
        body=serializers.SecretRotation,
        answer=serializers.WebhookWithSecret,
        errors=(400, 404, 409),
    )
    def post(self, request: Request, webhook_id: str) -> Response:
        webhook = self.webhook(webhook_id)
        write = serializers.SecretRotation(data=self.body)
        write.is_valid(raise_exception=True)
        values = write.validated_data
        overlap = timedelta(hours=values["overlapHours"]) if "overlapHours" in values else changes.OVERLAP
        with answered():
            secret = changes.rotate_secret(
                self.workspace, webhook_id, secret=values.get("secret") or "", overlap=overlap
            )
        return _sealed(webhook, secret)
