"""The forms of a workspace's own pages: keys, members, settings."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from fluenzr_site.adminsite.forms import Refused, ScopedForm
from fluenzr_site.core.said import in_words
from fluenzr_site.workspaces import changes, plans, zones
from fluenzr_site.workspaces.models import ApiKey, Membership, Workspace

ONE_ADMINISTRATOR = gettext_lazy("A workspace keeps at least one administrator.")


class ApiKeyForm(ScopedForm[ApiKey]):
    """``key`` is the key in clear once the form has made it; nothing keeps it."""

    key = ""
    person: Any = None

    class Meta:
        model = ApiKey
        fields = ["name", "permission"]
        help_texts = {"name": gettext_lazy("What it is for, such as the name of the other program.")}

    def write(self) -> ApiKey:
        read_only = self.cleaned_data["permission"] == ApiKey.Permission.READ_ONLY
        row, self.key = changes.create_api_key(
            self.workspace, name=self.cleaned_data["name"], read_only=read_only, by=self.person
        )
        row.shown_key = self.key  # type: ignore[attr-defined]
        return row


class MemberForm(ScopedForm[Membership]):
    """Adds a person, known or new, or gives one another role."""

    email = forms.CharField(
        label=gettext_lazy("E-mail or user name"), widget=UnfoldAdminTextInputWidget, max_length=150
    )
    password = forms.CharField(
        label=gettext_lazy("First password"),
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "new-password"}),
        help_text=gettext_lazy(
            "Only for somebody who has no account here yet. Nobody is told by e-mail: hand it over yourself. They can "
            "change it later."
        ),
    )

    class Meta:
        model = Membership
        fields = ["role"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_new:
            del self.fields["email"], self.fields["password"]

    def write(self) -> Membership:
        role = self.cleaned_data["role"]
        try:
            if self.is_new:
                return changes.add_member(self.workspace, self._person(), role=role)
            return changes.change_role(self.instance, role)
        except plans.LimitReached as error:
            raise Refused(None, in_words(error)) from error
        except changes.LastAdministrator as error:
            raise Refused("role", ONE_ADMINISTRATOR) from error

    def _require_stranger(self, person: Any) -> None:
        """Adding somebody again would change the role, past the guard of the last administrator."""
        if Membership.objects.filter(workspace=self.workspace, user=person).exists():
            raise Refused("email", _("This person is in the workspace already."))

    def _person(self) -> Any:
        name, users = self.cleaned_data["email"].strip(), get_user_model().objects
        known = users.filter(username__iexact=name).first() or users.filter(email__iexact=name).first()
        if known is None:
            return self._new_person(name)
        self._require_stranger(known)
        if not known.is_staff:
            # Who is in a workspace may sign in; what they may do there the membership says.
            known.is_staff = True
            known.save(update_fields=["is_staff"])
        return known

    def _new_person(self, name: str) -> Any:
        password = self.cleaned_data["password"]
        if not password:
            raise Refused("password", _("Nobody of that name has an account yet: choose a first password."))
        try:
            validate_password(password)
        except ValidationError as error:
            raise Refused("password", " ".join(error.messages)) from error
        email = name if "@" in name else ""
        return get_user_model().objects.create_user(name, email, password, is_staff=True)


class SettingsForm(ScopedForm[Workspace]):
    timezone = forms.ChoiceField(label=gettext_lazy("Time zone"), widget=UnfoldAdminSelectWidget)

    class Meta:
        model = Workspace
        fields = ["name", "timezone", "postal_address", "open_tracking"]
        widgets: ClassVar = {"postal_address": UnfoldAdminTextareaWidget(attrs={"rows": 3})}
        help_texts: ClassVar = {
            "postal_address": gettext_lazy("Under every e-mail of a campaign, since many laws ask for it."),
            "open_tracking": gettext_lazy("A recipient's objection holds whatever is chosen here."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places: Any = self.fields["timezone"]
        places.choices = zones.choices(self.instance.timezone)

    def write(self) -> Workspace:
        return changes.update_workspace(self.instance, self.given(*self.Meta.fields))
