"""The way of a file into the contacts: upload, columns, choices, preview."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.admin.import_forms import ChoicesForm, ColumnsForm, UploadForm, field_label
from contacts.admin.import_page import Begun, ImportPage
from contacts.imports import run, store
from contacts.imports.mapping import IGNORE, Mapping
from contacts.imports.preview import Preview, preview
from contacts.imports.reading import Unreadable
from fluenzr_site.adminsite.pages import Page
from fluenzr_site.core.said import in_words
from fluenzr_site.workspaces.plans import LimitReached

STEPS = ("upload", "columns", "choices", "preview")
# What a column becomes on the contact, where it has another name there.
BECOMES = {"fullName": ("firstName", "lastName"), "optOut": ("status",), "optIn": ("status",)}


class DraftPage(ImportPage):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except Begun:
            return self.to("change")


class Upload(Page):
    template = "contacts/imports/upload.html"

    def get(self, request: HttpRequest) -> TemplateResponse:
        return self._page(UploadForm(self.workspace, request.user))  # type: ignore[arg-type]

    def post(self, request: HttpRequest) -> HttpResponse:
        form = UploadForm(self.workspace, request.user, request.POST, request.FILES)  # type: ignore[arg-type]
        if form.is_valid() and form.source:
            return redirect("admin:contacts_import_change", form.source.pk)
        return self._page(form)

    def _page(self, form: UploadForm) -> TemplateResponse:
        return self.show(_("Import contacts"), form=form, step="upload", steps=STEPS)


@dataclass(frozen=True, slots=True)
class ColumnRow:
    header: str
    example: str
    field: Any
    is_spare_address: bool


class Columns(DraftPage):
    template = "contacts/imports/columns.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(ColumnsForm(self.draft()))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ColumnsForm(self.draft(), request.POST)
        if form.is_valid() and form.save():
            return self.to("choices")
        return self._page(form)

    def _page(self, form: ColumnsForm) -> HttpResponse:
        examples = self._examples()
        rows = [
            ColumnRow(
                column.header,
                examples[column.index],
                form[str(column.index + 1)],
                column.index in form.present.alternatives,
            )
            for column in form.present.columns
        ]
        return self.show(self.source.filename, form=form, rows=rows, source=self.source, step="columns", steps=STEPS)

    def _examples(self) -> list[str]:
        """The first cell of each column that holds anything."""
        found = [""] * len(self.source.header)
        for record in store.sample(store.table_of(self.source)):
            for index, cell in enumerate(record.cells):
                found[index] = found[index] or cell.strip()[:120]
        return found


class Choices(DraftPage):
    template = "contacts/imports/choices.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(ChoicesForm(self.draft()))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ChoicesForm(self.draft(), request.POST)
        if form.is_valid() and form.save():
            return self.to("preview")
        return self._page(form)

    def _page(self, form: ChoicesForm) -> HttpResponse:
        return self.show(self.source.filename, form=form, source=self.source, step="choices", steps=STEPS)


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    problem: str = ""


class PreviewPage(DraftPage):
    template = "contacts/imports/preview.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        source = self.draft()
        if not source.consent_certified:
            return self.to("choices")
        try:
            found = preview(source)
        except Unreadable as error:
            messages.error(request, in_words(error))
            return self.to("change")
        mapping = store.mapping_of(source)
        columns, rows = tabulated(mapping, found, store.custom_labels(self.workspace))
        return self.show(
            source.filename,
            source=source,
            found=found,
            columns=columns,
            rows=rows,
            left_out=_left_out(mapping),
            step="preview",
            steps=STEPS,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Start it."""
        source = self.draft()
        try:
            run.start(source)
        except (run.NotReady, LimitReached, Unreadable) as error:
            messages.error(request, in_words(error))
            return self.to("preview")
        return self.to("change")


def _left_out(mapping: Mapping) -> str:
    """Which columns go nowhere; empty if all of them do."""
    columns = mapping.unmatched
    if not columns:
        return ""
    text = ngettext(
        "%(count)s column is left out: %(names)s", "%(count)s columns are left out: %(names)s", len(columns)
    )
    return text % {"count": len(columns), "names": ", ".join(column.header for column in columns)}


def tabulated(chosen: Mapping, found: Preview, own: dict[str, str]) -> tuple[list[str], list[Any]]:
    """The preview as a table: the columns' labels, and rows of a line number and cells."""
    homes: dict[str, tuple[str, ...]] = {}
    for column in chosen.columns:
        if column.field != IGNORE:
            homes.setdefault(column.header, BECOMES.get(column.field, (column.field,)))
    fields = list(dict.fromkeys(field for home in homes.values() for field in home))
    rows = []
    for row in found.rows:
        wrong = {homes[p.column][0]: p for p in row.problems if p.column in homes}
        cells = [
            Cell(wrong[field].value or "–", in_words(wrong[field].message))
            if field in wrong
            else Cell(row.cells.get(field, ""))
            for field in fields
        ]
        rows.append((row.line, cells))
    return [field_label(field, own) for field in fields], rows


class Discard(DraftPage):
    def post(self, request: HttpRequest) -> HttpResponse:
        source = self.draft()
        store.discard(source)
        told = _("“%(file)s” was discarded; nothing of it was imported.")
        messages.success(request, told % {"file": source.filename})
        return redirect("admin:contacts_import_changelist")
