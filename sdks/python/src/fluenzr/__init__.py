"""Client of the FluenzR API."""

from fluenzr._config import VERSION as __version__
from fluenzr._values import NOT_GIVEN
from fluenzr.client import AsyncFluenzrClient, FluenzrClient
from fluenzr.errors import (
    ApiError,
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    ConnectionFailed,
    FluenzrError,
    InvalidSignature,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    ValidationError,
)
from fluenzr.paging import AsyncPage, Page
from fluenzr.webhooks import is_valid_webhook, verify_webhook

__all__ = [
    "NOT_GIVEN",
    "ApiError",
    "AsyncFluenzrClient",
    "AsyncPage",
    "AuthenticationError",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailed",
    "FluenzrClient",
    "FluenzrError",
    "InvalidSignature",
    "NotFoundError",
    "Page",
    "PermissionDeniedError",
    "RateLimitError",
    "ServerError",
    "ValidationError",
    "__version__",
    "is_valid_webhook",
    "verify_webhook",
]
