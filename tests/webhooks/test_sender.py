"""The sender against receivers of every kind, on real sockets."""

import asyncio
import gzip
import socket
import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import Settings

from fluenzr_site.webhooks.sender import Answer, Sender
from tests.support.scripted import HOST, Peer, serving
from tests.webhooks.receivers import BODY, HEADERS, hear, post, post_to, run, saying, several, three


@pytest.fixture(autouse=True)
def loopback_is_open(settings: Settings) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]


# ------------------------------------------------------------------------------------------------- answers


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_2xx(status: int) -> None:
    answer = post_to(saying(f"{status} Fine"))
    assert (answer.status, answer.ok, answer.error) == (status, True, "")
    assert 0 <= answer.milliseconds < 10_000


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_4xx_and_5xx(status: int) -> None:
    answer = post_to(saying(f"{status} No", body=b"because"))
    assert (answer.status, answer.ok, answer.error, answer.body) == (status, False, f"answered {status}", "because")


def test_what_is_sent() -> None:
    heard: list[str] = []

    def talk(peer: Peer) -> None:
        heard.extend(hear(peer))
        peer.say("HTTP/1.1 204 No Content", "")

    with serving(talk) as port:
        post(f"http://{HOST}:{port}/a%2Fb/%7e?sig=x%2By+%3D&z=[1]")
    assert heard[0] == "POST /a%2Fb/%7e?sig=x%2By+%3D&z=[1] HTTP/1.1"
    names = [line.partition(":")[0].lower() for line in heard[1:]]
    assert len(names) == len(set(names))
    assert {"Content-Type: application/json", "X-Test: 1", "Accept-Encoding: identity"} <= set(heard)
    assert f"Host: {HOST}:{port}" in heard
    assert "cookie" not in names


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    with socket.create_server((HOST, 0)) as elsewhere:
        elsewhere.settimeout(0)
        answer = post_to(saying(f"{status} There", f"Location: http://{HOST}:{elsewhere.getsockname()[1]}/"))
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
    assert (answer.status, answer.ok) == (status, False)
    assert "redirect" in answer.error


def test_retry_after() -> None:
    assert post_to(saying("429 Slow", "Retry-After: 90")).retry_after == 90
    dated = post_to(saying("503 Later", "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT"))
    assert dated.retry_after == datetime(2026, 10, 21, 7, 28, tzinfo=UTC)
    assert post_to(saying("503 Later", "Retry-After: soon")).retry_after is None


def test_no_cookie_comes_back() -> None:
    heads: list[str] = []

    def talk(peer: Peer) -> None:
        for _ in range(2):
            heads.extend(hear(peer))
            peer.say("HTTP/1.1 200 OK", "Set-Cookie: a=b", "Content-Length: 0", "")

    with serving(talk) as port:
        run(lambda sender: several(sender, f"http://{HOST}:{port}/", 2))
    assert len(heads) > 2
    assert not [line for line in heads if line.lower().startswith("cookie")]


def test_a_connection_is_kept_for_the_next() -> None:
    # One talk is one connection.
    with serving(three) as port:
        answers = run(lambda sender: several(sender, f"http://{HOST}:{port}/", 3))
    assert [answer.body for answer in answers] == ["0", "1", "2"]


# ------------------------------------------------------------------------------------------------ failures


def test_refused() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
    answer = post(f"http://{HOST}:{port}/")
    assert (answer.status, answer.ok, answer.error) == (None, False, "refused the connection")


def test_silence() -> None:
    answer = post_to(Peer.hear_out, timeout=0.2)
    assert (answer.status, answer.error) == (None, "didn't answer within 0.2 seconds")
    assert 190 <= answer.milliseconds < 5000


def test_a_head_that_drips() -> None:
    def talk(peer: Peer) -> None:
        for letter in "HTTP/1.1 200 OK\r\nX: " + "x" * 100_000:
            peer.say_raw(letter.encode())
            time.sleep(0.02)

    assert post_to(talk, timeout=0.3).error == "didn't answer within 0.3 seconds"


def test_a_reset() -> None:
    def talk(peer: Peer) -> None:
        hear(peer)
        peer.reset()

    assert post_to(talk).error == "broke off the connection"


def test_hanging_up_without_an_answer() -> None:
    def talk(peer: Peer) -> None:
        hear(peer)

    assert post_to(talk).error == "closed the connection without an answer"


@pytest.mark.parametrize(
    "said",
    [
        b"220 mail.example.com ESMTP\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x15\x03\x01\x00\x02\x02\x16",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 100_000 + b"\r\n",
        b"HTTP/1.1 99999 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nnonsense\r\n\r\n",
    ],
)
def test_nonsense(said: bytes) -> None:
    def talk(peer: Peer) -> None:
        hear(peer)
        peer.say_raw(said)

    answer = post_to(talk, timeout=2)
    assert (answer.status, answer.error) == (None, "didn't answer in HTTP")


