"""The admin site: one workspace at a time."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.sites import UnfoldAdminSite

from fluenzr_site.adminsite import dashboard
from fluenzr_site.workspaces.current import choose, current


class WorkspaceAdminSite(UnfoldAdminSite):  # type: ignore[misc, unused-ignore]
    site_title = "FluenzR"
    site_header = "FluenzR"
    index_title = gettext_lazy("Dashboard")
    index_template = "adminsite/dashboard.html"

    def extra_urls(self) -> list[URLPattern]:
        return [path("workspace/", self.admin_view(require_POST(self.switch_workspace)), name="workspace")]

    def switch_workspace(self, request: HttpRequest) -> HttpResponse:
        """Work in another workspace. Back to the dashboard: what was open belongs to the old one."""
        if not choose(request, request.POST.get("workspace", "")):
            messages.error(request, _("You are not in that workspace."))
        return redirect("admin:index")

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        workspace = current(request)
        cards = dashboard.cards(workspace) if workspace else []
        panels = dashboard.panels(workspace) if workspace else []
        page: TemplateResponse = super().index(request, {"cards": cards, "panels": panels, **(extra_context or {})})
        return page

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        # The theme's remembers its results by person, whatever the workspace and the rights of the moment.
        raise Http404


site = WorkspaceAdminSite()
