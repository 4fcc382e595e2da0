"""The workspace that a person is working in: chosen once, kept in the session."""

from typing import Any

from django.http import HttpRequest

from fluenzr_site.workspaces.models import Membership, Workspace

SESSION_KEY = "workspace"


def workspaces_of(request: HttpRequest) -> list[Workspace]:
    """Those the person may enter; a superuser enters all."""
    user = request.user
    if not user.is_authenticated:
        return []
    everything = Workspace.objects.order_by("name", "id")
    theirs = everything.filter(memberships__user=user, memberships__is_active=True)
    return list(everything if user.is_superuser else theirs)


def current(request: HttpRequest) -> Workspace | None:
    """The chosen workspace, else the person's first one; None for who has none."""
    if not hasattr(request, "_workspace"):
        possible = workspaces_of(request)
        chosen = request.session.get(SESSION_KEY) if possible else None
        found = next((workspace for workspace in possible if workspace.pk == chosen), None)
        request._workspace = found or (possible[0] if possible else None)  # type: ignore[attr-defined]
        request._workspaces = possible  # type: ignore[attr-defined]
    workspace: Workspace | None = request._workspace  # type: ignore[attr-defined]
    return workspace


def choose(request: HttpRequest, workspace_id: str) -> bool:
    """Work in that workspace from now on; False when the person may not enter it."""
    if workspace_id not in {workspace.pk for workspace in workspaces_of(request)}:
        return False
    request.session[SESSION_KEY] = workspace_id
    return True


def is_admin(request: HttpRequest) -> bool:
    """Whether the person may see keys and settings of the current workspace."""
    workspace = current(request)
    if workspace is None or not request.user.is_authenticated:
        return False
    if request.user.is_superuser:
        return True
    mine = Membership.objects.filter(workspace=workspace, user=request.user, is_active=True)
    return mine.filter(role=Membership.Role.ADMIN).exists()


def context(request: HttpRequest) -> dict[str, Any]:
    """For templates: the workspace and those one may switch to."""
    if not hasattr(request, "user"):
        return {}
    workspace = current(request)
    return {"workspace": workspace, "workspaces": getattr(request, "_workspaces", [])}
