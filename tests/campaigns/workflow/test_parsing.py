import json
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings

from campaigns.workflow.checking import check
from campaigns.workflow.graph import Delay, Email, InvalidWorkflow, Unknown, Variant, digest
from campaigns.workflow.parsing import parse
from tests.campaigns.workflow.examples import JUNK, JUNK_WORKFLOWS, branching, email, node, sequence

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=300)


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def refused(data: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidWorkflow) as caught:
        parse(data)
    # What is told must be writable as an answer.
    json.dumps(caught.value.problems, ensure_ascii=False).encode()
    return caught.value.problems


def test_reads_and_writes_every_key() -> None:
    variant = {"subject": "B", "body": "b", "split": 30, "criterion": "clicked", "sampleSize": 100, "waitHours": 24}
    full = {"subject": "A", "body": "a", "trackOpens": False, "trackClicks": True, "variantB": variant}
    data = branching(url="https://example.com")
    data["nodes"] += [node("x", "email", **full), node("y", "delay", hours=5, businessDays=True)]
    workflow = parse(data)
    assert workflow.by_id["x"] == Email(
        id="x",
        subject="A",
        body="a",
        track_opens=False,
        variant_b=Variant(subject="B", body="b", split=30, criterion="clicked", sample_size=100, wait_hours=24),
    )
    assert workflow.by_id["y"] == Delay(id="y", hours=5, business_days=True)
    assert workflow.as_json()["nodes"][-2:] == data["nodes"][-2:]
    assert workflow.as_json()["edges"] == data["edges"]


def test_defaults_of_an_unfinished_draft() -> None:
    workflow = parse({"nodes": [{"id": "a", "type": "email"}, {"id": "b", "data": {"x": 1}}], "edges": [{}]})
    assert workflow.nodes == (Email(id="a"), Unknown(id="b", data_extra={"x": 1}))
    assert parse({}).as_json() == {"nodes": [], "edges": []}


def test_keeps_unknown_keys_everywhere() -> None:
    data = {
        "zoom": 2,
        "nodes": [{"id": "a", "type": "fancy", "data": {"k": [1]}, "position": {"x": 1}}],
        "edges": [{"from": "a", "to": "b", "label": "L"}],
    }
    assert parse(data).as_json() == data
    variant = parse(sequence(email("e", odd=1, variantB={"even": None}))).as_json()["nodes"][1]["data"]
    assert variant["odd"] == 1
    assert variant["variantB"]["even"] is None


def test_writes_in_one_order_a_copy_of_its_own() -> None:
    workflow = parse({"b": {}, "a": 1, "edges": [], "nodes": [{"z": 1, "data": {}, "id": "s", "type": "start"}]})
    written = workflow.as_json()
    assert list(written) == ["nodes", "edges", "a", "b"]
    assert list(written["nodes"][0]) == ["id", "type", "data", "z"]
    written["b"]["c"] = 1
    assert workflow.as_json()["b"] == {}


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (None, ""),
        ([], ""),
        ("x", ""),
        (True, ""),
        ({"nodes": {}}, "nodes"),
        ({"edges": "x"}, "edges"),
        ({"nodes": [1]}, "nodes.0"),
        ({"edges": [[]]}, "edges.0"),
        ({"nodes": [{"type": "start"}]}, "nodes.0.id"),
        ({"nodes": [{"id": ""}]}, "nodes.0.id"),
        ({"nodes": [{"id": 3}]}, "nodes.0.id"),
        ({"nodes": [{"id": "x" * 101}]}, "nodes.0.id"),
        ({"nodes": [{"id": "a"}, {"id": "a"}]}, "nodes.1.id"),
        ({"nodes": [{"id": "a", "type": 1}]}, "nodes.0.type"),
        ({"nodes": [{"id": "a", "data": []}]}, "nodes.0.data"),
        (sequence(email("e", subject=1)), "nodes.1.data.subject"),
        (sequence(email("e", trackOpens=1)), "nodes.1.data.trackOpens"),
        (sequence(email("e", variantB=[])), "nodes.1.data.variantB"),
        (sequence(email("e", variantB={"split": "5"})), "nodes.1.data.variantB.split"),
        (sequence(email("e"), node("d", "delay", days="2")), "nodes.2.data.days"),
        (sequence(node("d", "delay", days=True)), "nodes.1.data.days"),
        (sequence(node("d", "delay", days=float("nan"))), "nodes.1.data.days"),
        (sequence(node("d", "delay", days=10**5000)), "nodes.1.data.days"),
        (sequence(node("c", "condition", value=[1])), "nodes.1.data.value"),
        (sequence(node("c", "condition", value="\ud800")), "nodes.1.data.value"),
        ({"edges": [{"from": 1}]}, "edges.0.from"),
        ({"edges": [{"when": True}]}, "edges.0.when"),
        ({"nodes": [{"id": str(n)} for n in range(201)]}, "nodes"),
        ({"edges": [{}] * 401}, "edges"),
        ({"x": "\x00"}, "x"),
        ({"\ud800": 1}, ""),
        ({"x": {1: 2}}, "x"),
        ({"x": object()}, "x"),
        ({"x": [0] * 100_001}, ""),
    ],
)
def test_refuses_what_has_not_the_shape(data: Any, path: str) -> None:
    assert list(refused(data)) == [path]


def test_the_most_there_may_be() -> None:
    workflow = parse({"nodes": [{"id": str(n).rjust(100)} for n in range(200)], "edges": [{}] * 400})
    assert (len(workflow.nodes), len(workflow.edges)) == (200, 400)


def test_names_every_wrong_path_at_once() -> None:
    data = {"nodes": [{"id": 1, "type": 2}], "edges": [{"to": 3}]}
    assert list(refused(data)) == ["nodes.0.id", "nodes.0.type", "edges.0.to"]


@pytest.mark.parametrize("depth", [40, 100_000])
def test_refuses_deep_nesting(depth: int) -> None:
    assert "nested" in next(iter(refused({"x": nested(depth)}).values()))[0]


def test_huge_texts_are_read_and_told_of_briefly() -> None:
    data = sequence(email("e", subject="x" * 5_000_000), {"id": "u", "type": "y" * 1_000_000})
    problems = check(parse(data), known_fields=())
    assert [problem.code for problem in problems] == ["subject_too_long", "unknown_type"]
    assert all(len(problem.message) < 300 for problem in problems)


def test_digest() -> None:
    data = branching()
    turned = {key: data[key] for key in reversed(data)}
    turned["nodes"] = [dict(reversed(each.items())) for each in data["nodes"]]
    assert digest(parse(turned)) == digest(parse(data))
    assert digest(parse(branching(nodeId="second"))) != digest(parse(data))
    assert digest(parse(sequence(node("d", "delay", days=2.0)))) == digest(parse(sequence(node("d", "delay", days=2))))


@PATIENT
@given(JUNK | JUNK_WORKFLOWS)
def test_junk_is_read_or_refused(data: Any) -> None:
    try:
        workflow = parse(data)
    except InvalidWorkflow as error:
        event("refused")
        json.dumps(error.problems, ensure_ascii=False).encode()
        return
    event("read")
    written = workflow.as_json()
    json.dumps(written, allow_nan=False, ensure_ascii=False).encode()
    assert parse(written) == workflow
    assert parse(written).as_json() == written
    assert digest(parse(written)) == digest(workflow)
    for problem in check(workflow, known_fields={"company"}):
        problem.message.encode()
