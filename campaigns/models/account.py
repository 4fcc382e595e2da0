from django.db import models
from django.utils.translation import gettext_lazy as _

from fluenzr_site.core.ids import IdField
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.owned import OwnedQuerySet


class EmailAccount(models.Model):
    """A person's mailbox that campaigns are sent from."""

    id = IdField(prefix="acc", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="email_accounts", db_index=False)
    # Lower-case.
    email = models.CharField(_("e-mail"), max_length=254)
    name = models.CharField(_("name"), max_length=120, blank=True, default="")
    created_at = models.DateTimeField(_("created"), editable=False)

    objects = OwnedQuerySet["EmailAccount"].as_manager()

    class Meta:
        verbose_name = _("e-mail account")
        verbose_name_plural = _("e-mail accounts")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "email"], name="email_account_once_a_workspace"),
        ]

    def __str__(self) -> str:
        return self.email
