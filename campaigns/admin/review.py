"""What is looked at before a campaign starts: the addresses of its review, of previews and of test sends."""

from typing import Final

from django.urls import URLPattern, path

from campaigns.admin.campaign_page import CampaignPage
from campaigns.admin.preview import Message, Preview
from campaigns.admin.preview_try import Try
from campaigns.admin.review_page import Review
from campaigns.admin.review_people import People
from fluenzr_site.adminsite.scoped import ScopedAdmin

_PAGES: Final[dict[str, tuple[str, type[CampaignPage]]]] = {
    "review": ("review/", Review),
    "review_people": ("review/people/", People),
    "preview": ("preview/", Preview),
    "preview_message": ("preview/message/", Message),
    "try": ("try/", Try),
}


def urls(model_admin: ScopedAdmin) -> list[URLPattern]:
    return [
        path(
            f"<str:object_id>/{route}",
            model_admin.admin_site.admin_view(page.as_view(model_admin=model_admin)),
            name=f"campaigns_campaign_{name}",
        )
        for name, (route, page) in _PAGES.items()
    ]
