"""The contacts' list as one person sees it: its columns, views, order and chips, and where it opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from contacts.admin.people import person_name
from contacts.admin.views_columns import Layout, all_columns, rows_html
from contacts.models import CustomField, ListChoice, SavedView
from contacts.queries import Contacts
from fluenzr_site.adminsite.remembering import administers, once
from fluenzr_site.adminsite.scoped import ScopedList
from fluenzr_site.workspaces.current import current
from fluenzr_site.workspaces.models import Workspace

LIST: Final = "admin:contacts_contact_changelist"
# The address of everybody, told from the bare one, which leads back to where somebody was.
EVERYBODY: Final = "all"
_PASSING: Final = ("p", "e", "_popup")
_SORTS: Final = ("email", "pk", "updated_at")


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: what pressing it does, and how the list is ordered by it now."""

    name: str
    label: str
    address: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """A saved view above the list. ``maker`` is named where it is somebody else's."""

    label: str
    address: str
    is_chosen: bool
    maker: str = ""


def layout(request: HttpRequest) -> Layout:
    """Asked for once a request."""
    return once(request, "_contact_layout", lambda: _layout(request, current(request)))


def _layout(request: HttpRequest, workspace: Workspace | None) -> Layout:
    if workspace is None:
        return Layout({}, None, [])
    choice = ListChoice.objects.of(workspace).filter(person_id=request.user.pk).first()
    views = list(views_of(request, workspace))
    chosen = next((view for view in views if view.pk == request.GET.get("view")), None)
    return Layout(all_columns(own_fields(request)), choice, views, chosen)


def own_fields(request: HttpRequest) -> list[CustomField]:
    """The workspace's own fields, asked for once a request."""
    workspace = current(request)
    return once(request, "_own_fields", lambda: list(CustomField.objects.of(workspace)) if workspace else [])


def views_of(request: HttpRequest, workspace: Workspace) -> Any:
    """The person's own views, and those that others share."""
    seen = Q(person_id=request.user.pk) | Q(is_shared=True)
    return SavedView.objects.of(workspace).filter(seen).select_related("person")


def may_change(request: HttpRequest, view: SavedView) -> bool:
    return view.person_id == request.user.pk or (view.is_shared and administers(request))


# ------------------------------------------------------------------------------------------- where it opens


def opening(request: HttpRequest, workspace: Workspace) -> str:
    """Where a list's address really leads; empty where it stays.

    The bare one leads to what was looked at last in this session, else to the view that the person begins with.
    A view's id alone leads to all that the view says. What forms send besides is put in order.
    """
    asked = request.GET
    if not asked:
        remembered = request.session.get("contacts_list", {}).get(workspace.pk)
        if remembered is not None:
            return f"?{remembered}" if remembered else ""
        choice = ListChoice.objects.of(workspace).filter(person_id=request.user.pk).select_related("opens_with")
        found = choice.first()
        return of_view(found.opens_with) if found and found.opens_with else ""
    if list(asked) == ["view"] and asked["view"] != EVERYBODY:
        view = views_of(request, workspace).filter(pk=asked["view"]).first()
        return of_view(view) if view and view.query else ""
    return _ordered(asked) if {"created_from", "created_to"} & asked.keys() or "" in asked.values() else ""


def of_view(view: SavedView) -> str:
    return "?" + "&".join(part for part in (urlencode({"view": view.pk}), view.query) if part)


def _ordered(asked: QueryDict) -> str:
    """Without empty values, and two dates as one period."""
    kept = {name: [value for value in values if value] for name, values in asked.lists() if name not in _PASSING}
    first, last = (kept.pop(name, [""])[-1:] or [""] for name in ("created_from", "created_to"))
    if first[0] or last[0]:
        kept["created"] = [f"{first[0]}..{last[0]}"]
    return addressed(kept)


def addressed(parameters: Mapping[str, Sequence[str]]) -> str:
    kept = {name: values for name, values in parameters.items() if values}
    return "?" + urlencode(kept or {"view": EVERYBODY}, doseq=True)


def remember(request: HttpRequest, workspace: Workspace) -> None:
    """For the rest of the session; written only when it is something else."""
    if not request.GET:
        return
    looked_at = {name: values for name, values in request.GET.lists() if name not in _PASSING}
    query = "" if looked_at == {"view": [EVERYBODY]} else urlencode(looked_at, doseq=True)
    before = request.session.get("contacts_list", {})
    if before.get(workspace.pk) != query:
        request.session["contacts_list"] = before | {workspace.pk: query}


