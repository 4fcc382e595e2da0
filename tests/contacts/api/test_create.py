"""POST /v1/contacts."""

from typing import Any

import pytest

from contacts.models import Contact
from fluenzr_site.core import ids
from fluenzr_site.core.clock import iso
from fluenzr_site.workspaces.models import Workspace
from tests.api.world import CONTACT_KEYS, Api, Party, events, make_field, make_group, stage_id


def test_the_documented_example_answers_201_with_the_whole_object(api: Api, workspace: Workspace):
    group = api.group("LinkedIn Leads")
    answer = api.post(
        "contacts",
        {
            "email": "mary.johnson@startup.io",
            "firstName": "Mary",
            "lastName": "Johnson",
            "company": "StartupIO",
            "jobTitle": "CEO",
            "phone": "+1234567890",
            "website": "https://startup.io",
            "groupIds": [group],
            "tags": ["prospect", "saas"],
            "customFields": {"sector": "SaaS", "company_size": "10-50"},
            "pipelineStageId": stage_id(workspace),
        },
    )
    made = answer.data
    assert (answer.status, made.keys()) == (201, CONTACT_KEYS)
    assert made["id"].startswith("con_") and made["createdAt"] == made["updatedAt"]
    assert {name: made[name] for name in CONTACT_KEYS - {"id", "createdAt", "updatedAt"}} == {
        "email": "mary.johnson@startup.io",
        "firstName": "Mary",
        "lastName": "Johnson",
        "company": "StartupIO",
        "jobTitle": "CEO",
        "phone": "+1234567890",
        "website": "https://startup.io",
        "status": "active",
        "groups": [{"id": group, "name": "LinkedIn Leads"}],
        "tags": ["prospect", "saas"],
        "customFields": {"sector": "SaaS", "company_size": "10-50"},
        "pipelineStage": {"id": stage_id(workspace), "name": "Qualified"},
    }


def test_what_is_not_given_is_null_or_empty(api: Api):
    made = api.create("a@b.co")
    unset = {name for name, value in made.items() if value is None}
    assert unset == {"firstName", "lastName", "company", "jobTitle", "phone", "website", "pipelineStage"}
    assert (made["groups"], made["tags"], made["customFields"], made["status"]) == ([], [], {}, "active")


def test_times_are_utc_to_the_second_and_agree_with_the_id(api: Api):
    made = api.create()
    assert made["createdAt"] == iso(ids.made_at(made["id"]))
    assert len(made["createdAt"]) == len("2025-01-15T10:30:00Z") and made["createdAt"].endswith("Z")


def test_getting_it_answers_the_same(api: Api):
    made = api.create(tags=["a"], customFields={"k": "v"})
    assert api.get(f"contacts/{made['id']}").data == made


@pytest.mark.parametrize("body", [{}, {"email": None}, {"email": ""}, {"email": "  "}, {"firstName": "A"}])
def test_an_address_is_required(api: Api, body: dict[str, Any]):
    answer = api.post("contacts", body)
    assert (answer.status, answer.error["code"], answer.message) == (
        400,
        "VALIDATION_ERROR",
        "Email is required",
    )
    assert answer.details == {"email": ["Email is required"]}


WRONG = [
    "x",
    "x@",
    "@b.co",
    "a@b",
    "a b@c.co",
    "a@b..co",
    "a@-b.co",
    "a@b.co,c@d.co",
    "<a@b.co>",
    "a@b.co\n",
    5,
]
WRONG += [
    True,
    [],
    {},
    ["a@b.co"],
    "a" * 65 + "@b.co",
    "a@" + "b" * 250 + ".co",
    "a@1.2.3.4",
    "a@b.co\u200b",
    "a\tb@c.co",
]


@pytest.mark.parametrize("email", WRONG)
def test_a_bad_address_is_refused(api: Api, email: Any):
    answer = api.post("contacts", {"email": email})
    if isinstance(email, str) and email.strip() != email:
        assert answer.status == 201
    else:
        assert (answer.status, answer.message) == (400, "Invalid email format")
        assert answer.details == {"email": ["Invalid email format"]}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Ann@Example.COM", "ann@example.com"),
        ("  ann@example.com\t", "ann@example.com"),
        ("ann+crm@example.com", "ann+crm@example.com"),
        ("ann@bücher.example", "ann@bücher.example"),
        ("ann@BÜCHER.example", "ann@bücher.example"),
        ("ann@xn--bcher-kva.example", "ann@bücher.example"),
        ("हिन्दी@उदाहरण.भारत", "हिन्दी@उदाहरण.भारत"),
        ("josé@example.com", "josé@example.com"),
        ("jose\u0301@example.com", "josé@example.com"),
        ("a@b.test", "a@b.test"),
    ],
)
def test_an_address_is_kept_in_one_spelling(api: Api, given: str, kept: str):
    assert api.create(given)["email"] == kept
    assert api.post("contacts", {"email": kept.upper()}).status == 409


