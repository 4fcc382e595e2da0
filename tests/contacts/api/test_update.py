"""PUT and PATCH /v1/contacts/:id, and DELETE."""

from typing import Any

import pytest
import time_machine

from contacts.models import Contact, ContactTag, GroupMembership, StageMove
from fluenzr_site.events.models import Event
from fluenzr_site.workspaces.models import Workspace
from tests.api.world import Api, events, make_field, set_status, stage_id

FULL = {
    "firstName": "Ann",
    "lastName": "Lee",
    "company": "Acme",
    "jobTitle": "CEO",
    "phone": "+1",
    "website": "https://acme.com",
    "tags": ["a", "b"],
    "customFields": {"sector": "Fintech", "size": 5},
}


@pytest.fixture
def ann(api: Api, workspace: Workspace) -> dict[str, Any]:
    return api.create(**FULL, groupIds=[api.group()], pipelineStageId=stage_id(workspace))


@pytest.fixture(params=["PUT", "PATCH"])
def method(request: pytest.FixtureRequest) -> str:
    return request.param


def test_only_what_is_given_is_changed(api: Api, ann: dict[str, Any], method: str):
    answer = api.call(method, f"contacts/{ann['id']}", {"jobTitle": "VP Sales", "customFields": {"size": "6"}})
    expected = ann | {"jobTitle": "VP Sales", "customFields": {"sector": "Fintech", "size": "6"}}
    assert answer.data | {"updatedAt": ann["updatedAt"]} == expected


def test_putting_a_fetched_object_back_changes_and_records_nothing(api: Api, ann: dict[str, Any], workspace: Workspace):
    before, row = events(workspace), Contact.objects.values().get()
    assert api.put(f"contacts/{ann['id']}", api.get(f"contacts/{ann['id']}").data).data == ann
    assert (events(workspace), Contact.objects.values().get()) == (before, row)


@pytest.mark.parametrize("status", ["active", "unsubscribed", "bounced", "replied", "blocked"])
def test_an_object_of_any_status_can_be_put_back(api: Api, ann: dict[str, Any], status: str):
    set_status(ann["id"], status)
    fetched = api.get(f"contacts/{ann['id']}").data
    assert api.put(f"contacts/{ann['id']}", fetched).data == fetched


def test_an_object_with_every_type_of_custom_field_can_be_put_back(api: Api, workspace: Workspace):
    values = {"number": 1.5, "date": "2025-01-31", "dropdown": "Red", "checkbox": False, "url": "http://a.co"}
    for type_ in values:
        make_field(workspace, type_, type_, ["Red"])
    made = api.create(customFields=values)
    assert api.put(f"contacts/{made['id']}", made).data == made
    assert [type_ for type_, _ in events(workspace)] == ["contact.created"]


def test_a_contact_without_an_address_can_be_put_back_and_given_one(api: Api):
    made = api.create()
    Contact.objects.update(email=None)
    fetched = api.get(f"contacts/{made['id']}").data
    assert fetched["email"] is None
    assert api.put(f"contacts/{made['id']}", fetched).data == fetched
    assert api.put(f"contacts/{made['id']}", {"email": "new@b.co"}).data["email"] == "new@b.co"


def test_an_object_that_grew_over_several_updates_can_be_put_back(api: Api):
    contact_id = api.create(customFields={f"a{n}": "v" for n in range(100)})["id"]
    answer = api.put(f"contacts/{contact_id}", {"customFields": {f"b{n}": "v" for n in range(60)}})
    if answer.status == 200:
        assert api.put(f"contacts/{contact_id}", answer.data).status == 200
    else:
        assert answer.status == 400


def test_custom_fields_stay_within_100_keys_over_several_updates(api: Api):
    contact_id = api.create(customFields={f"a{n}": "v" for n in range(100)})["id"]
    assert api.put(f"contacts/{contact_id}", {"customFields": {"one_more": "v"}}).status == 400
    assert api.put(f"contacts/{contact_id}", {"customFields": {"a0": None, "one_more": "v"}}).status == 200


def test_null_clears_an_optional_field(api: Api, ann: dict[str, Any]):
    names = ["firstName", "lastName", "company", "jobTitle", "phone", "website"]
    put = api.put(f"contacts/{ann['id']}", dict.fromkeys([*names, "pipelineStageId", "tags", "groupIds"])).data
    assert all(put[name] is None for name in [*names, "pipelineStage"])
    assert (put["tags"], put["groups"]) == ([], [])


def test_the_address_cannot_be_cleared(api: Api, ann: dict[str, Any]):
    assert api.put(f"contacts/{ann['id']}", {"email": None}).message == "Email is required"
    assert api.put(f"contacts/{ann['id']}", {"email": ""}).message == "Email is required"
    assert api.put(f"contacts/{ann['id']}", {"email": "x"}).message == "Invalid email format"


