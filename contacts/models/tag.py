from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.cleaning import MAX_TAG
from fluenzr_site.core.ids import IdField
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.owned import OwnedQuerySet


class Tag(models.Model):
    """A word on contacts. Matched without case; the spelling that came first is kept."""

    id = IdField(prefix="tag", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="tags", db_index=False)
    name = models.CharField(_("name"), max_length=MAX_TAG)
    # Folding can lengthen a name (ß becomes ss).
    key = models.CharField(max_length=3 * MAX_TAG, editable=False)
    created_at = models.DateTimeField(_("created"), editable=False)

    objects = OwnedQuerySet["Tag"].as_manager()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "key"], name="tag_once_a_workspace"),
        ]

    def __str__(self) -> str:
        return self.name


class ContactTag(models.Model):
    """A tag on a contact; ``position`` keeps the order of adding."""

    pk = models.CompositePrimaryKey("tag_id", "contact_id")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="contact_tags", db_index=False)
    contact = models.ForeignKey("contacts.Contact", models.CASCADE, related_name="contact_tags", db_index=False)
    position = models.SmallIntegerField(default=0)

    class Meta:
        indexes = [
            # A contact's tags; the primary key serves a tag's contacts.
            models.Index(fields=["contact"], name="contact_tag_of_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.contact_id}"
