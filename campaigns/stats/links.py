"""Which links of a campaign's e-mails people followed."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Sum

from campaigns.models import Campaign, Click
from campaigns.stats.period import Period

MOST: Final = 50


@dataclass(frozen=True, slots=True)
class LinkFigures:
    """``people``: contacts who followed it; ``clicks``: how often in all."""

    link_id: str
    url: str
    people: int
    clicks: int


def links(campaign: Campaign, period: Period) -> list[LinkFigures]:
    """The most followed first; never followed ones are left out."""
    bounds: dict[str, Any] = {}
    if period.start:
        bounds["first_at__gte"] = period.start
    if period.end:
        bounds["first_at__lt"] = period.end
    rows = Click.objects.filter(link__campaign=campaign, **bounds).values_list("link_id", "link__url")
    counted = rows.annotate(people=Count("message__enrolment", distinct=True), clicks=Sum("count"))
    return [LinkFigures(*row) for row in counted.order_by("-people", "-clicks", "link_id")[:MOST]]
