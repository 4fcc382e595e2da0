"""A status counts, however sloppy the rest of the answer: who said 204 has the event, and gets it no second time."""

from typing import Any

import pytest
from pytest_django import Settings

from tests.support.scripted import HOST, Peer, serving
from tests.webhooks.receiver import Listener
from tests.webhooks.receivers import hear, post_to, run, several

SLOPPY = {
    "a body that a 204 can not have": b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok",
    "the same unannounced": b"HTTP/1.1 204 No Content\r\n\r\nok",
    "the same in chunks": b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "after a provisional one": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 None\r\nContent-Length: 2\r\n\r\nok",
    "more than announced": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nok",
    "more than nothing": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nok",
    "more, and closed": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nok",
    "less than nothing": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok",
    "a length in words": b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok",
    "a length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks that are none": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nok",
    "a header without a colon": b"HTTP/1.1 200 OK\r\nwelcome\r\nContent-Length: 2\r\n\r\nok",
    "line feeds alone": b"HTTP/1.1 204 No Content\nContent-Length: 2\n\nok",
}


@pytest.fixture(autouse=True)
def loopback_is_open(settings: Settings) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]


def saying_raw(said: bytes) -> Any:
    def talk(peer: Peer) -> None:
        hear(peer)
        peer.say_raw(said)
        peer.hear_out()

    return talk


@pytest.mark.parametrize("said", SLOPPY.values(), ids=SLOPPY)
def test_its_status_counts(said: bytes) -> None:
    answer = post_to(saying_raw(said), timeout=5)
    assert (answer.status, answer.ok, answer.error) == (204 if b" 204 " in said else 200, True, "")


@pytest.mark.parametrize("said", SLOPPY.values(), ids=SLOPPY)
def test_a_refusal_counts_too(said: bytes) -> None:
    refused = said.replace(b" 200 ", b" 410 ").replace(b" 204 ", b" 410 ")
    assert post_to(saying_raw(refused), timeout=5).status == 410


def test_what_it_asks_for_and_says_is_heard() -> None:
    said = b"HTTP/1.1 503 Later\r\nRETRY-AFTER:  90 \r\nContent-Length: 3\r\n\r\nnot now"
    answer = post_to(saying_raw(said))
    assert (answer.status, answer.retry_after) == (503, 90)
    assert answer.body == "not now"


@pytest.mark.parametrize("said", SLOPPY.values(), ids=SLOPPY)
def test_the_next_has_a_connection_of_its_own(said: bytes) -> None:
    """What was too much is not taken for the next one's answer."""

    def well(peer: Peer) -> None:
        hear(peer)
        peer.say("HTTP/1.1 201 Created", "Content-Length: 0", "")

    with serving(saying_raw(said), well) as port:
        first, second = run(lambda sender: several(sender, f"http://{HOST}:{port}/", 2), timeout=5)
    assert (first.ok, second.status) == (True, 201)


def test_a_body_that_comes_after_its_204_is_not_the_next_answer() -> None:
    def late(peer: Peer) -> None:
        hear(peer)
        peer.say("HTTP/1.1 204 No Content", "Content-Length: 2", "")
        # Hung up on as soon as the head is read.
        assert peer.hear_bytes(1) == b""

    def well(peer: Peer) -> None:
        hear(peer)
        peer.say("HTTP/1.1 201 Created", "Content-Length: 0", "")

    with serving(late, well) as port:
        answers = run(lambda sender: several(sender, f"http://{HOST}:{port}/", 2), timeout=5)
    assert [answer.status for answer in answers] == [204, 201]


def test_an_event_is_delivered_by_it_once(listener: Listener) -> None:
    webhook = listener.listen()
    sloppy = b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok"

    def talk(peer: Peer) -> None:
        length = 0
        while line := peer.hear():
            name, _, value = line.partition(":")
            length = int(value) if name.lower() == "content-length" else length
        peer.hear_bytes(length)
        peer.say_raw(sloppy)
        peer.hear_out()

    with serving(talk) as port:
        listener.api.put(f"webhooks/{webhook['id']}", {"url": f"http://{HOST}:{port}/hook"})
        listener.api.create("ann@b.co")
        assert [listener.deliver(), listener.wait(hours=3)] == [1, 0]
    [entry] = listener.logs(webhook)
    assert (entry["status"], entry["statusCode"]) == ("delivered", 204)
