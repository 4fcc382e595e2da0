"""What all pages of one campaign share: the campaign itself, its head, its tabs and what can be done with it."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from fluenzr_site.adminsite.pages import Page
from fluenzr_site.workspaces.models import Workspace

Status = Campaign.Status
STATUS_COLOURS: Final = {
    Status.DRAFT: "plain",
    Status.ACTIVE: "good",
    Status.PAUSED: "warn",
    Status.COMPLETED: "info",
    Status.ARCHIVED: "plain",
}
TABS: Final = (
    ("change", _("Overview")),
    ("edit", _("E-mails")),
    ("recipients", _("Recipients")),
    ("settings", _("Settings")),
    ("review", _("Review")),
    ("why", _("Why nothing is sent")),
)
#: What leads on is shown as such; the others hold something up or end it.
_LEAD_ON: Final = ("review", "resume")
#: What can be done in each state, the most likely first: the name of the action's page, the button's text.
ACTIONS: Final[dict[str, tuple[tuple[str, str | Promise], ...]]] = {
    Status.DRAFT: (("review", _("Review and start")), ("archive", _("Archive"))),
    Status.ACTIVE: (("pause", _("Pause")),),
    Status.PAUSED: (("resume", _("Resume")), ("archive", _("Archive"))),
    Status.COMPLETED: (("archive", _("Archive")),),
    Status.ARCHIVED: (),
}


@dataclass(frozen=True, slots=True)
class Tab:
    title: str | Promise
    address: str
    is_here: bool


class CampaignPage(Page):
    """A page about one campaign of the workspace; any other is not there.

    Its template extends ``campaigns/campaign/base.html`` and fills the block ``campaign_content``.
    """

    #: The tab that it stands under: a name in TABS.
    tab = ""
    campaign: Campaign

    def dispatch(self, request: HttpRequest, *args: Any, object_id: str = "", **kwargs: Any) -> HttpResponseBase:
        if self.model_admin is not None and self.model_admin.has_change_permission(request):
            self.campaign = load(self.model_admin.workspace(request), object_id)
        return super().dispatch(request, *args, **kwargs)

    def show(self, title: str, **context: Any) -> TemplateResponse:
        status = self.campaign.status
        frame = {
            "campaign": self.campaign,
            "subtitle": f"{title} – {self.campaign.name}",
            "status_colour": STATUS_COLOURS[Status(status)],
            "tabs": tabs(self.campaign, self.tab),
            "actions": [(text, self.address(name), name in _LEAD_ON) for name, text in ACTIONS[status]],
        }
        return super().show(self.campaign.name, **(frame | context))

    def address(self, name: str = "change") -> str:
        """Of another page of this campaign."""
        return address(self.campaign, name)


def load(workspace: Workspace, campaign_id: str) -> Campaign:
    """Raises Http404."""
    found = Campaign.objects.select_related("account", "version").one_of(workspace, campaign_id)
    if found is None:
        raise Http404
    return found


def address(campaign: Campaign, name: str = "change") -> str:
    return reverse(f"admin:campaigns_campaign_{name}", args=[campaign.pk])


def tabs(campaign: Campaign, here: str) -> list[Tab]:
    """A draft sends nothing because it is one: its page of reasons has a tab only for who is there."""
    return [
        Tab(title, address(campaign, name), name == here)
        for name, title in TABS
        if name != "why" or name == here or campaign.status != Status.DRAFT
    ]
