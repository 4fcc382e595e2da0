"""/v1/campaigns/:id/contacts: who comes in, who doesn't and why, who goes, and the list of them."""

from typing import Any

import pytest

from campaigns.models import Campaign, Enrolment
from tests.api.world import CONTACT_KEYS, Answer, Api, Party, set_status
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import email, node, sequence


@pytest.fixture
def api(outreach: Outreach) -> Api:
    return outreach.api


@pytest.fixture
def campaign(outreach: Outreach) -> str:
    return outreach.draft()


def added(skipped: int, *, added: int, errors: Any = ()) -> dict[str, Any]:
    return {"added": added, "skipped": skipped, "errors": list(errors)}


def inside(api: Api, campaign: str, query: str = "") -> list[str]:
    return sorted(each["email"] for each in api.get(f"campaigns/{campaign}/contacts{query}").data)


def enrol(api: Api, campaign: str, **body: Any) -> Answer:
    return api.post(f"campaigns/{campaign}/contacts", body)


def unknown(contact_id: str) -> dict[str, str]:
    return {"contactId": contact_id, "code": "NOT_FOUND", "message": f"Unknown contact: {contact_id}"}


def test_contacts_come_in_by_their_ids(outreach: Outreach, api: Api, campaign: str):
    ids = outreach.people("ann@x.co", "bob@x.co")
    answer = enrol(api, campaign, contactIds=ids)
    assert (answer.status, answer.data) == (200, added(0, added=2))
    assert inside(api, campaign) == ["ann@x.co", "bob@x.co"]
    assert outreach.stats(campaign)["totalContacts"] == 2


def test_who_is_in_already_is_skipped(outreach: Outreach, api: Api, campaign: str):
    ann, bob = outreach.people("ann@x.co", "bob@x.co")
    enrol(api, campaign, contactIds=[ann])
    assert enrol(api, campaign, contactIds=[ann, bob, bob]).data == added(1, added=1)
    assert outreach.stats(campaign)["totalContacts"] == 2


@pytest.mark.parametrize("status", ["unsubscribed", "bounced", "blocked"])
def test_who_may_not_be_mailed_is_skipped(outreach: Outreach, api: Api, campaign: str, status: str):
    ann, bob = outreach.people("ann@x.co", "bob@x.co")
    set_status(ann, status)
    set_status(bob, "replied")
    assert enrol(api, campaign, contactIds=[ann, bob]).data == added(1, added=1)
    assert inside(api, campaign) == ["bob@x.co"]


def test_who_has_no_address_is_skipped(outreach: Outreach, api: Api, campaign: str):
    (ann,) = outreach.people("ann@x.co")
    outreach.workspace.contacts.update(email=None)
    assert enrol(api, campaign, contactIds=[ann]).data == added(1, added=0)


def test_unknown_and_foreign_contacts_are_errors_and_stop_nobody(
    outreach: Outreach, api: Api, campaign: str, stranger: Party
):
    (ann,) = outreach.people("ann@x.co")
    theirs = stranger.api.create("theirs@x.co")["id"]
    answer = enrol(api, campaign, contactIds=["con_nothing", ann, theirs])
    assert answer.data == added(0, added=1, errors=[unknown("con_nothing"), unknown(theirs)])
    assert not Enrolment.objects.of(stranger.workspace).exists()


@pytest.mark.parametrize("name", ["groupId", "groupIds"])
def test_contacts_come_in_by_group(api: Api, campaign: str, name: str):
    one, two = api.group("One"), api.group("Two")
    api.create("both@x.co", groupIds=[one, two])
    api.create("one@x.co", groupIds=[one])
    api.create("none@x.co")
    body = {"groupId": one} if name == "groupId" else {"groupIds": [one, two]}
    assert enrol(api, campaign, **body).data == added(0, added=2)
    assert inside(api, campaign) == ["both@x.co", "one@x.co"]


