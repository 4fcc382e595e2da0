"""/v1/groups, their members, and the lists that ids come from."""

from typing import Any

import pytest
import time_machine

from contacts.api import group_views
from contacts.models import Contact, Group, GroupMembership
from contacts.signals import joined_group
from fluenzr_site.api import paging
from fluenzr_site.workspaces.models import Workspace
from tests.api.world import Api, Party, events, make_field, make_group

KEYS = {"id", "name", "description", "type", "color", "contactCount", "createdAt", "updatedAt"}


def people(api: Api, count: int, **fields: Any) -> list[str]:
    return [api.create(f"{number}@b.co", **fields)["id"] for number in range(count)]


def test_creating_answers_201_with_the_whole_group(api: Api):
    answer = api.post("groups", {"name": " Leads ", "description": "x", "type": "dynamic", "color": "#3B82f6"})
    group = answer.data
    assert (answer.status, group.keys()) == (201, KEYS)
    assert group["id"].startswith("grp_") and group["createdAt"] == group["updatedAt"]
    wanted = {"name": "Leads", "description": "x", "type": "dynamic", "color": "#3B82f6", "contactCount": 0}
    assert group | wanted == group


def test_what_is_not_given_has_its_default(api: Api):
    group = api.post("groups", {"name": "Leads"}).data
    assert (group["description"], group["type"], group["color"]) == (None, "static", None)


NAMES = [({}, "Name is required"), ({"name": None}, "Must not be null"), ({"name": " "}, "Must not be blank")]
NAMES += [({"name": value}, "Must be a string") for value in (5, True, [], {})]


@pytest.mark.parametrize(("body", "message"), NAMES)
def test_a_name_is_required(api: Api, body: dict[str, Any], message: str):
    answer = api.post("groups", body)
    assert (answer.status, answer.details) == (400, {"name": [message]})


def test_a_name_has_at_most_120_characters(api: Api):
    assert api.post("groups", {"name": "é" * 120}).status == 201
    assert "120 characters" in api.post("groups", {"name": "é" * 121}).details["name"][0]


@pytest.mark.parametrize("value", [5, True, [], {}, "red", "#12345", "#1234567", "#12345g"])
@pytest.mark.parametrize("name", ["color", "type"])
def test_a_bad_colour_or_type_is_400(api: Api, name: str, value: Any):
    assert api.post("groups", {"name": "G", name: value}).details.keys() == {name}


@pytest.mark.parametrize("value", [5, True, [], {}, "x" * 5001])
def test_a_bad_description_is_400(api: Api, value: Any):
    assert api.post("groups", {"name": "G", "description": value}).details.keys() == {"description"}


def test_a_name_is_unique_in_its_workspace(api: Api, stranger: Party):
    first = api.group("Leads")
    answer = api.post("groups", {"name": " Leads"})
    assert (answer.status, answer.error["code"]) == (409, "CONFLICT")
    assert answer.details.keys() == {"name"}
    second = api.group("Others")
    assert api.put(f"groups/{second}", {"name": "Leads"}).status == 409
    assert api.put(f"groups/{first}", {"name": "Leads"}).status == 200
    assert stranger.api.group("Leads")


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_only_what_is_given_is_changed(api: Api, method: str):
    group = api.post("groups", {"name": "A", "description": "x", "color": "#000000"}).data
    with time_machine.travel("2040-05-01T10:00:00Z", tick=False):
        put = api.call(method, f"groups/{group['id']}", {"name": "B", "color": None}).data
    assert put == group | {"name": "B", "color": None, "updatedAt": "2040-05-01T10:00:00Z"}


def test_putting_a_fetched_group_back_changes_nothing(api: Api):
    group = api.get(f"groups/{api.group()}").data
    with time_machine.travel("2040-05-01T10:00:00Z", tick=False):
        assert api.put(f"groups/{group['id']}", group).data == group
        assert api.put(f"groups/{group['id']}", {}).data == group


def test_deleting_a_group_keeps_its_contacts(api: Api):
    group = api.group()
    made = api.create(groupIds=[group])
    answer = api.delete(f"groups/{group}")
    assert (answer.status, answer.data) == (200, {"id": group, "deleted": True})
    assert api.get(f"contacts/{made['id']}").data["groups"] == []
    assert api.get(f"groups/{group}").status == api.delete(f"groups/{group}").status == 404


