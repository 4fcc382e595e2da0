"""Charts drawn on the server: bars, lines or stacked bars as inline SVG, which templates/adminsite/chart.html writes.

Everything is in percent of the picture's width and height, so that it takes any width and its text keeps its size.
Coordinates are texts already: a template would write them as the reader writes numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count, pairwise
from typing import Final, Literal

from django.utils.formats import date_format, get_format
from django.utils.functional import Promise

from fluenzr_site.adminsite.numbers import number

Kind = Literal["bars", "lines", "stack"]
Text = str | Promise
#: The least width of the picture in pixels: on a telephone, and where admin.css shows more labels.
NARROW: Final = 240
WIDE: Final = 700
#: In pixels: a letter of a label, somewhat wide, since fonts differ; and the space between two labels.
_LETTER: Final = 7.2
_SIZE: Final = 12
_GAP: Final = 12
#: In percent: how much of its place a group of bars fills, and how wide one bar may grow.
_FILLED: Final = 78
_WIDEST: Final[dict[Kind, float]] = {"bars": 1.8, "stack": 3.6, "lines": 0}


@dataclass(frozen=True, slots=True)
class Series:
    """``colour`` as CSS writes it; empty is the house's own. ``values`` are one for each point, none below 0."""

    name: Text
    values: Sequence[int]
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """``short`` stands under it where there is room; ``title`` is said in full in its tooltip and in the table."""

    short: str
    title: str


@dataclass(frozen=True, slots=True)
class Bar:
    x: str
    y: str
    width: str
    height: str
    colour: str


@dataclass(frozen=True, slots=True)
class Column:
    """A point's strip of the picture, which its tooltip belongs to."""

    x: str
    width: str
    tooltip: str
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Label:
    """``half`` is half of its width, in em, at the most. ``is_wide``: only where there is much room."""

    text: str
    x: str
    half: str
    is_wide: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """``rows`` say the same as the picture: a title, and its numbers. ``grid``: heights, from the top."""

    kind: Kind
    series: Sequence[Series]
    ticks: list[str]
    grid: list[str]
    labels: list[Label]
    columns: list[Column]
    lines: list[tuple[str, str]]
    rows: list[tuple[str, list[str]]]


def draw(kind: Kind, series: Sequence[Series], points: Sequence[Point]) -> Chart:
    """There is at least one point."""
    values = list(zip(*(each.values for each in series), strict=True))
    top = ticks(max((sum(row) if kind == "stack" else max(row) for row in values), default=0))
    return Chart(
        kind,
        series,
        ticks=[number(tick) for tick in top],
        grid=[_text(100 - 100 * tick / top[-1]) for tick in top],
        labels=_labels([point.short for point in points]),
        columns=_columns(kind, series, values, points, top[-1]),
        lines=[(each.colour, _line(each.values, top[-1])) for each in series] if kind == "lines" else [],
        rows=[(point.title, [number(value) for value in row]) for point, row in zip(points, values, strict=True)],
    )


def ticks(most: int) -> list[int]:
    """From 0 on, at most five steps of 1, 2 or 5 and noughts, the last of them at ``most`` or above."""
    step = next(step for power in count() for step in (10**power, 2 * 10**power, 5 * 10**power) if 5 * step >= most)
    return list(range(0, max(1, -(-most // step)) * step + 1, step))


def stride(places: int, letters: int, width: int, times: int = 1) -> int:
    """Each how-manieth label is shown, so that none touches another: a multiple of ``times``, or the first alone."""
    half = letters * _LETTER / 2
    for step in range(times, places, times):
        if all(right - left >= 2 * half + _GAP for left, right in pairwise(_middles(places, step, half, width))):
            return step
    return max(places, times)


def _middles(places: int, step: int, half: float, width: int) -> list[float]:
    """Where labels stand, in pixels: under their point, unless they would stick out."""
    middles = [(place + 0.5) * width / places for place in range(0, places, step)]
    return [min(max(middle, half), width - half) for middle in middles]


def short_day(day: date, *, with_year: bool = False) -> str:
    """In the reader's order, the month abbreviated: "Nov. 4"; or "Nov. 2026"."""
    usual = get_format("YEAR_MONTH_FORMAT" if with_year else "MONTH_DAY_FORMAT")
    return date_format(day, usual.replace("F", "N"))


def _labels(texts: Sequence[str]) -> list[Label]:
    letters = max(map(len, texts), default=0)
    wide = stride(len(texts), letters, WIDE)
    narrow = stride(len(texts), letters, NARROW, wide)
    return [
        Label(
            text, _text(100 * (place + 0.5) / len(texts)), _text(len(text) * _LETTER / _SIZE / 2), bool(place % narrow)
        )
        for place, text in enumerate(texts)
        if place % wide == 0
    ]


def _columns(
    kind: Kind, series: Sequence[Series], values: Sequence[Sequence[int]], points: Sequence[Point], top: int
) -> list[Column]:
    width, colours = 100 / len(points), [each.colour for each in series]
    places = {"bars": _beside, "stack": _stacked, "lines": lambda *_: []}[kind]
    return [
        Column(
            _text(place * width),
            _text(width),
            "\n".join(
                [point.title, *(f"{each.name}: {number(value)}" for each, value in zip(series, row, strict=True))]
            ),
            [
                Bar(_text(place * width + x), _text(100 * y / top), _text(wide), _text(100 * high / top), colour)
                for (x, y, wide, high), colour in zip(places(row, width, top), colours, strict=False)
                if high
            ],
        )
        for place, (point, row) in enumerate(zip(points, values, strict=True))
    ]


def _beside(row: Sequence[int], width: float, top: int) -> list[tuple[float, float, float, float]]:
    """Where a point's bars stand within its strip: x and width in percent, y and height as counted."""
    wide = min(width * _FILLED / 100 / len(row), _WIDEST["bars"])
    left = (width - wide * len(row)) / 2
    return [(left + place * wide, top - value, wide, value) for place, value in enumerate(row)]


def _stacked(row: Sequence[int], width: float, top: int) -> list[tuple[float, float, float, float]]:
    wide = min(width * _FILLED / 100, _WIDEST["stack"])
    left, highs = (width - wide) / 2, [sum(row[: place + 1]) for place in range(len(row))]
    return [(left, top - high, wide, value) for high, value in zip(highs, row, strict=True)]


def _line(values: Sequence[int], top: int) -> str:
    """Through the middle of each strip."""
    width = 100 / len(values)
    return " ".join(
        f"{_text((place + 0.5) * width)},{_text(100 - 100 * value / top)}" for place, value in enumerate(values)
    )


def _text(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
