"""``/v1/openapi.json``: it says what the server has, and every example on it is executed."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import jsonschema
import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.serializers import Serializer

from contacts.api.examples import CONTACT
from contacts.messaging.examples import CONTACT as MESSAGING_CONTACT
from contacts.models import Contact, Location
from fluenzr_site.api.description import ERRORS, description, examples
from fluenzr_site.api.errors import CODES
from fluenzr_site.api.views import ApiView, UnknownPath
from fluenzr_site.workspaces.changes import update_workspace
from tests.docs.campaigns_world import populate_campaigns
from tests.docs.conftest import Server
from tests.docs.test_examples import require_alike

METHODS = ("get", "post", "put", "patch", "delete")
DIALECTS = {"": "fluenzr_site.v1_urls", "#messaging": "fluenzr_site.v1_messaging_urls"}
MADE = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
DESCRIPTION = description()
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, item in DESCRIPTION["paths"].items()
    for method, operation in item.items()
}


def views(urlconf: str) -> dict[str, type[ApiView]]:
    """Each path of a dialect, as the description writes it, and its view."""

    def walk(patterns: list[Any], prefix: str) -> dict[str, type[ApiView]]:
        found: dict[str, type[ApiView]] = {}
        for pattern in patterns:
            path = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                found |= walk(pattern.url_patterns, path)
            elif isinstance(pattern, URLPattern) and pattern.callback.view_class is not UnknownPath:  # type: ignore[attr-defined]
                named = re.sub(r"<str:(\w+?)_(\w)(\w+)>", lambda m: f"{{{m[1]}{m[2].upper()}{m[3]}}}", path)
                found[f"/{named}"] = pattern.callback.view_class  # type: ignore[attr-defined]
        return found

    return walk(get_resolver(urlconf).url_patterns, "")


ROUTES = {
    (method, path + dialect)
    for dialect, urlconf in DIALECTS.items()
    for path, view in views(urlconf).items()
    for method in METHODS
    if hasattr(view, method) and path != "/v1/openapi.json"
}


# -------------------------------------------------------------------------------------------------- drift


def test_it_has_every_route_and_no_other() -> None:
    assert {(method, path) for method, path, _ in OPERATIONS.values()} == ROUTES


def test_every_operation_has_an_example_and_no_other() -> None:
    assert examples().keys() == OPERATIONS.keys()


def test_it_is_valid_openapi() -> None:
    assert DESCRIPTION["openapi"].startswith("3.1")
    references = re.findall(r'"\$ref": "#/components/(\w+)/([\w-]+)"', json.dumps(DESCRIPTION))
    assert references
    assert all(name in DESCRIPTION["components"][kind] for kind, name in references)
    for schema in DESCRIPTION["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_says_all_that_there_is_to_say(name: str) -> None:
    method, path, operation = OPERATIONS[name]
    assert operation["summary"]
    scheme = "messagingKey" if path.endswith("#messaging") else "apiKey"
    assert operation["security"] == [{scheme: []}]
    assert {"200", "201"} & operation["responses"].keys()
    assert {"401", "403", "429", "500"} <= operation["responses"].keys()
    parameters = [p for p in operation.get("parameters", ()) if "$ref" not in p]
    assert set(re.findall(r"\{(\w+)\}", path)) == {p["name"] for p in parameters if p["in"] == "path"}
    assert all(p.get("description") for p in parameters if p["in"] == "query")
    shared = [p["$ref"].rpartition("/")[2] for p in operation.get("parameters", ()) if "$ref" in p]
    assert shared == (["IdempotencyKey"] if method == "post" else [])
    success = operation["responses"].get("200") or operation["responses"]["201"]
    assert {"X-Request-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} <= success[
        "headers"
    ].keys()
    assert ("Idempotency-Replayed" in success["headers"]) is (method == "post")
    for status, response in operation["responses"].items():
        assert int(status) < 300 or response["$ref"].startswith("#/components/responses/")


def _fields(name: str) -> set[str]:
    return set(DESCRIPTION["components"]["schemas"][name]["properties"])


@pytest.mark.parametrize("name", [n for n, (_, _, operation) in OPERATIONS.items() if "requestBody" in operation])
def test_a_body_is_described_as_its_serializer_is(name: str) -> None:
    method, path, operation = OPERATIONS[name]
    view = views(DIALECTS["#messaging" if path.endswith("#messaging") else ""])[path.removesuffix("#messaging")]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    serializer = _serializer_named(schema.removesuffix("Request"), view)
    assert _fields(schema) == set(serializer().fields)
    required = {field for field, shape in serializer().fields.items() if shape.required}
    assert set(DESCRIPTION["components"]["schemas"][schema].get("required", ())) == required


def _serializer_named(name: str, view: type[ApiView]) -> type[Serializer[Any]]:
    from campaigns.api import serializers as campaigns
    from contacts.api import serializers as contacts
    from contacts.messaging import serializers as messaging
    from fluenzr_site.webhooks.api import serializers as webhooks

    modules = {"contacts.messaging": messaging, "contacts.api": contacts, "campaigns.api": campaigns}
    modules["fluenzr_site.webhooks.api"] = webhooks
    found: type[Serializer[Any]] = getattr(modules[view.__module__.rpartition(".")[0]], name)
    return found


# ----------------------------------------------------------------------------------------------- examples


@pytest.fixture
def world(server: Server, populate: Callable[[dict[str, Any]], None]) -> Server:
    populate(CONTACT)
    workspace = server.workspace
    workspace.stages.exclude(name="Qualified").delete()
    Location.objects.create(workspace=workspace, id="loc_abc", title="Main street")
    populate_campaigns(workspace)
    return server


@pytest.fixture
def messaging_world(world: Server) -> Server:
    """The same contact as the messaging API's examples have it."""
    contact = Contact.objects.get()
    contact.phone = contact.number = MESSAGING_CONTACT["phoneNumber"]
    contact.location_id, contact.notes = "loc_abc", MESSAGING_CONTACT["notes"]
    contact.stage, contact.custom_fields = None, {}
    contact.search_text = "\njohn smith\n\n"
    contact.save()
    contact.tags.clear()
    tag = world.workspace.tags.create(name="vip", key="vip", created_at=MADE)
    contact.tags.add(tag, through_defaults={"position": 0})
    return world


