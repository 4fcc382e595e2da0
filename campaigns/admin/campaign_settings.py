"""When a campaign sends, from where, and how fast."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from campaigns.admin.campaign_forms import SettingsForm, settings_form
from campaigns.admin.campaign_page import CampaignPage
from campaigns.changes import campaigns as changes
from campaigns.models import Campaign
from fluenzr_site.adminsite.remembering import administers
from fluenzr_site.adminsite.scoped import actor


class CampaignSettings(CampaignPage):
    """Only a draft or a paused campaign is changed; of the others it shows what they are set to."""

    tab = "settings"
    template = "campaigns/campaign/settings.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(settings_form(self.campaign))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = settings_form(self.campaign, request.POST)
        if form.is_valid():
            try:
                changes.update(self.workspace, self.campaign.pk, form.values(), by=actor(request))
            except changes.Invalid as error:
                form.refuse(error.problems)
            except changes.WrongState:
                messages.error(request, _("A running campaign can't be changed: pause it first. Nothing was saved."))
                return redirect(self.address("settings"))
            else:
                messages.success(request, _("The settings are saved."))
                return redirect(self.address("settings"))
        return self._page(form)

    def _page(self, form: SettingsForm) -> HttpResponse:
        is_open = self.campaign.status in changes.EDITABLE
        if not is_open:
            for field in form.fields.values():
                field.disabled = True
        return self.show(
            _("Settings"),
            form=form,
            is_open=is_open,
            may_pause=self.campaign.status == Campaign.Status.ACTIVE,
            administers=administers(self.request),
            tracking=self.workspace.get_open_tracking_display(),
            has_postal_address=bool(self.workspace.postal_address.strip()),
        )
