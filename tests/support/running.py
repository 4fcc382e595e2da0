"""A server of our own on a new database, for what is tested from outside: ``served()``.

As a script, ``running.py COMMAND…``: runs the command with ``FLUENZR_BASE_URL`` and ``FLUENZR_API_KEY`` of such a
server, and ends as it does.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parents[2]
MANY = "100000000"


@dataclass(frozen=True, slots=True)
class Running:
    """Where it listens, the folder it keeps, and a workspace with a key."""

    url: str
    var: str
    workspace: str
    key: str


def manage(*arguments: str) -> str:
    """What a command of the project prints."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


@contextmanager
def served(database: str = "") -> Iterator[Running]:
    """``manage.py serve`` on SQLite, or on a database of its own on the PostgreSQL server of that URL."""
    with tempfile.TemporaryDirectory() as var, _database(database) as url:
        os.environ |= {"FLUENZR_VAR": var, "FLUENZR_REQUESTS_A_MINUTE": MANY, "FLUENZR_WRONG_KEYS_A_MINUTE": MANY}
        os.environ.pop("DATABASE_URL", None)
        if url:
            os.environ["DATABASE_URL"] = url
        manage("migrate", "-v0")
        workspace = manage("create_workspace", "Outside")
        key = manage("create_api_key", "--workspace", workspace, "--name", "outside")
        with _listening() as address:
            yield Running(address, var, workspace, key)


@contextmanager
def _database(server: str) -> Iterator[str]:
    if not server:
        yield ""
        return
    name = f"outside_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _listening() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        _wait_for(f"{address}/healthz")
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(url: str) -> None:
    for _ in range(300):
        with suppress(OSError), urllib.request.urlopen(url, timeout=1):
            return
        time.sleep(0.1)
    raise SystemExit("The server doesn't start")


if __name__ == "__main__":
    with served() as running:
        # Campaigns are sent from an account; this one's server is nowhere.
        account = ("--workspace", running.workspace, "--email", "sales@example.com")
        manage("create_email_account", *account, "--smtp-host", "smtp.invalid", "--smtp-port", "587")
        told = os.environ | {"FLUENZR_BASE_URL": running.url, "FLUENZR_API_KEY": running.key}
        raise SystemExit(subprocess.run(sys.argv[1:], env=told).returncode)
