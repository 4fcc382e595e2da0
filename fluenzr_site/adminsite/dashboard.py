"""What the dashboard shows. The apps put their numbers and panels on it; it knows none of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, Literal

from django.utils.formats import date_format
from django.utils.timezone import get_current_timezone, localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fluenzr_site.adminsite import charts, periods
from fluenzr_site.adminsite.charts import draw
from fluenzr_site.adminsite.numbers import number
from fluenzr_site.adminsite.periods import Days, midnight, part_length
from fluenzr_site.core import clock
from fluenzr_site.workspaces.models import Workspace

#: The last so many days.
PERIODS: Final = (7, 30, 90)
USUAL: Final = 30
#: How many of them may stand in one bar.
LENGTHS: Final = (1, 3, 7, 14, 30, 91, 365)
#: Panels of this rank or a lower one stand above everything that only informs.
URGENT: Final = 20


@dataclass(frozen=True)
class Period:
    """Days of the person's calendar, and as many before them, to compare with.

    ``usual``: how many, up to today; None where ``dates`` were asked for.
    """

    chosen_days: Days
    dates: periods.Asked
    usual: int | None = None

    @classmethod
    def chosen(cls, values: Mapping[str, Any]) -> "Period":
        """One of the usual periods goes before dates; with wrong ones it is the usual one."""
        asked = next((days for days in PERIODS if str(days) == values.get("days", "")), None)
        dates = periods.asked({} if asked else values, get_current_timezone())
        if dates.days:
            return cls(dates.days, dates)
        days, today = asked or USUAL, localdate(clock.now())
        return cls(Days(today - timedelta(days=days - 1), today), dates, days)

    @property
    def days(self) -> int:
        return self.chosen_days.count

    @cached_property
    def start(self) -> datetime:
        return midnight(self.chosen_days.first, get_current_timezone())

    @cached_property
    def end(self) -> datetime:
        return self.chosen_days.end(get_current_timezone())

    @cached_property
    def before(self) -> datetime:
        return midnight(self.chosen_days.first - timedelta(days=self.days), get_current_timezone())

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """What its figures are remembered under: a day begins at other moments for people elsewhere."""
        return self.start, self.end

    @property
    def starts(self) -> list[datetime]:
        """Of each bar."""
        return self.chosen_days.starts(part_length(self.days, LENGTHS), get_current_timezone())

    @cached_property
    def bars(self) -> list[tuple[datetime, datetime]]:
        """The beginning and the end of each."""
        return list(pairwise([*self.starts, self.end]))


@dataclass(frozen=True, slots=True)
class Change:
    """How a number stands against the period before: in words, so that it needs no colour."""

    text: str
    direction: Literal["up", "down", "same"]


@dataclass(frozen=True, slots=True)
class Card:
    """One number: what it counts, and the list behind it, which others than administrators may not be let into.

    ``value`` is None where it can't be known, and ``hint`` says why. ``before`` is what it was in the period before,
    None where that says nothing; ``rate`` numbers are percentages. ``most`` is what it may grow to.
    """

    title: str
    value: float | None
    link: str
    hint: str = ""
    for_admins: bool = False
    before: float | None = None
    compared: bool = False
    rate: bool = False
    most: int | None = None

    @property
    def text(self) -> str:
        if self.value is None:
            return _("Unknown")
        return f"{number(self.value)} %" if self.rate else number(self.value)

    @property
    def change(self) -> Change | None:
        if not self.compared or self.value is None:
            return None
        if not self.before and (self.before is None or not self.rate):
            return Change(_("no data before"), "same")
        more = round(self.value - (self.before or 0), 1)
        direction: Literal["up", "down", "same"] = "up" if more > 0 else "down" if more < 0 else "same"
        return Change(self._against(more), direction)

    def _against(self, more: float) -> str:
        if not more:
            return _("as before")
        said = {"more": f"{'+' if more > 0 else '−'}{number(abs(more))}"}
        if self.rate:
            return _("%(more)s points") % said
        share = round(abs(100 * more / (self.before or 1)))
        return f"{said['more']} ({said['more'][0]}{number(share)} %)"

    @property
    def filled(self) -> int | None:
        """In percent of ``most``."""
        return None if not self.most or self.value is None else min(100, round(100 * self.value / self.most))


@dataclass(frozen=True, slots=True)
class Series:
    """What is drawn and tabled bar by bar of the period."""

    title: str
    values: Sequence[int]


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do before the rest makes sense."""

    title: str
    text: str
    link: str
    done: bool
    for_admins: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """A template and what it needs. The lower the ``rank``, the higher it stands; ``aside`` is the narrow column."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)
    rank: int = 50
    aside: bool = False


CardMaker = Callable[[Workspace, Period], list[Card]]
SeriesMaker = Callable[[Workspace, Period], Series]
_cards: list[CardMaker] = []
_panels: list[Callable[[Workspace], list[Panel]]] = []
_series: list[SeriesMaker] = []
_steps: list[Callable[[Workspace], list[Step]]] = []


def add_cards(maker: CardMaker) -> CardMaker:
    _cards.append(maker)
    return maker


def add_series(maker: SeriesMaker) -> SeriesMaker:
    _series.append(maker)
    return maker


def add_panels(maker: Callable[[Workspace], list[Panel]]) -> Callable[[Workspace], list[Panel]]:
    _panels.append(maker)
    return maker


def add_steps(maker: Callable[[Workspace], list[Step]]) -> Callable[[Workspace], list[Step]]:
    _steps.append(maker)
    return maker


def cards(workspace: Workspace, period: Period) -> list[Card]:
    return [card for maker in _cards for card in maker(workspace, period)]


def panels(workspace: Workspace) -> list[Panel]:
    return sorted((panel for maker in _panels for panel in maker(workspace)), key=lambda panel: panel.rank)


def steps(workspace: Workspace) -> list[Step]:
    """The first steps, none when all of them are done."""
    found = [step for maker in _steps for step in maker(workspace)]
    return [] if all(step.done for step in found) else found


def chart(workspace: Workspace, period: Period) -> dict[str, Any]:
    """A picture of each series with its sum, and all of them as one table; nothing where nothing happened."""
    series = [one for maker in _series if any((one := maker(workspace, period)).values)]
    points = [_point(start, end) for start, end in period.bars]
    drawn = [draw("bars", [charts.Series(one.title, one.values)], points) for one in series]
    return (
        {"drawn": [(each, number(sum(each.series[0].values))) for each in drawn], "table": _table(drawn)}
        if drawn
        else {}
    )


def _table(drawn: Sequence[charts.Chart]) -> dict[str, Any]:
    """The numbers of all pictures beside each other, in the shape of one."""
    rows = [
        (beside[0][0], [count for _title, counts in beside for count in counts])
        for beside in zip(*(each.rows for each in drawn), strict=True)
    ]
    return {"series": [one for each in drawn for one in each.series], "rows": rows}


def _point(start: datetime, end: datetime) -> charts.Point:
    first, last = localdate(start), localdate(end) - timedelta(days=1)
    said = date_format(first, "MONTH_DAY_FORMAT")
    title = said if last <= first else f"{said} – {date_format(last, 'MONTH_DAY_FORMAT')}"
    return charts.Point(charts.short_day(first), title)


def usual_periods(chosen: Period) -> list[tuple[int, str, bool]]:
    """Days, their name, whether they are chosen."""
    named = [(days, ngettext("%(days)d day", "%(days)d days", days) % {"days": days}) for days in PERIODS]
    return [(days, name, days == chosen.usual) for days, name in named]