def executed(server: Server, name: str) -> tuple[int, Any]:
    method, path, _ = OPERATIONS[name]
    example = examples()[name]
    for parameter, value in example.path.items():
        path = path.replace(f"{{{parameter}}}", value)
    path, _, dialect = path.partition("#")
    question = f"?{urlencode(example.query)}" if example.query else ""
    shown = {"x-api-key": server.key} if dialect else {"Authorization": f"Bearer {server.key}"}
    body = json.dumps(example.body) if example.body is not None else None
    answer = server.call(method.upper(), path + question, body, shown)
    return answer.status, answer.json


def _check(server: Server, name: str) -> None:
    _, _, operation = OPERATIONS[name]
    status, answer = executed(server, name)
    described = operation["responses"][str(status)]["content"]["application/json"]
    printed = described["example"]
    assert printed == examples()[name].answer
    require_alike(printed, answer)
    registry = {"components": DESCRIPTION["components"], **described["schema"]}
    jsonschema.Draft202012Validator(registry).validate(answer)


@pytest.mark.parametrize("name", [n for n, (_, path, _) in OPERATIONS.items() if "#" not in path])
def test_the_example_is_what_the_server_answers(name: str, world: Server) -> None:
    _check(world, name)


@pytest.mark.parametrize("name", [n for n, (_, path, _) in OPERATIONS.items() if "/campaigns" in path])
def test_an_answer_about_campaigns_has_the_described_keys(name: str, world: Server) -> None:
    status, answer = executed(world, name)
    described = OPERATIONS[name][2]["responses"][str(status)]["content"]["application/json"]["schema"]
    assert list(_differences(described, answer)) == []


def _differences(schema: dict[str, Any], answer: Any, path: str = "") -> Iterator[tuple[str, set[str]]]:
    """Where an answer's keys aren't those of its schema, and which only one of them has."""
    for shape in _shapes(schema):
        if isinstance(answer, list) and "items" in shape:
            for row in answer:
                yield from _differences(shape["items"], row, f"{path}[]")
        if isinstance(answer, dict) and "properties" in shape:
            if answer.keys() != shape["properties"].keys():
                yield path, answer.keys() ^ shape["properties"].keys()
            for key in answer.keys() & shape["properties"].keys():
                yield from _differences(shape["properties"][key], answer[key], f"{path}.{key}")


def _shapes(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """A schema without references, and what it is made of."""
    if "$ref" in schema:
        return _shapes(DESCRIPTION["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    return [schema, *(shape for part in schema.get("allOf", ()) for shape in _shapes(part))]


@pytest.mark.parametrize("name", [n for n, (_, path, _) in OPERATIONS.items() if "#" in path])
def test_the_messaging_example_is_what_the_server_answers(name: str, messaging_world: Server) -> None:
    _check(messaging_world, name)


# ------------------------------------------------------------------------------------------------- errors


def _printed(status: int) -> Any:
    names = [r["$ref"] for _, _, o in OPERATIONS.values() for code, r in o["responses"].items() if code == str(status)]
    response = DESCRIPTION["components"]["responses"][names[0].rpartition("/")[2]]
    return response["content"]["application/json"]["example"]


def test_every_error_is_described_once() -> None:
    used = {int(code) for _, _, o in OPERATIONS.values() for code in o["responses"] if int(code) >= 400}
    assert used == ERRORS.keys() == CODES.keys() - {405}


@pytest.mark.parametrize(
    ("status", "method", "path", "body", "content_type"),
    [
        (400, "POST", "contacts", "{}", "application/json"),
        (404, "GET", "contacts/con_none", None, "application/json"),
        (409, "POST", "contacts", '{"email": "john.smith@example.com"}', "application/json"),
        (413, "POST", "contacts", " " * (5 * 1024 * 1024 + 1), "application/json"),
        (415, "POST", "contacts", "email=a", "text/plain"),
    ],
)
def test_the_example_of_an_error(
    world: Server, status: int, method: str, path: str, body: str | None, content_type: str
) -> None:
    headers = {"Authorization": f"Bearer {world.key}", "Content-Type": content_type}
    answer = world.call(method, f"/v1/{path}", body, headers)
    assert (answer.status, answer.json) == (status, _printed(status))


def test_the_example_of_401_and_403(world: Server) -> None:
    assert world.call("GET", "/v1/contacts", None, {}).json == _printed(401)
    update_workspace(world.workspace, {"plan": "free"})
    assert world.call("GET", "/v1/contacts").json == _printed(403)


def test_the_example_of_429(world: Server, settings: Any) -> None:
    plans = settings.FLUENZR_PLANS
    settings.FLUENZR_PLANS = plans | {"pro": plans["pro"] | {"requests_a_minute": 1}}
    # Three, since the minute may turn between two.
    answers = [world.call("GET", "/v1/contacts") for _ in range(3)]
    told = next(answer.json for answer in answers if answer.status == 429)["error"]
    printed = _printed(429)["error"]
    assert {**told, "message": ""} == {**printed, "message": ""}
    assert re.fullmatch(re.sub(r"\d+", r"\\d+", printed["message"]), told["message"])
