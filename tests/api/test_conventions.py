"""What every endpoint does: the envelope, its codes, the request's id, slashes, methods, the two headers."""

import io
from typing import Any
from wsgiref.util import setup_testing_defaults

import orjson
import pytest
from django.utils import translation

from contacts.api import contact_views
from contacts.models import Contact
from tests.api.world import Api, Party

TYPES = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
]


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/nothing", "/v1/contacts/a/b/c", "/v1/groups/a/b", "/v1//contacts"]
)
def test_an_unknown_path_is_404(api: Api, path: str):
    for caller in (api, Api(None)):
        answer = caller.get(path)
        assert (answer.status, answer.error["code"]) == (404, "NOT_FOUND")


def test_a_missing_thing_is_404(api: Api):
    for path in ("contacts/con_none", "groups/grp_none", "groups/grp_none/contacts"):
        assert api.get(path).error["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "contacts"),
        ("DELETE", "contacts"),
        ("POST", "contacts/con_1"),
        ("GET", "contacts/bulk/"),
        ("DELETE", "contacts/search"),
        ("PUT", "groups"),
        ("POST", "groups/grp_1"),
        ("PUT", "groups/grp_1/contacts"),
        ("GET", "contacts/con_1/tags"),
        ("POST", "tags"),
        ("DELETE", "pipeline-stages"),
        ("PUT", "custom-fields"),
        ("PATCH", "locations"),
        ("OPTIONS", "contacts"),
        ("TRACE", "contacts"),
        ("BREW", "contacts"),
        ("POST", "openapi.json"),
    ],
)
def test_a_method_that_is_not_there_is_405(api: Api, method: str, path: str):
    answer = api.call(method, path)
    assert (answer.status, answer.error["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"]


@pytest.mark.parametrize("kind", TYPES)
def test_another_content_type_is_415(api: Api, kind: str):
    answer = api.post("contacts", {"email": "a@b.co"}, content_type=kind)
    assert (answer.status, answer.error["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert not Contact.objects.exists()


@pytest.mark.parametrize("kind", ["application/json", "APPLICATION/JSON", "application/merge-patch+json", ""])
def test_json_by_any_name_is_read(api: Api, kind: str):
    assert api.post("contacts", {"email": "a@b.co"}, content_type=kind).status == 201


def test_broken_json_is_told_with_its_place(api: Api):
    answer = api.post("contacts", b'{"email": \n oops}')
    assert (answer.status, answer.error["code"]) == (400, "INVALID_JSON")
    assert "line 2" in answer.message


def test_a_body_of_5_mb_is_read_and_one_byte_more_is_413(api: Api):
    limit = 5 * 1024 * 1024
    start, end = b'{"email": "a@b.co", "unknown": "', b'"}'
    body = start + b"x" * (limit - len(start) - len(end)) + end
    assert api.post("contacts", body + b" ").error["code"] == "PAYLOAD_TOO_LARGE"
    assert api.post("contacts", body + b" ").status == 413
    assert api.post("contacts", body).status == 201


def test_an_unforeseen_error_is_500_without_a_trace_and_with_the_id_that_the_log_has(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(contact_views, "answer_page", broken)
    answer = api.get("contacts", x_request_id="my-request-1")
    assert (answer.status, answer.error["code"]) == (500, "INTERNAL_ERROR")
    assert "my-request-1" in answer.message and b"secret" not in answer.raw
    assert answer.headers["X-RateLimit-Remaining"] == "999"
    assert "secret of the house" in caplog.text


def test_an_error_outside_any_view_keeps_the_envelope(api: Api, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("fluenzr_site.api.middleware.resolve", broken)
    answer = api.get("contacts")
    assert answer.error["code"] == "INTERNAL_ERROR"
    assert answer.headers["X-Request-Id"] in answer.message


def test_a_well_formed_request_id_is_kept(api: Api):
    assert api.get("tags", x_request_id="order-66.v1_a").headers["X-Request-Id"] == "order-66.v1_a"


@pytest.mark.parametrize("sent", ["short", "x" * 65, "with blank", "<script>alert(1)", "a\u00e9iou1234", "12345678\t"])
def test_an_ill_formed_request_id_is_replaced(api: Api, sent: str):
    given = api.get("tags", x_request_id=sent).headers["X-Request-Id"]
    assert given != sent and given.isalnum()


@pytest.mark.parametrize("path", ["contacts", "groups", "tags", "pipeline-stages", "custom-fields", "locations"])
def test_a_trailing_slash_changes_nothing(api: Api, path: str):
    plain, slashed = api.get(path), api.get(f"{path}/")
    assert plain.status == slashed.status == 200
    assert plain.json == slashed.json


def test_writing_works_with_a_trailing_slash(api: Api):
    made = api.post("contacts/", {"email": "a@b.co"}).data
    assert api.put(f"contacts/{made['id']}/", {"firstName": "A"}).data["firstName"] == "A"
    assert api.post("contacts/bulk/", {"contacts": [{"email": "c@d.co"}]}).data["created"] == 1
    assert api.delete(f"contacts/{made['id']}/").data["deleted"] is True


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/contacts", "/v1/contacts/"])
def test_https_never_redirects_the_api(api: Api, settings: Any, path: str):
    settings.SECURE_SSL_REDIRECT = True
    assert api.get(path).status in (200, 404)


def test_head_answers_like_get_without_a_body(api: Api):
    made = api.create()
    answer = api.call("HEAD", f"contacts/{made['id']}")
    assert (answer.status, answer.raw) == (200, b"")
    assert answer.headers["X-RateLimit-Limit"] == "1000"
    assert api.call("HEAD", "contacts/con_none").status == 404


def test_text_is_utf_8_and_not_escaped(api: Api):
    answer = api.post("contacts", {"email": "a@b.co", "firstName": "Zoë", "lastName": "हिन्दी", "company": "日本 🎉"})
    for text in ("Zoë", "हिन्दी", "日本 🎉"):
        assert text.encode() in answer.raw


def test_an_odd_accept_header_is_answered_with_json(api: Api):
    for accept in ("text/html", "application/xml", "*/*;q=0", "nonsense"):
        assert api.get("contacts", accept=accept).status == 200


def test_a_format_parameter_changes_nothing(api: Api):
    assert api.get("contacts?format=html").status == 200
    assert api.get("openapi.json?format=yaml").json["openapi"].startswith("3.1")


def test_both_ways_of_showing_a_key_are_400(api: Api):
    answer = api.get("contacts", x_api_key=api.key or "")
    assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "flz_sk_x", "Token {key}", "bearer\t{key}"])
def test_no_bearer_key_is_401(api: Api, header: str):
    answer = Api(None).get("contacts", Authorization=header.format(key=api.key))
    assert (answer.status, answer.error["code"]) == (401, "UNAUTHORIZED")
    assert answer.message == "Invalid or missing API key"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "X-RateLimit-Limit" not in answer.headers


def test_neither_header_is_401_everywhere(db: None):
    for path in ("contacts", "contacts/con_1", "groups", "tags", "locations"):
        assert Api(None).get(path).status == 401
    for path in ("contacts", "contacts/bulk", "contacts/search", "groups", "contacts/con_1/tags"):
        assert Api(None).post(path, b"{not json").status == 401


def test_bearer_is_written_in_any_case(api: Api):
    for word in ("bearer", "BEARER", "Bearer  "):
        assert Api(None).get("contacts", Authorization=f"{word} {api.key}").status == 200


def test_messages_are_english_whatever_language_the_thread_spoke_last(api: Api):
    with translation.override("fr"):
        method = api.put("contacts")
        null = api.post("groups", {"name": "G", "type": None})
        colour = api.post("groups", {"name": "G", "color": ""})
    assert method.message == 'Method "PUT" not allowed.'
    assert null.message == "This field may not be null."
    assert colour.message == "This field may not be blank."


@pytest.mark.parametrize("lang", ["fr", "%00", "../../x", "zz", "x" * 10_000])
def test_the_description_is_for_everybody_in_any_language(db: None, lang: str):
    assert Api(None).get(f"openapi.json?lang={lang}").status == 200


def test_the_description_names_every_path(api: Api):
    paths = api.get("openapi.json").json["paths"]
    assert {
        "/v1/contacts",
        "/v1/contacts/bulk",
        "/v1/contacts/{contactId}/tags",
        "/v1/contacts/{contactId}/tags/add#messaging",
        "/v1/groups",
    } <= paths.keys()


def test_a_success_carries_nothing_but_its_documented_keys(api: Api, owner: Party):
    made = api.post("contacts", {"email": "a@b.co"})
    assert orjson.loads(made.raw).keys() == {"success", "data"}
    listed = api.get("contacts")
    assert listed.json.keys() == {"success", "data", "meta"}
    assert listed.meta.keys() == {"page", "perPage", "total", "totalPages", "nextCursor"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("size", "status"), [(10, "201"), (6_000_000, "413")])
def test_a_body_in_chunks_is_read_and_bounded(api: Api, size: int, status: str):
    """Through the application itself: the test client always says how long a body is."""
    from fluenzr_site.wsgi import application

    body = orjson.dumps({"email": "ann@example.com", "unknown": "x" * size})
    environ: dict[str, Any] = {"PATH_INFO": "/v1/contacts", "REQUEST_METHOD": "POST"}
    environ |= {"HTTP_AUTHORIZATION": f"Bearer {api.key}", "CONTENT_TYPE": "application/json"}
    environ |= {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": io.BytesIO(body)}
    setup_testing_defaults(environ)
    statuses: list[str] = []
    b"".join(application(environ, lambda told, headers: statuses.append(told)))
    assert statuses[0].startswith(status)
