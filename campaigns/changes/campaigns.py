"""How a campaign is made, changed, started and stopped. Each function is one transaction with its events."""

from collections.abc import Mapping
from typing import Any, Final

from campaigns import readiness
from campaigns.changes import enrolling
from campaigns.documents import campaign_document
from campaigns.models import IN_CAMPAIGN, Campaign, EmailAccount, WorkflowVersion
from campaigns.sending.calendar import InvalidSettings, default_settings, parse_settings
from campaigns.workflow.graph import InvalidWorkflow, Workflow, digest
from campaigns.workflow.parsing import parse
from fluenzr_site.core import ids
from fluenzr_site.core.database import retried
from fluenzr_site.core.saying import say
from fluenzr_site.events import types
from fluenzr_site.events.recording import Actor, Change, change
from fluenzr_site.workspaces.models import Workspace

Problems = dict[str, list[str]]
Status = Campaign.Status
EDITABLE: Final = (Status.DRAFT, Status.PAUSED)


class Invalid(Exception):
    """``problems`` maps each bad field to its messages."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        super().__init__(next(iter(problems.values()))[0])


class WrongState(Exception):
    """The campaign isn't in a state for that; the message says which it is in."""


class Unknown(Exception):
    """The workspace has no such campaign."""


def create(workspace: Workspace, values: Mapping[str, Any], *, by: Actor) -> Campaign:
    """Make a draft from ``name``, ``account_id``, ``more_account_ids`` and, as the API has them, the rest.

    Raises Invalid.
    """
    with change(workspace, by) as unit:
        campaign = Campaign(workspace=workspace, created_at=unit.at, updated_at=unit.at)
        campaign.settings = default_settings(workspace.timezone).as_json()
        campaign.workflow = Workflow().as_json()
        _assign(campaign, values)
        campaign.save(force_insert=True)
        _share_out(campaign, values)
    return campaign


@retried
def update(workspace: Workspace, campaign_id: str, values: Mapping[str, Any], *, by: Actor) -> Campaign:
    """Change a draft or a paused campaign; settings merge key by key. Raises Unknown, WrongState or Invalid."""
    with change(workspace, by) as unit:
        campaign = locked(workspace, campaign_id)
        require(campaign, EDITABLE, "changed")
        _assign(campaign, values)
        campaign.updated_at = unit.at
        campaign.save()
        _share_out(campaign, values)
    return campaign


@retried
def start(workspace: Workspace, campaign_id: str, *, by: Actor) -> Campaign:
    """Start a draft. Raises Unknown, WrongState, readiness.NotReady or LimitReached."""
    with change(workspace, by) as unit:
        campaign = locked(workspace, campaign_id)
        require(campaign, (Status.DRAFT,), "started")
        workflow = readiness.require_ready(campaign)
        campaign.started_at = unit.at
        _activate(unit, campaign, workflow)
        unit.record(types.CAMPAIGN_STARTED, campaign.pk, {"campaign": campaign_document(campaign)})
    return campaign


@retried
def resume(workspace: Workspace, campaign_id: str, *, by: Actor) -> Campaign:
    """Go on with a paused campaign; who is in it goes on as it was. Where nobody is left, it is completed next.

    Raises as ``start`` does.
    """
    with change(workspace, by) as unit:
        campaign = locked(workspace, campaign_id)
        require(campaign, (Status.PAUSED,), "resumed")
        workflow = readiness.require_ready(campaign)
        _activate(unit, campaign, workflow)
        unit.record(types.CAMPAIGN_STARTED, campaign.pk, {"campaign": campaign_document(campaign)})
    return campaign


@retried
def pause(workspace: Workspace, campaign_id: str, *, by: Actor) -> Campaign:
    """Stop sending until it is resumed. Raises Unknown or WrongState."""
    with change(workspace, by) as unit:
        campaign = locked(workspace, campaign_id)
        require(campaign, (Status.ACTIVE,), "paused")
        _move(unit, campaign, Status.PAUSED)
        unit.record(types.CAMPAIGN_PAUSED, campaign.pk, {"campaign": campaign_document(campaign)})
    return campaign


