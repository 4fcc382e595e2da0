"""What campaigns hold of contacts that become one goes to the survivor, and back when they are taken apart.

Nobody gets a step twice by it: of two enrolments in one campaign one goes on, and it has what either was sent.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Model
from django.utils.translation import gettext as _

from campaigns.changes import tallies
from campaigns.models import (
    IN_CAMPAIGN,
    Activity,
    Campaign,
    Conversation,
    EmailAccount,
    Enrolment,
    Message,
    ReceivedMail,
    Reply,
    WorkflowVersion,
)
from contacts.changes.merging import Busy
from fluenzr_site.core import bulk
from fluenzr_site.workspaces.models import Workspace

State, Status = Message.State, Enrolment.Status
Kept = dict[str, Any]
# What only changes its contact.
_FOLLOWING: Final[dict[str, type[Model]]] = {"message": Message, "received": ReceivedMail, "activity": Activity}
_PENDING_REPLIES: Final = (Reply.State.QUEUED, Reply.State.SENDING)


def take_over(
    sender: Any, *, workspace: Workspace, survivor_id: str, merged_ids: Sequence[str], at: datetime, **_rest: Any
) -> Kept:
    """All that refers to the merged contacts refers to the survivor; what it takes to undo that. Raises Busy."""
    everybody = [survivor_id, *merged_ids]
    enrolments = _held(workspace, everybody)
    kept: Kept = {"at": at.isoformat(), "moved": {}}
    kept |= _join_enrolments(workspace, survivor_id, enrolments)
    kept["conversations"] = _join_conversations(workspace, survivor_id, everybody)
    for name, model in _FOLLOWING.items():
        rows = model._default_manager.filter(workspace=workspace, contact_id__in=merged_ids)
        kept["moved"][name] = dict(rows.values_list("pk", "contact_id"))
        rows.update(contact_id=survivor_id)
    return {"campaigns": kept}


def _held(workspace: Workspace, contact_ids: Sequence[str]) -> list[Enrolment]:
    """All that they are in. Raises Busy: what is on its way goes to an address that may be about to change."""
    # Held first: a worker that is about to reserve an e-mail waits, and one that has reserved some is seen below.
    held = Enrolment.objects.of(workspace).select_for_update(no_key=True).filter(contact_id__in=contact_ids)
    enrolments = list(held.order_by("pk"))
    messages = Message.objects.of(workspace).filter(contact_id__in=contact_ids, state__in=Message.UNDER_WAY)
    replies = Reply.objects.of(workspace).filter(conversation__contact_id__in=contact_ids, state__in=_PENDING_REPLIES)
    if messages.exists() or replies.exists():
        raise Busy(_("An e-mail to one of them is being sent right now. Try again in a minute."))
    return enrolments


# -------------------------------------------------------------------------------------------- enrolments


def _join_enrolments(workspace: Workspace, survivor_id: str, enrolments: Sequence[Enrolment]) -> Kept:
    by_campaign: dict[str, list[Enrolment]] = defaultdict(list)
    for enrolment in enrolments:
        by_campaign[enrolment.campaign_id].append(enrolment)
    messages = _messages(workspace, enrolments)
    kept: Kept = {"enrolments": {}, "joined": [], "messages": {}}
    for found in by_campaign.values():
        goes_on, *others = sorted(found, key=lambda each: _standing(each, survivor_id, messages[each.pk]))
        for other in others:
            kept["joined"].append(_row(other) | {"into": goes_on.pk})
            kept["messages"] |= _give_messages(messages[other.pk], messages[goes_on.pk], goes_on)
            if other.status != Status.REMOVED:
                tallies.add(other.campaign_id, "", "", other.enrolled_at, enrolled=-1)
            other.delete()
        for row in kept["joined"][len(kept["joined"]) - len(others) :]:
            row["known"] = [each.pk for each in messages[goes_on.pk] if each.state != State.DEFERRED]
        if goes_on.contact_id != survivor_id:
            kept["enrolments"][goes_on.pk] = goes_on.contact_id
            Enrolment.objects.of(workspace).filter(pk=goes_on.pk).update(contact_id=survivor_id)
    return kept


def _messages(workspace: Workspace, enrolments: Sequence[Enrolment]) -> dict[str, list[Message]]:
    found: dict[str, list[Message]] = {each.pk: [] for each in enrolments}
    for message in Message.objects.of(workspace).select_for_update(no_key=True).filter(enrolment__in=enrolments):
        found[message.enrolment_id].append(message)
    return found


def _standing(enrolment: Enrolment, survivor_id: str, messages: Sequence[Message]) -> tuple[Any, ...]:
    """First the one that is over, then the one that was sent more, then the survivor's own."""
    begun = sum(each.state != State.DEFERRED for each in messages)
    return (enrolment.status in IN_CAMPAIGN, -begun, enrolment.contact_id != survivor_id, enrolment.pk)


