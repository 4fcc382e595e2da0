"""A POST that may be sent again: the first answer is kept, and given to whoever repeats the request.

The answer is written in the transaction that makes the change, so that neither is without the other: a process
that dies midway leaves no trace, and a repetition does the work then. A concurrent duplicate waits at the
table's constraint (SQLite: for the writer before it) and is given the answer too. Nothing runs twice.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import orjson
from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from fluenzr_site.api import errors
from fluenzr_site.api.errors import ApiError
from fluenzr_site.api.models import KeptAnswer
from fluenzr_site.api.rendering import json_bytes
from fluenzr_site.core import clock
from fluenzr_site.core.database import retried
from fluenzr_site.workspaces.models import Workspace

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
KEPT: Final = timedelta(hours=24)
_WELL_FORMED = re.compile(r"[!-~]{1,255}")
_OTHER = f"This {HEADER} was used for another request; use a new one for each change"

Handler = Callable[..., Response]


def once(workspace: Workspace, handler: Handler) -> Handler:
    """The handler of a POST, run at most once for an ``Idempotency-Key`` of the workspace."""

    def run(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = request.headers[HEADER]
        if not _WELL_FORMED.fullmatch(key):
            message = f"{HEADER} must be 1 to 255 printable ASCII characters"
            raise ApiError(400, message, details={HEADER: [message]})
        asked = _fingerprint(request)
        return _once(workspace, key, asked, lambda: handler(request, *args, **kwargs))

    return run  # type: ignore[return-value]  # what was kept is an answer of Django's


def _fingerprint(request: Request) -> str:
    """What makes two requests the same: whom they call, and what they say. The body is read here, and refused here."""
    data = request.data
    try:
        said = orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        # Nested deeper than is written, though not than is read: then byte by byte.
        said = vars(request)["said"]
    called = f"{request.resolver_match.func.__module__} {request.path.rstrip('/')}\n"  # type: ignore[union-attr]
    return hashlib.sha256(called.encode(errors="replace") + said).hexdigest()


@retried
def _once(workspace: Workspace, key: str, asked: str, answer: Callable[[], Response]) -> HttpResponseBase:
    with transaction.atomic():
        kept = _claim(workspace, key, asked)
        if isinstance(kept, HttpResponse):
            return kept
        try:
            with transaction.atomic():
                response = answer()
        except errors.EXPECTED as error:
            # A refusal is an answer too; what the request had begun is taken back.
            response = errors.handle(error, {})
        kept.status, kept.body = response.status_code, json_bytes(response.data)
        kept.save(update_fields=["status", "body"])
    return response


def _claim(workspace: Workspace, key: str, asked: str) -> KeptAnswer | HttpResponse:
    """The row of a request that is the first with this key, else the kept answer. Raises ApiError 409."""
    now = clock.now()
    answers = KeptAnswer.objects.filter(workspace=workspace, key=key)
    answers.filter(created_at__lt=now - KEPT).delete()
    try:
        with transaction.atomic():
            return KeptAnswer.objects.create(workspace=workspace, key=key, asked=asked, created_at=now)
    except IntegrityError:
        kept = answers.get()
    if kept.asked != asked:
        raise ApiError(409, _OTHER, details={HEADER: [_OTHER]})
    content = bytes(kept.body)
    return HttpResponse(content, status=kept.status, content_type="application/json", headers={REPLAYED: "true"})


def forget_old() -> int:
    """Delete the answers that are older than a day; how many."""
    return KeptAnswer.objects.filter(created_at__lt=clock.now() - KEPT).delete()[0]
