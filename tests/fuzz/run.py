"""Fuzzes a real server over its own description: ``run.py MAX_EXAMPLES [POSTGRESQL_URL]``.

Fills a workspace and runs schemathesis with all its checks and phases, stateful ones too; ends as it does.
"""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.support.running import Running, manage, served  # noqa: E402

SEED = os.environ.get("FUZZ_SEED", "20261121")


def call(server: Running, method: str, path: str, body: Any = None) -> Any:
    sent = json.dumps(body).encode() if body else None
    headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{server.url}/v1/{path}", method=method, data=sent, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["data"]


def world(server: Running) -> dict[str, list[str]]:
    """Ids and names for the formats of the description."""
    groups = [call(server, "POST", "groups", {"name": f"Group {n}"})["id"] for n in range(5)]
    contacts = [call(server, "POST", "contacts", {"email": f"c{n}@example.com"})["id"] for n in range(20)]
    stages = call(server, "GET", "pipeline-stages")
    place = "from contacts.models import Location; "
    place += f"print(Location.objects.create(workspace_id='{server.workspace}', title='Main street').pk)"
    account = manage(
        *("create_email_account", "--workspace", server.workspace, "--email", "sales@example.com"),
        *("--smtp-host", "smtp.invalid", "--smtp-port", "587"),
    )
    return {
        "account-id": [account],
        "time-zone": ["Europe/Paris", "Asia/Kolkata", "America/New_York", "UTC"],
        "group-id": groups,
        "contact-id": contacts,
        "stage-id": [stage["id"] for stage in stages],
        "stage-name": ["Subscriber", *(stage["name"] for stage in stages)],
        "location-id": [manage("shell", "-v0", "-c", place)],
        # Names that are nobody's.
        "webhook-url": ["https://receiver.invalid/hook", "https://hooks.invalid:8443/a?b=c"],
        "cursor": [""],
    }


def main(most: str, database: str = "") -> int:
    with served(database) as server:
        told = {"FLUENZR_API_KEY": server.key, "FLUENZR_WORLD": json.dumps(world(server))}
        hooks = {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)}
        command = [str(Path(sys.executable).with_name("schemathesis"))]
        command += ["--config-file", str(HERE / "schemathesis.toml"), "run", f"{server.url}/v1/openapi.json"]
        command += ["--max-examples", most, "--seed", SEED, *sys.argv[3:]]
        return subprocess.run(command, cwd=server.var, env=os.environ | told | hooks).returncode


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:3]))
