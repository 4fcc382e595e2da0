"""The form of an e-mail account. Passwords go in and never come out again."""

from typing import Any, ClassVar, Final

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminPasswordWidget

from campaigns.changes import account_settings, accounts
from campaigns.models import EmailAccount
from contacts.addresses import InvalidAddress, normalise
from fluenzr_site.adminsite.forms import Refused, ScopedForm
from fluenzr_site.core.said import in_words
from fluenzr_site.workspaces.plans import LimitReached

RAMP: Final = ("ramp_first_day", "ramp_growth", "ramp_ceiling")
LIMITS: Final = ("name", "daily_limit", *RAMP)
SERVERS: Final = tuple(
    f"{server}_{field}" for server in ("smtp", "imap") for field in ("host", "port", "security", "username")
)
#: The form's name of each password, and the model's.
PASSWORDS: Final = {"smtp_secret": "smtp_password", "imap_secret": "imap_password"}
_MOST_PORT: Final = 65_535
_MOST_EMAILS: Final = 1_000_000

server_name = RegexValidator(
    r"\A[\w.:-]+\Z", gettext_lazy("Write the server's name alone, such as smtp.example.com: no https:// and no port.")
)


def _secret(label: Any, help_text: Any) -> forms.CharField:
    # The browser must neither fill in the person's own password nor keep this one under this site's name.
    widget = UnfoldAdminPasswordWidget({"autocomplete": "new-password"})
    return forms.CharField(label=label, required=False, strip=False, widget=widget, help_text=help_text)


class AccountForm(ScopedForm[EmailAccount]):
    taken = ("email", gettext_lazy("This address is an account of this workspace already."))
    smtp_secret = _secret(
        gettext_lazy("Password"), gettext_lazy("Many providers want an app password here, made in their own settings.")
    )
    imap_secret = _secret(
        gettext_lazy("Password"), gettext_lazy("Left empty with the same user name: the password of sending.")
    )

    class Meta:
        model = EmailAccount
        fields: ClassVar = ["email", *LIMITS, *SERVERS]
        labels: ClassVar = {
            "email": gettext_lazy("E-mail address"),
            "name": gettext_lazy("Sender's name"),
            "smtp_host": gettext_lazy("Server"),
            "smtp_port": gettext_lazy("Port"),
            "imap_host": gettext_lazy("Server"),
            "imap_port": gettext_lazy("Port"),
        }
        help_texts: ClassVar = {
            "email": gettext_lazy("Campaigns are sent from it, and it can't be changed later."),
            "name": gettext_lazy("As recipients see it, such as “Ann of Acme”."),
            "smtp_host": gettext_lazy("Such as smtp.example.com. Your provider names it in its help."),
            "smtp_port": gettext_lazy("587 with STARTTLS, 465 with TLS."),
            "smtp_username": gettext_lazy("Mostly the e-mail address itself. Empty: the server is asked for no login."),
            "imap_host": gettext_lazy("Such as imap.example.com. Empty: replies and bounces aren't noticed."),
            "imap_port": gettext_lazy("993 with TLS, 143 with STARTTLS."),
            "imap_username": gettext_lazy("Left empty: that of sending."),
            "daily_limit": gettext_lazy("Of all campaigns together, on a day of the workspace's time zone."),
            "ramp_first_day": gettext_lazy("E-mails, such as 20."),
            "ramp_growth": gettext_lazy("Such as 5: then 25 on the second day, 30 on the third."),
            "ramp_ceiling": gettext_lazy("The growth ends here, such as 150, or at the e-mails a day above."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "email" in self.fields and not self.is_new:
            self.fields["email"].disabled = True
        for name in ("smtp_host", "imap_host"):
            self._limit(name, server_name)
        for name in ("smtp_port", "imap_port"):
            self._limit(name, MinValueValidator(1), MaxValueValidator(_MOST_PORT))
        for name in ("daily_limit", *RAMP):
            self._limit(name, MaxValueValidator(_MOST_EMAILS))
        for name in ("daily_limit", "ramp_first_day"):
            self._limit(name, MinValueValidator(1))
        if "smtp_host" in self.fields:
            self.fields["smtp_host"].required = True
        self._tell_of_passwords()

    def _limit(self, name: str, *validators: Any) -> None:
        if name in self.fields:
            self.fields[name].validators.extend(validators)

    def _tell_of_passwords(self) -> None:
        for name, column in PASSWORDS.items():
            if name in self.fields and getattr(self.instance, column):
                self.fields[name].help_text = _("One is kept, and not shown. Left empty, it stays.")

    def clean_email(self) -> str:
        try:
            return normalise(self.cleaned_data["email"])
        except InvalidAddress as error:
            raise forms.ValidationError(in_words(error)) from error

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if not self.is_new and "smtp_secret" in self.fields:
            for server in ("smtp", "imap"):
                self._check_server(server, values)
        self._check_ramp(values)
        return values

    def _check_server(self, server: str, values: dict[str, Any]) -> None:
        """A kept password goes to no server that it wasn't entered for."""
        host = values.get(f"{server}_host")
        if values.get(f"{server}_secret") and self.changed_elsewhere(f"{server}_host"):
            told = _("Somebody else has changed the server meanwhile. Look at it, and enter the password once more.")
            self.add_error(f"{server}_secret", told)
            return
        if not host or host == getattr(self.instance, f"{server}_host") or values.get(f"{server}_secret"):
            return
        kept = getattr(self.instance, f"{server}_password")
        # A mailbox without a password of its own would be given that of sending.
        lent = server == "imap" and self.instance.smtp_password and not values.get("smtp_secret")
        if kept or lent:
            self.add_error(f"{server}_secret", _("This is another server: enter the password for it."))

    def _check_ramp(self, values: dict[str, Any]) -> None:
        given = [name for name in RAMP if values.get(name) is not None]
        if self.errors.keys() & set(RAMP) or not given:
            return
        for name in RAMP:
            if name not in given:
                self.add_error(name, _("A ramp-up needs all three numbers, or none."))
        if len(given) == len(RAMP) and values["ramp_ceiling"] < values["ramp_first_day"]:
            self.add_error("ramp_ceiling", _("This must be at least as many as on the first day."))

    def write(self) -> EmailAccount:
        values = self.given("email", *LIMITS, *SERVERS)
        values |= {column: self.cleaned_data.get(name, "") for name, column in PASSWORDS.items()}
        try:
            if self.is_new:
                return accounts.create(self.workspace, account_settings.with_mailbox_login(values))
            self.instance.workspace = self.workspace
            return account_settings.update(self.instance, values)
        except accounts.Invalid as error:
            field, messages = next(iter(error.problems.items()))
            raise Refused(field if field in self.fields else None, in_words(messages[0])) from error
        except LimitReached as error:
            raise Refused(None, in_words(error)) from error