def test_an_unknown_or_foreign_group_is_named(api: Api, campaign: str, stranger: Party):
    mine, theirs = api.group(), stranger.api.group("Theirs")
    for group in ("grp_nothing", theirs):
        for body in ({"groupId": group}, {"groupIds": [mine, group]}):
            answer = enrol(api, campaign, **body)
            assert (answer.status, answer.details) == (400, {next(iter(body)): [f"Unknown group: {group}"]})


NAMED = [
    ({"groupId": 5}, "groupId", "Must be a string"),
    ({"groupId": ["grp_a"]}, "groupId", "Must be a string"),
    ({"groupIds": "grp_a"}, "groupIds", "Must be a list of ids"),
    ({"groupIds": ["grp_a", 5]}, "groupIds.1", "Must be a string"),
    ({"groupIds": []}, "groupIds", "groupIds must have 1 to 1000 ids"),
    ({"filters": {"tags": "x"}}, "filters.tags", "Must be a list of tag names"),
    ({"filters": {"groups": "x"}}, "filters.groups", "Must be a list of ids"),
]


@pytest.mark.parametrize(("body", "path", "said"), NAMED, ids=str)
def test_what_is_wrong_is_told_of_what_was_sent(api: Api, campaign: str, body: Any, path: str, said: str):
    answer = enrol(api, campaign, **body)
    assert (answer.status, answer.details) == (400, {path: [said]})


def test_both_names_of_groups_are_taken_together(api: Api, campaign: str):
    one, two = api.group("One"), api.group("Two")
    api.create("one@x.co", groupIds=[one])
    api.create("two@x.co", groupIds=[two])
    assert enrol(api, campaign, groupIds=[one], groupId=two).data == added(0, added=2)
    answer = enrol(api, campaign, groupIds=[one], groupId="grp_gone")
    assert answer.details == {"groupId": ["Unknown group: grp_gone"]}


FILTERS = "status, groups, tags, customFields, pipelineStageId, createdAfter, createdBefore"


@pytest.mark.parametrize("name", ["email", "Tags", "groupIds"])
def test_a_filter_that_is_not_known_enrols_nobody(api: Api, campaign: str, name: str):
    api.create("ann@x.co", tags=["vip"])
    answer = enrol(api, campaign, filters={name: 5, "tags": ["vip"]})
    assert (answer.status, answer.details) == (
        400,
        {f"filters.{name}": [f"Unknown filter: {name}. The filters are: {FILTERS}"]},
    )
    assert inside(api, campaign) == []


@pytest.mark.parametrize("filters", [{}, {"status": None}, {"tags": []}, {"groups": []}, {"customFields": {}}], ids=str)
def test_filters_that_leave_nobody_out_enrol_nobody(api: Api, campaign: str, filters: Any):
    api.create("ann@x.co")
    answer = enrol(api, campaign, filters=filters)
    assert (answer.status, answer.details) == (400, {"filters": [f"Give at least one filter of: {FILTERS}"]})
    assert inside(api, campaign) == []
    # Everybody is asked for by saying so.
    assert enrol(api, campaign, filters={"status": "active"}).data == added(0, added=1)


def test_contacts_come_in_by_the_filters_of_a_search(api: Api, campaign: str):
    group = api.group()
    api.create("ann@x.co", tags=["vip"], groupIds=[group])
    api.create("bob@x.co", tags=["vip"])
    blocked = api.create("eve@x.co", tags=["vip"], groupIds=[group])["id"]
    set_status(blocked, "blocked")
    filters = {"tags": ["VIP"], "groups": [group]}
    assert enrol(api, campaign, filters=filters).data == added(1, added=1)
    assert inside(api, campaign) == ["ann@x.co"]
    assert enrol(api, campaign, filters={"status": 5}).status == 400


def test_no_contact_of_another_workspace_comes_in_by_filters(api: Api, campaign: str, stranger: Party):
    stranger.api.create("theirs@x.co")
    assert enrol(api, campaign, filters={"status": "active"}).data == added(0, added=0)


