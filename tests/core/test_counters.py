"""Counters that processes share."""

import pytest

from fluenzr_site.core import counters

pytestmark = pytest.mark.django_db
NOW = 1_000_000_020.7  # A window of a minute began at 1_000_000_020.


def test_each_hit_counts_one_more_and_tells_the_end_of_the_window():
    assert [counters.hit("a", seconds=60, now=NOW) for _ in range(3)] == [(n, 1_000_000_080) for n in (1, 2, 3)]


def test_subjects_are_apart():
    counters.hit("a", seconds=60, now=NOW)
    assert counters.hit("b", seconds=60, now=NOW).hits == 1


def test_a_new_window_begins_at_one():
    counters.hit("a", seconds=60, now=NOW)
    assert counters.hit("a", seconds=60, now=NOW + 59.2).hits == 2
    assert counters.hit("a", seconds=60, now=NOW + 59.4) == (1, 1_000_000_140)


def test_a_clock_that_is_behind_counts_into_the_window_that_is_open():
    counters.hit("a", seconds=60, now=NOW + 60)
    assert counters.hit("a", seconds=60, now=NOW) == (2, 1_000_000_140)
