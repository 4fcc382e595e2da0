"""Where a contact goes next."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from campaigns.workflow.comparing import holds
from campaigns.workflow.graph import NO, OPERATORS, YES, BrokenWorkflow, Condition, Delay, Email, End, Start, Workflow
from campaigns.workflow.paths import in_loop, nearest_email, starts, surely_passed
from campaigns.workflow.plain import shown
from fluenzr_site.core.saying import Sentence, say

# A contact who can't go on keeps in English why.
_STARTS: Final = Sentence("A workflow has exactly one start, not %(count)s.")
_NO_PLACE: Final = Sentence("No contact can stand at “%(node)s”: it isn't a start, e-mail, delay or end.")
_LOOP: Final = Sentence("“%(node)s” is in a loop, so that it would be reached for ever.")
_NO_NODE: Final = Sentence("There is no node “%(node)s”.")
_NOT_CLEAR: Final = Sentence("It isn't clear which edge to take after “%(node)s”: exactly one must fit.")
_ASKS_NOTHING: Final = Sentence("The condition “%(node)s” doesn't say what it asks.")
_NO_EMAIL: Final = Sentence("The condition “%(node)s” doesn't say which e-mail it asks about.")
_NOT_BEFORE: Final = Sentence("The condition “%(node)s” asks about an e-mail that isn't surely before it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one contact in this campaign.

    ``opened``: ids of the e-mail nodes opened. ``clicked``: id of an e-mail node -> the addresses clicked in
    it. ``fields``: the contact's fields under the names that conditions use.
    """

    opened: Collection[str] = frozenset()
    clicked: Mapping[str, Collection[str]] = field(default_factory=dict)
    replied: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """The node a contact stands at: the start, an e-mail to send, a delay to sit out, or an end."""

    node: Start | Email | Delay | End

    @property
    def node_id(self) -> str:
        return self.node.id


def first(workflow: Workflow) -> Step:
    """The start, where a new contact stands until ``next_step`` is asked with the facts of that time.

    Raises BrokenWorkflow unless there is exactly one.
    """
    found = starts(workflow)
    if len(found) != 1:
        raise BrokenWorkflow(_STARTS(count=str(len(found))))
    return _standing(workflow, found[0])


def next_step(workflow: Workflow, node_id: str, facts: Facts) -> Step:
    """The next e-mail, delay or end after this node; conditions on the way are answered from the facts.

    Whoever stands at an end stays there. Raises BrokenWorkflow where the way can't be followed, or leads to
    a node that could be reached again and again.
    """
    node = workflow.by_id.get(node_id)
    if isinstance(node, End):
        return Step(node)
    # A way without a loop passes no node twice.
    for _ in workflow.nodes:
        node_id = _target(workflow, node_id, facts)
        if not isinstance(workflow.by_id.get(node_id), Condition):
            return _standing(workflow, node_id)
    raise BrokenWorkflow(say("The conditions lead to one another in a loop."))


def _standing(workflow: Workflow, node_id: str) -> Step:
    node = workflow.by_id.get(node_id)
    if not isinstance(node, Start | Email | Delay | End):
        raise BrokenWorkflow(_NO_PLACE(node=shown(node_id)))
    if in_loop(workflow, node_id):
        raise BrokenWorkflow(_LOOP(node=shown(node_id)))
    return Step(node)


def _target(workflow: Workflow, node_id: str, facts: Facts) -> str:
    """The node that the one edge to take leads to."""
    node = workflow.by_id.get(node_id)
    if node is None:
        raise BrokenWorkflow(_NO_NODE(node=shown(node_id)))
    answer = None
    if isinstance(node, Condition):
        answer = YES if _answer(workflow, node, facts) else NO
    edges = [edge for edge in workflow.outgoing.get(node_id, ()) if edge.when == answer]
    others = len(workflow.outgoing.get(node_id, ())) - len(edges)
    if len(edges) != 1 or (answer is None and others):
        raise BrokenWorkflow(_NOT_CLEAR(node=shown(node_id)))
    if isinstance(workflow.by_id.get(edges[0].target), Start):
        raise BrokenWorkflow(say("An edge leads back into the start."))
    return edges[0].target


def _answer(workflow: Workflow, condition: Condition, facts: Facts) -> bool:
    match condition.criterion:
        case "opened":
            return _email(workflow, condition) in facts.opened
        case "clicked":
            clicked = facts.clicked.get(_email(workflow, condition), ())
            return condition.url in clicked if condition.url else bool(clicked)
        case "replied":
            return facts.replied
        case "field" if condition.field and condition.operator in OPERATORS:
            return holds(condition.operator, facts.fields.get(condition.field), condition.value)
    raise BrokenWorkflow(_ASKS_NOTHING(node=shown(condition.id)))


def _email(workflow: Workflow, condition: Condition) -> str:
    """The id of the e-mail that a condition asks about."""
    node_id = condition.node_id or nearest_email(workflow, condition.id)
    if node_id is None or not isinstance(workflow.by_id.get(node_id), Email):
        raise BrokenWorkflow(_NO_EMAIL(node=shown(condition.id)))
    if not surely_passed(workflow, node_id, condition.id):
        raise BrokenWorkflow(_NOT_BEFORE(node=shown(condition.id)))
    return node_id
