"""How the contacts of each group took a campaign. Counted from the e-mails, so asked for by itself."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count

from campaigns.models import Campaign, Message
from campaigns.stats.people import DID

MOST: Final = 20
COUNTED: Final = ("sent", "delivered", "opened", "clicked", "replied", "bounced", "unsubscribed")


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """In contacts, by the names of COUNTED. Who is in two groups counts in both."""

    group_id: str
    name: str
    figures: dict[str, int]


def groups(campaign: Campaign) -> list[GroupFigures]:
    """The groups that most of those who were written to are in now, the largest first."""
    rows = Message.objects.of(campaign.workspace).filter(DID["sent"][0], campaign=campaign)
    rows = rows.filter(contact__memberships__group__isnull=False)
    counts: dict[str, Any] = {
        f"count_{name}": Count("enrolment", distinct=True, filter=DID[name][0]) for name in COUNTED
    }
    named: Any = rows.values_list("contact__memberships__group_id", "contact__memberships__group__name").annotate(
        **counts
    )
    found = named.order_by("-count_sent", "contact__memberships__group__name")[:MOST]
    return [GroupFigures(group_id, name, dict(zip(COUNTED, row, strict=True))) for group_id, name, *row in found]
