"""The base of every view under /v1."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import resolve
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fluenzr_site.api import idempotency, ratelimit
from fluenzr_site.api.authentication import BearerKey, HeaderKey, unauthorised
from fluenzr_site.api.errors import ApiError, invalid, not_found
from fluenzr_site.api.paging import UNSTORABLE
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.models import ApiKey, Workspace


class ApiView(APIView):
    """Knows the caller's workspace, counts the request, answers in the envelope.

    ``only_reads`` marks a POST that changes nothing, which a read-only key may make.
    """

    metadata_class = None
    only_reads = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.perform_authentication(request)
        # Counted before anything is refused: a caller who keeps asking for what it may not have counts too.
        self.allowance = ratelimit.count(self.workspace)
        self.check_permissions(request)
        ratelimit.require(self.allowance)
        _refuse_unstorable(request, kwargs)
        if request.method == "POST" and idempotency.HEADER in request.headers and hasattr(self, "post"):
            # The framework looks the handler up after this.
            vars(self)["post"] = idempotency.once(self.workspace, self.post)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answered = super().finalize_response(request, response, *args, **kwargs)
        allowance: ratelimit.Allowance | None = getattr(self, "allowance", None)
        for name, value in (allowance.headers if allowance else {}).items():
            answered[name] = value
        return answered

    @property
    def key(self) -> ApiKey:
        if not isinstance(self.request.auth, ApiKey):
            raise unauthorised()
        return self.request.auth

    @property
    def workspace(self) -> Workspace:
        return self.key.workspace

    @property
    def actor(self) -> Actor:
        return Actor("key", self.key.pk)

    @property
    def body(self) -> dict[str, Any]:
        """The request's body, which must be a JSON object."""
        data = self.request.data
        if not isinstance(data, dict):
            raise ApiError(400, "The body must be a JSON object", details={"body": ["Must be a JSON object"]})
        return data


def _refuse_unstorable(request: Request, path_values: Mapping[str, str]) -> None:
    """No text in a database has a NUL or half a surrogate pair; asking for one would be an error there."""
    for name, value in request.query_params.items():
        if UNSTORABLE.search(f"{name}{value}"):
            raise invalid({UNSTORABLE.sub("", name): ["Must not contain NUL or broken surrogate pairs"]})
    if any(UNSTORABLE.search(value) for value in path_values.values()):
        raise not_found()


def ok(data: Any, *, status: int = 200, meta: dict[str, Any] | None = None) -> Response:
    """A success in the envelope; a list carries its ``meta``."""
    envelope = {"success": True, "data": data}
    return Response(envelope | {"meta": meta} if meta is not None else envelope, status=status)


class UnknownPath(ApiView):
    """Every path under /v1 that isn't there. A caller with a key is counted like any other."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if any(shown.key_of(request) for shown in (BearerKey, HeaderKey)):
            super().initial(request, *args, **kwargs)
        elif _is_path_of_a_dialect(request):
            # Without a key nobody has chosen the dialect in which the path isn't.
            raise unauthorised()
        raise not_found(f"There is no {request.path}")


def _is_path_of_a_dialect(request: Request) -> bool:
    matches = (resolve(request.path.rstrip("/"), urlconf=urlconf) for urlconf in settings.FLUENZR_DIALECTS.values())
    return any(getattr(match.func, "view_class", None) is not UnknownPath for match in matches)