WAYS = [
    {},
    {"contactIds": None},
    {"contactIds": ["con_a"], "groupId": "grp_a"},
    {"contactIds": ["con_a"], "filters": {}},
    {"groupIds": ["grp_a"], "filters": {}},
    {"contactIds": []},
    {"groupIds": []},
    {"contactIds": "con_a"},
    {"contactIds": [5]},
    {"contactIds": [None]},
    {"groupId": 5},
    {"groupId": ["grp_a"]},
    {"filters": []},
    {"filters": "x"},
]


@pytest.mark.parametrize("body", WAYS, ids=str)
def test_exactly_one_way_must_be_given_and_be_right(api: Api, campaign: str, body: dict[str, Any]):
    answer = enrol(api, campaign, **body)
    assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR")


def test_at_most_a_thousand_ids_are_taken(api: Api, campaign: str):
    ids = [f"con_{number}" for number in range(1001)]
    for method in ("POST", "DELETE"):
        assert api.call(method, f"campaigns/{campaign}/contacts", {"contactIds": ids}).details.keys() == {"contactIds"}
        answer = api.call(method, f"campaigns/{campaign}/contacts", {"contactIds": ids[:1000]})
        assert len(answer.data["errors"]) == 1000


@pytest.mark.parametrize("status", ["completed", "archived"])
def test_nobody_comes_into_a_campaign_that_is_over(outreach: Outreach, api: Api, campaign: str, status: str):
    ids = outreach.people("ann@x.co")
    Campaign.objects.update(status=status)
    answer = enrol(api, campaign, contactIds=ids)
    assert answer.status == 409 and status in answer.message


def test_who_comes_into_a_running_campaign_is_mailed(outreach: Outreach, api: Api, smtp: MailServer):
    campaign = outreach.started(sequence(email("first"), node("wait", "delay", days=1)))
    outreach.run()
    enrol(api, campaign, contactIds=outreach.people("late@x.co"))
    outreach.run()
    assert smtp.recipients == ["ann@x.co", "late@x.co"]


def test_contacts_are_removed(outreach: Outreach, api: Api, campaign: str):
    ann, bob, eve = outreach.people("ann@x.co", "bob@x.co", "eve@x.co")
    enrol(api, campaign, contactIds=[ann, bob])
    answer = api.delete(f"campaigns/{campaign}/contacts", {"contactIds": [ann, eve, "con_nothing"]})
    assert (answer.status, answer.data) == (200, {"removed": 1, "skipped": 1, "errors": [unknown("con_nothing")]})
    assert inside(api, campaign) == ["bob@x.co"]
    assert outreach.stats(campaign)["totalContacts"] == 1
    again = api.delete(f"campaigns/{campaign}/contacts", {"contactIds": [ann]})
    assert again.data == {"removed": 0, "skipped": 1, "errors": []}


def test_who_was_removed_may_come_again(outreach: Outreach, api: Api, campaign: str):
    (ann,) = outreach.people("ann@x.co")
    enrol(api, campaign, contactIds=[ann])
    api.delete(f"campaigns/{campaign}/contacts", {"contactIds": [ann]})
    assert enrol(api, campaign, contactIds=[ann]).data == added(0, added=1)
    assert inside(api, campaign, "?status=pending") == ["ann@x.co"]
    assert outreach.stats(campaign)["totalContacts"] == 1


@pytest.mark.parametrize("body", [{}, {"contactIds": []}, {"contactIds": "x"}, {"contactIds": None}], ids=str)
def test_removing_needs_ids(api: Api, campaign: str, body: dict[str, Any]):
    answer = api.delete(f"campaigns/{campaign}/contacts", body)
    assert (answer.status, answer.details.keys()) == (400, {"contactIds"})


def test_nobody_is_added_to_or_removed_from_a_foreign_campaign(outreach: Outreach, api: Api, stranger: Party):
    other = Outreach(stranger, outreach.port, outreach.clock)
    theirs = other.draft()
    for method in ("POST", "DELETE"):
        answer = api.call(method, f"campaigns/{theirs}/contacts", {"contactIds": outreach.people(f"{method}@x.co")})
        assert (answer.status, answer.message) == (404, "Campaign not found")
    assert not Enrolment.objects.exists()


