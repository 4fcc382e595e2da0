"""A forecast as a page shows it: the days that matter in sentences, the rest as a table with a bar a row."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.simulating.forecast import Forecast
from campaigns.simulating.recipients import Recipients
from campaigns.workflow.graph import Workflow
from campaigns.workflow.paths import emails_in_order
from fluenzr_site.adminsite.numbers import number

#: Rows of the table: days, else weeks, else months.
MOST_ROWS: Final = 31
_COLOURS: Final = 8


@dataclass(frozen=True, slots=True)
class Rate:
    """A share that the forecast assumes; ``value`` in percent."""

    name: str
    label: str
    value: int


@dataclass(frozen=True, slots=True)
class Step:
    """An e-mail of the campaign; ``colour`` is the number of its colour."""

    number: int
    subject: str
    colour: int
    total: str


@dataclass(frozen=True, slots=True)
class Part:
    """Of a row: the e-mails of one step, and how much of the widest row they are, in percent with a point."""

    colour: int
    count: str
    width: str


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    total: str
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Moment:
    title: str
    said: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    emails: str
    moments: list[Moment]
    steps: list[Step]
    rows: list[Row]
    period: str


def shown(workflow: Workflow, found: Forecast, zone: ZoneInfo, now: datetime) -> Shown:
    nodes = emails_in_order(workflow)
    totals: Counter[str] = sum(found.days.values(), Counter())
    steps = [
        Step(place, node.subject or _("(no subject)"), (place - 1) % _COLOURS + 1, number(totals[node.id]))
        for place, node in enumerate(nodes, 1)
    ]
    period, grouped = _grouped(found.days)
    most = max((sum(counted.values()) for counted in grouped.values()), default=1)
    rows = [
        Row(
            _label(day, period, now.astimezone(zone).date()),
            number(sum(counted.values())),
            [_part(step, counted[node.id], most) for step, node in zip(steps, nodes, strict=True)],
        )
        for day, counted in grouped.items()
    ]
    return Shown(number(found.emails), list(_moments(found, zone, now)), steps, rows, period)


def moment(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Such as "Mon 23 Nov, 09:00", in the campaign's zone."""
    local = at.astimezone(zone)
    year = "" if local.year == now.astimezone(zone).year else " Y"
    return date_format(local, f"D j M{year}, H:i")


def _moments(found: Forecast, zone: ZoneInfo, now: datetime) -> Iterable[Moment]:
    if found.first_at and found.last_new_at:
        yield Moment(_("The first e-mail leaves"), moment(found.first_at, zone, now))
        yield Moment(
            _("The last person gets their first"),
            moment(found.last_new_at, zone, now),
            _days(found.first_at, found.last_new_at, zone),
        )
    if found.waiting:
        said = ngettext(
            "%(count)s person isn't through in three years",
            "%(count)s people aren't through in three years",
            found.waiting,
        )
        yield Moment(_("It ends"), _("Not in sight"), said % {"count": number(found.waiting)})
    elif found.ends_at:
        ends = date_format(found.ends_at.astimezone(zone), "D j M Y")
        yield Moment(_("It ends about"), ends, _days(now, found.ends_at, zone))


def _days(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    days = (end.astimezone(zone).date() - start.astimezone(zone).date()).days
    if not days:
        return _("the same day")
    return ngettext("%(count)s day later", "%(count)s days later", days) % {"count": number(days)}


def _grouped(days: Mapping[date, Counter[str]]) -> tuple[str, dict[date, Counter[str]]]:
    """By day, week or month, whichever first fits the page."""
    grouped: dict[date, Counter[str]] = {}
    for period, start in (("day", _day), ("week", _week), ("month", _month)):
        grouped = {}
        for day, counted in sorted(days.items()):
            grouped.setdefault(start(day), Counter()).update(counted)
        if len(grouped) <= MOST_ROWS:
            return period, grouped
    return "month", grouped


def _day(day: date) -> date:
    return day


def _week(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _month(day: date) -> date:
    return day.replace(day=1)


def _label(day: date, period: str, today: date) -> str:
    if period == "month":
        return date_format(day, "YEAR_MONTH_FORMAT")
    said = date_format(day, "D j M" if day.year == today.year else "D j M Y")
    return _("Week of %(day)s") % {"day": said} if period == "week" else said


def _part(step: Step, count: int, most: int) -> Part:
    return Part(step.colour, number(count) if count else "", f"{100 * count / most:.2f}")


def assumptions(found: Forecast, read: Recipients, rates: Sequence[Rate]) -> list[str]:
    """What the forecast takes for granted."""
    said = [_("Nobody answers or unsubscribes, and nothing bounces: each one who does makes it shorter.")]
    for each in rates:
        if each.name == "opened":
            said.append(_("%(percent)s %% open an e-mail that a condition asks about.") % {"percent": each.value})
        else:
            said.append(_("%(percent)s %% click in an e-mail that a condition asks about.") % {"percent": each.value})
    said.append(_("The accounts stay connected, and no other campaign uses up their days."))
    if read.read < read.total:
        text = _("The first %(count)s people were looked at one by one; the others are taken to be like them.")
        said.append(text % {"count": number(read.read)})
    if found.lot > 1:
        text = _("With so many e-mails, each day's number is exact to %(count)s or so.")
        said.append(text % {"count": number(found.lot)})
    return said


def slowed(found: Forecast) -> str:
    """That a daily limit makes it longer, and what would make it shorter; empty where none does."""
    if not found.full_days:
        return ""
    text = ngettext(
        "On %(count)s day a daily limit is used up, and the rest waits: more accounts or a higher limit shorten it.",
        "On %(count)s days a daily limit is used up, and the rest waits: more accounts or a higher limit shorten it.",
        found.full_days,
    )
    return text % {"count": number(found.full_days)}


def extremes(found: Sequence[Forecast], zone: ZoneInfo) -> str:
    """What is sent if nobody opens and clicks, and if everybody does."""
    if len(found) != 2 or (found[0].emails, found[0].ends_at) == (found[1].emails, found[1].ends_at):
        return ""
    low, high = (
        _("%(count)s e-mails, until %(day)s")
        % {
            "count": number(each.emails),
            "day": date_format(each.ends_at.astimezone(zone), "D j M Y") if each.ends_at else "–",
        }
        for each in found
    )
    return _("If nobody opens or clicks: %(low)s. If everybody does: %(high)s.") % {"low": low, "high": high}
