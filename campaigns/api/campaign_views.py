"""Campaigns of the FluenzR dialect."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import readiness
from campaigns.api import serializers
from campaigns.changes import campaigns as changes
from campaigns.documents import campaign_document, campaign_documents
from campaigns.models import Campaign
from contacts.api.filters import moment
from fluenzr_site.api import paging
from fluenzr_site.api.errors import ApiError, invalid, not_found
from fluenzr_site.api.openapi import described, listing, or_blank, query
from fluenzr_site.api.paging import SortField
from fluenzr_site.api.views import ApiView, ok
from fluenzr_site.workspaces.plans import LimitReached

SORTS: Final = {
    "createdAt": SortField("id"),
    "updatedAt": SortField("updated_at", kind=datetime),
    "name": SortField("name", folded=True),
    "status": SortField("status"),
}
NO_SUCH_CAMPAIGN: Final = "Campaign not found"
_ATTRIBUTES: Final = {"emailAccountId": "account_id", "moreEmailAccountIds": "more_account_ids"}


class CampaignView(ApiView):
    section = "campaigns"

    def campaign(self, campaign_id: str) -> Campaign:
        """Raises ApiError 404."""
        found = Campaign.objects.select_related("account").one_of(self.workspace, campaign_id)
        if found is None:
            raise not_found(NO_SUCH_CAMPAIGN)
        return found


@contextmanager
def answered() -> Iterator[None]:
    """What a change refuses, as the API says it."""
    try:
        yield
    except changes.Unknown as error:
        raise not_found(NO_SUCH_CAMPAIGN) from error
    except changes.WrongState as error:
        raise ApiError(409, str(error)) from error
    except (changes.Invalid, readiness.NotReady) as error:
        raise invalid(error.problems) from error
    except LimitReached as error:
        raise ApiError(403, str(error)) from error


def _values(body: dict[str, Any], shape: type[serializers.CampaignUpdate]) -> dict[str, Any]:
    write = shape(data=body)
    write.is_valid(raise_exception=True)
    values = {_ATTRIBUTES.get(name, name): value for name, value in write.validated_data.items()}
    if values.get("description", "") is None:
        values["description"] = ""
    return values


class CampaignList(CampaignView):
    @described(
        "List campaigns",
        answer=serializers.CampaignObject,
        many=True,
        parameters=[
            *listing(SORTS),
            query("status", "In this state", or_blank({"type": "string", "enum": Campaign.Status.values})),
            query("updatedSince", "Changed at that time or later", or_blank({"type": "string", "format": "date-time"})),
        ],
    )
    def get(self, request: Request) -> Response:
        values = request.query_params
        campaigns = Campaign.objects.of(self.workspace)
        if values.get("status"):
            if values["status"] not in Campaign.Status.values:
                raise invalid({"status": [f"status must be one of: {', '.join(Campaign.Status.values)}"]})
            campaigns = campaigns.filter(status=values["status"])
        if values.get("updatedSince"):
            campaigns = campaigns.filter(updated_at__gte=moment(values["updatedSince"], "updatedSince"))
        asked = paging.page_request(values, SORTS)
        page = paging.take(campaigns, asked, values.get("sort"))
        rows = Campaign.objects.of(self.workspace).in_bulk(page.ids)
        documents = campaign_documents([rows[identifier] for identifier in page.ids if identifier in rows])
        return ok(documents, meta=paging.meta(asked, page, campaigns.count()))

    @described(
        "Create a campaign",
        body=serializers.CampaignCreate,
        answer=serializers.CampaignObject,
        status=201,
        errors=(400,),
    )
    def post(self, request: Request) -> Response:
        values = _values(self.body, serializers.CampaignCreate)
        with answered():
            campaign = changes.create(self.workspace, values, by=self.actor)
        return ok(campaign_document(campaign), status=201)


class CampaignDetail(CampaignView):
    @described("Get a campaign", answer=serializers.CampaignObject, errors=(404,))
    def get(self, request: Request, campaign_id: str) -> Response:
        return ok(campaign_document(self.campaign(campaign_id)))

    @described(
        "Update a campaign",
        body=serializers.CampaignUpdate,
        answer=serializers.CampaignObject,
        errors=(400, 404, 409),
    )
    def put(self, request: Request, campaign_id: str) -> Response:
        values = _values(self.body, serializers.CampaignUpdate)
        with answered():
            campaign = changes.update(self.workspace, campaign_id, values, by=self.actor)
        return ok(campaign_document(campaign))

    @described(
        "Update a campaign (PATCH)",
        body=serializers.CampaignUpdate,
        answer=serializers.CampaignObject,
        errors=(400, 404, 409),
    )
    def patch(self, request: Request, campaign_id: str) -> Response:
        return self.put(request, campaign_id)


class _Move(CampaignView):
    change: Callable[..., Campaign]

    def move(self, campaign_id: str) -> Response:
        with answered():
            campaign = type(self).change(self.workspace, campaign_id, by=self.actor)
        return ok(campaign_document(campaign))


class StartCampaign(_Move):
    change = changes.start

    @described("Start a campaign", answer=serializers.CampaignObject, errors=(400, 403, 404, 409))
    def post(self, request: Request, campaign_id: str) -> Response:
        return self.move(campaign_id)


class PauseCampaign(_Move):
    change = changes.pause

    @described("Pause a campaign", answer=serializers.CampaignObject, errors=(404, 409))
    def post(self, request: Request, campaign_id: str) -> Response:
        return self.move(campaign_id)


class ResumeCampaign(_Move):
    change = changes.resume

    @described("Resume a campaign", answer=serializers.CampaignObject, errors=(400, 403, 404, 409))
    def post(self, request: Request, campaign_id: str) -> Response:
        return self.move(campaign_id)


class ArchiveCampaign(_Move):
    change = changes.archive

    @described("Archive a campaign", answer=serializers.CampaignObject, errors=(404, 409))
    def post(self, request: Request, campaign_id: str) -> Response:
        return self.move(campaign_id)
