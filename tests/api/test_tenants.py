"""No route tells that another workspace's things exist: each answers as for an id that never was.

Every route and method of the dialect must have a case here; one without fails the suite.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from campaigns.changes.accounts import create as create_account
from campaigns.models import Campaign, EmailAccount, Enrolment
from contacts.models import Contact, Group, Location
from fluenzr_site.core import clock
from fluenzr_site.events.models import Event
from fluenzr_site.webhooks.models import Attempt, Delivery, Webhook
from tests.api.world import Answer, Api, Party, make_field, stage_id

# Of each route: the methods that name something, with what is named in path and body.
# "{contact}" and its like become a stranger's id, then one that never was.
NAMING: dict[tuple[str, str], list[tuple[str, Any]]] = {
    ("GET", "contacts"): [
        ("contacts?groupId={group}", None),
        ("contacts?group={group}", None),
        ("contacts?stageId={stage}", None),
        ("contacts?tag={tag}", None),
        ("contacts?customFields[{field}]=x", None),
        ("contacts?q={contact}", None),
        ("contacts?email={contact}", None),
    ],
    ("POST", "contacts"): [
        ("contacts", {"email": "new@b.co", "groupIds": ["{group}"]}),
        ("contacts", {"email": "new@b.co", "pipelineStageId": "{stage}"}),
    ],
    ("POST", "contacts/bulk"): [
        ("contacts/bulk", {"contacts": [{"email": "new@b.co"}], "groupIds": ["{group}"]}),
        ("contacts/bulk", {"contacts": [{"email": "new@b.co", "groupIds": ["{group}"]}]}),
        ("contacts/bulk", {"contacts": [{"email": "new@b.co", "pipelineStageId": "{stage}"}]}),
    ],
    ("POST", "contacts/search"): [
        ("contacts/search", {"query": "{contact}"}),
        ("contacts/search", {"filters": {"groups": ["{group}"]}}),
        ("contacts/search", {"filters": {"tags": ["{tag}"]}}),
        ("contacts/search", {"filters": {"customFields": {"{field}": "x"}}}),
        ("contacts/search", {"filters": {"pipelineStageId": "{stage}"}}),
    ],
    ("GET", "contacts/<str:contact_id>"): [("contacts/{contact}", None)],
    ("PUT", "contacts/<str:contact_id>"): [
        ("contacts/{contact}", {"firstName": "Taken"}),
        ("contacts/{mine}", {"groupIds": ["{group}"]}),
        ("contacts/{mine}", {"pipelineStageId": "{stage}"}),
    ],
    ("PATCH", "contacts/<str:contact_id>"): [
        ("contacts/{contact}", {"firstName": "Taken"}),
        ("contacts/{mine}", {"groupIds": ["{group}"]}),
        ("contacts/{mine}", {"pipelineStageId": "{stage}"}),
    ],
    ("DELETE", "contacts/<str:contact_id>"): [("contacts/{contact}", None)],
    ("POST", "contacts/<str:contact_id>/groups"): [
        ("contacts/{contact}/groups", {"groupIds": ["{my_group}"]}),
        ("contacts/{mine}/groups", {"groupIds": ["{group}"]}),
    ],
    ("DELETE", "contacts/<str:contact_id>/groups"): [
        ("contacts/{contact}/groups", {"groupIds": ["{my_group}"]}),
        ("contacts/{mine}/groups", {"groupIds": ["{group}"]}),
    ],
    ("POST", "contacts/<str:contact_id>/tags"): [("contacts/{contact}/tags", {"tags": ["x"]})],
    ("DELETE", "contacts/<str:contact_id>/tags"): [("contacts/{contact}/tags", {"tags": ["x"]})],
    ("GET", "groups"): [("groups?name={group}", None)],
    ("POST", "groups"): [("groups", {"name": "New", "id": "{group}"})],
    ("GET", "groups/<str:group_id>"): [("groups/{group}", None)],
    ("PUT", "groups/<str:group_id>"): [("groups/{group}", {"name": "Taken"})],
    ("PATCH", "groups/<str:group_id>"): [("groups/{group}", {"name": "Taken"})],
    ("DELETE", "groups/<str:group_id>"): [("groups/{group}", None)],
    ("GET", "groups/<str:group_id>/contacts"): [("groups/{group}/contacts", None)],
    ("POST", "groups/<str:group_id>/contacts"): [
        ("groups/{group}/contacts", {"contactIds": ["{mine}"]}),
        ("groups/{my_group}/contacts", {"contactIds": ["{contact}"]}),
    ],
    ("DELETE", "groups/<str:group_id>/contacts"): [
        ("groups/{group}/contacts", {"contactIds": ["{mine}"]}),
        ("groups/{my_group}/contacts", {"contactIds": ["{contact}"]}),
    ],
    ("GET", "tags"): [("tags", None)],
    ("GET", "pipeline-stages"): [("pipeline-stages", None)],
    ("GET", "custom-fields"): [("custom-fields", None)],
    ("GET", "locations"): [("locations", None)],
    ("GET", "email-accounts"): [("email-accounts", None)],
    ("GET", "campaigns"): [("campaigns", None)],
    ("POST", "campaigns"): [("campaigns", {"name": "New", "emailAccountId": "{account}"})],
    ("GET", "campaigns/<str:campaign_id>"): [("campaigns/{campaign}", None)],
    ("PUT", "campaigns/<str:campaign_id>"): [
        ("campaigns/{campaign}", {"name": "Taken"}),
        ("campaigns/{my_campaign}", {"emailAccountId": "{account}"}),
    ],
    ("PATCH", "campaigns/<str:campaign_id>"): [
        ("campaigns/{campaign}", {"name": "Taken"}),
        ("campaigns/{my_campaign}", {"emailAccountId": "{account}"}),
    ],
    ("POST", "campaigns/<str:campaign_id>/start"): [("campaigns/{campaign}/start", None)],
    ("POST", "campaigns/<str:campaign_id>/pause"): [("campaigns/{campaign}/pause", None)],
    ("POST", "campaigns/<str:campaign_id>/resume"): [("campaigns/{campaign}/resume", None)],
    ("POST", "campaigns/<str:campaign_id>/archive"): [("campaigns/{campaign}/archive", None)],
    ("GET", "campaigns/<str:campaign_id>/contacts"): [("campaigns/{campaign}/contacts", None)],
    ("POST", "campaigns/<str:campaign_id>/contacts"): [
        ("campaigns/{campaign}/contacts", {"contactIds": ["{mine}"]}),
        ("campaigns/{my_campaign}/contacts", {"contactIds": ["{contact}"]}),
        ("campaigns/{my_campaign}/contacts", {"groupId": "{group}"}),
        ("campaigns/{my_campaign}/contacts", {"groupIds": ["{my_group}", "{group}"]}),
        ("campaigns/{my_campaign}/contacts", {"filters": {"groups": ["{group}"]}}),
        ("campaigns/{my_campaign}/contacts", {"filters": {"pipelineStageId": "{stage}"}}),
    ],
    ("DELETE", "campaigns/<str:campaign_id>/contacts"): [
        ("campaigns/{campaign}/contacts", {"contactIds": ["{mine}"]}),
        ("campaigns/{my_campaign}/contacts", {"contactIds": ["{contact}"]}),
    ],
    ("GET", "campaigns/<str:campaign_id>/stats"): [("campaigns/{campaign}/stats", None)],
    ("GET", "campaigns/<str:campaign_id>/stats/emails"): [("campaigns/{campaign}/stats/emails", None)],
    ("GET", "campaigns/<str:campaign_id>/stats/timeline"): [("campaigns/{campaign}/stats/timeline", None)],
    ("GET", "campaigns/<str:campaign_id>/activity"): [
        ("campaigns/{campaign}/activity", None),
        ("campaigns/{my_campaign}/activity?contactId={contact}", None),
    ],
    ("GET", "campaigns/<str:campaign_id>/why"): [
        ("campaigns/{campaign}/why", None),
        ("campaigns/{my_campaign}/why?contactId={contact}", None),
    ],
    ("GET", "webhooks"): [("webhooks", None)],
    ("POST", "webhooks"): [("webhooks", {"url": "ftp://x", "events": [], "id": "{webhook}"})],
    ("GET", "webhooks/<str:webhook_id>"): [("webhooks/{webhook}", None)],
    ("PUT", "webhooks/<str:webhook_id>"): [("webhooks/{webhook}", {"status": "disabled"})],
    ("PATCH", "webhooks/<str:webhook_id>"): [("webhooks/{webhook}", {"status": "disabled"})],
    ("DELETE", "webhooks/<str:webhook_id>"): [("webhooks/{webhook}", None)],
    ("POST", "webhooks/<str:webhook_id>/rotate-secret"): [("webhooks/{webhook}/rotate-secret", None)],
    ("POST", "webhooks/<str:webhook_id>/test"): [("webhooks/{webhook}/test", None)],
    ("GET", "webhooks/<str:webhook_id>/logs"): [
        ("webhooks/{webhook}/logs", None),
        ("webhooks/{my_webhook}/logs?eventId={event}", None),
    ],
    ("POST", "webhooks/<str:webhook_id>/logs/<str:log_id>/retry"): [
        ("webhooks/{webhook}/logs/{log}/retry", None),
        ("webhooks/{my_webhook}/logs/{log}/retry", None),
    ],
    ("POST", "webhooks/<str:webhook_id>/replay"): [("webhooks/{webhook}/replay", {"from": "2020-01-01"})],
}
# For everybody, and about nobody.
PUBLIC = {("GET", "openapi.json")}
CASES = [(method, path, body) for (method, _), cases in NAMING.items() for path, body in cases]


def routes(patterns: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Each route with each of the methods that its view answers."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern) and not str(pattern.pattern).startswith("^"):
            view = pattern.callback.view_class  # type: ignore[attr-defined]
            for method in ("get", "post", "put", "patch", "delete"):
                if hasattr(view, method):
                    yield method.upper(), (prefix + str(pattern.pattern)).removeprefix("v1/")


def test_every_route_has_its_case():
    found = set(routes(get_resolver("fluenzr_site.v1_urls").url_patterns))
    assert found - NAMING.keys() - PUBLIC == set(), "a route without a case"
    assert NAMING.keys() - found == set(), "a case without a route"


@pytest.fixture
def theirs(stranger: Party) -> dict[str, str]:
    """A stranger's things by what the cases call them."""
    group = stranger.api.group("Theirs", description="d")
    contact = stranger.api.create("theirs@b.co", groupIds=[group], tags=["their-tag"])["id"]
    Contact.objects.filter(pk=contact).update(custom_fields={"their_field": "x"})
    make_field(stranger.workspace, "their_field", "text")
    Location.objects.create(workspace=stranger.workspace, title="Their place")
    stage = stage_id(stranger.workspace)
    account, campaign = make_campaign(stranger, "Theirs")
    stranger.api.post(f"campaigns/{campaign}/contacts", {"contactIds": [contact]})
    named = {"contact": contact, "group": group, "stage": stage, "account": account, "campaign": campaign}
    return named | make_webhook(stranger) | {"tag": "their-tag", "field": "their_field"}


