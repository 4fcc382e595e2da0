"""The inbox in the browser, for every member of the workspace."""

from typing import Any

from django.contrib.admin import register
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from campaigns.admin import inbox_pages as pages
from campaigns.admin.inbox_list import Inbox, rows
from campaigns.models import Conversation
from fluenzr_site.adminsite.dashboard import Panel, add_panels
from fluenzr_site.adminsite.scoped import ScopedAdmin
from fluenzr_site.adminsite.site import site
from fluenzr_site.workspaces.models import Workspace

ON_DASHBOARD = 5


@register(Conversation, site=site)
class ConversationAdmin(ScopedAdmin):
    """Its pages are ours; Django's give the addresses and the rights."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        routes = {"status": pages.SetStatus, "stage": pages.MoveContact}
        ours = [
            path(f"<str:object_id>/{name}/", self._view(page), name=f"campaigns_conversation_{name}")
            for name, page in routes.items()
        ]
        answer = self._view(pages.Answer)
        ours.append(path("<str:object_id>/answers/<str:reply_id>/", answer, name="campaigns_conversation_answer"))
        return ours + list(super().get_urls())

    def _view(self, page: type[pages.ConversationPage]) -> Any:
        return self.admin_site.admin_view(page.as_view(model_admin=self))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        return Inbox.as_view(model_admin=self)(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        return pages.Thread.as_view(model_admin=self)(request, object_id=object_id)


@add_panels
def replies_to_treat(workspace: Workspace) -> list[Panel]:
    """The newest unread conversations, and how many there are."""
    unread = Conversation.objects.of(workspace).filter(status=Conversation.Status.UNREAD)
    newest = list(unread.select_related("contact", "account", "campaign").order_by("-last_at")[:ON_DASHBOARD])
    if not newest:
        return []
    inbox = reverse("admin:campaigns_conversation_changelist")
    kept = "?status=unread"
    context = {"rows": rows(newest), "count": unread.count(), "inbox": f"{inbox}{kept}", "kept": kept}
    return [Panel("campaigns/inbox/panel.html", {"title": _("Replies to treat"), **context}, rank=20)]
