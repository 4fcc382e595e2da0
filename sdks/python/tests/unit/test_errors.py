import logging
import pickle

import httpx
import pytest
from support import CONTACT, KEY, Server, failed, ok

import fluenzr
from fluenzr import ApiError, FluenzrError

CLASSES = {
    400: fluenzr.ValidationError,
    401: fluenzr.AuthenticationError,
    403: fluenzr.PermissionDeniedError,
    404: fluenzr.NotFoundError,
    405: fluenzr.ApiError,
    409: fluenzr.ConflictError,
    413: fluenzr.ApiError,
    429: fluenzr.RateLimitError,
    500: fluenzr.ServerError,
    503: fluenzr.ServerError,
}


@pytest.mark.parametrize(("status", "kind"), CLASSES.items())
def test_each_status_has_its_class(status: int, kind: type[ApiError]) -> None:
    server = Server(failed(status, "CODE", "It failed", {"email": ["It failed"]}, X_Request_Id="req_7"))
    with pytest.raises(ApiError) as raised:
        server.client(max_retries=0).contacts.get("con_1")
    error = raised.value
    assert type(error) is kind
    assert (error.status, error.code, error.message, error.request_id) == (status, "CODE", "It failed", "req_7")
    assert error.details == {"email": ["It failed"]}
    assert str(error) == f"{status} CODE: It failed (request req_7)"


def test_an_error_survives_pickling() -> None:
    with pytest.raises(ApiError) as raised:
        Server(failed(429, Retry_After="300", X_Request_Id="r")).client().tags.list()
    copy = pickle.loads(pickle.dumps(raised.value))
    assert (str(copy), copy.retry_after) == (str(raised.value), 300.0)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, html="<h1>Welcome</h1>"),
        httpx.Response(200, content=b"\xff\xfe\x00"),
        httpx.Response(200, json=[1, 2]),
        httpx.Response(200, json={"data": 1}),
        httpx.Response(200, json={"success": True}),
        httpx.Response(204),
        httpx.Response(302, headers={"Location": "https://elsewhere.example/"}),
        httpx.Response(404, html="<h1>Not found</h1>"),
        httpx.Response(418, json={"detail": "teapot"}),
    ],
)
def test_an_answer_that_is_not_the_envelope(answer: httpx.Response) -> None:
    with pytest.raises(ApiError, match=r"The answer to GET /contacts/con_1 .* is the base URL right\?") as raised:
        Server(answer).client().contacts.get("con_1")
    assert (raised.value.status, raised.value.code) == (answer.status_code, "UNEXPECTED_ANSWER")


@pytest.mark.parametrize("data", [None, [], "x", {**CONTACT, "createdAt": "yesterday"}, {**CONTACT, "groups": {}}])
def test_data_of_another_shape(data: object) -> None:
    with pytest.raises(ApiError, match="could not be read"):
        Server(ok(data)).client().contacts.get("con_1")


def test_a_proxys_gateway_page_is_a_server_error() -> None:
    with pytest.raises(fluenzr.ServerError):
        Server(httpx.Response(502, html="<h1>Bad gateway</h1>")).client(max_retries=1).tags.list()


def test_a_redirect_does_not_get_the_key() -> None:
    server = Server(httpx.Response(307, headers={"Location": "https://elsewhere.example/"}), ok([]))
    with pytest.raises(ApiError):
        server.client().tags.list()
    assert [request.url.host for request in server.requests] == ["crm.example"]


def test_no_secret_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = Server(failed(500), ok({"id": "whk_1", "secret": "whsec_hush"}))
    client = server.client()
    webhook = client.webhooks.create(url="https://me.example/", events=["email.opened"])
    assert webhook.secret == "whsec_hush"
    shown = f"{client!r} {client._config!r} {client.contacts!r} {webhook!r} {caplog.text}"
    with pytest.raises(FluenzrError) as raised:
        Server(httpx.ConnectError("refused")).client(max_retries=0).contacts.get("con_1")
    shown += f"{raised.value!r} {raised.value.__cause__!r}"
    assert KEY not in shown
    assert "hush" not in shown
    assert "POST /webhooks: 500 (attempt 1)" in shown
