"""The door of /v1: which dialect is spoken, and no answer outside the envelope.

A request for the API goes from here straight to its view. What follows in the list of middleware (sessions,
languages, CSRF, policies of pages) is for browsers.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.urls import resolve
from django.utils import translation

from fluenzr_site.api import errors
from fluenzr_site.api.errors import ApiError

PREFIX = "/v1"


class ApiMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path != PREFIX and not path.startswith(f"{PREFIX}/"):
            return self.get_response(request)
        try:
            # Messages are one English sentence, whatever language this thread spoke last.
            with translation.override("en"):
                return self._answer(request)
        except Exception as error:  # the contract has no answer outside the envelope, whatever went wrong
            return errors.as_response(error)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        # Keys, not cookies, open this door: there is nothing for a forged request to ride on.
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        match = resolve(request.path_info.rstrip("/"), urlconf=_dialect(request))
        request.resolver_match = match
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
            return response.render()
        return response


def _dialect(request: HttpRequest) -> str:
    """The URL configuration of the dialect that the caller's way of showing its key chooses."""
    bearer, header = "Authorization" in request.headers, "x-api-key" in request.headers
    if bearer and header:
        raise ApiError(400, "Send either Authorization or x-api-key, not both: each chooses an API of its own")
    urlconf: str = settings.FLUENZR_DIALECTS["messaging" if header else "fluenzr"]
    return urlconf
