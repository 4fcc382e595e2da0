"""How people look at the contacts' list: views under a name, the columns, and where somebody begins."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from fluenzr_site.core.ids import IdField
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.owned import OwnedQuerySet


class SavedView(models.Model):
    """Filters, search, order and columns under a name; its maker's own, or everybody's in the workspace."""

    id = IdField(prefix="viw", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="saved_views", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    is_shared = models.BooleanField(_("shared with the workspace"), default=False)
    # As the list's address has it, without the page.
    query = models.TextField(blank=True, default="")
    columns = models.JSONField(default=list)

    objects = OwnedQuerySet["SavedView"].as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "person", "name"], name="saved_view_once_a_person"),
        ]

    def __str__(self) -> str:
        return self.name


class ListChoice(models.Model):
    """The columns that a person sees in a workspace's list, and the view that it opens with."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    columns = models.JSONField(default=list)
    opens_with = models.ForeignKey(SavedView, models.SET_NULL, null=True, related_name="+")

    objects = OwnedQuerySet["ListChoice"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "person"], name="list_choice_once_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.workspace_id}"
