"""One request over a vetted socket: what comes back, what is refused, and that nobody is waited for without end."""

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fluenzr_site.core import outbound
from fluenzr_site.core.outbound_http import Answer, NoAnswer, NotAllowed, TooLarge, post_form, request
from tests.support.scripted import Peer, certificate, serving

SECRET = "s3cret-token"


@pytest.fixture(autouse=True)
def loopback(settings: Any) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]


def heard(peer: Peer) -> list[str]:
    """The request's head."""
    lines = []
    while line := peer.hear():
        lines.append(line)
    return lines


def saying(said: bytes) -> Callable[[Peer], None]:
    def talk(peer: Peer) -> None:
        heard(peer)
        peer.say_raw(said)

    return talk


def ask(said: bytes, **options: Any) -> Answer:
    with serving(saying(said)) as port:
        return request("GET", f"http://127.0.0.1:{port}/", **options)


@pytest.mark.parametrize("ending", [b"Content-Length: 5\r\n\r\nhello", b"Connection: close\r\n\r\nhello"])
def test_an_answer(ending: bytes) -> None:
    answer = ask(b"HTTP/1.1 201 Made\r\nX-One: 1\r\n" + ending)
    assert (answer.status, answer.headers["x-one"], answer.body) == (201, "1", b"hello")


def test_chunks() -> None:
    said = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
    assert ask(said).body == b"hello"


def test_a_form_as_it_is_sent() -> None:
    sent: list[Any] = []

    def talk(peer: Peer) -> None:
        sent.extend([heard(peer), peer.hear_bytes(14)])
        peer.say("HTTP/1.1 204 Nothing", "")

    with serving(talk) as port:
        assert post_form(f"http://127.0.0.1:{port}/to/ken?x=1", {"a": "é&", "b": ""}).status == 204
    head, body = sent
    assert head[0] == "POST /to/ken?x=1 HTTP/1.1"
    assert {f"Host: 127.0.0.1:{port}", "Content-Length: 14", "Accept-Encoding: identity"} <= set(head)
    assert body == b"a=%C3%A9%26&b="


def test_a_redirect_is_an_answer() -> None:
    answer = ask(b"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
    assert (answer.status, answer.headers["location"]) == (302, "http://127.0.0.1:1/")


def test_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    chain, context = certificate(tmp_path)
    talk = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
    with serving(talk, talk, context=context) as port:
        with pytest.raises(NoAnswer, match="certificate"):
            request("GET", f"https://127.0.0.1:{port}/")
        monkeypatch.setenv("SSL_CERT_FILE", str(chain))
        assert request("GET", f"https://127.0.0.1:{port}/").body == b"hi"


# --------------------------------------------------------------------------------------- what isn't dialled


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "//127.0.0.1/",
        "http:///path",
        f"http://user:{SECRET}@127.0.0.1/",
        "http://@127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:x/",
        "http://[127.0.0.1/",
        f"http://127.0.0.1/ {SECRET}",
        f"http://127.0.0.1/é{SECRET}",
        "http://127.0.0.1/\x7f",
        "http://local host/",
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        request("GET", url)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "[::1]", "[::ffff:127.0.0.1]"])
def test_private_addresses(host: str, settings: Any) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = []
    for scheme in ("http", "https"):
        with pytest.raises(NotAllowed, match="private address"):
            request("GET", f"{scheme}://{host}:9/{SECRET}")


def test_plain_http_stays_inside_private_networks(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback stands for an address of the internet, which tests don't dial."""
    settings.FLUENZR_PRIVATE_NETWORKS = ["10.0.0.0/8"]
    monkeypatch.setattr(outbound, "connect", lambda host, port, timeout: socket.create_connection((host, port)))
    lines: list[str] = []
    with serving(lambda peer: lines.extend(heard(peer))) as port, pytest.raises(NotAllowed, match="https://"):
        post_form(f"http://127.0.0.1:{port}/", {"token": SECRET})
    assert lines == []


def test_headers_hold_no_others() -> None:
    with serving() as port, pytest.raises(ValueError, match="header"):
        request("GET", f"http://127.0.0.1:{port}/", headers={"A": "b\r\nC: d"})


# ------------------------------------------------------------------------------------- what is no answer


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nshort",
        b"220 mail.example ESMTP\r\n",
        b"HTTP/1.1 " + SECRET.encode() + b" OK\r\n\r\n",
        b"HTTP/1.1 99999999999 OK\r\n\r\n",
        b"\x16\x03\x01\x00",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
    ids=range(11),
)
def test_what_is_no_answer(said: bytes) -> None:
    with serving(saying(said)) as port, pytest.raises(NoAnswer) as failed:
        request("GET", f"http://127.0.0.1:{port}/{SECRET}")
    assert SECRET not in str(failed.value) and str(failed.value).startswith("127.0.0.1")


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NoAnswer):
        request("GET", f"http://127.0.0.1:{port}/{SECRET}")


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 1000001\r\n\r\n",
        b"Connection: close\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nF4241\r\n",
    ],
)
def test_more_than_is_wanted(head: bytes) -> None:
    with pytest.raises(TooLarge):
        ask(b"HTTP/1.1 200 OK\r\n" + head + b"x" * 1_000_001, most=1000)


def test_just_as_much_as_is_wanted() -> None:
    assert ask(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789", most=9).body == b"123456789"


def test_headers_without_end_are_too_many() -> None:
    def talk(peer: Peer) -> None:
        heard(peer)
        while True:
            peer.say_raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)

    with serving(talk) as port, pytest.raises(TooLarge):
        request("GET", f"http://127.0.0.1:{port}/", most=10, seconds=10)


DRIPS = [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"]


@pytest.mark.parametrize("beginning", DRIPS)
@pytest.mark.parametrize("drop", [b"", b"x"], ids=["silence", "drops"])
def test_a_slow_server_is_left(beginning: bytes, drop: bytes) -> None:
    def talk(peer: Peer) -> None:
        heard(peer)
        peer.say_raw(beginning)
        for _ in range(500):
            peer.say_raw(drop)
            if not drop:
                peer.hear_out()
                return
            time.sleep(0.01)

    began = time.monotonic()
    with serving(talk) as port:
        with pytest.raises(NoAnswer, match="in time"):
            request("GET", f"http://127.0.0.1:{port}/", seconds=0.3)
        assert time.monotonic() - began < 2


def test_a_handshake_that_never_ends() -> None:
    with serving(lambda peer: peer.hear_out()) as port, pytest.raises(NoAnswer):
        request("GET", f"https://127.0.0.1:{port}/", seconds=0.3)


def test_no_secret_is_in_a_repr() -> None:
    answer = ask(f"HTTP/1.1 200 OK\r\nX: {SECRET}\r\nContent-Length: 12\r\n\r\n{SECRET}".encode())
    assert answer.body == SECRET.encode() and SECRET not in repr(answer)
