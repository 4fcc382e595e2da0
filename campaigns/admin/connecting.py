"""Signing in to a mailbox at Google or Microsoft: the button that sends a person there, and the way back."""

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from campaigns.changes import accounts
from campaigns.models import EmailAccount
from campaigns.oauth import flow, providers
from campaigns.oauth.flow import Begun
from campaigns.oauth.problems import OAuthError
from campaigns.oauth.providers import Provider
from fluenzr_site.adminsite.pages import shown
from fluenzr_site.adminsite.remembering import administers
from fluenzr_site.adminsite.scoped import ScopedAdmin
from fluenzr_site.core import clock
from fluenzr_site.core.said import in_words
from fluenzr_site.workspaces.current import current
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.plans import LimitReached

SESSION_KEY: Final = "mailbox_sign_in"
_TEMPLATE: Final = "campaigns/account_connecting.html"
_LONGEST_EMAIL: Final = 254


class Stopped(Exception):
    """The message for the person; nothing was changed."""


def urls(model_admin: ScopedAdmin) -> list[URLPattern]:
    """For the model admin's ``get_urls``, before its own."""

    def view(function: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
        def run(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if not administers(request):
                raise PermissionDenied
            try:
                return function(model_admin, request, **kwargs)
            except Stopped as why:
                messages.error(request, str(why))
                return _to_list()

        return never_cache(model_admin.admin_site.admin_view(run))

    return [
        path(
            "connect/<str:provider>/",
            require_http_methods(["GET", "POST"])(view(connect)),
            name="campaigns_emailaccount_connect",
        ),
        path("connected/", require_GET(view(connected)), name="campaigns_emailaccount_connected"),
    ]


def redirect_uri() -> str:
    """Where providers send people back to: the address to register with them."""
    return f"{settings.FLUENZR_PUBLIC_URL}{reverse('admin:campaigns_emailaccount_connected')}"


def connect(model_admin: ScopedAdmin, request: HttpRequest, provider: str) -> HttpResponse:
    """Send the person to the provider; opened as a page, ask first. ``email``: the mailbox to connect again."""
    if provider not in providers.NAMES:
        raise Http404
    what_to_set = providers.what_to_set(provider, redirect_uri())
    if what_to_set:
        raise Stopped(what_to_set)
    found = providers.find(provider)
    title = _("Sign in at %(title)s") % {"title": found.title}
    if request.method != "POST":
        mailbox = request.GET.get("email", "")[:_LONGEST_EMAIL]
        return shown(model_admin, request, _TEMPLATE, title, provider=found, mailbox=mailbox)
    mailbox = request.POST.get("email", "")[:_LONGEST_EMAIL]
    address, begun = flow.begin(found, _workspace(request).pk, redirect_uri(), mailbox=mailbox)
    request.session[SESSION_KEY] = begun.kept()
    # A page, not a redirect: browsers hold a form's redirects to the policy's form-action, which names us alone.
    return shown(model_admin, request, _TEMPLATE, title, provider=found, address=address)


def connected(model_admin: ScopedAdmin, request: HttpRequest) -> HttpResponse:
    """The person is back from the provider."""
    begun = _begun(request)
    provider = providers.find(begun.provider)
    code = request.GET.get("code", "")
    if not code:
        raise Stopped(in_words(flow.denied(provider, request.GET.dict())))
    try:
        account = _connect(_workspace(request), provider, begun, code)
    except (OAuthError, accounts.Invalid, LimitReached) as error:
        raise Stopped(in_words(error)) from None
    if account.state == EmailAccount.State.PAUSED:
        messages.success(request, _("%(mailbox)s is connected, and still paused.") % {"mailbox": account.email})
    else:
        messages.success(request, _("%(mailbox)s is connected.") % {"mailbox": account.email})
    return _to_list()


def _connect(workspace: Workspace, provider: Provider, begun: Begun, code: str) -> EmailAccount:
    tokens, identity = flow.exchange(provider, begun, code, redirect_uri())
    return accounts.connect_oauth(workspace, provider, tokens, identity.email, username=identity.username)


def _begun(request: HttpRequest) -> Begun:
    """What this person began, in this workspace, a short while ago; it is good once. Raises Stopped."""
    begun = Begun.of(request.session.get(SESSION_KEY))
    # Left in the session where it doesn't fit: a stranger's link must not end what is under way.
    if begun is None or not begun.fits(request.GET.get("state", "")):
        address = {"address": settings.FLUENZR_PUBLIC_URL}
        raise Stopped(
            _("No signing in was under way here. Open this site at %(address)s and begin once more.") % address
        )
    del request.session[SESSION_KEY]
    if begun.is_over(clock.now()):
        raise Stopped(_("Signing in took too long: begin once more."))
    if begun.workspace != _workspace(request).pk:
        raise Stopped(_("Signing in was begun in another workspace: go there, or begin once more."))
    return begun


def _workspace(request: HttpRequest) -> Workspace:
    workspace = current(request)
    if workspace is None:
        raise PermissionDenied
    return workspace


def _to_list() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:campaigns_emailaccount_changelist"))
