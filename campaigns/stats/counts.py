"""A campaign's figures, from its tallies: their cost doesn't grow with the number of e-mails."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db.models import Sum

from campaigns.models import COUNTED, Campaign, Tally
from campaigns.stats.period import EVER, Period, within

Figures = dict[str, int]
_RATES: Final = {
    "opened": "openRate",
    "clicked": "clickRate",
    "replied": "replyRate",
    "bounced": "bounceRate",
    "unsubscribed": "unsubscribeRate",
}
_SUMS: Final = [Sum(name) for name in COUNTED]
_NOTHING: Final = dict.fromkeys(COUNTED, 0)


def totals(campaign_ids: Iterable[str]) -> dict[str, Figures]:
    """The sums of each campaign, by its id."""
    tallies = Tally.objects.filter(campaign_id__in=list(campaign_ids))
    rows = tallies.values_list("campaign_id").annotate(*_SUMS)
    return {campaign_id: dict(zip(COUNTED, sums, strict=True)) for campaign_id, *sums in rows}


def sums(campaign: Campaign, period: Period = EVER) -> Figures:
    """Those of one campaign within the period."""
    tallies = within(Tally.objects.filter(campaign=campaign), period)
    found = tallies.aggregate(**{f"total_{name}": Sum(name) for name in COUNTED})
    return {name: found[f"total_{name}"] or 0 for name in COUNTED}


def by_email(campaign: Campaign, period: Period = EVER) -> dict[tuple[str, str], Figures]:
    """The sums of each e-mail and version, by node id and version (empty without a comparison)."""
    tallies = within(Tally.objects.filter(campaign=campaign).exclude(node_id=""), period)
    rows = tallies.values_list("node_id", "variant").annotate(*_SUMS)
    return {(node_id, variant): dict(zip(COUNTED, sums, strict=True)) for node_id, variant, *sums in rows}


def document(figures: Mapping[str, int] | None) -> dict[str, Any]:
    """``stats`` of a campaign: bounce rate over sent, the other rates over delivered."""
    figures = figures or _NOTHING
    return {"totalContacts": figures["enrolled"], **rated(figures, over_sent=False)}


def rated(figures: Mapping[str, int], *, over_sent: bool) -> dict[str, Any]:
    """Counts and rates, in percent with one decimal; 0 where nothing was sent."""
    sent = figures["sent"]
    delivered = max(0, sent - figures["bounced"])
    answer: dict[str, Any] = {"sent": sent, "delivered": delivered}
    for name, rate in _RATES.items():
        answer[name] = figures[name]
        answer[rate] = percent(figures[name], sent if over_sent or name == "bounced" else delivered)
    return answer


def percent(part: int, whole: int) -> float:
    """Rounded half up to one decimal, as people do it; 0.0 of nothing."""
    return (2000 * part + whole) // (2 * whole) / 10 if whole > 0 else 0.0
