"""/v1/campaigns: making, reading, listing and changing."""

from typing import Any

import pytest
import time_machine

from campaigns.changes import campaigns as changes
from campaigns.models import Campaign
from fluenzr_site.workspaces.changes import create_api_key
from tests.api.world import Api, Party
from tests.campaigns.api.support import MONDAY, TESTS, Outreach, of
from tests.campaigns.workflow.examples import branching, email, sequence

KEYS = ["id", "name", "description", "status", "emailAccountId", "moreEmailAccountIds"]
KEYS += ["settings", "workflow", "stats", "createdAt", "startedAt", "updatedAt"]
STATS = ["totalContacts", "sent", "delivered", "opened", "openRate", "clicked", "clickRate", "replied", "replyRate"]
STATS += ["bounced", "bounceRate", "unsubscribed", "unsubscribeRate"]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"]


@pytest.fixture
def api(outreach: Outreach) -> Api:
    return outreach.api


@pytest.fixture
def body(outreach: Outreach) -> dict[str, Any]:
    """The least that a campaign needs."""
    return {"name": "Spring", "emailAccountId": outreach.account.pk}


@pytest.fixture
def theirs(stranger: Party, outreach: Outreach) -> str:
    """A campaign of another workspace."""
    return Outreach(stranger, outreach.port, outreach.clock).draft()


def test_a_name_and_an_account_make_a_draft(api: Api, body: dict[str, Any]):
    answer = api.post("campaigns", body)
    made = answer.data
    assert (answer.status, list(made)) == (201, KEYS)
    assert made["id"].startswith("cmp_")
    assert made["createdAt"] == made["updatedAt"] == MONDAY
    wanted = body | {"status": "draft", "description": None, "startedAt": None, "workflow": {"nodes": [], "edges": []}}
    assert made | wanted == made
    assert made["stats"] == dict.fromkeys(STATS, 0)


def test_settings_begin_with_office_hours_in_the_zone_of_the_workspace(
    outreach: Outreach, api: Api, body: dict[str, Any]
):
    outreach.workspace.timezone = "Asia/Kolkata"
    outreach.workspace.save()
    assert api.post("campaigns", body).data["settings"] == {
        "sendDays": WEEKDAYS,
        "sendHoursStart": 9,
        "sendHoursEnd": 18,
        "timezone": "Asia/Kolkata",
        "maxEmailsPerHour": 30,
    }


def test_what_is_given_is_kept(api: Api, body: dict[str, Any]):
    settings = {"sendDays": ["monday", "sunday"], "sendHoursStart": 0, "sendHoursEnd": 24, "maxEmailsPerHour": 1}
    given = body | {"description": "For été", "workflow": branching(), "settings": settings}
    made = api.post("campaigns", given).data
    assert made["description"] == "For été"
    assert made["settings"] == settings | {"timezone": "UTC"}
    assert [node["id"] for node in made["workflow"]["nodes"]] == ["start", "first", "wait", "ask", "second", "end"]
    assert {"from": "ask", "to": "end", "when": "yes"} in made["workflow"]["edges"]
    assert api.get(f"campaigns/{made['id']}").data == made


@pytest.mark.parametrize("missing", ["name", "emailAccountId"])
def test_create_needs_name_and_account(api: Api, body: dict[str, Any], missing: str):
    for value in ({}, {missing: None}, {missing: ""}, {missing: 5}, {missing: []}):
        given = {name: each for name, each in body.items() if name != missing} | value
        answer = api.post("campaigns", given)
        assert (answer.status, answer.details.keys()) == (400, {missing}), value
    assert not Campaign.objects.exists()


def test_a_name_is_trimmed_and_has_at_most_255_characters(api: Api, body: dict[str, Any]):
    assert api.post("campaigns", body | {"name": f" {'é' * 255} "}).data["name"] == "é" * 255
    assert api.post("campaigns", body | {"name": "é" * 256}).details.keys() == {"name"}


def test_an_unknown_or_foreign_account_is_named(outreach: Outreach, stranger: Party, api: Api, body: dict[str, Any]):
    foreign = Outreach(stranger, outreach.port, outreach.clock).account.pk
    for account in ("acc_nothing", foreign):
        answer = api.post("campaigns", body | {"emailAccountId": account})
        assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR")
        assert answer.details == {"emailAccountId": [f"Unknown e-mail account: {account}"]}
    made = api.post("campaigns", body).data["id"]
    assert api.put(f"campaigns/{made}", {"emailAccountId": foreign}).status == 400


BAD_SETTINGS = [
    ("sendDays", []),
    ("sendDays", ["someday"]),
    ("sendDays", "monday"),
    ("sendHoursStart", -1),
    ("sendHoursStart", 24),
    ("sendHoursStart", "9"),
    ("sendHoursStart", True),
    ("sendHoursStart", 18),
    ("sendHoursEnd", 25),
    ("sendHoursEnd", 9),
    ("timezone", "Mars/Olympus"),
    ("timezone", "../etc/passwd"),
    ("timezone", 5),
    ("maxEmailsPerHour", 0),
    ("maxEmailsPerHour", 1.5),
    ("maxEmailsPerHour", 10**30),
]


