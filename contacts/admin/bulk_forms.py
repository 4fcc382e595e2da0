"""What the bulk changes ask for, each a small form that says what its answer is to change."""

from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from contacts import exports
from contacts.admin.people import members, person_name
from contacts.cleaning import Invalid, tag_names
from contacts.models import Contact, CustomField, Group, PipelineStage
from fluenzr_site.core.said import in_words
from fluenzr_site.workspaces.models import Workspace


class Choice(forms.Form):
    """What a bulk change still has to know. This one: nothing."""

    #: Whether all has been asked, once the form is valid; and whether the next answer is the last.
    is_complete = True
    asks_last = True

    def __init__(self, workspace: Workspace, data: Any = None) -> None:
        super().__init__(data)
        self.workspace = workspace
        self.prepare(workspace)

    def prepare(self, workspace: Workspace) -> None:
        pass

    def what(self) -> dict[str, Any]:
        """What the kind of change has to know, as JSON keeps it: by default the arguments of an Edit."""
        return {}

    def detail(self) -> str:
        """What was chosen, for the list of recent changes."""
        return ""


class TagChoice(Choice):
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        widget=UnfoldAdminTextInputWidget({"autofocus": True}),
        help_text=gettext_lazy("Words between commas."),
    )

    def clean_tags(self) -> tuple[str, ...]:
        words = [word.strip() for word in self.cleaned_data["tags"].split(",")]
        try:
            return tuple(tag_names([word for word in words if word]))
        except Invalid as error:
            raise forms.ValidationError(in_words(error)) from error

    def detail(self) -> str:
        return ", ".join(self.cleaned_data["tags"])


class AddTags(TagChoice):
    def what(self) -> dict[str, Any]:
        return {"add_tags": self.cleaned_data["tags"]}


class RemoveTags(TagChoice):
    def what(self) -> dict[str, Any]:
        return {"remove_tags": self.cleaned_data["tags"]}


class GroupChoice(Choice):
    group = forms.ModelChoiceField(Group.objects.none(), label=gettext_lazy("Group"), widget=UnfoldAdminSelectWidget)

    def prepare(self, workspace: Workspace) -> None:
        field: Any = self.fields["group"]
        field.queryset = Group.objects.of(workspace).order_by("name")

    def detail(self) -> str:
        return str(self.cleaned_data["group"])


class AddGroup(GroupChoice):
    def what(self) -> dict[str, Any]:
        return {"add_groups": [self.cleaned_data["group"].pk]}


class RemoveGroup(GroupChoice):
    def what(self) -> dict[str, Any]:
        return {"remove_groups": [self.cleaned_data["group"].pk]}


class StageChoice(Choice):
    stage = forms.ModelChoiceField(
        PipelineStage.objects.none(),
        label=gettext_lazy("Stage"),
        required=False,
        empty_label=gettext_lazy("No stage"),
        widget=UnfoldAdminSelectWidget,
    )

    def prepare(self, workspace: Workspace) -> None:
        field: Any = self.fields["stage"]
        field.queryset = PipelineStage.objects.of(workspace)

    def what(self) -> dict[str, Any]:
        stage = self.cleaned_data["stage"]
        return {"stage_id": stage.pk if stage else None, "stage_given": True}

    def detail(self) -> str:
        return str(self.cleaned_data["stage"] or _("No stage"))


class OwnerChoice(Choice):
    owner = forms.ChoiceField(label=gettext_lazy("Owner"), required=False, widget=UnfoldAdminSelectWidget)

    def prepare(self, workspace: Workspace) -> None:
        field: Any = self.fields["owner"]
        people = [(str(user.pk), person_name(user)) for user in members(workspace)]
        field.choices = [("", _("Nobody")), *people]

    def what(self) -> dict[str, Any]:
        owner = self.cleaned_data["owner"]
        return {"owner_id": int(owner) if owner else None, "owner_given": True}

    def detail(self) -> str:
        field: Any = self.fields["owner"]
        return str(dict(field.choices)[self.cleaned_data["owner"]])


class Block(Choice):
    def what(self) -> dict[str, Any]:
        return {"status": Contact.Status.BLOCKED.value}


class Unblock(Choice):
    def what(self) -> dict[str, Any]:
        return {"status": Contact.Status.ACTIVE.value, "status_from": Contact.Status.BLOCKED.value}


class Columns(Choice):
    KINDS: ClassVar = [
        ("csv", gettext_lazy("CSV")),
        ("xlsx", gettext_lazy("Excel (XLSX)")),
        ("json", gettext_lazy("JSON")),
    ]
    format = forms.ChoiceField(
        label=gettext_lazy("Format"), choices=KINDS, initial="csv", widget=UnfoldAdminRadioSelectWidget
    )
    columns = forms.MultipleChoiceField(label=gettext_lazy("Columns"), widget=UnfoldAdminCheckboxSelectMultipleWidget)

    def prepare(self, workspace: Workspace) -> None:
        own = CustomField.objects.of(workspace).values_list("key", "label")
        choices = [(name, column_label(name)) for name in exports.COLUMNS]
        choices += [(f"custom:{key}", label) for key, label in own]
        field: Any = self.fields["columns"]
        field.choices = choices
        field.initial = [name for name, _label in choices]


_COLUMN_LABELS: dict[str, str | Promise] = {
    "id": gettext_lazy("Id"),
    "email": gettext_lazy("E-mail"),
    "firstName": gettext_lazy("First name"),
    "lastName": gettext_lazy("Last name"),
    "company": gettext_lazy("Company"),
    "jobTitle": gettext_lazy("Job title"),
    "phone": gettext_lazy("Phone"),
    "website": gettext_lazy("Website"),
    "notes": gettext_lazy("Notes"),
    "status": gettext_lazy("Status"),
    "groups": gettext_lazy("Groups"),
    "tags": gettext_lazy("Tags"),
    "pipelineStage": gettext_lazy("Pipeline stage"),
    "createdAt": gettext_lazy("Created"),
    "updatedAt": gettext_lazy("Changed"),
}


def column_label(name: str) -> str | Promise:
    return _COLUMN_LABELS.get(name, name)
