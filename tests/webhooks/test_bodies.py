"""Bodies hold what happened, and survive JavaScript's parse and stringify byte for byte."""

import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fluenzr_site.webhooks import bodies
from tests.webhooks.javascript import Node, needs_node

AT = datetime(2026, 3, 4, 5, 6, 7, 890_000, tzinfo=UTC)

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | FLOATS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(0, 2**33).map(str), inner),
    max_leaves=12,
)

# Text of JSON, also as nobody writes it.
STRINGS = st.builds(
    lambda text, ascii_, slash: json.dumps(text, ensure_ascii=ascii_).replace("/", "\\/" if slash else "/"),
    st.text(st.characters(exclude_categories=())),
    st.booleans(),
    st.booleans(),
)
KEYS = (
    st.sampled_from(["__proto__", "constructor", "toJSON", "", "01", "-1", "1.5", "4294967294", "4294967295", "١"])
    | st.integers(0, 2**33).map(str)
).map(json.dumps) | STRINGS
NUMBERS = (
    FLOATS.map(repr)
    | st.integers(-(10**30), 10**30).map(str)
    | st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
)
TEXTS = st.recursive(
    st.sampled_from(["null", "true", "false", "NaN", "-Infinity"]) | NUMBERS | STRINGS,
    lambda inner: (
        st.lists(inner).map(lambda each: f"[ {' , '.join(each)}]")
        | st.lists(st.tuples(KEYS, inner)).map(lambda pairs: "{" + ", ".join(f"{k} : {v}" for k, v in pairs) + "}")
    ),
    max_leaves=15,
)


@pytest.fixture(scope="module")
def javascript() -> Iterator[Node]:
    with Node("(line) => JSON.stringify(JSON.parse(line))") as node:
        yield node


def made(data: str) -> bytes:
    return bodies.body("evt_1", "contact.created", AT, data)


def rewritten(data: str) -> str:
    return made(data).decode().removeprefix(made("0").decode().removesuffix("0}")).removesuffix("}")


def test_the_envelope() -> None:
    said = bodies.body("evt_06dq", "email.opened", AT, '{"campaignId": "cmp_1"}')
    assert said == (
        b'{"id":"evt_06dq","type":"email.opened","timestamp":"2026-03-04T05:06:07Z","data":{"campaignId":"cmp_1"}}'
    )


def test_times_are_utc() -> None:
    there = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert json.loads(bodies.body("evt_1", "x", there, "{}"))["timestamp"] == "2026-03-04T05:06:07Z"


@needs_node
@given(text=TEXTS)
@settings(max_examples=400, deadline=None)
@example(text="[1.0, 1e21, -0, -0.0, 1E5, 1e-7, 0.000001, 1e400, -1e400, 5e-324, 9007199254740993]")
@example(text='{"b": 1, "10": 2, "9": 3, "a": 4, "4294967295": 5, "4294967294": 6, "01": 7}')
@example(text=r'{"a": 1, "a": 2, "__proto__": {"b": 1}, "\u0061": 3, "\ud800": 4, "\ufffd": 5}')
@example(text=r'"\u007f\u2028\u2029\u0000\u001f\b\f\/é\u00e9\ud83d\ude00\ude00\ud83d"')
def test_javascript_writes_the_same_bytes(javascript: Node, text: str) -> None:
    said = made(text)
    assert javascript.ask(said) == said


@needs_node
@given(value=FLOATS)
@settings(max_examples=400, deadline=None)
def test_numbers_are_written_as_javascript_writes_them(javascript: Node, value: float) -> None:
    assert rewritten(repr(value)).encode() == javascript.ask(repr(value).encode())


@given(value=JSON_VALUES)
@settings(max_examples=200, deadline=None)
def test_nothing_else_changes(value: Any) -> None:
    # JavaScript writes 48119316024895330 for a number that ends in 28: to it, as to us here, they are one.
    assert json.loads(made(orjson.dumps(value).decode()), parse_int=float)["data"] == value


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("9007199254740992", "9007199254740992"),
        ("-9007199254740992", "-9007199254740992"),
        ("9007199254740993", '"9007199254740993"'),
        ("-9007199254740993", '"-9007199254740993"'),
        ("1" * 5000, '"' + "1" * 5000 + '"'),
        (r'"\ud800"', '"\ufffd"'),
        (r'{"\ud800": {"\ude00": ["\ud800\ud83d\ude00"]}}', '{"\ufffd":{"\ufffd":["\ufffd\U0001f600"]}}'),
        ("[NaN, Infinity, 1e999]", "[null,null,null]"),
        ('{"b": 1, "2": 2, "a": 3, "1": 4}', '{"1":4,"2":2,"b":1,"a":3}'),
        ('{"a": 1, "b": 2, "a": 3}', '{"a":3,"b":2}'),
        (r'"\/\u00e9\u2028"', '"/é\u2028"'),
    ],
)
def test_what_is_rewritten(data: str, expected: str) -> None:
    assert rewritten(data) == expected


def test_as_deep_as_events_may_be() -> None:
    value: Any = []
    for _ in range(250):
        value = [value]
    assert json.loads(made(orjson.dumps(value).decode()))["data"] == value


@pytest.mark.parametrize("data", ["", "{", "{'a': 1}", "[1,]", "{} {}"])
def test_what_is_no_json(data: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        made(data)


def test_the_digits_are_those_of_the_value() -> None:
    for value in (math.pi, 1 / 3, 1.7976931348623157e308, 123456789012345680000.0, 1e20, 0.1 + 0.2):
        assert float(rewritten(repr(value))) == value
