"""The list of campaigns: how each is doing, what can be done with it, and which to compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from campaigns.admin.campaign_figures import Line, lines
from campaigns.admin.campaign_page import ACTIONS, STATUS_COLOURS, address
from campaigns.models import Activity, Campaign, EmailAccount
from fluenzr_site.adminsite.choices import Choice, asked_choice, choices, typed, without_empty
from fluenzr_site.adminsite.moments import ago
from fluenzr_site.adminsite.pages import Page
from fluenzr_site.workspaces.models import Workspace

PER_PAGE: Final = 25
Status = Campaign.Status
# Those put away are asked for.
_SHOWN: Final = (Status.DRAFT, Status.ACTIVE, Status.PAUSED, Status.COMPLETED)


@dataclass(frozen=True, slots=True)
class Row:
    line: Line
    colour: str
    ago: str
    actions: list[tuple[str | Promise, str]]


class CampaignList(Page):
    template = "campaigns/campaign/list.html"

    def get(self, request: HttpRequest) -> TemplateResponse:
        asked = request.GET
        status, query = asked_choice(asked, "status", Status.values), typed(asked)
        everything = Campaign.objects.of(self.workspace)
        wanted = everything.filter(status=status) if status else everything.filter(status__in=_SHOWN)
        if query:
            wanted = wanted.filter(name__icontains=query)
        page = Paginator(_ordered(wanted), PER_PAGE).get_page(asked.get("page"))
        statuses = _statuses(everything, status, query)
        is_empty = not any(choice.count for choice in statuses)
        return self.show(
            _("Campaigns"),
            statuses=statuses,
            page=page,
            rows=rows(self.workspace, list(page)),
            status=status,
            query=query,
            kept=urlencode(without_empty({"status": status, "q": query})),
            is_empty=is_empty,
            has_account=not is_empty or EmailAccount.objects.of(self.workspace).exists(),
        )


def _ordered(campaigns: QuerySet[Campaign]) -> QuerySet[Any]:
    latest = Activity.objects.filter(campaign=OuterRef("pk")).order_by("-id").values("at")[:1]
    beside = campaigns.select_related("account", "version").prefetch_related("more_accounts")
    return beside.annotate(active_at=Subquery(latest)).order_by("-id")


def rows(workspace: Workspace, campaigns: Sequence[Any]) -> list[Row]:
    for campaign in campaigns:
        campaign.workspace = workspace
    return [_row(line) for line in lines(campaigns)]


def _row(line: Line) -> Row:
    campaign: Any = line.campaign
    actions = [(title, address(campaign, name)) for name, title in ACTIONS[campaign.status]]
    actions.append((gettext_lazy("Duplicate"), address_of_copy(campaign)))
    return Row(line, STATUS_COLOURS[campaign.status], ago(campaign.active_at or campaign.updated_at), actions)


def address_of_copy(campaign: Campaign) -> str:
    return f"{reverse('admin:campaigns_campaign_add')}?copy={campaign.pk}"


def _statuses(everything: QuerySet[Campaign], status: str, query: str) -> list[Choice]:
    counts: dict[str, int] = dict(everything.order_by().values_list("status").annotate(Count("pk")))
    counts[""] = sum(counts.get(each, 0) for each in _SHOWN)
    offered = [("", pgettext("campaigns", "All")), *Status.choices]
    return choices(offered, status, "status", {"q": query}, lambda value: counts.get(value, 0))
