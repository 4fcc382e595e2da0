"""``manage.py serve`` as a real group of processes, on a port and a data directory of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.waiting import free_port

pytestmark = [pytest.mark.processes, pytest.mark.once]

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 60


class Server:
    """A running ``serve``; what it prints is gathered as it comes."""

    def __init__(self, var: Path, port: int = 0, **environment: str) -> None:
        self.port = port or free_port()
        inherited = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        self.environment = inherited | {"FLUENZR_VAR": str(var), "PYTHONUNBUFFERED": "1"} | environment
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(self.port)],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines += self.process.stdout

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def get(self, path: str, key: str = "") -> bytes:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            body: bytes = answer.read()
        return body

    def wait_until_up(self) -> None:
        eventually(lambda: b"ok" in self.get("/healthz"))

    def children(self) -> set[int]:
        """Every process below this one, by the kernel's own list."""
        found, ahead = set[int](), [self.process.pid]
        while ahead:
            children = children_of(ahead.pop())
            found |= set(children)
            ahead += children
        return found

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()


Start = Callable[..., Server]


def eventually(check: Callable[[], bool]) -> None:
    """Until the check holds; a process takes the time that it takes."""
    deadline = time.monotonic() + LIMIT
    while True:
        try:
            if check():
                return
        except OSError:
            pass
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.05)


def children_of(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    servers: list[Server] = []

    def start(**environment: str) -> Server:
        servers.append(Server(tmp_path / "var", **environment))
        servers[-1].wait_until_up()
        return servers[-1]

    yield start
    for server in servers:
        server.process.kill()
        server.process.wait()


def test_from_nothing_to_a_page_and_a_contact(start: Start) -> None:
    server = start()
    told = server.output
    key = re.search(r"flz_sk_\w{32}", told)
    assert key and "password" in told and 'curl "http://127.0.0.1' in told
    assert b"<form" in server.get("/admin/login/")
    contacts = json.loads(server.get("/v1/contacts", key[0]))
    assert contacts["meta"]["total"] == 40


def test_what_is_secret_is_printed_once(start: Start) -> None:
    first = start()
    first.process.send_signal(signal.SIGTERM)
    assert first.process.wait(LIMIT) == 0
    again = start()
    assert "flz_sk_" in first.output
    assert "flz_sk_" not in again.output and "password" not in again.output


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_behind(start: Start, number: signal.Signals) -> None:
    server = start()
    children = server.children()
    assert len(children) >= 2
    server.process.send_signal(number)
    server.process.wait(LIMIT)
    eventually(lambda: all(is_gone(child) for child in children))


def test_a_taken_port_is_refused_before_anything_is_made(start: Start, tmp_path: Path) -> None:
    first = start()
    second = Server(tmp_path / "other", port=first.port)
    assert second.process.wait(LIMIT) == 1
    second.reader.join(LIMIT)
    assert f"Can't listen on 127.0.0.1:{first.port}" in second.output
    assert "flz_sk_" not in second.output
    assert not (tmp_path / "other" / "fluenzr.sqlite3").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_is_killed_comes_back_and_leaves_nothing_behind(start: Start) -> None:
    server = start()
    before = server.children()
    for child in children_of(server.process.pid):
        os.kill(child, signal.SIGKILL)
    eventually(lambda: all(is_gone(child) for child in before))
    server.wait_until_up()
    import_one(server)


def import_one(server: Server) -> None:
    """Start an import of one contact, and see the contact come."""
    workspace_id = server.manage("create_workspace", "Acme")
    key = server.manage("create_api_key", "--workspace", workspace_id, "--name", "test")
    begin = (
        "import io;"
        "from contacts.imports import run, store;"
        "from fluenzr_site.workspaces.models import Workspace;"
        f"w = Workspace.objects.get(pk='{workspace_id}');"
        "i = store.create(w, io.BytesIO(b'email\\nann@example.com\\n'), 'a.csv');"
        "store.choose(i, on_duplicate='skip', consent_source='event', certified=True);"
        "run.start(i)"
    )
    server.manage("shell", "--no-imports", "-c", begin)
    eventually(lambda: json.loads(server.get("/v1/contacts", key))["meta"]["total"] == 1)


def test_the_worker_runs_an_import(start: Start) -> None:
    import_one(start())


@pytest.mark.services
def test_the_worker_runs_an_import_with_redis_between(start: Start) -> None:
    import_one(start(CELERY_BROKER_URL=os.environ["TEST_REDIS_URL"]))
