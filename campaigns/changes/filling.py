"""Who comes into a campaign and leaves it, each as one change: what the pages and their messages need."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from campaigns import queries
from campaigns.changes import campaigns, enrolling
from campaigns.models import Campaign
from contacts.models import Contact, Group
from contacts.queries import contacts_of
from fluenzr_site.core.database import retried
from fluenzr_site.events.recording import Actor, change
from fluenzr_site.workspaces.models import Workspace

OPEN: Final = (Campaign.Status.DRAFT, Campaign.Status.ACTIVE, Campaign.Status.PAUSED)


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of those who were asked for: ``inside`` were in already, ``never_mailed`` can't come in."""

    added: int
    inside: int
    never_mailed: int


@retried
def fill(
    workspace: Workspace, campaign_id: str, contacts: QuerySet[Contact], *, link: Sequence[str] = (), by: Actor
) -> Filled:
    """Bring contacts in. Who joins the dynamic groups ``link`` later comes in too. Raises Unknown or WrongState."""
    with change(workspace, by) as unit:
        campaign = campaigns.locked(workspace, campaign_id)
        campaigns.require(campaign, OPEN, "filled")
        mailable = queries.mailable(contacts).count()
        result = enrolling.enrol(unit, campaign, contacts)
        groups = Group.objects.of(workspace).filter(pk__in=list(link), type=Group.Type.DYNAMIC)
        campaign.dynamic_groups.add(*groups)
    asked = result.added + result.skipped
    return Filled(result.added, max(0, mailable - result.added), max(0, asked - mailable))


@retried
def empty(workspace: Workspace, campaign_id: str, contact_ids: Sequence[str], *, by: Actor) -> int:
    """Take contacts out; how many were in. Raises Unknown."""
    known = list(contacts_of(workspace).filter(pk__in=list(contact_ids)).values_list("pk", flat=True))
    with change(workspace, by) as unit:
        return enrolling.remove(unit, campaigns.locked(workspace, campaign_id), known)


@retried
def unlink(workspace: Workspace, campaign_id: str, group_id: str, *, by: Actor) -> bool:
    """Who joins the group from now on stays out; who is in stays in. Whether it was linked. Raises Unknown."""
    with change(workspace, by):
        campaign = campaigns.locked(workspace, campaign_id)
        linked = campaign.dynamic_groups.filter(pk=group_id)
        was_linked = linked.exists()
        campaign.dynamic_groups.remove(*linked)
    return was_linked
