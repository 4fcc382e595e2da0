"""Where contacts go after a step, many alike at a time. Pure.

Conditions about contacts' fields are answered from what is known. Whether an e-mail is opened or clicked is a matter
of the rates that are assumed; nobody answers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.sending.calendar import after_delay
from campaigns.workflow.graph import NO, YES, BrokenWorkflow, Condition, Delay, Email, End, Node, Workflow
from campaigns.workflow.paths import nearest_email

Question = tuple[str, str, str]
_PARTS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The shares, 0 to 1, of those who got an e-mail that are assumed to open it, and to click in it."""

    opened: float = 0.5
    clicked: float = 0.1


USUAL: Final = Rates()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """``count`` contacts who do the same at the same time.

    ``order``: the place of the first of them among all, in which they are served where they are due together.
    ``fields``: id of a condition about a field -> what it answers for them. ``said``: what they were assumed to have
    done. ``account``: whose conversation it is, from the first e-mail on. ``is_new``: they got none yet.
    """

    count: int
    order: int
    workflow: Workflow
    fields: Mapping[str, bool] = field(default_factory=dict)
    account: str | None = None
    is_new: bool = True
    said: Mapping[Question, bool] = field(default_factory=dict)

    def first(self, count: int) -> "Lot":
        return self if count == self.count else replace(self, count=count)

    def without(self, count: int) -> "Lot":
        return replace(self, count=self.count - count, order=self.order + count)


class Walk:
    """Goes from a node to the next e-mails or ends; remembers what is left over when shares are made whole."""

    def __init__(self, zone: ZoneInfo, rates: Rates) -> None:
        self._zone = zone
        self._share = {"opened": round(rates.opened * _PARTS), "clicked": round(rates.clicked * _PARTS)}
        self._left: dict[tuple[str, Question], int] = {}
        self._emails: dict[tuple[int, str], str] = {}

    def on(self, lot: Lot, node_id: str, at: datetime) -> Iterator[tuple[Lot, Email | End, datetime]]:
        """Who comes to which e-mail or end, and when, after leaving ``node_id`` at ``at``. Raises BrokenWorkflow."""
        return self._to(lot, _target(lot.workflow, node_id, None), at)

    def _to(self, lot: Lot, node: Node, at: datetime) -> Iterator[tuple[Lot, Email | End, datetime]]:
        match node:
            case Email() | End():
                yield lot, node, at
            case Delay(days=days, hours=hours, business_days=business):
                due = after_delay(
                    at, days=int(days or 0), hours=int(hours or 0), business_days=business, zone=self._zone
                )
                yield from self.on(lot, node.id, due)
            case Condition():
                for part, answer in self._answered(lot, node):
                    yield from self._to(part, _target(lot.workflow, node.id, answer), at)
            case _:
                raise BrokenWorkflow("No contact can stand there.")

    def _answered(self, lot: Lot, condition: Condition) -> Iterator[tuple[Lot, str]]:
        if condition.criterion == "replied":
            yield lot, NO
        elif condition.criterion == "field":
            yield lot, YES if lot.fields.get(condition.id) else NO
        else:
            yield from self._shared_out(lot, condition)

    def _shared_out(self, lot: Lot, condition: Condition) -> Iterator[tuple[Lot, str]]:
        """The same question has one answer all along the way."""
        question = self._question(lot.workflow, condition)
        if question in lot.said:
            yield lot, YES if lot.said[question] else NO
            return
        share = self._share.get(question[0], 0)
        whole = lot.count * share + self._left.get((condition.id, question), _PARTS // 2)
        yes, self._left[condition.id, question] = divmod(whole, _PARTS)
        if yes:
            yield replace(lot.first(yes), said={**lot.said, question: True}), YES
        if yes < lot.count:
            rest = lot.without(yes) if yes else lot
            yield replace(rest, said={**lot.said, question: False}), NO

    def _question(self, workflow: Workflow, condition: Condition) -> Question:
        key = (id(workflow), condition.id)
        if key not in self._emails:
            self._emails[key] = condition.node_id or nearest_email(workflow, condition.id) or ""
        return condition.criterion or "", self._emails[key], condition.url or ""


def _target(workflow: Workflow, node_id: str, answer: str | None) -> Node:
    targets = [edge.target for edge in workflow.outgoing.get(node_id, ()) if edge.when == answer]
    node = workflow.by_id.get(targets[0]) if len(targets) == 1 else None
    if node is None:
        raise BrokenWorkflow("It isn't clear where the way leads on.")
    return node
