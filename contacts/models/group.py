from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.cleaning import MAX_GROUP_NAME
from fluenzr_site.core.ids import IdField
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.owned import OwnedQuerySet

hexadecimal_colour = RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Must be a colour such as #3b82f6"))


class Group(models.Model):
    """A list of contacts. Who enters a dynamic one is enrolled in the campaigns linked to it."""

    class Type(models.TextChoices):
        STATIC = "static", _("Static")
        DYNAMIC = "dynamic", _("Dynamic")

    id = IdField(prefix="grp", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="groups", db_index=False)
    name = models.CharField(_("name"), max_length=MAX_GROUP_NAME)
    description = models.TextField(_("description"), blank=True, default="")
    type = models.CharField(_("type"), max_length=8, choices=Type.choices, default=Type.STATIC)
    color = models.CharField(_("colour"), max_length=7, blank=True, default="", validators=[hexadecimal_colour])
    created_at = models.DateTimeField(_("created"), editable=False)
    updated_at = models.DateTimeField(_("updated"), editable=False)

    objects = OwnedQuerySet["Group"].as_manager()

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="group_name_once_a_workspace"),
            models.CheckConstraint(condition=models.Q(type__in=["static", "dynamic"]), name="group_type_known"),
        ]

    def __str__(self) -> str:
        return self.name


class GroupMembership(models.Model):
    """A contact in a group. Links carry no id of their own; ``position`` keeps the order of adding."""

    pk = models.CompositePrimaryKey("group_id", "contact_id")
    group = models.ForeignKey(Group, models.CASCADE, related_name="memberships", db_index=False)
    contact = models.ForeignKey("contacts.Contact", models.CASCADE, related_name="memberships", db_index=False)
    position = models.SmallIntegerField(default=0)
    joined_at = models.DateTimeField()

    class Meta:
        indexes = [
            # A contact's groups; the primary key serves a group's contacts.
            models.Index(fields=["contact"], name="membership_of_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.group_id}"
