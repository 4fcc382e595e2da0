"""Webhooks a second through our sender, signed, beside bare aiohttp with the same bytes, in one run.

``benchmarks/webhooks_sender.py [POSTS]`` (5,000), fifty at a time, to a receiver in a process of its own. Rounds
alternate, and the medians are told: machines are noisy.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from rounds import LOOPBACK, own_site, tell

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
ROUNDS = 5
AT_ONCE = 50
DATA = (
    '{"campaignId":"cmp_06dq0000000000000000","campaignName":"Spring","contactId":"con_06dq0000000000000000",'
    '"contactEmail":"ann@example.com","emailNodeId":"hello","emailSubject":"Hello Ann","openCount":1,"firstOpen":true,'
    '"userAgent":null,"ip":null}'
)


def serve(told: Connection) -> None:
    """A receiver that takes everything."""

    class Receiver(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            self.transport, self.held = transport, b""

        def data_received(self, data: bytes) -> None:
            self.held += data
            head, end, body = self.held.partition(b"\r\n\r\n")
            size = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
            if end and len(body) >= int(size):
                self.held = b""
                self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await asyncio.to_thread(told.recv)

    asyncio.run(run())


async def through(post: Callable[[int], Awaitable[bool]], count: int) -> float:
    """Posts a second; each of fifty takes the next number when it is through with the last."""
    numbers = iter(range(count))

    async def one_of_fifty() -> None:
        for number in numbers:
            if not await post(number):
                raise SystemExit("The receiver did not take it")

    began = time.perf_counter()
    await asyncio.gather(*(one_of_fifty() for _ in range(AT_ONCE)))
    return count / (time.perf_counter() - began)


async def ours(url: str, count: int) -> float:
    """Body, signature, post and answer."""
    from fluenzr_site.webhooks import bodies, signing
    from fluenzr_site.webhooks.sender import Sender

    secret, at = signing.new_secret(), datetime.now(UTC)
    async with Sender(AT_ONCE) as sender:

        async def post(number: int) -> bool:
            event = f"evt_{number:020}"
            body = bodies.body(event, "email.opened", at, DATA)
            headers = signing.headers(body, secrets=[secret], message_id=event, at=int(time.time()))
            return (await sender.post(url, body, headers)).ok

        return await through(post, count)


async def bare(url: str, count: int) -> float:
    """The same bytes, made and signed once."""
    import aiohttp

    from fluenzr_site.webhooks import bodies, signing

    body = bodies.body(f"evt_{0:020}", "email.opened", datetime.now(UTC), DATA)
    headers = signing.headers(body, secrets=[signing.new_secret()], message_id="evt_1", at=int(time.time()))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session:

        async def post(_: int) -> bool:
            async with session.post(url, data=body, headers=headers) as response:
                return await response.read() == b"ok"

        return await through(post, count)


def main(count: int) -> None:
    import django

    django.setup()
    us, them = Pipe()
    Process(target=serve, args=(them,), daemon=True).start()
    url = f"http://127.0.0.1:{us.recv()}/hook"
    speeds: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(ROUNDS):
        speeds["ours"].append(asyncio.run(ours(url, count)))
        speeds["bare"].append(asyncio.run(bare(url, count)))
    us.send("enough")
    tell(speeds, "webhooks", ("bare", "ours"))


if __name__ == "__main__":
    with own_site(**LOOPBACK):
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