def test_the_list_has_counts_and_newest_first(api: Api):
    one, two = api.group("One"), api.group("Two")
    people(api, 3, groupIds=[one])
    assert [(group["id"], group["contactCount"]) for group in api.get("groups").data] == [(two, 0), (one, 3)]
    assert api.get(f"groups/{one}").data["contactCount"] == 3
    assert api.get("groups").meta["total"] == 2


def test_counts_are_never_stale(api: Api):
    group = api.group()
    ids = people(api, 2, groupIds=[group])
    for wanted in (2, 1, 0):
        assert api.get("groups").data[0]["contactCount"] == wanted
        api.delete(f"contacts/{ids.pop()}" if ids else "contacts/none")


@pytest.mark.parametrize(("sort", "names"), [("name", "aBc"), ("createdAt", "Bca"), ("type", "Bac")])
def test_groups_are_sorted(api: Api, sort: str, names: str):
    for name, type_ in (("B", "dynamic"), ("c", "static"), ("a", "dynamic")):
        api.group(name, type=type_)
    assert "".join(group["name"] for group in api.get(f"groups?sort={sort}").data) == names


def test_groups_are_filtered_by_name_and_type(api: Api):
    api.group("Alpha", type="dynamic")
    api.group("Beta")
    assert [group["name"] for group in api.get("groups?name=ALP").data] == ["Alpha"]
    assert [group["name"] for group in api.get("groups?type=static").data] == ["Beta"]
    assert api.get("groups?type=nonsense").details.keys() == {"type"}


def test_adding_contacts_counts_each(api: Api, stranger: Party):
    group, ids, theirs = api.group(), people(api, 3), stranger.api.create("x@b.co")["id"]
    assert api.post(f"groups/{group}/contacts", {"contactIds": ids[:1]}).data == {
        "added": 1,
        "skipped": 0,
        "errors": [],
    }
    data = api.post(f"groups/{group}/contacts", {"contactIds": [*ids, theirs, "con_none"]}).data
    assert (data["added"], data["skipped"]) == (2, 1)
    assert [error["contactId"] for error in data["errors"]] == [theirs, "con_none"]
    assert {error["code"] for error in data["errors"]} == {"NOT_FOUND"}
    assert GroupMembership.objects.filter(group=group).count() == 3


def test_removing_contacts_counts_each(api: Api):
    group = api.group()
    ids = people(api, 2, groupIds=[group])
    outside = api.create("out@b.co")["id"]
    data = api.delete(f"groups/{group}/contacts", {"contactIds": [*ids, outside, "con_none"]}).data
    assert (data["removed"], data["skipped"], len(data["errors"])) == (2, 1, 1)
    assert not GroupMembership.objects.exists() and Contact.objects.count() == 3


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("value", [None, [], "con_1", 5, True, {}, [5], [None]])
def test_contact_ids_are_a_list_of_1_to_1000(api: Api, method: str, value: Any):
    path = f"groups/{api.group()}/contacts"
    assert api.call(method, path, {"contactIds": value}).details.keys() <= {"contactIds", "contactIds.0"}
    assert api.call(method, path, {"contactIds": [f"con_{n}" for n in range(1001)]}).status == 400
    assert len(api.call(method, path, {"contactIds": [f"con_{n}" for n in range(1000)]}).data["errors"]) == 1000


def test_the_members_are_listed_like_contacts(api: Api):
    group = api.group()
    ids = people(api, 3, groupIds=[group])
    api.create("out@b.co")
    answer = api.get(f"groups/{group}/contacts?perPage=2")
    assert [contact["id"] for contact in answer.data] == ids[:0:-1]
    assert (answer.meta["total"], answer.meta["totalPages"]) == (3, 2)
    assert api.get(f"groups/{group}/contacts?sort=email&order=desc").data[0]["email"] == "2@b.co"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_the_members_of_an_unknown_group_are_404(api: Api, stranger: Party, method: str):
    for group in ("grp_none", make_group(stranger.workspace).pk):
        answer = api.call(method, f"groups/{group}/contacts", {"contactIds": ["con_1"]})
        assert (answer.status, answer.message) == (404, "Group not found")


