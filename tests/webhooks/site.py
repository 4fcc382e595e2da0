"""An installation of its own whose webhooks go to a receiver: commands, and workers as people start them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.premade import migrated
from tests.support.running import ROOT

LIMIT = 120


class Site:
    """A database of its own, SQLite in the folder; ``environment`` is what its processes get."""

    def __init__(self, var: Path, **environment: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        inherited["PYTHONPATH"] = str(ROOT)
        own = {"FLUENZR_VAR": str(var), "FLUENZR_PRIVATE_NETWORKS": "127.0.0.0/8", "FLUENZR_LOG_LEVEL": "ERROR"}
        self.environment = inherited | own | environment
        self.workers: list[subprocess.Popen[bytes]] = []

    @property
    def database(self) -> Path:
        return Path(self.environment["FLUENZR_VAR"]) / "fluenzr.sqlite3"

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    def shell(self, script: str) -> str:
        return self.manage("shell", "-v0", "-c", script)

    def worker(self, *options: str, program: str = "manage.py") -> "subprocess.Popen[bytes]":
        command = [sys.executable, program, "worker", "--queues", "webhooks", "--concurrency", "2", *options]
        process = subprocess.Popen(command, cwd=ROOT, env=self.environment)
        self.workers.append(process)
        return process

    def begin(self, url: str) -> None:
        """A workspace with a webhook."""
        migrated(Path(self.environment["FLUENZR_VAR"]))
        self.shell(BEGIN.format(workspace=self.manage("create_workspace", "Tests"), url=url))

    def happen(self, count: int) -> set[str]:
        """So many events; the ids of all there have been."""
        return set(self.shell(HAPPEN.format(count=count)).split())

    @property
    def pending(self) -> int:
        """Events and deliveries that wait."""
        return int(self.shell(PENDING))

    def close(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
                worker.wait(10)


def eventually(holds: Callable[[], bool], seconds: float = LIMIT) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


BEGIN = """
from fluenzr_site.webhooks import changes
from fluenzr_site.workspaces.models import Workspace
changes.create(Workspace.objects.get(pk="{workspace}"), url="{url}", events=["contact.created"])
"""
HAPPEN = """
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.events.models import Event
from fluenzr_site.events.recording import Actor, change
with change(Workspace.objects.get(), Actor("command", "tests")) as unit:
    for number in range({count}):
        unit.record("contact.created", f"con_{{number}}", {{"contact": {{"id": f"con_{{number}}"}}}})
print(*Event.objects.values_list("pk", flat=True))
"""
EXPIRE = """
from fluenzr_site.webhooks.models import Webhook
Webhook.objects.exclude(lease="").update(leased_until="2020-01-01T00:00:00Z")
"""
PENDING = """
from fluenzr_site.events.models import OutboxEntry
from fluenzr_site.webhooks.models import Delivery
print(Delivery.objects.filter(state="pending").count() + OutboxEntry.objects.count())
"""
WAITING = """
from fluenzr_site.events.models import OutboxEntry
print(OutboxEntry.objects.count())
"""
LEASES = """
from fluenzr_site.webhooks.models import Webhook
print(list(Webhook.objects.values_list("lease", "leased_until")))
"""
LOG = """
from fluenzr_site.webhooks.models import Attempt
print(*(f"{{status}}:{{code}}" for status, code in Attempt.objects.values_list("status", "status_code")))
""".replace("{{", "{").replace("}}", "}")
