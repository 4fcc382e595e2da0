from typing import Any

from django.contrib.admin import register
from django.http import HttpRequest
from django.urls import URLPattern, path

from contacts.admin import undo_pages as pages
from contacts.models import BulkChange
from fluenzr_site.adminsite.pages import Page
from fluenzr_site.adminsite.scoped import ScopedAdmin
from fluenzr_site.adminsite.site import site


@register(BulkChange, site=site)
class BulkChangeAdmin(ScopedAdmin):
    """All of it are pages of ours."""

    def get_urls(self) -> list[URLPattern]:
        routes: dict[str, tuple[str, type[Page]]] = {
            "": ("contacts_changes", pages.Recent),
            "<str:object_id>/": ("contacts_changes_one", pages.One),
            "<str:object_id>/cancel/": ("contacts_changes_cancel", pages.Cancel),
            "<str:object_id>/undo/": ("contacts_changes_undo", pages.Undo),
            "<str:object_id>/stayed/": ("contacts_changes_stayed", pages.Stayed),
        }
        ours = [path(route, self._view(page), name=name) for route, (name, page) in routes.items()]
        return ours + list(super().get_urls())

    def _view(self, page: type[Page]) -> Any:
        return self.admin_site.admin_view(page.as_view(model_admin=self))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
