"""Input that no client sends by accident: an error inside the envelope, never a 5xx, and nothing written."""

import base64
from typing import Any
from urllib.parse import quote
from wsgiref.util import setup_testing_defaults

import orjson
import pytest

from contacts.models import Contact
from fluenzr_site.workspaces.models import Workspace
from tests.api.world import Api, Party, make_field, make_group

HUGE = b"9" * 5000
DEEP = b"[" * 100_000 + b"]" * 100_000
BODIES = {
    "integer of 5,000 digits": b'{"email": ' + HUGE + b"}",
    "integer inside a custom field": b'{"email": "a@b.co", "customFields": {"n": ' + HUGE + b"}}",
    "1e400": b'{"email": "a@b.co", "customFields": {"n": 1e400}}',
    "-1e400": b'{"email": "a@b.co", "customFields": {"n": -1e400}}',
    "NaN": b'{"email": "a@b.co", "customFields": {"n": NaN}}',
    "Infinity": b'{"email": "a@b.co", "customFields": {"n": Infinity}}',
    "deep array": DEEP,
    "deep object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep known key": b'{"email": "a@b.co", "customFields": {"k": ' + DEEP + b"}}",
    "deep unknown key": b'{"email": "a@b.co", "other": ' + DEEP + b"}",
    "escaped lone surrogate": rb'{"email": "a@b.co", "firstName": "\ud800"}',
    "escaped lone surrogate in an unknown key": rb'{"email": "a@b.co", "\udc00": 1}',
    "raw lone surrogate": b'{"email": "a@b.co", "firstName": "\xed\xa0\x80"}',
    "overlong UTF-8": b'{"email": "a@b.co", "firstName": "\xc0\xaf"}',
    "escaped NUL": rb'{"email": "a@b.co", "firstName": "a\u0000b"}',
    "escaped NUL in the address": rb'{"email": "a\u0000@b.co"}',
    "escaped NUL in a tag": rb'{"email": "a@b.co", "tags": ["a\u0000b"]}',
    "escaped NUL in a custom key": rb'{"email": "a@b.co", "customFields": {"a\u0000b": "x"}}',
    "escaped NUL in a custom value": rb'{"email": "a@b.co", "customFields": {"a": "x\u0000"}}',
    "escaped NUL in a group id": rb'{"email": "a@b.co", "groupIds": ["grp_\u0000"]}',
    "escaped NUL in a stage id": rb'{"email": "a@b.co", "pipelineStageId": "stg_\u0000"}',
    "raw NUL": b'{"email": "a\x00@b.co"}',
    "UTF-16": '{"email": "a@b.co"}'.encode("utf-16"),
    "UTF-8 with a byte order mark": b'\xef\xbb\xbf{"email": "nobody"}',
    "unclosed": b'{"email": "a@b.co"',
    "two values": b"{} {}",
    "single quotes": b"{'email': 'a@b.co'}",
    "an array": b"[]",
    "a string": b'"a@b.co"',
    "a number": b"1",
    "null": b"null",
    "true": b"true",
    "nothing": b"",
    "blanks": b"  \n ",
    "10 MB": b'{"email": "a@b.co", "firstName": "' + b"x" * 10_000_000 + b'"}',
    "an address of 100,000 characters": b'{"email": "' + b"a" * 100_000 + b'@b.co"}',
    "an address of 50,000 dots": b'{"email": "' + b"a." * 50_000 + b'@b.co"}',
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_hostile_contact_is_refused_and_leaves_nothing(api: Api, workspace: Workspace, method: str, name: str):
    target = "contacts" if method == "POST" else f"contacts/{api.create()['id']}"
    before = list(Contact.objects.values())
    answer = api.call(method, target, BODIES[name])
    empty = name in ("nothing", "blanks") and method != "POST"
    assert answer.status == 200 if empty else answer.status in (400, 413), answer.json
    assert list(Contact.objects.values()) == before
    assert not workspace.tags.exists() and not workspace.custom_fields.exists()


TARGETS = [
    ("POST", "contacts/bulk"),
    ("POST", "contacts/search"),
    ("POST", "contacts/{contact}/groups"),
    ("DELETE", "contacts/{contact}/groups"),
    ("POST", "contacts/{contact}/tags"),
    ("DELETE", "contacts/{contact}/tags"),
    ("POST", "groups"),
    ("PUT", "groups/{group}"),
    ("PATCH", "groups/{group}"),
    ("POST", "groups/{group}/contacts"),
    ("DELETE", "groups/{group}/contacts"),
]


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize(("method", "path"), TARGETS)
def test_no_hostile_body_breaks_an_endpoint(api: Api, owner: Party, method: str, path: str, name: str):
    target = path.format(contact=api.create()["id"], group=make_group(owner.workspace).pk)
    assert api.call(method, target, BODIES[name]).status < 500


NUL_BODIES = [
    ("POST", "contacts/{contact}/groups", {"groupIds": ["\0"]}),
    ("DELETE", "contacts/{contact}/groups", {"groupIds": ["grp_\0"]}),
    ("POST", "contacts/{contact}/tags", {"tags": ["\0"]}),
    ("DELETE", "contacts/{contact}/tags", {"tags": ["a\0"]}),
    ("POST", "groups", {"name": "a\0"}),
    ("PUT", "groups/{group}", {"description": "a\0"}),
    ("PUT", "groups/{group}", {"color": "a\0"}),
    ("POST", "groups/{group}/contacts", {"contactIds": ["con_\0"]}),
    ("DELETE", "groups/{group}/contacts", {"contactIds": ["con_\0"]}),
    ("POST", "contacts/bulk", {"contacts": [{"email": "a@b.co"}], "groupIds": ["\0"]}),
    ("POST", "contacts/bulk", {"contacts": [{"email": "a@b.co"}], "onDuplicate": "\0"}),
    ("POST", "contacts/search", {"query": "\0"}),
    ("POST", "contacts/search", {"cursor": "\0"}),
    ("POST", "contacts/search", {"sort": {"field": "\0"}}),
    ("POST", "contacts/search", {"sort": {"order": "\0"}}),
    ("POST", "contacts/search", {"filters": {"status": "\0"}}),
    ("POST", "contacts/search", {"filters": {"groups": ["\0"]}}),
    ("POST", "contacts/search", {"filters": {"tags": ["\0"]}}),
    ("POST", "contacts/search", {"filters": {"customFields": {"\0": "a"}}}),
    ("POST", "contacts/search", {"filters": {"customFields": {"a": "\0"}}}),
    ("POST", "contacts/search", {"filters": {"pipelineStageId": "\0"}}),
    ("POST", "contacts/search", {"filters": {"createdAfter": "\0"}}),
]


@pytest.mark.parametrize(("method", "path", "body"), NUL_BODIES)
def test_a_nul_in_a_body_is_a_bad_value(api: Api, owner: Party, method: str, path: str, body: Any):
    target = path.format(contact=api.create()["id"], group=make_group(owner.workspace).pk)
    answer = api.call(method, target, body)
    assert answer.status == 400, answer.json
    assert answer.details


@pytest.mark.parametrize("row", [{"groupIds": ["\0"]}, {"pipelineStageId": "\0"}])
def test_a_nul_in_a_bulk_row_fails_that_row_alone(api: Api, row: dict[str, Any]):
    answer = api.post("contacts/bulk", {"contacts": [{"email": "a@b.co", **row}, {"email": "c@d.co"}]})
    assert answer.data["created"] == 1
    assert [error["index"] for error in answer.data["errors"]] == [0]


QUERIES = [
    "perPage=1000000000",
    "perPage=" + "9" * 5000,
    "page=" + "9" * 5000,
    "page=-1",
    "page=1e3",
    "page=0x10",
    "page=%D9%A1",
    "perPage=%EF%BC%91",
    "page=1_0",
    "cursor=%00",
    "cursor=" + "A" * 5000,
    "cursor=%ED%A0%80",
    "email=%00",
    "q=a%00b",
    "%00=1",
    "customFields[%00]=1",
    "status=%00",
    "groupId=%00",
    "stageId=%00",
    "tag=%00",
    "updatedSince=%00",
    "updatedSince=99999-01-01",
    "order=%00",
    "sort=email__regex",
    "sort=-email",
    "sort=workspace__name",
    "sort=%00",
    "status=ACTIVE",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_hostile_parameter_is_a_400(api: Api, query: str):
    answer = api.get(f"contacts?{query}")
    assert answer.status == 400, answer.json
    assert answer.details


HARMLESS = [
    "email__regex=(",
    "id__in=1",
    "workspace=1",
    "_connector=OR",
    "_negated=1",
    "a__regex=(",
    "customFields[a__regex]=(",
    "customFields[_connector]=OR",
    "customFields[a%27b]=x",
    "customFields[%22]=x",
    "customFields[%25s]=x",
    "customFields[$.a]=x",
    "customFields[a][b]=x",
    "email=%25",
    "email=_",
    "q=%5C",
    "q=%ED%A0%80",
    "q=%FF%FE",
    "q=" + "%25" * 300,
    "tag=" + "x" * 5000,
    "updatedSince=0001-01-01",
    "updatedSince=9999-12-31T23:59:59Z",
    "=",
    "&&&",
    "page=1&page=1",
    ";",
    "%",
]


@pytest.mark.parametrize("query", HARMLESS)
def test_an_odd_parameter_finds_nobody_or_is_passed_over(api: Api, query: str):
    api.create("ann@example.com", customFields={"a": "b"})
    assert api.get(f"contacts?{query}").status == 200


@pytest.mark.parametrize("path", ["contacts?q={}", "contacts?email={}", "groups?name={}"])
@pytest.mark.parametrize("text", ["x" * 60_000, "%25" * 30_000])
def test_a_very_long_text_to_look_for_is_no_error_of_ours(api: Api, path: str, text: str):
    api.create(groupIds=[api.group()])
    assert api.get(path.format(text)).status < 500


def test_more_parameters_than_anybody_sends_are_no_error_of_ours(api: Api):
    assert api.get("contacts?" + "&".join(["a=1"] * 6000)).status < 500


CHARSETS = [
    "zzz",
    "utf-16",
    "utf-7",
    "rot13",
    "base64",
    "undefined",
    "idna",
    "unicode_escape",
    "latin-1",
    "\u00e9",
]


@pytest.mark.parametrize("charset", CHARSETS)
def test_another_charset_is_415_for_a_body(api: Api, charset: str):
    answer = api.post("contacts", {"email": "a@b.co"}, content_type=f"application/json; charset={charset}")
    assert (answer.status, answer.error["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


# The application closes the connection, as between requests, which no open transaction survives.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("charset", CHARSETS)
def test_another_charset_does_not_change_how_parameters_are_read(api: Api, charset: str):
    """Through the application itself: the test client reads the charset before ours could."""
    from fluenzr_site.wsgi import application

    environ = {
        "PATH_INFO": "/v1/contacts",
        "QUERY_STRING": "q=%C3%A9",
        "HTTP_AUTHORIZATION": f"Bearer {api.key}",
    }
    environ["CONTENT_TYPE"] = f"application/json; charset={charset}".encode().decode("latin-1")
    setup_testing_defaults(environ)
    statuses: list[str] = []
    b"".join(application(environ, lambda status, headers: statuses.append(status)))
    assert statuses == ["200 OK"]


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "utf8"])
def test_utf_8_by_any_spelling_is_read(api: Api, charset: str):
    kind = f"application/json; charset={charset}"
    assert api.post("contacts", {"email": "a@b.co"}, content_type=kind).status == 201


PATHS = [
    "contacts/%00",
    "contacts/con_%00",
    "contacts/%ED%A0%80",
    "contacts/%FF",
    "contacts/..",
    "contacts/con_" + "a" * 10_000,
    "contacts/a%0Ab",
    "contacts/%E2%80%A8",
    "contacts/'; DROP TABLE contacts_contact; --",
    "groups/%00",
    "groups/%ED%A0%80",
    "groups/%00/contacts",
    "contacts/%00/groups",
    "%00",
    "zzz%0A",
    "zzz/%0D%0AX-Evil: 1",
    "%ED%A0%80",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_hostile_path_is_a_404(api: Api, path: str):
    answer = api.get(path)
    assert (answer.status, answer.error["code"]) == (404, "NOT_FOUND")
    assert "X-RateLimit-Limit" in answer.headers


def cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


CURSORS = [
    ("contacts", "email", cursor("email", False, "v", "a\0", "con_1")),
    ("contacts", "email", cursor("email", False, "v", "a", "con_\0")),
    ("contacts", "email", cursor("email", False, "t", "2025-01-01", "con_1")),
    ("contacts", "email", cursor("email", False, "v", 5, "con_1")),
    ("contacts", "email", cursor("email", False, "v", ["a"], "con_1")),
    ("contacts", "email", cursor("email", False, "v", "a", 5)),
    ("contacts", "email", cursor("email", False)),
    ("contacts", "email", cursor("status", False, "v", "a", "con_1")),
    ("contacts", "email", cursor("email", True, "v", "a", "con_1")),
    ("contacts", "createdAt", cursor("createdAt", False, "v", None, "con_\0")),
    ("contacts", "updatedAt", cursor("updatedAt", False, "v", "a", "con_1")),
    ("contacts", "updatedAt", cursor("updatedAt", False, "v", "2025-13-01", "con_1")),
    ("contacts", "updatedAt", cursor("updatedAt", False, "t", "0001-01-01T00:00:00+14:00", "con_1")),
    ("contacts", "updatedAt", cursor("updatedAt", False, "t", "2025-01-01", "con_1")),
    ("contacts", "status", cursor("status", False, "t", "2025-01-01T00:00:00Z", "con_1")),
    ("pipeline-stages", "position", cursor("position", False, "v", "a", "stg_1")),
    ("pipeline-stages", "position", cursor("position", False, "v", 10**18, "stg_1")),
    ("custom-fields", "position", cursor("position", False, "v", "a", "fld_1")),
    ("tags", "name", cursor("name", False, "v", "a\0", "tag_1")),
    ("groups", "updatedAt", cursor("updatedAt", False, "v", "a", "grp_1")),
]


@pytest.mark.parametrize(("path", "sort", "value"), CURSORS)
def test_a_forged_cursor_is_no_error_of_ours(api: Api, path: str, sort: str, value: str):
    api.create()
    answer = api.get(f"{path}?sort={sort}&cursor={quote(value)}")
    assert answer.status in (200, 400), answer.json


def nested(depth: int, value: Any = 1) -> Any:
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("depth", [200, 300, 900])
@pytest.mark.parametrize("where", ["query", "filters", "inside", "sort"])
def test_a_search_nested_deeply_is_no_error_of_ours(api: Api, where: str, depth: int):
    deep = nested(depth)
    body = {"filters": {"unknown": deep}} if where == "inside" else {where: deep}
    assert api.post("contacts/search", body).status in (200, 400)


@pytest.mark.parametrize("value", [2**63, 2**64 - 1, -(2**63), 1e308, 5e-324, -0.0])
@pytest.mark.parametrize("type_", ["text", "number"])
def test_numbers_at_the_edge_are_kept_or_refused(api: Api, workspace: Workspace, type_: str, value: Any):
    make_field(workspace, "n", type_)
    assert api.post("contacts", {"email": "a@b.co", "customFields": {"n": value}}).status in (201, 400)
    assert api.post("contacts/search", {"filters": {"customFields": {"n": value}}}).status in (200, 400)


def test_what_only_the_server_sets_is_passed_over(api: Api, workspace: Workspace, stranger: Party):
    evil = {
        "id": "con_1",
        "workspace": stranger.workspace.pk,
        "workspaceId": stranger.workspace.pk,
        "workspace_id": stranger.workspace.pk,
        "plan": "free",
        "createdAt": "2001-01-01T00:00:00Z",
        "updatedAt": "2001-01-01T00:00:00Z",
        "search_text": "x",
    }
    made = api.create("ann@example.com", **evil)
    put = api.put(f"contacts/{made['id']}", evil).data
    assert made == put
    assert made["id"] != "con_1" and not made["createdAt"].startswith("2001")
    group = api.post("groups", {"name": "G", **evil}).data
    assert group["id"].startswith("grp_") and not group["createdAt"].startswith("2001")
    workspace.refresh_from_db()
    assert workspace.plan == "pro" and not Contact.objects.of(stranger.workspace).exists()


def test_of_a_key_given_twice_the_last_one_counts(api: Api):
    answer = api.post("contacts", b'{"email": "a@b.co", "firstName": "A", "firstName": "B"}')
    assert answer.data["firstName"] == "B"


def test_the_text_of_an_error_never_shows_code(api: Api):
    for body in BODIES.values():
        answer = api.post("contacts/search", body)
        assert b"Traceback" not in answer.raw and b".py" not in answer.raw
