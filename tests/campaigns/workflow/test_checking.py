import time
from typing import Any

import pytest

from campaigns.workflow.checking import check
from campaigns.workflow.graph import Email, Workflow
from campaigns.workflow.parsing import parse
from campaigns.workflow.problems import Limits
from tests.campaigns.workflow.examples import branching, edges, email, found, graph, node, problems, sequence

START, END = node("s", "start"), node("e", "end")
MAIL = email("m")
ASK = node("c", "condition", criterion="field", field="company", operator="is_empty")


def variant(**data: Any) -> dict[str, Any]:
    return sequence(email("m", variantB={"subject": "B", "body": "b", **data}))


@pytest.mark.parametrize(
    "data",
    [
        sequence(MAIL),
        sequence(MAIL, node("d", "delay", days=365), email("n")),
        sequence(MAIL, node("d", "delay", hours=8760, businessDays=True), email("n")),
        branching(),
        branching(nodeId=None),
        branching(criterion="clicked", url="https://example.com"),
        branching(criterion="replied", nodeId=None),
        branching(criterion="field", field="score", operator="greater", value=0),
        branching(criterion="field", field="score", operator="is_empty"),
        branching(criterion="field", field="company", operator="equals", value=False),
        graph([START, ASK, MAIL, END], "s c", "c m yes", "c e no", "m e"),
        variant(),
        variant(split=1, criterion="replied", sampleSize=1, waitHours=1),
    ],
)
def test_nothing_wrong(data: Any) -> None:
    assert problems(data) == []


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, [("", "no_start"), ("", "no_email")]),
        (graph([MAIL, END], "m e"), [("", "no_start")]),
        (graph([START, MAIL, END, node("t", "start")], "s m", "m e", "t m"), [("t", "second_start")]),
        (sequence(), [("", "no_email")]),
        (sequence(MAIL, node("x", "sms")), [("x", "unknown_type")]),
        (sequence(MAIL, {"id": "x"}), [("x", "unknown_type")]),
        (graph([START, MAIL, END], "s m", "m e", "gone e"), [("e", "edge_from_nowhere")]),
        (graph([START, MAIL, END], "s m", "m gone"), [("m", "edge_to_nowhere"), ("e", "unreachable")]),
        (
            {**graph([START, MAIL, END]), "edges": [*edges("s m", "m e"), {}]},
            [("", "edge_from_nowhere"), ("", "edge_to_nowhere")],
        ),
        (graph([START, MAIL, END, email("x")], "s m", "m e", "x e"), [("x", "unreachable")]),
        (graph([START, MAIL], "s m"), [("m", "dead_end")]),
        (graph([START, MAIL, END]), [("s", "dead_end"), ("m", "dead_end"), ("m", "unreachable"), ("e", "unreachable")]),
        (graph([START, ASK, MAIL, END], "s c", "c m yes", "m e"), [("c", "no_no_edge")]),
        (graph([START, ASK, MAIL, END], "s c", "c m no", "m e"), [("c", "no_yes_edge")]),
        (
            graph([START, ASK, MAIL, END], "s c", "c m no", "c m yes", "c e yes", "m e"),
            [("c", "several_yes_edges")],
        ),
        (graph([START, ASK, MAIL, END], "s c", "c m no", "c m yes", "c e no", "m e"), [("c", "several_no_edges")]),
        (graph([START, ASK, MAIL, END], "s c", "c m no", "c m yes", "c e", "m e"), [("c", "when_missing")]),
        (graph([START, ASK, MAIL, END], "s c", "c m no", "c m yes", "c e YES", "m e"), [("c", "when_missing")]),
        (graph([START, MAIL, END], "s m", "m e", "m e"), [("m", "several_edges")]),
        (graph([START, MAIL, END], "s m", "m e yes"), [("m", "when_without_condition")]),
        (graph([START, MAIL, END], "s m yes", "m e"), [("s", "when_without_condition")]),
        (graph([START, MAIL, END, email("n")], "s m", "m e", "e n", "n e"), [("e", "edge_out_of_end"), ("e", "loop")]),
        (graph([START, MAIL], "s m", "m s"), [("s", "edge_into_start"), ("s", "loop")]),
        (graph([START, MAIL, END], "s m", "m m"), [("m", "loop"), ("e", "unreachable")]),
        (sequence(email("m", subject=" \n", body="")), [("m", "subject_empty"), ("m", "body_empty")]),
        (sequence(email("m", subject="x" * 501)), [("m", "subject_too_long")]),
        (variant(subject="", body=" "), [("m", "variant_b_subject_empty"), ("m", "variant_b_body_empty")]),
        *((variant(split=split), [("m", "split_out_of_range")]) for split in (0, 100, 33.3, -5)),
        (variant(criterion="delivered"), [("m", "variant_criterion_unknown")]),
        (variant(sampleSize=0, waitHours=1.5), [("m", "sample_size_invalid"), ("m", "wait_hours_invalid")]),
        (
            sequence(email("m", trackOpens=False, variantB={"subject": "B", "body": "b"})),
            [("m", "variant_untracked")],
        ),
        (branching(criterion=None), [("ask", "criterion_unknown")]),
        (branching(criterion="bounced"), [("ask", "criterion_unknown")]),
        (branching(nodeId="wait"), [("ask", "not_an_email")]),
        (branching(nodeId="gone"), [("ask", "not_an_email")]),
        (branching(criterion="replied", nodeId="wait"), [("ask", "not_an_email")]),
        (branching(nodeId="second"), [("ask", "email_not_passed")]),
        (branching(criterion="field", operator="is_empty"), [("ask", "field_missing")]),
        (branching(criterion="field", field="shoe", operator="is_empty"), [("ask", "field_unknown")]),
        (branching(criterion="field", field="company"), [("ask", "operator_unknown")]),
        (branching(criterion="field", field="company", operator="like"), [("ask", "operator_unknown")]),
        (branching(criterion="field", field="company", operator="equals"), [("ask", "value_missing")]),
        (branching(criterion="field", field="company", operator="less", value=" "), [("ask", "value_missing")]),
    ],
)
def test_each_rule(data: Any, expected: list[tuple[str, str]]) -> None:
    assert found(data) == expected


