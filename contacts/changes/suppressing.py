"""Addresses that are not to be mailed, where no contact says so."""

from contacts.models import Suppression
from fluenzr_site.core import clock
from fluenzr_site.core.database import retried
from fluenzr_site.workspaces.models import Workspace


@retried
def unsubscribe(workspace: Workspace, digest: str) -> None:
    """Whose contact was deleted says no to what came before: it counts for the address, should it come back."""
    values = {"reason": Suppression.Reason.UNSUBSCRIBED, "created_at": clock.now()}
    Suppression.objects.get_or_create(workspace=workspace, digest=digest, defaults=values)
