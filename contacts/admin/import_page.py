"""The base of the pages about one import."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from contacts.models import Import
from fluenzr_site.adminsite.pages import Page


class Begun(Exception):
    """The import is past the step that the page is for."""


class ImportPage(Page):
    """A page about one import of the workspace; any other is not there."""

    source: Import

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.import_id = kwargs.pop("object_id", "")
        return super().dispatch(request, *args, **kwargs)

    def load(self) -> Import:
        found = Import.objects.of(self.workspace).filter(pk=self.import_id).first()
        if found is None:
            raise Http404
        self.source = found
        return found

    def draft(self) -> Import:
        """The import, for steps before the run; one that has begun is sent to its own page."""
        source = self.load()
        if source.state != Import.State.DRAFT:
            raise Begun
        return source

    def to(self, name: str) -> HttpResponse:
        return redirect(f"admin:contacts_import_{name}", self.source.pk)
