"""What each method sends."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from support import CONTACT, Server, ok

from fluenzr import FluenzrClient, models
from fluenzr._model import Model
from fluenzr.models import Contact, Workflow, WorkflowEdge, WorkflowNode

Use = Callable[[FluenzrClient], object]
WORKFLOW = Workflow(
    nodes=(WorkflowNode(id="n1", type="start"), WorkflowNode(id="n2", type="end")),
    edges=(WorkflowEdge(from_node="n1", to_node="n2"),),
)
ONE: dict[str, tuple[Use, str, Any]] = {
    "contact get": (lambda c: c.contacts.get("con_1"), "GET /v1/contacts/con_1", None),
    "contact id quoted": (lambda c: c.contacts.get("a/../b?"), "GET /v1/contacts/a%2F..%2Fb%3F", None),
    "contact delete": (lambda c: c.contacts.delete("con_1"), "DELETE /v1/contacts/con_1", None),
    "contact nothing changed": (lambda c: c.contacts.update("con_1"), "PUT /v1/contacts/con_1", {}),
    "contact update": (
        lambda c: c.contacts.update("con_1", job_title=None, tags=("a",), custom_fields={"since_when": None}),
        "PUT /v1/contacts/con_1",
        {"jobTitle": None, "tags": ["a"], "customFields": {"since_when": None}},
    ),
    "contact bulk": (
        lambda c: c.contacts.bulk([{"email": "a@b.example", "first_name": "A"}], group_ids=["g"], on_duplicate="skip"),
        "POST /v1/contacts/bulk",
        {"contacts": [{"email": "a@b.example", "firstName": "A"}], "groupIds": ["g"], "onDuplicate": "skip"},
    ),
    "contact groups": (
        lambda c: c.contacts.add_to_group("con_1", "g"),
        "POST /v1/contacts/con_1/groups",
        {"groupIds": ["g"]},
    ),
    "contact out of groups": (
        lambda c: c.contacts.remove_from_groups("con_1", ["g"]),
        "DELETE /v1/contacts/con_1/groups",
        {"groupIds": ["g"]},
    ),
    "contact tags": (
        lambda c: c.contacts.remove_tags("con_1", ["t"]),
        "DELETE /v1/contacts/con_1/tags",
        {"tags": ["t"]},
    ),
    "group create": (
        lambda c: c.groups.create(name="Leads", type="dynamic"),
        "POST /v1/groups",
        {"name": "Leads", "type": "dynamic"},
    ),
    "group update": (lambda c: c.groups.update("g", color=None), "PUT /v1/groups/g", {"color": None}),
    "group members": (lambda c: c.groups.add_contacts("g", ["c"]), "POST /v1/groups/g/contacts", {"contactIds": ["c"]}),
    "group members out": (
        lambda c: c.groups.remove_contacts("g", iter("c")),
        "DELETE /v1/groups/g/contacts",
        {"contactIds": ["c"]},
    ),
    "campaign create": (
        lambda c: c.campaigns.create(name="Q1", email_account_id="acc_1", settings={"send_hours_start": 9}),
        "POST /v1/campaigns",
        {"name": "Q1", "emailAccountId": "acc_1", "settings": {"sendHoursStart": 9}},
    ),
    "campaign of several accounts": (
        lambda c: c.campaigns.create(name="Q1", email_account_id="acc_1", more_email_account_ids=("acc_2",)),
        "POST /v1/campaigns",
        {"name": "Q1", "emailAccountId": "acc_1", "moreEmailAccountIds": ["acc_2"]},
    ),
    "campaign of one account again": (
        lambda c: c.campaigns.update("cmp_1", more_email_account_ids=[]),
        "PUT /v1/campaigns/cmp_1",
        {"moreEmailAccountIds": []},
    ),
    "campaign update": (
        lambda c: c.campaigns.update("cmp_1", workflow=WORKFLOW),
        "PUT /v1/campaigns/cmp_1",
        {
            "workflow": {
                "nodes": [{"id": "n1", "type": "start", "data": {}}, {"id": "n2", "type": "end", "data": {}}],
                "edges": [{"from": "n1", "to": "n2"}],
            }
        },
    ),
    "campaign start": (lambda c: c.campaigns.start("cmp_1"), "POST /v1/campaigns/cmp_1/start", None),
    "campaign pause": (lambda c: c.campaigns.pause("cmp_1"), "POST /v1/campaigns/cmp_1/pause", None),
    "campaign resume": (lambda c: c.campaigns.resume("cmp_1"), "POST /v1/campaigns/cmp_1/resume", None),
    "campaign archive": (lambda c: c.campaigns.archive("cmp_1"), "POST /v1/campaigns/cmp_1/archive", None),
    "campaign group": (
        lambda c: c.campaigns.add_contacts("cmp_1", group_id="grp_1"),
        "POST /v1/campaigns/cmp_1/contacts",
        {"groupId": "grp_1"},
    ),
    "campaign filters": (
        lambda c: c.campaigns.add_contacts("cmp_1", filters={"created_after": datetime(2025, 1, 1, tzinfo=UTC)}),
        "POST /v1/campaigns/cmp_1/contacts",
        {"filters": {"createdAfter": "2025-01-01T00:00:00Z"}},
    ),
    "campaign contacts out": (
        lambda c: c.campaigns.remove_contacts("cmp_1", ["c"]),
        "DELETE /v1/campaigns/cmp_1/contacts",
        {"contactIds": ["c"]},
    ),
    "campaign stats": (lambda c: c.campaigns.get_stats("cmp_1"), "GET /v1/campaigns/cmp_1/stats", None),
    "campaign why": (
        lambda c: c.campaigns.why("cmp_1", contact_id="c"),
        "GET /v1/campaigns/cmp_1/why?contactId=c",
        None,
    ),
    "webhook create": (
        lambda c: c.webhooks.create(url="https://me.example/", events=["email.opened"], secret="s"),
        "POST /v1/webhooks",
        {"url": "https://me.example/", "events": ["email.opened"], "secret": "s"},
    ),
    "webhook update": (
        lambda c: c.webhooks.update("w", status="disabled"),
        "PUT /v1/webhooks/w",
        {"status": "disabled"},
    ),
    "webhook test": (lambda c: c.webhooks.test("w"), "POST /v1/webhooks/w/test", None),
    "webhook retry": (lambda c: c.webhooks.retry("w", "log_1"), "POST /v1/webhooks/w/logs/log_1/retry", None),
    "webhook rotate": (lambda c: c.webhooks.rotate_secret("w"), "POST /v1/webhooks/w/rotate-secret", None),
    "webhook rotate over two days": (
        lambda c: c.webhooks.rotate_secret("w", secret="hush-hush", overlap_hours=48),
        "POST /v1/webhooks/w/rotate-secret",
        {"secret": "hush-hush", "overlapHours": 48},
    ),
    "webhook replay": (
        lambda c: c.webhooks.replay("w", since=datetime(2025, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))),
        "POST /v1/webhooks/w/replay",
        {"from": "2025-01-01T00:00:00Z"},
    ),
}
MANY: dict[str, tuple[Use, str]] = {
    "contacts": (
        lambda c: c.contacts.list(
            group_id="g", custom_fields={"size": "9"}, updated_since=datetime(2025, 1, 1, tzinfo=UTC)
        ),
        "/v1/contacts?groupId=g&updatedSince=2025-01-01T00%3A00%3A00Z&customFields%5Bsize%5D=9",
    ),
    "groups": (lambda c: c.groups.list(name="x", type="static"), "/v1/groups?name=x&type=static"),
    "members": (lambda c: c.groups.list_contacts("g", per_page=5), "/v1/groups/g/contacts?perPage=5"),
    "campaigns": (lambda c: c.campaigns.list(status="draft"), "/v1/campaigns?status=draft"),
    "campaign contacts": (
        lambda c: c.campaigns.list_contacts("cmp_1", status="failed"),
        "/v1/campaigns/cmp_1/contacts?status=failed",
    ),
    "e-mail stats": (lambda c: c.campaigns.get_email_stats("cmp_1"), "/v1/campaigns/cmp_1/stats/emails"),
    "timeline": (
        lambda c: c.campaigns.get_timeline("cmp_1", since="2025-01-01", interval="day"),
        "/v1/campaigns/cmp_1/stats/timeline?from=2025-01-01&interval=day",
    ),
    "activity": (
        lambda c: c.campaigns.get_activity("cmp_1", type="opened", contact_id="c"),
        "/v1/campaigns/cmp_1/activity?type=opened&contactId=c",
    ),
    "webhooks": (lambda c: c.webhooks.list(status="failed"), "/v1/webhooks?status=failed"),
    "logs": (lambda c: c.webhooks.logs("w", page=2), "/v1/webhooks/w/logs?page=2"),
    "logs of an event": (lambda c: c.webhooks.logs("w", event_id="evt_1"), "/v1/webhooks/w/logs?eventId=evt_1"),
    "tags": (lambda c: c.tags.list(), "/v1/tags"),
    "stages": (lambda c: c.pipeline_stages.list(), "/v1/pipeline-stages"),
    "fields": (lambda c: c.custom_fields.list(), "/v1/custom-fields"),
    "accounts": (lambda c: c.email_accounts.list(), "/v1/email-accounts"),
    "locations": (lambda c: c.locations.list(), "/v1/locations"),
}


@pytest.mark.parametrize(("use", "line", "body"), ONE.values(), ids=ONE)
def test_one(use: Use, line: str, body: Any) -> None:
    server = Server(ok({"id": "x"}))
    use(server.client())
    assert f"{server.last.method} {server.last.url.raw_path.decode()}" == line
    assert (server.body if server.last.content else None) == body


@pytest.mark.parametrize(("use", "path"), MANY.values(), ids=MANY)
def test_many(use: Use, path: str) -> None:
    server = Server(ok([]))
    use(server.client())
    assert f"{server.last.method} {server.last.url.raw_path.decode()}" == f"GET {path}"


def test_a_contact_is_read_into_a_model() -> None:
    contact = Server(ok({**CONTACT, "score": 9})).client().contacts.get("con_1")
    assert (contact.first_name, contact.last_name, contact.job_title) == ("Mary", None, "CEO")
    assert contact.created_at == datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
    assert (contact.groups[0].name, contact.tags, contact.custom_fields["company_size"]) == (
        "Leads",
        ("prospect",),
        "10-50",
    )
    assert contact.pipeline_stage is not None and contact.pipeline_stage.name == "Qualified"
    assert contact.extra == {"score": 9}
    assert contact in {contact}
    with pytest.raises(FrozenInstanceError):
        contact.email = "x"  # type: ignore[misc]


def test_what_an_older_server_leaves_out_has_its_default() -> None:
    contact = Contact.from_json({"id": "con_1", "tags": None})
    assert (contact.email, contact.tags, contact.created_at, contact.custom_fields) == (None, (), None, {})


def test_every_model_can_be_read_from_nothing() -> None:
    classes = [each for each in vars(models).values() if isinstance(each, type) and issubclass(each, Model)]
    assert len(classes) > 25
    assert all(model.from_json({"new": 1}).extra == {"new": 1} for model in classes)


def test_a_model_goes_back_as_it_came() -> None:
    document = {
        "nodes": [{"id": "n", "type": "start", "data": {"a_b": 1}, "x": 2}],
        "edges": [{"from": "n", "to": "m"}],
    }
    server = Server(ok({"id": "cmp_1", "workflow": document}))
    campaign = server.client().campaigns.get("cmp_1")
    assert campaign.workflow is not None
    server.client().campaigns.update("cmp_1", workflow=campaign.workflow)
    assert server.body == {"workflow": document}


def test_a_campaigns_accounts() -> None:
    account = {
        "id": "acc_1",
        "email": "ana@me.example",
        "name": None,
        "status": "failing",
        "createdAt": "2025-01-15T10:30:00Z",
    }
    today = {"sentToday": 7, "dailyLimit": 50, "lastError": "535 No"}
    campaign = {"id": "cmp_1", "emailAccountId": "acc_1", "moreEmailAccountIds": ["acc_2"]}
    client = Server(ok([{**account, **today}]), ok(campaign)).client()
    read = client.email_accounts.list()[0]
    assert (read.status, read.sent_today, read.daily_limit, read.last_error) == ("failing", 7, 50, "535 No")
    assert read.created_at == datetime(2025, 1, 15, 10, 30, tzinfo=UTC) and read.extra == {}
    assert client.campaigns.get("cmp_1").more_email_account_ids == ("acc_2",)


def test_campaign_statistics() -> None:
    variants = [{"variant": "B", "sent": 5, "openRate": 40.0}]
    server = Server(ok({"sent": 10, "openRate": 50.5}), ok([{"nodeId": "n", "emailNumber": 1, "variants": variants}]))
    client = server.client()
    assert client.campaigns.get_stats("cmp_1").open_rate == 50.5
    (email,) = client.campaigns.get_email_stats("cmp_1")
    assert (email.email_number, email.variants[0].open_rate, email.sent) == (1, 40.0, None)


def test_non_ascii_text_is_sent_as_it_is() -> None:
    server = Server(ok(CONTACT))
    server.client().contacts.create(email="x@y.example", company="Zoë & 会社", custom_fields={"day": date(2025, 1, 2)})
    assert "Zoë & 会社".encode() in server.last.content
    assert server.body["customFields"] == {"day": "2025-01-02"}


@pytest.mark.parametrize("identifier", ["", " ", ".", ".."])
def test_an_id_that_would_be_another_path(identifier: str) -> None:
    server = Server(ok(CONTACT))
    with pytest.raises(ValueError, match="must not be empty"):
        server.client().contacts.delete(identifier)
    assert server.requests == []


@pytest.mark.parametrize(
    "use",
    [
        lambda c: c.contacts.add_tags("con_1", "vip"),
        lambda c: c.contacts.create(email="a@b.example", tags="vip"),
        lambda c: c.contacts.get(None),
        lambda c: c.contacts.create(email="a@b.example", custom_fields={"x": object()}),
        lambda c: c.campaigns.update("cmp_1", more_email_account_ids="acc_2"),
        lambda c: c.campaigns.add_contacts("cmp_1"),
        lambda c: c.campaigns.add_contacts("cmp_1", group_id="g", contact_ids=["c"]),
        lambda c: c.contacts.list(updated_since=datetime(2025, 1, 1)),
        lambda c: c.contacts.create(email="a@b.example", custom_fields={"x": float("nan")}),
    ],
)
def test_arguments_that_make_no_sense_are_not_sent(use: Use) -> None:
    server = Server(ok(CONTACT))
    with pytest.raises((TypeError, ValueError)):
        use(server.client())
    assert server.requests == []