def _give_messages(given: Sequence[Message], own: list[Message], goes_on: Enrolment) -> Kept:
    """Both people's e-mails under one enrolment; how they were, by their ids.

    A step that both have had stands there once under its name, as the one that says more: an e-mail that was
    perhaps sent settles the step, one that surely was not leaves it open. The other keeps its links working.
    """
    before: Kept = {}
    at_step = {message.node_id: message for message in own}
    for message in given:
        step = message.node_id
        present = at_step.get(step)
        before[message.pk] = _place(message)
        if present is not None and present.state == State.DEFERRED != message.state:
            before.setdefault(present.pk, _place(present))
            _set_aside(present)
            at_step[step] = message
        elif present is not None:
            _set_aside(message)
        else:
            at_step[step] = message
        message.enrolment_id = goes_on.pk
        message.save(update_fields=["enrolment"])
        own.append(message)
    return before


def _place(message: Message) -> list[str]:
    return [message.enrolment_id, message.node_id, message.state]


def _set_aside(message: Message) -> None:
    message.node_id = f"{message.node_id[:70]}~{message.pk}"
    if message.state == State.DEFERRED:
        message.state = State.FAILED
    message.save(update_fields=["node_id", "state"])


# ----------------------------------------------------------------------------------------- conversations


def _join_conversations(workspace: Workspace, survivor_id: str, contact_ids: Sequence[str]) -> Kept:
    rows = Conversation.objects.of(workspace).select_for_update(no_key=True).filter(contact_id__in=contact_ids)
    found = sorted(rows, key=lambda each: (each.contact_id != survivor_id, each.pk))
    by_account: dict[str, Conversation] = {}
    kept: Kept = {"moved": {}, "joined": []}
    for conversation in found:
        stays = by_account.setdefault(conversation.account_id, conversation)
        if stays is not conversation:
            kept["joined"].append(_joined(conversation, stays))
        elif conversation.contact_id != survivor_id:
            kept["moved"][conversation.pk] = conversation.contact_id
            Conversation.objects.of(workspace).filter(pk=conversation.pk).update(contact_id=survivor_id)
    return kept


def _joined(goes: Conversation, stays: Conversation) -> Kept:
    parts = {"received": goes.received, "replies": goes.replies}
    kept = _row(goes) | {name: list(rows.values_list("pk", flat=True)) for name, rows in parts.items()}
    for rows in parts.values():
        rows.update(conversation=stays)
    if goes.last_at > stays.last_at:
        stays.last_at, stays.campaign_id = goes.last_at, goes.campaign_id
    if goes.status == Conversation.Status.UNREAD:
        stays.status = goes.status
    stays.save(update_fields=["last_at", "campaign", "status"])
    goes.delete()
    return kept


# ------------------------------------------------------------------------------------------------- undoing


def give_back(sender: Any, *, workspace: Workspace, survivor_id: str, kept: Kept, **_rest: Any) -> None:
    """Each gets back what was theirs, as far as it is still there. Raises Busy."""
    if "campaigns" not in kept:
        return
    _held(workspace, [survivor_id])
    before = kept["campaigns"]
    for pk, contact_id in before["enrolments"].items():
        Enrolment.objects.of(workspace).filter(pk=pk, contact_id=survivor_id).update(contact_id=contact_id)
    for row in before["joined"]:
        _part(workspace, row, datetime.fromisoformat(before["at"]))
        _give_sent_since(workspace, row)
    _give_messages_back(workspace, before["messages"])
    for pk, contact_id in before["conversations"]["moved"].items():
        Conversation.objects.of(workspace).filter(pk=pk, contact_id=survivor_id).update(contact_id=contact_id)
    for row in before["conversations"]["joined"]:
        _part_conversation(workspace, row)
    for name, model in _FOLLOWING.items():
        for contact_id, pks in _by_owner(before["moved"][name]):
            rows = model._default_manager.filter(workspace=workspace, pk__in=pks, contact_id=survivor_id)
            rows.update(contact_id=contact_id)


