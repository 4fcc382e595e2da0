"""A campaign's forecast, from the database."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Count, Min

from campaigns import health, queries
from campaigns.models import Campaign, EmailAccount, Message, Winner
from campaigns.sending import gates
from campaigns.sending.calendar import parse_settings
from campaigns.sending.pacing import Ramp
from campaigns.simulating.budgets import PlanLimit, Sender
from campaigns.simulating.forecast import Place, Situation
from campaigns.workflow.checking import check
from campaigns.workflow.graph import Workflow

_DECIDED: Final = 2**53


def can_be_foretold(campaign: Campaign, workflow: Workflow) -> bool:
    """Whether the workflow could be started: only then does it lead to an end."""
    found = check(workflow, known_fields=queries.known_fields(campaign.workspace))
    return not any(problem.severity == "error" for problem in found)


def situation(campaign: Campaign, places: Sequence[Place], now: datetime) -> Situation:
    """What a forecast of the campaign begins with, should it start now."""
    return Situation(
        settings=parse_settings(campaign.settings),
        zone=ZoneInfo(campaign.workspace.timezone),
        senders=list(_senders(campaign, places, now)),
        places=places,
        start=now,
        seed=campaign.pk,
        plan=_plan(campaign, now),
        sampled=_sampled(campaign) if campaign.started_at else {},
    )


def _senders(campaign: Campaign, places: Sequence[Place], now: datetime) -> Iterator[Sender]:
    own = gates.own_accounts(campaign)
    connected = [account for account in own if account.can_send]
    # As long as none is connected, it is told what would be if they were.
    begins = {account.pk for account in connected or own}
    bound = {place.lot.account for place in places} - begins
    others = EmailAccount.objects.of(campaign.workspace).filter(pk__in=[each for each in bound if each])
    accounts = [each for each in own if each.pk in begins] + [each for each in others if each.can_send]
    budgets = gates.account_budgets(campaign.workspace, accounts, now)
    for account in accounts:
        yield Sender(
            id=account.pk,
            limit=account.daily_limit,
            ramp=ramp_of(account),
            started_on=account.ramp_started_on,
            used=budgets[account.pk].used,
            begins=account.pk in begins,
        )


def ramp_of(account: EmailAccount) -> Ramp | None:
    if not account.ramp_first_day or not account.ramp_ceiling:
        return None
    return Ramp(account.ramp_first_day, account.ramp_growth or 0, account.ramp_ceiling)


def _plan(campaign: Campaign, now: datetime) -> PlanLimit | None:
    limit = campaign.workspace.limits.emails_a_day
    if limit is None:
        return None
    used = sum(health.sent_today(campaign.workspace, now).values())
    return PlanLimit(limit=limit, used=used)


def _sampled(campaign: Campaign) -> dict[str, tuple[int, datetime]]:
    rows = Message.objects.of(campaign.workspace).filter(campaign=campaign).order_by()
    counted = rows.values_list("node_id").annotate(Count("pk"), Min("claimed_at"))
    found: dict[str, tuple[int, datetime]] = {node_id: (number, at) for node_id, number, at in counted}
    for node_id, at in Winner.objects.filter(campaign=campaign).values_list("node_id", "decided_at"):
        # Nobody waits any more.
        found[node_id] = _DECIDED, datetime.min.replace(tzinfo=at.tzinfo)
    return found
