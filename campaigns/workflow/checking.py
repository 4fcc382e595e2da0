"""Everything that must hold before a campaign starts."""

from collections.abc import Callable, Collection, Iterator
from typing import Final

from campaigns.workflow.content import check_content
from campaigns.workflow.graph import NO, YES, Condition, Edge, Email, End, Node, Start, Unknown, Workflow
from campaigns.workflow.paths import loops, reachable, starts
from campaigns.workflow.plain import shown
from campaigns.workflow.problems import Limits, Problem, named

_DEFAULT_LIMITS: Final = Limits()


def check(workflow: Workflow, *, known_fields: Collection[str], limits: Limits = _DEFAULT_LIMITS) -> list[Problem]:
    """What is wrong, each problem once: those of the whole first, then by node in the workflow's order.

    ``known_fields``: the names of contact fields that conditions may use. The campaign may start where no
    problem is an error.
    """
    found = [problem for rule in _RULES for problem in rule(workflow)]
    found += check_content(workflow, known_fields, limits)
    places = {node_id: place for place, node_id in enumerate(workflow.by_id)}
    return sorted(dict.fromkeys(found), key=lambda problem: places.get(problem.node_id, -1))


def _one_start(workflow: Workflow) -> Iterator[Problem]:
    first, *others = starts(workflow) or [""]
    if not first:
        yield Problem("", "no_start", "The workflow has no start: add one start node.")
    for node_id in others:
        yield Problem(node_id, "second_start", f"The workflow starts at {named([first])} already: remove this start.")


def _an_email(workflow: Workflow) -> Iterator[Problem]:
    if not any(isinstance(node, Email) for node in workflow.nodes):
        yield Problem("", "no_email", "The workflow sends nothing: add at least one e-mail.")


def _known_types(workflow: Workflow) -> Iterator[Problem]:
    for node in workflow.nodes:
        if isinstance(node, Unknown):
            is_now = f"The type “{shown(node.type)}” isn't known" if node.type else "The type is missing"
            yield Problem(node.id, "unknown_type", f"{is_now}: use start, email, delay, condition or end.")


def _edges_between_nodes(workflow: Workflow) -> Iterator[Problem]:
    for edge in workflow.edges:
        source, target = workflow.by_id.get(edge.source), workflow.by_id.get(edge.target)
        if source is None:
            missing = _missing(edge.source)
            yield Problem(target.id if target else "", "edge_from_nowhere", f"An edge comes from {missing}.")
        if target is None:
            missing = _missing(edge.target)
            yield Problem(source.id if source else "", "edge_to_nowhere", f"An edge leads to {missing}.")
        if isinstance(target, Start):
            yield Problem(target.id, "edge_into_start", "An edge leads into the start: nothing may come before it.")
        if isinstance(source, End):
            yield Problem(source.id, "edge_out_of_end", "An edge leads out of an end: nothing may come after it.")


def _missing(node_id: str) -> str:
    what = f"“{shown(node_id)}”, which doesn't exist" if node_id else "no node"
    return f"{what}: connect it to a node or remove it"


def _ways_out(workflow: Workflow) -> Iterator[Problem]:
    for node in workflow.nodes:
        edges = workflow.outgoing.get(node.id, ())
        if isinstance(node, Condition):
            yield from _answers(node, edges)
        elif not isinstance(node, End | Unknown):
            yield from _one_way_out(node, edges)


def _one_way_out(node: Node, edges: tuple[Edge, ...]) -> Iterator[Problem]:
    if not edges:
        yield Problem(node.id, "dead_end", "The branch stops here: connect it to the next step or to an end.")
    if len(edges) > 1:
        message = f"{len(edges)} edges lead on from here: keep one, or put a condition before them."
        yield Problem(node.id, "several_edges", message)
    if any(edge.when is not None for edge in edges):
        message = "An edge from here says yes or no, as only those after a condition do: remove it."
        yield Problem(node.id, "when_without_condition", message)


def _answers(node: Condition, edges: tuple[Edge, ...]) -> Iterator[Problem]:
    for answer in (YES, NO):
        count = sum(edge.when == answer for edge in edges)
        if count == 0:
            yield Problem(node.id, f"no_{answer}_edge", f"Nothing follows “{answer}”: connect it to a step or an end.")
        if count > 1:
            message = f"{count} edges follow “{answer}”: keep one."
            yield Problem(node.id, f"several_{answer}_edges", message)
    if any(edge.when not in (YES, NO) for edge in edges):
        message = "An edge after this condition says neither yes nor no: choose one of them."
        yield Problem(node.id, "when_missing", message)


def _no_loops(workflow: Workflow) -> Iterator[Problem]:
    for loop in loops(workflow):
        message = f"The steps {named(loop)} form a loop, so that a contact would never leave: remove an edge."
        yield Problem(loop[0], "loop", message)


def _all_reached(workflow: Workflow) -> Iterator[Problem]:
    origins = starts(workflow)
    reached = reachable(workflow, origins)
    for node in workflow.nodes:
        # Without a start nothing is reached, and that is one problem, not one a node.
        if origins and node.id not in reached:
            message = "No way leads here from the start: connect it or remove it."
            yield Problem(node.id, "unreachable", message)


_RULES: Final[tuple[Callable[[Workflow], Iterator[Problem]], ...]] = (
    _one_start,
    _an_email,
    _known_types,
    _edges_between_nodes,
    _ways_out,
    _no_loops,
    _all_reached,
)