@pytest.mark.parametrize(("key", "value"), BAD_SETTINGS)
def test_a_bad_setting_is_named_by_its_path(api: Api, body: dict[str, Any], key: str, value: Any):
    answer = api.post("campaigns", body | {"settings": {key: value}})
    assert (answer.status, answer.details.keys()) == (400, {f"settings.{key}"})


@pytest.mark.parametrize("key", ["settings", "workflow"])
@pytest.mark.parametrize("value", [5, "x", [], True, None])
def test_what_is_no_object_is_400(api: Api, body: dict[str, Any], key: str, value: Any):
    answer = api.post("campaigns", body | {key: value})
    assert (answer.status, answer.details.keys()) == (400, {key})


def test_what_is_no_workflow_is_named_by_its_path(api: Api, body: dict[str, Any]):
    nodes = [{"id": "a", "type": "email", "data": {"subject": 5}}, {"type": "end"}, {"id": "a", "type": "end"}]
    answer = api.post("campaigns", body | {"workflow": {"nodes": nodes, "edges": [5]}})
    assert answer.status == 400
    assert all(path.startswith("workflow.") for path in answer.details)


def test_a_draft_may_be_unfinished_and_keeps_what_it_does_not_know(api: Api, body: dict[str, Any]):
    workflow = {"nodes": [{"id": "x", "type": "later", "data": {"a": 1}, "position": {"x": 1}}], "edges": []}
    assert api.post("campaigns", body | {"workflow": workflow}).data["workflow"] == workflow


def test_unknown_keys_and_what_only_the_server_sets_are_passed_over(api: Api, body: dict[str, Any]):
    more = {"status": "active", "id": "cmp_mine", "stats": {"sent": 5}, "createdAt": "1999-01-01", "x": 1}
    made = api.post("campaigns", body | more).data
    assert (made["status"], made["createdAt"]) == ("draft", MONDAY) and made["id"] != "cmp_mine"


def test_a_read_only_key_creates_nothing(outreach: Outreach, body: dict[str, Any]):
    _, key = create_api_key(outreach.workspace, name="reader", read_only=True)
    assert Api(key).post("campaigns", body).status == 403
    assert Api(key).get("campaigns").status == 200


# ---------------------------------------------------------------------------------------------------- lists


def names(api: Api, query: str = "") -> list[str]:
    return [campaign["name"] for campaign in api.get(f"campaigns{query}").data]


@pytest.fixture
def three(outreach: Outreach) -> dict[str, str]:
    """a, B and c, a minute apart; B is archived."""
    made = {}
    for name in "aBc":
        made[name] = outreach.draft(name=name)
        outreach.clock.shift(60)
    outreach.api.post(f"campaigns/{made['B']}/archive")
    return made


def test_the_newest_come_first(api: Api, three: dict[str, str]):
    answer = api.get("campaigns")
    assert [each["name"] for each in answer.data] == ["c", "B", "a"]
    assert answer.meta | {"page": 1, "perPage": 20, "total": 3, "totalPages": 1} == answer.meta
    assert all(list(each) == KEYS for each in answer.data)


def test_campaigns_are_filtered_by_status(api: Api, three: dict[str, str]):
    assert names(api, "?status=archived") == ["B"]
    assert names(api, "?status=draft&sort=name") == ["a", "c"]
    assert names(api, "?status=active") == []
    answer = api.get("campaigns?status=running")
    assert answer.status == 400 and "draft" in answer.details["status"][0]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("sort=name", "aBc"),
        ("sort=name&order=desc", "cBa"),
        ("sort=createdAt", "aBc"),
        ("sort=updatedAt&order=desc", "Bca"),
        ("sort=status", "Bac"),
        ("order=asc", "aBc"),
    ],
)
def test_campaigns_are_sorted(api: Api, three: dict[str, str], query: str, wanted: str):
    assert "".join(names(api, f"?{query}")) == wanted


def test_an_unknown_order_names_those_allowed(api: Api):
    answer = api.get("campaigns?sort=colour")
    assert answer.status == 400 and "createdAt" in answer.details["sort"][0]
    for query in ("order=up", "page=0", "perPage=0", "perPage=101", "page=x", "cursor=x"):
        assert api.get(f"campaigns?{query}").status == 400, query


def test_campaigns_are_paged_by_number_and_by_cursor(api: Api, three: dict[str, str]):
    first = api.get("campaigns?perPage=2")
    assert (first.meta["total"], first.meta["totalPages"]) == (3, 2)
    assert names(api, "?perPage=2&page=2") == ["a"]
    assert names(api, "?perPage=2&page=9") == []
    second = api.get(f"campaigns?perPage=2&cursor={first.meta['nextCursor']}")
    assert ([each["name"] for each in second.data], second.meta["nextCursor"]) == (["a"], None)


