"""What has become of an import: progress, report, failed rows, cancelling, undoing."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from contacts.admin.bulk import AT_ONCE
from contacts.admin.import_page import ImportPage
from contacts.admin.undo_list import what_happened
from contacts.admin.undo_names import named, stayed
from contacts.admin.undo_pages import tell_undone
from contacts.changes import bulk_changes
from contacts.imports import report, run, undo
from contacts.models import Import
from fluenzr_site.adminsite.scoped import actor
from fluenzr_site.core.said import in_words

PROBLEMS_A_PAGE = 100


class Progress(ImportPage):
    """The whole page, or for htmx the moving part of it."""

    template = "contacts/imports/running.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        source = self.load()
        if not getattr(request, "htmx", False):
            return self.show(source.filename, source=source, percent=_percent(source))
        if source.state != Import.State.RUNNING:
            return HttpResponse(headers={"HX-Refresh": "true"})
        told = {"source": source, "percent": _percent(source)}
        return TemplateResponse(request, "contacts/imports/progress.html", told)


def _percent(source: Import) -> int:
    return min(100, 100 * source.rows // source.total_rows) if source.total_rows else 0


def can_undo(source: Import) -> bool:
    return source.state in undo.ENDED and any(undo.extent(source))


class Report(ImportPage):
    template = "contacts/imports/report.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        source = self.load()
        problems = source.problems.order_by("line", "id")
        failed_only = "failed" in request.GET
        if failed_only:
            problems = problems.filter(row_failed=True)
        page = Paginator(problems, PROBLEMS_A_PAGE).get_page(request.GET.get("page"))
        told = {"failed_only": failed_only, "can_undo": can_undo(source), **self._undoing(source)}
        return self.show(source.filename, source=source, page=page, **told)

    def _undoing(self, source: Import) -> dict[str, Any]:
        """What became of its undo, and the first of those who stayed as they are; the change's page has them all."""
        change = run.change_of(source)
        if change is None or not change.undone_by:
            return {}
        names_page = Paginator(stayed(change), PROBLEMS_A_PAGE).page(1)
        names = named(self.workspace, list(names_page))
        return {"change": change, "undone": what_happened(change), "names_page": names_page, "names": names}


class Errors(ImportPage):
    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        source = self.load()
        response = StreamingHttpResponse(report.error_csv(source), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="errors-{source.pk}.csv"'
        return response


class Cancel(ImportPage):
    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            run.cancel(self.load())
            messages.success(request, _("The import was cancelled. What was imported stays."))
        except run.NotReady as error:
            messages.error(request, in_words(error))
        return self.to("change")


class Undo(ImportPage):
    template = "contacts/imports/undo.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        source = self.load()
        created, updated = undo.extent(source)
        return self.show(_("Undo the import"), source=source, created=created, updated=updated)

    def post(self, request: HttpRequest) -> HttpResponse:
        source = self.load()
        small = sum(undo.extent(source)) <= AT_ONCE
        try:
            change = undo.begin(source, by=actor(request), claimed=small)
        except run.NotReady as error:
            messages.error(request, in_words(error))
            return self.to("change")
        if not small:
            return redirect("admin:contacts_changes_one", change.pk)
        bulk_changes.work(change)
        tell_undone(request, change)
        return self.to("change")
