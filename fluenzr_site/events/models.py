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
            # The fan-out reads on from the last id.
            models.Index(fields=["workspace", "id"], name="event_outbox"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject_id}"

    @property
    def data(self) -> Any:
        return json.loads(self.body)
