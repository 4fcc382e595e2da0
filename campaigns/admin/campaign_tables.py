"""The tables of a campaign's page: by e-mail and version, by link, by group."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from campaigns.admin.campaign_figures import Counted, counted, percent
from campaigns.admin.campaign_page import address
from campaigns.admin.campaign_period import Chosen
from campaigns.models import Campaign
from campaigns.stats.counts import rated
from campaigns.stats.emails import email_documents
from campaigns.stats.groups import COUNTED, groups
from campaigns.stats.links import links
from fluenzr_site.adminsite.numbers import number

#: As usual in statistics: that two rates differ is "significant" from here on.
SIGNIFICANT: Final = 0.95


@dataclass(frozen=True, slots=True)
class NumberCell:
    """A count with its rate, and the people behind it."""

    counted: Counted
    link: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """``note`` tells how a comparison stands."""

    title: str
    subtitle: str
    sent: str
    sent_link: str
    cells: list[NumberCell]
    is_version: bool = False
    is_winner: bool = False
    note: str = ""


def email_rows(campaign: Campaign, missing: Mapping[str, str], period: Chosen, now: datetime) -> list[TableRow]:
    """Each e-mail, and below it its two versions where there are two. Rates are over what was sent."""
    rows = []
    for document in email_documents(campaign, now, period.period):
        asked = {"node": document["nodeId"], **period.query}
        title = _("E-mail %(number)s") % {"number": document["emailNumber"]}
        rows.append(_row(campaign, title, document, missing, asked, note=_verdict(document)))
        for version in document["variants"]:
            of_version = asked | {"version": version["variant"].lower()}
            title = _("Version %(version)s") % {"version": version["variant"]}
            won = document["winner"] == version["variant"]
            rows.append(_row(campaign, title, version, missing, of_version, is_version=True, is_winner=won))
    return rows


def _row(
    campaign: Campaign,
    title: str,
    document: Mapping[str, Any],
    missing: Mapping[str, str],
    asked: dict[str, str],
    **more: Any,
) -> TableRow:
    cells = [NumberCell(each, _people(campaign, asked | {"did": each.name})) for each in counted(document, missing)]
    sent = _people(campaign, asked | {"did": "sent"})
    return TableRow(title, document.get("subject", ""), number(document["sent"]), sent, cells, **more)


def _people(campaign: Campaign, asked: Mapping[str, str]) -> str:
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{address(campaign, 'people')}?{query}"


def _verdict(document: Mapping[str, Any]) -> str:
    """What the comparison of two versions says, in words."""
    if not document["variants"]:
        return ""
    significance = document["significance"] or 0.0
    sure = percent(round(100 * significance, 1))
    if document["winner"]:
        said = _("Version %(version)s won: everybody else gets it. Certainty that they differ: %(sure)s.")
        return said % {"version": document["winner"], "sure": sure}
    if significance >= SIGNIFICANT:
        return _("The versions differ: %(sure)s certain.") % {"sure": sure}
    return _("No clear difference yet: %(sure)s certain; from 95 %% on it counts as one.") % {"sure": sure}


@dataclass(frozen=True, slots=True)
class LinkRow:
    url: str
    people: str
    clicks: str
    link: str


def link_rows(campaign: Campaign, period: Chosen) -> list[LinkRow]:
    return [
        LinkRow(
            each.url,
            number(each.people),
            number(each.clicks),
            _people(campaign, {"did": "clicked", "link": each.link_id, **period.query}),
        )
        for each in links(campaign, period.period)
    ]


def group_rows(campaign: Campaign, missing: Mapping[str, str]) -> list[TableRow]:
    rows = []
    for group in groups(campaign):
        figures = dict.fromkeys(COUNTED, 0) | group.figures
        document = rated(figures, over_sent=True)
        rows.append(_row(campaign, group.name, document, missing, {"group": group.group_id}))
    return rows
