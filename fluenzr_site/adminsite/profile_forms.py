"""The forms of a person's own page."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from fluenzr_site.notices.choosing import CHOSEN, choices_of
from fluenzr_site.notices.models import Choices
from fluenzr_site.workspaces import profiles, zones
from fluenzr_site.workspaces.models import Membership, Profile, Workspace


class ProfileForm(forms.Form):
    """Who a person is, and how they like the site."""

    first_name = forms.CharField(
        label=gettext_lazy("First name"), required=False, max_length=150, widget=UnfoldAdminTextInputWidget
    )
    last_name = forms.CharField(
        label=gettext_lazy("Last name"), required=False, max_length=150, widget=UnfoldAdminTextInputWidget
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"), required=False, max_length=254, widget=UnfoldAdminEmailInputWidget
    )
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "current-password"}),
        help_text=gettext_lazy("To change the address: who has it can be taken for you."),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), required=False, widget=UnfoldAdminSelectWidget({"autocomplete": "off"})
    )
    timezone = forms.ChoiceField(
        label=gettext_lazy("Time zone"), required=False, widget=UnfoldAdminSelectWidget({"autocomplete": "off"})
    )
    theme = forms.ChoiceField(label=gettext_lazy("Colours"), choices=Profile.Theme.choices)

    def __init__(self, user: User, profile: Profile, workspace: Workspace | None, data: Any = None) -> None:
        self.user, self.profile = user, profile
        names = {name: getattr(user, name) for name in ("first_name", "last_name", "email")}
        liked = {name: getattr(profile, name) for name in ("language", "timezone", "theme")}
        super().__init__(data, initial=names | liked)
        languages: Any = self.fields["language"]
        languages.choices = [("", _("As the browser has it")), *settings.LANGUAGES]
        places: Any = self.fields["timezone"]
        shared = workspace.timezone if workspace else "UTC"
        default = _("As the workspace has it (%(zone)s)") % {"zone": shared}
        places.widget.attrs["data-workspace"] = shared
        places.choices = [("", default), *zones.choices(profile.timezone)]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        email = given.get("email", "")
        if "email" in given and email != self.user.email:
            if email and profiles.address_taken(self.user, email):
                self.add_error("email", _("Somebody else here has this address."))
            if self.user.has_usable_password() and not self.user.check_password(given.get("password", "")):
                self.add_error("password", _("Enter your present password to change the address."))
        return given

    def write(self) -> None:
        given = self.cleaned_data
        profiles.rename(self.user, first_name=given["first_name"], last_name=given["last_name"], email=given["email"])
        profiles.update_profile(self.user, {name: given[name] for name in ("language", "timezone", "theme")})


class NoticesForm(forms.Form):
    """What a person hears of one workspace."""

    replies = forms.ChoiceField(
        label=gettext_lazy("Replies"),
        choices=Choices.Replies.choices,
        widget=UnfoldAdminSelectWidget({"autocomplete": "off"}),
    )
    excerpts = forms.BooleanField(
        label=gettext_lazy("With the first lines of what they wrote"),
        required=False,
        help_text=gettext_lazy("Otherwise the e-mail has names, subjects and links alone."),
    )
    weekly = forms.BooleanField(
        label=gettext_lazy("Weekly report"),
        required=False,
        help_text=gettext_lazy("Mondays at 8 in the morning, unless nothing happened."),
    )
    trouble = forms.BooleanField(
        label=gettext_lazy("E-mail accounts and webhooks that stop working"),
        required=False,
        help_text=gettext_lazy("At once, since they stand still until somebody mends them."),
    )

    def __init__(self, membership: Membership, data: Any = None) -> None:
        self.membership = membership
        chosen = choices_of(membership)
        super().__init__(data, initial={name: getattr(chosen, name) for name in CHOSEN}, prefix=membership.pk)
        if membership.role != Membership.Role.ADMIN:
            del self.fields["trouble"]
