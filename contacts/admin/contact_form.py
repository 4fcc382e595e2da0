"""The form of one contact: the model's fields, its links, and the workspace's own fields."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from contacts.addresses import InvalidAddress, normalise
from contacts.admin.people import members, person_name
from contacts.changes import contacts as changes
from contacts.cleaning import Draft, Invalid, clean, text
from contacts.models import Contact, CustomField, Group, Location, PipelineStage
from fluenzr_site.adminsite.forms import Refused, ScopedForm
from fluenzr_site.adminsite.widgets import DateInput
from fluenzr_site.core.said import in_words
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.plans import LimitReached

# The form's name of what the API's cleaning knows by another.
API_NAMES = {
    "email": "email",
    "first_name": "firstName",
    "last_name": "lastName",
    "company": "company",
    "job_title": "jobTitle",
    "phone": "phone",
    "website": "website",
    "status": "status",
}
# What the write path sets as it is.
ATTRIBUTES = ("consent_source", "consent_date", "consent_notes", "tracking_objection")
FREE_TEXTS = {"notes": 20_000, "channel": 32, "consent_notes": 20_000}
TRUE, FALSE = "true", "false"


class PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return person_name(obj)


def _choice(label: Any, rows: Any, kind: Any = forms.ModelChoiceField) -> Any:
    return kind(rows, label=label, required=False, widget=UnfoldAdminSelectWidget, empty_label="–")


def _custom(field: CustomField) -> forms.Field:
    """The input of one of the workspace's own fields."""
    shared: dict[str, Any] = {"label": field.label, "required": field.required, "initial": field.default}
    if field.type == CustomField.Type.DROPDOWN:
        choices = [("", "–"), *((option, option) for option in field.options)]
        return forms.ChoiceField(choices=choices, widget=UnfoldAdminSelectWidget, **shared)
    if field.type == CustomField.Type.CHECKBOX:
        choices = [("", "–"), (TRUE, _("Yes")), (FALSE, _("No"))]
        return forms.ChoiceField(choices=choices, widget=UnfoldAdminSelectWidget, **shared)
    widget = DateInput if field.type == CustomField.Type.DATE else UnfoldAdminTextInputWidget
    return forms.CharField(widget=widget, **shared)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return TRUE if value else FALSE
    return "" if value is None else str(value)


