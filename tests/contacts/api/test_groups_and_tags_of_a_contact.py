"""POST and DELETE /v1/contacts/:id/groups and …/tags."""

from typing import Any

import pytest

from fluenzr_site.workspaces.models import Workspace
from tests.api.world import Api, Party, events, make_group

CASES = [("groups", "groupIds"), ("tags", "tags")]


@pytest.fixture
def ann(api: Api) -> dict[str, Any]:
    return api.create(tags=["Prospect"])


def test_adding_to_groups_answers_the_contact(api: Api, ann: dict[str, Any]):
    one, two = api.group("One"), api.group("Two")
    answer = api.post(f"contacts/{ann['id']}/groups", {"groupIds": [two, one, two]})
    assert (answer.status, answer.data["groups"]) == (
        200,
        [{"id": two, "name": "Two"}, {"id": one, "name": "One"}],
    )
    assert answer.data == api.get(f"contacts/{ann['id']}").data


def test_removing_from_groups_answers_the_contact(api: Api):
    one, two = api.group("One"), api.group("Two")
    ann = api.create(groupIds=[one, two])
    assert api.delete(f"contacts/{ann['id']}/groups", {"groupIds": [one]}).data["groups"] == [
        {"id": two, "name": "Two"}
    ]


def test_adding_tags_trims_matches_and_keeps_the_order(api: Api, ann: dict[str, Any]):
    answer = api.post(f"contacts/{ann['id']}/tags", {"tags": [" vip ", "PROSPECT", "a", "VIP"]})
    assert (answer.status, answer.data["tags"]) == (200, ["Prospect", "vip", "a"])


def test_removing_tags_is_without_case_and_keeps_the_tag(api: Api, ann: dict[str, Any]):
    assert api.delete(f"contacts/{ann['id']}/tags", {"tags": [" PROSPECT ", "unknown"]}).data["tags"] == []
    assert [tag["name"] for tag in api.get("tags").data] == ["Prospect"]


def test_adding_twice_changes_nothing(api: Api, ann: dict[str, Any], workspace: Workspace):
    group = api.group()
    first = api.post(f"contacts/{ann['id']}/groups", {"groupIds": [group]}).data
    before = events(workspace)
    assert api.post(f"contacts/{ann['id']}/groups", {"groupIds": [group]}).data == first
    assert api.post(f"contacts/{ann['id']}/tags", {"tags": ["prospect"]}).data == first
    assert events(workspace) == before


def test_removing_what_is_not_there_changes_nothing(api: Api, ann: dict[str, Any], workspace: Workspace):
    before = events(workspace)
    assert api.delete(f"contacts/{ann['id']}/groups", {"groupIds": [api.group()]}).data == ann
    assert api.delete(f"contacts/{ann['id']}/tags", {"tags": ["other"]}).data == ann
    assert events(workspace) == before


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_an_unknown_group_is_named_and_nothing_is_done(api: Api, ann: dict[str, Any], stranger: Party, method: str):
    for unknown in ("grp_none", make_group(stranger.workspace).pk):
        answer = api.call(method, f"contacts/{ann['id']}/groups", {"groupIds": [api.group(unknown), unknown]})
        assert answer.details == {"groupIds": [f"Unknown group: {unknown}"]}
    assert api.get(f"contacts/{ann['id']}").data == ann


@pytest.mark.parametrize(("path", "name"), CASES)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_an_unknown_contact_is_404(api: Api, method: str, path: str, name: str):
    sent = {name: ["new"]} if name == "tags" else {name: [api.group()]}
    answer = api.call(method, f"contacts/con_none/{path}", sent)
    assert (answer.status, answer.message) == (404, "Contact not found")
    assert not api.get("tags").data


@pytest.mark.parametrize(("path", "name"), CASES)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("value", [None, [], "x", 5, True, {}, [5], [None], [[]], [{}]])
def test_a_list_that_is_none_is_400(api: Api, ann: dict[str, Any], method: str, path: str, name: str, value: Any):
    answer = api.call(method, f"contacts/{ann['id']}/{path}", {name: value})
    assert answer.status == 400
    assert answer.details.keys() <= {name, f"{name}.0"}


@pytest.mark.parametrize(("path", "name"), CASES)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_body_without_the_list_is_400(api: Api, ann: dict[str, Any], method: str, path: str, name: str):
    for body in ({}, {"other": ["x"]}):
        assert api.call(method, f"contacts/{ann['id']}/{path}", body).details.keys() == {name}
    assert api.call(method, f"contacts/{ann['id']}/{path}").details.keys() == {name}


def test_at_most_1000_at_once(api: Api, ann: dict[str, Any]):
    for path, name in CASES:
        assert api.post(f"contacts/{ann['id']}/{path}", {name: [f"n{n}" for n in range(1001)]}).status == 400
    tags = f"contacts/{ann['id']}/tags"
    assert len(api.post(tags, {"tags": [f"n{n}" for n in range(999)]}).data["tags"]) == 1000
    # So that what is read can always be put back.
    assert api.post(tags, {"tags": ["one more"]}).details.keys() == {"tags"}


@pytest.mark.parametrize("name", ["", "  ", "x" * 65])
def test_a_tag_has_1_to_64_characters(api: Api, ann: dict[str, Any], name: str):
    assert api.post(f"contacts/{ann['id']}/tags", {"tags": ["a", name]}).details.keys() == {"tags.1"}
    assert api.get(f"contacts/{ann['id']}").data == ann


def test_tags_come_in_the_order_of_adding(api: Api, ann: dict[str, Any]):
    path = f"contacts/{ann['id']}/tags"
    api.post(path, {"tags": ["z", "a"]})
    api.delete(path, {"tags": ["prospect"]})
    api.post(path, {"tags": ["m"]})
    assert api.post(path, {"tags": ["prospect"]}).data["tags"] == ["z", "a", "m", "Prospect"]
