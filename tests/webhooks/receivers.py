"""Receivers of webhooks that follow a script, and a sender that posts to them."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from fluenzr_site.webhooks.sender import Answer, Sender
from tests.support.scripted import HOST, Peer, serving

BODY = b'{"id":"evt_1"}'
HEADERS = {"Content-Type": "application/json", "X-Test": "1"}
Talk = Callable[[Peer], None]


def run(work: Callable[[Sender], Awaitable[Any]], **options: Any) -> Any:
    async def inside() -> Any:
        async with Sender(**options) as sender:
            return await work(sender)

    return asyncio.run(inside())


def post(url: str, **options: Any) -> Answer:
    answer = run(lambda sender: sender.post(url, BODY, HEADERS), **options)
    assert isinstance(answer, Answer)
    return answer


def post_to(talk: Talk, **options: Any) -> Answer:
    with serving(talk) as port:
        return post(f"http://{HOST}:{port}/hook", **options)


def hear(peer: Peer) -> list[str]:
    """The head of a request, whose body is heard too."""
    head = []
    while line := peer.hear():
        head.append(line)
    assert peer.hear_bytes(len(BODY)) == BODY
    return head


def saying(status: str, *headers: str, body: bytes = b"") -> Talk:
    def talk(peer: Peer) -> None:
        hear(peer)
        peer.say(f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "")
        peer.say_raw(body)
        peer.hear_out()

    return talk


def answering(*ips: str) -> Callable[..., list[Any]]:
    """A resolver that knows one answer."""
    families = [socket.AF_INET6 if ":" in ip else socket.AF_INET for ip in ips]
    return lambda host, port, **_: [
        (family, socket.SOCK_STREAM, 6, "", (ip, port)) for family, ip in zip(families, ips, strict=True)
    ]


async def several(sender: Sender, url: str, count: int) -> list[Answer]:
    """Posts, one after another."""
    return [await sender.post(url, BODY, HEADERS) for _ in range(count)]


def three(peer: Peer) -> None:
    """Answers as many on one connection, with 0, 1, 2."""
    for number in range(3):
        hear(peer)
        peer.say("HTTP/1.1 200 OK", "Content-Length: 1", "")
        peer.say_raw(str(number).encode())
