"""Moves contacts who have done with a node on to their next e-mail, delay or end."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

from campaigns import queries
from campaigns.models import Campaign, Click, Enrolment, Message, WorkflowVersion
from campaigns.sending.calendar import after_delay, parse_settings
from campaigns.workflow.graph import BrokenWorkflow, Condition, Delay, Email, End, Workflow
from campaigns.workflow.parsing import parse
from campaigns.workflow.steps import Facts, Step, next_step
from contacts.models import Contact
from fluenzr_site.core.database import retried
from fluenzr_site.events.recording import Actor, change

BATCH: Final = 500
Status, Phase = Enrolment.Status, Enrolment.Phase
_MOVED: Final = ("status", "phase", "node_id", "note", "due_at", "ended_at")


@lru_cache(maxsize=64)
def workflow_of(version_id: str | None) -> Workflow:
    """A version never changes. Who has none stands nowhere: the workflow without a node."""
    version = WorkflowVersion.objects.filter(pk=version_id).first() if version_id else None
    return parse(version.workflow) if version else Workflow()


@retried
def advance(campaign: Campaign, now: datetime) -> int:
    """Move on up to BATCH contacts of an active campaign who are due; how many there were."""
    due = Enrolment.objects.of(campaign.workspace).filter(campaign=campaign, phase=Phase.LEAVE, due_at__lte=now)
    if not due.exists():
        return 0
    with change(campaign.workspace, Actor("campaign", campaign.pk)):
        rows = due.select_for_update(of=("self",), skip_locked=True, no_key=True).order_by("due_at", "id")
        enrolments = list(rows[:BATCH])
        facts = _facts(campaign, enrolments)
        for enrolment in enrolments:
            _move(campaign, enrolment, facts[enrolment.pk], now)
        _write(campaign, enrolments)
    return len(enrolments)


def _write(campaign: Campaign, enrolments: Sequence[Enrolment]) -> None:
    """One statement for all that come to stand alike: most go the same way."""
    alike: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for enrolment in enrolments:
        alike[tuple(getattr(enrolment, name) for name in _MOVED)].append(enrolment.pk)
    rows = Enrolment.objects.of(campaign.workspace)
    for values, ids in alike.items():
        rows.filter(pk__in=ids).update(**dict(zip(_MOVED, values, strict=True)))


def _move(campaign: Campaign, enrolment: Enrolment, facts: Facts, now: datetime) -> None:
    try:
        step = next_step(workflow_of(enrolment.version_id), enrolment.node_id, facts)
    except BrokenWorkflow as error:
        enrolment.status, enrolment.due_at, enrolment.ended_at = Status.FAILED, None, now
        enrolment.note = str(error)[:500]
        return
    _stand(campaign, enrolment, step, now)


def _stand(campaign: Campaign, enrolment: Enrolment, step: Step, now: datetime) -> None:
    node = step.node
    enrolment.node_id, enrolment.status = node.id, Status.IN_PROGRESS
    match node:
        case Email():
            enrolment.phase, enrolment.due_at = Phase.SEND, now
        case Delay():
            zone = parse_settings(campaign.settings).calendar.zone
            enrolment.due_at = after_delay(
                now, days=int(node.days or 0), hours=int(node.hours or 0), business_days=node.business_days, zone=zone
            )
        case End():
            enrolment.status, enrolment.due_at, enrolment.ended_at = Status.COMPLETED, None, now


def _facts(campaign: Campaign, enrolments: Sequence[Enrolment]) -> dict[str, Facts]:
    """What is known of each, in as many queries for all as for one; nothing is looked up where nothing asks."""
    asking = [each for each in enrolments if _asks(each)]
    empty = {each.pk: Facts() for each in enrolments}
    if not asking:
        return empty
    opened: dict[str, set[str]] = defaultdict(set)
    clicked: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    replied: set[str] = set()
    messages = Message.objects.of(campaign.workspace).filter(enrolment__in=asking)
    for message in messages.only("enrolment_id", "node_id", "opened_at", "replied_at"):
        if message.opened_at:
            opened[message.enrolment_id].add(message.node_id)
        if message.replied_at:
            replied.add(message.enrolment_id)
    contacts = list(Contact.objects.of(campaign.workspace).filter(pk__in=[each.contact_id for each in asking]))
    queries.load_fields(contacts)
    fields = {contact.pk: queries.values_of(contact) for contact in contacts}
    clicks = Click.objects.filter(message__in=messages)
    for enrolment_id, node_id, url in clicks.values_list("message__enrolment_id", "message__node_id", "link__url"):
        clicked[enrolment_id][node_id].add(url)
    return empty | {
        each.pk: Facts(
            opened=opened[each.pk],
            clicked=clicked[each.pk],
            replied=each.pk in replied,
            fields=fields[each.contact_id],
        )
        for each in asking
    }


def _asks(enrolment: Enrolment) -> bool:
    """Whether the way on from here could pass a condition."""
    workflow = workflow_of(enrolment.version_id)
    return any(
        isinstance(workflow.by_id.get(edge.target), Condition) for edge in workflow.outgoing.get(enrolment.node_id, ())
    )
