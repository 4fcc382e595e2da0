"""POST /v1/contacts/search."""

from typing import Any

import pytest
import time_machine

from contacts.models import Contact
from fluenzr_site.core import ids
from fluenzr_site.workspaces.models import Workspace
from tests.api.world import CONTACT_KEYS, Api, Party, make_field, make_group, stage_id

SEARCH = "contacts/search"


@pytest.fixture
def three(api: Api) -> list[str]:
    """Made in this order: b, a, c."""
    return [api.create(f"{letter}@example.com", firstName=letter.upper())["id"] for letter in "bac"]


def test_the_documented_example(api: Api):
    group = api.group()
    api.create("in@example.com", groupIds=[group], customFields={"sector": "Fintech"})
    api.create("out@example.com", customFields={"sector": "Fintech"})
    body = {
        "query": "example.com",
        "filters": {"status": "active", "groups": [group], "customFields": {"sector": "Fintech"}},
        "sort": {"field": "createdAt", "order": "desc"},
    }
    answer = api.post(SEARCH, body)
    assert [contact["email"] for contact in answer.data] == ["in@example.com"]
    assert answer.data[0].keys() == CONTACT_KEYS
    assert answer.meta == {"page": 1, "perPage": 20, "total": 1, "totalPages": 1, "nextCursor": None}


@pytest.mark.parametrize("body", [{}, {"query": ""}, {"filters": {}}, {"query": None, "filters": None, "sort": None}])
def test_asking_nothing_finds_all_newest_first(api: Api, three: list[str], body: dict[str, Any]):
    assert [contact["id"] for contact in api.post(SEARCH, body).data] == three[::-1]


def test_the_query_looks_through_address_names_company_and_title(api: Api):
    api.create("ann@b.co", firstName="Ann", lastName="Lee", company="Acme", jobTitle="CEO", phone="+123")
    for text in ("ann@", " LEE ", "ann lee", "acme", "ceo"):
        assert api.found(query=text) == ["ann@b.co"], text
    assert api.found(query="+123") == api.found(query="%") == []


def test_groups_and_tags_are_any_of(api: Api):
    one, two = api.group("One"), api.group("Two")
    api.create("1@b.co", groupIds=[one], tags=["X"])
    api.create("2@b.co", groupIds=[two, one], tags=["y", "z"])
    api.create("3@b.co")
    assert api.found(filters={"groups": [one, two]}) == ["2@b.co", "1@b.co"]
    assert api.found(filters={"groups": [two]}) == ["2@b.co"]
    assert api.found(filters={"tags": ["x", " Z "]}) == ["2@b.co", "1@b.co"]
    assert api.found(filters={"tags": ["unknown"]}) == []


def test_custom_fields_are_all_equal(api: Api, workspace: Workspace):
    make_field(workspace, "n", "number")
    api.create("in@b.co", customFields={"n": 5, "s": "x"})
    api.create("out@b.co", customFields={"n": 5, "s": "y"})
    assert api.found(filters={"customFields": {"n": 5, "s": "x"}}) == ["in@b.co"]
    assert api.found(filters={"customFields": {"n": "5.0"}}) == ["out@b.co", "in@b.co"]
    assert api.found(filters={"customFields": {"unknown": "x"}}) == []


def test_null_asks_for_those_without_the_key(api: Api):
    api.create("in@b.co")
    api.create("out@b.co", customFields={"clé": "x"})
    assert api.found(filters={"customFields": {"clé": None}}) == ["in@b.co"]


def test_the_stage(api: Api, workspace: Workspace):
    api.create("in@b.co", pipelineStageId=stage_id(workspace))
    api.create("out@b.co")
    assert api.found(filters={"pipelineStageId": stage_id(workspace)}) == ["in@b.co"]


def test_created_after_is_from_and_before_is_until(api: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ids, "_sequence", ids._Sequence())
    for day in (1, 2, 3):
        with time_machine.travel(f"2040-05-0{day}T10:00:00Z", tick=False):
            api.create(f"{day}@b.co")
    assert api.found(filters={"createdAfter": "2040-05-02T10:00:00Z"}) == ["3@b.co", "2@b.co"]
    assert api.found(filters={"createdBefore": "2040-05-02T10:00:00Z"}) == ["1@b.co"]
    both = {"createdAfter": "2040-05-02", "createdBefore": "2040-05-02T12:00:00+02:00"}
    assert api.found(filters=both) == []
    assert api.found(filters=both | {"createdBefore": "2040-05-03"}) == ["2@b.co"]


@pytest.mark.parametrize(
    ("sort", "letters"),
    [
        ({"field": "email"}, "abc"),
        ({"field": "email", "order": "desc"}, "cba"),
        ({"field": "firstName", "order": "asc"}, "abc"),
        ({"field": "createdAt"}, "bac"),
        ({"order": "asc"}, "bac"),
        ({}, "cab"),
    ],
)
def test_sort(api: Api, three: list[str], sort: dict[str, str], letters: str):
    assert api.found(sort=sort) == [f"{letter}@example.com" for letter in letters]


