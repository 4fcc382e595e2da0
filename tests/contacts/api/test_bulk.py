"""POST /v1/contacts/bulk."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Contact
from fluenzr_site.workspaces.models import Workspace
from tests.api.world import Api, Party, events, make_field, make_group, set_status, stage_id


def bulk(api: Api, *rows: Any, **options: Any) -> dict[str, Any]:
    return api.post("contacts/bulk", {"contacts": list(rows), **options}).data


def counts(data: dict[str, Any]) -> tuple[int, int, int, int]:
    return data["created"], data["updated"], data["skipped"], len(data["errors"])


def test_the_documented_example(api: Api):
    rows = [{"email": "a@example.com", "firstName": "A"}, {"email": "b@example.com", "firstName": "B"}]
    answer = api.post("contacts/bulk", {"contacts": rows, "groupIds": [api.group()], "onDuplicate": "skip"})
    assert (answer.status, answer.data) == (200, {"created": 2, "updated": 0, "skipped": 0, "errors": []})


def test_a_row_may_have_everything_a_contact_may(api: Api, workspace: Workspace):
    group = api.group()
    row = {
        "email": "A@b.co",
        "firstName": "A",
        "status": "blocked",
        "groupIds": [group],
        "tags": ["t"],
        "customFields": {"k": 1},
        "pipelineStageId": stage_id(workspace),
    }
    assert counts(bulk(api, row)) == (1, 0, 0, 0)
    made = api.get("contacts").data[0]
    assert (made["email"], made["status"], made["tags"], made["customFields"]) == (
        "a@b.co",
        "blocked",
        ["t"],
        {"k": "1"},
    )
    assert made["groups"][0]["id"] == group and made["pipelineStage"]["name"] == "Qualified"


def test_duplicates_are_skipped_unless_said(api: Api):
    api.create("a@b.co", firstName="Old")
    assert counts(bulk(api, {"email": "A@B.co", "firstName": "New"})) == (0, 0, 1, 0)
    assert counts(bulk(api, {"email": "A@B.co", "firstName": "New"}, onDuplicate="skip")) == (0, 0, 1, 0)
    assert api.get("contacts").data[0]["firstName"] == "Old"


def test_duplicates_are_updated_when_asked(api: Api):
    old = api.create("a@b.co", firstName="Old", company="Acme", tags=["x"], customFields={"k": "v", "l": "w"})
    data = bulk(api, {"email": "A@b.co", "firstName": "New", "customFields": {"k": None}}, onDuplicate="update")
    assert counts(data) == (0, 1, 0, 0)
    new = api.get(f"contacts/{old['id']}").data
    assert (new["firstName"], new["company"], new["tags"], new["customFields"]) == (
        "New",
        "Acme",
        ["x"],
        {"l": "w"},
    )


def test_a_duplicate_inside_the_request_is_one_of_the_earlier_row(api: Api):
    rows = [{"email": "a@b.co", "firstName": "1"}, {"email": "A@b.co", "firstName": "2"}]
    assert counts(bulk(api, *rows)) == (1, 0, 1, 0)
    assert api.get("contacts").data[0]["firstName"] == "1"
    rows = [{"email": "c@b.co", "firstName": "1"}, {"email": "C@b.co", "firstName": "2", "tags": ["t"]}]
    assert counts(bulk(api, *rows, onDuplicate="update")) == (1, 1, 0, 0)
    assert (api.get("contacts").data[0]["firstName"], api.get("contacts").data[0]["tags"]) == ("2", ["t"])


def test_a_row_after_a_bad_one_with_its_address_is_created(api: Api):
    data = bulk(api, {"email": "a@b.co", "firstName": 1}, {"email": "a@b.co", "firstName": "A"})
    assert counts(data) == (1, 0, 0, 1)


def test_bad_rows_do_not_stop_good_ones_and_are_told(api: Api, workspace: Workspace):
    make_field(workspace, "n", "number")
    rows = [
        {"email": "a@b.co"},
        {"firstName": "nobody"},
        {"email": "x"},
        {"email": "c@b.co", "firstName": 5},
        {"email": "d@b.co", "groupIds": ["grp_none"]},
        {"email": "e@b.co", "status": "bounced"},
        {"email": "f@b.co", "customFields": {"n": "many"}},
        {"email": "g@b.co", "tags": [""]},
        "not a contact",
        None,
        {"email": "z@b.co"},
    ]
    data = bulk(api, *rows)
    assert counts(data) == (2, 0, 0, 9)
    assert [error["index"] for error in data["errors"]] == list(range(1, 10))
    assert all(error.keys() == {"index", "email", "code", "message"} for error in data["errors"])
    assert {error["code"] for error in data["errors"]} == {"VALIDATION_ERROR"}
    told = [(error["email"], error["message"]) for error in data["errors"]]
    assert told[:4] == [
        (None, "Email is required"),
        ("x", "Invalid email format"),
        ("c@b.co", "firstName: Must be a string"),
        ("d@b.co", "Unknown group: grp_none"),
    ]
    assert told[7:] == [(None, "Must be a JSON object")] * 2


def test_bad_rows_alone_are_a_200_that_creates_nothing(api: Api, workspace: Workspace):
    assert counts(bulk(api, {}, {"email": "x"})) == (0, 0, 0, 2)
    assert not Contact.objects.exists() and not events(workspace)


@pytest.mark.parametrize("value", [None, {}, "x", 5, True, {"email": "a@b.co"}])
def test_contacts_must_be_a_list(api: Api, value: Any):
    assert api.post("contacts/bulk", {"contacts": value}).details.keys() == {"contacts"}
    assert api.post("contacts/bulk", {}).details.keys() == {"contacts"}


def test_1_to_1000_rows(api: Api):
    rows = [{"email": f"{number}@b.co"} for number in range(1001)]
    for wrong in ([], rows):
        answer = api.post("contacts/bulk", {"contacts": wrong})
        assert answer.details == {"contacts": [f"contacts must have 1 to 1000 entries, not {len(wrong)}"]}
    assert not Contact.objects.exists()
    assert counts(bulk(api, *rows[:1000])) == (1000, 0, 0, 0)


@pytest.mark.parametrize("value", ["replace", "", None, 1, [], {}, True])
def test_on_duplicate_is_skip_or_update(api: Api, value: Any):
    body = {"contacts": [{"email": "a@b.co"}], "onDuplicate": value}
    assert api.post("contacts/bulk", body).details == {"onDuplicate": ["onDuplicate must be skip or update"]}


@pytest.mark.parametrize("value", ["grp_x", 1, {}, [1], [None], True])
def test_group_ids_of_another_type_are_refused(api: Api, value: Any):
    body = {"contacts": [{"email": "a@b.co"}], "groupIds": value}
    assert api.post("contacts/bulk", body).details.keys() <= {"groupIds", "groupIds.0"}


def test_an_unknown_group_for_all_refuses_all(api: Api, stranger: Party):
    theirs = make_group(stranger.workspace).pk
    for unknown in (theirs, "grp_none"):
        answer = api.post("contacts/bulk", {"contacts": [{"email": "a@b.co"}], "groupIds": [unknown]})
        assert answer.details == {"groupIds": [f"Unknown group: {unknown}"]}
    assert not Contact.objects.of(stranger.workspace).exists() and not api.get("contacts").data


def test_the_groups_go_to_everyone_created_or_updated_and_not_to_the_skipped(api: Api):
    group, own = api.group(), api.group("Own")
    api.create("old@b.co", groupIds=[own])
    bulk(api, {"email": "old@b.co"}, {"email": "new@b.co"}, groupIds=[group])
    assert api.emails(f"contacts?groupId={group}") == ["new@b.co"]
    bulk(
        api,
        {"email": "old@b.co"},
        {"email": "x@b.co", "groupIds": [own]},
        groupIds=[group],
        onDuplicate="update",
    )
    assert sorted(api.emails(f"contacts?groupId={group}")) == ["new@b.co", "old@b.co", "x@b.co"]
    assert sorted(api.emails(f"contacts?groupId={own}")) == ["old@b.co", "x@b.co"]


def test_an_unsubscribed_contact_stays_so(api: Api):
    made = api.create("a@b.co")
    set_status(made["id"], "unsubscribed")
    row = {"email": "a@b.co", "status": "active", "firstName": "A"}
    assert counts(bulk(api, row, onDuplicate="update")) == (0, 1, 0, 0)
    now = api.get(f"contacts/{made['id']}").data
    assert (now["status"], now["firstName"]) == ("unsubscribed", "A")


def test_fetched_objects_can_be_put_back_in_bulk(api: Api, workspace: Workspace):
    for letter, status in zip("abcde", ["active", "unsubscribed", "bounced", "replied", "blocked"], strict=True):
        set_status(api.create(f"{letter}@b.co", tags=["t"], customFields={"k": letter})["id"], status)
    fetched, before = api.get("contacts").data, events(workspace)
    assert counts(bulk(api, *fetched, onDuplicate="update")) == (0, 5, 0, 0)
    assert (api.get("contacts").data, events(workspace)) == (fetched, before)


def test_new_tags_and_fields_of_many_rows_are_made_once(api: Api, workspace: Workspace):
    bulk(api, *({"email": f"{n}@b.co", "tags": ["VIP", "vip"], "customFields": {"k": n}} for n in range(50)))
    assert [tag.name for tag in workspace.tags.all()] == ["VIP"]
    assert [field.key for field in workspace.custom_fields.all()] == ["k"]


def test_rows_that_are_not_written_make_no_tag_or_field(api: Api, workspace: Workspace):
    api.create("a@b.co")
    bulk(api, {"email": "a@b.co", "tags": ["t"], "customFields": {"k": "v"}}, {"email": "x", "tags": ["u"]})
    assert not workspace.tags.exists() and not workspace.custom_fields.exists()


def test_a_great_many_new_custom_keys_are_no_error_of_ours(api: Api, workspace: Workspace):
    """More definitions than a small integer counts."""
    rows = [{"email": f"{n}@b.co", "customFields": {f"k{n}_{i}": 1 for i in range(100)}} for n in range(400)]
    assert api.post("contacts/bulk", {"contacts": rows}).status < 500


ROWS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"email": st.sampled_from(["a@b.co", "A@b.co", "c@b.co", "d@b.co", "x", "", None])}),
        st.fixed_dictionaries({"email": st.just("e@b.co"), "tags": st.sampled_from([["t"], "t", None])}),
        st.sampled_from([None, 5, "a@b.co", [], {}]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, mode=st.sampled_from(["skip", "update"]))
def test_the_counts_add_up_to_the_rows_sent(api: Api, rows: list[Any], mode: str):
    before = api.get("contacts").meta["total"]
    data = bulk(api, *rows, onDuplicate=mode)
    assert sum(counts(data)) == len(rows)
    assert api.get("contacts").meta["total"] == before + data["created"]
