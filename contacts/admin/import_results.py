"""What has become of an import: progress, report, failed rows, cancelling, undoing."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.admin.import_page import ImportPage
from contacts.imports import report, run
from contacts.imports.undo import undo
from contacts.models import Contact, Import
from fluenzr_site.adminsite.scoped import actor

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


class Report(ImportPage):
    template = "contacts/imports/report.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        source = self.load()
        problems = source.problems.order_by("line", "id")
        failed_only = "failed" in request.GET
        if failed_only:
            problems = problems.filter(row_failed=True)
        page = Paginator(problems, PROBLEMS_A_PAGE).get_page(request.GET.get("page"))
        can_undo = source.created and source.state != Import.State.UNDONE
        return self.show(source.filename, source=source, page=page, failed_only=failed_only, can_undo=can_undo)


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
            messages.error(request, str(error))
        return self.to("change")


class Undo(ImportPage):
    template = "contacts/imports/undo.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        source = self.load()
        count = Contact.objects.of(self.workspace).filter(source_import_id=source.pk).count()
        return self.show(_("Undo the import"), source=source, count=count)

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            result = undo(self.load(), by=actor(request))
        except run.NotReady as error:
            messages.error(request, str(error))
            return self.to("change")
        told = ngettext("%(count)d contact deleted.", "%(count)d contacts deleted.", result.deleted)
        kept = ngettext(
            "%(count)d stays, since something else has changed it.",
            "%(count)d stay, since something else has changed them.",
            result.kept,
        )
        words = [told % {"count": result.deleted}] + ([kept % {"count": result.kept}] if result.kept else [])
        messages.success(request, " ".join(words))
        return self.to("change")
