"""What a person says of an e-mail of which nobody knows whether it was sent."""

from campaigns.changes import outcomes
from campaigns.models import IN_CAMPAIGN, Enrolment, Message
from fluenzr_site.core.database import retried
from fluenzr_site.events.recording import Actor, change
from fluenzr_site.workspaces.models import Workspace


class NotUncertain(Exception):
    """The workspace has no such e-mail, or it is known what became of it."""


@retried
def settle(workspace: Workspace, message_id: str, *, was_sent: bool, by: Actor) -> Message:
    """Let the contact go on: as if the e-mail was sent, or sending it (again). Raises NotUncertain."""
    with change(workspace, by) as unit:
        message = outcomes.held(workspace, message_id)
        if message is None or message.state != Message.State.UNCERTAIN:
            raise NotUncertain(message_id)
        message.campaign.workspace = workspace
        phase = Enrolment.Phase.SEND
        if was_sent:
            phase = Enrolment.Phase.LEAVE
            outcomes.sent(unit, message, "said by a person")
        else:
            message.state = Message.State.DEFERRED
            message.save(update_fields=["state"])
        enrolments = Enrolment.objects.of(workspace).filter(pk=message.enrolment_id)
        # Of who has left as well: they may come again.
        enrolments.update(phase=phase)
        enrolments.filter(status__in=IN_CAMPAIGN).update(due_at=unit.at, note="", lease="", leased_until=None)
    return message
