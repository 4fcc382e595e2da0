"""Several campaigns side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from campaigns.admin.campaign_figures import LABELS, Line, Rate, lines
from campaigns.admin.campaign_overview import people_address
from campaigns.admin.campaign_page import STATUS_COLOURS
from campaigns.models import Campaign
from fluenzr_site.adminsite.numbers import number
from fluenzr_site.adminsite.pages import Page

LEAST, MOST = 2, 5
_MOST_OFFERED: Final = 100
#: Of these the lower one is the better.
_LOW: Final = ("bounced", "unsubscribed")


@dataclass(frozen=True, slots=True)
class Cell:
    rate: Rate
    count: str
    link: str
    is_best: bool


class Compare(Page):
    """``id`` in the address, two to five times; with fewer or more it asks which."""

    template = "campaigns/campaign/compare.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        ids = list(dict.fromkeys(request.GET.getlist("id")))
        rows = (
            Campaign.objects.of(self.workspace).select_related("account", "version").prefetch_related("more_accounts")
        )
        known = {campaign.pk: campaign for campaign in rows.filter(pk__in=ids[: MOST + 1])}
        found = [known[each] for each in ids if each in known]
        if not LEAST <= len(found) <= MOST:
            offered = Campaign.objects.of(self.workspace).order_by("-id")[:_MOST_OFFERED]
            ticked = {campaign.pk for campaign in found}
            return self.show(_("Compare campaigns"), offered=offered, ticked=ticked, has_asked=bool(ids))
        for campaign in found:
            campaign.workspace = self.workspace
        compared = lines(found)
        return self.show(
            _("Compare campaigns"),
            lines=[(line, STATUS_COLOURS[Campaign.Status(line.campaign.status)]) for line in compared],
            contacts=[line.shown_enrolled for line in compared],
            sent=[(line.shown_sent, people_address(line.campaign, did="sent")) for line in compared],
            delivered=[number(line.document["delivered"]) for line in compared],
            rates=[_compared(compared, name, label) for name, label in LABELS.items()],
        )


def _compared(compared: Sequence[Line], name: str, label: str | Promise) -> dict[str, Any]:
    """One rate of each, the best one marked unless they are all alike."""
    found = [line.by_name[name] for line in compared]
    values = [each.value for each in found if each.value is not None]
    best = (min if name in _LOW else max)(values) if len(set(values)) > 1 else None
    cells = [
        Cell(each.rate, each.number, people_address(line.campaign, did=name), best is not None and each.value == best)
        for line, each in zip(compared, found, strict=True)
    ]
    return {"label": label, "cells": cells}
