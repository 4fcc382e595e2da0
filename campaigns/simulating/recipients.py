"""Whom a campaign is going to write to, who is left out and why, and what their e-mails would lack: read once."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from campaigns import queries
from campaigns.composing.headers import InvalidAddress, address
from campaigns.composing.message import InvalidTemplate, Prepared
from campaigns.composing.values import text_of
from campaigns.models import IN_CAMPAIGN, Campaign, Enrolment
from campaigns.sending.advance import workflow_of
from campaigns.sending.writing import prepared
from campaigns.simulating.forecast import Place
from campaigns.simulating.gaps import compared, empty_variables, names
from campaigns.simulating.walking import Lot
from campaigns.workflow.comparing import holds
from campaigns.workflow.graph import OPERATORS, Condition, Email, Workflow
from campaigns.workflow.paths import starts
from contacts.models import Contact

#: People who are read one by one; what they show is taken for the rest.
MOST_READ: Final = 20_000
_AT_A_TIME: Final = 2_000
#: Why somebody gets no e-mail, in the order of being told.
UNSUBSCRIBED, BOUNCED, BLOCKED = "unsubscribed", "bounced", "blocked"
NO_ADDRESS, ERASED, UNWRITABLE = "no_address", "erased", "unwritable"
REASONS: Final = (UNSUBSCRIBED, BOUNCED, BLOCKED, ERASED, NO_ADDRESS, UNWRITABLE)
#: An e-mail and its version, and a variable of it.
Gap = tuple[str, str, str]


@dataclass(slots=True)
class Recipients:
    """``read`` of ``total`` were looked at one by one. ``missing``: how many of them have no value for a variable."""

    total: int = 0
    read: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    missing: Counter[Gap] = field(default_factory=Counter)
    objecting: int = 0
    places: list[Place] = field(default_factory=list)

    @property
    def written(self) -> int:
        return max(0, self.total - sum(self.left_out.values()))


def inside(campaign: Campaign) -> QuerySet[Enrolment]:
    return Enrolment.objects.of(campaign.workspace).filter(campaign=campaign, status__in=IN_CAMPAIGN)


def recipients(campaign: Campaign, workflow: Workflow, start: datetime, *, most: int = MOST_READ) -> Recipients:
    """``workflow``: what those who haven't begun are going to follow, from ``start`` on."""
    found = Recipients(total=inside(campaign).count())
    reading = _Reading(campaign, workflow)
    standing: list[_Standing] = []
    for enrolment, contact, why in people(campaign, most=most, names=reading.fields):
        found.read += 1
        if why:
            found.left_out[why] += 1
            continue
        found.objecting += contact.tracking_objection
        values = reading.values(contact)
        found.missing.update(reading.missing(values))
        standing.append(reading.standing(enrolment, values))
    rest = found.total - found.read
    if rest > 0:
        rest -= sum(_left_out_by_status(campaign, found.left_out).values())
    found.places = list(_places(standing, workflow, start, max(0, rest)))
    return found


def people(
    campaign: Campaign, *, most: int | None = None, names: Collection[str] = ()
) -> Iterator[tuple[Enrolment, Contact, str]]:
    """Who is in the campaign, in the order in which they begin, and why they get no e-mail, or nothing.

    ``names``: the fields that are going to be read of them.
    """
    rows = inside(campaign).only("id", "contact", "version", "account", "phase", "node_id", "due_at").order_by("id")
    enrolments = list(rows[:most] if most is not None else rows)
    for at in range(0, len(enrolments), _AT_A_TIME):
        part = enrolments[at : at + _AT_A_TIME]
        contacts = Contact.objects.of(campaign.workspace).select_related("stage")
        known = contacts.in_bulk([each.contact_id for each in part])
        if queries.asks_related(names):
            queries.load_fields(list(known.values()))
        reasons = queries.why_not_mailable_many(campaign.workspace, list(known.values()))
        for enrolment in part:
            if contact := known.get(enrolment.contact_id):
                yield enrolment, contact, _reason(contact, contact.pk in reasons)


def _reason(contact: Contact, is_never_mailed: bool) -> str:
    if contact.status in queries.NEVER_MAILED:
        return str(contact.status)
    if not contact.email:
        return NO_ADDRESS
    if is_never_mailed:
        return ERASED
    try:
        address(contact.email)
    except InvalidAddress:
        return UNWRITABLE
    return ""


