"""Pages of ours inside the admin."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.generic import View

from fluenzr_site.adminsite.scoped import ScopedAdmin
from fluenzr_site.adminsite.site import site
from fluenzr_site.workspaces.current import current
from fluenzr_site.workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class Crumb:
    """A page on the way to this one, below what the menu says."""

    title: Any
    url: str = ""


class Page(View):
    """A page of the person's workspace.

    Its address is made with ``site.admin_view(TheirPage.as_view(model_admin=…))``. ``get`` and ``post`` find
    ``self.workspace`` and answer with ``self.show(title, **context)``: the template extends ``adminsite/page.html``,
    which has the title, what leads to the page, and a block ``actions`` for the buttons in its head.

    - ``allowed`` says who may come: those whom the model admin lets change rows, or whoever is in the workspace where
      there is none. It is asked before anything else; others get a 403.
    - ``breadcrumbs`` are the pages between the menu's entry and this one.
    """

    model_admin: ScopedAdmin | None = None
    template = ""
    workspace: Workspace

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        workspace = current(request)
        if workspace is None or not self.allowed(request):
            raise PermissionDenied
        self.workspace = workspace
        return super().dispatch(request, *args, **kwargs)

    def allowed(self, request: HttpRequest) -> bool:
        return self.model_admin is None or bool(self.model_admin.has_change_permission(request))

    def breadcrumbs(self) -> Sequence[Crumb]:
        return ()

    def show(self, title: str, **context: Any) -> TemplateResponse:
        crumbs = {"breadcrumbs": self.breadcrumbs()}
        return shown(self.model_admin, self.request, self.template, title, **crumbs | context)


def shown(
    model_admin: ScopedAdmin | None, request: HttpRequest, template: str, title: str, **context: Any
) -> TemplateResponse:
    """A template inside the admin's frame."""
    admin_site = model_admin.admin_site if model_admin else site
    request.current_app = admin_site.name  # type: ignore[attr-defined]
    frame = admin_site.each_context(request) | {"title": title}
    if model_admin:
        frame |= {"opts": model_admin.opts, "model_admin": model_admin}
    return TemplateResponse(request, template, frame | context)
