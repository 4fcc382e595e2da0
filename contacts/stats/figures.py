"""What the moves of a pipeline amount to. Pure: moves in, figures out.

A contact counts once for each figure of a stage, however often it comes back. A move that is taken back within
five minutes was a slip and counts nowhere.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from statistics import fmean, median
from typing import Final

SLIP: Final = timedelta(minutes=5)
OPEN: Final = "open"
WON: Final = "won"
LOST: Final = "lost"


@dataclass(frozen=True, slots=True)
class Move:
    """A contact went from stage to stage; None is no stage, or one that is deleted."""

    before: str | None
    after: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Stay:
    """A contact's time in a stage; ``until`` is None while it lasts."""

    stage: str
    since: datetime
    until: datetime | None


@dataclass(slots=True)
class StageFigures:
    """One stage in a period: contacts that entered it, what became of them by now, and how long stays took."""

    entered: int = 0
    left: int = 0
    went_on: int = 0
    lost: int = 0
    stays: list[timedelta] = field(default_factory=list)

    @property
    def remaining(self) -> int:
        """Of those that entered, who neither went on nor is lost."""
        return self.entered - self.went_on - self.lost

    @property
    def conversion(self) -> float | None:
        return share(self.went_on, self.entered)

    @property
    def median(self) -> timedelta | None:
        return _of_seconds(median, self.stays)

    @property
    def average(self) -> timedelta | None:
        return _of_seconds(fmean, self.stays)


@dataclass(slots=True)
class Closing:
    """Contacts that moved in a period, and those of them that it ended with won or lost."""

    moved: int = 0
    won: int = 0
    lost: int = 0

    @property
    def rate(self) -> float | None:
        return share(self.won, self.won + self.lost)


@dataclass(slots=True)
class Figures:
    """All that is told of a period. ``entries``: stays begun in each part of it, by stage."""

    stages: dict[str, StageFigures]
    entries: dict[str, list[int]]
    closing: Closing = field(default_factory=Closing)
    by_owner: dict[int | None, Closing] = field(default_factory=dict)


def share(part: int, whole: int) -> float | None:
    """A rate from 0 to 1; None where nothing is known."""
    return part / whole if whole else None


def _of_seconds(middle: Callable[[Iterable[float]], float], times: Iterable[timedelta]) -> timedelta | None:
    seconds = [time.total_seconds() for time in times]
    return timedelta(seconds=middle(seconds)) if seconds else None


def without_slips(moves: Iterable[Move]) -> list[Move]:
    """A contact's moves, oldest first, without those taken back at once, and without the taking back."""
    kept: list[Move] = []
    for move in moves:
        last = kept[-1] if kept else None
        if last and (last.before, last.after) == (move.after, move.before) and move.at - last.at <= SLIP:
            kept.pop()
        else:
            kept.append(move)
    return kept


def stays_of(moves: Sequence[Move]) -> list[Stay]:
    """A contact's times in stages, oldest first."""
    following = [*moves[1:], None]
    return [
        Stay(move.after, move.at, max(move.at, after.at) if after else None)
        for move, after in zip(moves, following if moves else (), strict=True)
        if move.after is not None
    ]


class Tally:
    """Takes one contact's moves after another; ``figures`` is what they make together.

    ``kinds``: the stages in their order, each with its kind. ``parts``: when each part of the period begins.
    ``until``: when it ends. The figures are as they stood then, so that those of a month that is over never change.
    """

    def __init__(self, kinds: Mapping[str, str], parts: Sequence[datetime], until: datetime | None = None) -> None:
        self.kinds, self.parts, self.since, self.until = kinds, parts, parts[0], until
        order = {stage: place for place, stage in enumerate(kinds)}
        self._places = {stage: inf if kind == WON else order[stage] for stage, kind in kinds.items() if kind != LOST}
        self.figures = Figures(
            stages={stage: StageFigures() for stage in kinds}, entries={stage: [0] * len(parts) for stage in kinds}
        )

    def take(self, moves: Sequence[Move], owner: int | None = None) -> None:
        """The moves of one contact, all of them, oldest first."""
        kept = [move for move in without_slips(moves) if self.until is None or move.at < self.until]
        if not kept or kept[-1].at < self.since:
            return
        stays = [stay for stay in stays_of(kept) if stay.stage in self.kinds]
        for stage in {stay.stage for stay in stays}:
            self._take_stage(stage, stays, kept[-1])
        for stay in stays:
            self._take_stay(stay)
        for closing in (self.figures.closing, self.figures.by_owner.setdefault(owner, Closing())):
            self._close(closing, self.kinds.get(kept[-1].after or ""))

    def _take_stage(self, stage: str, stays: Sequence[Stay], last: Move) -> None:
        figures = self.figures.stages[stage]
        mine = [place for place, stay in enumerate(stays) if stay.stage == stage]
        figures.left += any(self._ended(stays[place]) for place in mine)
        entry = next((place for place in mine if stays[place].since >= self.since), None)
        if entry is None:
            return
        figures.entered += 1
        here = self._places.get(stage, inf)
        if any(self._places.get(stay.stage, -1) > here for stay in stays[entry + 1 :]):
            figures.went_on += 1
        elif self.kinds[stage] != LOST and self.kinds.get(last.after or "") == LOST:
            figures.lost += 1

    def _take_stay(self, stay: Stay) -> None:
        if stay.until and self._ended(stay):
            self.figures.stages[stay.stage].stays.append(stay.until - stay.since)
        if stay.since >= self.since:
            part = sum(begin <= stay.since for begin in self.parts) - 1
            self.figures.entries[stay.stage][part] += 1

    def _ended(self, stay: Stay) -> bool:
        return stay.until is not None and stay.until >= self.since

    def _close(self, closing: Closing, kind: str | None) -> None:
        closing.moved += 1
        closing.won += kind == WON
        closing.lost += kind == LOST