def test_a_name_that_leads_nowhere() -> None:
    def nowhere(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    assert post("https://gone.example/", resolve=nowhere).error == "its host name leads nowhere"


def test_a_look_up_that_takes_long_is_not_waited_for() -> None:
    free = threading.Event()

    def slow(*_: Any, **__: Any) -> Any:
        free.wait(10)
        return []

    async def two(sender: Sender, url: str) -> list[Answer]:
        hung = asyncio.create_task(sender.post("http://slow.example/", BODY, HEADERS))
        quick = await sender.post(url, BODY, HEADERS)
        return [await hung, quick]

    with serving(saying("200 OK")) as port:
        answers = run(lambda sender: two(sender, f"http://{HOST}:{port}/"), resolve=slow, timeout=1)
        free.set()
    assert [answer.error for answer in answers] == ["didn't answer within 1 seconds", ""]


# -------------------------------------------------------------------------------------------------- bodies


def test_only_the_beginning_of_a_body_is_read() -> None:
    sent = 0

    def talk(peer: Peer) -> None:
        nonlocal sent
        hear(peer)
        peer.say("HTTP/1.1 200 OK", f"Content-Length: {2**30}", "")
        part = b"x" * 2**16
        for _ in range(2**14):
            peer.say_raw(part)
            sent += len(part)

    answer = post_to(talk)
    assert (answer.ok, answer.body) == (True, "x" * 2000)
    # What the sockets' buffers hold comes on top.
    assert sent < 2**26


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    answer = post_to(saying("200 OK", "Content-Encoding: gzip", body=bomb))
    assert answer.ok
    assert "0" * 100 not in answer.body


def test_a_status_counts_though_its_body_drips_or_breaks_off() -> None:
    def dripping(peer: Peer) -> None:
        hear(peer)
        peer.say("HTTP/1.1 202 Accepted", "Content-Length: 1000", "")
        peer.say_raw(b"wait")
        peer.hear_out()

    def breaking(peer: Peer) -> None:
        hear(peer)
        peer.say("HTTP/1.1 500 Oops", "Content-Length: 1000", "")
        peer.say_raw(b"oops")

    answer = post_to(dripping, timeout=0.3)
    assert (answer.status, answer.ok, answer.body) == (202, True, "wait")
    answer = post_to(breaking)
    assert (answer.status, answer.body) == (500, "oops")


def test_a_body_is_kept_as_text_that_any_database_takes() -> None:
    answer = post_to(saying("500 Oops", body=b"a\x00b\xff\r\nc\xc2\x85\x1bd"))
    assert answer.body == "a b\ufffd \nc  d"


# ------------------------------------------------------------------------------------------------ many at once


def test_so_many_at_once_and_no_more() -> None:
    most = now = 0

    async def receiver(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal most, now
        await reader.readuntil(b"\r\n\r\n")
        now += 1
        most = max(most, now)
        # Fewer than four would wait here for ever.
        await four.wait()
        now -= 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    async def many(sender: Sender) -> list[Answer]:
        server = await asyncio.start_server(receiver, HOST, 0)
        async with server:
            url = f"http://{HOST}:{server.sockets[0].getsockname()[1]}/"
            return await asyncio.gather(*(sender.post(url, BODY, HEADERS) for _ in range(40)))

    four = asyncio.Barrier(4)
    answers = run(many, concurrency=4, timeout=10)
    assert [answer.error for answer in answers] == [""] * 40
    assert most == 4


def test_waiting_for_a_turn_is_not_the_receivers_time() -> None:
    async def both(sender: Sender, hanging: int, healthy: int) -> list[Answer]:
        urls = [f"http://{HOST}:{port}/" for port in (hanging, hanging, healthy)]
        return await asyncio.gather(*(sender.post(url, BODY, HEADERS) for url in urls))

    hang = Peer.hear_out
    with serving(hang, hang) as hanging, serving(saying("200 OK")) as healthy:
        answers = run(lambda sender: both(sender, hanging, healthy), concurrency=1, timeout=0.7)
    assert [answer.ok for answer in answers] == [False, False, True]


def test_one_that_hangs_holds_up_no_other() -> None:
    async def both(sender: Sender, hanging: int, healthy: int) -> tuple[int, Answer]:
        hung = asyncio.create_task(sender.post(f"http://{HOST}:{hanging}/", BODY, HEADERS))
        answers = await several(sender, f"http://{HOST}:{healthy}/", 3)
        return sum(answer.ok for answer in answers), await hung

    with serving(Peer.hear_out) as hanging, serving(three) as healthy:
        good, hung = run(lambda sender: both(sender, hanging, healthy), concurrency=2, timeout=1)
    assert good == 3
    assert hung.error == "didn't answer within 1 seconds"
