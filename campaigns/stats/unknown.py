"""Which rates can't be known, and why: 0 % would be a lie."""

from collections.abc import Mapping, Sequence
from typing import Literal

from campaigns.models import EmailAccount
from campaigns.workflow.graph import Email, Workflow
from fluenzr_site.workspaces.models import Workspace

Reason = Literal["workspace", "emails", "mailbox"]


def unknown(
    workspace: Workspace, workflow: Workflow, accounts: Sequence[EmailAccount], figures: Mapping[str, int]
) -> dict[str, Reason]:
    """What isn't known of ``opened``, ``clicked``, ``replied`` and ``bounced``; what was counted is known.

    ``workspace``: it tracks no opens; ``emails``: they don't; ``mailbox``: it isn't read.
    """
    emails = [node for node in workflow.nodes if isinstance(node, Email)]
    found: dict[str, Reason] = {}
    if workspace.open_tracking == Workspace.OpenTracking.OFF:
        found["opened"] = "workspace"
    elif emails and not any(email.track_opens for email in emails):
        found["opened"] = "emails"
    if emails and not any(email.track_clicks for email in emails):
        found["clicked"] = "emails"
    if not any(account.imap_host for account in accounts):
        found |= {"replied": "mailbox", "bounced": "mailbox"}
    return {name: reason for name, reason in found.items() if not figures.get(name)}