def test_the_list_shows_contacts_and_where_they_stand(outreach: Outreach, api: Api, smtp: MailServer):
    campaign = outreach.started(to=["ann@x.co"])
    outreach.run()
    (row,) = api.get(f"campaigns/{campaign}/contacts").data
    assert row.keys() >= CONTACT_KEYS
    assert (row["email"], row["status"]) == ("ann@x.co", "completed")


STATUSES = ["pending", "in_progress", "completed", "replied", "bounced", "unsubscribed", "failed"]


def test_the_list_is_filtered_by_status(outreach: Outreach, api: Api, campaign: str):
    enrol(api, campaign, contactIds=outreach.people(*(f"{status}@x.co" for status in STATUSES)))
    for status in STATUSES:
        Enrolment.objects.filter(contact__email=f"{status}@x.co").update(status=status)
    for status in STATUSES:
        assert inside(api, campaign, f"?status={status}") == [f"{status}@x.co"]
    answer = api.get(f"campaigns/{campaign}/contacts?status=waiting")
    assert answer.status == 400 and "in_progress" in answer.details["status"][0]
    assert len(inside(api, campaign)) == len(STATUSES)


def test_the_list_is_paged(outreach: Outreach, api: Api, campaign: str):
    enrol(api, campaign, contactIds=outreach.people("a@x.co", "b@x.co", "c@x.co"))
    first = api.get(f"campaigns/{campaign}/contacts?perPage=2&sort=createdAt")
    assert ([each["email"] for each in first.data], first.meta["total"]) == (["a@x.co", "b@x.co"], 3)
    second = api.get(f"campaigns/{campaign}/contacts?perPage=2&sort=createdAt&cursor={first.meta['nextCursor']}")
    assert [each["email"] for each in second.data] == ["c@x.co"]


def test_a_deleted_contact_is_in_no_campaign(outreach: Outreach, api: Api, campaign: str):
    (ann,) = outreach.people("ann@x.co")
    enrol(api, campaign, contactIds=[ann])
    api.delete(f"contacts/{ann}")
    assert inside(api, campaign) == []
    assert enrol(api, campaign, contactIds=[ann]).data == added(0, added=0, errors=[unknown(ann)])


def test_joining_a_dynamic_group_enrols_in_every_active_campaign_linked_to_it_once(outreach: Outreach, api: Api):
    group = api.group("Fans", type="dynamic")
    one, two, other = outreach.draft(), outreach.draft(), outreach.started(to=["else@x.co"])
    for each in (one, two):
        enrol(api, each, groupId=group)
        api.post(f"campaigns/{each}/start")
    ann = api.create("ann@x.co", groupIds=[group])["id"]
    assert inside(api, one) == inside(api, two) == ["ann@x.co"]
    assert inside(api, other) == ["else@x.co"]
    api.delete(f"groups/{group}/contacts", {"contactIds": [ann]})
    api.post(f"groups/{group}/contacts", {"contactIds": [ann]})
    assert outreach.stats(one)["totalContacts"] == 1


def test_whoever_joined_a_dynamic_group_before_the_start_is_not_forgotten(
    outreach: Outreach, api: Api, smtp: MailServer
):
    group = api.group("Fans", type="dynamic")
    campaign = outreach.draft()
    enrol(api, campaign, groupId=group)
    api.create("early@x.co", groupIds=[group])
    api.post(f"campaigns/{campaign}/start")
    outreach.run()
    assert smtp.recipients == ["early@x.co"]


def test_who_may_not_be_mailed_joins_a_group_but_no_campaign(outreach: Outreach, api: Api):
    group = api.group("Fans", type="dynamic")
    campaign = outreach.draft()
    enrol(api, campaign, groupId=group)
    api.post(f"campaigns/{campaign}/start")
    (ann,) = outreach.people("ann@x.co")
    set_status(ann, "unsubscribed")
    api.post(f"groups/{group}/contacts", {"contactIds": [ann]})
    assert inside(api, campaign) == []
