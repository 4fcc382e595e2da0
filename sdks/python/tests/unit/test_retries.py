from email.utils import formatdate

import httpx
import pytest
from support import CONTACT, NOW, Server, failed, ok

from fluenzr import ConflictError, ConnectionFailed, FluenzrError, NotFoundError, RateLimitError, ServerError

REFUSED = httpx.ConnectError("refused")


@pytest.mark.parametrize("trouble", [failed(status) for status in (429, 500, 502, 503, 504)] + [REFUSED])
def test_a_passing_trouble_is_tried_again(trouble: httpx.Response | Exception) -> None:
    server = Server(trouble, ok(CONTACT))
    assert server.client().contacts.get("con_1").id == "con_1"
    assert len(server.requests) == 2


@pytest.mark.parametrize("trouble", [failed(429), failed(503), httpx.ReadTimeout("slow")])
def test_a_passing_trouble_is_tried_again_async(trouble: httpx.Response | Exception) -> None:
    server = Server(trouble, trouble, ok(CONTACT))
    assert server.awaited(lambda client: client.contacts.get("con_1")).id == "con_1"
    assert server.waits == [0.5, 1.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 415, 501])
def test_a_lasting_trouble_is_not(status: int) -> None:
    server = Server(failed(status))
    with pytest.raises(FluenzrError):
        server.client().contacts.get("con_1")
    assert len(server.requests) == 1


def test_backoff_doubles_up_to_thirty_seconds() -> None:
    server = Server(failed(500))
    with pytest.raises(ServerError):
        server.client(max_retries=9).contacts.delete("con_1")
    assert server.waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_no_retries_when_none_are_wanted() -> None:
    server = Server(REFUSED)
    with pytest.raises(ConnectionFailed, match="GET /contacts/con_1: refused") as raised:
        server.client(max_retries=0).contacts.get("con_1")
    assert raised.value.__cause__ is REFUSED
    assert server.waits == []


def test_connection_failed_async() -> None:
    with pytest.raises(ConnectionFailed):
        Server(REFUSED).awaited(lambda client: client.tags.list(), max_retries=1)


@pytest.mark.parametrize(
    ("said", "waited"),
    [("7", 7.0), ("0", 0.0), (formatdate(NOW + 12, usegmt=True), 12.0), (formatdate(NOW - 5, usegmt=True), 0.0)],
)
def test_retry_after_is_respected(said: str, waited: float) -> None:
    server = Server(failed(429, Retry_After=said), ok(CONTACT))
    server.client().contacts.get("con_1")
    assert server.waits == [waited]


def test_a_retry_after_that_says_nothing_is_passed_over() -> None:
    server = Server(failed(503, Retry_After="soon"), ok(CONTACT))
    server.client().contacts.get("con_1")
    assert server.waits == [0.5]


def test_a_very_long_retry_after_is_left_to_the_caller() -> None:
    server = Server(failed(429, Retry_After="3600"))
    with pytest.raises(RateLimitError) as raised:
        server.client().contacts.get("con_1")
    assert (raised.value.retry_after, server.waits) == (3600.0, [])


def test_every_attempt_of_a_post_has_the_same_idempotency_key() -> None:
    server = Server(failed(502), REFUSED, failed(429), ok(CONTACT, status=201), ok(CONTACT))
    client = server.client()
    client.contacts.create(email="mary@startup.example")
    keys = {request.headers["Idempotency-Key"] for request in server.requests}
    assert (len(server.requests), len(keys)) == (4, 1)
    assert {request.content for request in server.requests} == {b'{"email":"mary@startup.example"}'}
    client.contacts.create(email="mary@startup.example")
    assert server.last.headers["Idempotency-Key"] not in keys


def test_an_idempotency_key_of_the_callers() -> None:
    server = Server(ok(CONTACT))
    server.client().contacts.add_tags("con_1", ["vip"], idempotency_key="mine")
    assert server.last.headers["Idempotency-Key"] == "mine"
    server.awaited(lambda client: client.campaigns.start("cmp_1", idempotency_key="ours"))
    assert server.last.headers["Idempotency-Key"] == "ours"


def test_only_a_post_has_an_idempotency_key() -> None:
    server = Server(ok(CONTACT))
    client = server.client()
    client.contacts.update("con_1", company=None)
    client.contacts.remove_tags("con_1", ["vip"])
    assert all("Idempotency-Key" not in request.headers for request in server.requests)


def test_a_first_attempt_still_at_work_is_waited_for() -> None:
    server = Server(failed(409, Retry_After="1"), ok(CONTACT))
    server.client().contacts.create(email="mary@startup.example")
    assert server.waits == [1.0]
    with pytest.raises(ConflictError):
        Server(failed(409)).client().contacts.create(email="mary@startup.example")


def test_a_404_after_a_retry_is_told() -> None:
    with pytest.raises(NotFoundError):
        Server(failed(502), failed(404)).client().contacts.delete("con_1")
