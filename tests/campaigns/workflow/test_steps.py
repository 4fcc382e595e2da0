from typing import Any

import pytest
from hypothesis import HealthCheck, event, find, given, settings
from hypothesis import strategies as st

from campaigns.workflow.checking import check
from campaigns.workflow.graph import BrokenWorkflow, Email, End, InvalidWorkflow, Workflow
from campaigns.workflow.parsing import parse
from campaigns.workflow.steps import Facts, first, next_step
from tests.campaigns.workflow.examples import (
    FIELDS,
    JUNK_WORKFLOWS,
    branching,
    edges,
    email,
    graph,
    graphs,
    node,
    problems,
    sequence,
)

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=400)
NODE_IDS = st.sampled_from([f"n{number}" for number in range(9)])
FACTS = st.builds(
    Facts,
    opened=st.sets(NODE_IDS),
    clicked=st.dictionaries(NODE_IDS, st.sets(st.sampled_from(["https://a.test", "https://b.test"]))),
    replied=st.booleans(),
    fields=st.dictionaries(st.just("company"), st.none() | st.sampled_from(["X", "y"])),
)


def after(data: Any, node_id: str, **facts: Any) -> str:
    return next_step(parse(data), node_id, Facts(**facts)).node_id


def test_a_sequence_is_walked_node_by_node() -> None:
    data = sequence(email("one"), node("wait", "delay", days=1), email("two"))
    workflow = parse(data)
    assert first(workflow).node_id == "start"
    assert [after(data, each) for each in ("start", "one", "wait", "two", "end")] == [
        "one",
        "wait",
        "two",
        "end",
        "end",
    ]


@pytest.mark.parametrize(
    ("condition", "facts", "target"),
    [
        ({}, {"opened": {"first"}}, "end"),
        ({}, {"opened": {"second"}}, "second"),
        ({"nodeId": None}, {"opened": {"first"}}, "end"),
        ({"criterion": "clicked"}, {"clicked": {"first": {"https://a.test"}}}, "end"),
        ({"criterion": "clicked"}, {"clicked": {"first": set()}}, "second"),
        ({"criterion": "clicked", "url": "https://b.test"}, {"clicked": {"first": {"https://a.test"}}}, "second"),
        ({"criterion": "clicked", "url": "https://a.test"}, {"clicked": {"first": {"https://a.test"}}}, "end"),
        ({"criterion": "replied"}, {"replied": True}, "end"),
        ({"criterion": "replied"}, {"opened": {"first"}}, "second"),
        (
            {"criterion": "field", "field": "company", "operator": "equals", "value": "acme"},
            {"fields": {"company": "ACME"}},
            "end",
        ),
        ({"criterion": "field", "field": "company", "operator": "is_empty"}, {}, "end"),
    ],
)
def test_conditions_follow_the_facts(condition: dict[str, Any], facts: dict[str, Any], target: str) -> None:
    assert after(branching(**condition), "wait", **facts) == target
    assert after(branching(**condition), "ask", **facts) == target


def test_conditions_in_a_row_are_one_step() -> None:
    ask = {"criterion": "field", "field": "company", "operator": "is_empty"}
    nodes = [node("s", "start"), node("c", "condition", **ask), node("d", "condition", **ask), node("e", "end")]
    data = graph([*nodes, email("m")], "s c", "c d yes", "c e no", "d m yes", "d e no", "m e")
    assert after(data, "s") == "m"
    assert after(data, "s", fields={"company": "x"}) == "e"


START, END = node("s", "start"), node("e", "end")
ASK = node("c", "condition", criterion="replied")


@pytest.mark.parametrize(
    "data",
    [
        graph([START]),
        graph([START, END], "s nowhere"),
        graph([START, END, email("m")], "s m", "s e", "m e"),
        graph([START, END], "s e yes"),
        graph([START, END], "s e", "s e no"),
        graph([START, node("x", "other")], "s x"),
        graph([START], "s s"),
        graph([START, ASK, END], "s c", "c e yes"),
        graph([START, ASK, END], "s c", "c c no", "c e yes"),
        graph([START, ASK, END, email("m")], "s c", "c e no", "c m no", "c m yes", "m e"),
        graph([START, email("m"), email("n")], "s m", "m n", "n m"),
        graph([START, node("c", "condition"), END], "s c", "c e yes", "c e no"),
        graph([START, node("c", "condition", criterion="opened"), END], "s c", "c e yes", "c e no"),
        graph([START, node("c", "condition", criterion="opened", nodeId="s"), END], "s c", "c e yes", "c e no"),
        graph([START, node("c", "condition", criterion="field", field="x", operator="~"), END], "s c", "c e no"),
    ],
)
def test_what_check_refuses_is_not_followed(data: Any) -> None:
    assert any(problem.severity == "error" for problem in problems(data))
    with pytest.raises(BrokenWorkflow):
        next_step(parse(data), "s", Facts())


def test_a_node_that_is_gone() -> None:
    with pytest.raises(BrokenWorkflow, match="no node “gone”"):
        next_step(parse(branching()), "gone", Facts())


@pytest.mark.parametrize("nodes", [[], [START, node("t", "start")]])
def test_first_needs_exactly_one_start(nodes: list[Any]) -> None:
    with pytest.raises(BrokenWorkflow, match="exactly one start"):
        first(parse({"nodes": nodes, "edges": edges()}))


def walk(workflow: Workflow, facts: Facts) -> list[str]:
    """The ids of the nodes stood at, from the start to an end, at most as many as there are nodes."""
    step = first(workflow)
    path = [step.node_id]
    while not isinstance(step.node, End):
        assert len(path) <= len(workflow.nodes), "went on past the number of nodes"
        step = next_step(workflow, step.node_id, facts)
        path.append(step.node_id)
    return path


def passes(data: Any) -> bool:
    return not any(problem.severity == "error" for problem in problems(data))


@PATIENT
@given(graphs(), FACTS)
def test_what_check_passes_always_ends(data: dict[str, Any], facts: Facts) -> None:
    event(f"passes: {passes(data)}")
    if not passes(data):
        return
    workflow = parse(data)
    path = walk(workflow, facts)
    emails = [node_id for node_id in path if isinstance(workflow.by_id[node_id], Email)]
    assert len(emails) == len(set(emails))


def test_random_graphs_hold_some_that_pass_and_some_that_fail() -> None:
    def rich(data: Any) -> bool:
        kinds = [each["type"] for each in data["nodes"]]
        return kinds.count("email") > 1 and "opened" in str(data) and passes(data)

    assert find(graphs(), rich)
    assert find(graphs(), lambda data: any(problem.code == "loop" for problem in problems(data)))


@PATIENT
@given(graphs(), FACTS)
def test_a_refused_graph_never_walks_for_ever(data: dict[str, Any], facts: Facts) -> None:
    try:
        walk(parse(data), facts)
    except BrokenWorkflow:
        assert not passes(data)


@PATIENT
@given(JUNK_WORKFLOWS, FACTS)
def test_junk_is_followed_or_refused(data: Any, facts: Facts) -> None:
    try:
        workflow = parse(data)
    except InvalidWorkflow:
        return
    for each in workflow.nodes:
        try:
            next_step(workflow, each.id, facts)
        except BrokenWorkflow:
            assert any(problem.severity == "error" for problem in check(workflow, known_fields=FIELDS))
