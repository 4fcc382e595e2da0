"""Charts drawn on the server: round axes, labels that don't touch, coordinates that every browser reads."""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from campaigns.admin.campaign_charts import DRAWN
from fluenzr_site.adminsite.charts import NARROW, WIDE, Kind, Point, Series, draw, short_day, stride, ticks

COUNTS = st.integers(0, 5000)
KINDS: list[Kind] = ["bars", "lines", "stack"]


@pytest.mark.parametrize(
    ("most", "expected"),
    [(0, [0, 1]), (1, [0, 1]), (3, [0, 1, 2, 3]), (6, [0, 2, 4, 6]), (118, [0, 50, 100, 150]), (15, [0, 5, 10, 15])],
)
def test_ticks(most: int, expected: list[int]) -> None:
    assert ticks(most) == expected


@given(st.integers(0, 10**15))
def test_ticks_are_few_round_and_reach_the_highest_value(most: int) -> None:
    found = ticks(most)
    steps = {later - earlier for earlier, later in pairwise(found)}
    assert found[0] == 0 and found[-2] <= most <= max(found[-1], 1)
    assert len(steps) == 1 and len(found) <= 6
    assert str(steps.pop()).rstrip("0") in {"1", "2", "5"}


@given(st.integers(1, 400), st.integers(1, 30), st.sampled_from([NARROW, WIDE]))
def test_labels_never_touch(places: int, letters: int, width: int) -> None:
    step, half = stride(places, letters, width), letters * 6.5 / 2
    middles = [(place + 0.5) * width / places for place in range(0, places, step)]
    shown = [min(max(middle, half), width - half) for middle in middles]
    assert all(right - left > 2 * half for left, right in pairwise(shown))


@given(st.integers(1, 400), st.integers(1, 30))
def test_a_telephone_shows_some_of_the_labels_of_a_wide_screen(places: int, letters: int) -> None:
    chart = draw("bars", [Series("Sent", [1] * places)], [Point("x" * letters, "x")] * places)
    shown = [float(each.x) * NARROW / 100 for each in chart.labels if not each.is_wide]
    assert shown and all(right - left > 0.8 * letters * 6.5 for left, right in pairwise(shown))


def drawn(kind: Kind, *rows: list[int]) -> Any:
    series = [Series(f"S{place}", values, "#123456") for place, values in enumerate(rows)]
    return draw(kind, series, [Point(str(place), f"Day {place}") for place in range(len(rows[0]))])


@given(st.sampled_from(KINDS), st.lists(st.tuples(COUNTS, COUNTS, COUNTS), min_size=1, max_size=40))
def test_every_bar_stands_on_its_own_ground(kind: Kind, table: list[tuple[int, ...]]) -> None:
    chart = drawn(kind, *(list(values) for values in zip(*table, strict=True)))
    for column in chart.columns:
        left, right = float(column.x) - 0.02, float(column.x) + float(column.width) + 0.02
        for bar in column.bars:
            assert left <= float(bar.x) and float(bar.x) + float(bar.width) <= right
            assert float(bar.y) >= -0.02 and float(bar.y) + float(bar.height) <= 100.02
    assert chart.rows == [(f"Day {at}", [f"{count:,}" for count in row]) for at, row in enumerate(table)]


def test_heights_are_of_the_axis() -> None:
    [column] = drawn("bars", [30], [0], [100]).columns
    assert [(bar.y, bar.height) for bar in column.bars] == [("70", "30"), ("0", "100")]
    [column] = drawn("stack", [30], [50]).columns
    assert [(bar.y, bar.height) for bar in column.bars] == [("62.5", "37.5"), ("0", "62.5")]
    assert drawn("lines", [0, 25, 50]).lines == [("#123456", "16.67,100 50,50 83.33,0")]


def test_a_tooltip_has_all_values_of_its_point() -> None:
    assert drawn("bars", [1234], [5]).columns[0].tooltip == "Day 0\nS0: 1,234\nS1: 5"


def test_figures_are_the_reader_s_and_coordinates_the_browser_s() -> None:
    with translation.override("fr"):
        chart = drawn("bars", [1000, 2500, 7])
        page = render_to_string("adminsite/chart.html", {"chart": chart, "label": "Envois"})
    assert "S0: 2\N{NARROW NO-BREAK SPACE}500" in page or "S0: 2\N{NO-BREAK SPACE}500" in page
    assert 'x="33.33%" width="33.33%"' in page and 'role="img" aria-label="Envois"' in page


@pytest.mark.parametrize(("language", "said"), [("en", "Nov. 4"), ("fr", "4 nov.")])
def test_a_day_is_short_in_the_reader_s_order(language: str, said: str) -> None:
    with translation.override(language):
        assert short_day(date(2026, 11, 4)) == said


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("ground", ["#ffffff", "#101828"])
def test_colours_are_seen_in_light_and_dark(ground: str) -> None:
    for _label, colour in DRAWN.values():
        dark, light = sorted([luminance(colour), luminance(ground)])
        assert (light + 0.05) / (dark + 0.05) >= 3, colour
