"""What can be done to many contacts at once. Each asks first, and says how many it is about.

The rows are taken in steps, by ascending id, so that "all that match" may be a million and no transaction
is long; a step that fails leaves the ones before it done.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from contacts import exports
from contacts.admin.bulk_forms import (
    AddGroup,
    AddTags,
    Block,
    Choice,
    Columns,
    OwnerChoice,
    RemoveGroup,
    RemoveTags,
    StageChoice,
)
from contacts.changes.contacts import delete_many, edit_many
from contacts.cleaning import Invalid
from contacts.queries import Contacts
from fluenzr_site.adminsite.pages import shown
from fluenzr_site.adminsite.scoped import ScopedAdmin, actor
from fluenzr_site.core import clock
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.models import Workspace

STEP = 1000
DONE = ngettext_lazy("%(count)d contact changed.", "%(count)d contacts changed.", "count")


def in_steps(contacts: Contacts) -> Iterator[list[str]]:
    """The ids, each once, even where what is done to the first ones changes what matches."""
    after = ""
    ordered = contacts.order_by("pk").values_list("pk", flat=True)
    while step := list(ordered.filter(pk__gt=after)[:STEP]):
        yield step
        after = step[-1]


class BulkAction:
    """One entry of the menu. Called by the admin; shows its question, and acts on the answer."""

    def __init__(self, name: str, label: Any, question: Any, form: type[Choice], *, danger: bool = False) -> None:
        self.name, self.label, self.question = name, label, question
        self.form, self.danger = form, danger

    def __call__(self, admin: ScopedAdmin, request: HttpRequest, contacts: Contacts) -> HttpResponseBase | None:
        workspace = admin.workspace(request)
        form = self.form(workspace, request.POST if "confirmed" in request.POST else None)
        if form.is_bound and form.is_valid():
            return self.act(request, workspace, contacts, form)
        return self._ask(admin, request, contacts, form)

    def _ask(self, admin: ScopedAdmin, request: HttpRequest, contacts: Contacts, form: Choice) -> Any:
        # The filters are in the address, which the form posts back to.
        across = request.POST.get("select_across") == "1"
        selected = request.POST.getlist(ACTION_CHECKBOX_NAME)
        count = contacts.count()
        hidden = {"action": self.name, "select_across": "1" if across else "0", "confirmed": "1"}
        return shown(
            admin,
            request,
            "contacts/bulk.html",
            self.question % {"count": count},
            form=form,
            button=self.label,
            danger=self.danger,
            hidden=hidden,
            selected_name=ACTION_CHECKBOX_NAME,
            selected=selected[:1] if across else selected,
        )

    def act(
        self, request: HttpRequest, workspace: Workspace, contacts: Contacts, form: Choice
    ) -> HttpResponseBase | None:
        edit, by, count = form.edit(), actor(request), 0
        try:
            for step in in_steps(contacts):
                count += len(edit_many(workspace, step, edit, by=by))
        except Invalid as error:
            # What was chosen has gone meanwhile.
            messages.error(request, str(error))
        messages.success(request, DONE % {"count": count})
        return None


class Delete(BulkAction):
    def act(
        self, request: HttpRequest, workspace: Workspace, contacts: Contacts, form: Choice
    ) -> HttpResponseBase | None:
        by: Actor = actor(request)
        count = sum(len(delete_many(workspace, step, by=by)) for step in in_steps(contacts))
        told = ngettext("%(count)d contact deleted.", "%(count)d contacts deleted.", count)
        messages.success(request, told % {"count": count})
        return None


class Export(BulkAction):
    def act(
        self, request: HttpRequest, workspace: Workspace, contacts: Contacts, form: Choice
    ) -> HttpResponseBase | None:
        kind, columns = form.cleaned_data["format"], form.cleaned_data["columns"]
        # A plain query: what the list adds to show its rows would be fetched for nothing.
        plain = contacts.prefetch_related(None).select_related(None)
        pieces = exports.export(workspace, plain, kind, columns)
        response = StreamingHttpResponse(pieces, content_type=exports.CONTENT_TYPES[kind])
        name = f"contacts-{clock.now():%Y-%m-%d}.{kind}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _asked(one: str, many: str) -> Any:
    return ngettext_lazy(one, many, "count")


ACTIONS = (
    BulkAction(
        "add_tags",
        gettext_lazy("Add tags"),
        _asked("Add tags to %(count)d contact", "Add tags to %(count)d contacts"),
        AddTags,
    ),
    BulkAction(
        "remove_tags",
        gettext_lazy("Remove tags"),
        _asked("Remove tags from %(count)d contact", "Remove tags from %(count)d contacts"),
        RemoveTags,
    ),
    BulkAction(
        "add_to_group",
        gettext_lazy("Add to a group"),
        _asked("Add %(count)d contact to a group", "Add %(count)d contacts to a group"),
        AddGroup,
    ),
    BulkAction(
        "remove_from_group",
        gettext_lazy("Remove from a group"),
        _asked("Remove %(count)d contact from a group", "Remove %(count)d contacts from a group"),
        RemoveGroup,
    ),
    BulkAction(
        "move_to_stage",
        gettext_lazy("Move to a stage"),
        _asked("Move %(count)d contact to a stage", "Move %(count)d contacts to a stage"),
        StageChoice,
    ),
    BulkAction(
        "set_owner",
        gettext_lazy("Set the owner"),
        _asked("Set the owner of %(count)d contact", "Set the owner of %(count)d contacts"),
        OwnerChoice,
    ),
    BulkAction(
        "block",
        gettext_lazy("Block"),
        _asked(
            "Block %(count)d contact? It will not be written to.",
            "Block %(count)d contacts? They will not be written to.",
        ),
        Block,
        danger=True,
    ),
    Export(
        "export",
        gettext_lazy("Export"),
        _asked("Export %(count)d contact", "Export %(count)d contacts"),
        Columns,
    ),
    Delete(
        "delete",
        gettext_lazy("Delete"),
        _asked("Delete %(count)d contact? It can't be undone.", "Delete %(count)d contacts? It can't be undone."),
        Choice,
        danger=True,
    ),
)