def test_only_what_changed_since_is_listed(api: Api, three: dict[str, str]):
    assert names(api, "?updatedSince=2030-01-07T10:02:00Z") == ["c", "B"]
    assert names(api, "?updatedSince=2030-01-07T10:03:00Z") == ["B"]
    assert api.get("campaigns?updatedSince=yesterday").details.keys() == {"updatedSince"}


def test_nothing_of_another_workspace_is_listed_or_found(api: Api, theirs: str):
    assert api.get("campaigns").data == []
    for method, path in [("GET", ""), ("PUT", ""), ("PATCH", ""), ("POST", "/start"), ("POST", "/pause")]:
        for campaign in (theirs, "cmp_nothing"):
            answer = api.call(method, f"campaigns/{campaign}{path}", {} if method != "GET" else b"")
            assert (answer.status, answer.message) == (404, "Campaign not found"), (method, path)


@pytest.mark.parametrize(
    "path", ["contacts", "stats", "stats/emails", "stats/timeline", "activity", "why", "resume", "archive"]
)
def test_nothing_below_an_unknown_or_foreign_campaign_is_found(api: Api, theirs: str, path: str):
    method = "POST" if path in ("resume", "archive") else "GET"
    for campaign in (theirs, "cmp_nothing"):
        assert api.call(method, f"campaigns/{campaign}/{path}").status == 404
    assert of(theirs).status == "draft"


# -------------------------------------------------------------------------------------------------- changing


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_only_what_is_given_is_changed(outreach: Outreach, api: Api, method: str):
    made = api.get(f"campaigns/{outreach.draft(description='x')}").data
    outreach.clock.shift(60)
    answer = api.call(method, f"campaigns/{made['id']}", {"name": "Autumn", "description": None})
    assert answer.data == made | {"name": "Autumn", "description": None, "updatedAt": "2030-01-07T10:01:00Z"}
    assert api.get(f"campaigns/{made['id']}").data == answer.data


def test_settings_merge_key_by_key(outreach: Outreach, api: Api):
    made = api.get(f"campaigns/{outreach.draft()}").data
    changed = api.patch(f"campaigns/{made['id']}", {"settings": {"maxEmailsPerHour": 7, "sendHoursEnd": 12}}).data
    assert changed["settings"] == made["settings"] | {"maxEmailsPerHour": 7, "sendHoursEnd": 12}
    answer = api.patch(f"campaigns/{made['id']}", {"settings": {"sendHoursStart": 12}})
    assert answer.details == {"settings.sendHoursStart": ["Must be less than sendHoursEnd (12)"]}


def test_a_workflow_is_replaced(outreach: Outreach, api: Api):
    made = outreach.draft(branching())
    changed = api.put(f"campaigns/{made}", {"workflow": sequence(email("only"))}).data
    assert [node["id"] for node in changed["workflow"]["nodes"]] == ["start", "only", "end"]


def test_a_fetched_campaign_can_be_put_back(outreach: Outreach, api: Api):
    made = api.get(f"campaigns/{outreach.draft(branching(), description='x')}").data
    assert api.put(f"campaigns/{made['id']}", made).data == made
    empty = api.get(f"campaigns/{outreach.draft({'nodes': [], 'edges': []})}").data
    assert api.put(f"campaigns/{empty['id']}", empty).data == empty


def test_a_refused_change_changes_nothing(outreach: Outreach, api: Api):
    made = api.get(f"campaigns/{outreach.draft()}").data
    bad = {"name": "New", "settings": {"timezone": "x"}, "emailAccountId": "acc_x", "workflow": {"nodes": 5}}
    answer = api.put(f"campaigns/{made['id']}", bad)
    assert answer.details.keys() == {"settings.timezone", "emailAccountId", "workflow.nodes"}
    assert api.get(f"campaigns/{made['id']}").data == made


@pytest.mark.parametrize("status", ["active", "completed", "archived"])
def test_only_a_draft_or_a_paused_campaign_is_changed(outreach: Outreach, api: Api, status: str):
    campaign = outreach.draft()
    Campaign.objects.update(status=status)
    answer = api.put(f"campaigns/{campaign}", {"name": "New"})
    assert (answer.status, answer.error["code"]) == (409, "CONFLICT")
    assert status in answer.message
    assert of(campaign).name == "Hello"


def test_a_paused_campaign_is_changed(outreach: Outreach, api: Api):
    campaign = outreach.started()
    api.post(f"campaigns/{campaign}/pause")
    assert api.patch(f"campaigns/{campaign}", {"name": "New"}).data["status"] == "paused"


def test_the_change_functions_say_the_same_without_the_api(outreach: Outreach):
    with pytest.raises(changes.Unknown):
        changes.update(outreach.workspace, "cmp_nothing", {}, by=TESTS)
    with time_machine.travel("2030-01-08T00:00:00Z", tick=False), pytest.raises(changes.Invalid):
        changes.create(outreach.workspace, {"name": "x", "account_id": "acc_x"}, by=TESTS)
