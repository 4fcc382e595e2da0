"""Making a campaign: from nothing, or as another one was made."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from campaigns.admin.campaign_forms import CampaignForm, accounts_of, initial_of
from campaigns.admin.campaign_page import address, load
from campaigns.changes import campaigns as changes
from campaigns.models import Campaign
from fluenzr_site.adminsite.pages import Page
from fluenzr_site.adminsite.remembering import administers
from fluenzr_site.adminsite.scoped import actor


class AddCampaign(Page):
    """``copy`` in the address is the id of the campaign that it is made as: everything but its contacts."""

    template = "campaigns/campaign/add.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        source = self._source(request.GET.get("copy", ""))
        return self._page(CampaignForm(self.workspace, initial=self._initial(source)), source)

    def post(self, request: HttpRequest) -> HttpResponse:
        source = self._source(request.POST.get("copy", ""))
        form = CampaignForm(self.workspace, request.POST, initial=self._initial(source))
        if form.is_valid():
            try:
                campaign = changes.create(self.workspace, _values(form, source), by=actor(request))
            except changes.Invalid as error:
                form.refuse(error.problems)
            else:
                messages.success(request, _("“%(name)s” is made. Now write its e-mails.") % {"name": campaign.name})
                return redirect(address(campaign, "edit"))
        return self._page(form, source)

    def _initial(self, source: Campaign | None) -> dict[str, Any]:
        if source:
            name = _("Copy of %(name)s") % {"name": source.name}
            return initial_of(source) | {"name": name[:255]}
        first = next(iter(accounts_of(self.workspace)), None)
        return {"timezone": self.workspace.timezone, "account": first.pk if first else None}

    def _source(self, campaign_id: str) -> Campaign | None:
        return load(self.workspace, campaign_id) if campaign_id else None

    def _page(self, form: CampaignForm, source: Campaign | None) -> HttpResponse:
        title = _("New campaign")
        if source:
            title = _("New campaign, as “%(name)s”") % {"name": source.name}
        sources = Campaign.objects.of(self.workspace).order_by("-id").values_list("pk", "name")[:100]
        form.fields["name"].widget.attrs["autofocus"] = True
        administers_it = administers(self.request)
        return self.show(
            title, form=form, source=source, sources=sources, has_account=form.has_accounts, administers=administers_it
        )


def _values(form: CampaignForm, source: Campaign | None) -> dict[str, Any]:
    values = form.values()
    if source is None:
        return values
    kept = {"description": source.description, "workflow": source.workflow}
    return kept | values | {"settings": {**source.settings, **values["settings"]}}
