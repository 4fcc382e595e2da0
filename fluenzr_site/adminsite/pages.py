"""Pages of ours inside the admin."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.generic import View

from fluenzr_site.adminsite.scoped import ScopedAdmin
from fluenzr_site.workspaces.models import Workspace


class Page(View):
    """A page of one workspace, for those whom its model admin lets in."""

    model_admin: ScopedAdmin | None = None
    template = ""
    workspace: Workspace

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.model_admin is None or not self.model_admin.has_change_permission(request):
            raise PermissionDenied
        self.workspace = self.model_admin.workspace(request)
        return super().dispatch(request, *args, **kwargs)

    def show(self, title: str, **context: Any) -> TemplateResponse:
        return shown(self.model_admin, self.request, self.template, title, **context)


def shown(
    model_admin: ScopedAdmin | None, request: HttpRequest, template: str, title: str, **context: Any
) -> TemplateResponse:
    """A template inside the admin's frame, under the model's breadcrumb."""
    assert model_admin is not None  # noqa: S101
    site = model_admin.admin_site
    request.current_app = site.name  # type: ignore[attr-defined]
    frame = site.each_context(request) | {
        "title": title,
        "opts": model_admin.opts,
        "model_admin": model_admin,
    }
    return TemplateResponse(request, template, frame | context)
