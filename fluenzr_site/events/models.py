import json
from typing import Any, Self

from django.db import models

from fluenzr_site.core.ids import IdField
from fluenzr_site.workspaces.models import Workspace


class EventQuerySet(models.QuerySet["Event"]):
    def of(self, workspace: Workspace) -> Self:
        return self.filter(workspace=workspace)

    def about(self, subject_id: str) -> Self:
        """A contact's (or campaign's) history, newest first."""
        return self.filter(subject_id=subject_id).order_by("-id")


class Event(models.Model):
    """What happened, stored in the transaction that made it happen: the outbox and the history in one."""

    id = IdField(prefix="evt", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="events", db_index=False)
    type = models.CharField(max_length=40)
    # The id of the contact or campaign it is about; no foreign key, since the event outlives what was deleted.
    subject_id = models.CharField(max_length=24)
    actor = models.CharField(max_length=40)
    # JSON as text: webhooks send these bytes, and a JSON column would not keep them.
    body = models.TextField()
    # What the history alone says of it, such as the names of the fields that changed.
    note = models.TextField(default="")
    created_at = models.DateTimeField()

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            # A subject's history, and whether anybody but an import has touched a contact.
            models.Index(fields=["workspace", "subject_id", "id"], name="event_history"),
            # The events of a time, which are replayed.
            models.Index(fields=["workspace", "id"], name="event_outbox"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject_id}"

    @property
    def data(self) -> Any:
        return json.loads(self.body)


class Listening(models.Model):
    """Whether somebody listens to a workspace's events; held by who tells them. See ``events.outbox``."""

    workspace = models.OneToOneField(Workspace, models.CASCADE, related_name="+", primary_key=True)
    is_on = models.BooleanField(default=False)
    # How often somebody began to listen.
    number = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.workspace_id} {'on' if self.is_on else 'off'}"


class OutboxEntry(models.Model):
    """An event that is still to be told. It goes in the transaction that notes to whom."""

    # The event's; no foreign key, which would cost each event of a bulk a look.
    id = IdField(prefix="evt", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    # Who began to listen with this number or a greater one came later.
    before = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name_plural = "outbox entries"
        indexes = [
            # A workspace's entries in their order.
            models.Index(fields=["workspace", "id"], name="outbox_of_workspace"),
        ]

    def __str__(self) -> str:
        return self.pk
