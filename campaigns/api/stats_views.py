"""What became of a campaign, and why nothing is sent."""

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.api import serializers
from campaigns.api.campaign_views import CampaignView
from campaigns.documents import campaign_document
from campaigns.models import Activity, Campaign, Enrolment
from campaigns.sending import gates
from campaigns.sending.pacing import Gate
from campaigns.stats import emails, timeline
from campaigns.stats.period import Period
from contacts.api.filters import moment
from fluenzr_site.api import paging
from fluenzr_site.api.errors import invalid, not_found
from fluenzr_site.api.openapi import described, listing, or_blank, query
from fluenzr_site.api.paging import SortField
from fluenzr_site.api.views import ok
from fluenzr_site.core import clock
from fluenzr_site.core.clock import iso

ACTIVITIES: Final = ("sent", "opened", "clicked", "replied", "bounced", "unsubscribed")
INTERVALS: Final[dict[str, timeline.Interval]] = {"hour": "hour", "day": "day", "week": "week"}
SORTS: Final = {"timestamp": SortField("id")}
_MOMENT: Final = or_blank({"type": "string", "format": "date-time"})
_ZONE: Final = "; without an offset it is in the campaign's zone, and a date is its midnight"
_PERIOD: Final = [
    query("from", f"That time or later{_ZONE}", _MOMENT),
    query("to", f"Before that time{_ZONE}", _MOMENT),
]


def _period(values: Any, campaign: Campaign) -> Period:
    zone = ZoneInfo(campaign.settings["timezone"])
    start, end = (moment(values[name], name, zone) if values.get(name) else None for name in ("from", "to"))
    return Period(start, end)


def _whole(total: int) -> dict[str, Any]:
    """The ``meta`` of a list that is never cut into pages."""
    return {"page": 1, "perPage": max(1, total), "total": total, "totalPages": min(1, total), "nextCursor": None}


class CampaignStatsView(CampaignView):
    @described("Get a campaign's statistics", answer=serializers.CampaignStats, errors=(404,))
    def get(self, request: Request, campaign_id: str) -> Response:
        return ok(campaign_document(self.campaign(campaign_id))["stats"])


class EmailStatsView(CampaignView):
    @described("Get statistics by e-mail", answer=serializers.EmailStats, many=True, errors=(404,))
    def get(self, request: Request, campaign_id: str) -> Response:
        documents = emails.email_documents(self.campaign(campaign_id), clock.now())
        return ok(documents, meta=_whole(len(documents)))


class TimelineView(CampaignView):
    @described(
        "Get a campaign's timeline",
        answer=serializers.TimelinePoint,
        many=True,
        parameters=[
            *_PERIOD,
            query("interval", "How long each point is", or_blank({"type": "string", "enum": list(INTERVALS)})),
        ],
        errors=(404,),
    )
    def get(self, request: Request, campaign_id: str) -> Response:
        campaign, values = self.campaign(campaign_id), request.query_params
        interval = INTERVALS.get(values.get("interval") or "day")
        if interval is None:
            raise invalid({"interval": [f"interval must be one of: {', '.join(INTERVALS)}"]})
        try:
            points = timeline.timeline(campaign, _period(values, campaign), interval)
        except timeline.TooLong as error:
            raise invalid({"interval": [str(error)]}) from error
        return ok(points, meta=_whole(len(points)))


class ActivityView(CampaignView):
    @described(
        "List a campaign's activity",
        answer=serializers.ActivityObject,
        many=True,
        parameters=[
            *listing(SORTS),
            query("type", "Of this type", or_blank({"type": "string", "enum": list(ACTIVITIES)})),
            query("contactId", "Of this contact"),
            *_PERIOD,
        ],
        errors=(404,),
    )
    def get(self, request: Request, campaign_id: str) -> Response:
        campaign, values = self.campaign(campaign_id), request.query_params
        activities = Activity.objects.of(self.workspace).filter(campaign=campaign)
        if values.get("type"):
            type_ = values["type"].removeprefix("email.")
            if type_ not in ACTIVITIES:
                raise invalid({"type": [f"type must be one of: {', '.join(ACTIVITIES)}"]})
            activities = activities.filter(type=type_)
        if values.get("contactId"):
            activities = activities.filter(contact_id=values["contactId"])
        period = _period(values, campaign)
        if period.start:
            activities = activities.filter(at__gte=period.start)
        if period.end:
            activities = activities.filter(at__lt=period.end)
        asked = paging.page_request(values, SORTS)
        page = paging.take(activities, asked, values.get("sort"))
        rows = Activity.objects.of(self.workspace).in_bulk(page.ids)
        documents = [_activity(rows[identifier]) for identifier in page.ids if identifier in rows]
        return ok(documents, meta=paging.meta(asked, page, activities.count()))


def _activity(row: Activity) -> dict[str, Any]:
    return {
        "id": row.pk,
        "type": row.type,
        "contactId": row.contact_id,
        "contactEmail": row.contact_email,
        "emailNodeId": row.node_id,
        "timestamp": iso(row.at),
        "metadata": row.metadata,
    }


class WhyView(CampaignView):
    @described(
        "Say why nothing is sent",
        answer=serializers.WhyObject,
        parameters=[query("contactId", "What holds this contact back as well")],
        errors=(404,),
    )
    def get(self, request: Request, campaign_id: str) -> Response:
        campaign, now = self.campaign(campaign_id), clock.now()
        contact_id = request.query_params.get("contactId")
        if not contact_id:
            return ok({"gates": [_gate(gate) for gate in gates.all_gates(campaign, now)]})
        enrolments = Enrolment.objects.of(self.workspace).filter(campaign=campaign, contact_id=contact_id)
        enrolment = enrolments.select_related("contact", "account").first()
        if enrolment is None:
            raise not_found(f"Unknown contact in this campaign: {contact_id}")
        found = [*gates.all_gates(campaign, now, enrolment.account), *_contact_gates(enrolment, now)]
        return ok({"gates": [_gate(gate) for gate in found]})


def _contact_gates(enrolment: Enrolment, now: datetime) -> list[Gate]:
    return [gates.contact_gate(enrolment, now), gates.mailable_gate(enrolment)]


def _gate(gate: Gate) -> dict[str, Any]:
    return {
        "name": gate.name,
        "open": gate.is_open,
        "reason": gate.message,
        "opensAt": iso(gate.opens_at) if gate.opens_at else None,
    }
