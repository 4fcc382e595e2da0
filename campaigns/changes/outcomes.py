"""What becomes of an e-mail, recorded once: the message, the enrolment, the figures, the log and the event.

Each function belongs to the caller's change and expects the message held (``held``).
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import F

from campaigns.changes import tallies
from campaigns.models import IN_CAMPAIGN, Activity, Campaign, Click, Enrolment, Link, Message
from contacts.changes.contacts import Edit, edit_many
from contacts.models import Contact
from fluenzr_site.core import bulk, ids
from fluenzr_site.events import types
from fluenzr_site.events.recording import Change
from fluenzr_site.workspaces.models import Workspace

Status = Enrolment.Status
# A contact who is one of these stays it: it says more than that they answered or bounced.
_STRONGER: Final = {
    Contact.Status.REPLIED: (Contact.Status.UNSUBSCRIBED, Contact.Status.BOUNCED, Contact.Status.BLOCKED),
    Contact.Status.BOUNCED: (Contact.Status.UNSUBSCRIBED, Contact.Status.BLOCKED),
    Contact.Status.UNSUBSCRIBED: (),
}


def held(workspace: Workspace, message_id: str) -> Message | None:
    """The message, locked to the end of the transaction, with its campaign and contact."""
    # The rows beside it are read, not locked.
    message = Message.objects.of(workspace).select_for_update(of=("self",), no_key=True).filter(pk=message_id)
    return message.select_related("campaign__workspace", "contact").first()


def held_many(workspace: Workspace, message_ids: Sequence[str]) -> dict[str, Message]:
    """Many, locked so, by their ids; without what is beside them, which the caller has."""
    rows = Message.objects.of(workspace).select_for_update(no_key=True).filter(pk__in=message_ids)
    return {each.pk: each for each in rows.order_by("pk")}


def sent(unit: Change, message: Message, response: str, *, at: datetime | None = None) -> None:
    """The server took it, now or at ``at``."""
    sent_many(unit, [(message, response, at or unit.at)])


def sent_many(unit: Change, taken: Sequence[tuple[Message, str, datetime]]) -> None:
    """Servers took these e-mails of one campaign: each with the server's words and the time."""
    for message, response, at in taken:
        message.state, message.sent_at, message.response = Message.State.SENT, at, response[:500]
        message.claim = ""
    rows = [(each.state, each.sent_at, each.response, each.claim, each.pk) for each, _, _ in taken]
    bulk.update_values(Message, ("state", "sent_at", "response", "claim"), rows)
    counted = Counter((each.node_id, each.variant, tallies.quarter(at)) for each, _, at in taken)
    # In one order for all, so that two who add to several don't wait for each other.
    for (node_id, variant, quarter), count in sorted(counted.items()):
        tallies.add(taken[0][0].campaign_id, node_id, variant, quarter, sent=count)
    bulk.insert([_activity(unit, message, types.EMAIL_SENT, {}, at) for message, _, at in taken])
    for message, _, _ in taken:
        about = _about(message)
        unit.record(types.EMAIL_SENT, message.contact_id, about)
        # Nobody learns more of a delivery than that a server took it, until it bounces.
        unit.record(types.EMAIL_DELIVERED, message.contact_id, about)


def opened(unit: Change, message: Message, *, at: datetime, user_agent: str | None, address: str | None) -> None:
    """A person opened it. Only the first time counts."""
    first = message.opened_at is None
    message.open_count += 1
    message.opened_at = message.opened_at or at
    message.save(update_fields=["open_count", "opened_at"])
    data = {
        "openCount": message.open_count,
        "firstOpen": first,
        "userAgent": user_agent,
        "ip": address,
    }
    _note(unit, message, types.EMAIL_OPENED, data, counted="opened" if first else "")


def clicked(unit: Change, message: Message, link: Link, *, at: datetime) -> None:
    """A person followed a link. A click shows that the e-mail was opened, whatever its pixel did."""
    if message.opened_at is None and tells_opens(message):
        opened(unit, message, at=at, user_agent=None, address=None)
    first = message.clicked_at is None
    message.click_count += 1
    message.clicked_at = message.clicked_at or at
    message.save(update_fields=["click_count", "clicked_at"])
    click, is_new = Click.objects.get_or_create(message=message, link=link, defaults={"first_at": at})
    if not is_new:
        Click.objects.filter(message=message, link=link).update(count=click.count + 1)
    data = {"linkUrl": link.url, "clickCount": message.click_count}
    _note(unit, message, types.EMAIL_CLICKED, data, counted="clicked" if first else "")


def visited_by_robot(message: Message) -> None:
    """A program that is no person's fetched its pixel or a link. No event and no figure tells of it."""
    Message.objects.filter(pk=message.pk).update(robot_visits=F("robot_visits") + 1)


