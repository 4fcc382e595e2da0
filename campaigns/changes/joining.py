"""Who joins a dynamic group comes into the campaigns that it fills, in the transaction of the joining."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from campaigns.changes import enrolling
from campaigns.models import Campaign
from contacts.models import Contact
from fluenzr_site.events.recording import Actor, change
from fluenzr_site.workspaces.models import Workspace

FILLED: Final = (Campaign.Status.DRAFT, Campaign.Status.ACTIVE, Campaign.Status.PAUSED)


def enrol_joined(sender: Any, *, workspace: Workspace, joined: Sequence[tuple[str, str]], by: Actor, **_: Any) -> None:
    """``joined``: (group id, contact id). Drafts are filled too; they begin with everybody when they start."""
    contacts_of: dict[str, list[str]] = defaultdict(list)
    for group_id, contact_id in joined:
        contacts_of[group_id].append(contact_id)
    links = Campaign.dynamic_groups.through.objects.filter(
        group_id__in=contacts_of, campaign__workspace=workspace, campaign__status__in=FILLED
    )
    pairs = list(links.order_by("campaign_id").values_list("campaign_id", "group_id"))
    if not pairs:
        return
    with change(workspace, by) as unit:
        for campaign_id, group_id in pairs:
            held = Campaign.objects.of(workspace).select_for_update(of=("self",), no_key=True).select_related("version")
            campaign = held.filter(pk=campaign_id, status__in=FILLED).first()
            if campaign is None:
                continue
            contacts = Contact.objects.of(workspace).filter(pk__in=contacts_of[group_id])
            # Once: whom somebody has taken out doesn't come back by joining again.
            enrolling.enrol(unit, campaign, contacts, again=False)
