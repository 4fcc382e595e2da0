from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from fluenzr_site.core.ids import IdField
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.owned import OwnedQuerySet

DEFAULT_DAILY_LIMIT = 200


class EmailAccount(models.Model):
    """A person's mailbox that campaigns are sent from, and whose answers are read.

    The passwords are kept encrypted (``fluenzr_site.core.encryption``), bound to this row and their column.
    """

    class Security(models.TextChoices):
        NONE = "none", _("None")
        STARTTLS = "starttls", "STARTTLS"
        TLS = "tls", "TLS"

    class Login(models.TextChoices):
        PASSWORD = "password", _("User name and password")
        # Signed in to at the provider (OAuth 2); host, port and security are the provider's.
        GOOGLE = "google", "Google"
        MICROSOFT = "microsoft", "Microsoft"

    class State(models.TextChoices):
        CONNECTED = "connected", _("Connected")
        # Refused our password: nothing is sent until a person mends it.
        FAILING = "failing", _("Failing")
        PAUSED = "paused", _("Paused")

    id = IdField(prefix="acc", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="email_accounts", db_index=False)
    # Lower-case.
    email = models.CharField(_("e-mail"), max_length=254)
    name = models.CharField(_("name"), max_length=120, blank=True, default="")
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.CONNECTED)
    last_error = models.CharField(_("last error"), max_length=500, blank=True, default="", editable=False)

    login = models.CharField(_("login"), max_length=9, choices=Login.choices, default=Login.PASSWORD, editable=False)
    # Encrypted as the passwords are. The access token is good until then, the refresh token until it is withdrawn.
    oauth_refresh_token = models.TextField(blank=True, default="", editable=False)
    oauth_access_token = models.TextField(blank=True, default="", editable=False)
    oauth_expires_at = models.DateTimeField(null=True, editable=False)

    smtp_host = models.CharField(_("SMTP server"), max_length=253, blank=True, default="")
    smtp_port = models.PositiveIntegerField(_("SMTP port"), default=587)
    smtp_security = models.CharField(_("security"), max_length=8, choices=Security.choices, default=Security.STARTTLS)
    smtp_username = models.CharField(_("user name"), max_length=254, blank=True, default="")
    smtp_password = models.TextField(blank=True, default="", editable=False)

    imap_host = models.CharField(_("IMAP server"), max_length=253, blank=True, default="")
    imap_port = models.PositiveIntegerField(_("IMAP port"), default=993)
    imap_security = models.CharField(_("security"), max_length=8, choices=Security.choices, default=Security.TLS)
    imap_username = models.CharField(_("user name"), max_length=254, blank=True, default="")
    imap_password = models.TextField(blank=True, default="", editable=False)

    daily_limit = models.PositiveIntegerField(_("e-mails a day"), default=DEFAULT_DAILY_LIMIT)
    # A new account begins low and grows day by day; all three or none.
    ramp_first_day = models.PositiveIntegerField(_("on the first day"), null=True, blank=True)
    ramp_growth = models.PositiveIntegerField(_("more each day"), null=True, blank=True)
    ramp_ceiling = models.PositiveIntegerField(_("at most"), null=True, blank=True)
    ramp_started_on = models.DateField(default=date.today, editable=False)

    # After a server that couldn't be reached, not before.
    retry_at = models.DateTimeField(null=True, editable=False)
    last_sent_at = models.DateTimeField(null=True, editable=False)
    last_read_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), editable=False)

    objects = OwnedQuerySet["EmailAccount"].as_manager()

    class Meta:
        verbose_name = _("e-mail account")
        verbose_name_plural = _("e-mail accounts")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "email"], name="email_account_once_a_workspace"),
            models.CheckConstraint(
                condition=models.Q(ramp_first_day=None, ramp_growth=None, ramp_ceiling=None)
                | models.Q(ramp_first_day__gte=1, ramp_growth__gte=0, ramp_ceiling__gte=models.F("ramp_first_day")),
                name="email_account_ramp_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def can_send(self) -> bool:
        """Whether it is connected: has a server that hasn't refused it."""
        return bool(self.smtp_host) and self.state == self.State.CONNECTED
