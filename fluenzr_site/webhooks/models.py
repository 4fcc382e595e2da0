from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from fluenzr_site.core.ids import IdField
from fluenzr_site.core.leases import Leased
from fluenzr_site.events.models import Event
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.owned import OwnedQuerySet


class Webhook(Leased):
    """An address of somebody's own that a workspace's events are sent to.

    A worker leases the webhook, not its single deliveries: one worker at a time sends to it, in the events' order.
    ``due_at`` is when there may be something to send. The secrets are kept encrypted, bound to this row and their
    column.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        # By a person, or because it answered 410 Gone.
        DISABLED = "disabled", _("Disabled")
        # Its last deliveries all failed.
        FAILED = "failed", _("Failed")

    id = IdField(prefix="whk", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="webhooks", db_index=False)
    url = models.CharField(_("URL"), max_length=2048)
    # Types of events, in the order of the documents.
    events = models.JSONField(_("events"), default=list)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.ACTIVE)
    secret = models.TextField(editable=False)
    # Also signs, until then: a receiver changes its secret without losing an event.
    previous_secret = models.TextField(blank=True, default="", editable=False)
    previous_until = models.DateTimeField(null=True, editable=False)
    # Of who began to listen: events that waited before then aren't for this webhook.
    number = models.PositiveIntegerField(default=0, editable=False)
    # Deliveries that failed for good since one was delivered, and when that was.
    failures = models.PositiveIntegerField(default=0, editable=False)
    delivered_at = models.DateTimeField(_("last delivered"), null=True, editable=False)
    # The receiver asked for a rest (Retry-After).
    rests_until = models.DateTimeField(null=True, editable=False)
    # The workspace's administrators are still to be told that it failed or is gone.
    to_tell = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("created"), editable=False)

    objects = OwnedQuerySet["Webhook"].as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        indexes = [
            # The list, newest first, and the fan-out.
            models.Index(fields=["workspace", "-id"], name="webhook_of_workspace"),
            # What workers look for every second.
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="webhook_due"),
            models.Index(fields=["id"], condition=Q(to_tell=True), name="webhook_to_tell"),
        ]

    def __str__(self) -> str:
        return self.url

    def overlaps_until(self, now: datetime) -> datetime | None:
        """Until when the secret before the present one is valid too; None where it isn't."""
        return self.previous_until if self.previous_until and now < self.previous_until else None

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE


class Delivery(models.Model):
    """One event for one webhook. What is sent is made of the event, so that an erased event is sent no more."""

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    id = IdField(prefix="dlv", primary_key=True)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", db_index=False)
    event = models.ForeignKey(Event, models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.PENDING)
    # Asked for by a person, who wants it sent whatever the webhook's status: a retry, a test.
    is_forced = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Of the first attempt: the schedule counts from there.
    first_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event"], name="delivery_once_a_webhook"),
            models.CheckConstraint(condition=Q(state="pending") | Q(due_at=None), name="delivery_due_while_pending"),
        ]
        indexes = [
            # What a webhook has due, in the events' order, and when it has more.
            models.Index(fields=["webhook", "event"], condition=Q(state="pending"), name="delivery_pending"),
            models.Index(fields=["webhook", "due_at"], condition=Q(state="pending"), name="delivery_due"),
            # An event that is erased takes its deliveries with it.
            models.Index(fields=["event"], name="delivery_of_event"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.webhook_id}"


class Attempt(models.Model):
    """One call of a webhook and what came of it: the log. One that a person asked for is there before it is made."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    id = IdField(prefix="log", primary_key=True)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="attempts", db_index=False)
    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="log", db_index=False)
    number = models.PositiveSmallIntegerField(_("attempt"))
    status = models.CharField(_("status"), max_length=9, choices=Status.choices)
    # None where no answer came.
    status_code = models.PositiveSmallIntegerField(_("status code"), null=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"), null=True)
    error = models.CharField(_("error"), max_length=500, blank=True, default="")
    # The beginning of what was answered.
    answer = models.CharField(_("answer"), max_length=500, blank=True, default="")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("delivery attempt")
        verbose_name_plural = _("delivery attempts")
        indexes = [
            # The log, newest first.
            models.Index(fields=["webhook", "-id"], name="attempt_of_webhook"),
            # A delivery that goes takes its attempts with it; one that a person asked for is found again.
            models.Index(fields=["delivery"], name="attempt_of_delivery"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.status}"
