from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.contact import CONSENT_SOURCES
from fluenzr_site.core.ids import IdField
from fluenzr_site.core.leases import Leased
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.owned import OwnedQuerySet


class Import(Leased):
    """One file on its way in: its choices, how far it has come, and what became of its rows.

    The row is the checkpoint: counts and ``done_line`` are written in the transaction that writes a chunk's
    contacts, so a run that dies goes on from there, no row twice and none lost.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("To be mapped")
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")
        UNDONE = "undone", _("Undone")

    class OnDuplicate(models.TextChoices):
        SKIP = "skip", _("Keep the contact as it is")
        UPDATE = "update", _("Update the contact")

    id = IdField(prefix="imp", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="imports", db_index=False)
    filename = models.CharField(_("file"), max_length=255)
    size = models.BigIntegerField(_("size"), default=0)
    digest = models.CharField(max_length=64, editable=False)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.DRAFT)
    # How the file was read: encoding, delimiter, headerLine, header; and what each column becomes.
    encoding = models.CharField(max_length=32, blank=True, default="")
    delimiter = models.CharField(max_length=1, blank=True, default="")
    header_line = models.IntegerField(null=True)
    header = models.JSONField(default=list)
    choices = models.JSONField(default=dict)
    # Indexes of further e-mail columns, tried where the main one holds no address.
    alternatives = models.JSONField(default=list)
    on_duplicate = models.CharField(
        _("duplicates"), max_length=8, choices=OnDuplicate.choices, default=OnDuplicate.SKIP
    )
    group_ids = models.JSONField(default=list)
    tags = models.JSONField(default=list)
    consent_source = models.CharField(
        _("consent source"), max_length=16, choices=CONSENT_SOURCES, default="not_specified"
    )
    consent_certified = models.BooleanField(default=False)

    rows = models.IntegerField(_("rows"), default=0)
    created = models.IntegerField(_("created"), default=0)
    updated = models.IntegerField(_("updated"), default=0)
    skipped = models.IntegerField(_("skipped"), default=0)
    failed = models.IntegerField(_("failed"), default=0)
    total_rows = models.IntegerField(null=True)
    done_line = models.BigIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    undone = models.IntegerField(default=0)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = OwnedQuerySet["Import"].as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["workspace", "-id"], name="import_newest"),
            # The worker looks for what is due.
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="import_due"),
        ]

    def __str__(self) -> str:
        return self.filename


class ImportPart(models.Model):
    """A piece of the file. In the database, so that a worker on any host can read it."""

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Import, models.CASCADE, related_name="parts", db_index=False)
    number = models.IntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="import_part_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} part {self.number}"


class ImportProblem(models.Model):
    """A cell that was not taken, and whether its row failed for it; the row as it was, for the error file."""

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Import, models.CASCADE, related_name="problems", db_index=False)
    line = models.BigIntegerField()
    column = models.CharField(max_length=255)
    value = models.CharField(max_length=200)
    message = models.CharField(max_length=300)
    row_failed = models.BooleanField(default=True)
    cells = models.JSONField(default=list)

    class Meta:
        indexes = [
            # The report, in the order of the file.
            models.Index(fields=["source", "line", "id"], name="import_problem_lines"),
        ]

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


class SavedMapping(models.Model):
    """What a person made of a header, offered again for the next file with the same one."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    signature = models.CharField(max_length=64)
    choices = models.JSONField(default=dict)

    objects = OwnedQuerySet["SavedMapping"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "signature"], name="saved_mapping_once"),
        ]

    def __str__(self) -> str:
        return self.signature
