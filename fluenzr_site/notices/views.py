"""The pages that notices lead to: one that ends them, without a login, and the way into their workspace."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from fluenzr_site.notices import choosing, letters
from fluenzr_site.notices.models import Notice
from fluenzr_site.workspaces.current import choose
from fluenzr_site.workspaces.models import Membership
from fluenzr_site.workspaces.profiles import language_of, profile_of


# Programs press the button too (RFC 8058): the signed link is what is believed.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, membership_id: str, kind: str, signature: str) -> HttpResponse:
    """Opened, it asks: scanners open every link. Posted to, it does."""
    rows = Membership.objects.select_related("workspace", "user")
    is_ours = letters.stops(membership_id, kind, signature)
    membership = rows.filter(pk=membership_id).first() if is_ours else None
    if membership is None:
        return _gone(request)
    if request.method == "POST":
        choosing.stop(membership, kind)
    said = "done" if request.method == "POST" else "ask"
    context = {"said": said, "membership": membership, "kind": Notice.Kind(kind).label}
    with translation.override(language_of(profile_of(membership.user))):
        return _shown(request, context)


@never_cache
@require_safe
def open_page(request: HttpRequest, workspace_id: str, signature: str, page: str) -> HttpResponse:
    """On to a page of the notice's workspace. Only links that we have signed lead into another one."""
    if not letters.leads_to(workspace_id, signature, page):
        return _gone(request)
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if not choose(request, workspace_id):
        return redirect("admin:index")
    return HttpResponseRedirect(f"/{page}")


def _gone(request: HttpRequest) -> HttpResponse:
    return _shown(request, {"said": "gone"}, status=404)


def _shown(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    page = render(request, "notices/stop.html", context, status=status)
    page.headers["X-Robots-Tag"] = "noindex"
    return page
