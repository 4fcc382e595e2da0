"""The campaigns in the browser, for every member of the workspace."""

from typing import Any, Final

from django.contrib.admin import register
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from campaigns.admin import editor, review
from campaigns.admin.campaign_actions import ACTION_PAGES
from campaigns.admin.campaign_add import AddCampaign
from campaigns.admin.campaign_compare import Compare
from campaigns.admin.campaign_export import Export
from campaigns.admin.campaign_list import CampaignList
from campaigns.admin.campaign_overview import Funnel, Groups, Overview
from campaigns.admin.campaign_page import CampaignPage
from campaigns.admin.campaign_people import People
from campaigns.admin.campaign_recipients import Recipients, Remove
from campaigns.admin.campaign_settings import CampaignSettings
from campaigns.admin.campaign_why import Why
from campaigns.models import Campaign
from fluenzr_site.adminsite.pages import Page
from fluenzr_site.adminsite.scoped import ScopedAdmin
from fluenzr_site.adminsite.site import site

PAGES: Final[dict[str, type[CampaignPage]]] = {
    **ACTION_PAGES,
    "recipients": Recipients,
    "remove": Remove,
    "people": People,
    "funnel": Funnel,
    "groups": Groups,
    "settings": CampaignSettings,
    "why": Why,
    "export": Export,
}


@register(Campaign, site=site)
class CampaignAdmin(ScopedAdmin):
    """Its pages are ours; Django's give the addresses and the rights. Campaigns are put away, not deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        ours = [
            path(f"<str:object_id>/{name}/", self._view(page), name=f"campaigns_campaign_{name}")
            for name, page in PAGES.items()
        ]
        compare = path("compare/", self._view(Compare), name="campaigns_campaign_compare")
        return [compare, *ours, *editor.urls(self), *review.urls(self), *super().get_urls()]

    def _view(self, page: type[Page]) -> Any:
        return self.admin_site.admin_view(page.as_view(model_admin=self))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        return CampaignList.as_view(model_admin=self)(request)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponseBase:
        return AddCampaign.as_view(model_admin=self)(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        return Overview.as_view(model_admin=self)(request, object_id=object_id)
