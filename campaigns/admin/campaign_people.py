"""The people behind a number: what each of them did, and when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.admin.campaign_asked import DID_LABELS, Selection
from campaigns.admin.campaign_page import CampaignPage
from campaigns.models import IN_CAMPAIGN, Enrolment, Message
from campaigns.stats.people import people
from fluenzr_site.adminsite.numbers import number
from fluenzr_site.core import clock

PER_PAGE: Final = 50
STATUS_COLOURS: Final = {
    Enrolment.Status.PENDING: "plain",
    Enrolment.Status.IN_PROGRESS: "info",
    Enrolment.Status.COMPLETED: "plain",
    Enrolment.Status.REPLIED: "good",
    Enrolment.Status.BOUNCED: "bad",
    Enrolment.Status.UNSUBSCRIBED: "warn",
    Enrolment.Status.FAILED: "bad",
    Enrolment.Status.REMOVED: "plain",
}
#: The moments of an e-mail, in the order in which they come.
_MOMENTS: Final[tuple[tuple[str, str | Promise], ...]] = (
    ("sent_at", gettext_lazy("sent")),
    ("opened_at", gettext_lazy("opened")),
    ("clicked_at", gettext_lazy("clicked")),
    ("replied_at", gettext_lazy("replied")),
    ("bounced_at", gettext_lazy("bounced")),
    ("unsubscribed_at", gettext_lazy("unsubscribed")),
)


@dataclass(frozen=True, slots=True)
class Happened:
    """An e-mail to somebody: which one, and what became of it when; ``state`` where it isn't simply sent.

    ``by_programs``: how often scanners and the like fetched its pixel and links, in words; empty where none did.
    """

    email: str
    moments: list[tuple[str | Promise, datetime]]
    state: str
    by_programs: str


@dataclass(frozen=True, slots=True)
class Row:
    enrolment: Enrolment
    colour: str
    happened: list[Happened]
    next_at: datetime | None
    can_leave: bool


class People(CampaignPage):
    tab = "recipients"
    template = "campaigns/campaign/people.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        selection = Selection(self.campaign, request.GET, clock.now())
        found = people(self.workspace, self.campaign, selection.asked).order_by("-id").select_related("contact")
        page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
        count = page.paginator.count
        title = ngettext("%(count)s contact", "%(count)s contacts", count) % {"count": number(count)}
        return self.show(
            _("People"),
            heading=title,
            count=count,
            page=page,
            rows=rows(list(page), selection.emails),
            kept=selection.query,
            chips=selection.chips(),
            given=selection.given,
            dids=DID_LABELS.items(),
            emails=selection.emails.items(),
            statuses=Enrolment.Status.choices,
        )


def rows(enrolments: Sequence[Enrolment], emails: dict[str, str]) -> list[Row]:
    """With their e-mails, in one query for all."""
    happened = happenings(enrolments, emails)
    return [
        Row(
            each,
            STATUS_COLOURS[Enrolment.Status(each.status)],
            happened.get(each.pk, []),
            each.due_at if each.status in IN_CAMPAIGN else None,
            each.status != Enrolment.Status.REMOVED,
        )
        for each in enrolments
    ]


def happenings(enrolments: Sequence[Enrolment], emails: dict[str, str]) -> dict[str, list[Happened]]:
    """By the enrolment's id, the oldest e-mail first."""
    found: dict[str, list[Happened]] = {}
    for message in messages_of(enrolments):
        found.setdefault(message.enrolment_id, []).append(_happened(message, emails))
    return found


def messages_of(enrolments: Sequence[Enrolment]) -> Iterator[Message]:
    yield from Message.objects.filter(enrolment__in=[each.pk for each in enrolments]).order_by("id")


def _happened(message: Message, emails: dict[str, str]) -> Happened:
    name = emails.get(message.node_id, message.node_id)
    if message.variant:
        name = _("%(email)s, version %(version)s") % {"email": name, "version": message.variant.upper()}
    moments: list[Any] = [(said, getattr(message, field)) for field, said in _MOMENTS if getattr(message, field)]
    state = "" if message.state == Message.State.SENT else message.get_state_display()
    return Happened(name, moments, state, _by_programs(message.robot_visits))


def _by_programs(visits: int) -> str:
    if not visits:
        return ""
    text = ngettext(
        "fetched once by programs such as mail scanners",
        "fetched %(count)s times by programs such as mail scanners",
        visits,
    )
    return text % {"count": number(visits)}