def test_pages_and_cursor(api: Api, three: list[str]):
    body = {"sort": {"field": "email"}, "perPage": 2}
    first = api.post(SEARCH, body)
    assert (len(first.data), first.meta["total"], first.meta["totalPages"]) == (2, 3, 2)
    second = api.post(SEARCH, body | {"page": 2})
    by_cursor = api.post(SEARCH, body | {"cursor": first.meta["nextCursor"]})
    assert second.data == by_cursor.data and second.data[0]["email"] == "c@example.com"


OTHERS = [5, True, [], {}, "x", 1.5, None]
KINDS: dict[str, tuple[type, ...]] = {
    "query": (str, type(None)),
    "filters": (dict, type(None)),
    "sort": (dict, type(None)),
    "page": (int, type(None)),
    "perPage": (int, type(None)),
    "cursor": (type(None),),
}


@pytest.mark.parametrize("value", OTHERS)
@pytest.mark.parametrize("name", KINDS)
def test_a_known_key_of_another_type_is_400(api: Api, name: str, value: Any):
    answer = api.post(SEARCH, {name: value})
    fits = type(value) in KINDS[name]
    assert answer.status == (200 if fits else 400), answer.json
    assert fits or answer.details.keys() == {name}


def test_a_number_as_text_is_of_another_type(api: Api):
    assert api.post(SEARCH, {"page": "1"}).details.keys() == {"page"}
    assert api.post(SEARCH, {"perPage": "20"}).details.keys() == {"perPage"}


FILTER_KINDS: dict[str, tuple[type, ...]] = {
    "status": (type(None),),
    "groups": (list, type(None)),
    "tags": (list, type(None)),
    "customFields": (dict, type(None)),
    "pipelineStageId": (type(None),),
    "createdAfter": (type(None),),
    "createdBefore": (type(None),),
}


@pytest.mark.parametrize("value", OTHERS)
@pytest.mark.parametrize("name", FILTER_KINDS)
def test_a_filter_of_another_type_is_400(api: Api, name: str, value: Any):
    answer = api.post(SEARCH, {"filters": {name: value}})
    fits = type(value) in FILTER_KINDS[name]
    assert answer.status == (200 if fits else 400), answer.json
    assert fits or answer.details.keys() == {f"filters.{name}"}


@pytest.mark.parametrize("item", [5, None, [], {}, True])
@pytest.mark.parametrize("name", ["groups", "tags"])
def test_a_list_of_other_things_is_400(api: Api, name: str, item: Any):
    assert api.post(SEARCH, {"filters": {name: ["x", item]}}).details.keys() == {f"filters.{name}.1"}


@pytest.mark.parametrize("item", [[], {}, ["x"]])
def test_a_custom_value_to_look_for_is_a_scalar(api: Api, item: Any):
    answer = api.post(SEARCH, {"filters": {"customFields": {"k": item}}})
    assert answer.details.keys() == {"filters.customFields.k"}


@pytest.mark.parametrize("value", [0, -1, 101, 10**9, 10**30, 1.5, "x", "1e1"])
def test_per_page_is_1_to_100(api: Api, value: Any):
    assert api.post(SEARCH, {"perPage": value}).details.keys() == {"perPage"}


@pytest.mark.parametrize("sort", [{"field": "id"}, {"field": 5}, {"field": []}, {"field": ""}])
def test_an_unknown_sort_field_is_400(api: Api, sort: dict[str, Any]):
    assert "createdAt, updatedAt, email" in api.post(SEARCH, {"sort": sort}).message


@pytest.mark.parametrize("order", ["up", 1, [], {}, True, ""])
def test_an_unknown_order_is_400(api: Api, order: Any):
    assert api.post(SEARCH, {"sort": {"order": order}}).message == "order must be asc or desc"


def test_unknown_and_foreign_ids_are_named_alike(api: Api, stranger: Party):
    for group in (make_group(stranger.workspace).pk, "grp_none"):
        assert api.post(SEARCH, {"filters": {"groups": [group]}}).message == f"Unknown group: {group}"
    for stage in (stage_id(stranger.workspace), "stg_none"):
        answer = api.post(SEARCH, {"filters": {"pipelineStageId": stage}})
        assert answer.message == f"Unknown pipeline stage: {stage}"


def test_names_of_look_ups_are_nothing_special(api: Api):
    api.create()
    odd = {"_connector": "OR", "_negated": True, "email__regex": "(", "workspace": "x", "pk__in": []}
    assert api.found(filters=odd, **odd) == ["ann@example.com"]
    assert api.found(filters={"customFields": {"_connector": "OR"}}) == []
    assert api.found(filters={"customFields": {"a__regex": "("}}) == []


def test_nothing_of_a_stranger_is_found(api: Api, stranger: Party):
    stranger.api.create("theirs@b.co", tags=["t"], customFields={"k": "v"})
    api.create("ours@b.co", tags=["t"], customFields={"k": "v"})
    for filters in ({"tags": ["t"]}, {"customFields": {"k": "v"}}, {"status": "active"}, {}):
        assert api.found(query="b.co", filters=filters) == ["ours@b.co"]


def test_searching_writes_nothing(api: Api):
    api.create()
    before = list(Contact.objects.values())
    api.post(SEARCH, {"query": "ann", "filters": {"tags": ["new"], "customFields": {"new": "x"}}})
    assert list(Contact.objects.values()) == before
    assert not api.get("tags").data and not api.get("custom-fields").data
