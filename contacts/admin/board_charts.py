"""The pipeline's timeline as a chart."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.utils.formats import date_format
from django.utils.timezone import localtime

from contacts.models import PipelineStage
from contacts.stats.figures import Figures
from fluenzr_site.adminsite.charts import Chart, Point, Series, draw, short_day

_GREY: Final = "#64748b"
#: A timeline of more days than this tells the year.
_A_YEAR: Final = 370


def entries_chart(stages: Sequence[PipelineStage], figures: Figures, parts: Sequence[datetime]) -> Chart:
    """Entries into each stage over time, on top of each other."""
    series = [Series(stage.name, figures.entries[stage.pk], stage.color or _GREY) for stage in stages]
    is_long = (parts[-1] - parts[0]).days > _A_YEAR
    return draw("stack", series, [_point(begin, is_long) for begin in parts])


def _point(begin: datetime, is_long: bool) -> Point:
    day = localtime(begin).date()
    return Point(short_day(day, with_year=is_long), date_format(day, "SHORT_DATE_FORMAT"))
