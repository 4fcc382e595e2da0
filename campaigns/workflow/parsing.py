"""Reads a workflow from the API's JSON, as unfinished as a draft may be."""

import re
from collections.abc import Callable
from typing import Any, Final

from campaigns.workflow.graph import (
    MAX_EDGES,
    MAX_NODES,
    OPERATOR_NAMES,
    Condition,
    Delay,
    Edge,
    Email,
    End,
    InvalidWorkflow,
    JsonObject,
    Node,
    Start,
    Unknown,
    Variant,
    Workflow,
)
from campaigns.workflow.plain import plain, shown
from fluenzr_site.core.saying import say

MAX_NODE_ID: Final = 100
NOT_A_WORKFLOW: Final = say("Must be an object with nodes and edges")
_TEXT: Final = say("Must be text")
_FLAG: Final = say("Must be true or false")
_NUMBER: Final = say("Must be a number")
_SCALAR: Final = say("Must be text, a number, true or false")
_OBJECT: Final = say("Must be an object")
_LIST: Final = say("Must be a list")
_WHOLE: Final = 2**53


def parse(data: Any) -> Workflow:
    """The workflow in ``data``: decoded JSON, ``{"nodes": [{id, type, data}], "edges": [{from, to, when?}]}``.

    Drafts pass: what is absent or null gets its default, unknown types and keys are kept. Raises
    InvalidWorkflow, naming every wrong path at once, only for what hasn't the shape of a workflow: wrong JSON
    types, nodes without an id or with one used twice, more than 200 nodes or 400 edges, and values that can't
    be stored.
    """
    problems: dict[str, list[str]] = {}
    root = _Reader(_as_object(plain(data)), "", problems)
    nodes, edges = root.items("nodes", MAX_NODES), root.items("edges", MAX_EDGES)
    _refuse(problems)
    workflow = Workflow(
        nodes=tuple(_node(reader) for reader in nodes),
        edges=tuple(_edge(reader) for reader in edges),
        extra=root.rest,
    )
    _find_duplicates(workflow, problems)
    _refuse(problems)
    return workflow


class _Reader:
    """Takes the known keys out of an object; what is left in ``rest`` at the end is unknown.

    A key of the wrong type joins ``problems`` and reads as None.
    """

    def __init__(self, data: JsonObject, path: str, problems: dict[str, list[str]]) -> None:
        self.rest = dict(data)
        self.path = path
        self.problems = problems

    def refuse(self, key: str, message: str) -> None:
        self.problems.setdefault(f"{self.path}.{key}".strip("."), []).append(message)

    def text(self, key: str) -> str | None:
        value = self._take(key, (str,), _TEXT)
        return None if value is None else str(value)

    def flag(self, key: str, default: bool) -> bool:
        value = self._take(key, (bool,), _FLAG)
        return default if value is None else bool(value)

    def number(self, key: str) -> int | float | None:
        value = self._take(key, (int, float), _NUMBER)
        return None if value is None else _number(value)

    def scalar(self, key: str) -> str | int | float | bool | None:
        value: str | int | float | bool | None
        value = self._take(key, (str, int, float, bool), _SCALAR)
        return value

    def object(self, key: str) -> "_Reader | None":
        value = self._take(key, (dict,), _OBJECT)
        return None if value is None else _Reader(value, f"{self.path}.{key}".strip("."), self.problems)

    def items(self, key: str, limit: int) -> list["_Reader"]:
        """Readers of the objects in a list; none where the list, or one of its items, is wrong."""
        values = self._take(key, (list,), _LIST) or []
        if len(values) > limit:
            self.refuse(key, say("Must be at most %(most)s, not %(count)s", most=limit, count=str(len(values))))
            return []
        for index, value in enumerate(values):
            if not isinstance(value, dict):
                self.refuse(f"{key}.{index}", _OBJECT)
        return [
            _Reader(value, f"{key}.{index}", self.problems)
            for index, value in enumerate(values)
            if isinstance(value, dict)
        ]

    def _take(self, key: str, types: tuple[type, ...], message: str) -> Any:
        value = self.rest.pop(key, None)
        # True is an int in Python, but no number in JSON.
        if value is None or (isinstance(value, types) and (not isinstance(value, bool) or bool in types)):
            return value
        self.refuse(key, message)
        return None


