from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from fluenzr_site.core.ids import IdField
from fluenzr_site.core.leases import Leased
from fluenzr_site.workspaces.models import Membership


class Choices(models.Model):
    """What a person wants to be told by e-mail of one workspace. One row a membership, made when they first choose."""

    class Replies(models.TextChoices):
        OFF = "off", _("Never")
        EACH = "each", _("As they come")
        HOURLY = "hourly", _("Once an hour")
        DAILY = "daily", _("Once a day, at 8 in the morning")

    membership = models.OneToOneField(Membership, models.CASCADE, related_name="choices", primary_key=True)
    replies = models.CharField(_("replies"), max_length=6, choices=Replies.choices, default=Replies.OFF)
    # What people wrote leaves the site only for who asked for it.
    excerpts = models.BooleanField(_("with the first lines of what they wrote"), default=False)
    weekly = models.BooleanField(_("weekly report"), default=False)
    # For administrators.
    trouble = models.BooleanField(_("e-mail accounts and webhooks that stop working"), default=True)
    # Nothing is told of what was before.
    replies_since = models.DateTimeField(null=True, editable=False)
    weekly_since = models.DateTimeField(null=True, editable=False)
    # What this person was told of each kind, as who reports it keeps it.
    told = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = _("notices")
        verbose_name_plural = _("notices")

    def __str__(self) -> str:
        return str(self.membership_id)


class Notice(Leased):
    """An e-mail that a person is to get, or got: one a kind and period, by constraint, however many workers look.

    It is written when it is sent, not when it falls due, so that it tells what is true then. Where a worker dies
    between sending it and noting that, it is sent once more when the lease is over: one that nobody gets would be
    worse.
    """

    class Kind(models.TextChoices):
        REPLIES = "replies", _("Replies")
        WEEKLY = "weekly", _("Weekly report")
        TROUBLE = "trouble", _("E-mail accounts and webhooks that stop working")
        # Chosen with the accounts.
        WEBHOOK = "webhook", _("E-mail accounts and webhooks that stop working")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        # There was nothing to say by then, or the person wants it no more.
        DROPPED = "dropped", _("Dropped")
        FAILED = "failed", _("Failed")

    id = IdField(prefix="ntc", primary_key=True)
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="notices", db_index=False)
    kind = models.CharField(max_length=7, choices=Kind.choices)
    # What makes it the same one again: an hour, a day, a week, the time since the last one.
    period = models.CharField(max_length=40)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["membership", "kind", "period"], name="notice_once")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="notice_due"),
            models.Index(fields=["lease"], condition=~Q(lease=""), name="notice_leased"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.period}"
