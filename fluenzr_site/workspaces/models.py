from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fluenzr_site.core.ids import IdField
from fluenzr_site.workspaces import plans


class Workspace(models.Model):
    """A team's own world: it owns every contact, key and import, and nothing crosses its border."""

    class OpenTracking(models.TextChoices):
        OFF = "off", _("Off")
        # The first open's date; neither address nor user agent is kept.
        DATE_ONLY = "date_only", _("Date of the first open only")
        FULL = "full", _("Every open, with address and program")

    id = IdField(prefix="wsp", primary_key=True)
    name = models.CharField(_("name"), max_length=120)
    plan = models.CharField(_("plan"), max_length=32, default=plans.default_plan)
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC")
    # Under every e-mail of a campaign; laws ask for it.
    postal_address = models.TextField(_("postal address"), blank=True, default="", max_length=500)
    open_tracking = models.CharField(
        _("open tracking"), max_length=12, choices=OpenTracking.choices, default=OpenTracking.DATE_ONLY
    )
    # Its time is moved by hand, and only its own process works for it.
    is_sandbox = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    # Grows with each committed change of what the workspace owns: a remembered count is true while it stands.
    revision = models.BigIntegerField(default=0, editable=False)
    # Whether an address of it was ever suppressed: while none was, nothing is asked on each contact that is made.
    suppresses = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")

    def __str__(self) -> str:
        return self.name

    @property
    def limits(self) -> plans.Plan:
        return plans.plan(self.plan)

    def touch(self) -> None:
        """Note that something in the workspace changed; last in a transaction, since it locks the row."""
        Workspace.objects.filter(pk=self.pk).update(revision=F("revision") + 1)


class Membership(models.Model):
    """A person in a workspace."""

    class Role(models.TextChoices):
        ADMIN = "admin", _("Administrator")
        MEMBER = "member", _("Member")

    id = IdField(prefix="mem", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.MEMBER)
    # Who isn't stays in the list, as the owner of contacts and the author of answers, and is kept out.
    is_active = models.BooleanField(_("may come in"), default=True)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="membership_once_a_workspace"),
        ]

    def __str__(self) -> str:
        return self.user.get_full_name() or self.user.get_username()


class Profile(models.Model):
    """How a person likes the site. Empty is "not chosen": the browser's language, the workspace's time zone."""

    class Theme(models.TextChoices):
        # As the person's device says.
        AUTO = "auto", _("Automatic")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="profile", primary_key=True)
    language = models.CharField(_("language"), max_length=8, blank=True, default="")
    timezone = models.CharField(_("time zone"), max_length=64, blank=True, default="")
    theme = models.CharField(_("theme"), max_length=5, choices=Theme.choices, default=Theme.AUTO)

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")

    def __str__(self) -> str:
        return str(self.user_id)


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def of(self, workspace: Workspace) -> Self:
        return self.filter(workspace=workspace)


class ApiKey(models.Model):
    """A key's digest. The key itself is shown once, when it is made, and kept nowhere."""

    class Permission(models.TextChoices):
        ALL = "all", _("Read and write")
        READ_ONLY = "read_only", _("Read only")

    id = IdField(prefix="key", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=120)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    start = models.CharField(_("begins with"), max_length=16, editable=False)
    permission = models.CharField(_("permission"), max_length=16, choices=Permission.choices, default=Permission.ALL)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("as a noun", "API key")
        verbose_name_plural = pgettext_lazy("as a noun", "API keys")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"

    @property
    def can_write(self) -> bool:
        return self.permission == self.Permission.ALL