def test_a_taken_address_is_409_whatever_its_case(api: Api, workspace: Workspace):
    api.create("ann@example.com", firstName="First")
    before = events(workspace)
    answer = api.post("contacts", {"email": " ANN@example.com", "tags": ["new"], "customFields": {"n": 1}})
    assert (answer.status, answer.error["code"], answer.message) == (409, "CONFLICT", "Email already exists")
    assert answer.details == {"email": ["Email already exists"]}
    assert Contact.objects.get().first_name == "First" and events(workspace) == before
    assert not workspace.tags.exists() and not workspace.custom_fields.exists()


def test_another_workspace_may_have_the_same_address(api: Api, stranger: Party):
    assert api.create("ann@example.com")["id"] != stranger.api.create("ann@example.com")["id"]


LIMITS = {"firstName": 255, "lastName": 255, "company": 255, "jobTitle": 255, "phone": 64, "website": 2048}


@pytest.mark.parametrize("name", LIMITS)
def test_a_text_has_its_greatest_length(api: Api, name: str):
    limit = LIMITS[name]
    assert api.create("a@b.co", **{name: f"  {'é' * limit} "})[name] == "é" * limit
    answer = api.post("contacts", {"email": "c@b.co", name: "é" * (limit + 1)})
    assert answer.details == {name: [f"Must be at most {limit} characters"]}


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("value", [1, 1.5, True, [], {}, ["a"]])
def test_a_text_of_another_type_is_refused(api: Api, name: str, value: Any):
    assert api.post("contacts", {"email": "a@b.co", name: value}).details == {name: ["Must be a string"]}


@pytest.mark.parametrize("name", LIMITS)
def test_blank_text_is_null(api: Api, name: str):
    assert api.create("a@b.co", **{name: "  "})[name] is None
    assert api.create("c@b.co", **{name: None})[name] is None


def test_every_bad_field_is_named_at_once(api: Api):
    answer = api.post("contacts", {"email": "x", "firstName": 1, "tags": ["a", 5], "customFields": {"k": []}})
    assert answer.details.keys() == {"email", "firstName", "tags.1", "customFields.k"}
    assert answer.message == "Invalid email format"


@pytest.mark.parametrize("status", ["active", "blocked"])
def test_a_settable_status_is_set(api: Api, status: str):
    assert api.create(status=status)["status"] == status


@pytest.mark.parametrize("status", ["unsubscribed", "bounced", "replied", "nonsense", "", None, 1, [], {}, True])
def test_another_status_is_refused(api: Api, status: Any):
    answer = api.post("contacts", {"email": "a@b.co", "status": status})
    assert answer.details == {"status": ["Must be one of: active, blocked"]}


def test_tags_are_trimmed_and_matched_without_case_and_keep_their_first_spelling(api: Api):
    assert api.create("a@b.co", tags=[" VIP ", "vip", "Straße"])["tags"] == ["VIP", "Straße"]
    assert api.create("c@b.co", tags=["vIp", "STRASSE"])["tags"] == ["VIP", "Straße"]
    assert [tag["name"] for tag in api.get("tags").data] == ["Straße", "VIP"]


def test_a_tag_has_1_to_64_characters(api: Api):
    assert api.create("a@b.co", tags=["x" * 64])["tags"] == ["x" * 64]
    for name in ("", "  ", "x" * 65):
        assert api.post("contacts", {"email": "c@b.co", "tags": ["a", name]}).details.keys() == {"tags.1"}


@pytest.mark.parametrize("value", ["vip", 1, {}, True, [None], [1], [["a"]], [{}]])
@pytest.mark.parametrize("name", ["tags", "groupIds"])
def test_a_list_of_another_type_is_refused(api: Api, name: str, value: Any):
    answer = api.post("contacts", {"email": "a@b.co", name: value})
    assert answer.details.keys() <= {name, f"{name}.0"}


def test_unknown_groups_and_stages_are_named(api: Api, stranger: Party):
    theirs, stage = make_group(stranger.workspace).pk, stage_id(stranger.workspace)
    body = {"email": "a@b.co", "groupIds": [api.group(), theirs, "grp_none"], "pipelineStageId": stage}
    answer = api.post("contacts", body)
    assert answer.details == {
        "groupIds": [f"Unknown group: {theirs}", "Unknown group: grp_none"],
        "pipelineStageId": [f"Unknown pipeline stage: {stage}"],
    }
    assert not Contact.objects.exists()