def make_webhook(party: Party) -> dict[str, str]:
    """The ids of a webhook to which an event was tried to be delivered."""
    url = f"https://{party.workspace.name}.example/"
    webhook = party.api.post("webhooks", {"url": url, "events": ["contact.created"]}).data["id"]
    event = Event.objects.of(party.workspace).order_by("id")[0]
    delivery = Delivery.objects.create(webhook_id=webhook, event=event, state="failed", attempts=1)
    log = Attempt.objects.create(webhook_id=webhook, delivery=delivery, number=1, status="failed", at=clock.now())
    return {"webhook": webhook, "event": event.pk, "log": log.pk}


def make_campaign(party: Party, name: str) -> tuple[str, str]:
    """The ids of an account and a draft that sends from it."""
    account = create_account(party.workspace, {"email": f"{name.lower()}@c.example", "smtp_host": "smtp.c.example"}).pk
    return account, party.api.post("campaigns", {"name": name, "emailAccountId": account}).data["id"]


def filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        for name, replacement in names.items():
            value = value.replace(f"{{{name}}}", replacement)
        return value
    if isinstance(value, list):
        return [filled(item, names) for item in value]
    if isinstance(value, dict):
        return {filled(key, names): filled(item, names) for key, item in value.items()}
    return value


def called(api: Api, method: str, path: str, body: Any, names: dict[str, str]) -> Answer:
    if body is None:
        return api.call(method, filled(path, names))
    return api.call(method, filled(path, names), filled(body, names))


