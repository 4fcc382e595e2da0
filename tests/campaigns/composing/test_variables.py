"""The template language: what it takes, what it refuses, and that values are never read as templates."""

import html
import pickle
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.composing.nodes import MOST_OUTPUT
from campaigns.composing.reading import MOST_PROBLEMS, MOST_SOURCE
from campaigns.composing.variables import (
    InvalidTemplate,
    parse,
    unknown_names,
    unknown_sentence,
    unknown_sentences,
)
from tests.campaigns.composing.hostile import LARGE, PATIENT, Unprintable, sources, values

ANNA = {"firstName": "Anna", "jobTitle": "CEO", "company size": 12.0, "größe": "L", "a.b_c": "dots", "blank": "  "}


def rendered(source: str, given: dict[str, Any] | None = None, *, html: bool = False) -> str:
    return parse(source).render(ANNA if given is None else given, html=html)


def problems(source: str) -> list[str]:
    with pytest.raises(InvalidTemplate) as refused:
        parse(source)
    return refused.value.problems


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Hi {{firstName}}!", "Hi Anna!"),
        ("{{ firstName }}{{\tcompany size }}{{größe}}{{a.b_c}}", "Anna12Ldots"),
        ("{{nobody}}|{{nobody|there}}|{{blank|there}}|{{ nobody | dear reader }}", "|there|there|dear reader"),
        ('{{nobody|"a | b"}}{{nobody|""}}{{nobody|\'x\'}}{{nobody|"short"}}', "a | bxshort"),
        ("{{firstName|uppercase|there}} {{nobody|uppercase|there}} {{firstName|there|lowercase}}", "ANNA there anna"),
        ("{{x|Uppercase}}", "Uppercase"),
        ("no { marker } }} %} here {", "no { marker } }} %} here {"),
        ("", ""),
    ],
)
def test_variables(source: str, expected: str) -> None:
    assert rendered(source) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2026, 11, 21), "21 Nov 2026"),
        (datetime(2026, 1, 2, 3, 4), "2 Jan 2026"),
        ("2026-11-21", "21 Nov 2026"),
        ("2026-11-21T10:00:00+02:00", "21 Nov 2026"),
        ("2026-13-41", "2026-13-41"),
        ("20261121", "20261121"),
        ("next week", "next week"),
        ("", "soon"),
        (None, "soon"),
    ],
)
def test_short(value: Any, expected: str) -> None:
    assert rendered("{{d|short|soon}}", {"d": value}) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((None, ""), (False, ""), (True, "yes"), (0, "0"), (5.0, "5"), (2.5, "2.5"), (float("nan"), "")),
        *((["a", None, "b"], "a, b"), ([], ""), (Unprintable(), ""), ([10**6000], ""), ("a\x00\ud800b", "a\ufffdb")),
    ],
)
def test_values(value: Any, expected: str) -> None:
    assert rendered("{{v}}", {"v": value}) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% if jobTitle %}yes{% else %}no{% endif %}", "yes"),
        ("{%if nobody%}yes{%else%}no{%endif%}", "no"),
        ("{% if blank %}yes{% endif %}", ""),
        ("{% if not nobody %}yes{% endif %}", "yes"),
        ('{% if jobTitle == "CEO" %}boss{% endif %}', "boss"),
        ("{% if jobTitle != 'CEO' %}a{% elif company size == \"12\" %}b{% else %}c{% endif %}", "b"),
        ('{% if nobody == "" %}empty{% endif %}', "empty"),
        ('{% if jobTitle == "a == b" %}x{% else %}y{% endif %}', "y"),
        ("{% if a %}1{% elif b %}2{% elif jobTitle %}3{% elif firstName %}4{% endif %}", "3"),
        ("{% if jobTitle %}[{% if nobody %}x{% else %}{{firstName}}{% endif %}]{% endif %}", "[Anna]"),
    ],
)
def test_conditions(source: str, expected: str) -> None:
    assert rendered(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a\n\n{% for x in y %}", "Line 3: {% for %} can't be used; only if, elif, else and endif."),
        ("{% include 'x' %}", "Line 1: {% include %} can't be used; only if, elif, else and endif."),
        ("{%%}", "Line 1: {% %} can't be used; only if, elif, else and endif."),
        ("x\n{{ name", "Line 2: “{{ name” isn't closed; write }} where it ends."),
        ("{{ a {{b}}", "Line 1: “{{ a {{b}}” isn't closed; write }} where it ends."),
        ("{% if a", "Line 1: “{% if a” isn't closed; write %} where it ends."),
        ("{{ }}", "Line 1: a variable's name is missing; write it as in {{firstName}}."),
        ("{{|x}}", "Line 1: a variable's name is missing; write it as in {{firstName}}."),
        ("{{x|a|b}}", "Line 1: “x|a|b” has two fallback texts; put a text with | inside it in quotes."),
        ("{{{a}}}", "Line 1: “{a” isn't a variable's name; write it without braces and on one line."),
        ("{% else %}", "Line 1: {% else %} has no {% if %} before it; add one or remove it."),
        ("{% endif %}", "Line 1: {% endif %} has no {% if %} before it; add one or remove it."),
        ("\n{% if a %}", "Line 2: {% if %} isn't closed; write {% endif %} where it ends."),
        ("{% if %}{% endif %}", "Line 1: a variable's name is missing; write it as in {% if jobTitle %}."),
        ("{% if a %}{% else %}{% elif b %}{% endif %}", "Line 1: {% elif %} comes after {% else %}; put it before."),
        ("{% if a %}{% else b %}{% endif %}", "Line 1: {% else b %} can't be used; write {% else %}."),
        (
            "{% if a == 5 %}{% endif %}",
            'Line 1: what “a” is compared with must be in quotes; write == "text".',
        ),
        ("{% if a > 5 %}{% endif %}", 'Line 1: “a > 5” can\'t be tested; write {% if jobTitle == "CEO" %}.'),
        (
            "{% if a|uppercase %}{% endif %}",
            'Line 1: “a|uppercase” can\'t be tested; write {% if jobTitle == "CEO" %}.',
        ),
    ],
)
def test_refused(source: str, expected: str) -> None:
    assert problems(source) == [expected]