def _node(reader: _Reader) -> Node:
    node_id = reader.text("id") or ""
    if not 1 <= len(node_id) <= MAX_NODE_ID and f"{reader.path}.id" not in reader.problems:
        reader.refuse("id", say("Must be a text of 1 to %(most)s characters", most=MAX_NODE_ID))
    kind = reader.text("type") or ""
    data = reader.object("data") or _Reader({}, f"{reader.path}.data", reader.problems)
    if kind not in _KNOWN_DATA:
        return Unknown(id=node_id, type=kind, extra=reader.rest, data_extra=data.rest)
    make, known = _KNOWN_DATA[kind]
    return make(id=node_id, extra=reader.rest, **known(data), data_extra=data.rest)


def _edge(reader: _Reader) -> Edge:
    return Edge(
        source=reader.text("from") or "",
        target=reader.text("to") or "",
        when=reader.text("when"),
        extra=reader.rest,
    )


def _nothing(_data: _Reader) -> JsonObject:
    return {}


def _email(data: _Reader) -> JsonObject:
    variant = data.object("variantB")
    return {
        "subject": data.text("subject") or "",
        "body": data.text("body") or "",
        "track_opens": data.flag("trackOpens", True),
        "track_clicks": data.flag("trackClicks", True),
        "variant_b": _variant(variant) if variant else None,
    }


def _variant(data: _Reader) -> Variant:
    split, criterion = data.number("split"), data.text("criterion")
    return Variant(
        subject=data.text("subject") or "",
        body=data.text("body") or "",
        split=50 if split is None else split,
        criterion="opened" if criterion is None else criterion,
        sample_size=data.number("sampleSize"),
        wait_hours=data.number("waitHours"),
        extra=data.rest,
    )


def _delay(data: _Reader) -> JsonObject:
    return {
        "days": data.number("days"),
        "hours": data.number("hours"),
        "business_days": data.flag("businessDays", False),
    }


def _condition(data: _Reader) -> JsonObject:
    return {
        "criterion": data.text("criterion"),
        "node_id": data.text("nodeId"),
        "url": data.text("url"),
        "field": data.text("field"),
        "operator": _operator(data.text("operator")),
        "value": data.scalar("value"),
    }


def _operator(given: str | None) -> str | None:
    """The operator under its own name; one that isn't known is kept as it came, to be named when it starts."""
    return None if given is None else OPERATOR_NAMES.get(re.sub(r"[\s_-]", "", given).casefold(), given)


_KNOWN_DATA: Final[dict[str, tuple[Callable[..., Node], Callable[[_Reader], JsonObject]]]] = {
    Start.kind: (Start, _nothing),
    Email.kind: (Email, _email),
    Delay.kind: (Delay, _delay),
    Condition.kind: (Condition, _condition),
    End.kind: (End, _nothing),
}


def _as_object(data: Any) -> JsonObject:
    if not isinstance(data, dict):
        raise InvalidWorkflow({"": [NOT_A_WORKFLOW]})
    return data


def _number(value: int | float) -> int | float:
    """JSON doesn't tell 2.0 from 2."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE else value


def _find_duplicates(workflow: Workflow, problems: dict[str, list[str]]) -> None:
    seen: set[str] = set()
    for index, node in enumerate(workflow.nodes):
        if node.id and node.id in seen:
            message = say("Must be an id of its own: “%(id)s” is used by a node before", id=shown(node.id))
            problems.setdefault(f"nodes.{index}.id", []).append(message)
        seen.add(node.id)


def _refuse(problems: dict[str, list[str]]) -> None:
    if problems:
        raise InvalidWorkflow(problems)
