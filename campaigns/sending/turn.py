"""One turn of the engine: what is due now is done, campaign by campaign, none delaying another for long."""

import logging
import traceback
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q

from campaigns.changes import campaigns as changes
from campaigns.models import IN_CAMPAIGN, Campaign, Enrolment
from campaigns.sending import advance, deliver, recovering
from fluenzr_site.core import clock
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.models import Workspace

log = logging.getLogger("fluenzr.sending")

# Of one campaign, before the others have theirs.
AT_A_TIME: Final = 50
stopping = deliver.stopping


def take_turn(now: datetime | None = None, *, sandbox: Workspace | None = None) -> int:
    """Do what is due in every campaign, or those of a sandbox alone; how many things were done."""
    busy = Campaign.objects.filter(_has_something(now or clock.now())).select_related("workspace", "account")
    busy = busy.filter(workspace=sandbox) if sandbox else busy.filter(workspace__is_sandbox=False)
    connections = deliver.Connections()
    try:
        return sum(_guarded(campaign, connections, now) for campaign in busy.order_by("id"))
    finally:
        connections.close()


def _has_something(now: datetime) -> Q:
    """An e-mail is in somebody's hands; or it is active, and somebody is due or nobody waits any more."""
    inside = Enrolment.objects.filter(campaign=OuterRef("pk"))
    due = inside.filter(phase__in=Enrolment.Phase.values, due_at__lte=now)
    waits = Q(Exists(due)) | ~Q(Exists(inside.filter(status__in=IN_CAMPAIGN)))
    return Q(pk__in=recovering.under_way().values("campaign")) | Q(waits, status=Campaign.Status.ACTIVE)


def _guarded(campaign: Campaign, connections: deliver.Connections, now: datetime | None) -> int:
    """A campaign that can't go on holds none of the others up."""
    try:
        return _turn_of(campaign, connections, now)
    except Exception as error:
        # Its message stays out: it may be what somebody wrote.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("Campaign %s can't go on: %s\n%s", campaign.pk, type(error).__name__, where)
        return 0


def _turn_of(campaign: Campaign, connections: deliver.Connections, now: datetime | None) -> int:
    """What was left behind is settled, contacts are moved on, e-mails sent; then it is completed if that was all.

    Of a campaign that has been stopped, what its workers left behind is settled all the same.
    """
    done = recovering.recover(campaign, now or clock.now())
    if campaign.status != Campaign.Status.ACTIVE:
        return done
    done += advance.advance(campaign, now or clock.now())
    sent = 0
    while sent < AT_A_TIME and not stopping.is_set():
        step = deliver.deliver(campaign, connections, now or clock.now())
        if not step:
            break
        sent += step
    if done + sent == 0 and _looks_done(campaign):
        changes.complete_if_done(campaign.workspace, campaign.pk, by=Actor("campaign", campaign.pk))
    return done + sent


def _looks_done(campaign: Campaign) -> bool:
    """Nobody waits any more: asked before the lock is taken that answers for certain."""
    return not campaign.enrolments.filter(status__in=IN_CAMPAIGN).exists()
