"""What a campaign will do, looked at before it starts: to whom, when, what is missing, when it ends; and the start."""

from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import readiness
from campaigns.admin import review_forecast
from campaigns.admin.campaign_figures import workflow_of
from campaigns.admin.campaign_page import CampaignPage
from campaigns.admin.campaign_problems import problem_rows
from campaigns.admin.review_checks import checks
from campaigns.admin.review_forecast import Rate
from campaigns.admin.review_limits import limits
from campaigns.changes import campaigns as changes
from campaigns.models import Campaign
from campaigns.simulating import recipients as people
from campaigns.simulating.forecast import forecast
from campaigns.simulating.loading import can_be_foretold, situation
from campaigns.simulating.recipients import Recipients
from campaigns.simulating.walking import USUAL, Rates
from campaigns.workflow.graph import Condition, Workflow
from campaigns.workflow.parsing import parse
from fluenzr_site.adminsite.numbers import number
from fluenzr_site.adminsite.remembering import administers
from fluenzr_site.adminsite.scoped import actor
from fluenzr_site.core import clock
from fluenzr_site.core.said import in_words
from fluenzr_site.workspaces.plans import LimitReached

Status = Campaign.Status
REASONS: Final = {
    people.UNSUBSCRIBED: gettext_lazy("Unsubscribed"),
    people.BOUNCED: gettext_lazy("Address bounced"),
    people.BLOCKED: gettext_lazy("Blocked"),
    people.ERASED: gettext_lazy("Erased on request"),
    people.NO_ADDRESS: gettext_lazy("No e-mail address"),
    people.UNWRITABLE: gettext_lazy("Address that mail systems don't take"),
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    reason: str
    title: str | Promise
    count: str


class Review(CampaignPage):
    """``opened`` and ``clicked`` in the address are percentages that the forecast assumes."""

    tab = "review"
    template = "campaigns/campaign/review.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Start it, or go on with it where it is paused."""
        change = changes.resume if self.campaign.status == Status.PAUSED else changes.start
        try:
            change(self.workspace, self.campaign.pk, by=actor(request))
        except (readiness.NotReady, LimitReached):
            return self._page(status=409)
        except changes.WrongState:
            self.campaign.refresh_from_db(fields=["status"])
            said = _("The campaign is “%(status)s”: it can't be started.")
            messages.warning(request, said % {"status": self.campaign.get_status_display()})
            return redirect(self.address())
        messages.success(request, _("“%(name)s” has started.") % {"name": self.campaign.name})
        return redirect(self.address())

    def _page(self, status: int = 200) -> HttpResponse:
        now = clock.now()
        # Who hasn't begun follows what is drawn now; a running campaign what it was started with.
        is_editable = self.campaign.status in changes.EDITABLE
        workflow = parse(self.campaign.workflow) if is_editable else workflow_of(self.campaign)
        found = people.recipients(self.campaign, workflow, now)
        page = self.show(
            _("Review"),
            found=found,
            written=number(found.written),
            total=number(found.total),
            left_out=[
                LeftOut(reason, REASONS[reason], number(found.left_out[reason]))
                for reason in people.REASONS
                if found.left_out[reason]
            ],
            limits=limits(self.campaign, now),
            checks=checks(self.campaign, workflow, found, now, administers=administers(self.request)),
            groups=list(self.campaign.dynamic_groups.order_by("name")),
            is_over=self.campaign.status in (Status.COMPLETED, Status.ARCHIVED),
            zone=self.campaign.settings["timezone"].replace("_", " "),
            **self._forecast(workflow, found),
            **(self._start(found) if is_editable else {}),
        )
        page.status_code = status
        return page

    def _start(self, found: Recipients) -> dict[str, Any]:
        """The button in its words, or what prevents it."""
        told: dict[str, Any] = {"actions": [], "may_start": True, "button": _button(self.campaign, found)}
        try:
            readiness.require_ready(self.campaign)
        except readiness.NotReady as error:
            return told | {"may_start": False, "problems": problem_rows(self.campaign, error.problems)}
        except LimitReached as error:
            return told | {"may_start": False, "refusal": in_words(error)}
        return told

    def _forecast(self, workflow: Workflow, found: Recipients) -> dict[str, Any]:
        now, zone = clock.now(), ZoneInfo(self.campaign.settings["timezone"])
        asked = list(_asked_rates(workflow, self.request))
        told: dict[str, Any] = {"rates": asked}
        if not found.places or not can_be_foretold(self.campaign, workflow):
            return told
        rates = Rates(**{each.name: each.value / 100 for each in asked})
        begin = situation(self.campaign, found.places, now)
        result = forecast(begin, rates)
        extremes = [forecast(begin, Rates(opened=share, clicked=share)) for share in (0, 1)] if asked else []
        return told | {
            "shown": review_forecast.shown(workflow, result, zone, now),
            "assumed": review_forecast.assumptions(result, found, asked),
            "slowed": review_forecast.slowed(result),
            "extremes": review_forecast.extremes(extremes, zone),
        }


def _button(campaign: Campaign, found: Recipients) -> str:
    if campaign.status == Status.PAUSED:
        said = ngettext("Resume: go on with %(count)s person", "Resume: go on with %(count)s people", found.written)
    elif not found.written:
        return _("Start, and wait for the first person")
    else:
        said = ngettext("Start: write to %(count)s person", "Start: write to %(count)s people", found.written)
    return said % {"count": number(found.written)}


def _asked_rates(workflow: Workflow, request: HttpRequest) -> list[Rate]:
    """The rates that the workflow's conditions make a difference of."""
    criteria = {node.criterion for node in workflow.nodes if isinstance(node, Condition)}
    known = {"opened": (_("Open an e-mail"), USUAL.opened), "clicked": (_("Click in it"), USUAL.clicked)}
    return [
        Rate(name, label, _percentage(request.GET.get(name, ""), round(usual * 100)))
        for name, (label, usual) in known.items()
        if name in criteria
    ]


def _percentage(text: str, usual: int) -> int:
    return min(100, int(text)) if text.isascii() and text.isdigit() and len(text) < 4 else usual
