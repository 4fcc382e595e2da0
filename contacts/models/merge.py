"""What is known of duplicates: which look alike and are not, and which have become one."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.contact import Contact
from fluenzr_site.core.ids import IdField
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.owned import OwnedQuerySet


class NotDuplicates(models.Model):
    """Contacts that somebody has looked at and found to be different people; a new one beside them is asked anew."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    # Of their ids (contacts.duplicates).
    digest = models.CharField(max_length=64)

    objects = OwnedQuerySet["NotDuplicates"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "digest"], name="not_duplicates_once"),
        ]

    def __str__(self) -> str:
        return self.digest


class Merge(models.Model):
    """Contacts that became one, and what it takes to undo it. It goes with the contact that they became."""

    id = IdField(prefix="mrg", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="merges", db_index=False)
    survivor = models.ForeignKey(Contact, models.CASCADE, related_name="merges")
    # What contacts.changes.merging writes there.
    before = models.JSONField()
    actor = models.CharField(max_length=40)
    at = models.DateTimeField()

    objects = OwnedQuerySet["Merge"].as_manager()

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        indexes = [
            # Those too old to be undone, which go.
            models.Index(fields=["workspace", "at"], name="merge_age"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} into {self.survivor_id}"