@pytest.mark.parametrize("value", [1, True, [], {}])
def test_a_stage_id_of_another_type_is_refused(api: Api, value: Any):
    assert api.post("contacts", {"email": "a@b.co", "pipelineStageId": value}).details.keys() == {"pipelineStageId"}


def test_a_group_given_twice_is_joined_once(api: Api):
    group = api.group()
    assert [one["id"] for one in api.create(groupIds=[group, group])["groups"]] == [group]


def test_an_undefined_custom_key_makes_a_text_definition(api: Api):
    made = api.create(customFields={"company_size": 50, " sector ": True, "gone": None})
    assert made["customFields"] == {"company_size": "50", "sector": "true"}
    fields = {field["key"]: field for field in api.get("custom-fields").data}
    assert fields.keys() == {"company_size", "sector"}
    assert (fields["company_size"]["type"], fields["company_size"]["label"]) == ("text", "Company size")


CUSTOM = [
    ("text", "a", "a"),
    ("text", 5, "5"),
    ("number", 5, 5),
    ("number", 5.0, 5),
    ("number", -1.5, -1.5),
    ("number", "12.5", 12.5),
    ("number", "1 000", 1000),
    ("date", "2025-01-31", "2025-01-31"),
    ("dropdown", "Red", "Red"),
    ("checkbox", True, True),
    ("checkbox", False, False),
    ("checkbox", "yes", True),
    ("url", "https://acme.com/a?b#c", "https://acme.com/a?b#c"),
    ("url", "HTTP://acme.com", "HTTP://acme.com"),
]


@pytest.mark.parametrize(("type_", "given", "kept"), CUSTOM)
def test_a_custom_value_is_kept_as_its_type(api: Api, workspace: Workspace, type_: str, given: Any, kept: Any):
    make_field(workspace, "k", type_, ["Red", "Blue"])
    value = api.create(customFields={"k": given})["customFields"]["k"]
    assert (value, type(value)) == (kept, type(kept))


BAD_CUSTOM = [
    ("number", "five"),
    ("number", True),
    ("number", "1e5"),
    ("number", 2**60),
    ("date", "31/01/2025"),
    ("date", "2025-02-30"),
    ("date", "2025-1-1"),
    ("date", "2025-W01-1"),
    ("date", "20250131"),
    ("date", 20250131),
    ("date", True),
    ("dropdown", "Green"),
    ("dropdown", "red"),
    ("dropdown", 1),
    ("checkbox", "maybe"),
    ("checkbox", 1),
    ("url", "acme.com"),
    ("url", "javascript:alert(1)"),
    ("url", "http://"),
    ("url", 5),
    ("text", []),
    ("text", {}),
]


@pytest.mark.parametrize(("type_", "given"), BAD_CUSTOM)
def test_a_custom_value_of_another_type_is_refused(api: Api, workspace: Workspace, type_: str, given: Any):
    make_field(workspace, "k", type_, ["Red", "Blue"])
    assert api.post("contacts", {"email": "a@b.co", "customFields": {"k": given}}).details.keys() == {"customFields.k"}


@pytest.mark.parametrize("value", [[], "x", 1, True])
def test_custom_fields_of_another_type_are_refused(api: Api, value: Any):
    assert api.post("contacts", {"email": "a@b.co", "customFields": value}).details.keys() == {"customFields"}


def test_custom_fields_have_at_most_100_keys_and_10_kb_a_value(api: Api):
    hundred = {f"k{n}": "v" for n in range(100)}
    assert len(api.create("a@b.co", customFields=hundred)["customFields"]) == 100
    assert api.post("contacts", {"email": "c@b.co", "customFields": hundred | {"k": "v"}}).status == 400
    assert api.create("d@b.co", customFields={"k1": "é" * 5000})["customFields"]["k1"] == "é" * 5000
    assert api.post("contacts", {"email": "e@b.co", "customFields": {"k1": "é" * 5001}}).status == 400


@pytest.mark.parametrize("key", ["", "  ", "x" * 101])
def test_a_custom_key_has_1_to_100_characters(api: Api, key: str):
    assert api.post("contacts", {"email": "a@b.co", "customFields": {key: "v"}}).status == 400


def test_unknown_keys_are_passed_over(api: Api):
    assert api.create(nonsense=1, groups=["x"], pipelineStage=5, createdAt="x", email_verified=[])["groups"] == []


def test_a_failed_creation_leaves_no_tag_field_or_event(api: Api, workspace: Workspace):
    body = {"email": "a@b.co", "tags": ["t"], "customFields": {"k": "v"}, "groupIds": ["grp_none"]}
    assert api.post("contacts", body).status == 400
    assert not workspace.tags.exists() and not workspace.custom_fields.exists() and not events(workspace)
