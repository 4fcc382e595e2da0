"""Why nothing is sent: every gate, for the campaign or for one contact in it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from campaigns.admin import campaign_gates as gates
from campaigns.admin.campaign_page import CampaignPage, address
from campaigns.models import IN_CAMPAIGN, Campaign, Enrolment
from campaigns.stats.people import Asked, people
from campaigns.workflow.graph import Email
from campaigns.workflow.parsing import parse
from fluenzr_site.adminsite.choices import typed
from fluenzr_site.adminsite.remembering import administers
from fluenzr_site.core import clock

MOST_FOUND: Final = 20
#: That nobody waits is how a campaign ends; of the others somebody should hear.
_STUCK: Final = ("uncertain", "worker", "account", "account_daily", "plan_daily")


class Why(CampaignPage):
    """``contact`` in the address asks about that contact as well; ``q`` looks for one."""

    tab = "why"
    template = "campaigns/campaign/why.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        now, query = clock.now(), typed(request.GET)
        enrolment = self._enrolment(request.GET.get("contact", ""))
        found = gates.asked(self.campaign, enrolment, now)
        deciding = gates.deciding(self.campaign, found, now)
        return self.show(
            _("Why nothing is sent"),
            gates=gates.rows(self.campaign, found, now),
            deciding=deciding,
            note=None if enrolment else gates.uncertain_note(self.campaign, deciding),
            administers=administers(request),
            zone=self.campaign.settings["timezone"].replace("_", " "),
            enrolment=enrolment,
            query=query,
            results=self._search(query) if query else None,
        )

    def _enrolment(self, contact_id: str) -> Enrolment | None:
        if not contact_id or "\0" in contact_id:
            return None
        inside = Enrolment.objects.of(self.workspace).filter(campaign=self.campaign, contact_id=contact_id)
        found = inside.select_related("contact", "account").first()
        if found is None:
            raise Http404
        found.workspace = found.contact.workspace = self.workspace
        return found

    def _search(self, query: str) -> list[tuple[Enrolment, str]]:
        rows = people(self.workspace, self.campaign, Asked(search=query)).select_related("contact").order_by("-id")
        return [(each, "?" + urlencode({"contact": each.contact_id})) for each in rows[:MOST_FOUND]]


def stuck(campaign: Campaign, now: datetime) -> gates.GateRow | None:
    """What keeps a running campaign from sending until a person does something; None where nothing does."""
    if campaign.status != Campaign.Status.ACTIVE:
        return None
    row = gates.deciding(campaign, gates.asked(campaign, None, now), now)
    return row if row and not row.opens and row.name in _STUCK else None


@dataclass(frozen=True, slots=True)
class NextStep:
    """Something to be done before e-mails go out."""

    title: str | Promise
    said: str | Promise
    link: str
    is_done: bool


def next_steps(campaign: Campaign, now: datetime) -> list[NextStep]:
    """What is still to do until the first e-mail: writing, recipients, starting; then what holds it back."""
    if campaign.status != Campaign.Status.DRAFT:
        row = gates.deciding(campaign, gates.asked(campaign, None, now), now)
        if row is None:
            return [NextStep(_("The first e-mail"), _("Nothing holds it back: it goes out any moment."), "", False)]
        # Neither without a full stop between the two, nor with two after “a.m.”.
        when = _("It opens %(time)s.") % {"time": str(row.opens).rstrip(".")} if row.opens else ""
        return [NextStep(row.title, f"{str(row.said).rstrip('.')}. {when}".strip(), address(campaign, "why"), False)]
    emails = sum(isinstance(node, Email) for node in parse(campaign.workflow).nodes)
    inside = campaign.enrolments.filter(status__in=IN_CAMPAIGN).exists() or campaign.dynamic_groups.exists()
    return [
        NextStep(
            _("Write the e-mails"),
            _("What is sent, and how long it waits between."),
            address(campaign, "edit"),
            emails > 0,
        ),
        NextStep(_("Choose the recipients"), _("From groups, or one by one."), address(campaign, "recipients"), inside),
        NextStep(_("Look at days and hours"), _("They are set to usual ones."), address(campaign, "settings"), False),
        NextStep(_("Review and start"), _("What will happen, before it does."), address(campaign, "review"), False),
    ]
