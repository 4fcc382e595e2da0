"""Ids: their order, their time, their spelling."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from fluenzr_site.core import ids

SHAPE = re.compile(r"con_[0-9abcdefghjkmnpqrstvwxyz]{20}")
# As long as anybody keeps contacts: beyond, floats of seconds lose the milliseconds.
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


@pytest.fixture(autouse=True)
def a_sequence_of_its_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ids, "_sequence", ids._Sequence())


def test_an_id_is_its_prefix_and_20_characters():
    assert SHAPE.fullmatch(ids.new("con"))
    assert set(ids.ALPHABET) == set("0123456789abcdefghijklmnopqrstuvwxyz") - set("ilou")
    assert "".join(sorted(ids.ALPHABET)) == ids.ALPHABET


def test_ids_ascend_one_by_one_and_in_batches():
    made = [ids.new("con") for _ in range(500)] + ids.new_batch("con", 5000) + [ids.new("con")]
    assert made == sorted(set(made))


def test_no_ids_are_no_ids():
    assert ids.new_batch("con", 0) == []


def test_ids_never_decrease_when_the_clock_is_set_back():
    with time_machine.travel("2040-01-01T00:00:00Z", tick=False):
        first = ids.new("con")
    with time_machine.travel("2039-12-31T23:00:00Z", tick=False):
        assert ids.new("con") > first


def test_ids_of_one_millisecond_do_not_tell_the_next_one():
    with time_machine.travel("2040-01-01T00:00:00Z", tick=False):
        numbers = ids._Sequence().take(200)
    steps = {after - before for before, after in zip(numbers, numbers[1:], strict=False)}
    assert len(steps) > 190 and min(steps) >= 1


@given(MOMENTS)
def test_an_id_tells_when_it_was_made(moment: datetime):
    with time_machine.travel(moment, tick=False):
        sequence = ids._Sequence()
        made = f"con_{ids._encode(sequence.take(1)[0])}"
    assert abs(ids.made_at(made) - moment) <= timedelta(milliseconds=1)


@given(MOMENTS, MOMENTS)
def test_the_first_id_at_a_moment_divides_ids_by_time(one: datetime, other: datetime):
    earlier, later = sorted((one, other))
    assert ids.first_at("con", earlier) <= ids.first_at("con", later)
    assert abs(ids.made_at(ids.first_at("con", later)) - later) <= timedelta(milliseconds=1)


@given(st.integers(0, 2**100 - 1), st.integers(0, 2**100 - 1))
def test_order_as_text_is_order_as_a_number(one: int, other: int):
    assert (ids._encode(one) < ids._encode(other)) == (one < other)


def test_a_moment_before_1970_is_the_first_of_all():
    assert ids.first_at("con", datetime(1900, 1, 1, tzinfo=UTC)) == "con_" + "0" * 20


@pytest.mark.parametrize("text", ["", "con", "con_", "con_123", "con_" + "u" * 20, "con_" + "0" * 21, "0" * 20])
def test_what_is_no_id_has_no_time(text: str):
    with pytest.raises(ValueError, match="not an id"):
        ids.made_at(text)
