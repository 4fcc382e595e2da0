"""What can be done to many contacts at once. Each asks first, and says how many it is about.

Up to a thousand are changed at once, more by the worker, with a page that shows how far it has come. Whatever was
changed can be undone for 30 days.
"""

from typing import Any, Final

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from contacts import exports
from contacts.admin.bulk_field import SetField
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
    Unblock,
)
from contacts.admin.undo_names import offer
from contacts.changes import bulk_changes
from contacts.changes.undoing import DELETE, EDIT
from contacts.models import BulkChange, Contact
from contacts.queries import Contacts
from fluenzr_site.adminsite.pages import shown
from fluenzr_site.adminsite.scoped import ScopedAdmin, actor
from fluenzr_site.core import clock
from fluenzr_site.core.said import in_words
from fluenzr_site.workspaces.models import Workspace

#: Up to so many are changed in the request.
AT_ONCE: Final = 1000
CHANGED: Final = ngettext_lazy("%(count)d contact changed.", "%(count)d contacts changed.", "count")
DELETED: Final = ngettext_lazy("%(count)d contact deleted.", "%(count)d contacts deleted.", "count")


class BulkAction:
    """One entry of the menu. Called by the admin; shows its question, and acts on the answer."""

    kind = EDIT

    def __init__(
        self,
        name: str,
        label: Any,
        question: Any,
        form: type[Choice],
        *,
        done: Any = CHANGED,
        hint: Any = "",
        danger: bool = False,
    ) -> None:
        self.name, self.label, self.question, self.form = name, label, question, form
        self.done, self.hint, self.danger = done, hint, danger

    def __call__(self, admin: ScopedAdmin, request: HttpRequest, contacts: Contacts) -> HttpResponseBase | None:
        workspace = admin.workspace(request)
        # What the list adds to show its rows would be fetched for nothing.
        plain = contacts.prefetch_related(None).select_related(None)
        form = self.form(workspace, request.POST if "confirmed" in request.POST else None)
        count = plain.count()
        if form.is_bound and form.is_valid() and form.is_complete and self._is_as_asked(request, count):
            return self.act(request, workspace, plain, form, count)
        return self._ask(admin, request, form, count)

    def _is_as_asked(self, request: HttpRequest, count: int) -> bool:
        """Whether as many match as the question said; it is asked again when it isn't so any more."""
        if request.POST.get("asked") in (None, str(count)):
            return True
        messages.warning(request, _("The list has changed meanwhile. Look at the number once more."))
        return False

    def _ask(self, admin: ScopedAdmin, request: HttpRequest, form: Choice, count: int) -> HttpResponseBase:
        # The filters are in the address, which the form posts back to.
        across = request.POST.get("select_across") == "1"
        selected = request.POST.getlist(ACTION_CHECKBOX_NAME)
        hidden = {"action": self.name, "select_across": "1" if across else "0", "confirmed": "1", "asked": count}
        return shown(
            admin,
            request,
            "contacts/bulk.html",
            str(self.label),
            question=self.question % {"count": count},
            form=form,
            button=self.label if form.asks_last else _("Continue"),
            danger=self.danger,
            hint=self.hint,
            undoable=self.kind,
            in_background=self.kind and count > AT_ONCE,
            hidden=hidden,
            selected_name=ACTION_CHECKBOX_NAME,
            selected=selected[:1] if across else selected,
        )

    def act(
        self, request: HttpRequest, workspace: Workspace, contacts: Contacts, form: Choice, count: int
    ) -> HttpResponseBase | None:
        small = count <= AT_ONCE
        change = bulk_changes.start(
            contacts,
            self.kind,
            self.name,
            workspace=workspace,
            by=actor(request),
            claimed=small,
            detail=form.detail()[:255],
            what=form.what(),
        )
        if not small:
            return redirect("admin:contacts_changes_one", change.pk)
        bulk_changes.work(change)
        self._tell(request, change)
        return None

    def _tell(self, request: HttpRequest, change: BulkChange) -> None:
        """What happened, and the way back."""
        if change.state == BulkChange.State.FAILED:
            messages.error(request, in_words(change.error))
        if change.changed:
            messages.success(request, offer(change, self.done % {"count": change.changed}))
        else:
            messages.info(request, _("Nothing had to be changed."))
            change.delete()


class Delete(BulkAction):
    kind = DELETE


class Export(BulkAction):
    kind = ""

    def act(
        self, request: HttpRequest, workspace: Workspace, contacts: Contacts, form: Choice, count: int
    ) -> HttpResponseBase | None:
        kind, columns = form.cleaned_data["format"], form.cleaned_data["columns"]
        pieces = exports.export(workspace, contacts, kind, columns)
        response = StreamingHttpResponse(pieces, content_type=exports.CONTENT_TYPES[kind])
        name = f"contacts-{clock.now():%Y-%m-%d}.{kind}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _asked(one: str, many: str) -> Any:
    return ngettext_lazy(one, many, "count")


ACTIONS: list[BulkAction] = [
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
        hint=gettext_lazy(
            "Who comes into a dynamic group begins in the campaigns that it fills. Undoing takes them out of the "
            "group again, not out of those campaigns, and e-mails that were sent can't be taken back."
        ),
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
        "set_field",
        gettext_lazy("Set a field"),
        _asked("Set a field of %(count)d contact", "Set a field of %(count)d contacts"),
        SetField,
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
    BulkAction(
        "unblock",
        gettext_lazy("Unblock"),
        _asked(
            "Unblock %(count)d contact? It can be written to again.",
            "Unblock %(count)d contacts? They can be written to again.",
        ),
        Unblock,
        hint=gettext_lazy("Only blocked ones are unblocked: who unsubscribed or bounced stays so."),
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
        _asked("Delete %(count)d contact?", "Delete %(count)d contacts?"),
        Choice,
        done=DELETED,
        hint=gettext_lazy(
            "Undoing brings them back with their fields, groups, tags and history in the pipeline, but not into their "
            "campaigns: their place there, e-mails and conversations are gone for good. To leave nothing of somebody, "
            "erase them on their page instead."
        ),
        danger=True,
    ),
]


def add_action(action: BulkAction, *, before: str) -> None:
    """Put an action of another app on the menu, before that one."""
    place = next(index for index, known in enumerate(ACTIONS) if known.name == before)
    ACTIONS.insert(place, action)


def _delete() -> BulkAction:
    return next(action for action in ACTIONS if action.kind == DELETE)


def deleting_hint() -> str:
    """What goes for good with a deleted contact, and what can be undone."""
    return f"{_('You can undo this for 30 days.')} {_delete().hint}"


def delete_one(request: HttpRequest, workspace: Workspace, contact_id: str) -> None:
    """As many are deleted: kept for the undo, with the way back in the message."""
    form = Choice(workspace, {})
    _delete().act(request, workspace, Contact.objects.of(workspace).filter(pk=contact_id), form, 1)


def labels() -> dict[str, Any]:
    """What the actions are called, by their names."""
    return {action.name: action.label for action in ACTIONS}
