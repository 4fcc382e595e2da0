from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models.group import hexadecimal_colour
from fluenzr_site.core.ids import IdField
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.owned import OwnedQuerySet


class PipelineStage(models.Model):
    """A column of the pipeline."""

    class Kind(models.TextChoices):
        OPEN = "open", pgettext_lazy("pipeline stage", "Open")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    id = IdField(prefix="stg", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="stages", db_index=False)
    name = models.CharField(_("name"), max_length=60)
    color = models.CharField(_("colour"), max_length=7, blank=True, default="", validators=[hexadecimal_colour])
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.OPEN)

    objects = OwnedQuerySet["PipelineStage"].as_manager()

    class Meta:
        verbose_name = _("pipeline stage")
        verbose_name_plural = _("pipeline stages")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="stage_name_once_a_workspace"),
            models.CheckConstraint(condition=models.Q(kind__in=["open", "won", "lost"]), name="stage_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name


class StageMove(models.Model):
    """A contact's move between stages: who, when, from where, to where."""

    id = IdField(prefix="mov", primary_key=True)
    contact = models.ForeignKey("contacts.Contact", models.CASCADE, related_name="stage_moves")
    from_stage = models.ForeignKey(PipelineStage, models.SET_NULL, null=True, related_name="+")
    to_stage = models.ForeignKey(PipelineStage, models.SET_NULL, null=True, related_name="+")
    actor = models.CharField(max_length=40)
    note = models.TextField(blank=True, default="")
    moved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("stage move")
        verbose_name_plural = _("stage moves")

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.from_stage_id} → {self.to_stage_id}"
