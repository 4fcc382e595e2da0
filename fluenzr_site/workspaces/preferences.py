"""Each request in its person's language and time zone."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone, translation

from fluenzr_site.workspaces.current import current
from fluenzr_site.workspaces.models import Profile
from fluenzr_site.workspaces.profiles import profile_of, zone_of


class PreferencesMiddleware(LocaleMiddleware):
    """The browser's language, as Django has it, unless somebody is signed in who has chosen another."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(self._in_zone)
        self._then = get_response

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        profile = preferences(request)
        if profile is not None and translation.check_for_language(profile.language):
            translation.activate(profile.language)
            request.LANGUAGE_CODE = translation.get_language()

    def _in_zone(self, request: HttpRequest) -> HttpResponseBase:
        profile = preferences(request)
        if profile is None:
            return self._then(request)
        with timezone.override(zone_of(profile, current(request))):
            return self._then(request)


def preferences(request: HttpRequest) -> Profile | None:
    """Of who is signed in, asked for once. Who brings no cookie costs nothing."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
        return None
    if not hasattr(request, "preferences"):
        request.preferences = profile_of(request.user)  # type: ignore[attr-defined]
    found: Profile = request.preferences  # type: ignore[attr-defined]
    return found