# -------------------------------------------------------------------------------------------------- the list


class ContactList(ScopedList):
    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request, self.layout = request, layout(request)
        super().__init__(request, *args, **kwargs)
        self.clear_all_filters_qs = addressed({})

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        # The head of the page offers to show all where the two differ; the chips do.
        self.full_result_count = self.result_count
        paginator: Any = self.paginator
        if self.result_count <= self.list_per_page:
            # Found by their ids: looking for so few again would read as much as the first time.
            self.result_list = self.queryset.filter(pk__in=paginator.few)

    def get_ordering(self, request: HttpRequest, queryset: Contacts) -> list[str]:
        field = self._order.removeprefix("-")
        if field not in _SORTS:
            return ["-pk"]
        return [self._order] if field == "pk" else [self._order, "-pk"]

    def get_ordering_field_columns(self) -> dict[int, str]:
        return {}

    @cached_property
    def _order(self) -> str:
        return str(self.params.get("o", ""))

    def address(self, parameters: Mapping[str, Sequence[str]]) -> str:
        return addressed(parameters)

    def _with(self, **parameters: str) -> str:
        changed = {name: [value] if value else [] for name, value in parameters.items()}
        return addressed({**self.filter_params, **changed})

    def chips(self) -> list[tuple[str, str]]:
        """What the list is searched and filtered by, in words, and the address without it."""
        search = [(_("search: %(text)s") % {"text": self.query}, self._with(q=""))] if self.query else []
        return search + [chip for spec in self.filter_specs for chip in spec.chips(self)]

    @property
    def filter_count(self) -> int:
        return sum(len(spec.chosen) for spec in self.filter_specs)

    @property
    def address_now(self) -> str:
        return urlencode(self.filter_params, doseq=True)

    def kept(self) -> list[tuple[str, str]]:
        """What the form of the filters sends besides: search, order and view."""
        return [(name, self.params[name]) for name in ("q", "o", "view") if self.params.get(name)]

    def kept_by_search(self) -> list[tuple[str, str]]:
        return [(name, value) for name, values in self.filter_params.items() if name != "q" for value in values]

    def heads(self) -> list[Head]:
        return [self._head(column.name, str(column.label), column.sort) for column in self.layout.shown]

    def _head(self, name: str, label: str, sort: str) -> Head:
        if not sort:
            return Head(name, label)
        ascending, descending = self._order == sort, self._order == f"-{sort}"
        descending = descending or (sort == "pk" and self._order.removeprefix("-") not in _SORTS)
        turned = f"-{sort}" if ascending or (sort in ("pk", "updated_at") and not descending) else sort
        order = "ascending" if ascending else "descending" if descending else ""
        return Head(name, label, self._with(o=turned), order)

    def rows(self) -> SafeString:
        kept = urlencode({"_changelist_filters": urlencode(self.filter_params, doseq=True)})
        pattern = reverse("admin:contacts_contact_change", args=["-id-"]) + (f"?{kept}" if self.filter_params else "")
        before, after = pattern.split("-id-", 1)
        return rows_html(self.layout, self.result_list, lambda pk: f"{before}{pk}{after}", ACTION_CHECKBOX_NAME)

    # ------------------------------------------------------------------------------------------------ views

    def tabs(self) -> list[Tab]:
        chosen = self.layout.view
        tabs = [Tab(_("All contacts"), addressed({}), chosen is None and not self.chips())]
        return tabs + [
            Tab(view.name, of_view(view), view == chosen, "" if self._is_mine(view) else person_name(view.person))
            for view in self.layout.views
        ]

    def _is_mine(self, view: SavedView) -> bool:
        return view.person_id == self.request.user.pk

    @cached_property
    def query_without_view(self) -> str:
        """What a view keeps of the address."""
        return urlencode({name: each for name, each in self.filter_params.items() if name != "view"}, doseq=True)

    @property
    def view_is_changed(self) -> bool:
        view = self.layout.view
        return view is not None and view.query != self.query_without_view

    @property
    def may_change_view(self) -> bool:
        return self.layout.view is not None and may_change(self.request, self.layout.view)

    @property
    def opens_with_view(self) -> bool:
        view, choice = self.layout.view, self.layout.choice
        return view is not None and choice is not None and choice.opens_with_id == view.pk
