"""Everything that must hold before a campaign starts."""

from collections.abc import Callable, Collection, Iterator
from typing import Final

from campaigns.workflow.content import check_content
from campaigns.workflow.graph import NO, YES, Condition, Edge, Email, End, Node, Start, Unknown, Workflow
from campaigns.workflow.paths import loops, reachable, starts
from campaigns.workflow.plain import shown
from campaigns.workflow.problems import Limits, Problem, named
from fluenzr_site.core.saying import say

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
        yield Problem("", "no_start", say("The workflow has no start: add one start node."))
    for node_id in others:
        yield Problem(
            node_id,
            "second_start",
            say("The workflow starts at %(first)s already: remove this start.", first=named([first])),
        )


def _an_email(workflow: Workflow) -> Iterator[Problem]:
    if not any(isinstance(node, Email) for node in workflow.nodes):
        yield Problem("", "no_email", say("The workflow sends nothing: add at least one e-mail."))


def _known_types(workflow: Workflow) -> Iterator[Problem]:
    for node in workflow.nodes:
        if isinstance(node, Unknown):
            is_now = (
                say("The type “%(type)s” isn't known", type=shown(node.type))
                if node.type
                else say("The type is missing")
            )
            yield Problem(
                node.id, "unknown_type", say("%(is_now)s: use start, email, delay, condition or end.", is_now=is_now)
            )


def _edges_between_nodes(workflow: Workflow) -> Iterator[Problem]:
    for edge in workflow.edges:
        source, target = workflow.by_id.get(edge.source), workflow.by_id.get(edge.target)
        if source is None:
            missing = _missing(edge.source)
            yield Problem(
                target.id if target else "",
                "edge_from_nowhere",
                say("An edge comes from %(missing)s.", missing=missing),
            )
        if target is None:
            missing = _missing(edge.target)
            yield Problem(
                source.id if source else "", "edge_to_nowhere", say("An edge leads to %(missing)s.", missing=missing)
            )
        if isinstance(target, Start):
            yield Problem(
                target.id, "edge_into_start", say("An edge leads into the start: nothing may come before it.")
            )
        if isinstance(source, End):
            yield Problem(source.id, "edge_out_of_end", say("An edge leads out of an end: nothing may come after it."))


def _missing(node_id: str) -> str:
    what = say("“%(node_id)s”, which doesn't exist", node_id=shown(node_id)) if node_id else say("no node")
    return say("%(what)s: connect it to a node or remove it", what=what)


def _ways_out(workflow: Workflow) -> Iterator[Problem]:
    for node in workflow.nodes:
        edges = workflow.outgoing.get(node.id, ())
        if isinstance(node, Condition):
            yield from _answers(node, edges)
        elif not isinstance(node, End | Unknown):
            yield from _one_way_out(node, edges)


def _one_way_out(node: Node, edges: tuple[Edge, ...]) -> Iterator[Problem]:
    if not edges:
        yield Problem(node.id, "dead_end", say("The branch stops here: connect it to the next step or to an end."))
    if len(edges) > 1:
        message = say("%(count)s edges lead on from here: keep one, or put a condition before them.", count=len(edges))
        yield Problem(node.id, "several_edges", message)
    if any(edge.when is not None for edge in edges):
        message = say("An edge from here says yes or no, as only those after a condition do: remove it.")
        yield Problem(node.id, "when_without_condition", message)


def _answers(node: Condition, edges: tuple[Edge, ...]) -> Iterator[Problem]:
    for answer in (YES, NO):
        count = sum(edge.when == answer for edge in edges)
        if count == 0:
            yield Problem(
                node.id,
                f"no_{answer}_edge",
                say("Nothing follows “%(answer)s”: connect it to a step or an end.", answer=answer),
            )
        if count > 1:
            message = say("%(count)s edges follow “%(answer)s”: keep one.", count=count, answer=answer)
            yield Problem(node.id, f"several_{answer}_edges", message)
    if any(edge.when not in (YES, NO) for edge in edges):
        message = say("An edge after this condition says neither yes nor no: choose one of them.")
        yield Problem(node.id, "when_missing", message)


def _no_loops(workflow: Workflow) -> Iterator[Problem]:
    for loop in loops(workflow):
        message = say(
            "The steps %(loop)s form a loop, so that a contact would never leave: remove an edge.", loop=named(loop)
        )
        yield Problem(loop[0], "loop", message)


def _all_reached(workflow: Workflow) -> Iterator[Problem]:
    origins = starts(workflow)
    reached = reachable(workflow, origins)
    for node in workflow.nodes:
        # Without a start nothing is reached, and that is one problem, not one a node.
        if origins and node.id not in reached:
            message = say("No way leads here from the start: connect it or remove it.")
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
