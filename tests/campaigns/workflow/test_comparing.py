from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.workflow.comparing import holds
from campaigns.workflow.graph import OPERATORS

MIDDAY = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("operator", "held", "wanted", "answer"),
    [
        ("equals", "ACME ", "acme", True),
        ("equals", "acme", "acme corp", False),
        ("equals", "STRASSE", "straße", True),
        ("equals", "Cafe\u0301", "CAFÉ", True),
        ("equals", 5, "5", True),
        ("equals", 5.0, 5, True),
        ("equals", True, "TRUE", True),
        ("equals", None, "x", False),
        ("not_equals", "acme", "ACME", False),
        ("not_equals", None, "x", True),
        ("contains", "The ACME corp", "acme", True),
        ("contains", ["VIP", "Paris"], "vip", True),
        ("contains", None, "x", False),
        ("is_empty", None, None, True),
        ("is_empty", " \t", None, True),
        ("is_empty", [], None, True),
        ("is_empty", 0, None, False),
        ("is_empty", False, None, False),
        ("greater", "10", "9", True),
        ("greater", "9", 10, False),
        ("greater", 10, 10, False),
        ("greater", "-1.5", "-2", True),
        ("greater", 1e20, 3, True),
        ("greater", "१०", "9", True),
        ("greater", "banana", "Apple", True),
        ("greater", "10 apples", "9", False),
        ("greater", None, "0", False),
        ("greater", "2026-05-02", "2026-05-01", True),
        ("greater", "2026-05-01T23:00:00Z", "2026-05-01", False),
        ("greater", "2026-05-01T12:00:00Z", "2026-05-01T13:30:00+02:00", True),
        ("greater", MIDDAY, "2026-05-01T11:00:00", True),
        ("less", date(2026, 1, 31), "2026-02-01", True),
        ("less", "20", "100", True),
        ("less", "100", "20", False),
        ("less", None, "5", False),
        ("less", "a", "B", True),
    ],
)
def test_holds(operator: str, held: Any, wanted: Any, answer: bool) -> None:
    assert holds(operator, held, wanted) is answer


def test_unknown_operator() -> None:
    with pytest.raises(KeyError):
        holds("like", "a", "b")


VALUES = st.one_of(
    st.text(st.characters()),
    st.floats(),
    st.integers(),
    st.none(),
    st.booleans(),
    st.dates(),
    st.lists(st.text()),
    st.datetimes().map(datetime.isoformat),
    st.sampled_from(
        ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1e999", "9" * 5000, "1" * 40, "\ud800", "\x00"]
    ),
)


@settings(deadline=None)
@given(VALUES, VALUES)
def test_any_values_compare(held: Any, wanted: Any) -> None:
    answers = {operator: holds(operator, held, wanted) for operator in OPERATORS}
    assert answers["equals"] is not answers["not_equals"]
    assert not (answers["greater"] and answers["less"])
    assert not (answers["is_empty"] and (answers["greater"] or answers["less"]))
    if holds("greater", held, wanted) and wanted not in (None, "") and not holds("is_empty", wanted, None):
        assert holds("less", wanted, held)
