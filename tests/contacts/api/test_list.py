"""GET /v1/contacts: filters, order, and both ways of paging."""

from collections.abc import Sequence
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Contact
from fluenzr_site.workspaces.models import Workspace
from tests.api.world import CONTACT_KEYS, Api, Party, make_field, make_group, set_status, stage_id

SORTS = ["createdAt", "updatedAt", "email", "firstName", "lastName", "company", "jobTitle", "status"]


def people(api: Api, rows: Sequence[dict[str, Any]]) -> list[str]:
    """Contacts made in this order; their ids."""
    return [api.create(**row)["id"] for row in rows]


@pytest.fixture
def crowd(api: Api) -> list[str]:
    """23 contacts with many ties; some without an address."""
    names = ["Ann", "bob", "ann", "", "Zoë", "Bob", "Érik"]
    rows = [
        {"email": f"{chr(97 + n * 7 % 23)}@b.co", "firstName": names[n % 7], "company": names[n % 3]} for n in range(23)
    ]
    made = people(api, rows)
    Contact.objects.filter(pk__in=made[4:8]).update(email=None)
    Contact.objects.filter(pk__in=made[10:15]).update(status="replied", updated_at="2030-01-01T00:00:00Z")
    return made


def test_an_empty_workspace_has_an_empty_page(api: Api):
    answer = api.get("contacts")
    assert (answer.status, answer.data) == (200, [])
    assert answer.meta == {"page": 1, "perPage": 20, "total": 0, "totalPages": 0, "nextCursor": None}


def test_a_page_has_20_newest_first(api: Api, crowd: list[str]):
    answer = api.get("contacts")
    assert [contact["id"] for contact in answer.data] == crowd[::-1][:20]
    assert answer.meta.pop("nextCursor")
    assert answer.meta | {"page": 1, "perPage": 20, "total": 23, "totalPages": 2} == answer.meta
    assert all(contact.keys() == CONTACT_KEYS for contact in answer.data)


def test_a_listed_contact_is_the_contact(api: Api, workspace: Workspace):
    made = api.create(tags=["b", "a"], groupIds=[api.group()], pipelineStageId=stage_id(workspace))
    assert api.get("contacts").data == [made]


@pytest.mark.parametrize("value", ["0", "-1", "101", "1.5", "x", "", "1e2", "1000000000", "%20", "null"])
def test_a_bad_per_page_is_400(api: Api, value: str):
    answer = api.get(f"contacts?perPage={value}")
    assert answer.details == {"perPage": ["perPage must be a whole number from 1 to 100"]}


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "x", "", "999999999999999999"])
def test_a_bad_page_is_400(api: Api, value: str):
    assert api.get(f"contacts?page={value}").details.keys() == {"page"}


def test_1_and_100_a_page_are_allowed(api: Api, crowd: list[str]):
    assert len(api.get("contacts?perPage=1").data) == 1
    assert len(api.get("contacts?perPage=100").data) == 23


def test_a_page_past_the_end_is_empty_with_the_true_total(api: Api, crowd: list[str]):
    answer = api.get("contacts?page=99&perPage=10")
    assert answer.data == []
    assert answer.meta == {"page": 99, "perPage": 10, "total": 23, "totalPages": 3, "nextCursor": None}


def test_an_unknown_sort_is_400_naming_those_allowed(api: Api):
    for value in ("id", "email__regex", "", "EMAIL", "-email"):
        answer = api.get(f"contacts?sort={value}")
        assert answer.details == {"sort": [f"sort must be one of: {', '.join(SORTS)}"]}


@pytest.mark.parametrize("value", ["up", "", "ASC", "1"])
def test_an_unknown_order_is_400(api: Api, value: str):
    assert api.get(f"contacts?order={value}").details == {"order": ["order must be asc or desc"]}


def test_order_without_sort_is_by_age(api: Api, crowd: list[str]):
    assert [contact["id"] for contact in api.get("contacts?order=asc&perPage=100").data] == crowd
    assert [contact["id"] for contact in api.get("contacts?order=desc&perPage=100").data] == crowd[::-1]


