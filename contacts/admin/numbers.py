"""What the contacts put on the dashboard."""

from typing import Any

from django.db.models import Count, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from contacts.models import Contact, Import, PipelineStage
from contacts.queries import Contacts, contacts_of, created_between
from fluenzr_site.adminsite.dashboard import (
    Card,
    Panel,
    Period,
    Series,
    Step,
    add_cards,
    add_panels,
    add_series,
    add_steps,
)
from fluenzr_site.api.totals import remembered
from fluenzr_site.workspaces.models import Workspace

PAST_IMPORTS = 4


@add_cards
def contact_cards(workspace: Workspace, period: Period) -> list[Card]:
    contacts = contacts_of(workspace)
    everybody = reverse("admin:contacts_contact_changelist")
    total = _total(workspace)
    writable = total - remembered(workspace, "dashboard not writable", lambda: _not_writable(contacts))
    earlier = created_between(contacts, period.before, period.start)
    before = remembered(workspace, ("dashboard before", *period.bounds), earlier.count)
    recent = sum(_added(workspace, period))
    return [
        Card(_("Contacts"), total, everybody, _("%(count)d can be written to") % {"count": writable}),
        Card(_("New contacts"), recent, f"{everybody}?created={_asked(period)}", before=before, compared=True),
    ]


def _not_writable(contacts: Contacts) -> int:
    """Who has answered may be written to again. These are few, and so cheaper to count than the others."""
    mailed = (Contact.Status.ACTIVE, Contact.Status.REPLIED)
    never = [status for status in Contact.Status if status not in mailed]
    return contacts.filter(status__in=never).count() + contacts.filter(status__in=mailed, email=None).count()


def _asked(period: Period) -> str:
    """As the list's filter writes it."""
    days = period.chosen_days
    return str(period.usual) if period.usual else f"{days.first}..{days.last}"


@add_series
def growth(workspace: Workspace, period: Period) -> Series:
    return Series(_("New contacts"), _added(workspace, period))


def _added(workspace: Workspace, period: Period) -> list[int]:
    """How many were added in each bar: ranges of the primary key, counted in one query."""

    def count() -> list[int]:
        contacts = contacts_of(workspace)
        parts = [_counted(contacts, period, number) for number in range(len(period.bars))]
        found: dict[int, int] = dict(parts[0].union(*parts[1:], all=True))
        return [found.get(number, 0) for number in range(len(parts))]

    return remembered(workspace, ("dashboard added", *period.bounds), count)


def _counted(contacts: Contacts, period: Period, number: int) -> Any:
    start, end = period.bars[number]
    numbered = created_between(contacts, start, end).order_by().values(bar=Value(number))
    return numbered.annotate(size=Count("*")).values_list("bar", "size")


@add_steps
def bring_contacts(workspace: Workspace) -> list[Step]:
    text = _("From a CSV or Excel file, or one by one.")
    total = _total(workspace)
    return [Step(_("Begin with your contacts"), text, reverse("admin:contacts_import_add"), bool(total))]


@add_panels
def contact_panels(workspace: Workspace) -> list[Panel]:
    return [*_imports(workspace), *_pipeline(workspace)]


def _imports(workspace: Workspace) -> list[Panel]:
    """Those under way first, with how far they are."""
    imports = list(Import.objects.of(workspace)[:PAST_IMPORTS])
    if not imports:
        return []
    under_way = [source for source in imports if source.state == Import.State.RUNNING]
    rank = 10 if under_way else 80
    return [Panel("contacts/recent_imports.html", {"imports": imports}, rank=rank)]


def _pipeline(workspace: Workspace) -> list[Panel]:
    stages = list(PipelineStage.objects.of(workspace))
    counts = _by_stage(workspace)
    rows = [(stage, counts.get(stage.pk, 0)) for stage in stages]
    most = max((count for _stage, count in rows), default=0)
    if not most:
        return []
    drawn = [(stage, count, round(100 * count / most)) for stage, count in rows]
    return [Panel("contacts/pipeline_summary.html", {"rows": drawn}, rank=40, aside=True)]


def _total(workspace: Workspace) -> int:
    return sum(_by_stage(workspace).values())


def _by_stage(workspace: Workspace) -> dict[str | None, int]:
    """How many are in each stage, and in none: everybody in one count, which the total is taken from too."""
    sizes = contacts_of(workspace).order_by().values_list("stage_id").annotate(size=Count("*"))
    return remembered(workspace, "dashboard stages", lambda: dict(sizes))
