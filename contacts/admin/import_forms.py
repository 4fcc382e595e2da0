"""What a person decides before an import runs."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from contacts.cleaning import MAX_GROUP_NAME, MAX_KEY
from contacts.imports import mapping, store
from contacts.imports.mapping import CUSTOM, IGNORE, MANY, MappingProblem
from contacts.imports.reading import Unreadable
from contacts.models import CONSENT_SOURCES, Group, Import
from fluenzr_site.core.said import in_words
from fluenzr_site.workspaces.models import Workspace

FIELD_LABELS: dict[str, str | Promise] = {
    "email": gettext_lazy("E-mail"),
    "firstName": gettext_lazy("First name"),
    "lastName": gettext_lazy("Last name"),
    "fullName": gettext_lazy("Full name (will be split)"),
    "company": gettext_lazy("Company"),
    "jobTitle": gettext_lazy("Job title"),
    "phone": gettext_lazy("Phone"),
    "website": gettext_lazy("Website"),
    "notes": gettext_lazy("Notes"),
    "tags": gettext_lazy("Tags"),
    "groups": gettext_lazy("Groups"),
    "stage": gettext_lazy("Pipeline stage"),
    "status": gettext_lazy("Status (unsubscribed, bounced, blocked)"),
    "optOut": gettext_lazy("Opted out (yes means: don't write)"),
    "optIn": gettext_lazy("Opted in (no means: don't write)"),
}


def field_label(field: str, own: dict[str, str]) -> str:
    """What people call a field of a mapping; ``own``: the labels of the custom fields by key."""
    if field.startswith(CUSTOM):
        key = field.removeprefix(CUSTOM)
        return own.get(key, key)
    return str(FIELD_LABELS.get(field, field))


class UploadForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("File"), widget=UnfoldAdminFileFieldWidget)

    def __init__(self, workspace: Workspace, person: User, *args: Any) -> None:
        super().__init__(*args)
        self.workspace, self.person = workspace, person
        self.source: Import | None = None

    def clean_file(self) -> Any:
        """Reads the file at once, so that what is wrong with it is said where it was chosen."""
        upload = self.cleaned_data["file"]
        try:
            self.source = store.create(self.workspace, upload.file, upload.name, by=self.person, needs_rows=True)
        except Unreadable as error:
            raise forms.ValidationError(in_words(error)) from error
        return upload


class ColumnsForm(forms.Form):
    """A select for each column of the file, named by the column's number from 1."""

    def __init__(self, source: Import, data: Any = None) -> None:
        super().__init__(data)
        self.source, self.present = source, store.mapping_of(source)
        own = store.custom_labels(source.workspace)
        for column in self.present.columns:
            self.fields[str(column.index + 1)] = forms.ChoiceField(
                label=column.header,
                choices=_choices(column.header, column.field, own),
                initial=column.field,
                widget=UnfoldAdminSelectWidget({"aria-label": column.header}),
            )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = self.cleaned_data
        seen: dict[str, str] = {}
        for number, field in list(values.items()):
            if field not in MANY and field in seen:
                first = self.source.header[int(seen[field]) - 1]
                self.add_error(number, _("“%(column)s” goes there already.") % {"column": first})
            seen.setdefault(field, number)
        if not self.errors and "email" not in seen:
            self.add_error(None, _("Choose the column that holds the e-mail addresses."))
        return values

    def save(self) -> bool:
        """Keep what was changed; False when the mapping refuses it, and the form then says why."""
        now = {str(column.index + 1): column.field for column in self.present.columns}
        changed = {number: field for number, field in self.cleaned_data.items() if now[number] != field}
        try:
            store.choose_columns(self.source, changed)
        except MappingProblem as error:
            self.add_error(None, in_words(error))
            return False
        return True


def _choices(header: str, field: str, own: dict[str, str]) -> list[Any]:
    """Ours, the workspace's own, and a new one by the column's name."""
    new = f"{CUSTOM}{header[:MAX_KEY].strip()}"
    custom = {f"{CUSTOM}{key}": label for key, label in own.items()}
    if field.startswith(CUSTOM):
        custom.setdefault(field, field_label(field, own))
    made = [] if new in custom else [(new, _("New field “%(name)s”") % {"name": header[:MAX_KEY]})]
    return [
        (IGNORE, _("Leave out")),
        (_("Contact"), [(name, FIELD_LABELS[name]) for name in mapping.FIELDS]),
        (_("Custom fields"), [*custom.items(), *made]),
    ]


class ChoicesForm(forms.Form):
    group_ids = forms.ModelMultipleChoiceField(
        Group.objects.none(),
        label=gettext_lazy("Groups"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=gettext_lazy("Everybody in the file enters them."),
    )
    new_group = forms.CharField(
        label=gettext_lazy("New group"),
        required=False,
        max_length=MAX_GROUP_NAME,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Made if there is no group of this name yet; everybody in the file enters it."),
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Words between commas, put on everybody in the file."),
    )
    on_duplicate = forms.ChoiceField(
        label=gettext_lazy("Where there is a contact with the same address"),
        choices=Import.OnDuplicate.choices,
        widget=UnfoldAdminRadioSelectWidget,
        help_text=gettext_lazy("Blank cells never overwrite anything."),
    )
    consent_source = forms.ChoiceField(
        label=gettext_lazy("Where does your permission to write to these people come from?"),
        choices=[("", gettext_lazy("Select a source")), *CONSENT_SOURCES],
        widget=UnfoldAdminSelectWidget,
    )
    certified = forms.BooleanField(
        label=gettext_lazy("I certify that these people agreed to be contacted, or that I have another lawful ground."),
        widget=UnfoldBooleanWidget,
    )

    def __init__(self, source: Import, data: Any = None) -> None:
        begun = source.consent_certified
        super().__init__(
            data,
            initial={
                "group_ids": source.group_ids,
                "tags": ", ".join(source.tags),
                "on_duplicate": source.on_duplicate,
                "consent_source": source.consent_source if begun else "",
                "certified": begun,
            },
        )
        self.source = source
        groups: Any = self.fields["group_ids"]
        groups.queryset = Group.objects.of(source.workspace).order_by("name")
        of_columns = any(column.field == "groups" for column in store.mapping_of(source).columns)
        if not of_columns and not groups.queryset.exists():
            groups.help_text = _("The workspace has no groups yet.")

    def save(self) -> bool:
        """Keep the choices; False when one is refused, and the form then says why. The group is made last of all."""
        values = self.cleaned_data
        try:
            self._keep(values)
        except store.BadChoice as error:
            self.add_error(error.field if error.field in self.fields else None, in_words(error))
            return False
        return True

    def _keep(self, values: dict[str, Any]) -> None:
        with transaction.atomic():
            store.choose(
                self.source,
                on_duplicate=values["on_duplicate"],
                group_ids=[group.pk for group in values["group_ids"]],
                tags=[word.strip() for word in values["tags"].split(",") if word.strip()],
                consent_source=values["consent_source"],
                certified=values["certified"],
            )
            if values["new_group"]:
                store.enter_named(self.source, [values["new_group"]])
