"""One id for a request: on its answer, in each line of the log that it writes."""

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar
from uuid import uuid4

from django.http import HttpRequest, HttpResponseBase

HEADER = "X-Request-Id"
_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="-")


def current() -> str:
    return _current.get()


class RequestIdMiddleware:
    """Keeps a well-formed id that the caller sent, makes one otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sent = request.headers.get(HEADER, "")
        identifier = sent if _WELL_FORMED.fullmatch(sent) else uuid4().hex
        token = _current.set(identifier)
        try:
            response = self.get_response(request)
        finally:
            _current.reset(token)
        response[HEADER] = identifier
        return response


class RequestIdFilter(logging.Filter):
    """Gives every log record the request's id."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current()
        return True
