"""What the pipeline's moves amount to: from stage to stage, over time, by owner."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from django.db.models import Count
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.timezone import get_current_timezone, localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.admin.board_charts import entries_chart
from contacts.admin.board_filters import NONE, Asked, Chip, Field
from contacts.admin.people import members, person_name
from contacts.models import PipelineStage
from contacts.stats.figures import OPEN, Closing, Figures, StageFigures
from contacts.stats.pipeline import figures_of
from fluenzr_site.adminsite import periods
from fluenzr_site.adminsite.pages import Page
from fluenzr_site.adminsite.periods import Days
from fluenzr_site.api.totals import remembered
from fluenzr_site.core import clock
from fluenzr_site.workspaces.models import Workspace

#: The last so many days.
PERIODS: Final = ("30", "90", "365")
USUAL: Final = "90"
#: Below so few contacts a rate says little.
FEW: Final = 5


@dataclass(frozen=True, slots=True)
class Period:
    """``name`` is one of PERIODS, and empty where ``dates`` were asked for."""

    name: str
    days: Days
    dates: periods.Asked

    @classmethod
    def chosen(cls, values: Mapping[str, Any]) -> Self:
        """Days are the person's. One of the usual periods goes before dates; with wrong ones it is the usual one."""
        zone, name = get_current_timezone(), values.get("period", "")
        dates = periods.asked({} if name in PERIODS else values, zone)
        if dates.days:
            return cls("", dates.days, dates)
        name, today = name if name in PERIODS else USUAL, localdate(clock.now())
        return cls(name, Days(today - timedelta(days=int(name) - 1), today), dates)

    @property
    def query(self) -> dict[str, str]:
        return {"period": self.name} if self.name else self.days.query

    @property
    def parts(self) -> list[datetime]:
        """When each part of the timeline begins; the last one is as long as the others or shorter."""
        return self.days.starts(periods.part_length(self.days.count), get_current_timezone())

    @property
    def until(self) -> datetime:
        return self.days.end(get_current_timezone())

    @property
    def is_past(self) -> bool:
        return self.until <= clock.now()

    @property
    def menu(self) -> Field:
        told = [(days, ngettext("Last %(count)d day", "Last %(count)d days", int(days))) for days in PERIODS]
        choices = [(days, text % {"count": int(days)}) for days, text in told]
        return Field("period", _("Period"), "" if self.name else _("Chosen days"), choices, self.name)

    def chips(self, asked: Asked) -> list[Chip]:
        return (
            [] if self.name else [Chip(_("period: %(days)s") % {"days": self.days.said}, asked.address(period=USUAL))]
        )


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage's line; ``here`` leads to who is in it now."""

    stage: PipelineStage
    figures: StageFigures
    width: int
    is_open: bool
    went_on: str
    lost: str
    median: str
    average: str
    here: int
    link: str


@dataclass(frozen=True, slots=True)
class OwnerRow:
    name: str
    closing: Closing
    rate: str
    link: str


class Statistics(Page):
    template = "contacts/board_statistics.html"

    def get(self, request: HttpRequest) -> TemplateResponse:
        asked = Asked.of({name: request.GET.get(name, "") for name in ("group", "owner")})
        period = Period.chosen(request.GET)
        stages = list(PipelineStage.objects.of(self.workspace))
        figures = _figures(self.workspace, asked, stages, period)
        menus = [period.menu, *asked.menus(self.workspace, "group", "owner")]
        closing = figures.closing
        return self.show(
            _("Statistics"),
            asked=asked,
            menus=menus,
            chips=[*period.chips(asked), *asked.chips(menus, **period.query)],
            period=period,
            dates=period.dates,
            hidden=() if period.name else period.query.items(),
            kept=asked.set_ones().items(),
            clear=f"?period={period.name or USUAL}",
            closing=closing,
            rate=percent(closing.rate),
            is_few=0 < closing.won + closing.lost < FEW,
            rows=self._rows(asked, stages, figures),
            owners=_owner_rows(self.workspace, asked, figures),
            chart=entries_chart(stages, figures, period.parts),
        )

    def _rows(self, asked: Asked, stages: list[PipelineStage], figures: Figures) -> list[StageRow]:
        contacts = asked.narrowed(self.workspace).order_by()
        sizes = contacts.values_list("stage_id").annotate(size=Count("*"))
        here: dict[str | None, int] = remembered(self.workspace, ("board", asked, None), lambda: dict(sizes))
        most = max((of_stage.entered for of_stage in figures.stages.values()), default=0) or 1
        return [
            _stage_row(stage, figures.stages[stage.pk], most, here.get(stage.pk, 0), asked.address(stage=stage.pk))
            for stage in stages
        ]


def _stage_row(stage: PipelineStage, figures: StageFigures, most: int, here: int, link: str) -> StageRow:
    return StageRow(
        stage=stage,
        figures=figures,
        width=100 * figures.entered // most,
        is_open=stage.kind == OPEN,
        went_on=percent(figures.conversion),
        lost=percent(figures.lost / figures.entered if figures.entered else None),
        median=lasted(figures.median),
        average=lasted(figures.average),
        here=here,
        link=link,
    )


def _owner_rows(workspace: Workspace, asked: Asked, figures: Figures) -> list[OwnerRow]:
    """Those whose contacts moved, most moved first."""
    names: dict[int | None, str] = {user.pk: person_name(user) for user in members(workspace)}
    most = sorted(figures.by_owner.items(), key=lambda item: -item[1].moved)
    return [
        OwnerRow(
            name=names.get(owner, _("A former member")) if owner else _("Nobody"),
            closing=closing,
            rate=percent(closing.rate),
            link=Asked(group=asked.group, owner=str(owner or NONE)).address(),
        )
        for owner, closing in most
    ]


def _figures(workspace: Workspace, asked: Asked, stages: list[PipelineStage], period: Period) -> Figures:
    """Counted once, until something changes in the workspace or another day begins."""
    parts, until = period.parts, period.until
    question = ("pipeline figures", asked, tuple((stage.pk, stage.kind) for stage in stages), tuple(parts), until)
    return remembered(workspace, question, lambda: figures_of(asked.narrowed(workspace), stages, parts, until))


def percent(rate: float | None) -> str:
    return "–" if rate is None else _("%(share)d %%") % {"share": round(100 * rate)}


def lasted(time: timedelta | None) -> str:
    """Such as "3 days": days from two on, else hours, else minutes."""
    if time is None:
        return "–"
    minutes = round(time.total_seconds() / 60)
    if minutes >= 2 * 24 * 60:
        days = round(minutes / (24 * 60))
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    if minutes >= 60:
        hours = round(minutes / 60)
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
