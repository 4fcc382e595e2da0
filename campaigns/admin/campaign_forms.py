"""The forms of a campaign: the few words that begin one, and everything that can be set about it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from campaigns.models import Campaign, EmailAccount
from campaigns.sending.calendar import DAY_NAMES, MAX_PER_HOUR
from fluenzr_site.adminsite.as_shown import AsShown
from fluenzr_site.core.said import in_words
from fluenzr_site.workspaces import zones
from fluenzr_site.workspaces.models import Workspace

MAX_DESCRIPTION: Final = 10_000
_DAYS: Final[dict[str, str | Promise]] = {
    "monday": gettext_lazy("Monday"),
    "tuesday": gettext_lazy("Tuesday"),
    "wednesday": gettext_lazy("Wednesday"),
    "thursday": gettext_lazy("Thursday"),
    "friday": gettext_lazy("Friday"),
    "saturday": gettext_lazy("Saturday"),
    "sunday": gettext_lazy("Sunday"),
}
_MORE: Final = gettext_lazy(
    "They take turns with the first one for new contacts. Who was written to from one account goes on with it."
)
#: Where the change functions say that a value is wrong, and the form's field for it.
_PLACES: Final = {
    "name": "name",
    "description": "description",
    "emailAccountId": "account",
    "moreEmailAccountIds": "more_accounts",
    "settings.sendDays": "days",
    "settings.sendHoursStart": "starts",
    "settings.sendHoursEnd": "ends",
    "settings.timezone": "timezone",
    "settings.maxEmailsPerHour": "per_hour",
}


class CampaignForm(forms.Form):
    """What every campaign begins with."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=255,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("For your team alone: nobody who gets its e-mails sees it."),
    )
    account = forms.ChoiceField(
        label=gettext_lazy("E-mail account"),
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Its e-mails are sent from there, and the answers read."),
    )
    more_accounts = forms.MultipleChoiceField(
        label=gettext_lazy("Further e-mail accounts"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_MORE,
    )
    timezone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Where its days and hours of sending are meant. Best: where its contacts live."),
    )

    def __init__(self, workspace: Workspace, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        choices = [(account.pk, _account_label(account)) for account in accounts_of(workspace)]
        self.has_accounts = bool(choices)
        self._choose("account", choices)
        self._choose("more_accounts", choices)
        self._choose("timezone", zones.choices(self.initial.get("timezone", "")))
        if len(choices) < 2:
            del self.fields["more_accounts"]

    def _choose(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def values(self) -> dict[str, Any]:
        """As the change functions take them."""
        cleaned = self.cleaned_data
        return {
            "name": cleaned["name"],
            "account_id": cleaned["account"],
            "more_account_ids": cleaned.get("more_accounts", []),
            "settings": {"timezone": cleaned["timezone"]},
        }

    def refuse(self, problems: Mapping[str, Sequence[str]]) -> None:
        """Show what the change functions refused at the fields that it is about."""
        for place, messages in problems.items():
            field = _PLACES.get(place)
            self.add_error(field if field in self.fields else None, [in_words(each) for each in messages])


class SettingsForm(AsShown, CampaignForm):
    """Everything that can be set, in the order of the page."""

    campaign_id = ""

    description = forms.CharField(
        label=gettext_lazy("Notes"),
        required=False,
        max_length=MAX_DESCRIPTION,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=gettext_lazy("What it is for, whom it is meant for: for your team alone."),
    )
    days = forms.MultipleChoiceField(
        label=gettext_lazy("Days"),
        choices=list(_DAYS.items()),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        error_messages={"required": gettext_lazy("Choose at least one day: else nothing is ever sent.")},
    )
    starts = forms.TypedChoiceField(
        label=pgettext_lazy("time of day", "From"),
        coerce=int,
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        widget=UnfoldAdminSelectWidget,
    )
    ends = forms.TypedChoiceField(
        label=gettext_lazy("Until"),
        coerce=int,
        choices=[(hour, f"{hour:02}:00") for hour in range(1, 25)],
        widget=UnfoldAdminSelectWidget,
    )
    per_hour = forms.IntegerField(
        label=gettext_lazy("E-mails an hour, at most"),
        min_value=1,
        max_value=MAX_PER_HOUR,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=gettext_lazy("They are spread evenly over the hour. The account's daily limit holds as well."),
    )

    def row(self) -> str:
        return self.campaign_id

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "starts" in cleaned and "ends" in cleaned and cleaned["starts"] >= cleaned["ends"]:
            self.add_error("ends", _("Choose an hour after the one that it begins at."))
        return cleaned

    def values(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        settings = {
            "sendDays": [name for name in DAY_NAMES if name in cleaned["days"]],
            "sendHoursStart": cleaned["starts"],
            "sendHoursEnd": cleaned["ends"],
            "timezone": cleaned["timezone"],
            "maxEmailsPerHour": cleaned["per_hour"],
        }
        return super().values() | {"description": cleaned["description"], "settings": settings}


def settings_form(campaign: Campaign, data: Any = None) -> SettingsForm:
    form = SettingsForm(campaign.workspace, data, initial=initial_of(campaign))
    form.campaign_id = campaign.pk
    return form


def initial_of(campaign: Campaign) -> dict[str, Any]:
    """The form's values as the campaign has them."""
    settings = campaign.settings
    return {
        "name": campaign.name,
        "description": campaign.description,
        "account": campaign.account_id,
        "more_accounts": [account.pk for account in campaign.more_accounts.all()],
        "days": settings["sendDays"],
        "starts": settings["sendHoursStart"],
        "ends": settings["sendHoursEnd"],
        "timezone": settings["timezone"],
        "per_hour": settings["maxEmailsPerHour"],
    }


def accounts_of(workspace: Workspace) -> list[EmailAccount]:
    """Those that can send come first: the first is the one that a new campaign begins with."""
    return sorted(EmailAccount.objects.of(workspace).order_by("email"), key=lambda account: not account.can_send)


def _account_label(account: EmailAccount) -> str:
    if account.can_send:
        return str(account)
    return _("%(email)s (can't send now)") % {"email": account.email}
