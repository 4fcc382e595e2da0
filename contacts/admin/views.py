"""What people do with saved views and columns. Each answers with the list."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from contacts.admin.views_columns import MOST, all_columns
from contacts.admin.views_list import EVERYBODY, LIST, may_change, of_view, own_fields, views_of
from contacts.changes import saved_views as changes
from contacts.models import SavedView
from fluenzr_site.adminsite.pages import Page

_LONGEST_NAME = 60
_LONGEST_QUERY = 4000


def _list(query: str) -> HttpResponse:
    return HttpResponseRedirect(reverse(LIST) + query)


class Add(Page):
    """Save the present filters, search, order and columns under a name."""

    def post(self, request: HttpRequest) -> HttpResponse:
        asked = request.POST
        name, query = asked.get("name", "").strip()[:_LONGEST_NAME], asked.get("query", "")[:_LONGEST_QUERY]
        known = all_columns(own_fields(self.request))
        values = {
            "query": query,
            "columns": [column for column in asked.getlist("columns") if column in known],
            "is_shared": "is_shared" in asked,
        }
        if not name:
            messages.error(request, _("Give the view a name."))
            return _list(f"?{query}")
        try:
            view = changes.create_view(self.workspace, request.user, name, values)  # type: ignore[arg-type]
        except changes.NameTaken:
            messages.error(request, _("You have a view “%(name)s” already.") % {"name": name})
            return _list(f"?{query}")
        messages.success(request, _("The view “%(name)s” is saved.") % {"name": name})
        return _list(of_view(view))


class Change(Page):
    """Rename, share, update, delete a view, or begin with it."""

    def post(self, request: HttpRequest, view_id: str) -> HttpResponse:
        view = views_of(request, self.workspace).filter(pk=view_id).first()
        if view is None:
            raise Http404
        action = request.POST.get("action", "")
        if action == "open":
            return self._open_with(view)
        if not may_change(request, view):
            raise Http404
        if action == "delete":
            changes.delete_view(view)
            messages.success(request, _("The view “%(name)s” is deleted.") % {"name": view.name})
            return _list(f"?view={EVERYBODY}")
        return self._change(view, action)

    def _open_with(self, view: SavedView) -> HttpResponse:
        on = self.request.POST.get("on") == "1"
        changes.open_with(self.workspace, self.request.user, view if on else None)  # type: ignore[arg-type]
        told = _("The list opens with “%(name)s” from now on.") if on else _("The list opens with all contacts.")
        messages.success(self.request, told % {"name": view.name} if on else told)
        return _list(of_view(view))

    def _change(self, view: SavedView, action: str) -> HttpResponse:
        asked = self.request.POST
        if action == "update":
            known = all_columns(own_fields(self.request))
            columns = [column for column in asked.getlist("columns") if column in known]
            values: dict[str, Any] = {"query": asked.get("query", "")[:_LONGEST_QUERY], "columns": columns}
        else:
            name = asked.get("name", "").strip()[:_LONGEST_NAME] or view.name
            values = {"name": name, "is_shared": "is_shared" in asked}
        try:
            changes.update_view(view, values)
        except changes.NameTaken:
            messages.error(self.request, _("You have a view “%(name)s” already.") % {"name": view.name})
            return _list(f"?view={view.pk}")
        messages.success(self.request, _("The view “%(name)s” is saved.") % {"name": view.name})
        return _list(of_view(view))


class Columns(Page):
    """Which columns, in which order: of the view that is open, else of the person's list."""

    def post(self, request: HttpRequest) -> HttpResponse:
        known, asked = all_columns(own_fields(self.request)), request.POST
        names = [name for name in dict.fromkeys(asked.getlist("columns")) if name in known][:MOST]
        view = views_of(request, self.workspace).filter(pk=asked.get("view", "")).first()
        if "usual" in asked:
            names = []
        if view is not None and may_change(request, view):
            changes.update_view(view, {"columns": names})
        elif view is None:
            changes.choose_columns(self.workspace, request.user, names)  # type: ignore[arg-type]
        else:
            raise Http404
        return _list(f"?{asked.get('query', '')[:_LONGEST_QUERY]}")