def _give_messages_back(workspace: Workspace, before: Kept) -> None:
    """First those that leave, since no step may stand twice in an enrolment, not for a moment."""
    messages = Message.objects.of(workspace).in_bulk(before)
    enrolments = Enrolment.objects.of(workspace).in_bulk({place[0] for place in before.values()})
    leaving = [pk for pk, message in messages.items() if message.enrolment_id != before[pk][0]]
    staying = [pk for pk in messages if pk not in leaving]
    others = Message.objects.of(workspace).filter(enrolment__in=enrolments).exclude(pk__in=before)
    settled = set(others.values_list("enrolment_id", "node_id"))
    for pk in (*leaving, *staying):
        enrolment_id, node_id, state = before[pk]
        if (enrolment_id, node_id) in settled:
            # Another e-mail of the step went to its address since: this one stays aside.
            node_id = messages[pk].node_id
        # What a person has settled meanwhile stays so.
        is_aside = messages[pk].node_id != node_id
        values = {"state": state} if is_aside and messages[pk].state == State.FAILED else {}
        if enrolment_id in enrolments:
            Message.objects.of(workspace).filter(pk=pk).update(enrolment_id=enrolment_id, node_id=node_id, **values)


def _part(workspace: Workspace, row: Kept, merged_at: datetime) -> None:
    """The enrolment that had given way. Where the other was sent something since, or answered, it doesn't go on."""
    into, known = row["into"], row["known"]
    campaigns = Campaign.objects.of(workspace).filter(pk=row["campaign_id"])
    versions = WorkflowVersion.objects.filter(pk=row["version_id"])
    if not campaigns.exists() or (row["version_id"] and not versions.exists()):
        return
    enrolment = _made(Enrolment, {name: value for name, value in row.items() if name not in ("into", "known")})
    if enrolment.status in IN_CAMPAIGN and _has_gone_on(workspace, into, known, merged_at):
        enrolment.status, enrolment.due_at, enrolment.ended_at = Status.REMOVED, None, merged_at
    enrolment.lease, enrolment.leased_until = "", None
    if not EmailAccount.objects.of(workspace).filter(pk=enrolment.account_id).exists():
        enrolment.account_id = None
    bulk.insert([enrolment])
    if enrolment.status != Status.REMOVED:
        tallies.add(enrolment.campaign_id, "", "", enrolment.enrolled_at, enrolled=1)


def _give_sent_since(workspace: Workspace, row: Kept) -> None:
    """What went to its own address meanwhile is its own, so that no step goes there again whoever adds it anew."""
    mine = Enrolment.objects.of(workspace).filter(pk=row["id"]).select_related("contact").first()
    if mine is None or not mine.contact.email:
        return
    since = Message.objects.of(workspace).filter(enrolment=row["into"], recipient=mine.contact.email)
    begun = since.exclude(pk__in=row["known"]).exclude(state=State.DEFERRED)
    begun.update(enrolment=mine, contact_id=mine.contact_id)


def _has_gone_on(workspace: Workspace, enrolment_id: str, known: Sequence[str], merged_at: datetime) -> bool:
    """Whether anything was sent for it since, or answered. ``known``: what was sent before."""
    mine = Message.objects.of(workspace).filter(enrolment=enrolment_id)
    sent = mine.exclude(pk__in=known).exclude(state=State.DEFERRED)
    return sent.exists() or mine.filter(replied_at__gte=merged_at).exists()


def _part_conversation(workspace: Workspace, row: Kept) -> None:
    received, replies = row.pop("received"), row.pop("replies")
    taken = Conversation.objects.of(workspace).filter(contact_id=row["contact_id"], account_id=row["account_id"])
    if taken.exists() or not EmailAccount.objects.of(workspace).filter(pk=row["account_id"]).exists():
        return
    if not Campaign.objects.of(workspace).filter(pk=row["campaign_id"]).exists():
        row["campaign_id"] = None
    bulk.insert([_made(Conversation, row)])
    ReceivedMail.objects.of(workspace).filter(pk__in=received).update(conversation_id=row["id"])
    Reply.objects.of(workspace).filter(pk__in=replies).update(conversation_id=row["id"])


def _by_owner(moved: dict[str, str]) -> Iterable[tuple[str, list[str]]]:
    owners: dict[str, list[str]] = defaultdict(list)
    for pk, contact_id in moved.items():
        owners[contact_id].append(pk)
    return owners.items()


def _row(instance: Model) -> Kept:
    values = {each.attname: getattr(instance, each.attname) for each in instance._meta.local_concrete_fields}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _made(model: type[Any], row: Kept) -> Any:
    fields = {each.attname: each for each in model._meta.local_concrete_fields}
    return model(**{name: fields[name].to_python(value) for name, value in row.items()})