@retried
def archive(workspace: Workspace, campaign_id: str, *, by: Actor) -> Campaign:
    """Put a campaign away for good. Raises Unknown or WrongState."""
    with change(workspace, by) as unit:
        campaign = locked(workspace, campaign_id)
        require(campaign, (Status.DRAFT, Status.PAUSED, Status.COMPLETED), "archived")
        _move(unit, campaign, Status.ARCHIVED)
    return campaign


@retried
def complete_if_done(workspace: Workspace, campaign_id: str, *, by: Actor) -> bool:
    """Complete an active campaign that nobody is in any more, and that no dynamic group can fill again."""
    with change(workspace, by) as unit:
        campaign = locked(workspace, campaign_id)
        if campaign.status != Status.ACTIVE or campaign.dynamic_groups.exists():
            return False
        if campaign.enrolments.filter(status__in=IN_CAMPAIGN).exists():
            return False
        _move(unit, campaign, Status.COMPLETED)
        unit.record(types.CAMPAIGN_COMPLETED, campaign.pk, {"campaign": campaign_document(campaign)})
    return True


def locked(workspace: Workspace, campaign_id: str) -> Campaign:
    """The campaign, held to the end of the transaction. Raises Unknown."""
    found = Campaign.objects.of(workspace).select_for_update(no_key=True).filter(pk=campaign_id).first()
    if found is None:
        raise Unknown(campaign_id)
    found.workspace = workspace
    return found


def require(campaign: Campaign, states: tuple[str, ...], done: str) -> None:
    if campaign.status not in states:
        allowed = " or ".join(str(state) for state in states)
        raise WrongState(f"The campaign is {campaign.status}: only a campaign that is {allowed} can be {done}")


def _assign(campaign: Campaign, values: Mapping[str, Any]) -> None:
    problems: Problems = {}
    for name in ("name", "description"):
        if name in values:
            setattr(campaign, name, values[name])
    if "account_id" in values:
        known = EmailAccount.objects.of(campaign.workspace).filter(pk=values["account_id"]).exists()
        if not known:
            problems["emailAccountId"] = [_unknown_account(values["account_id"])]
        campaign.account_id = values["account_id"]
    if values.get("settings") is not None:
        try:
            base = parse_settings(campaign.settings)
            campaign.settings = parse_settings(values["settings"], base).as_json()
        except InvalidSettings as error:
            problems |= {_path("settings", name): messages for name, messages in error.problems.items()}
    if values.get("workflow") is not None:
        try:
            campaign.workflow = parse(values["workflow"]).as_json()
        except InvalidWorkflow as error:
            problems |= {_path("workflow", name): messages for name, messages in error.problems.items()}
    if problems:
        raise Invalid(problems)


def _share_out(campaign: Campaign, values: Mapping[str, Any]) -> None:
    """The further accounts that take turns with the first one; who has begun with another goes on with that."""
    if values.get("more_account_ids") is None:
        return
    wanted = set(values["more_account_ids"]) - {campaign.account_id}
    accounts = EmailAccount.objects.of(campaign.workspace).filter(pk__in=wanted)
    unknown = sorted(wanted - set(accounts.values_list("pk", flat=True)))
    if unknown:
        raise Invalid({"moreEmailAccountIds": [_unknown_account(each) for each in unknown]})
    campaign.more_accounts.set(accounts)


def _unknown_account(account_id: str) -> str:
    return say("Unknown e-mail account: %(id)s", id=account_id)


def _path(whole: str, name: str) -> str:
    return whole if name in ("", whole) else f"{whole}.{name}"


def _activate(unit: Change, campaign: Campaign, workflow: Workflow) -> None:
    """Give the campaign its version, and everybody who waits in it a place to begin at."""
    text = digest(workflow)
    version, _ = WorkflowVersion.objects.get_or_create(
        campaign=campaign,
        digest=text,
        defaults={"id": ids.new("ver"), "workflow": campaign.workflow, "created_at": unit.at},
    )
    campaign.version = version
    _move(unit, campaign, Status.ACTIVE)
    enrolling.begin(campaign, workflow, unit.at)


def _move(unit: Change, campaign: Campaign, status: str) -> None:
    campaign.status, campaign.updated_at = status, unit.at
    campaign.save(update_fields=["status", "updated_at", "started_at", "version"])
