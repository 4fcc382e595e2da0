from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from fluenzr_site.core.ids import IdField
from fluenzr_site.core.leases import Leased
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.owned import OwnedQuerySet

#: How long earlier values are kept, and a change can be undone.
KEPT: Final = timedelta(days=30)


class BulkChange(Leased):
    """One change of many contacts: what it does, how far it has come, and what became of it and of its undoing.

    The row is the checkpoint, as an import's is: each step writes its contacts, their earlier values and these
    counts in one transaction.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    id = IdField(prefix="chg", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="bulk_changes", db_index=False)
    # How it is made and taken back: a name that is registered with ``contacts.changes.kinds``.
    kind = models.CharField(max_length=20)
    # What people call it: the name of the menu's entry, and what was chosen there, such as the tags.
    action = models.CharField(max_length=40)
    detail = models.CharField(max_length=255, blank=True, default="")
    # What the kind has to know to do it.
    what = models.JSONField(default=dict)
    # The import that it belongs to. No foreign key: imports come and go.
    source_import_id = models.CharField(max_length=24, blank=True, default="")
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.RUNNING)
    actor = models.CharField(max_length=40)
    created_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(null=True)
    # How many contacts were chosen, looked at, and changed.
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    error = models.TextField(blank=True, default="")

    undone_by = models.CharField(max_length=40, blank=True, default="")
    undone_at = models.DateTimeField(null=True)
    # Put back as they were, deleted again (what an import made), and left as they are, by name.
    restored = models.IntegerField(default=0)
    deleted = models.IntegerField(default=0)
    kept = models.IntegerField(default=0)

    objects = OwnedQuerySet["BulkChange"].as_manager()

    class Meta:
        verbose_name = _("recent change")
        verbose_name_plural = _("recent changes")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["workspace", "-id"], name="bulk_change_newest"),
            # The worker looks for what is due.
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="bulk_change_due"),
            # An import's, for its report and its undo.
            models.Index(
                fields=["source_import_id"], condition=~models.Q(source_import_id=""), name="bulk_change_of_import"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.detail}".strip()

    @property
    def until(self) -> datetime:
        """When its earlier values are forgotten."""
        return self.created_at + KEPT


class BulkPart(models.Model):
    """Some of the contacts that were chosen, and are still to be changed. It goes in the step that changes them."""

    id = models.BigAutoField(primary_key=True)
    change = models.ForeignKey(BulkChange, models.CASCADE, related_name="parts", db_index=False)
    number = models.IntegerField()
    # Ids between blanks.
    contact_ids = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "number"], name="bulk_part_once"),
        ]

    def __str__(self) -> str:
        return f"{self.change_id} part {self.number}"


class EarlierValues(models.Model):
    """What a contact was before a change, and a fingerprint of what the change left.

    It goes when the contact is put back, when it is erased, and after 30 days. What couldn't be put back stays,
    with the reason.
    """

    class Outcome(models.TextChoices):
        WAITING = "", ""
        CHANGED = "changed", _("Changed since")
        DELETED = "deleted", _("Deleted since")
        TAKEN = "taken", _("Another contact has the e-mail address or the number")
        ERASED = "erased", _("Erased on request")
        OPTED_OUT = "opted_out", _("Unsubscribed or bounced since")
        MISSING = "missing", _("The stage, owner or location that it had is gone")
        FULL = "full", _("The plan allows no more contacts")
        OVER = "over", _("Its campaign is over, or it was taken out of it")

    pk = models.CompositePrimaryKey("change_id", "contact_id")
    change = models.ForeignKey(BulkChange, models.CASCADE, related_name="earlier", db_index=False)
    # No foreign key: the contact may be gone.
    contact_id = IdField(prefix="con")
    values = models.JSONField(default=dict)
    after = models.CharField(max_length=16, blank=True, default="")
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True, default="")

    class Meta:
        verbose_name_plural = "earlier values"
        indexes = [
            # What is kept of one contact: to show it, and to erase it.
            models.Index(fields=["contact_id"], name="earlier_values_of_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} before {self.change_id}"