def replied(unit: Change, message: Message, *, subject: str, preview: str) -> None:
    """Its recipient answered: the sequence ends for them."""
    _end(unit, message, Status.REPLIED)
    _set_status(unit, message.contact_id, Contact.Status.REPLIED)
    if message.replied_at is None:
        message.replied_at = unit.at
        message.save(update_fields=["replied_at"])
        data = {"replySubject": subject, "replyPreview": preview}
        _note(unit, message, types.EMAIL_REPLIED, data, counted="replied")


def bounced(unit: Change, message: Message, *, hard: bool, reason: str) -> None:
    """It came back after it was taken, or was refused for good. Hard: the address is dead, and isn't mailed again.

    An address that the contact has no more, corrected since or merged away, says nothing about the one they have.
    What came back soft and turns out to be hard is told once more, and counted once.
    """
    if hard and _is_at(unit, message.contact_id, message.recipient):
        _end(unit, message, Status.BOUNCED)
        _set_status(unit, message.contact_id, Contact.Status.BOUNCED)
    first = message.bounced_at is None
    if not first and not (hard and message.bounce_type == Message.Bounce.SOFT):
        return
    message.bounced_at = message.bounced_at or unit.at
    message.bounce_type = Message.Bounce.HARD if hard else Message.Bounce.SOFT
    message.response = reason[:500]
    message.save(update_fields=["bounced_at", "bounce_type", "response"])
    data = {"bounceType": message.bounce_type, "bounceReason": reason[:500]}
    _note(unit, message, types.EMAIL_BOUNCED, data, counted="bounced" if first else "")


def unsubscribed(unit: Change, message: Message) -> None:
    """Its recipient wants no more e-mail, from any campaign."""
    _set_status(unit, message.contact_id, Contact.Status.UNSUBSCRIBED)
    mine = Enrolment.objects.of(unit.workspace).filter(contact_id=message.contact_id, status__in=IN_CAMPAIGN)
    mine.update(status=Status.UNSUBSCRIBED, due_at=None, ended_at=unit.at)
    # This campaign's is so too where the e-mail was its last.
    _end(unit, message, Status.UNSUBSCRIBED)
    if message.unsubscribed_at is None:
        message.unsubscribed_at = unit.at
        message.save(update_fields=["unsubscribed_at"])
        _note(unit, message, types.EMAIL_UNSUBSCRIBED, {}, counted="unsubscribed")


def _end(unit: Change, message: Message, status: str) -> None:
    """The enrolment is over. A lease on it is left to its holder, who finds that there is nothing more to do."""
    enrolments = Enrolment.objects.of(unit.workspace).filter(pk=message.enrolment_id)
    enrolments.filter(status__in=(*IN_CAMPAIGN, Status.COMPLETED)).update(status=status, due_at=None, ended_at=unit.at)


def _is_at(unit: Change, contact_id: str, address: str) -> bool:
    return Contact.objects.of(unit.workspace).filter(pk=contact_id, email__iexact=address).exists()


def _set_status(unit: Change, contact_id: str, status: Contact.Status) -> None:
    contact = Contact.objects.of(unit.workspace).filter(pk=contact_id).only("status").first()
    if contact is not None and contact.status not in (status, *_STRONGER[status]):
        edit_many(unit.workspace, [contact_id], Edit(status=status), by=unit.by)


def tells_opens(message: Message) -> bool:
    """Whether opens of this e-mail may be known: the workspace, the e-mail itself and its recipient allow it."""
    mode = message.campaign.workspace.open_tracking
    return message.tracks_opens and mode != Workspace.OpenTracking.OFF and not message.contact.tracking_objection


def _note(unit: Change, message: Message, type_: str, data: dict[str, Any], *, counted: str) -> None:
    campaign: Campaign = message.campaign
    if counted:
        # A bounce may refuse what was never taken: the rates are over what was sent, so that counts as sent too.
        also = {"sent": 1} if counted == "bounced" and message.state == Message.State.FAILED else {}
        tallies.add(campaign.pk, message.node_id, message.variant, unit.at, **{counted: 1}, **also)
    _activity(unit, message, type_, data, unit.at).save(force_insert=True)
    unit.record(type_, message.contact_id, _about(message) | data)


def _activity(unit: Change, message: Message, type_: str, data: dict[str, Any], at: datetime) -> Activity:
    return Activity(
        id=ids.new("evt"),
        workspace=unit.workspace,
        campaign=message.campaign,
        contact_id=message.contact_id,
        contact_email=message.recipient,
        node_id=message.node_id,
        type=type_.removeprefix("email."),
        metadata=data | ({"variant": message.variant.upper()} if message.variant else {}),
        at=at,
    )


def _about(message: Message) -> dict[str, Any]:
    """What every event of an e-mail says."""
    return {
        "campaignId": message.campaign_id,
        "campaignName": message.campaign.name,
        "contactId": message.contact_id,
        "contactEmail": message.recipient,
        "emailNodeId": message.node_id,
        "emailSubject": message.subject,
    }
