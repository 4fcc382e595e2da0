"""A campaign's numbers, or the people behind one of them, as CSV."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.text import slugify
from django.utils.translation import gettext as _

from campaigns.admin.campaign_asked import Selection
from campaigns.admin.campaign_figures import LABELS, RATES, not_known
from campaigns.admin.campaign_page import CampaignPage
from campaigns.admin.campaign_people import messages_of
from campaigns.models import Campaign, Enrolment, Message
from campaigns.stats import counts
from campaigns.stats.emails import email_documents
from campaigns.stats.people import people
from contacts.cells import neutralised
from fluenzr_site.core import clock
from fluenzr_site.core.clock import iso

BATCH: Final = 500
_MOMENTS: Final = ("sent_at", "opened_at", "clicked_at", "replied_at", "bounced_at", "unsubscribed_at")
_CONTACT: Final = ("email", "first_name", "last_name", "company")


class Export(CampaignPage):
    """The people that the address asks for, as the people's page does; with ``what=numbers`` the table by e-mail."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        selection = Selection(self.campaign, request.GET, clock.now())
        if request.GET.get("what") == "numbers":
            name, rows = "numbers", _numbers(self.campaign, selection)
        else:
            name, rows = "people", _people(people(self.workspace, self.campaign, selection.asked), selection.emails)
        response = StreamingHttpResponse(_csv(rows), content_type="text/csv; charset=utf-8")
        file = f"{slugify(self.campaign.name) or 'campaign'}-{name}-{clock.now():%Y-%m-%d}.csv"
        response["Content-Disposition"] = f'attachment; filename="{file}"'
        return response


def _csv(rows: Iterator[Sequence[str]]) -> Iterator[bytes]:
    # The mark at the beginning is what makes spreadsheets read UTF-8.
    yield "\ufeff".encode()
    for row in rows:
        buffer = io.StringIO()
        csv.writer(buffer).writerow([neutralised(cell) for cell in row])
        yield buffer.getvalue().encode()


def _numbers(campaign: Campaign, selection: Selection) -> Iterator[Sequence[str]]:
    """A line an e-mail and version; a rate that can't be known is empty."""
    period = selection.period.period
    missing = not_known(campaign, counts.sums(campaign, period))
    rates = [_("%(counted)s, %%") % {"counted": label} for label in LABELS.values()]
    yield [_("E-mail"), _("Version"), _("Subject"), _("Sent"), _("Delivered"), *map(str, LABELS.values()), *rates]
    for document in email_documents(campaign, clock.now(), period):
        for each in (document, *document["variants"]):
            yield [
                str(document["emailNumber"]),
                each.get("variant", ""),
                each["subject"],
                str(each["sent"]),
                str(each["delivered"]),
                *("" if name in missing else str(each[name]) for name in RATES),
                *("" if name in missing else str(each[rate]) for name, rate in RATES.items()),
            ]


def _people(enrolments: QuerySet[Enrolment], emails: dict[str, str]) -> Iterator[Sequence[str]]:
    """A line a contact and e-mail, so that a spreadsheet can count them; one for who has got none."""
    yield [
        _("E-mail address"),
        _("First name"),
        _("Last name"),
        _("Company"),
        _("Status"),
        _("E-mail"),
        _("Version"),
        _("Sent"),
        *map(str, LABELS.values()),
    ]
    for batch in _batches(enrolments):
        sent: dict[str, list[Message]] = {}
        for message in messages_of(batch):
            sent.setdefault(message.enrolment_id, []).append(message)
        for each in batch:
            person = [str(getattr(each.contact, name) or "") for name in _CONTACT] + [each.get_status_display()]
            for message in sent.get(each.pk, []):
                yield [
                    *person,
                    emails.get(message.node_id, message.node_id),
                    message.variant.upper(),
                    *_moments(message),
                ]
            if each.pk not in sent:
                yield [*person, "", "", *[""] * len(_MOMENTS)]


def _batches(enrolments: QuerySet[Enrolment]) -> Iterator[list[Enrolment]]:
    after = ""
    ordered = enrolments.order_by("pk").select_related("contact")
    while batch := list(ordered.filter(pk__gt=after)[:BATCH]):
        yield batch
        after = batch[-1].pk


def _moments(message: Message) -> list[str]:
    found: list[Any] = [getattr(message, field) for field in _MOMENTS]
    return [iso(at) if at else "" for at in found]
