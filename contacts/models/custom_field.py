from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.cleaning import MAX_KEY
from fluenzr_site.core.ids import IdField
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.owned import OwnedQuerySet


class CustomField(models.Model):
    """The definition of a field of the workspace's own. Key and type never change; options only grow."""

    class Type(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        DROPDOWN = "dropdown", _("Dropdown")
        CHECKBOX = "checkbox", _("Checkbox")
        URL = "url", _("Web address")

    id = IdField(prefix="fld", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="custom_fields", db_index=False)
    key = models.CharField(_("key"), max_length=MAX_KEY)
    label = models.CharField(_("label"), max_length=120)
    type = models.CharField(_("type"), max_length=8, choices=Type.choices, default=Type.TEXT)
    required = models.BooleanField(_("required"), default=False)
    default = models.CharField(_("default"), max_length=255, blank=True, default="")
    options = models.JSONField(_("options"), blank=True, default=list)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    created_at = models.DateTimeField(_("created"), editable=False)

    objects = OwnedQuerySet["CustomField"].as_manager()

    class Meta:
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "key"], name="custom_field_key_once_a_workspace"),
        ]

    def __str__(self) -> str:
        return self.label
