from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.account import EmailAccount
from campaigns.models.campaign import Campaign, WorkflowVersion
from contacts.models import Contact
from fluenzr_site.core.ids import IdField
from fluenzr_site.core.leases import Leased
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.owned import OwnedQuerySet


class Enrolment(Leased):
    """A contact in a campaign: where it stands, and when it is next looked at.

    ``due_at`` is empty for those who are out, and for those who wait for a person (an uncertain e-mail).
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        IN_PROGRESS = "in_progress", _("In progress")
        COMPLETED = "completed", _("Completed")
        REPLIED = "replied", _("Replied")
        BOUNCED = "bounced", _("Bounced")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        FAILED = "failed", _("Failed")
        REMOVED = "removed", _("Removed")

    class Phase(models.TextChoices):
        # Has done with the node it stands at, once due.
        LEAVE = "leave", _("To go on")
        # Stands at an e-mail that is to be sent, once due and the pace allows.
        SEND = "send", _("To be sent")

    id = IdField(prefix="enr", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="enrolments", db_index=False)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="enrolments", db_index=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="enrolments", db_index=False)
    # Of the campaign's start; before that nobody stands anywhere.
    version = models.ForeignKey(WorkflowVersion, models.RESTRICT, null=True, related_name="enrolments", db_index=False)
    # Whose conversation it is, from the first e-mail on.
    account = models.ForeignKey(EmailAccount, models.SET_NULL, null=True, related_name="+", db_index=False)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.PENDING)
    phase = models.CharField(max_length=5, choices=Phase.choices, default=Phase.LEAVE, editable=False)
    node_id = models.CharField(max_length=100, blank=True, default="", editable=False)
    # Why it failed, or waits for a person.
    note = models.CharField(max_length=500, blank=True, default="", editable=False)
    enrolled_at = models.DateTimeField(editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = OwnedQuerySet["Enrolment"].as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "contact"], name="enrolment_once_a_campaign"),
        ]
        indexes = [
            models.Index(fields=["campaign", "status", "id"], name="enrolment_of_status"),
            models.Index(fields=["contact"], name="enrolment_of_contact"),
            models.Index(fields=["version"], name="enrolment_of_version"),
            # What is due, by campaign.
            models.Index(
                fields=["campaign", "phase", "due_at"], condition=Q(due_at__isnull=False), name="enrolment_due"
            ),
            models.Index(fields=["lease"], condition=~Q(lease=""), name="enrolment_leased"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.campaign_id}"


IN_CAMPAIGN = (Enrolment.Status.PENDING, Enrolment.Status.IN_PROGRESS)
