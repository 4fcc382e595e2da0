from django.db import models
from django.utils.translation import gettext_lazy as _

from fluenzr_site.core.ids import IdField
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.owned import OwnedQuerySet


class Location(models.Model):
    """A place that contacts belong to: a branch, a shop, a region."""

    id = IdField(prefix="loc", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="locations", db_index=False)
    title = models.CharField(_("title"), max_length=120)

    objects = OwnedQuerySet["Location"].as_manager()

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "title"], name="location_title_once_a_workspace"),
        ]

    def __str__(self) -> str:
        return self.title
