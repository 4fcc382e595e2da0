"""Who is in a campaign."""

from typing import Any, Final

from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.api import serializers
from campaigns.api.campaign_views import CampaignView, answered
from campaigns.changes import campaigns as changes
from campaigns.changes import enrolling
from campaigns.models import Campaign, Enrolment
from contacts import queries
from contacts.api.bodies import taken
from contacts.api.search import FILTERS, searched
from contacts.api.serializers import MembershipAnswer, MembershipRemoval
from contacts.cleaning import identifier, identifiers
from contacts.documents import contact_documents
from contacts.models import Contact, Group
from contacts.queries import Contacts
from fluenzr_site.api import paging
from fluenzr_site.api.errors import invalid
from fluenzr_site.api.openapi import described, listing, or_blank, query
from fluenzr_site.api.paging import SortField
from fluenzr_site.api.views import ok
from fluenzr_site.events.recording import change

MOST: Final = 1000
SORTS: Final = {"createdAt": SortField("id"), "status": SortField("status")}
_FILTERS: Final = ", ".join(FILTERS)
_ONE_OF: Final = "Give one of contactIds, groupIds and filters"
_OPEN: Final = (Campaign.Status.DRAFT, Campaign.Status.ACTIVE, Campaign.Status.PAUSED)


class CampaignContacts(CampaignView):
    @described(
        "List a campaign's contacts",
        answer=serializers.CampaignContact,
        many=True,
        parameters=[
            *listing(SORTS),
            query("status", "Where they stand", or_blank({"type": "string", "enum": Enrolment.Status.values})),
        ],
        errors=(404,),
    )
    def get(self, request: Request, campaign_id: str) -> Response:
        campaign = self.campaign(campaign_id)
        values = request.query_params
        enrolments = Enrolment.objects.of(self.workspace).filter(campaign=campaign)
        if values.get("status"):
            if values["status"] not in Enrolment.Status.values:
                raise invalid({"status": [f"status must be one of: {', '.join(Enrolment.Status.values)}"]})
            enrolments = enrolments.filter(status=values["status"])
        else:
            enrolments = enrolments.exclude(status=Enrolment.Status.REMOVED)
        asked = paging.page_request(values, SORTS)
        page = paging.take(enrolments, asked, values.get("sort"))
        rows = Enrolment.objects.of(self.workspace).in_bulk(page.ids)
        documents = self._documents([rows[identifier] for identifier in page.ids if identifier in rows])
        return ok(documents, meta=paging.meta(asked, page, enrolments.count()))

    def _documents(self, enrolments: list[Enrolment]) -> list[dict[str, Any]]:
        contacts = Contact.objects.of(self.workspace).filter(pk__in=[each.contact_id for each in enrolments])
        known = {document["id"]: document for document in contact_documents(contacts)}
        return [known[each.contact_id] | {"status": each.status} for each in enrolments if each.contact_id in known]

    @described(
        "Add contacts to a campaign",
        body=serializers.CampaignEnrol,
        answer=MembershipAnswer,
        errors=(400, 404, 409),
    )
    def post(self, request: Request, campaign_id: str) -> Response:
        self.campaign(campaign_id)
        contacts, unknown = self._asked()
        dynamic = self._dynamic_groups()
        with answered(), change(self.workspace, self.actor) as unit:
            campaign = changes.locked(self.workspace, campaign_id)
            changes.require(campaign, _OPEN, "filled")
            result = enrolling.enrol(unit, campaign, contacts)
            campaign.dynamic_groups.add(*dynamic)
        return ok({"added": result.added, "skipped": result.skipped, "errors": unknown})

    def _asked(self) -> tuple[Contacts, list[dict[str, str]]]:
        """The contacts that the body asks for, and the ids that it names in vain."""
        given = [name for name in ("contactIds", "groupIds", "groupId", "filters") if self.body.get(name) is not None]
        if not given or (len(given) > 1 and set(given) != {"groupIds", "groupId"}):
            raise invalid({"contactIds": [_ONE_OF]})
        if given == ["filters"]:
            return self._by_filters(), []
        contacts = queries.contacts_of(self.workspace)
        if given == ["contactIds"]:
            return self._by_ids(contacts)
        return self._by_groups(contacts), []

    def _by_ids(self, contacts: Contacts) -> tuple[Contacts, list[dict[str, str]]]:
        asked = contact_ids(self.body)
        known = set(contacts.filter(pk__in=asked).values_list("pk", flat=True))
        return contacts.filter(pk__in=known), unknown_contacts([each for each in asked if each not in known])

    def _by_groups(self, contacts: Contacts) -> Contacts:
        """``groupId`` stands for a list of one; what is wrong is told of the one that was sent."""
        asked: dict[str, list[str]] = {}
        if self.body.get("groupIds") is not None:
            asked["groupIds"] = taken(self.body["groupIds"], "groupIds", identifiers)
        if self.body.get("groupId") is not None:
            asked["groupId"] = [taken(self.body["groupId"], "groupId", identifier)]
        group_ids = list(dict.fromkeys(each for ids in asked.values() for each in ids))
        if not 1 <= len(group_ids) <= MOST:
            raise invalid({"groupIds": [f"groupIds must have 1 to {MOST} ids"]})
        unknown = queries.unknown_groups(self.workspace, group_ids)
        named = {name: [f"Unknown group: {each}" for each in ids if each in unknown] for name, ids in asked.items()}
        if unknown:
            raise invalid({name: said for name, said in named.items() if said})
        return queries.in_groups(contacts, group_ids)

    def _by_filters(self) -> Contacts:
        """A misspelt filter would enrol everybody, which can't be taken back once they are mailed."""
        filters = self.body["filters"]
        if isinstance(filters, dict):
            unknown = {
                f"filters.{name}": [f"Unknown filter: {name}. The filters are: {_FILTERS}"]
                for name in filters
                if name not in FILTERS
            }
            if unknown:
                raise invalid(unknown)
            if not any(value not in (None, [], {}) for value in filters.values()):
                raise invalid({"filters": [f"Give at least one filter of: {_FILTERS}"]})
        return searched(self.workspace, {"filters": filters})

    def _dynamic_groups(self) -> list[Group]:
        """Those named: who joins one later comes into the campaign too."""
        named = {*(self.body.get("groupIds") or []), self.body.get("groupId")} - {None}
        return list(Group.objects.of(self.workspace).filter(pk__in=named, type=Group.Type.DYNAMIC))

    @described(
        "Remove contacts from a campaign",
        body=serializers.CampaignContactIds,
        answer=MembershipRemoval,
        errors=(400, 404),
    )
    def delete(self, request: Request, campaign_id: str) -> Response:
        self.campaign(campaign_id)
        asked = contact_ids(self.body)
        known = set(queries.contacts_of(self.workspace).filter(pk__in=asked).values_list("pk", flat=True))
        with answered(), change(self.workspace, self.actor) as unit:
            campaign = changes.locked(self.workspace, campaign_id)
            removed = enrolling.remove(unit, campaign, list(known))
        unknown = unknown_contacts([each for each in asked if each not in known])
        return ok({"removed": removed, "skipped": len(known) - removed, "errors": unknown})


def contact_ids(body: dict[str, Any]) -> list[str]:
    """1 to 1,000 ids. Raises ApiError 400."""
    found = taken(body.get("contactIds"), "contactIds", identifiers)
    if not 1 <= len(found) <= MOST:
        raise invalid({"contactIds": [f"contactIds must have 1 to {MOST} ids"]})
    return list(dict.fromkeys(found))


def unknown_contacts(ids: list[str]) -> list[dict[str, str]]:
    return [{"contactId": each, "code": "NOT_FOUND", "message": f"Unknown contact: {each}"} for each in ids]
