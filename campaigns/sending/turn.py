"""One turn of the engine: what is due now is done, campaign by campaign, none delaying another for long."""

import logging
import threading
import traceback
from datetime import datetime
from typing import Final

from campaigns.changes import campaigns as changes
from campaigns.models import Campaign
from campaigns.sending import advance, deliver
from fluenzr_site.core import clock
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.models import Workspace

log = logging.getLogger("fluenzr.sending")

# Of one campaign, before the others have theirs.
AT_A_TIME: Final = 50
stopping = threading.Event()


def take_turn(now: datetime | None = None, *, sandbox: Workspace | None = None) -> int:
    """Do what is due in every active campaign, or those of a sandbox alone; how many things were done."""
    active = Campaign.objects.filter(status=Campaign.Status.ACTIVE).select_related("workspace", "account")
    active = active.filter(workspace=sandbox) if sandbox else active.filter(workspace__is_sandbox=False)
    connections = deliver.Connections()
    try:
        return sum(_guarded(campaign, connections, now) for campaign in active.order_by("id"))
    finally:
        connections.close()


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
    """Contacts are moved on, then e-mails sent, then the campaign completed if that was all."""
    done = advance.advance(campaign, now or clock.now())
    for _ in range(AT_A_TIME):
        if stopping.is_set() or not deliver.deliver_one(campaign, connections, now or clock.now()):
            break
        done += 1
    if done == 0 and _looks_done(campaign):
        changes.complete_if_done(campaign.workspace, campaign.pk, by=Actor("campaign", campaign.pk))
    return done


def _looks_done(campaign: Campaign) -> bool:
    """Nobody waits any more: asked before the lock is taken that answers for certain."""
    return not campaign.enrolments.filter(status__in=("pending", "in_progress")).exists()
