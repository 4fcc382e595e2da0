"""The graph that a campaign follows: nodes, the edges between them, and how both are written as JSON."""

import copy
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Final

JsonObject = dict[str, Any]

MAX_NODES: Final = 200
MAX_EDGES: Final = 400
CRITERIA: Final = ("opened", "clicked", "replied", "field")
#: What two versions of an e-mail may be compared by.
VARIANT_CRITERIA: Final = ("opened", "clicked", "replied")
OPERATORS: Final = ("equals", "not_equals", "contains", "is_empty", "greater", "less")
#: What they are called as well, written without case, spaces, hyphens and underscores.
OPERATOR_NAMES: Final = {name.replace("_", ""): name for name in OPERATORS} | {
    "is": "equals",
    "not": "not_equals",
    "isnot": "not_equals",
    "empty": "is_empty",
    "greaterthan": "greater",
    "isgreaterthan": "greater",
    "lessthan": "less",
    "islessthan": "less",
}
YES: Final = "yes"
NO: Final = "no"


class InvalidWorkflow(ValueError):
    """Not a workflow at all; ``problems`` maps each path (``nodes.2.data.days``) to what is wrong there."""

    def __init__(self, problems: dict[str, list[str]]) -> None:
        self.problems = problems
        super().__init__(next(iter(problems.values()))[0])


class BrokenWorkflow(ValueError):
    """A workflow that can't be followed from here: one that ``checking.check`` refuses. ``str()`` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A step. ``extra`` and ``data_extra`` hold the unknown keys beside ``id`` and inside ``data``."""

    id: str
    extra: JsonObject = field(default_factory=dict, hash=False)
    data_extra: JsonObject = field(default_factory=dict, hash=False)
    kind: ClassVar[str] = ""

    def known_data(self) -> JsonObject:
        """The known keys of ``data``, in their order; None where a key isn't given."""
        return {}

    def as_json(self) -> JsonObject:
        """The node as the API writes it."""
        data = _written(self.known_data(), self.data_extra)
        return _written({"id": self.id, "type": self.kind, "data": data}, self.extra)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(Node):
    """Where every contact begins."""

    kind: ClassVar[str] = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Version B of an e-mail. ``split`` is the percentage of contacts who get it, ``criterion`` the rate by
    which the versions are compared.

    ``sample_size`` (contacts, both versions together) and ``wait_hours``: when the better version is chosen
    by itself. With neither, a person chooses.
    """

    subject: str = ""
    body: str = ""
    split: int | float = 50
    criterion: str = "opened"
    sample_size: int | float | None = None
    wait_hours: int | float | None = None
    extra: JsonObject = field(default_factory=dict, hash=False)

    @property
    def automatic(self) -> bool:
        """Whether the winner is chosen without a person."""
        return self.sample_size is not None or self.wait_hours is not None

    def as_json(self) -> JsonObject:
        """The variant as the API writes it."""
        known = {
            "subject": self.subject,
            "body": self.body,
            "split": self.split,
            "criterion": self.criterion,
            "sampleSize": self.sample_size,
            "waitHours": self.wait_hours,
        }
        return _written(known, self.extra)


@dataclass(frozen=True, slots=True, kw_only=True)
class Email(Node):
    """An e-mail to send. With ``variant_b``, the subject and body are those of version A."""

    kind: ClassVar[str] = "email"
    subject: str = ""
    body: str = ""
    track_opens: bool = True
    track_clicks: bool = True
    variant_b: Variant | None = None

    def known_data(self) -> JsonObject:
        return {
            "subject": self.subject,
            "body": self.body,
            "trackOpens": self.track_opens,
            "trackClicks": self.track_clicks,
            "variantB": self.variant_b.as_json() if self.variant_b else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(Node):
    """A wait of days or of hours: one of the two once it is finished."""

    kind: ClassVar[str] = "delay"
    days: int | float | None = None
    hours: int | float | None = None
    business_days: bool = False

    def known_data(self) -> JsonObject:
        return {"days": self.days, "hours": self.hours, "businessDays": self.business_days}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Node):
    """A question with the answers yes and no.

    ``opened`` and ``clicked`` ask about the e-mail ``node_id``, or the nearest one before; ``clicked`` about
    the link ``url``, or any; ``replied`` about the whole campaign; ``field`` compares a contact's field.
    """

    kind: ClassVar[str] = "condition"
    criterion: str | None = None
    node_id: str | None = None
    url: str | None = None
    field: str | None = None
    operator: str | None = None
    value: str | int | float | bool | None = None

    def known_data(self) -> JsonObject:
        return {
            "criterion": self.criterion,
            "nodeId": self.node_id,
            "url": self.url,
            "field": self.field,
            "operator": self.operator,
            "value": self.value,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class End(Node):
    """Where a contact has completed the campaign."""

    kind: ClassVar[str] = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown(Node):
    """A node of a type that isn't ours, kept as it came. ``type`` is empty where none was given."""

    type: str = ""

    def as_json(self) -> JsonObject:
        known = {"id": self.id, "type": self.type or None, "data": _written({}, self.data_extra)}
        return _written(known, self.extra)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A way from one node (``source``) to another (``target``); either is empty in a draft. ``when`` is the
    condition's answer."""

    source: str = ""
    target: str = ""
    when: str | None = None
    extra: JsonObject = field(default_factory=dict, hash=False)

    def as_json(self) -> JsonObject:
        """The edge as the API writes it."""
        return _written({"from": self.source, "to": self.target, "when": self.when}, self.extra)


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """A workflow, perhaps unfinished. Node ids are unique."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    extra: JsonObject = field(default_factory=dict, hash=False)

    def as_json(self) -> JsonObject:
        """The workflow as the API writes it: known keys in the documented order, then unknown ones by name.

        Defaults are written out, keys that were null are left out.
        """
        known = {
            "nodes": [node.as_json() for node in self.nodes],
            "edges": [edge.as_json() for edge in self.edges],
        }
        return _written(known, self.extra)

    @cached_property
    def by_id(self) -> dict[str, Node]:
        """Node id -> node, in the workflow's order."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def outgoing(self) -> dict[str, tuple[Edge, ...]]:
        """Node id -> the edges out of it."""
        return _grouped((edge.source, edge) for edge in self.edges)

    @cached_property
    def incoming(self) -> dict[str, tuple[Edge, ...]]:
        """Node id -> the edges into it."""
        return _grouped((edge.target, edge) for edge in self.edges)


def digest(workflow: Workflow) -> str:
    """64 hexadecimal digits that stand for this version of the workflow, whatever order its keys came in.

    The order of nodes and edges counts, and so do unknown keys.
    """
    text = json.dumps(workflow.as_json(), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _written(known: JsonObject, extra: JsonObject) -> JsonObject:
    """Known keys that hold something, then the unknown ones by name."""
    found = {key: value for key, value in known.items() if value is not None}
    found.update((key, copy.deepcopy(extra[key])) for key in sorted(extra))
    return found


def _grouped(pairs: Iterable[tuple[str, Edge]]) -> dict[str, tuple[Edge, ...]]:
    groups: dict[str, list[Edge]] = {}
    for key, edge in pairs:
        groups.setdefault(key, []).append(edge)
    return {key: tuple(edges) for key, edges in groups.items()}