def test_all_problems_are_told_at_once_but_not_thousands() -> None:
    assert [each[:7] for each in problems("{{}}\n{% for %}\n{{a|b|c}}")] == ["Line 1:", "Line 2:", "Line 3:"]
    assert len(problems("{{}}" * 1000)) == MOST_PROBLEMS


def test_nesting() -> None:
    assert rendered("{% if firstName %}" * 20 + "x" + "{% endif %}" * 20) == "x"
    too_deep = problems("{% if firstName %}" * 21 + "x" + "{% endif %}" * 21)
    assert too_deep == ["Line 1: {% if %} is nested more than 20 deep; take one out."]


def test_bounds() -> None:
    assert "shorten it" in problems("x" * (MOST_SOURCE + 1))[0]
    assert rendered("x" * MOST_SOURCE) == "x" * MOST_SOURCE
    many = rendered("{{a}}" * 40_000, {"a": "y" * 999})
    assert len(many) <= MOST_OUTPUT and set(many) == {"y"}
    assert rendered("ab{{a}}cd", {"a": "y" * (MOST_OUTPUT + 1)}) == "ab"


def test_html_is_escaped_where_it_is_html() -> None:
    given = {"name": '<b>"R&D"</b>\''}
    assert rendered("<p>{{name}}</p>", given) == '<p><b>"R&D"</b>\'</p>'
    assert rendered("<p>{{name}}</p>", given, html=True) == f"<p>{html.escape(given['name'])}</p>"
    assert rendered("{{x|<i>}}", {}, html=True) == "&lt;i&gt;"


def test_markers_as_editors_of_html_write_them() -> None:
    source = "{{&nbsp;R&amp;D|&quot;a|b&quot;}} {% if a&nbsp;b == &quot;x&amp;y&quot; %}1{% endif %}"
    template = parse(source, markup=True)
    assert template.names == {"R&D", "a b"}
    assert template.render({"a b": "x&y"}, html=True) == "a|b 1"
    with pytest.raises(InvalidTemplate, match="formatting inside"):
        parse("{{ <b>firstName</b> }}", markup=True)


def test_names_and_unknown_ones() -> None:
    template = parse("{{ a }}{% if b %}{{c|x}}{% elif not d %}{% else %}{% if e == 'x' %}{% endif %}{% endif %}")
    assert template.names == frozenset("abcde")
    assert unknown_names(template, {"a", "c", "e"}) == ["b", "d"]
    assert len(unknown_sentences(template, {"a"})) == 4


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("firstname", "There is no variable “firstname”. Did you mean firstName?"),
        ("first_name", "There is no variable “first_name”. Did you mean firstName?"),
        ("fristName", "There is no variable “fristName”. Did you mean firstName?"),
        ("compny.size", "There is no variable “compny.size”. Did you mean company size?"),
        ("zzz", "There is no variable “zzz”."),
        ("...", "There is no variable “...”."),
    ],
)
def test_did_you_mean(name: str, expected: str) -> None:
    assert unknown_sentence(name, ["firstName", "company size", "lastName"]) == expected


def test_and_and_or_are_told() -> None:
    assert "one if inside another" in unknown_sentence("plan and seats", ["plan", "seats"])


def test_templates_and_errors_pickle_and_hash() -> None:
    template = parse("{{a|uppercase|x}}{% if b %}1{% else %}2{% endif %}")
    copy = pickle.loads(pickle.dumps(template))
    assert copy == template and hash(copy) == hash(template) and copy.render({"a": "z"}, html=False) == "Z2"
    assert pickle.loads(pickle.dumps(InvalidTemplate(["a", "b"]))).problems == ["a", "b"]


@PATIENT
@given(sources, values, st.booleans())
def test_any_source_parses_or_is_refused_and_any_values_render(source: str, given: dict[str, Any], html: bool) -> None:
    try:
        template = parse(source, markup=html)
    except InvalidTemplate as refused:
        assert 1 <= len(refused.problems) <= MOST_PROBLEMS
        assert all(each.startswith("Line ") and "\n" not in each for each in refused.problems)
    else:
        template.render(given, html=html).encode()


@PATIENT
@given(sources)
def test_values_are_never_read_as_templates(value: str) -> None:
    plain = rendered("<{{a}}>", {"a": value, "firstName": "SECRET"})
    assert plain == f"<{rendered('{{a}}', {'a': value})}>" and "SECRET" not in plain
    assert rendered("{{a}}", {"a": "{{ api_key }}{% if x %}", "api_key": "SECRET"}) == "{{ api_key }}{% if x %}"


@pytest.mark.parametrize(
    "piece", ["{{", "{%", "}}", "{{a}}", "{{a|", "{% if a %}", '{{a|"', "|", "{{{%", "\n{{}}", "{"]
)
@pytest.mark.parametrize("end", ["", "}}", "%}"])
def test_large_sources_take_linear_time(piece: str, end: str) -> None:
    try:
        parse(piece * (LARGE // len(piece)) + end).render({}, html=True)
    except InvalidTemplate as refused:
        assert refused.problems


def test_one_marker_of_many_pieces() -> None:
    assert problems("{{" + "a|" * (LARGE // 2) + "}}")
    assert problems("{{a" + "|uppercase" * (LARGE // 10) + "}}")
    assert problems("{{a" + '|"' * (LARGE // 2) + "}}")