@pytest.mark.parametrize("sort", SORTS)
def test_sort_alone_ascends_and_desc_is_its_mirror(api: Api, crowd: list[str], sort: str):
    up = [contact["id"] for contact in api.get(f"contacts?perPage=100&sort={sort}").data]
    assert up == [contact["id"] for contact in api.get(f"contacts?perPage=100&sort={sort}&order=asc").data]
    down = [contact["id"] for contact in api.get(f"contacts?perPage=100&sort={sort}&order=desc").data]
    assert (up, sorted(up)) == (down[::-1], sorted(crowd))


@pytest.mark.parametrize("sort", ["email", "status", "createdAt", "updatedAt"])
def test_the_order_is_that_of_the_values(api: Api, crowd: list[str], sort: str):
    values = [contact[sort] for contact in api.get(f"contacts?perPage=100&sort={sort}").data]
    known = [value for value in values if value is not None]
    assert known == sorted(known) and values == known + [None] * (len(values) - len(known))


def test_names_are_sorted_without_case(api: Api):
    people(
        api,
        [{"email": f"{n}@b.co", "firstName": name} for n, name in enumerate(["bob", "Ann", "CARL", "ann"])],
    )
    names = [contact["firstName"] for contact in api.get("contacts?sort=firstName").data]
    assert names == ["Ann", "ann", "bob", "CARL"]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("size", [1, 3, 22, 23])
def test_both_ways_of_paging_meet_everybody_once_in_one_order(
    api: Api, crowd: list[str], sort: str, order: str, size: int
):
    query = f"contacts?sort={sort}&order={order}"
    whole = [contact["id"] for contact in api.get(f"{query}&perPage=100").data]
    assert sorted(whole) == sorted(crowd)
    assert pages(api, f"{query}&perPage={size}") == whole
    assert walk(api, f"{query}&perPage={size}") == whole


def pages(api: Api, query: str) -> list[str]:
    count = api.get(query).meta["totalPages"]
    return [row["id"] for page in range(1, count + 1) for row in api.get(f"{query}&page={page}").data]


def walk(api: Api, query: str) -> list[str]:
    found, cursor = [], ""
    while cursor is not None:
        answer = api.get(f"{query}&cursor={cursor}")
        found += [row["id"] for row in answer.data]
        cursor = answer.meta["nextCursor"]
    return found


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from(["", "a", "A", "b", "é", "É", "ı", "İ", "ß", "z z", "_", "0", "-"]), max_size=12))
@pytest.mark.usefixtures("no_rate_limit")
def test_cursor_walks_equal_page_walks_whatever_the_names(api: Api, names: list[str]):
    Contact.objects.all().delete()
    rows = [{"email": f"{n}@b.co", "firstName": name} for n, name in enumerate(names)]
    if rows:
        api.post("contacts/bulk", {"contacts": rows})
    for order in ("asc", "desc"):
        query = f"contacts?sort=firstName&order={order}&perPage=2"
        assert walk(api, query) == pages(api, query)


@pytest.mark.parametrize("path", ["tags", "pipeline-stages", "custom-fields", "locations", "groups"])
def test_every_list_can_be_walked_by_cursor(api: Api, workspace: Workspace, path: str):
    for number in range(5):
        api.create(f"{number}@b.co", tags=[f"t{number}"], customFields={f"k{number}": "v"})
        api.group(f"G{number}")
        workspace.locations.create(title=f"L{number}")
    whole = [row["id"] for row in api.get(path).data]
    assert len(whole) >= 5
    assert walk(api, f"{path}?perPage=2") == pages(api, f"{path}?perPage=2") == whole


def test_a_cursor_walk_misses_nobody_when_contacts_come_and_go(api: Api, crowd: list[str]):
    first = api.get("contacts?perPage=5")
    seen = [contact["id"] for contact in first.data]
    api.create("new@b.co")
    api.delete(f"contacts/{seen[-1]}")
    rest = api.get(f"contacts?perPage=100&cursor={first.meta['nextCursor']}").data
    assert seen + [contact["id"] for contact in rest] == crowd[::-1]


def test_a_cursor_belongs_to_its_order(api: Api, crowd: list[str]):
    cursor = api.get("contacts?sort=email&perPage=2").meta["nextCursor"]
    for query in ("sort=email&order=desc", "sort=company", "order=asc", ""):
        assert api.get(f"contacts?{query}&cursor={cursor}").details.keys() == {"cursor"}