def test_the_address_can_be_changed_but_not_to_a_taken_one(api: Api, ann: dict[str, Any]):
    api.create("bob@example.com")
    answer = api.put(f"contacts/{ann['id']}", {"email": "BOB@example.com", "firstName": "B"})
    assert (answer.status, answer.error["code"], answer.message) == (409, "CONFLICT", "Email already exists")
    assert api.get(f"contacts/{ann['id']}").data == ann
    assert api.put(f"contacts/{ann['id']}", {"email": "ANN@Example.com"}).data == ann
    assert api.put(f"contacts/{ann['id']}", {"email": "Ann@new.co"}).data["email"] == "ann@new.co"
    assert api.found(query="ann@new") == ["ann@new.co"] and api.found(query="ann@example") == []


def test_null_removes_a_custom_key_and_the_rest_stays(api: Api, ann: dict[str, Any]):
    put = api.put(f"contacts/{ann['id']}", {"customFields": {"sector": None, "other": "x", "never": None}}).data
    assert put["customFields"] == {"size": "5", "other": "x"}


def test_custom_fields_null_or_empty_change_nothing(api: Api, ann: dict[str, Any]):
    for value in (None, {}):
        assert api.put(f"contacts/{ann['id']}", {"customFields": value}).data == ann


def test_groups_and_tags_replace(api: Api, ann: dict[str, Any]):
    other = api.group("Other")
    put = api.put(f"contacts/{ann['id']}", {"groupIds": [other], "tags": ["B", "c"]}).data
    assert [group["id"] for group in put["groups"]] == [other]
    assert put["tags"] == ["b", "c"]
    assert api.put(f"contacts/{ann['id']}", {"groupIds": [], "tags": []}).data["tags"] == []


def test_moving_through_the_pipeline_is_remembered(api: Api, ann: dict[str, Any], workspace: Workspace):
    won = stage_id(workspace, "Won")
    assert api.put(f"contacts/{ann['id']}", {"pipelineStageId": won}).data["pipelineStage"]["name"] == "Won"
    api.put(f"contacts/{ann['id']}", {"pipelineStageId": won})
    moves = StageMove.objects.order_by("id").values_list("from_stage__name", "to_stage__name")
    assert list(moves) == [(None, "Qualified"), ("Qualified", "Won")]


def test_a_person_may_make_an_unsubscribed_contact_active_one_by_one(api: Api, ann: dict[str, Any]):
    set_status(ann["id"], "unsubscribed")
    assert api.put(f"contacts/{ann['id']}", {"status": "active"}).data["status"] == "active"


@pytest.mark.parametrize("status", ["unsubscribed", "bounced", "replied"])
def test_a_status_of_the_engine_cannot_be_set(api: Api, ann: dict[str, Any], status: str):
    answer = api.put(f"contacts/{ann['id']}", {"status": status})
    assert answer.details == {"status": ["Must be one of: active, blocked"]}


def test_a_change_sets_updated_at_and_only_that(api: Api, ann: dict[str, Any]):
    with time_machine.travel("2040-05-01T10:00:00.900Z", tick=False):
        put = api.put(f"contacts/{ann['id']}", {"firstName": "Anna"}).data
    assert (put["createdAt"], put["updatedAt"]) == (ann["createdAt"], "2040-05-01T10:00:00Z")


def test_an_update_with_one_bad_field_changes_nothing(api: Api, ann: dict[str, Any], workspace: Workspace):
    before = events(workspace)
    body = {"firstName": "B", "tags": ["new"], "customFields": {"new": "x"}, "groupIds": ["grp_none"]}
    assert api.put(f"contacts/{ann['id']}", body).details == {"groupIds": ["Unknown group: grp_none"]}
    assert api.get(f"contacts/{ann['id']}").data == ann and events(workspace) == before
    assert not workspace.tags.filter(key="new").exists()


def test_a_missing_contact_is_404(api: Api, method: str):
    for body in ({}, {"email": "a@b.co"}, {"tags": ["new"]}):
        answer = api.call(method, "contacts/con_none", body)
        assert (answer.status, answer.message) == (404, "Contact not found")


def test_deleting_answers_as_documented_and_takes_everything_with_it(api: Api, ann: dict[str, Any]):
    answer = api.delete(f"contacts/{ann['id']}")
    assert (answer.status, answer.data) == (200, {"id": ann["id"], "deleted": True})
    for model in (Contact, GroupMembership, ContactTag, StageMove):
        assert not model.objects.exists()
    assert api.get(f"contacts/{ann['id']}").status == 404
    assert api.delete(f"contacts/{ann['id']}").status == 404


def test_deleting_leaves_groups_tags_and_fields(api: Api, ann: dict[str, Any]):
    api.delete(f"contacts/{ann['id']}")
    assert [group["contactCount"] for group in api.get("groups").data] == [0]
    assert len(api.get("tags").data) == len(api.get("custom-fields").data) == 2


def test_the_event_of_a_deletion_tells_who_it_was(api: Api, ann: dict[str, Any]):
    api.delete(f"contacts/{ann['id']}")
    assert Event.objects.get(type="contact.deleted").data == {"contact": ann}


def test_a_deleted_address_is_free_again(api: Api, ann: dict[str, Any]):
    api.delete(f"contacts/{ann['id']}")
    assert api.create("ann@example.com")["id"] != ann["id"]
