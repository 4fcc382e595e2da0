"""The page that shows a secret has code that checks signatures with it: it does."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fluenzr_site.core import clock as now
from fluenzr_site.webhooks import signing
from tests.webhooks.admin.support import ADD, NEW

BODY = '{"id":"evt_1"}'
CALLS = """
import { isFromFluenzR } from "./verify.mjs";
const { at, cases } = JSON.parse(process.argv[2]);
Date.now = () => at * 1000;
console.log(JSON.stringify(cases.map(([body, headers]) => isFromFluenzR(Buffer.from(body), headers))));
"""


@pytest.fixture
def page(admin: Client) -> Any:
    return admin.post(reverse(ADD), NEW)


def sample(page: Any, name: str) -> str:
    found = re.search(rf'<textarea id="sample-{name}".*?>(.*?)</textarea>', page.content.decode(), re.DOTALL)
    assert found
    return html.unescape(found[1])


def signed(secret: str, at: float) -> dict[str, str]:
    return signing.headers(BODY.encode(), secrets=[secret], message_id="evt_1", at=int(at))


def cases(secret: str, at: float) -> list[tuple[str, dict[str, str], bool]]:
    """Body, headers, and whether the call is FluenzR's."""
    right = signed(secret, at)
    return [
        (BODY, right, True),
        (BODY, signed(secret, at - 299), True),
        (BODY + " ", right, False),
        (BODY, signed(secret, at - 301), False),
        (BODY, signed(secret, at + 301), False),
        (BODY, signed("another-secret", at), False),
        (BODY, right | {"X-FluenzR-Timestamp": "²"}, False),
        (BODY, right | {"X-FluenzR-Signature": "sha256=é"}, False),
        (BODY, {}, False),
    ]


def test_the_python_sample_tells_a_forged_call(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLUENZR_WEBHOOK_SECRET", page.context["secret"])
    told: dict[str, Any] = {}
    exec(sample(page, "python"), told)
    for body, headers, is_ours in cases(page.context["secret"], now.now().timestamp()):
        assert told["is_from_fluenzr"](body.encode(), headers) is is_ours, headers


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_the_node_sample_tells_a_forged_call(page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLUENZR_WEBHOOK_SECRET", page.context["secret"])
    (tmp_path / "verify.mjs").write_text(sample(page, "node"))
    (tmp_path / "calls.mjs").write_text(CALLS)
    at = now.now().timestamp()
    expected = cases(page.context["secret"], at)
    asked = [(body, {name.lower(): value for name, value in headers.items()}) for body, headers, _ in expected]
    command = ["node", "calls.mjs", json.dumps({"at": at, "cases": asked})]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert json.loads(ran.stdout or "null") == [is_ours for *_, is_ours in expected], ran.stderr
