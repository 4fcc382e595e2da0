"""The changes of many contacts: the recent ones, one under way or ended, and its undoing."""

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from contacts.admin import bulk
from contacts.admin.undo_list import import_of, label, lines, title, what_happened
from contacts.admin.undo_names import IMPORT, as_csv, named, stayed
from contacts.changes import bulk_changes
from contacts.models import BulkChange
from fluenzr_site.adminsite.pages import Page
from fluenzr_site.adminsite.scoped import actor
from fluenzr_site.core.said import in_words

A_PAGE: Final = 50
NAMES_A_PAGE: Final = 100


class Recent(Page):
    template = "contacts/changes/list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        page = Paginator(BulkChange.objects.of(self.workspace).order_by("-pk"), A_PAGE).get_page(
            request.GET.get("page")
        )
        return self.show(_("Recent changes"), page=page, lines=lines(self.workspace, list(page)))


class ChangePage(Page):
    """A page about one change of the workspace; any other is not there."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.change_id = kwargs.pop("object_id", "")
        return super().dispatch(request, *args, **kwargs)

    def load(self) -> BulkChange:
        found = BulkChange.objects.of(self.workspace).filter(pk=self.change_id).first()
        if found is None:
            raise Http404
        found.workspace = self.workspace
        return found

    def to(self, change: BulkChange) -> HttpResponse:
        return redirect("admin:contacts_changes_one", change.pk)


class One(ChangePage):
    """How far it has come, and then what became of it. For htmx: the moving part."""

    template = "contacts/changes/one.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        change = self.load()
        is_working = change.state in bulk_changes.WORKING
        told = {"change": change, "what": title(change), "is_working": is_working, "percent": percent(change)}
        if getattr(request, "htmx", False):
            if not is_working:
                return HttpResponse(headers={"HX-Refresh": "true"})
            return TemplateResponse(request, "contacts/changes/progress.html", told)
        page = Paginator(stayed(change), NAMES_A_PAGE).get_page(request.GET.get("page"))
        return self.show(
            label(change),
            **told,
            happened=what_happened(change, import_of(change)),
            can_undo=bulk_changes.can_be_undone(change) and change.changed,
            page=page,
            names=named(self.workspace, list(page)),
        )


def percent(change: BulkChange) -> int:
    done, total = change.done, change.total
    if change.state == BulkChange.State.UNDOING:
        done, total = change.restored + change.deleted + change.kept, change.changed
    return min(100, 100 * done // total) if total else 0


class Cancel(ChangePage):
    def post(self, request: HttpRequest) -> HttpResponse:
        change = self.load()
        try:
            bulk_changes.cancel(change)
            messages.success(request, _("Cancelled. What was changed until then stays, unless you undo it."))
        except bulk_changes.NotPossible as error:
            messages.error(request, in_words(error))
        return self.to(change)


class Undo(ChangePage):
    """Asks first, and says what can't be put back."""

    template = "contacts/changes/undo.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        change = self.load()
        if change.kind == IMPORT:
            return redirect("admin:contacts_import_undo", change.source_import_id)
        if not bulk_changes.can_be_undone(change):
            return self.to(change)
        action = next((action for action in bulk.ACTIONS if action.name == change.action), None)
        return self.show(_("Undo"), change=change, what=title(change), hint=action.hint if action else "")

    def post(self, request: HttpRequest) -> HttpResponse:
        change = self.load()
        if change.kind == IMPORT:
            return redirect("admin:contacts_import_undo", change.source_import_id)
        small = change.changed <= bulk.AT_ONCE
        try:
            bulk_changes.start_undo(change, by=actor(request), claimed=small)
        except bulk_changes.NotPossible as error:
            messages.error(request, in_words(error))
            return self.to(change)
        if small:
            bulk_changes.work(change)
            tell_undone(request, change)
        return self.to(change)


def tell_undone(request: HttpRequest, change: BulkChange) -> None:
    """What became of an undo that is over."""
    if change.error:
        messages.error(request, in_words(change.error))
    elif change.state == BulkChange.State.UNDONE:
        level = messages.WARNING if change.kept else messages.SUCCESS
        messages.add_message(request, level, what_happened(change))


class Stayed(ChangePage):
    """Who stayed as they are, as a file."""

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        change = self.load()
        response = StreamingHttpResponse(as_csv(change), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="not-undone-{change.pk}.csv"'
        return response
