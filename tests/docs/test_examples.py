"""Every example of the documents, as printed, against a running server: only host and key are changed.

An example is a case of its own. What stands before it in its document has been run in its workspace by then.
"""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from contacts.api import contact_views
from fluenzr_site.api.errors import CODES, Details
from fluenzr_site.workspaces.changes import create_api_key, revoke_api_key, update_workspace
from tests.docs.conftest import Answer, Server
from tests.docs.examples import BASE, DOCUMENTS, KEY, Example, examples

# What a document says is said of the API, whatever its database.
pytestmark = pytest.mark.once

NAMES = sorted(path.name for path in DOCUMENTS.glob("*.md") if not path.name.startswith("messaging"))
OF_ONE_THING = ("contacts.en.md", "campaigns.en.md", "webhooks.en.md")
CONTACTS = [name for name in NAMES if name.startswith("contacts")]
ENGLISH = "".join((DOCUMENTS / name).read_text() for name in ("contacts.en.md", "overview.en.md"))
RATE_HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
NEEDS_CURL = pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
Populate = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Case:
    """The last example of ``story``, and those of its document that come before it."""

    story: tuple[Example, ...]
    way: str

    def __str__(self) -> str:
        return f"{self.story[-1]}-{self.way}"


def cases(name: str) -> list[Any]:
    told = examples(name)
    stories = [tuple(told[: position + 1]) for position in range(len(told))]
    plain = [Case(story, "http") for story in stories]
    curls = [Case(story, "curl") for story in stories if story[-1].command]
    return plain + [pytest.param(case, marks=NEEDS_CURL) for case in curls]


