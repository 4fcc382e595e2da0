"""What can go wrong, by class. Everything raised on purpose derives from FluenzrError."""

from collections.abc import Mapping
from typing import Any

UNEXPECTED_ANSWER = "UNEXPECTED_ANSWER"


class FluenzrError(Exception):
    """The base of all errors of this package."""


class ConfigurationError(FluenzrError):
    """The client can't be made from what it was given; the message says what to change."""


class ConnectionFailed(FluenzrError):  # noqa: N818  # the name says it; ConnectionError is a builtin
    """No answer came: refused, timed out, cut off, or the name didn't resolve. ``__cause__`` is httpx's error."""


class InvalidSignature(FluenzrError):  # noqa: N818
    """A webhook that wasn't signed with this secret, or not recently."""


class ApiError(FluenzrError):
    """The server answered with an error, or with something that isn't the API's.

    ``code`` is the API's (``CONFLICT``), or ``UNEXPECTED_ANSWER``. ``details`` maps each bad field, by its dotted path,
    to its messages. ``request_id`` finds the request in the server's log. ``retry_after`` is the number of seconds that
    the server asked to wait.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: Mapping[str, Any] | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(status, code, message, details, request_id, retry_after)
        self.status = status
        self.code = code
        self.message = message
        self.details: Mapping[str, Any] = details or {}
        self.request_id = request_id
        self.retry_after = retry_after

    def __str__(self) -> str:
        request = f" (request {self.request_id})" if self.request_id else ""
        return f"{self.status} {self.code}: {self.message}{request}"


class ValidationError(ApiError):
    """400: the request makes no sense to the server; ``details`` names the fields."""


class AuthenticationError(ApiError):
    """401: the key is missing, wrong or revoked."""


class PermissionDeniedError(ApiError):
    """403: the key may only read, the plan doesn't include it, or a limit is reached."""


class NotFoundError(ApiError):
    """404: no such thing in this workspace."""


class ConflictError(ApiError):
    """409: it exists already, or its state doesn't allow this."""


class RateLimitError(ApiError):
    """429, after all retries: too many requests this minute; ``retry_after`` says for how long."""


class ServerError(ApiError):
    """5xx, after all retries."""


_BY_STATUS: Mapping[int, type[ApiError]] = {
    400: ValidationError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    429: RateLimitError,
}


def error_class(status: int) -> type[ApiError]:
    """The class of error that an HTTP status is raised as."""
    return ServerError if status >= 500 else _BY_STATUS.get(status, ApiError)
