"""A receiver of webhooks on loopback, and short ways to what it got."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import time_machine

from fluenzr_site.webhooks import deliver
from tests.api.world import Answer, Party

#: A Monday.
MONDAY = "2030-01-07T10:00:00Z"


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.body)
        return event

    @property
    def id(self) -> str:
        assert self.event["id"] == self.headers["webhook-id"]
        return str(self.event["id"])


Say = int | tuple[int, dict[str, str]]
#: Said instead of a status: the connection is reset (RST).
RESET = -1


class Receiver(ThreadingHTTPServer):
    """``answers``: what each path says, 200 unless told; one that is a function is asked with the call."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls: list[Call] = []
        self.answers: dict[str, Say | Callable[[Call], Say]] = {}
        self.lock = threading.Lock()

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def at(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path == path]

    @property
    def types(self) -> list[str]:
        return [call.event["type"] for call in self.calls]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up is no affair of a test's output."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        call = Call(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        with self.server.lock:
            self.server.calls.append(call)
        told = self.server.answers.get(self.path, 200)
        said = told(call) if callable(told) else told
        status, headers = said if isinstance(said, tuple) else (said, {})
        if status == RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        content = b"" if status == 204 else b"ok"
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield receiver
    finally:
        receiver.shutdown()
        receiver.server_close()


CONTACTS = ["contact.created", "contact.updated", "contact.deleted"]


class Listener:
    """A workspace whose events go to the receiver."""

    def __init__(self, party: Party, receiver: Receiver, clock: time_machine.Traveller) -> None:
        self.workspace, self.api, self.receiver, self.clock = party.workspace, party.api, receiver, clock

    def listen(self, path: str = "/hook", events: list[str] | None = None, **fields: Any) -> dict[str, Any]:
        """A webhook that must be made, with its secret."""
        body = {"url": self.receiver.url(path), "events": events or CONTACTS, **fields}
        answer = self.api.post("webhooks", body)
        assert answer.status == 201, answer.json
        made: dict[str, Any] = answer.data
        return made

    def deliver(self) -> int:
        """Do what is due; the number of attempts."""
        return deliver.deliver_due()

    def wait(self, **time: float) -> int:
        """Let time pass, then do what is due."""
        self.clock.shift(timedelta(**time))
        return self.deliver()

    def logs(self, webhook: dict[str, Any], question: str = "") -> list[dict[str, Any]]:
        """Oldest first."""
        answer: Answer = self.api.get(f"webhooks/{webhook['id']}/logs?order=asc&perPage=100{question}")
        logs: list[dict[str, Any]] = answer.data
        return logs

    def status(self, webhook: dict[str, Any]) -> str:
        return str(self.api.get(f"webhooks/{webhook['id']}").data["status"])
