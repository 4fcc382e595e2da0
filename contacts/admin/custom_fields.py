from typing import Any

from django import forms
from django.contrib.admin import register
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from contacts.changes import custom_fields as changes
from contacts.cleaning import Invalid, custom_key, custom_value
from contacts.models import CustomField
from fluenzr_site.adminsite.forms import Refused, ScopedForm
from fluenzr_site.adminsite.scoped import ScopedAdmin, actor
from fluenzr_site.adminsite.site import site
from fluenzr_site.core.said import in_words

KEY_TAKEN = gettext_lazy("There is a field with this key already.")
CHANGEABLE = ("label", "required", "default", "options", "position")


class CustomFieldForm(ScopedForm[CustomField]):
    taken = ("key", KEY_TAKEN)
    options = forms.CharField(
        label=gettext_lazy("Options"),
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 5}),
        help_text=gettext_lazy(
            "One a line, for a dropdown. An option can't be taken away later: contacts may have it."
        ),
    )

    class Meta:
        model = CustomField
        fields = ["label", "key", "type", "required", "default", "options", "position"]
        help_texts = {
            "key": gettext_lazy("The name in the API, in files and in messages. It can't be changed later."),
            "type": gettext_lazy("It can't be changed later."),
            "default": gettext_lazy("What a new contact's form begins with."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["options"] = "\n".join(self.instance.options)
        for name in () if self.is_new else ("key", "type"):
            self.fields[name].disabled = True

    def clean_key(self) -> str:
        try:
            return custom_key(self.cleaned_data["key"])
        except Invalid as error:
            raise forms.ValidationError(in_words(error)) from error

    def clean_options(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["options"].splitlines()]
        return list(dict.fromkeys(line for line in lines if line))

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        is_dropdown = values.get("type") == CustomField.Type.DROPDOWN
        if is_dropdown and not values.get("options") and "options" not in self.errors:
            self.add_error("options", _("A dropdown needs at least one option."))
        try:
            custom_value(values.get("default"), type_=values.get("type", ""), options=values.get("options", []))
        except Invalid as error:
            self.add_error("default", in_words(error))
        except KeyError:
            pass  # The type is wrong, and says so.
        return values

    def write(self) -> CustomField:
        try:
            if self.is_new:
                return changes.create_field(self.workspace, self.given("key", "type", *CHANGEABLE))
            return changes.update_field(self.instance, **self.given(*CHANGEABLE))
        except changes.KeyTaken as error:
            raise Refused("key", KEY_TAKEN) from error
        except changes.OptionsShrink as error:
            message = _("“%(option)s” can't be taken away: contacts may have it.") % {"option": error}
            raise Refused("options", message) from error


@register(CustomField, site=site)
class CustomFieldAdmin(ScopedAdmin):
    add_text = gettext_lazy("Add custom field")
    delete_text = gettext_lazy("Delete custom field")
    form = CustomFieldForm
    list_display = ["label", "key", "type", "is_required", "position"]
    search_fields = ["label", "key"]
    ordering = ["position", "id"]

    @display(description=gettext_lazy("required"), ordering="required")
    def is_required(self, field: CustomField) -> str:
        return _("Yes") if field.required else "–"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"position": CustomField.objects.of(self.workspace(request)).count()}

    def delete_question(self, request: HttpRequest, obj: Any) -> str:
        count = changes.values_of(obj)
        asked = ngettext(
            "Delete the field “%(name)s”? %(count)d contact has a value in it, which is lost for good.",
            "Delete the field “%(name)s”? %(count)d contacts have a value in it, which is lost for good.",
            count,
        )
        return asked % {"name": obj, "count": count}

    def delete_model(self, request: HttpRequest, obj: CustomField) -> None:
        changes.delete_field(obj, by=actor(request))