# ------------------------------------------------------------------------------------------ Printed JSON

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\.\.\.|[\[\]{}]|[^"\[\]{}.]+|\.')
_ELIDED = "..."
_OURS = {"acc_123", "loc_abc", "con_abc123", "grp_xyz789", "grp_abc", "grp_def", "stg_qualified"}
_OURS |= {"whk_abc123", "whk_def456", "log_abc123"}
# What hangs on how much is in a workspace, and when: told by its form.
_FORMS = {
    "total": r"\d+",
    "totalPages": r"\d+",
    "nextCursor": r"None|[\w-]+",
    "createdAt": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "startedAt": r"None|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "updatedAt": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "secret": r"whsec_[\w+/]{32}",
    "eventId": r"evt_\w+",
    "responseTime": r"None|\d+",
    # An attempt's, and that of an event.
    "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
}


def read(printed: str) -> Any:
    """Printed JSON, in which ``...`` stands for more: a key or an item of that name."""
    around: list[str] = []
    said: list[str] = []
    for token in _TOKEN.findall(printed):
        if token in ("[", "{"):
            around.append(token)
        elif token in ("]", "}"):
            around.pop()
        elif token == _ELIDED:
            token = f'"{_ELIDED}"' if around[-1] == "[" else f'"{_ELIDED}": 0'
        said.append(token)
    return json.loads("".join(said))


def require_alike(printed: Any, given: Any, path: str = "answer") -> None:
    """``given`` has what is printed and, where nothing is elided, no more."""
    assert type(printed) is type(given), (path, printed, given)
    if isinstance(printed, dict):
        _require_keys(printed, given, path)
    elif isinstance(printed, list):
        _require_items(printed, given, path)
    else:
        assert printed == given, path


def _require_keys(printed: dict[str, Any], given: dict[str, Any], path: str) -> None:
    assert printed.keys() - {_ELIDED} <= given.keys(), path
    assert _ELIDED in printed or printed.keys() == given.keys(), path
    for key, value in printed.items():
        form = _form(key, value)
        if form:
            assert re.fullmatch(form, str(given[key])), (path, key, given[key])
        elif key != _ELIDED:
            require_alike(value, given[key], f"{path}.{key}")


def _require_items(printed: list[Any], given: list[Any], path: str) -> None:
    shown = [value for value in printed if value != _ELIDED]
    assert len(shown) == len(given) or (len(shown) < len(printed) and len(shown) <= len(given)), (path, given)
    for position, value in enumerate(shown):
        require_alike(value, given[position], f"{path}.{position}")


def _form(key: str, printed: Any) -> str | None:
    """The pattern of a value that nobody can foresee."""
    # A workflow's nodes have ids of people's own.
    if key == "id" and "_" in printed and printed not in _OURS:
        return rf"{printed.partition('_')[0]}_[0-9a-z]{{20}}"
    return _FORMS.get(key)


def printed_json(name: str) -> list[Any]:
    """The JSON blocks of a document that are no example's answer."""
    text = (DOCUMENTS / name).read_text()
    return [read(block) for block in re.findall(r"(?<!-->\n)^```json\n(.*?)^```", text, re.M | re.S)]


def contact_of(name: str) -> dict[str, Any]:
    """The contact object that is printed in the language of a document."""
    contact: dict[str, Any] = printed_json(f"contacts.{name.split('.')[1]}.md")[0]
    return contact


@pytest.mark.parametrize(
    ("printed", "given"),
    [
        ('{"a": 1}', {"a": 2}),
        ('{"a": 1}', {"a": True}),
        ('{"a": 1}', {"a": 1, "b": 2}),
        ('{"a": 1, ...}', {"b": 2}),
        ('{"a": [1, 2]}', {"a": [1]}),
        ('{"a": [1]}', {"a": [1, 2]}),
        ('[{"a": 1, ...}, ...]', [{"a": 2}]),
        ('[{"a": 1, ...}, ...]', []),
        ('{"id": "con_abc123"}', {"id": "con_" + "0" * 20}),
        ('{"id": "con_def456"}', {"id": "grp_" + "0" * 20}),
        ('{"total": 234}', {"total": None}),
    ],
)
def test_an_answer_that_is_not_as_printed_is_told(printed: str, given: Any) -> None:
    with pytest.raises(AssertionError):
        require_alike(read(printed), given)


def test_what_is_elided_may_be_anything() -> None:
    require_alike(read('{"s": "a ... {", "a": [1, ...], ...}'), {"s": "a ... {", "a": [1, 2], "b": 3})


# ---------------------------------------------------------------------------------------------- Examples


@pytest.mark.parametrize("case", [case for name in NAMES for case in cases(name)], ids=str)
def test_the_example_runs_as_printed(case: Case, server: Server, populate: Populate) -> None:
    *before, example = case.story
    populate(contact_of(example.document))
    for earlier in before:
        server.send(earlier)
    answer = server.curl(example) if case.way == "curl" else server.send(example)
    assert answer.status == (example.status or 200), answer.json
    assert answer.json["success"] is (answer.status < 400)
    if example.answer:
        require_alike(read(example.answer), answer.json)


@pytest.mark.parametrize("name", NAMES)
def test_every_request_of_a_document_is_an_example(name: str) -> None:
    text = (DOCUMENTS / name).read_text()
    assert len(examples(name)) == len(re.findall(r"^(?:curl |```http$)", text, re.M)) > 0
    assert all(BASE in example.command for example in examples(name) if example.command)
    # Each example but the one that shows a request without a key.
    keyless = [example for example in examples(name) if example.command and KEY not in example.command]
    assert [example.status for example in keyless] == [401] * len(keyless)


@pytest.mark.parametrize("name", NAMES)
def test_every_printed_answer_belongs_to_an_example(name: str) -> None:
    answers = len(re.findall(r"^<!-- answer \d{3} -->$", (DOCUMENTS / name).read_text(), re.M))
    assert answers == sum(example.answer is not None for example in examples(name))


@pytest.mark.parametrize("name", CONTACTS)
def test_the_documents_of_all_languages_show_the_same_requests(name: str) -> None:
    def shown(document: str) -> list[tuple[str, str]]:
        return [(example.method, example.path) for example in examples(document)]

    assert shown(name) == shown("contacts.en.md")


@pytest.mark.parametrize("name", CONTACTS)
def test_the_contact_object_is_as_printed(name: str, server: Server, populate: Populate) -> None:
    populate(contact_of(name))
    assert server.call("GET", "/v1/contacts/con_abc123").json == {"success": True, "data": contact_of(name)}


@pytest.mark.parametrize("name", CONTACTS)
def test_an_object_put_back_as_read_changes_nothing(name: str, server: Server, populate: Populate) -> None:
    populate(contact_of(name))
    answer = server.call("PUT", "/v1/contacts/con_abc123", json.dumps(contact_of(name)))
    assert (answer.status, answer.json["data"]) == (200, contact_of(name))


# ------------------------------------------------------------------------------------------------ Errors


def require_error(answer: Answer, status: int, message: str, details: Details | None = None) -> None:
    """The error in its envelope; the English documents name its code and, where it is fixed, its message."""
    error = {"code": CODES[status], "message": message, "details": details or {}}
    assert (answer.status, answer.json) == (status, {"success": False, "error": error})
    assert f"`{error['code']}`" in ENGLISH
    assert message in ENGLISH


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OF_ONE_THING])
def test_the_printed_form_of_errors_is_what_a_body_without_email_gets(name: str, server: Server) -> None:
    # The English pages of one thing leave it to the English overview.
    [printed] = [block for block in printed_json(name) if block.get("success") is False]
    answer = server.call("POST", "/v1/contacts", "{}")
    assert (answer.status, answer.json) == (400, printed)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("overview")])
def test_the_printed_form_of_lists_is_a_list_s(name: str, server: Server) -> None:
    [printed] = [block for block in printed_json(name) if block.get("success") is True]
    require_alike(printed, server.call("GET", "/v1/contacts").json)


