from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.account import EmailAccount
from contacts.models import Group
from fluenzr_site.core.ids import IdField
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.owned import OwnedQuerySet


class Campaign(models.Model):
    """A sequence of e-mails and what happens between them. Written only by ``campaigns.changes``."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", pgettext_lazy("campaign", "Active")
        PAUSED = "paused", pgettext_lazy("campaign", "Paused")
        COMPLETED = "completed", pgettext_lazy("campaign", "Completed")
        ARCHIVED = "archived", _("Archived")

    id = IdField(prefix="cmp", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="campaigns", db_index=False)
    name = models.CharField(_("name"), max_length=255)
    description = models.TextField(_("description"), blank=True, default="")
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.DRAFT)
    account = models.ForeignKey(
        EmailAccount, models.RESTRICT, related_name="campaigns", verbose_name=_("e-mail account")
    )
    # They take turns with the first one; a conversation keeps the account that it began with.
    more_accounts = models.ManyToManyField(EmailAccount, related_name="+", verbose_name=_("further e-mail accounts"))
    # Both as the API writes them: campaigns.sending.calendar and campaigns.workflow read them.
    settings = models.JSONField(_("settings"), default=dict)
    workflow = models.JSONField(_("workflow"), default=dict)
    version = models.ForeignKey(
        "campaigns.WorkflowVersion", models.SET_NULL, null=True, related_name="+", editable=False
    )
    dynamic_groups = models.ManyToManyField(Group, related_name="campaigns", verbose_name=_("dynamic groups"))
    created_at = models.DateTimeField(_("created"), editable=False)
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    updated_at = models.DateTimeField(_("updated"), editable=False)

    objects = OwnedQuerySet["Campaign"].as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "active", "paused", "completed", "archived"]),
                name="campaign_status_known",
            ),
        ]
        indexes = [
            models.Index("workspace", models.F("id").desc(), name="campaign_newest"),
            models.Index("workspace", "updated_at", "id", name="campaign_updated"),
            # What a worker's tick looks for.
            models.Index(fields=["id"], condition=models.Q(status="active"), name="campaign_active"),
        ]

    def __str__(self) -> str:
        return self.name


class WorkflowVersion(models.Model):
    """A workflow as it was when a campaign started with it: whoever is in it goes on with it."""

    id = IdField(prefix="ver", primary_key=True)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="versions", db_index=False)
    digest = models.CharField(max_length=64)
    workflow = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "digest"], name="workflow_version_once_a_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.digest[:8]}"


class Winner(models.Model):
    """The version of an e-mail that did better; everybody after that gets it."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="winners", db_index=False)
    node_id = models.CharField(max_length=100)
    variant = models.CharField(max_length=1)
    # 0 to 1: the confidence that the two rates really differ.
    significance = models.FloatField()
    reason = models.CharField(max_length=20)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "node_id"], name="winner_once_an_email")]

    def __str__(self) -> str:
        return f"{self.node_id}: {self.variant}"
