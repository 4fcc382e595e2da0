"""What the description of campaigns can't say of its bodies, put right before they are sent."""

from collections.abc import Callable
from typing import Any

Body = dict[str, Any]
_FILTERS = ("status", "groups", "tags", "customFields", "pipelineStageId", "createdAfter", "createdBefore")


def completed(path: str, body: Any, world: dict[str, list[str]]) -> Any:
    """The body of a call of campaigns, as far as its shape is right: what is wrong on purpose stays wrong."""
    if not isinstance(body, dict) or "/campaigns" not in path:
        return body
    body = dict(body)
    if path.endswith("/contacts"):
        return _with_one_way(body, world)
    for name, mend in _MENDED.items():
        if isinstance(body.get(name), dict):
            body[name] = mend(dict(body[name]))
    return body


def _with_one_way(body: Body, world: dict[str, list[str]]) -> Body:
    """Exactly one of the ways to name contacts, whichever comes first."""
    ways = [name for name in ("contactIds", "groupIds", "groupId", "filters") if name in body]
    if body and not ways:
        return body | {"groupId": world["group-id"][0]}
    body = {name: value for name, value in body.items() if name not in ways[1:]}
    return body | {"filters": _narrowing(body["filters"])} if isinstance(body.get("filters"), dict) else body


def _narrowing(filters: Body) -> Body:
    """None that isn't known, and at least one that leaves somebody out."""
    known = _only(filters, _FILTERS)
    return known if any(value not in (None, [], {}) for value in known.values()) else known | {"status": "active"}


def _settings(settings: Body) -> Body:
    """Hours in their order, and both of them, since one is measured by the other that is kept."""
    given = [name for name in ("sendHoursStart", "sendHoursEnd") if name in settings]
    start, end = settings.get("sendHoursStart", 0), settings.get("sendHoursEnd", 24)
    hours = {"sendHoursStart": start, "sendHoursEnd": end}
    if given and all(_is_hour(hour) for hour in hours.values()) and start < 24 and end > 0:
        hours = {"sendHoursStart": start, "sendHoursEnd": end if end > start else start + 1}
        return settings | hours
    return settings


def _is_hour(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value % 1 == 0 and 0 <= value <= 24


def _workflow(workflow: Body) -> Body:
    """Nodes with ids of their own, and no keys that ours would be judged by."""
    nodes = workflow.get("nodes")
    if isinstance(nodes, list):
        workflow = workflow | {"nodes": [_node(node, number) for number, node in enumerate(nodes)]}
    if isinstance(workflow.get("edges"), list):
        workflow = workflow | {"edges": [_only(edge, ("from", "to", "when")) for edge in workflow["edges"]]}
    return {name: workflow[name] for name in ("nodes", "edges") if name in workflow}


def _node(node: Any, number: int) -> Any:
    if not isinstance(node, dict):
        return node
    node_id = node.get("id")
    if isinstance(node_id, str) and 0 < len(node_id) <= 90:
        node = node | {"id": f"{node_id} {number}"}
    known: Body = _only(node, ("id", "type", "data"))
    return known | ({"data": _only(known["data"], ("subject", "body"))} if "data" in known else {})


def _only(value: Any, names: tuple[str, ...]) -> Any:
    return {name: value[name] for name in names if name in value} if isinstance(value, dict) else value


_MENDED: dict[str, Callable[[Body], Body]] = {"settings": _settings, "workflow": _workflow}
