"""The people behind the numbers of a review."""

from dataclasses import dataclass
from typing import Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from campaigns.admin.campaign_page import CampaignPage
from campaigns.admin.preview import email_choices
from campaigns.admin.review_checks import in_others
from campaigns.admin.review_page import REASONS
from campaigns.simulating.recipients import MOST_READ, lacking, left_out
from campaigns.workflow.parsing import parse
from contacts.models import Contact

AT_A_TIME: Final = 50


@dataclass(frozen=True, slots=True)
class Listed:
    title: str | Promise
    contacts: list[Contact]
    email: str = ""


class People(CampaignPage):
    """``left_out`` is a reason, ``missing`` an e-mail, its version and a variable, ``elsewhere`` is just there."""

    tab = "review"
    template = "campaigns/campaign/review_people.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        listed = self._listed(request)
        page = Paginator(listed.contacts, AT_A_TIME).get_page(request.GET.get("page"))
        return self.show(str(listed.title), listed=listed, page=page, total=len(listed.contacts))

    def _listed(self, request: HttpRequest) -> Listed:
        if "elsewhere" in request.GET:
            rows = in_others(self.campaign).select_related("contact").order_by("pk")
            return Listed(_("Also in another running campaign"), [each.contact for each in rows[:MOST_READ]])
        if "missing" in request.GET:
            return self._missing(request.GET["missing"])
        reason = request.GET.get("left_out", "")
        if reason not in REASONS:
            raise Http404
        return Listed(_("Left out: %(reason)s") % {"reason": REASONS[reason]}, list(left_out(self.campaign, reason)))

    def _missing(self, asked: str) -> Listed:
        """``node/version/variable``: a node's id may hold slashes, and so may a variable's name."""
        titles = {each.value: each.title for each in email_choices(self.campaign)}
        email = next((each for each in titles if asked.startswith(f"{each}/")), "")
        if not email:
            raise Http404
        node_id, _slash, version = email.rpartition("/")
        name = asked.removeprefix(f"{email}/")
        found = lacking(self.campaign, parse(self.campaign.workflow), (node_id, version, name))
        said = {"variable": f"{{{{{name}}}}}", "email": titles[email]}
        return Listed(_("Without %(variable)s in %(email)s") % said, list(found), email)
