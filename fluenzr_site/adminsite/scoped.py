"""Model admins that see one workspace: the one that the person works in."""

from typing import Any, ClassVar

from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from fluenzr_site.adminsite.forms import ScopedForm
from fluenzr_site.adminsite.remembering import administers
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.current import current
from fluenzr_site.workspaces.models import Workspace


def actor(request: HttpRequest) -> Actor:
    return Actor("user", str(request.user.pk))


def _without(media: Media, names: tuple[str, ...]) -> Media:
    """The media but for the scripts that have one of the names in theirs."""
    known: Any = media  # Its lists have no public name.
    kept = [script for script in known._js if not any(name in str(script) for name in names)]
    return Media(css=known._css, js=kept)


class ScopedList(ChangeList):  # type: ignore[misc, unused-ignore]
    """A list that counts once: its whole total is known when nothing is filtered, else not asked for."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count

    def chips(self) -> list[tuple[str, str]]:
        """What the list is filtered by, and the address without it."""
        return [
            (spec.said(), self.get_query_string(remove=[spec.parameter_name]))
            for spec in self.filter_specs
            if hasattr(spec, "said") and spec.value()
        ]


class ScopedAdmin(ModelAdmin):  # type: ignore[misc, unused-ignore]
    """The base of them all: rights come from the membership, rows from the workspace, writes from the form.

    Django's own permissions and its log are left out: a person's rights differ from workspace to workspace,
    and what happens to contacts is told by the events, which erasure reaches.
    """

    admins_only: ClassVar[bool] = False
    #: What the buttons say, whole: a language may want an article, or the verb at the end.
    add_text: ClassVar[Any] = ""
    delete_text: ClassVar[Any] = ""
    form: Any = ScopedForm
    warn_unsaved_form = True
    list_filter_submit = True
    list_per_page = 50
    # The list's total is counted once, not once more without the filters.
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    change_form_show_cancel_button = True
    delete_confirmation_template = "adminsite/delete.html"
    change_form_before_template = "adminsite/as_shown.html"

    # ------------------------------------------------------------------------------------------ what is seen

    def workspace(self, request: HttpRequest) -> Workspace:
        workspace = current(request)
        if workspace is None:
            raise PermissionDenied
        return workspace

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        workspace = current(request)
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(workspace=workspace) if workspace else rows.none()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ScopedList

    def get_paginator(
        self, request: HttpRequest, queryset: QuerySet[Any], per_page: int, *args: Any, **kwargs: Any
    ) -> "Paginator[Any]":
        return Paginator(queryset, per_page)

    @property
    def media(self) -> Media:
        """Without what makes slugs while one types, popups for related rows and their 90 kB: nothing here has them."""
        return _without(super().media, ("urlify", "prepopulate", "xregexp", "jquery", "RelatedObjectLookups"))

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Our own filters alone: no address reaches into related rows."""
        filters = self.get_list_filter(request) if request else ()
        return lookup in {getattr(one, "parameter_name", None) for one in filters}

    # --------------------------------------------------------------------------------------------- who may

    def allowed(self, request: HttpRequest) -> bool:
        return administers(request) if self.admins_only else current(request) is not None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.allowed(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allowed(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.allowed(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allowed(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allowed(request)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        # It would delete behind the change functions' back.
        actions.pop("delete_selected", None)
        return actions

    # --------------------------------------------------------------------------------------------- writing

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        titled = {"title": self.add_text} if object_id is None and self.add_text else {}
        page: HttpResponse = super().changeform_view(request, object_id, form_url, titled | (extra_context or {}))
        return page

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.workspace, form.actor = current(request), actor(request)
        return form

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Model:
        """The form has written by now: see ScopedForm."""
        instance: Model = form.instance
        return instance

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        pass

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        pass

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        pass

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        pass

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        pass

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        raise Http404

    # -------------------------------------------------------------------------------------------- deleting

    def delete_question(self, request: HttpRequest, obj: Any) -> str:
        """What is asked before the row is deleted; it says how much goes with it."""
        return _("Delete “%(name)s”?") % {"name": obj}

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        # Django would fetch every row that goes too. The question has counted them.
        return [], {}, set(), []

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        asked = {"question": self.delete_question(request, obj)} if obj else {}
        page: HttpResponse = super().delete_view(request, object_id, asked | (extra_context or {}))
        return page

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        raise NotImplementedError
