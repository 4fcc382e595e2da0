"""What webhooks put on the dashboard: those that stopped by themselves."""

from typing import Final

from django.db.models import Q

from fluenzr_site.adminsite.dashboard import Panel, add_panels
from fluenzr_site.webhooks.admin import said, state
from fluenzr_site.webhooks.models import Webhook
from fluenzr_site.workspaces.models import Workspace

MOST_SHOWN: Final = 5
Status = Webhook.Status


@add_panels
def stopped_webhooks(workspace: Workspace) -> list[Panel]:
    """One that somebody switched off is as they want it."""
    stopped = Webhook.objects.of(workspace).exclude(status=Status.ACTIVE)
    troubled = Q(status=Status.FAILED) | Q(last_code=said.GONE)
    found = list(state.with_last_code(stopped).filter(troubled).order_by("-id"))
    if not found:
        return []
    rows = [(webhook, said.reasons(webhook, is_gone=True)) for webhook in found[:MOST_SHOWN]]
    return [Panel("webhooks/troubled.html", {"webhooks": rows, "more": len(found) - len(rows)}, rank=10)]
