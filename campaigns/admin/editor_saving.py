"""A workflow is saved by itself, so it must not overwrite what somebody else has saved meanwhile."""

from typing import Any

from campaigns.changes import campaigns as changes
from campaigns.models import Campaign
from campaigns.workflow.graph import digest
from campaigns.workflow.parsing import NOT_A_WORKFLOW, parse
from fluenzr_site.core.clock import iso
from fluenzr_site.core.database import retried
from fluenzr_site.events.recording import Actor, change


class Changed(Exception):
    """Another version is saved by now; ``campaign`` has it."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        super().__init__(campaign.pk)


@retried
def save(campaign: Campaign, workflow: Any, was: str, *, by: Actor) -> Campaign:
    """Save a workflow over the version with the digest ``was``, as the API does.

    Raises Changed, changes.Unknown, changes.WrongState or changes.Invalid. Saving what is saved already changes
    nothing: an answer that was lost may be asked for again.
    """
    if not isinstance(workflow, dict):
        raise changes.Invalid({"workflow": [NOT_A_WORKFLOW]})
    with change(campaign.workspace, by):
        held = changes.locked(campaign.workspace, campaign.pk)
        changes.require(held, changes.EDITABLE, "changed")
        if version(held) != was:
            if _same(held, workflow):
                return held
            raise Changed(held)
        return changes.update(campaign.workspace, campaign.pk, {"workflow": workflow}, by=by)


def as_saved(campaign: Campaign) -> dict[str, Any]:
    """What the script remembers of a saved version."""
    workflow = parse(campaign.workflow)
    return {"workflow": workflow.as_json(), "was": digest(workflow), "at": iso(campaign.updated_at)}


def version(campaign: Campaign) -> str:
    return digest(parse(campaign.workflow))


def _same(campaign: Campaign, workflow: dict[str, Any]) -> bool:
    try:
        return digest(parse(workflow)) == version(campaign)
    except ValueError:
        return False
