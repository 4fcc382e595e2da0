"""A workspace's own pages: keys, members, settings. For its administrators alone."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import register
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from fluenzr_site.adminsite import profile, settings_pages
from fluenzr_site.adminsite.moments import ago
from fluenzr_site.adminsite.pages import shown
from fluenzr_site.adminsite.scoped import ScopedAdmin
from fluenzr_site.adminsite.site import site
from fluenzr_site.adminsite.ways import way_back
from fluenzr_site.core.said import in_words
from fluenzr_site.workspaces import changes, plans
from fluenzr_site.workspaces.admin_forms import ONE_ADMINISTRATOR, ApiKeyForm, MemberForm, SettingsForm
from fluenzr_site.workspaces.models import ApiKey, Membership, Workspace


@register(ApiKey, site=site)
class ApiKeyAdmin(ScopedAdmin):
    admins_only = True
    add_text = gettext_lazy("Add API key")
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

    @display(description=gettext_lazy("created by"))
    def maker(self, key: ApiKey) -> str:
        return str(key.created_by or "")

    @display(description=gettext_lazy("state"), label={"in_use": "success", "revoked": "danger"})
    def state(self, key: ApiKey) -> tuple[str, str]:
        return ("revoked", _("Revoked")) if key.revoked_at else ("in_use", _("In use"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        dates = ["beginning", "maker", "created_at", "last_used_at", "revoked_at"]
        return ["name", "permission", *(dates if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["beginning", "maker", "created_at", "last_used_at", "revoked_at"] if obj else []

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
    add_text = gettext_lazy("Add member")
    delete_text = gettext_lazy("Delete member")
    form = MemberForm
    list_display = ["person", "email", "role", "state", "last_login"]
    list_select_related = ["user"]
    change_form_outer_after_template = "workspaces/member_state.html"
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

    @display(description=gettext_lazy("state"), label={"in": "success", "out": "warning"})
    def state(self, membership: Membership) -> tuple[str, str]:
        return ("in", _("Active")) if membership.is_active else ("out", _("Deactivated"))

    @display(description=gettext_lazy("last signed in"))
    def last_login(self, membership: Membership) -> str:
        return ago(membership.user.last_login)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        told = {"person": self.person(obj), "address": request.build_absolute_uri(reverse("admin:index"))}
        messages.success(request, _("%(person)s may come in now, at %(address)s. Tell them so.") % told)
        page = "add" if "_addanother" in request.POST else "changelist"
        return redirect(f"admin:workspaces_membership_{page}")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method == "POST" and "activate" in request.POST:
            return self._activate(request, unquote(object_id), request.POST["activate"] == "yes")
        page: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return page

    def _activate(self, request: HttpRequest, object_id: str, let_in: bool) -> HttpResponse:
        if not self.allowed(request):
            raise PermissionDenied
        membership = self.get_object(request, object_id)
        if membership is not None:
            person = {"person": self.person(membership)}
            try:
                if let_in:
                    changes.reactivate_member(membership)
                    messages.success(request, _("%(person)s may come in again.") % person)
                else:
                    changes.deactivate_member(membership)
                    messages.success(request, _("%(person)s is kept out from now on.") % person)
            except changes.LastAdministrator:
                messages.error(request, ONE_ADMINISTRATOR)
            except plans.LimitReached as error:
                messages.error(request, in_words(error))
        return redirect("admin:workspaces_membership_changelist")

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
    change_form_outer_after_template = "workspaces/footer_preview.html"
    fields = ["name", "timezone", "postal_address", "open_tracking", "plan_title", "id"]
    readonly_fields = ["plan_title", "id"]

    def site_urls(self) -> list[URLPattern]:
        return [*profile.urls(), *settings_pages.urls()]

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
        change = reverse("admin:workspaces_workspace_change", args=[self.workspace(request).pk])
        return redirect(f"{change}?{request.GET.urlencode()}" if request.GET else change)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Back to what wanted something set here, such as a campaign's review."""
        back = way_back(request)
        if not back:
            return super().response_change(request, obj)
        messages.success(request, _("The settings are saved."))
        return redirect(back)
