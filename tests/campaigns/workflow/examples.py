"""Workflows that tests begin with, and junk to throw at the readers."""

from typing import Any

from hypothesis import strategies as st

from campaigns.workflow.checking import check
from campaigns.workflow.parsing import parse
from campaigns.workflow.problems import Problem

FIELDS = frozenset({"company", "score", "since"})


def node(node_id: str, kind: str, **data: Any) -> dict[str, Any]:
    return {"id": node_id, "type": kind, "data": data}


def email(node_id: str, **data: Any) -> dict[str, Any]:
    return node(node_id, "email", **{"subject": "Hello", "body": "Hi", **data})


def edges(*pairs: str) -> list[dict[str, str]]:
    """``"a b"`` is an edge from a to b, ``"a b yes"`` one after a condition."""
    return [dict(zip(("from", "to", "when"), pair.split(), strict=False)) for pair in pairs]


def graph(nodes: list[dict[str, Any]], *pairs: str) -> dict[str, Any]:
    return {"nodes": nodes, "edges": edges(*pairs)}


def sequence(*middle: dict[str, Any]) -> dict[str, Any]:
    """A start, these nodes one after the other, an end."""
    nodes = [node("start", "start"), *middle, node("end", "end")]
    ids = [each["id"] for each in nodes]
    return graph(nodes, *(f"{before} {after}" for before, after in zip(ids, ids[1:], strict=False)))


def branching(**condition: Any) -> dict[str, Any]:
    """start → first → wait → ask → (yes: end; no: second → end)."""
    ask = {"criterion": "opened", "nodeId": "first", **condition}
    nodes = [
        node("start", "start"),
        email("first"),
        node("wait", "delay", days=2),
        node("ask", "condition", **ask),
        email("second"),
        node("end", "end"),
    ]
    return graph(nodes, "start first", "first wait", "wait ask", "ask end yes", "ask second no", "second end")


def problems(data: Any) -> list[Problem]:
    return check(parse(data), known_fields=FIELDS)


def found(data: Any) -> list[tuple[str, str]]:
    """Node id and code of each problem."""
    return [(problem.node_id, problem.code) for problem in problems(data)]


_IDS = st.sampled_from(["s", "a", "b", "c", "d", "e", "nowhere"])
_NUMBERS = st.one_of(st.integers(-1, 400), st.floats(), st.just(10**400))
_TEXTS = st.one_of(st.sampled_from(["", "x", "opened", "field", "company", "equals", "a"]), st.text(st.characters()))
_SCALARS = st.one_of(st.none(), st.booleans(), _NUMBERS, _TEXTS)
JUNK = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_TEXTS, inner, max_size=4)),
    max_leaves=8,
)
_DATA = st.one_of(
    JUNK,
    st.fixed_dictionaries(
        {},
        optional={
            "subject": st.one_of(_TEXTS, JUNK),
            "trackOpens": st.booleans(),
            "variantB": st.one_of(JUNK, st.fixed_dictionaries({"split": _NUMBERS, "criterion": _TEXTS})),
            "days": _NUMBERS,
            "criterion": _TEXTS,
            "nodeId": _IDS,
            "field": _TEXTS,
            "operator": _TEXTS,
            "value": _SCALARS,
            "unknown": JUNK,
        },
    ),
)
_KINDS = st.sampled_from(["start", "email", "delay", "condition", "end", "other"])
_JUNK_NODE = st.one_of(JUNK, st.fixed_dictionaries({"id": _IDS, "type": _KINDS}, optional={"data": _DATA, "x": JUNK}))
_JUNK_EDGE = st.one_of(JUNK, st.fixed_dictionaries({"from": _IDS, "to": _IDS}, optional={"when": _TEXTS, "z": JUNK}))
#: Nearly a workflow, with anything anywhere.
JUNK_WORKFLOWS = st.fixed_dictionaries(
    {},
    optional={
        "nodes": st.one_of(st.lists(_JUNK_NODE, max_size=6, unique_by=repr), JUNK),
        "edges": st.one_of(st.lists(_JUNK_EDGE, max_size=8), JUNK),
        "zoom": JUNK,
    },
)


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    """Well-shaped graphs, of which many pass the check: edges mostly lead forward, sometimes anywhere."""
    kinds = draw(st.lists(st.sampled_from(["email", "delay", "condition"]), min_size=1, max_size=7))
    nodes = [node("n0", "start")]
    for place, kind in enumerate(kinds, 1):
        nodes.append(_node(draw, f"n{place}", kind, place))
    nodes.append(node(f"n{len(nodes)}", "end"))
    stray = draw(st.integers(0, 3)) == 0
    pairs = []
    for place, each in enumerate(nodes[:-1]):
        for when in (" yes", " no") if each["type"] == "condition" else ("",):
            nearest = place + 1 if when != " no" else draw(st.integers(place + 1, len(nodes) - 1))
            target = draw(st.integers(0, len(nodes))) if stray and draw(st.booleans()) else nearest
            pairs.append(f"n{place} n{target}{when}")
    return graph(nodes, *pairs)


def _node(draw: st.DrawFn, node_id: str, kind: str, place: int) -> dict[str, Any]:
    if kind == "email":
        return email(node_id)
    if kind == "delay":
        return node(node_id, "delay", days=draw(st.integers(1, 9)))
    if draw(st.booleans()):
        return node(node_id, "condition", criterion="field", field="company", operator="equals", value="x")
    criterion = draw(st.sampled_from(["opened", "clicked", "replied"]))
    reference = draw(st.one_of(st.none(), st.integers(0, place).map("n{}".format)))
    return node(node_id, "condition", criterion=criterion, nodeId=reference)