@pytest.mark.parametrize("name", CONTACTS)
def test_a_printed_row_error_is_what_a_bulk_tells(name: str, server: Server) -> None:
    [printed] = [block for block in printed_json(name) if "index" in block]
    rows = [{"email": f"{number}@example.com"} for number in range(printed["index"])]
    body = json.dumps({"contacts": [*rows, {"email": printed["email"]}]})
    told = server.call("POST", "/v1/contacts/bulk", body).json["data"]
    assert told == {"created": printed["index"], "updated": 0, "skipped": 0, "errors": [printed]}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{}", "Email is required"),
        ('{"email": null}', "Email is required"),
        ('{"email": " "}', "Email is required"),
        ('{"email": "nope"}', "Invalid email format"),
        ('{"email": 7}', "Invalid email format"),
    ],
)
def test_400(server: Server, body: str, message: str) -> None:
    require_error(server.call("POST", "/v1/contacts", body), 400, message, {"email": [message]})


@pytest.mark.parametrize("name", CONTACTS)
def test_409_for_a_second_create(name: str, server: Server) -> None:
    create = next(example for example in examples(name) if example.status == 201)
    body = json.loads(create.body or "") | {"groupIds": []}
    taken = "Email already exists"
    assert server.call("POST", create.path, json.dumps(body)).status == 201
    body["email"] = body["email"].upper()
    require_error(server.call("POST", create.path, json.dumps(body)), 409, taken, {"email": [taken]})


@pytest.mark.parametrize("headers", [{}, {"Authorization": f"Bearer {KEY}"}, {"Authorization": "Basic eDp5"}])
def test_401(server: Server, headers: dict[str, str]) -> None:
    answer = server.call("GET", "/v1/contacts", None, headers)
    require_error(answer, 401, "Invalid or missing API key")


def test_401_for_a_revoked_key(server: Server) -> None:
    row, key = create_api_key(server.workspace, name="soon revoked")
    headers = {"Authorization": f"Bearer {key}"}
    assert server.call("GET", "/v1/contacts", None, headers).status == 200
    revoke_api_key(row)
    require_error(server.call("GET", "/v1/contacts", None, headers), 401, "Invalid or missing API key")


@pytest.mark.parametrize("plan", ["free", "starter"])
def test_403_for_a_plan_without_the_api(server: Server, plan: str) -> None:
    update_workspace(server.workspace, {"plan": plan})
    require_error(server.call("GET", "/v1/contacts"), 403, "API access requires Pro plan")


def test_403_for_a_write_with_a_key_that_reads(server: Server) -> None:
    _, key = create_api_key(server.workspace, name="reader", read_only=True)
    headers = {"Authorization": f"Bearer {key}"}
    assert server.call("POST", "/v1/contacts/search", "{}", headers).status == 200
    answer = server.call("POST", "/v1/contacts", '{"email": "a@example.com"}', headers)
    require_error(answer, 403, "This API key is read-only")


@pytest.mark.parametrize("kind", ["Contact", "Group"])
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_404(server: Server, method: str, kind: str) -> None:
    answer = server.call(method, f"/v1/{kind.lower()}s/xyz", "{}")
    require_error(answer, 404, f"{kind} not found")


@pytest.mark.parametrize(
    ("status", "code", "method", "body", "content_type"),
    [
        (400, "INVALID_JSON", "POST", "{", "application/json"),
        (405, "METHOD_NOT_ALLOWED", "DELETE", None, "application/json"),
        (413, "PAYLOAD_TOO_LARGE", "POST", " " * (5 * 1024 * 1024 + 1), "application/json"),
        (415, "UNSUPPORTED_MEDIA_TYPE", "POST", "email=a@example.com", "text/plain"),
    ],
)
def test_what_cannot_be_read(
    server: Server, status: int, code: str, method: str, body: str | None, content_type: str
) -> None:
    headers = {"Authorization": f"Bearer {server.key}", "Content-Type": content_type}
    answer = server.call(method, "/v1/contacts", body, headers)
    assert (answer.status, answer.json["error"]["code"]) == (status, code)
    assert f"| {status} | `{code}` |" in ENGLISH


def test_429_and_its_headers(server: Server, settings: Any) -> None:
    plans = settings.FLUENZR_PLANS
    settings.FLUENZR_PLANS = plans | {"pro": plans["pro"] | {"requests_a_minute": 1}}
    # Three, since the minute may turn between two.
    answers = [server.call("GET", "/v1/contacts") for _ in range(3)]
    answer = next(answer for answer in answers if answer.status != 200)
    assert (answer.status, answer.json["error"]["code"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert [answer.headers[name] for name in RATE_HEADERS[:2]] == ["1", "0"]
    assert set(RATE_HEADERS) <= set(answers[0].headers)


def test_429_for_an_address_that_guesses_keys(server: Server, settings: Any) -> None:
    settings.FLUENZR_WRONG_KEYS_A_MINUTE = 1
    wrong = {"Authorization": f"Bearer {KEY}"}
    statuses = [server.call("GET", "/v1/contacts", None, wrong).status for _ in range(3)]
    assert statuses[0] == 401
    assert 429 in statuses


def test_500_names_its_request(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact_views, "document_of", lambda *_: 1 / 0)
    answer = server.call("GET", "/v1/contacts/con_abc123")
    assert (answer.status, answer.json["error"]["code"]) == (500, "INTERNAL_ERROR")
    assert answer.headers["X-Request-Id"] in answer.json["error"]["message"]