def comparable(answer: Answer, names: dict[str, str]) -> tuple[int, str]:
    """What an answer says but for the ids that were asked with."""
    text = answer.raw.decode()
    for name, replacement in names.items():
        text = text.replace(replacement, f"<{name}>")
    return answer.status, text


@pytest.mark.parametrize(("method", "path", "body"), CASES)
def test_a_strangers_id_is_like_one_that_never_was(
    owner: Party, stranger: Party, theirs: dict[str, str], method: str, path: str, body: Any
):
    before = everything(stranger)
    mine = {"mine": owner.api.create("mine@b.co")["id"], "my_group": owner.api.group("Mine")}
    mine["my_campaign"] = make_campaign(owner, "Mine")[1]
    mine["my_webhook"] = make_webhook(owner)["webhook"]
    missing = {name: value[:-4] + "0000" for name, value in theirs.items()}
    foreign_answer = called(owner.api, method, path, body, mine | theirs)
    state = everything(owner)
    never_answer = called(owner.api, method, path, body, mine | missing)
    if method != "POST" or path != "groups":
        assert comparable(foreign_answer, theirs) == comparable(never_answer, missing)
        assert everything(owner) == state
    assert everything(stranger) == before
    for secret in ("theirs@b.co", "Their place", "Theirs", "Stranger"):
        assert secret.encode() not in foreign_answer.raw


def everything(party: Party) -> list[Any]:
    """All that a workspace has."""
    workspace = party.workspace
    tables = [
        model.objects.of(workspace) for model in (Contact, Group, Event, Campaign, EmailAccount, Enrolment, Webhook)
    ]
    links = [workspace.tags.all(), workspace.custom_fields.all(), workspace.stages.all()]
    links += [model.objects.filter(webhook__workspace=workspace) for model in (Delivery, Attempt)]
    rows = [list(table.order_by("pk").values()) for table in [*tables, *links]]
    groups = workspace.groups.filter(memberships__isnull=False)
    return [*rows, list(groups.order_by("pk").values_list("pk", "memberships__contact_id"))]


def test_the_lists_of_the_first_workspace_are_its_own(owner: Party, theirs: dict[str, str]):
    for path in ("contacts", "groups", "tags", "custom-fields", "locations", "email-accounts", "campaigns", "webhooks"):
        answer = owner.api.get(path)
        assert (answer.data, answer.meta["total"]) == ([], 0)
