"""Settles what workers that are gone have left behind."""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db.models import BooleanField, F, Q
from django.db.models.expressions import RawSQL

from campaigns.changes import outcomes
from campaigns.models import IN_CAMPAIGN, Campaign, Enrolment, Message
from campaigns.sending import claiming, wording
from fluenzr_site.core.database import retried
from fluenzr_site.events.recording import Change, change
from fluenzr_site.workspaces.owned import OwnedQuerySet

log = logging.getLogger("fluenzr.sending")

State = Message.State
# No worker begins what it reserved so long ago, and whoever books what was taken books it once. Only what is on its
# way needs the whole lease: its server may still be thinking.
CLAIM: Final = timedelta(seconds=30)


def under_way() -> OwnedQuerySet[Message]:
    """E-mails that some worker has in hand, or had. Neither it nor what joins it may have another ``state``."""
    # In the words of the index: SQLite can't tell from parameters that it serves, and would read every e-mail.
    states = ", ".join(f"'{each.value}'" for each in Message.UNDER_WAY)
    return Message.objects.filter(RawSQL(f"state IN ({states})", (), BooleanField()))  # noqa: S611 - values of ours


@retried
def recover(campaign: Campaign, now: datetime) -> int:
    """Settle the campaign's e-mails whose claim is over; how many there were.

    Reserved ones are free again. What the server took is booked. What was on its way is uncertain: it is never sent
    again by itself.
    """
    mine = under_way().of(campaign.workspace).filter(campaign=campaign)
    over = Q(enrolment__leased_until__lt=now) | ~Q(enrolment__lease=F("claim"))
    late = Q(state__in=(State.CLAIMED, State.TAKEN), claimed_at__lt=now - CLAIM)
    abandoned = mine.filter(over | late)
    if not abandoned.exists():
        return 0
    with change(campaign.workspace, claiming.actor(campaign)) as unit:
        ids = abandoned.select_for_update(of=("self",), skip_locked=True, no_key=True).values_list("pk", flat=True)
        outcomes.held_many(campaign.workspace, held := sorted(ids))
        # Asked again of rows that are held: after a wait PostgreSQL reads the message anew, and not what is beside it.
        messages = {each.pk: each for each in abandoned.filter(pk__in=held)}
        for message in messages.values():
            message.campaign = campaign
            _settle(unit, message)
    return len(messages)


def _settle(unit: Change, message: Message) -> None:
    """Of an enrolment that somebody else holds by now, nothing is changed."""
    mine = Enrolment.objects.of(unit.workspace).filter(pk=message.enrolment_id, lease__in=("", message.claim))
    free = {"lease": "", "leased_until": None}
    match message.state:
        case State.CLAIMED:
            _set_state(message, State.DEFERRED)
            mine.update(**free)
            sent = Message.objects.of(unit.workspace).filter(enrolment=message.enrolment_id, state=State.SENT)
            if not sent.exists():
                # A conversation that hasn't begun may begin from another account.
                mine.update(account=None)
        case State.TAKEN:
            outcomes.sent(unit, message, message.response, at=message.sent_at or unit.at)
            # Of who has left as well: they may come again.
            mine.update(phase=Enrolment.Phase.LEAVE)
            mine.filter(status__in=IN_CAMPAIGN).update(**free, due_at=unit.at)
        case _:
            log.warning("Whether %s was sent isn't known: its sending was cut off", message.pk)
            _set_state(message, State.UNCERTAIN)
            mine.filter(status__in=IN_CAMPAIGN).update(**free, due_at=None, note=wording.UNCERTAIN)
    mine.exclude(status__in=IN_CAMPAIGN).update(**free)


def _set_state(message: Message, state: str) -> None:
    message.state, message.claim = state, ""
    message.save(update_fields=["state", "claim"])
