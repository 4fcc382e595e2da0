"""Every error under /v1 has one shape: ``{"success": false, "error": {"code", "message", "details"}}``."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response

from fluenzr_site.api import request_id
from fluenzr_site.api.rendering import json_bytes
from fluenzr_site.workspaces.plans import LimitReached

log = logging.getLogger("fluenzr.api")

Details = Mapping[str, list[str]]

# The code of each status, unless an ApiError says another.
CODES = {
    400: "VALIDATION_ERROR",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "RATE_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
}


class ApiError(Exception):
    """An answer other than success; ``details`` maps each bad field (dotted path) to its messages."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str = "",
        details: Details | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status, self.message = status, message
        self.code = code or CODES[status]
        self.details = dict(details or {})
        self.headers = dict(headers or {})
        super().__init__(message)


def invalid(details: Details) -> ApiError:
    """A 400 whose message is the first field's first one."""
    return ApiError(400, next(iter(details.values()))[0], details=details)


def not_found(message: str = "Not found") -> ApiError:
    return ApiError(404, message)


# What a view may raise to refuse a request. Anything else is a mistake of ours.
EXPECTED = (
    ApiError,
    LimitReached,
    Http404,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    exceptions.APIException,
)


def body(code: str, message: str, details: Details | None = None) -> dict[str, Any]:
    return {"success": False, "error": {"code": code, "message": message, "details": details or {}}}


def handle(error: Exception, _context: Mapping[str, Any]) -> Response:
    """REST framework's exception handler: any exception to the envelope; what nobody foresaw to a 500."""
    known = as_api_error(error)
    response = Response(body(known.code, known.message, known.details), status=known.status)
    for name, value in known.headers.items():
        response[name] = value
    # Else REST framework lets go of what it holds for a transaction of the whole request: we have none.
    return response


def as_response(error: Exception) -> HttpResponse:
    """The same for an error met outside a view."""
    known = as_api_error(error)
    content = json_bytes(body(known.code, known.message, known.details))
    return HttpResponse(content, status=known.status, content_type="application/json", headers=known.headers)


def as_api_error(error: Exception) -> ApiError:
    if isinstance(error, ApiError):
        return error
    if isinstance(error, LimitReached):
        return ApiError(403, str(error))
    if isinstance(error, Http404):
        return not_found()
    if isinstance(error, PermissionDenied):
        return ApiError(403, "Forbidden")
    if isinstance(error, RequestDataTooBig):
        return too_large()
    if isinstance(error, SuspiciousOperation):
        return ApiError(400, "The request is malformed, or has too many parameters")
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    log.exception("Unforeseen error")
    message = f"Something went wrong on our side; request {request_id.current()} is in the log"
    return ApiError(500, message)


def too_large() -> ApiError:
    return ApiError(413, "The request body must be at most 5 MB")


def _of_framework(error: exceptions.APIException) -> ApiError:
    headers = {"WWW-Authenticate": "Bearer"} if error.status_code == 401 else {}
    if isinstance(error, exceptions.ValidationError):
        details = flatten(error.detail)
        return invalid(details) if details else ApiError(400, "Invalid request")
    if isinstance(error, exceptions.MethodNotAllowed):
        return ApiError(405, str(error.detail), headers=headers)
    if isinstance(error, exceptions.UnsupportedMediaType):
        return ApiError(415, "The request body must be application/json in UTF-8")
    return ApiError(error.status_code, str(error.detail), headers=headers)


def flatten(detail: Any) -> dict[str, list[str]]:
    """REST framework's nested errors as dotted paths: ``{"settings.sendHoursStart": ["…"]}``."""
    found: dict[str, list[str]] = {}
    for path, message in _leaves(detail, ""):
        found.setdefault(path, []).append(message)
    return found


def _leaves(detail: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            name = "" if key == "non_field_errors" else str(key)
            yield from _leaves(value, f"{path}.{name}".strip("."))
    elif isinstance(detail, list):
        for position, value in enumerate(detail):
            nested = isinstance(value, Mapping | list)
            yield from _leaves(value, f"{path}.{position}".strip(".") if nested else path)
    else:
        yield path or "body", str(detail)
