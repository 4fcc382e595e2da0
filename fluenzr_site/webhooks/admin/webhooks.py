"""The addresses that a workspace's events are sent to, for its administrators: the list, the form, deleting."""

from typing import Any, Final

from django.contrib import messages
from django.contrib.admin import register
from django.contrib.admin.utils import unquote
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from fluenzr_site.adminsite.moments import ago
from fluenzr_site.adminsite.pages import Page
from fluenzr_site.adminsite.scoped import ScopedAdmin, ScopedList
from fluenzr_site.adminsite.site import site
from fluenzr_site.webhooks import changes
from fluenzr_site.webhooks.admin import log, pages, said, state
from fluenzr_site.webhooks.admin.forms import WebhookForm
from fluenzr_site.webhooks.models import Attempt, Delivery, Webhook

LIST: Final = "admin:webhooks_webhook_changelist"
_LONGEST_SHOWN: Final = 80
# Whichever is pressed, the same page follows: that of the secret, or the webhook's.
_ONE_BUTTON: Final = {"show_save_and_add_another": False, "show_save_and_continue": False}


class WebhookList(ScopedList):
    """A list that knows the last answers of the rows on its page, from one query for all of them."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        gone = state.gone(rows)
        for row in rows:
            row.reasons = said.reasons(row, is_gone=row.pk in gone)
        self.result_list = rows


@register(Webhook, site=site)
class WebhookAdmin(ScopedAdmin):
    admins_only = True
    add_text = gettext_lazy("Add webhook")
    delete_text = gettext_lazy("Delete webhook")
    form = WebhookForm
    list_display = ["address", "shown_status", "shown_events", "delivered", "failed"]
    list_before_template = "webhooks/above.html"
    list_fullwidth = True
    search_fields = ["url"]
    sortable_by = ["address", "delivered"]
    # The address alone is the link, not what stands below it.
    list_display_links = None
    ordering = ["-id"]
    change_form_outer_before_template = "webhooks/state.html"

    class Media:
        css = {"all": ["webhooks/webhooks.css"]}

    # -------------------------------------------------------------------------------------------- the list

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[WebhookList]:
        return WebhookList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        told = {"without_api": self.allowed(request) and not self.workspace(request).limits.api}
        return super().changelist_view(request, told | (extra_context or {}))

    @display(description=gettext_lazy("address"), ordering="url")
    def address(self, webhook: Any) -> SafeString:
        url = reverse("admin:webhooks_webhook_change", args=[webhook.pk])
        reasons = format_html_join("", '<p class="flz-hint">{}</p>', ((reason,) for reason in webhook.reasons))
        shown = Truncator(webhook.url).chars(_LONGEST_SHOWN)
        return format_html('<div><a class="text-link" href="{}">{}</a>{}</div>', url, shown, reasons)

    @display(description=gettext_lazy("status"), label=said.STATUS_COLOURS)
    def shown_status(self, webhook: Webhook) -> tuple[str, str]:
        return webhook.status, webhook.get_status_display()

    @display(description=gettext_lazy("events"))
    def shown_events(self, webhook: Webhook) -> SafeString:
        return format_html(
            '<span title="{}">{}</span>', ", ".join(webhook.events), said.how_many_events(webhook.events)
        )

    @display(description=gettext_lazy("last delivered"), ordering="delivered_at")
    def delivered(self, webhook: Webhook) -> SafeString | str:
        return ago(webhook.delivered_at)

    @display(description=gettext_lazy("failed in a row"))
    def failed(self, webhook: Webhook) -> int:
        return webhook.failures

    # -------------------------------------------------------------------------------------------- the form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [(_("Settings") if obj else None, {"fields": ["url", "events", *([] if obj else ["own_secret"])]})]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        page: HttpResponse = super().add_view(request, form_url, _ONE_BUTTON | (extra_context or {}))
        return page

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Shows the secret in the answer itself: a redirect would have to keep it somewhere meanwhile."""
        return pages.secret_page(self, request, obj, obj.shown_secret, title=_("Your new webhook"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        webhook = self.get_object(request, unquote(object_id)) if self.allowed(request) else None
        told = {"state": state.state(self.workspace(request), webhook)} if webhook else {}
        page: HttpResponse = super().change_view(
            request, object_id, form_url, told | _ONE_BUTTON | (extra_context or {})
        )
        return page

    def response_change(self, request: HttpRequest, obj: Webhook) -> HttpResponse:
        messages.success(request, _("The webhook is changed. What happens from now on goes there."))
        return redirect("admin:webhooks_webhook_change", obj.pk)

    # ------------------------------------------------------------------------------------------- other pages

    def get_urls(self) -> list[URLPattern]:
        ours = [self._path(f"<str:object_id>/{name}/", name, page) for name, page in pages.PAGES.items()]
        entry = "<str:object_id>/log/<str:log_id>/"
        ours += [
            self._path("<str:object_id>/log/", "log", log.Log),
            self._path(entry, "entry", log.Entry),
            self._path(f"{entry}retry/", "retry", log.Retry),
        ]
        return ours + list(super().get_urls())

    def _path(self, route: str, name: str, page: type[Page]) -> URLPattern:
        view = self.admin_site.admin_view(page.as_view(model_admin=self))
        return path(route, view, name=f"webhooks_webhook_{name}")

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404

    # --------------------------------------------------------------------------------------------- deleting

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except changes.Unknown:
            return redirect(LIST)

    def delete_question(self, request: HttpRequest, obj: Webhook) -> str:
        waiting = Delivery.objects.filter(webhook=obj, state=Delivery.State.PENDING).count()
        entries = Attempt.objects.filter(webhook=obj).count()
        asked = [_("Delete the webhook to %(url)s?") % {"url": obj.url}]
        if entries:
            text = ngettext(
                "%(count)d entry of its log goes with it.", "%(count)d entries of its log go with it.", entries
            )
            asked.append(text % {"count": entries})
        if waiting:
            text = ngettext("%(count)d event isn't sent any more.", "%(count)d events aren't sent any more.", waiting)
            asked.append(text % {"count": waiting})
        return " ".join(asked)

    def delete_model(self, request: HttpRequest, obj: Webhook) -> None:
        changes.delete(self.workspace(request), obj.pk)
