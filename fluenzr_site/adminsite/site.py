"""The admin site: one workspace at a time."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.sites import UnfoldAdminSite

from fluenzr_site.adminsite import dashboard, navigation
from fluenzr_site.adminsite.remembering import administers
from fluenzr_site.adminsite.ways import way_back
from fluenzr_site.workspaces.current import choose, current
from fluenzr_site.workspaces.models import Workspace

HIDDEN: Final = "flz_no_steps_"
A_YEAR: Final = 365 * 24 * 3600


def _without_nul(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """No id and no text that a person means has a NUL in it, and PostgreSQL breaks down over one.

    What is asked for (``?q=…``) finds nothing then, as anything else that isn't there.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        sent = [*args, *kwargs.values()]
        for name, values in request.POST.lists():
            sent += [name, *values]
        if any("\0" in each for each in sent if isinstance(each, str)):
            raise BadRequest("The request holds a NUL character")
        return view(request, *args, **kwargs)

    return guarded


def next_page(request: HttpRequest) -> str:
    """Where the login was to lead."""
    return way_back(request) or reverse("admin:index")


class WorkspaceAdminSite(UnfoldAdminSite):  # type: ignore[misc, unused-ignore]
    site_title = "FluenzR"
    site_header = "FluenzR"
    index_title = gettext_lazy("Dashboard")
    index_template = "adminsite/dashboard.html"

    def extra_urls(self) -> list[URLPattern]:
        switch = path("workspace/", self.admin_view(require_POST(self.switch_workspace)), name="workspace")
        hide = path("first-steps/hide/", self.admin_view(require_POST(self.hide_steps)), name="hide_steps")
        return [
            switch,
            hide,
            *(route for admin in self._registry.values() for route in getattr(admin, "site_urls", list)()),
        ]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return super().admin_view(_without_nul(view), cacheable)

    def get_sidebar_list(self, request: HttpRequest) -> list[Any]:
        """The theme asks for its menu here; ours has another shape, which templates/unfold/helpers draw."""
        return navigation.entries(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Who is signed in by now, in another tab, goes on to where the login was to lead."""
        if self.has_permission(request):
            return redirect(next_page(request))
        page: HttpResponse = super().login(request, extra_context)
        return page

    def switch_workspace(self, request: HttpRequest) -> HttpResponse:
        """Work in another workspace. Back to the dashboard: what was open belongs to the old one."""
        if not choose(request, request.POST.get("workspace", "")):
            messages.error(request, _("You are not in that workspace."))
        return redirect("admin:index")

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        workspace = current(request)
        shown = {"administers": administers(request)} | (_numbers(request, workspace) if workspace else {})
        page: TemplateResponse = super().index(request, shown | (extra_context or {}))
        return page

    def hide_steps(self, request: HttpRequest) -> HttpResponse:
        """In this browser, for the workspace that is open."""
        workspace, answer = current(request), redirect("admin:index")
        if workspace:
            answer.set_cookie(HIDDEN + workspace.pk, "1", max_age=A_YEAR, httponly=True, samesite="Lax")
        return answer

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        # The theme's remembers its results by person, whatever the workspace and the rights of the moment.
        raise Http404


def _numbers(request: HttpRequest, workspace: Workspace) -> dict[str, Any]:
    period = dashboard.Period.chosen(request.GET)
    panels = dashboard.panels(workspace)
    return {
        "period": period,
        "periods": dashboard.usual_periods(period),
        "cards": dashboard.cards(workspace, period),
        "chart": dashboard.chart(workspace, period),
        "urgent": [panel for panel in panels if panel.rank <= dashboard.URGENT],
        "panels": [panel for panel in panels if panel.rank > dashboard.URGENT and not panel.aside],
        "aside": [panel for panel in panels if panel.aside],
        "steps": [] if request.COOKIES.get(HIDDEN + workspace.pk) else dashboard.steps(workspace),
    }


site = WorkspaceAdminSite()
