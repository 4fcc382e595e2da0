from typing import Any

from django.contrib.admin import register
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from contacts.admin import import_results as results
from contacts.admin import import_steps as steps
from contacts.admin.import_page import ImportPage
from contacts.admin.import_pages import Overview
from contacts.models import Import
from fluenzr_site.adminsite.moments import day
from fluenzr_site.adminsite.numbers import number
from fluenzr_site.adminsite.scoped import ScopedAdmin
from fluenzr_site.adminsite.site import site

STATE_COLOURS = {
    Import.State.DRAFT: "",
    Import.State.RUNNING: "info",
    Import.State.FINISHED: "success",
    Import.State.CANCELLED: "warning",
    Import.State.FAILED: "danger",
    Import.State.UNDONE: "warning",
}


def _count(name: str) -> Any:
    """A column of a number; a draft has none yet."""

    @display(description=Import._meta.get_field(name).verbose_name, ordering=name)  # type: ignore[union-attr]
    def shown(self: ScopedAdmin, source: Import) -> str:
        return "–" if source.state == Import.State.DRAFT else number(getattr(source, name))

    return shown


@register(Import, site=site)
class ImportAdmin(ScopedAdmin):
    """The list is Django's; what an import shows of itself are pages of ours."""

    list_display = [
        "filename",
        "shown_state",
        "shown_rows",
        "shown_created",
        "shown_updated",
        "shown_skipped",
        "shown_failed",
        "created_by",
        "begun",
    ]
    list_select_related = ["created_by"]
    search_fields = ["filename"]
    ordering = ["-id"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    shown_rows, shown_created, shown_updated, shown_skipped, shown_failed = (
        _count(name) for name in ("rows", "created", "updated", "skipped", "failed")
    )

    @display(description=Import._meta.get_field("created_at").verbose_name, ordering="created_at")  # type: ignore[union-attr]
    def begun(self, source: Import) -> SafeString:
        return day(source.created_at)

    @display(description=gettext_lazy("state"), label=STATE_COLOURS)
    def shown_state(self, source: Import) -> tuple[str, str]:
        return source.state, source.get_state_display()

    def get_urls(self) -> list[URLPattern]:
        routes = {
            "choices": steps.Choices,
            "preview": steps.PreviewPage,
            "discard": steps.Discard,
            "progress": results.Progress,
            "errors": results.Errors,
            "cancel": results.Cancel,
            "undo": results.Undo,
        }
        ours = [
            path(f"<str:object_id>/{name}/", self._view(page), name=f"contacts_import_{name}")
            for name, page in routes.items()
        ]
        return ours + list(super().get_urls())

    def _view(self, page: type[ImportPage]) -> Any:
        return self.admin_site.admin_view(page.as_view(model_admin=self))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponseBase:
        return steps.Upload.as_view(model_admin=self)(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        return Overview.as_view(model_admin=self)(request, object_id=object_id)
