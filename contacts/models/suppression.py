import hashlib
import hmac

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from fluenzr_site.core.ids import IdField
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.owned import OwnedQuerySet


def address_digest(email: str) -> str:
    """A one-way digest of a normalised address, of no use without the installation's pepper."""
    pepper: str = settings.FLUENZR_KEY_PEPPER
    return hmac.new(b"suppression:" + pepper.encode(), email.encode(), hashlib.sha256).hexdigest()


class Suppression(models.Model):
    """An address that is never mailed, nor imported again by mistake. It outlives the contact."""

    class Reason(models.TextChoices):
        ERASED = "erased", _("Erased on request")
        # Of a contact that was not to be mailed, and lives on under another address.
        MERGED = "merged", _("Merged into another contact")
        # Of a contact that was deleted, or by a link in an e-mail to it afterwards.
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        BOUNCED = "bounced", _("Bounced")
        BLOCKED = "blocked", _("Blocked")

    id = IdField(prefix="sup", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="suppressions", db_index=False)
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=16, choices=Reason.choices)
    created_at = models.DateTimeField()

    objects = OwnedQuerySet["Suppression"].as_manager()

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "digest"], name="suppression_once_a_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.digest[:8]}…"
