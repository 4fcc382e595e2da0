"""Who calls: the key, its workspace, and whether both may do what they ask."""

from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from fluenzr_site.api.errors import ApiError
from fluenzr_site.core import clock, counters
from fluenzr_site.workspaces import keys
from fluenzr_site.workspaces.changes import note_key_use
from fluenzr_site.workspaces.models import ApiKey

INVALID_KEY = "Invalid or missing API key"
NEEDS_PRO = "API access requires Pro plan"
_WINDOW = 60


def unauthorised() -> ApiError:
    return ApiError(401, INVALID_KEY, headers={"WWW-Authenticate": "Bearer"})


class BearerKey(BaseAuthentication):
    """``Authorization: Bearer flz_sk_…``. ``request.auth`` is the key; there is no user."""

    def authenticate(self, request: Request) -> tuple[None, ApiKey]:
        return None, authenticate(self.key_of(request), request.META.get("REMOTE_ADDR", ""))

    @staticmethod
    def key_of(request: Request) -> str:
        """The key that the request shows, as it is; empty where it shows none."""
        scheme, _, key = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class HeaderKey(BearerKey):
    """``x-api-key: flz_sk_…``, as the messaging API shows it."""

    @staticmethod
    def key_of(request: Request) -> str:
        shown: str = request.META.get("HTTP_X_API_KEY", "")
        return shown.strip()


def authenticate(key: str, address: str) -> ApiKey:
    """The key's row with its workspace. Raises ApiError 401, or 429 for an address that keeps guessing."""
    if not key:
        raise unauthorised()
    row = _find(key)
    if row is None:
        _throttle(address)
        raise unauthorised()
    note_key_use(row, clock.now())
    return row


def _find(key: str) -> ApiKey | None:
    if not keys.is_well_formed(key):
        return None
    digest = keys.digest(key)
    row = ApiKey.objects.select_related("workspace").filter(digest=digest, revoked_at__isnull=True).first()
    return row if row and constant_time_compare(row.digest, digest) else None


def _throttle(address: str) -> None:
    now = clock.now().timestamp()
    count = counters.hit(f"wrong-keys:{address}", seconds=_WINDOW, now=now)
    if count.hits > settings.FLUENZR_WRONG_KEYS_A_MINUTE:
        wait = max(1, count.resets_at - int(now))
        message = "Too many requests with a wrong API key from this address"
        raise ApiError(429, message, headers={"Retry-After": str(wait)})


class KeyAllows(BasePermission):
    """The workspace's plan has the API, and a read-only key only reads (searching is reading)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        key = request.auth
        if not isinstance(key, ApiKey):
            raise unauthorised()
        if not key.workspace.limits.api:
            raise ApiError(403, NEEDS_PRO)
        reads = request.method in SAFE_METHODS or getattr(view, "only_reads", False)
        if not reads and not key.can_write:
            raise ApiError(403, "This API key is read-only")
        return True
