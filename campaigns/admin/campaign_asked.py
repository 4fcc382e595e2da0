"""Which people of a campaign an address asks for, how the page says it, and how it is asked without a part."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.admin import campaign_period
from campaigns.admin.campaign_figures import workflow_of
from campaigns.models import Campaign, Enrolment, Link
from campaigns.stats.people import DID, WAITING, Asked
from campaigns.workflow.paths import emails_in_order
from contacts.models import Group
from fluenzr_site.adminsite import periods
from fluenzr_site.adminsite.choices import typed

Text = str | Promise
DID_LABELS: Final[dict[str, Text]] = {
    "sent": gettext_lazy("E-mailed"),
    "delivered": gettext_lazy("Delivered"),
    "opened": gettext_lazy("Opened"),
    "clicked": gettext_lazy("Clicked"),
    "replied": gettext_lazy("Replied"),
    "seen": gettext_lazy("Opened, clicked or replied"),
    "acted": gettext_lazy("Clicked or replied"),
    "bounced": gettext_lazy("Bounced"),
    "unsubscribed": gettext_lazy("Unsubscribed"),
    "failed": gettext_lazy("Failed"),
    "uncertain": gettext_lazy("Uncertain whether sent"),
    WAITING: gettext_lazy("Waiting"),
}
_NAMES: Final = ("did", "status", "node", "version", "link", "group", "period", *periods.NAMES, "q")


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of what is asked for, and the address without it."""

    label: Text
    said: Text
    address: str


class Selection:
    """What an address asks for; what isn't known there is passed over."""

    def __init__(self, campaign: Campaign, values: Mapping[str, Any], now: datetime) -> None:
        self.campaign = campaign
        given = {name: typed(values, name) for name in _NAMES}
        self.period = campaign_period.chosen(campaign, given, now)
        given |= dict.fromkeys(("period", *periods.NAMES), "") | self.period.query
        if given["did"] not in (*DID, WAITING):
            given["did"] = ""
        if given["status"] not in Enrolment.Status.values:
            given["status"] = ""
        if given["version"] not in ("a", "b"):
            given["version"] = ""
        self.given = {name: value for name, value in given.items() if value}
        self.emails = email_names(campaign)

    @property
    def asked(self) -> Asked:
        names = ("did", "status", "node", "version", "link", "group")
        kept = {name: self.given[name] for name in names if name in self.given}
        return Asked(**kept, search=self.given.get("q", ""), period=self.period.period)

    @property
    def query(self) -> str:
        return urlencode(self.given)

    def chips(self) -> list[Chip]:
        # The two dates are one period.
        names = [name for name in self.given if name != periods.TO]
        return [Chip(*self._said(name, self.given[name]), self._without(name)) for name in names]

    def _without(self, name: str) -> str:
        gone = periods.NAMES if name == periods.FROM else (name,)
        return "?" + urlencode({key: value for key, value in self.given.items() if key not in gone})

    def _said(self, name: str, value: str) -> tuple[Text, Text]:
        match name:
            case "did":
                return _("What they did"), DID_LABELS[value]
            case "status":
                return _("Status"), Enrolment.Status(value).label
            case "node":
                return _("E-mail"), self.emails.get(value, value)
            case "version":
                return _("Version"), value.upper()
            case "link":
                return _("Link"), self._url(value)
            case "group":
                return _("Group"), self._group(value)
            case "period" | periods.FROM:
                return _("Period"), self.period.said
        return _("Search"), value

    def _url(self, link_id: str) -> str:
        return next(
            iter(Link.objects.filter(campaign=self.campaign, pk=link_id).values_list("url", flat=True)), link_id
        )

    def _group(self, group_id: str) -> str:
        names = Group.objects.of(self.campaign.workspace).filter(pk=group_id).values_list("name", flat=True)
        return next(iter(names), group_id)


def email_names(campaign: Campaign) -> dict[str, str]:
    """Node id -> "E-mail 1", in the order in which they follow one another."""
    emails = [node.id for node in emails_in_order(workflow_of(campaign))]
    return {node_id: _("E-mail %(number)s") % {"number": number} for number, node_id in enumerate(emails, 1)}