@pytest.mark.parametrize(
    ("delay", "code"),
    [
        ({}, "delay_unclear"),
        ({"days": 1, "hours": 1}, "delay_unclear"),
        ({"days": 0}, "delay_out_of_range"),
        ({"days": -1}, "delay_out_of_range"),
        ({"days": 1.5}, "delay_out_of_range"),
        ({"days": 366}, "delay_out_of_range"),
        ({"hours": 0}, "delay_out_of_range"),
        ({"hours": 8761}, "delay_out_of_range"),
        ({"hours": 1e18}, "delay_out_of_range"),
    ],
)
def test_each_rule_of_delays(delay: dict[str, Any], code: str) -> None:
    assert found(sequence(MAIL, node("d", "delay", **delay))) == [("d", code)]


@pytest.mark.parametrize(("criterion", "flag"), [("opened", "trackOpens"), ("clicked", "trackClicks")])
def test_a_condition_needs_tracking(criterion: str, flag: str) -> None:
    data = branching(criterion=criterion)
    data["nodes"][1]["data"] |= {"trackOpens": True, "trackClicks": True, flag: False}
    assert found(data) == [("ask", "email_untracked")]
    data["nodes"][1]["data"] |= {"trackOpens": False, "trackClicks": False, flag: True}
    assert found(data) == []


def test_an_email_on_one_branch_only_is_not_surely_passed() -> None:
    nodes = [START, ASK, MAIL, node("d", "delay", days=1), node("q", "condition", criterion="opened"), END]
    data = graph(nodes, "s c", "c m yes", "c d no", "m d", "d q", "q e yes", "q e no")
    assert found(data) == [("q", "email_unclear")]
    nodes[4]["data"]["nodeId"] = "m"
    assert found(data) == [("q", "email_not_passed")]


def test_a_condition_right_after_an_email_is_a_warning() -> None:
    nodes = [START, MAIL, ASK, node("q", "condition", criterion="replied"), END]
    (problem,) = problems(graph(nodes, "s m", "m c", "c q yes", "c e no", "q e yes", "q e no"))
    assert (problem.node_id, problem.code, problem.severity) == ("q", "no_delay_before_condition", "warning")
    assert "“m”" in problem.message


def test_a_loop_names_its_nodes() -> None:
    nodes = [START, MAIL, ASK, email("x"), email("y"), END]
    data = graph(nodes, "s m", "m c", "c m yes", "c e no", "x y", "y x")
    loops = [problem for problem in problems(data) if problem.code == "loop"]
    assert [problem.node_id for problem in loops] == ["m", "x"]
    assert "“m”, “c” form" in loops[0].message


def test_problems_come_in_one_order_each_once() -> None:
    nodes = [email("z", subject=""), START, node("d", "delay"), email("a", body="")]
    data = graph(nodes, "z gone", "z gone", "s d")
    assert found(data) == [
        ("z", "edge_to_nowhere"),
        ("z", "several_edges"),
        ("z", "unreachable"),
        ("z", "subject_empty"),
        ("d", "dead_end"),
        ("d", "delay_unclear"),
        ("a", "dead_end"),
        ("a", "unreachable"),
        ("a", "body_empty"),
    ]
    assert problems(data) == problems(data)


def test_limits_are_the_callers() -> None:
    workflow = parse(sequence(email("m", body="x" * 11), node("d", "delay", days=3)))
    codes = [each.code for each in check(workflow, known_fields=(), limits=Limits(delay_days=2, body=10))]
    assert codes == ["body_too_long", "delay_out_of_range"]


def test_a_workflow_made_without_json() -> None:
    assert [each.code for each in check(Workflow(nodes=(Email(id="m"),)), known_fields=())][:1] == ["no_start"]


def test_the_largest_workflow_is_checked_at_once() -> None:
    asks = [node(f"c{n}", "condition", criterion="opened", nodeId="m") for n in range(197)]
    pairs = [f"c{n} c{(n + step) % 197} {when}" for n in range(197) for step, when in ((1, "yes"), (7, "no"))]
    workflow = parse(graph([START, MAIL, *asks, END], "s m", "m c0", *pairs))
    began = time.perf_counter()
    assert "loop" in [each.code for each in check(workflow, known_fields=())]
    assert time.perf_counter() - began < 2