def test_the_cursor_goes_through_a_filtered_list(api: Api, crowd: list[str]):
    assert walk(api, "contacts?status=replied&perPage=2") == crowd[10:15][::-1]


def test_email_contains_without_case_and_literally(api: Api):
    people(
        api,
        [{"email": "ann_lee@b.co", "firstName": "Percy"}, {"email": "annxlee@b.co"}, {"email": "a%b@b.co"}],
    )
    assert api.emails("contacts?email=ANN_LEE") == ["ann_lee@b.co"]
    assert api.emails("contacts?email=%25") == ["a%b@b.co"]
    assert len(api.emails("contacts?email=@b.co")) == 3
    assert api.emails("contacts?email=percy") == []


def test_q_looks_through_address_names_company_and_title(api: Api):
    fields = {
        "firstName": "Ann",
        "lastName": "Lee",
        "company": "Acme Ünion",
        "jobTitle": "CEO",
        "phone": "+123",
    }
    api.create("ann@b.co", **fields)
    for text in ("ann@b", "ANN", "lee", "ann lee", "ünion", "ÜNION", "ceo", "cm"):
        assert api.emails(f"contacts?q={text}") == ["ann@b.co"], text
    for text in ("+123", "lee acme", "%25", "nobody"):
        assert api.emails(f"contacts?q={text}") == [], text


def test_status_is_one_that_exists(api: Api, crowd: list[str]):
    assert api.get("contacts?status=replied").meta["total"] == 5
    assert api.get("contacts?status=bounced").data == []
    assert api.get("contacts?status=nonsense").details.keys() == {"status"}


def test_group_and_its_alias(api: Api):
    group = api.group()
    api.create("in@b.co", groupIds=[group, api.group("Other")])
    api.create("out@b.co")
    assert api.emails(f"contacts?groupId={group}") == api.emails(f"contacts?group={group}") == ["in@b.co"]


def test_a_group_or_stage_of_a_stranger_is_like_a_missing_one(api: Api, stranger: Party):
    theirs, stage = make_group(stranger.workspace).pk, stage_id(stranger.workspace)
    for query in (
        f"groupId={theirs}",
        f"group={theirs}",
        f"stageId={stage}",
        "groupId=grp_none",
        "stageId=stg_none",
    ):
        answer = api.get(f"contacts?{query}")
        assert (answer.status, answer.error["code"]) == (404, "NOT_FOUND")


def test_tag_by_name_without_case(api: Api):
    api.create("in@b.co", tags=["Straße", "x"])
    api.create("out@b.co", tags=["y"])
    assert api.emails("contacts?tag=STRASSE") == api.emails("contacts?tag=%20stra%C3%9Fe") == ["in@b.co"]
    assert api.emails("contacts?tag=unknown") == []


def test_stage(api: Api, workspace: Workspace):
    api.create("in@b.co", pipelineStageId=stage_id(workspace, "Won"))
    api.create("out@b.co")
    assert api.emails(f"contacts?stageId={stage_id(workspace, 'Won')}") == ["in@b.co"]
    assert api.emails(f"contacts?stageId={stage_id(workspace, 'Lost')}") == []


CUSTOM = [
    ("text", "5", "5", "6"),
    ("number", 5, "5", "5.5"),
    ("number", 5.5, "5.5", "5"),
    ("number", 5, "5.0", "50"),
]
CUSTOM += [("checkbox", True, "true", "false"), ("date", "2025-01-31", "2025-01-31", "2025-02-01")]
CUSTOM += [
    ("dropdown", "Red", "Red", "Blue"),
    ("text", "null", "null", "true"),
    ("text", 'a"b', "a%22b", "ab"),
]


@pytest.mark.parametrize(("type_", "value", "asked", "other"), CUSTOM)
def test_custom_fields_by_value(api: Api, workspace: Workspace, type_: str, value: Any, asked: str, other: str):
    make_field(workspace, "k", type_, ["Red", "Blue"])
    api.create("in@b.co", customFields={"k": value})
    api.create("out@b.co")
    assert api.emails(f"contacts?customFields[k]={asked}") == ["in@b.co"]
    assert api.emails(f"contacts?customFields[k]={other}") == []