def test_entering_a_dynamic_group_is_announced_once(api: Api):
    dynamic, static = api.group("D", type="dynamic"), api.group("S")
    heard: list[Any] = []

    def hear(joined: list[Any], **_: Any) -> None:
        heard.extend(joined)

    joined_group.connect(hear)
    try:
        made = api.create(groupIds=[dynamic, static])["id"]
        api.post(f"contacts/{made}/groups", {"groupIds": [dynamic]})
        api.post(f"groups/{dynamic}/contacts", {"contactIds": [made]})
    finally:
        joined_group.disconnect(hear)
    assert heard == [(dynamic, made)]


def test_membership_changes_are_events_of_the_contact(api: Api, workspace: Workspace):
    group, ids = api.group(), people(api, 2)
    before = len(events(workspace))
    api.post(f"groups/{group}/contacts", {"contactIds": ids})
    api.post(f"groups/{group}/contacts", {"contactIds": ids})
    assert sorted(events(workspace)[before:]) == [("contact.updated", contact_id) for contact_id in sorted(ids)]


def test_a_group_deleted_while_it_is_changed_is_no_error_of_ours(api: Api, monkeypatch: pytest.MonkeyPatch):
    group = api.group()
    validate = group_views.GroupWrite.is_valid

    def deleted_meanwhile(self: Any, **options: Any) -> bool:
        Group.objects.all().delete()
        return validate(self, **options)

    monkeypatch.setattr(group_views.GroupWrite, "is_valid", deleted_meanwhile)
    assert api.put(f"groups/{group}", {"name": "New"}).status == 404


@pytest.mark.parametrize("path", ["groups", "tags", "custom-fields", "locations", "pipeline-stages"])
def test_a_row_deleted_while_it_is_listed_is_no_error_of_ours(
    api: Api, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, path: str
):
    take = paging.take

    def deleted_meanwhile(rows: Any, *rest: Any) -> Any:
        page = take(rows, *rest)
        rows.model.objects.filter(pk=page.ids[0]).delete()
        return page

    api.create(tags=["t"], customFields={"k": "v"})
    Contact.objects.all().delete()
    api.group()
    workspace.locations.create(title="Paris")
    monkeypatch.setattr(paging, "take", deleted_meanwhile)
    assert api.get(path).status == 200


def test_the_stages_come_in_their_order(api: Api):
    stages = api.get("pipeline-stages").data
    names = [stage["name"] for stage in stages]
    assert names == ["Lead", "Qualified", "Proposal", "Negotiation", "Won", "Lost"]
    assert stages[0].keys() == {"id", "name", "color", "position", "kind"}
    assert stages[0]["id"].startswith("stg_")


def test_custom_fields_tell_all_of_themselves(api: Api, workspace: Workspace):
    made = make_field(workspace, "colour", "dropdown", ["Red"])
    assert api.get("custom-fields").data == [
        {
            "id": made.pk,
            "key": "colour",
            "label": "colour",
            "type": "dropdown",
            "required": False,
            "default": None,
            "options": ["Red"],
        }
    ]


def test_locations_and_tags_are_sorted_by_name(api: Api, workspace: Workspace):
    for title in ("Paris", "London"):
        workspace.locations.create(title=title)
    api.create(tags=["b", "A"])
    assert [place["title"] for place in api.get("locations").data] == ["London", "Paris"]
    assert [tag["name"] for tag in api.get("tags").data] == ["A", "b"]
    assert api.get("tags").data[0]["id"].startswith("tag_")


@pytest.mark.parametrize("path", ["groups", "tags", "custom-fields", "locations", "pipeline-stages"])
def test_the_lists_hold_nothing_of_a_stranger(api: Api, stranger: Party, path: str):
    stranger.api.create(tags=["t"], customFields={"k": "v"}, groupIds=[stranger.api.group()])
    stranger.workspace.locations.create(title="Paris")
    theirs = {row["id"] for row in stranger.api.get(path).data}
    assert theirs and not theirs & {row["id"] for row in api.get(path).data}
