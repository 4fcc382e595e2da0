"""``/v1/openapi.json``: one description of every dialect, put together from what the views say of themselves.

OpenAPI has one operation for a path and a method, and our dialects share their paths: the header of the key
tells them apart. Paths of another dialect than FluenzR's therefore end in ``#`` and its name. No client sends
what stands behind a ``#``, so that every tool calls the right address.
"""

import functools
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.utils.module_loading import import_string
from drf_spectacular.generators import SchemaGenerator
from rest_framework.request import Request
from rest_framework.response import Response

from fluenzr_site.api import errors, idempotency
from fluenzr_site.api.openapi import Example
from fluenzr_site.api.views import ApiView

Json = dict[str, Any]

# What each error means, with one that the server gives: the documents' own where they have one.
ERRORS: Final[Mapping[int, tuple[str, str, Mapping[str, list[str]]]]] = {
    400: (
        "A value is missing or wrong; details names each field. INVALID_JSON where the body can't be read at all",
        "Email is required",
        {"email": ["Email is required"]},
    ),
    401: ("Without a key, or with a wrong or revoked one", "Invalid or missing API key", {}),
    403: ("The key, the plan or a limit doesn't allow it", "API access requires Pro plan", {}),
    404: ("There is no such thing in this workspace", "Contact not found", {}),
    409: ("It collides with what is there", "Email already exists", {"email": ["Email already exists"]}),
    413: ("The body is over 5 MB", "The request body must be at most 5 MB", {}),
    415: ("The body is not JSON in UTF-8", "The request body must be application/json in UTF-8", {}),
    429: (
        "Too many requests; Retry-After says when to go on",
        "Rate limit of 1000 requests a minute exceeded; try again in 7 s",
        {},
    ),
    500: (
        "Something went wrong on our side; the log has more under the request's id",
        "Something went wrong on our side; request req_abc123 is in the log",
        {},
    ),
}


def _header(description: str, schema: Mapping[str, Any], example: Any) -> Json:
    return {"description": description, "schema": dict(schema), "example": example}


_TEXT: Final = {"type": "string"}
_INTEGER: Final = {"type": "integer"}
HEADERS: Final[Mapping[str, Json]] = {
    "X-Request-Id": _header(
        "The request's id, also in the log; a well-formed one that is sent is kept", _TEXT, "req_abc"
    ),
    "X-RateLimit-Limit": _header("Requests a minute that the workspace may make", _INTEGER, 1000),
    "X-RateLimit-Remaining": _header("How many of them are left", _INTEGER, 950),
    "X-RateLimit-Reset": _header("When the minute ends, in epoch seconds", _INTEGER, 1640000000),
    "Retry-After": _header("Seconds to wait", _INTEGER, 7),
    idempotency.REPLAYED: _header("true where the answer is that of an earlier request", _TEXT, "true"),
}
_BLANK: Final = {"type": "string", "maxLength": 0}
_COUNTED: Final = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


class Generator(SchemaGenerator):
    """Goes through the URL configuration of each dialect in turn."""

    def parse(self, input_request: Any, public: bool) -> Json:
        found: Json = {}
        for dialect, urlconf in settings.FLUENZR_DIALECTS.items():
            self.patterns, self.urlconf, self.endpoints = None, urlconf, None
            for path, item in super().parse(input_request, public).items():  # type: ignore[no-untyped-call]
                found[path if dialect == "fluenzr" else f"{path}#{dialect}"] = item
        return found


@functools.cache
def examples() -> dict[str, Example]:
    """A working call of each operation, by the operation's id."""
    found: dict[str, Example] = {}
    for name in settings.FLUENZR_EXAMPLES:
        found |= import_string(name)
    return found


@functools.cache
def description() -> Json:
    """The whole description, as JSON."""
    made: Json = Generator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    components = made["components"]
    components["schemas"] = _without_blank_twice(components["schemas"])
    components["headers"] = dict(HEADERS)
    components["responses"] = {_error_name(status): _error(status) for status in ERRORS}
    components["parameters"] = {"IdempotencyKey": _idempotency_key()}
    paths = made["paths"]
    for path, item in list(paths.items()):
        for method, operation in item.items():
            _complete(operation, method, components["schemas"])
        paths[_camel(path)] = paths.pop(path)
    return made


def _without_blank_twice(value: Any) -> Any:
    """The generator puts a blank beside text that may be blank anyway; of two that match, ``oneOf`` takes neither."""
    if isinstance(value, list):
        return [_without_blank_twice(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {name: _without_blank_twice(item) for name, item in value.items()}
    first, *rest = found.get("oneOf", [None])
    return {**first, **{k: v for k, v in found.items() if k != "oneOf"}} if rest == [_BLANK] else found


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


def _error_name(status: int) -> str:
    return "".join(word.capitalize() for word in HTTPStatus(status).phrase.split())


def _error(status: int) -> Json:
    meaning, message, details = ERRORS[status]
    headers = ["X-Request-Id", *(_COUNTED if status != 401 else ()), *(("Retry-After",) if status == 429 else ())]
    example = errors.body(errors.CODES[status], message, details)
    return {
        "description": meaning,
        "headers": _referred(headers),
        "content": {"application/json": {"schema": _reference("schemas", "ErrorAnswer"), "example": example}},
    }


def _idempotency_key() -> Json:
    return {
        "name": idempotency.HEADER,
        "in": "header",
        "required": False,
        "description": (
            "A text of your own for this one change. The first answer is kept for 24 hours and given again, with "
            f"`{idempotency.REPLAYED}: true`, to every request with the same key and the same body: a request that "
            "was cut off can be sent again without doing anything twice. With another body it is a 409."
        ),
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    }


def _reference(kind: str, name: str) -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}


def _referred(headers: list[str]) -> Json:
    return {name: _reference("headers", name) for name in headers}


def _complete(operation: Json, method: str, schemas: Json) -> None:
    """What all operations share, and the example, each part in its place."""
    example = examples().get(operation["operationId"])
    posted = method == "post"
    if posted:
        operation.setdefault("parameters", []).append(_reference("parameters", "IdempotencyKey"))
        operation["responses"].setdefault("409", {})
        operation["responses"].setdefault("400", {})
    for parameter in operation.get("parameters", ()):
        _complete_parameter(parameter, example)
    for status, response in operation["responses"].items():
        if int(status) < 300:
            names = ["X-Request-Id", *_COUNTED, *((idempotency.REPLAYED,) if posted else ())]
            response["headers"] = _referred(names)
            response["description"] = operation["summary"]
            if example:
                response["content"]["application/json"]["example"] = example.answer
    operation["responses"] = {
        status: response if int(status) < 300 else _reference("responses", _error_name(int(status)))
        for status, response in sorted(operation["responses"].items())
    }
    _require_body(operation, schemas)
    if example and example.body is not None:
        operation["requestBody"]["content"]["application/json"]["example"] = example.body


def _require_body(operation: Json, schemas: Json) -> None:
    """A body whose every key is optional may be left out altogether."""
    if "requestBody" in operation:
        reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        operation["requestBody"]["required"] = "required" in schemas[reference.rpartition("/")[2]]


def _complete_parameter(parameter: Json, example: Example | None) -> None:
    if "$ref" in parameter:
        return
    parameter["name"] = _camel(parameter["name"])
    given = {**example.path, **example.query} if example else {}
    if parameter["name"] in given:
        parameter["example"] = given[parameter["name"]]


class Description(ApiView):
    """``/v1/openapi.json``, for everybody."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Nobody is asked who they are, and nobody's minute is counted."""

    def get(self, request: Request) -> Response:
        return Response(description())
