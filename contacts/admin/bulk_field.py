"""Setting one field of many contacts: first which, then to what, in the input that its type wants."""

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from contacts.admin.bulk_forms import Choice
from contacts.cleaning import Invalid, custom_value, text
from contacts.models import CONSENT_SOURCES, CustomField, Location
from fluenzr_site.adminsite.widgets import DateInput
from fluenzr_site.core.said import in_words
from fluenzr_site.workspaces.models import Workspace

# The attribute of each text that makes sense for many, with its label and its greatest length.
TEXTS: Final[dict[str, tuple[Any, int]]] = {
    "company": (gettext_lazy("Company"), 255),
    "job_title": (gettext_lazy("Job title"), 255),
    "website": (gettext_lazy("Website"), 2048),
    "channel": (gettext_lazy("Channel"), 32),
    "notes": (gettext_lazy("Notes"), 20_000),
}
OTHERS: Final[dict[str, Any]] = {
    "location_id": gettext_lazy("Location"),
    "consent_source": gettext_lazy("Consent source"),
    "consent_date": gettext_lazy("Consent date"),
}
TRUE, FALSE = "true", "false"


class SetField(Choice):
    field = forms.ChoiceField(label=gettext_lazy("Field"), widget=UnfoldAdminSelectWidget)

    def prepare(self, workspace: Workspace) -> None:
        self.own = {f"own_{field.pk}": field for field in CustomField.objects.of(workspace)}
        self.names = {name: str(label) for name, (label, _most) in TEXTS.items()}
        self.names |= {name: str(label) for name, label in OTHERS.items()}
        self.names |= {name: field.label for name, field in self.own.items()}
        chooser: Any = self.fields["field"]
        standard = [(name, self.names[name]) for name in (*TEXTS, *OTHERS)]
        own = [(name, field.label) for name, field in self.own.items()]
        groups = [(_("Fields of every contact"), standard), (_("Custom fields"), own)]
        chooser.choices = [("", _("Choose…")), *(group for group in groups if group[1])]
        chosen = self.data.get("field")
        if chosen in self.names:
            chooser.widget = forms.HiddenInput()
            self.fields["value"] = self._value_of(chosen, workspace)

    @property
    def asks_last(self) -> bool:  # type: ignore[override]
        return "value" in self.fields

    @property
    def is_complete(self) -> bool:  # type: ignore[override]
        return "value" in self.data

    def _value_of(self, name: str, workspace: Workspace) -> forms.Field:
        """The input for a new value. Only the consent's source can't be emptied."""
        required = name == "consent_source"
        told: dict[str, Any] = {"label": self.names[name], "required": required}
        if not required:
            told["help_text"] = _("Leave it empty to clear the field.")
        own = self.own.get(name)
        choices = _choices(name, own, workspace)
        if choices is not None:
            blank = [] if required else [("", "–")]
            return forms.ChoiceField(choices=[*blank, *choices], widget=UnfoldAdminSelectWidget, **told)
        if name == "consent_date":
            return forms.DateField(widget=DateInput, **told)
        if own is not None and own.type == CustomField.Type.DATE:
            return forms.CharField(widget=DateInput, **told)
        widget = UnfoldAdminTextareaWidget({"rows": 4}) if name == "notes" else UnfoldAdminTextInputWidget
        return forms.CharField(widget=widget, **told)

    def clean_value(self) -> Any:
        name, value = self.data["field"], self.cleaned_data["value"]
        try:
            return self._reader(name)(value)
        except Invalid as error:
            raise forms.ValidationError(in_words(error)) from error

    def _reader(self, name: str) -> Callable[[Any], Any]:
        own = self.own.get(name)
        if own is not None:
            return lambda value: custom_value(value, type_=own.type, options=own.options)
        if name in TEXTS:
            return lambda value: text(value, TEXTS[name][1])
        return lambda value: value or None

    def what(self) -> dict[str, Any]:
        name, value = self.cleaned_data["field"], self.cleaned_data["value"]
        if name in self.own:
            return {"custom_fields": {self.own[name].key: value}}
        return {"values": {name: value.isoformat() if name == "consent_date" and value else value}}

    def detail(self) -> str:
        name, value = self.cleaned_data["field"], self.cleaned_data["value"]
        field: Any = self.fields["value"]
        shown = dict(getattr(field, "choices", ())).get(self.data["value"], value)
        return f"{self.names[name]} → {'–' if value in (None, '') else shown}"


def _choices(name: str, own: CustomField | None, workspace: Workspace) -> list[tuple[str, Any]] | None:
    """What may be chosen, where it isn't written."""
    if name == "location_id":
        return list(Location.objects.of(workspace).order_by("title").values_list("pk", "title"))
    if name == "consent_source":
        return CONSENT_SOURCES
    if own is not None and own.type == CustomField.Type.DROPDOWN:
        return [(option, option) for option in own.options]
    if own is not None and own.type == CustomField.Type.CHECKBOX:
        return [(TRUE, _("Yes")), (FALSE, _("No"))]
    return None
