"""The campaign's first page: what became of it, each number with the people behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.admin import campaign_charts as charts
from campaigns.admin import campaign_figures as figures
from campaigns.admin.campaign_gates import uncertain_note
from campaigns.admin.campaign_page import CampaignPage, address
from campaigns.admin.campaign_period import LABELS, Chosen, chosen
from campaigns.admin.campaign_tables import email_rows, group_rows, link_rows
from campaigns.admin.campaign_why import next_steps, stuck
from campaigns.models import Campaign, Enrolment
from campaigns.stats import counts, people
from fluenzr_site.adminsite.choices import choices, without_empty
from fluenzr_site.adminsite.numbers import number
from fluenzr_site.adminsite.periods import FROM
from fluenzr_site.core import clock

_FUNNEL: Final[dict[str, str | Promise]] = {
    "sent": gettext_lazy("E-mailed"),
    "delivered": gettext_lazy("Delivered"),
    "seen": gettext_lazy("Opened, clicked or replied"),
    "acted": gettext_lazy("Clicked or replied"),
    "replied": gettext_lazy("Replied"),
}
#: Of more e-mails the page fetches the funnel afterwards: it is counted from the e-mails themselves.
MOST_AT_ONCE: Final = 5_000
_CARDS: Final = ("opened", "clicked", "replied", "bounced", "unsubscribed")


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the funnel, in contacts. ``width``: in percent of the first; ``share``: of the step before."""

    label: str | Promise
    number: str
    share: str
    width: int
    link: str
    why: str | Promise = ""


class Overview(CampaignPage):
    tab = "change"
    template = "campaigns/campaign/overview.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        campaign, now = self.campaign, clock.now()
        period = chosen(campaign, request.GET, now)
        sums = counts.sums(campaign, period.period)
        ever = sums if period.is_ever else counts.totals([campaign.pk]).get(campaign.pk, {})
        has_sent = bool(ever.get("sent")) or (not period.is_ever and bool(ever))
        if has_sent and request.headers.get("HX-Request"):
            # Whoever waited for the first e-mail sees the numbers, with the scripts that draw them.
            return HttpResponse(headers={"HX-Refresh": "true"})
        states = people.statuses(campaign)
        statuses = _statuses(campaign, states)
        if not has_sent:
            steps = next_steps(campaign, now)
            awaited = campaign.status == Campaign.Status.ACTIVE and not any(step.link for step in steps)
            return self.show(_("Overview"), has_sent=False, steps_to_take=steps, awaited=awaited, statuses=statuses)
        document, missing = counts.document(sums), figures.not_known(campaign, sums)
        counted = request.GET.get("heat", "") if request.GET.get("heat") in charts.HEAT else "opened"
        kept = {"heat": "" if counted == "opened" else counted}
        is_many = ever.get("sent", 0) > MOST_AT_ONCE
        held = stuck(campaign, now)
        return self.show(
            _("Overview"),
            has_sent=True,
            held=held,
            note=uncertain_note(campaign, held),
            sent_link=people_address(campaign, period, did="sent"),
            sent=number(document["sent"]),
            cards=_cards(campaign, document, missing, period),
            funnel=None if is_many else _funnel(campaign, states, missing, period),
            funnel_address=f"{self.address('funnel')}?{urlencode(period.query)}",
            chart=charts.chart(campaign, period),
            heat=charts.heat(campaign, period, counted),
            heats=choices(charts.HEAT.items(), counted, "heat", period.query),
            periods=choices(LABELS.items(), FROM if period.dates.days else period.name, "period", kept),
            dates=period.dates,
            kept=without_empty(kept).items(),
            emails=email_rows(campaign, missing, period, now),
            links=link_rows(campaign, period),
            statuses=statuses,
            export=f"{self.address('export')}?{urlencode({'what': 'numbers', **period.query})}",
        )


class Funnel(CampaignPage):
    """The funnel alone, of the same period as the overview's."""

    template = "campaigns/campaign/funnel.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        period = chosen(self.campaign, request.GET, clock.now())
        missing = figures.not_known(self.campaign, counts.sums(self.campaign, period.period))
        states = people.statuses(self.campaign)
        return self.show(_("Funnel"), funnel=_funnel(self.campaign, states, missing, period))


class Groups(CampaignPage):
    """The table by group alone: it is counted from the e-mails themselves, so the page fetches it afterwards."""

    template = "campaigns/campaign/groups.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        sums = counts.sums(self.campaign)
        missing = figures.not_known(self.campaign, sums)
        return self.show(_("By group"), rows=group_rows(self.campaign, missing))


def people_address(campaign: Campaign, period: Chosen | None = None, **asked: str) -> str:
    return f"{address(campaign, 'people')}?{urlencode({**asked, **(period.query if period else {})})}"


def _cards(
    campaign: Campaign, document: Mapping[str, Any], missing: Mapping[str, str], period: Chosen
) -> list[dict[str, Any]]:
    return [
        {
            "counted": each,
            "of": _of(each, document),
            "link": people_address(campaign, period, did=each.name),
        }
        for each in figures.counted(document, missing, _CARDS)
    ]


def _of(counted: figures.Counted, document: Mapping[str, Any]) -> str:
    """What the card's rate is of: it isn't the base of the tables."""
    if counted.name == "bounced":
        return _("%(count)s of %(whole)s sent") % {"count": counted.number, "whole": number(document["sent"])}
    return _("%(count)s of %(whole)s delivered") % {"count": counted.number, "whole": number(document["delivered"])}


def _funnel(campaign: Campaign, states: Mapping[str, int], missing: Mapping[str, str], period: Chosen) -> list[Step]:
    """From those in the campaign to those who answered. Each step is a part of the one before."""
    reached = people.funnel(campaign, period.period)
    inside = sum(count for status, count in states.items() if status != Enrolment.Status.REMOVED)
    first = max(inside, reached["sent"]) if period.is_ever else reached["sent"]
    steps = []
    if period.is_ever:
        link = people_address(campaign)
        steps.append(Step(_("In the campaign"), number(first), "", 100 if first else 0, link))
    before = first
    for name, label in _FUNNEL.items():
        # What isn't tracked can still be known of some: who answered has seen it.
        why = figures.why(missing, {"seen": "opened", "acted": "clicked"}.get(name, name))
        count = reached[name]
        width = round(100 * count / first) if first else 0
        share = "" if why or (not period.is_ever and name == "sent") else figures.share(count, before)
        link = people_address(campaign, period, did=name)
        said = "—" if why and not count else number(count)
        steps.append(Step(label, said, share, width, link, why))
        before = before if why else count
    return steps


def _statuses(campaign: Campaign, states: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "label": status.label,
            "number": number(states[status]),
            "link": people_address(campaign, status=status),
        }
        for status in Enrolment.Status
        if states.get(status)
    ]
