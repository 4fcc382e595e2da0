"""Which nodes follow which."""

import heapq
from collections.abc import Iterable

from campaigns.workflow.graph import Condition, Delay, Email, Node, Start, Workflow


def reachable(workflow: Workflow, origins: Iterable[str], *, without: str | None = None) -> set[str]:
    """The nodes that exist and can be reached from ``origins``, themselves included, not passing ``without``."""
    found: set[str] = set()
    waiting = [origin for origin in origins if origin != without and origin in workflow.by_id]
    while waiting:
        node_id = waiting.pop()
        if node_id not in found:
            found.add(node_id)
            waiting += [target for target in following(workflow, node_id) if target != without]
    return found


def following(workflow: Workflow, node_id: str) -> list[str]:
    """The nodes that exist right after this one."""
    return [edge.target for edge in workflow.outgoing.get(node_id, ()) if edge.target in workflow.by_id]


def in_loop(workflow: Workflow, node_id: str) -> bool:
    """Whether a contact who leaves this node could come back to it."""
    return node_id in reachable(workflow, following(workflow, node_id))


def loops(workflow: Workflow) -> list[list[str]]:
    """The ids of the nodes of each loop; loops that share a node are one. All in the workflow's order."""
    after = {node_id: reachable(workflow, following(workflow, node_id)) for node_id in workflow.by_id}
    found: list[list[str]] = []
    taken: set[str] = set()
    for node_id in workflow.by_id:
        if node_id in after[node_id] and node_id not in taken:
            loop = [other for other in workflow.by_id if other in after[node_id] and node_id in after[other]]
            taken.update(loop)
            found.append(loop)
    return found


def emails_in_order(workflow: Workflow) -> list[Email]:
    """The e-mails as they follow one another from the start: the first of them is e-mail 1.

    Of several that could be next, the workflow's order decides. In a draft, those that no way leads to come last,
    and in a loop the workflow's order decides too.
    """
    places = {node_id: place for place, node_id in enumerate(workflow.by_id)}
    inside = reachable(workflow, starts(workflow))
    before = dict.fromkeys(inside, 0)
    for node_id in inside:
        for target in following(workflow, node_id):
            before[target] += 1
    order: dict[str, None] = {}
    waiting = [places[node_id] for node_id, count in before.items() if count == 0]
    heapq.heapify(waiting)
    ids = list(workflow.by_id)
    while waiting:
        node_id = ids[heapq.heappop(waiting)]
        order[node_id] = None
        for target in following(workflow, node_id):
            before[target] -= 1
            if before[target] == 0:
                heapq.heappush(waiting, places[target])
    rest = sorted(workflow.by_id, key=lambda node_id: (node_id not in inside, places[node_id]))
    found = (workflow.by_id[node_id] for node_id in [*order, *(each for each in rest if each not in order)])
    return [node for node in found if isinstance(node, Email)]


def starts(workflow: Workflow) -> list[str]:
    """The ids of the start nodes; one, once the workflow is finished."""
    return [node.id for node in workflow.nodes if isinstance(node, Start)]


def surely_passed(workflow: Workflow, node_id: str, before: str) -> bool:
    """Whether every way from the start to ``before`` passes ``node_id`` first."""
    return node_id != before and before not in reachable(workflow, starts(workflow), without=node_id)


def nearest_email(workflow: Workflow, node_id: str) -> str | None:
    """The last e-mail passed before this node; None where there is none or where it differs by the way taken."""
    emails = _emails_before(workflow, node_id, (Condition, Delay))
    if len(emails) != 1:
        return None
    (email,) = emails
    return email if surely_passed(workflow, email, node_id) else None


def emails_just_before(workflow: Workflow, node_id: str) -> set[str]:
    """The e-mails from which a way leads to this node through nothing but conditions."""
    return _emails_before(workflow, node_id, (Condition,))


def _emails_before(workflow: Workflow, node_id: str, through: tuple[type[Node], ...]) -> set[str]:
    """The first e-mails met on the way back from a node, through nodes of these types."""
    emails: set[str] = set()
    seen: set[str] = set()
    waiting = [node_id]
    while waiting:
        for edge in workflow.incoming.get(waiting.pop(), ()):
            node = workflow.by_id.get(edge.source)
            if isinstance(node, Email):
                emails.add(node.id)
            elif isinstance(node, through) and node.id not in seen:
                seen.add(node.id)
                waiting.append(node.id)
    return emails
