"""A workspace's own pages: keys, members, settings. For its administrators alone."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import register
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from fluenzr_site.adminsite.pages import shown
from fluenzr_site.adminsite.scoped import ScopedAdmin
from fluenzr_site.adminsite.site import site
from fluenzr_site.workspaces import changes
from fluenzr_site.workspaces.admin_forms import ONE_ADMINISTRATOR, ApiKeyForm, MemberForm, SettingsForm
from fluenzr_site.workspaces.models import ApiKey, Membership, Workspace


@register(ApiKey, site=site)
class ApiKeyAdmin(ScopedAdmin):
    admins_only = True
    form = ApiKeyForm
    list_display = ["name", "beginning", "permission", "state", "created_at", "last_used_at"]
    search_fields = ["name", "start"]
    fields = ["name", "permission"]
    warn_unsaved_form = False
    change_form_outer_after_template = "workspaces/key_revoke.html"

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.person = request.user
        return form

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A key is what it was made as; it can only be revoked."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A revoked key stays in the list: it says who had access, and until when."""
        return False

    @display(description=gettext_lazy("begins with"))
    def beginning(self, key: ApiKey) -> str:
        return f"{key.start}…"

    @display(description=gettext_lazy("state"), label={"in_use": "success", "revoked": "danger"})
    def state(self, key: ApiKey) -> tuple[str, str]:
        return ("revoked", _("Revoked")) if key.revoked_at else ("in_use", _("In use"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        dates = ["beginning", "created_by", "created_at", "last_used_at", "revoked_at"]
        return ["name", "permission", *(dates if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["beginning", "created_by", "created_at", "last_used_at", "revoked_at"] if obj else []

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        # One button: each of them would lead to the page that shows the key.
        alone = {"show_save_and_add_another": False, "show_save_and_continue": False}
        page: HttpResponse = super().add_view(request, form_url, alone | (extra_context or {}))
        return page

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Shows the key in the answer itself: a redirect would have to keep it somewhere meanwhile."""
        page = shown(self, request, "workspaces/key_made.html", _("Your new API key"), key=obj)
        page["Cache-Control"] = "no-store"
        return page

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method == "POST" and "revoke" in request.POST:
            return self._revoke(request, unquote(object_id))
        page: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return page

    def _revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.allowed(request):
            raise PermissionDenied
        key = self.get_object(request, object_id)
        if key is not None:
            changes.revoke_api_key(key)
            messages.success(request, _("The key “%(name)s” opens nothing any more.") % {"name": key.name})
        return redirect("admin:workspaces_apikey_changelist")


@register(Membership, site=site)
class MembershipAdmin(ScopedAdmin):
    admins_only = True
    form = MemberForm
    list_display = ["person", "email", "role"]
    list_select_related = ["user"]
    ordering = ["user__username"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["person", "role"] if obj else ["email", "role", "password"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["person"] if obj else []

    @display(description=gettext_lazy("person"))
    def person(self, membership: Membership) -> str:
        return membership.user.get_full_name() or membership.user.get_username()

    @display(description=gettext_lazy("e-mail"))
    def email(self, membership: Membership) -> str:
        return membership.user.email or "–"

    def delete_question(self, request: HttpRequest, obj: Any) -> str:
        return _("Take %(person)s out of this workspace? The account stays.") % {"person": self.person(obj)}

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except changes.LastAdministrator:
            messages.error(request, ONE_ADMINISTRATOR)
            return redirect("admin:workspaces_membership_changelist")

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        changes.remove_member(obj)


@register(Workspace, site=site)
class WorkspaceAdmin(ScopedAdmin):
    admins_only = True
    form = SettingsForm
    fields = ["name", "timezone", "postal_address", "open_tracking", "plan_title", "id"]
    readonly_fields = ["plan_title", "id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Workspace.objects.filter(pk=self.workspace(request).pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=gettext_lazy("plan"))
    def plan_title(self, workspace: Workspace) -> str:
        return workspace.limits.title

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one to set up: the one that the person is in."""
        if not self.allowed(request):
            raise PermissionDenied
        return redirect("admin:workspaces_workspace_change", self.workspace(request).pk)