def _left_out_by_status(campaign: Campaign, so_far: Counter[str]) -> Counter[str]:
    """Of those who weren't read: counted, and added to ``so_far``."""
    row = inside(campaign).aggregate(
        **{status: Count("pk", filter=Q(contact__status=status)) for status in (UNSUBSCRIBED, BOUNCED, BLOCKED)},
        no_address=Count("pk", filter=Q(contact__email=None) & ~Q(contact__status__in=queries.NEVER_MAILED)),
    )
    more = Counter({name: max(0, count - so_far[name]) for name, count in row.items()})
    so_far.update(more)
    return more


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where contacts stand that are alike to a forecast."""

    version_id: str | None
    node_id: str
    due: datetime | None
    to_send: bool
    account: str | None
    answers: tuple[tuple[str, bool], ...]


class _Reading:
    """What matters of a contact, and nothing else."""

    def __init__(self, campaign: Campaign, workflow: Workflow) -> None:
        self._templates = list(_templates(workflow))
        self._names = frozenset[str]().union(*(names(template) for _, _, template in self._templates))
        self._compared = frozenset[str]().union(*(compared(template) for _, _, template in self._templates))
        self._conditions = [
            node
            for node in workflow.nodes
            if isinstance(node, Condition) and node.criterion == "field" and node.operator in OPERATORS
        ]
        self._known: dict[tuple[str, ...], tuple[Gap, ...]] = {}
        self.fields = self._names | {node.field or "" for node in self._conditions}

    def values(self, contact: Contact) -> dict[str, Any]:
        if not self._names and not self._conditions:
            return {}
        return queries.values_of(contact, self.fields) | dict.fromkeys(queries.SYSTEM, "x")

    def missing(self, values: Mapping[str, Any]) -> tuple[Gap, ...]:
        texts = {name: text_of(values.get(name)) for name in self._names}
        # Most people's gaps are like somebody's before.
        alike = tuple(text if name in self._compared else text[:1] and "x" for name, text in texts.items())
        if alike not in self._known:
            self._known[alike] = tuple(
                (node_id, version, name)
                for node_id, version, template in self._templates
                for name in empty_variables(template, texts)
            )
        return self._known[alike]

    def standing(self, enrolment: Enrolment, values: Mapping[str, Any]) -> _Standing:
        answers = tuple(
            (each.id, holds(each.operator or "", values.get(each.field or ""), each.value)) for each in self._conditions
        )
        begun = enrolment.version_id is not None
        return _Standing(
            enrolment.version_id,
            enrolment.node_id if begun else "",
            enrolment.due_at if begun else None,
            begun and enrolment.phase == Enrolment.Phase.SEND,
            enrolment.account_id,
            answers,
        )


def _templates(workflow: Workflow) -> Iterator[tuple[str, str, Prepared]]:
    for node in workflow.nodes:
        if isinstance(node, Email):
            versions = [("a", node.subject, node.body)]
            versions += [("b", node.variant_b.subject, node.variant_b.body)] if node.variant_b else []
            for version, subject, body in versions:
                try:
                    yield node.id, version, prepared(subject, body)
                except InvalidTemplate:
                    continue


def _places(standing: Sequence[_Standing], workflow: Workflow, start: datetime, more: int) -> Iterator[Place]:
    """``more``: how many people beyond those, of whom is assumed that they are like them."""
    counted = [(where, sum(1 for _ in alike)) for where, alike in groupby(standing)]
    if more:
        counted += _like(Counter(standing), more)
    order = 0
    for where, count in counted:
        if where.version_id is not None and where.due is None:
            # They wait for a person.
            continue
        yield _place(where, count, order, workflow, start)
        order += count


def _like(known: Mapping[_Standing, int], more: int) -> list[tuple[_Standing, int]]:
    """``more`` shared out in the same proportions, to the last one."""
    total, given, seen, found = sum(known.values()), 0, 0, []
    for where, count in known.items():
        seen += count
        part = more * seen // total - given
        given += part
        found += [(where, part)] if part else []
    return found


def _place(where: _Standing, count: int, order: int, workflow: Workflow, start: datetime) -> Place:
    is_new = where.version_id is None
    own = workflow if is_new else workflow_of(where.version_id)
    lot = Lot(
        count=count,
        order=order,
        workflow=own,
        fields=dict(where.answers),
        account=where.account,
        is_new=where.account is None,
    )
    due = start if where.due is None or not where.to_send else where.due
    if where.due is not None and not where.to_send:
        due = max(where.due, start)
    begins = next(iter(starts(own)), "")
    return Place(lot=lot, node_id=begins if is_new else where.node_id, due=due, to_send=where.to_send)


def left_out(campaign: Campaign, reason: str, *, most: int = MOST_READ) -> Iterator[Contact]:
    """Who gets no e-mail, for this reason."""
    return (contact for _, contact, why in people(campaign, most=most) if why == reason)


def lacking(campaign: Campaign, workflow: Workflow, gap: Gap, *, most: int = MOST_READ) -> Iterator[Contact]:
    """Who has no value for a variable of an e-mail."""
    reading = _Reading(campaign, workflow)
    return (
        contact
        for _, contact, why in people(campaign, most=most, names=reading.fields)
        if not why and gap in reading.missing(reading.values(contact))
    )