class ContactForm(ScopedForm[Contact]):
    taken = ("email", gettext_lazy("Email already exists"))
    email = forms.CharField(label=gettext_lazy("E-mail"), max_length=320, widget=UnfoldAdminEmailInputWidget)
    group_ids = forms.ModelMultipleChoiceField(
        Group.objects.none(),
        label=gettext_lazy("Groups"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    tag_names = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Words between commas; new ones are made."),
    )

    class Meta:
        model = Contact
        fields = [*API_NAMES, "notes", "channel", *ATTRIBUTES]
        widgets = {
            "consent_date": DateInput,
            "notes": UnfoldAdminTextareaWidget({"rows": 4}),
            "consent_notes": UnfoldAdminTextareaWidget({"rows": 2}),
        }

    # Made with the class for a workspace: the form's name of each own field.
    own_fields: dict[str, CustomField] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contact, fields = self.instance, self.fields
        fields["email"].required = self.is_new or bool(contact.email)
        settable = {"active", "blocked", contact.status}
        status: Any = fields["status"]
        status.choices = [choice for choice in Contact.Status.choices if choice[0] in settable]
        if not self.is_new:
            # The page's head has it, and moves at once.
            del fields["stage_choice"]
            self._begin_with(contact)

    def _begin_with(self, contact: Contact) -> None:
        tags = contact.tags.order_by("contact_tags__position", "pk").values_list("name", flat=True)
        self.initial = {
            **self.initial,
            "email": contact.email or "",
            "group_ids": list(contact.groups.values_list("pk", flat=True)),
            "tag_names": ", ".join(tags),
            "owner_choice": contact.owner_id,
            "location_choice": contact.location_id,
        }
        for name, field in self.own_fields.items():
            self.initial[name] = _shown(contact.custom_fields.get(field.key))

    # ------------------------------------------------------------------------------------------- to a draft

    def clean(self) -> dict[str, Any]:
        for name, limit in FREE_TEXTS.items():
            try:
                self.cleaned_data[name] = text(self.cleaned_data.get(name, ""), limit)
            except Invalid as error:
                self.add_error(name, in_words(error))
        return self.cleaned_data

    def _document(self) -> dict[str, Any]:
        """What the person entered (or changed, so that two people's edits both stay), as the API says it."""
        values = self.cleaned_data
        names = [name for name in values if self.is_new or name in self.changed_data]
        document = {API_NAMES[name]: values[name] for name in names if name in API_NAMES}
        if "group_ids" in names:
            document["groupIds"] = [group.pk for group in values["group_ids"]]
        if "tag_names" in names:
            document["tags"] = [name.strip() for name in values["tag_names"].split(",") if name.strip()]
        if "stage_choice" in names:
            document["pipelineStageId"] = values["stage_choice"].pk if values["stage_choice"] else None
        own = {self.own_fields[name].key: values[name] or None for name in names if name in self.own_fields}
        return document | ({"customFields": own} if own else {})

    def _draft(self) -> Draft:
        document = self._document()
        needs_email = self.is_new or ("email" in document and self.fields["email"].required)
        if not document.get("email") and not needs_email:
            document.pop("email", None)
        draft = clean(document, needs_email=needs_email)
        values = self.cleaned_data
        names = [name for name in values if self.is_new or name in self.changed_data]
        draft.values |= {name: values[name] for name in (*ATTRIBUTES, *FREE_TEXTS) if name in names}
        for choice, attribute in (("owner_choice", "owner_id"), ("location_choice", "location_id")):
            if choice in names:
                draft.values[attribute] = values[choice].pk if values[choice] else None
        return draft

    # ---------------------------------------------------------------------------------------------- writing

    def write(self) -> Contact:
        try:
            contact_id = self._save(self._draft())
        except Invalid as error:
            raise self._refusal(error) from error
        except changes.EmailTaken as error:
            raise Refused("email", self._whose(error)) from error
        except changes.Unknown as error:
            raise Refused(None, _("Somebody has deleted this contact.")) from error
        except LimitReached as error:
            raise Refused(None, in_words(error)) from error
        return Contact.objects.of(self.workspace).get(pk=contact_id)

    def _save(self, draft: Draft) -> str:
        if self.is_new:
            return changes.create(self.workspace, draft, by=self.actor)
        changes.update(self.workspace, self.instance.pk, draft, by=self.actor)
        return self.instance.pk

    def _whose(self, taken: changes.EmailTaken) -> str:
        """Who has the address, with the way there in another tab: what was entered here stays."""
        try:
            email = normalise(self.cleaned_data["email"])
        except InvalidAddress:
            return in_words(taken)
        holder = Contact.objects.of(self.workspace).filter(email=email).first()
        if holder is None:
            return in_words(taken)
        told = _("%(name)s already has this address.") % {"name": holder}
        page = reverse("admin:contacts_contact_change", args=[holder.pk])
        link = '{} <a class="text-link" href="{}" target="_blank">{}</a>'
        return format_html(link, told, page, _("Open the contact in a new tab"))

    def _refusal(self, error: Invalid) -> Refused:
        """The first problem as the field's; the others are put there now."""
        told = [(self._field_of(path), in_words(messages[0])) for path, messages in error.problems.items()]
        for field, message in told[1:]:
            self.add_error(field, message)
        return Refused(*told[0])

    def _field_of(self, path: str) -> str | None:
        names = {api: name for name, api in API_NAMES.items()}
        names |= {"groupIds": "group_ids", "tags": "tag_names", "pipelineStageId": "stage_choice"}
        names |= {f"customFields.{field.key}": name for name, field in self.own_fields.items()}
        return names.get(path) or names.get(path.partition(".")[0])


def contact_form(workspace: Workspace) -> type[ContactForm]:
    """The form with the workspace's own fields and choices on it."""
    own = {f"own_{field.pk}": field for field in CustomField.objects.of(workspace)}
    owners: Any = members(workspace)
    body: dict[str, Any] = {
        "own_fields": own,
        "group_ids": _groups(workspace),
        "stage_choice": _choice(gettext_lazy("Pipeline stage"), PipelineStage.objects.of(workspace)),
        "owner_choice": _choice(gettext_lazy("Owner"), owners, PersonChoice),
        "location_choice": _choice(gettext_lazy("Location"), Location.objects.of(workspace).order_by("title")),
    }
    return type("ContactForm", (ContactForm,), body | {name: _custom(field) for name, field in own.items()})


def _groups(workspace: Workspace) -> "forms.ModelMultipleChoiceField[Group]":
    field: Any = ContactForm.declared_fields["group_ids"]  # type: ignore[attr-defined]
    rows = Group.objects.of(workspace).order_by("name")
    help_text = "" if rows.exists() else gettext_lazy("The workspace has no groups yet.")
    return forms.ModelMultipleChoiceField(
        rows, label=field.label, required=False, widget=field.widget, help_text=help_text
    )
