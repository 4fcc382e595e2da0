"""Who is behind a number: the enrolments of those who did something, as the figures count them."""

from dataclasses import dataclass, fields
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from campaigns.models import IN_CAMPAIGN, Campaign, Click, Enrolment, Message
from campaigns.stats.period import EVER, Period
from contacts.models import Contact, GroupMembership
from contacts.queries import matching
from fluenzr_site.workspaces.models import Workspace

Status = Enrolment.Status
# A bounce may refuse what was never taken: it counts as sent too, as in the tallies.
_SENT: Final = Q(sent_at__isnull=False) | Q(bounced_at__isnull=False)
_REPLIED: Final = Q(replied_at__isnull=False)
_ACTED: Final = Q(clicked_at__isnull=False) | _REPLIED
#: What an e-mail must be for its recipient to count, and when that was.
DID: Final[dict[str, tuple[Q, str]]] = {
    "sent": (_SENT, "sent_at"),
    "delivered": (Q(sent_at__isnull=False, bounced_at=None), "sent_at"),
    # Each holds those after it, so that a funnel never widens: who clicks or answers has seen the e-mail.
    "seen": (Q(opened_at__isnull=False) | _ACTED, "sent_at"),
    "acted": (_ACTED, "sent_at"),
    "opened": (Q(opened_at__isnull=False), "opened_at"),
    "clicked": (Q(clicked_at__isnull=False), "clicked_at"),
    "replied": (_REPLIED, "replied_at"),
    "bounced": (Q(bounced_at__isnull=False), "bounced_at"),
    "unsubscribed": (Q(unsubscribed_at__isnull=False), "unsubscribed_at"),
    "uncertain": (Q(state=Message.State.UNCERTAIN), "claimed_at"),
    "failed": (Q(state=Message.State.FAILED), "claimed_at"),
}
#: Of the enrolment itself, and so without an e-mail.
WAITING: Final = "waiting"
FUNNEL: Final = ("sent", "delivered", "seen", "acted", "replied")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which people; an empty text asks for nothing. ``node`` and ``version`` are those of the e-mail."""

    did: str = ""
    status: str = ""
    node: str = ""
    version: str = ""
    link: str = ""
    group: str = ""
    search: str = ""
    period: Period = EVER

    @property
    def is_empty(self) -> bool:
        return all(getattr(self, each.name) == each.default for each in fields(self))


def people(workspace: Workspace, campaign: Campaign, asked: Asked) -> QuerySet[Enrolment]:
    """Their enrolments, unordered; those who were removed only where their status is asked for."""
    # The campaign says which workspace; an index that holds no workspace can count them alone.
    found: QuerySet[Enrolment] = Enrolment.objects.filter(campaign=campaign)
    if asked.status:
        found = found.filter(status=asked.status)
    elif not asked.did:
        found = found.exclude(status=Status.REMOVED)
    found = _who_did(found, asked)
    if asked.link:
        clicks = Click.objects.filter(message__enrolment=OuterRef("pk"), link=asked.link, link__campaign=campaign)
        found = found.filter(Exists(clicks.filter(_within("first_at", asked.period))))
    if asked.group:
        links = GroupMembership.objects.filter(contact=OuterRef("contact"), group=asked.group)
        found = found.filter(Exists(links))
    if asked.search:
        found = found.filter(contact__in=matching(Contact.objects.of(workspace), asked.search))
    return found


def _who_did(found: QuerySet[Enrolment], asked: Asked) -> QuerySet[Enrolment]:
    if asked.did == WAITING:
        found = found.filter(status__in=IN_CAMPAIGN)
        return found.filter(node_id=asked.node) if asked.node else found
    if asked.did == "failed":
        return found.filter(Q(status=Status.FAILED) | Exists(_emails(asked)))
    return found.filter(Exists(_emails(asked))) if asked.did or asked.node else found


def _emails(asked: Asked) -> QuerySet[Message]:
    """Of an enrolment, those that count."""
    condition, moment = DID.get(asked.did, (Q(), "claimed_at"))
    rows = Message.objects.filter(condition, _within(moment, asked.period), enrolment=OuterRef("pk"))
    if asked.node:
        rows = rows.filter(node_id=asked.node)
    return rows.filter(variant=asked.version) if asked.version else rows


def _within(field: str, period: Period) -> Q:
    bounds: dict[str, Any] = {}
    if period.start:
        bounds[f"{field}__gte"] = period.start
    if period.end:
        bounds[f"{field}__lt"] = period.end
    return Q(**bounds)


def statuses(campaign: Campaign) -> dict[str, int]:
    """How many stand where."""
    rows = Enrolment.objects.filter(campaign=campaign)
    return dict(rows.order_by().values_list("status").annotate(size=Count("*")))


def funnel(campaign: Campaign, period: Period) -> dict[str, int]:
    """Contacts, not e-mails: how many were written to within the period, and how far each of them came since."""
    rows = Message.objects.of(campaign.workspace).filter(_within("sent_at", period), campaign=campaign)
    steps: dict[str, Any] = {f"step_{name}": Count("enrolment", distinct=True, filter=DID[name][0]) for name in FUNNEL}
    found = rows.aggregate(**steps)
    return {name: found[f"step_{name}"] for name in FUNNEL}
