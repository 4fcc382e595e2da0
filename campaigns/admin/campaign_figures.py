"""A campaign's numbers as the pages write them: localised, and with a reason where there is none to give."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from campaigns.models import COUNTED, Campaign, EmailAccount
from campaigns.stats import counts
from campaigns.stats.unknown import unknown
from campaigns.workflow.graph import Workflow
from campaigns.workflow.parsing import parse
from fluenzr_site.adminsite.numbers import number

#: What is counted of e-mails, in the order of the pages, with the name of its rate.
LABELS: Final[dict[str, str | Promise]] = {
    "opened": pgettext_lazy("figures", "Opened"),
    "clicked": pgettext_lazy("figures", "Clicked"),
    "replied": pgettext_lazy("figures", "Replied"),
    "bounced": pgettext_lazy("figures", "Bounced"),
    "unsubscribed": pgettext_lazy("figures", "Unsubscribed"),
}
RATES: Final = {
    "opened": "openRate",
    "clicked": "clickRate",
    "replied": "replyRate",
    "bounced": "bounceRate",
    "unsubscribed": "unsubscribeRate",
}
_WHY: Final[dict[str, tuple[str | Promise, str | Promise]]] = {
    "workspace": (gettext_lazy("tracking is off"), gettext_lazy("The workspace's settings turn open tracking off.")),
    "emails": (gettext_lazy("tracking is off"), gettext_lazy("It is turned off in the campaign's e-mails.")),
    "mailbox": (
        gettext_lazy("mailbox isn't read"),
        gettext_lazy("The e-mail account has no IMAP server, so answers and bounces aren't noticed."),
    ),
}


@dataclass(frozen=True, slots=True)
class Rate:
    """``text`` is the rate; ``why`` says in few words why there is none, ``reason`` in a sentence."""

    text: str = ""
    why: str | Promise = ""
    reason: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """A thing that was counted, under its name in the statistics, and its rate."""

    name: str
    label: str | Promise
    count: int
    rate: Rate
    value: float | None

    @property
    def number(self) -> str:
        return number(self.count)


def percent(value: float) -> str:
    return _("%(number)s %%") % {"number": number_format(value, decimal_pos=1)}


def share(part: int, whole: int) -> str:
    """Such as "12.5 %"; empty of nothing."""
    return percent(counts.percent(part, whole)) if whole > 0 else ""


def workflow_of(campaign: Campaign) -> Workflow:
    """The one that runs, else the draft."""
    return parse(campaign.version.workflow if campaign.version else campaign.workflow)


def accounts_of(campaign: Campaign) -> list[EmailAccount]:
    return [campaign.account, *campaign.more_accounts.all()]


def not_known(campaign: Campaign, figures: Mapping[str, int]) -> dict[str, str]:
    return dict(unknown(campaign.workspace, workflow_of(campaign), accounts_of(campaign), figures))


def counted(document: Mapping[str, Any], missing: Mapping[str, str], names: Iterable[str] = RATES) -> list[Counted]:
    """``document``: figures as ``counts.rated`` gives them; ``missing``: as ``not_known`` does."""
    found = []
    for name in names:
        value = document[RATES[name]] if document["sent"] and name not in missing else None
        found.append(Counted(name, LABELS[name], document[name], _rate(value, missing.get(name)), value))
    return found


def why(missing: Mapping[str, str], name: str) -> str | Promise:
    """Why this isn't known, in few words; empty if it is."""
    return _WHY[missing[name]][0] if name in missing else ""


def _rate(value: float | None, reason: str | None) -> Rate:
    if reason:
        return Rate("", *_WHY[reason])
    return Rate("–" if value is None else percent(value))


@dataclass(frozen=True, slots=True)
class Line:
    """A campaign in a list: what was counted of it, over what was delivered."""

    campaign: Campaign
    enrolled: int
    document: dict[str, Any]
    counted: list[Counted]

    @property
    def shown_enrolled(self) -> str:
        return number(self.enrolled)

    @property
    def shown_sent(self) -> str:
        return number(self.document["sent"])

    @property
    def by_name(self) -> dict[str, Counted]:
        return {each.name: each for each in self.counted}


def lines(campaigns: Sequence[Campaign]) -> list[Line]:
    """In one query for all. Each has its workspace, account, version and further accounts at hand."""
    totals = counts.totals(campaign.pk for campaign in campaigns)
    return [_line(campaign, totals.get(campaign.pk) or dict.fromkeys(COUNTED, 0)) for campaign in campaigns]


def _line(campaign: Campaign, figures: dict[str, int]) -> Line:
    document = counts.document(figures)
    return Line(campaign, figures["enrolled"], document, counted(document, not_known(campaign, figures)))