@pytest.mark.parametrize("key", ["0", "-1", "a.b", "a b", 'a"b', "a[0]", "$", "%s", "{}", "é", "a__gt", "'"])
def test_a_custom_key_of_any_spelling_is_found(api: Api, key: str):
    api.create("in@b.co", customFields={key: "v", "other": "w"})
    api.create("out@b.co", customFields={"other": "v"})
    assert api.found(filters={"customFields": {key: "v"}}) == ["in@b.co"]
    assert api.found(filters={"customFields": {key: "w"}}) == []


def test_a_custom_value_that_its_type_cannot_read_is_400(api: Api, workspace: Workspace):
    make_field(workspace, "n", "number")
    assert api.get("contacts?customFields[n]=many").details == {"customFields.n": ["Must be a number"]}
    assert api.get("contacts?customFields[unknown]=x").data == []


def test_updated_since(api: Api):
    with time_machine.travel("2040-05-01T10:00:00Z", tick=False):
        api.put(f"contacts/{api.create('new@b.co')['id']}", {"firstName": "N"})
    api.create("old@b.co")
    Contact.objects.filter(email="old@b.co").update(updated_at="2039-01-01T00:00:00Z")
    for since in (
        "2040-05-01T10:00:00Z",
        "2040-05-01T12:00:00%2B02:00",
        "2040-05-01T12:00:00+02:00",
        "2040-05-01",
    ):
        assert api.emails(f"contacts?updatedSince={since}") == ["new@b.co"], since
    assert api.emails("contacts?updatedSince=2040-05-01T10:00:01Z") == []
    assert api.get("contacts?updatedSince=yesterday").details.keys() == {"updatedSince"}


def test_filters_combine_with_and(api: Api, workspace: Workspace):
    group, stage = api.group(), stage_id(workspace)
    full = {
        "groupIds": [group],
        "tags": ["t"],
        "pipelineStageId": stage,
        "customFields": {"a": "1", "b": "2"},
    }
    api.create("all@b.co", **full)
    for missing in full:
        api.create(f"no-{missing}@b.co", **{name: value for name, value in full.items() if name != missing})
    narrow = f"groupId={group}&tag=t&stageId={stage}&customFields[a]=1&customFields[b]=2"
    query = f"{narrow}&email=@b&status=active&q=b.co"
    assert api.emails(f"contacts?{query}") == ["all@b.co"]
    assert api.emails(f"contacts?{query}&customFields[b]=3") == []


@pytest.mark.parametrize("name", ["email", "status", "groupId", "group", "tag", "stageId", "q", "updatedSince"])
def test_a_blank_filter_filters_nothing(api: Api, name: str):
    api.create()
    assert len(api.get(f"contacts?{name}=").data) == 1


def test_totals_are_never_stale(api: Api, workspace: Workspace):
    first = api.create("a@b.co", tags=["t"])["id"]
    assert api.get("contacts?tag=t").meta["total"] == 1
    api.create("c@b.co", tags=["t"])
    assert api.get("contacts?tag=t").meta["total"] == 2
    api.delete(f"contacts/{first}/tags", {"tags": ["t"]})
    assert api.get("contacts?tag=t").meta["total"] == 1
    api.post("contacts/bulk", {"contacts": [{"email": "d@b.co", "tags": ["t"]}]})
    assert api.get("contacts?tag=t").meta["total"] == 2
    api.delete(f"contacts/{first}")
    assert api.get("contacts").meta["total"] == 2


def test_pages_do_not_mix_workspaces(api: Api, stranger: Party):
    stranger.api.create("theirs@b.co", tags=["t"], customFields={"k": "v"})
    api.create("ours@b.co", tags=["t"], customFields={"k": "v"})
    for query in ("", "?tag=t", "?q=b.co", "?email=b.co", "?customFields[k]=v", "?updatedSince=2001-01-01"):
        assert api.emails(f"contacts{query}") == ["ours@b.co"]


def test_a_status_set_by_the_engine_shows(api: Api):
    made = api.create()
    set_status(made["id"], "bounced")
    assert api.get("contacts").data == [made | {"status": "bounced"}]


@pytest.mark.parametrize("name", ["customFields", "customFields[]"])
def test_a_custom_field_that_isn_t_named_is_no_filter(api: Api, name: str):
    answer = api.get(f"contacts?{name}=x")
    assert (answer.status, list(answer.details)) == (400, [name])
