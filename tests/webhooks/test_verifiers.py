"""Every event of every type, with hostile data in it, is accepted by whoever may check its signature, as it arrives."""

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.utils.http import urlencode
from standardwebhooks.webhooks import Webhook

from contacts.models import CustomField
from fluenzr_site.core.clock import now
from fluenzr_site.events.models import Event
from fluenzr_site.events.types import ALL
from fluenzr_site.webhooks import deliver
from fluenzr_site.workspaces.changes import update_workspace
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import email, node, sequence
from tests.webhooks.javascript import Node, needs_node
from tests.webhooks.receiver import Call, Receiver

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DOCUMENT = (ROOT / "docs" / "api" / "webhooks.en.md").read_text()
CLIENT = ROOT / "sdks" / "python" / "src"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

TEXT = "é \u2028\u2029 \U0001f600 </script><!-- \\ / \" ' & \u00a0\ufeff\u200d ١ end"
NUMBERS = {"10": 1.0, "9": -0.0, "01": 0.1, "4294967294": 1e-7, "4294967295": 5e-324, "-1": 123456.7, "z1": 1 / 3}
# What the API takes.
FIELDS: dict[str, Any] = {
    **NUMBERS,
    **{"__proto__": TEXT, "constructor": True, "toJSON": None, "a/b": 9007199254740991, "٣": "\\u2028"},
}
POSITION = {"y": 1e18, "x": 2**63 - 1, "2": [1.0, {"b": -0.0, "1": 1e-7, "0": TEXT}], "1": 0.1 + 0.2}
# What only an older row may hold, in the database's own words.
RAW = (
    r'{"b":1.0,"10":1e21,"9":12345678901234567890123,"a":["\ud800","\ude00\ud83d",1e400,-0,1E5,0.1e-6,NaN],'
    r'"\u0061":"\u2028\/<\/script>\u0000","__proto__":{"\ud800":1,"1":2,"0":[[[{}]]]}}'
)


@pytest.fixture
def calls(outreach: Outreach, smtp: MailServer, receiver: Receiver) -> list[Call]:
    """Each event twice: as the product made it, and once more with an older row's data in it."""
    body = {"url": receiver.url(), "events": list(ALL), "secret": SECRET}
    webhook = outreach.api.post("webhooks", body).data["id"]
    _raise_all(outreach, smtp)
    _deliver()
    made = list(receiver.calls)
    for event in Event.objects.exclude(body="{}"):
        Event.objects.filter(pk=event.pk).update(body=f'{event.body[:-1]},"older":{RAW}}}')
    outreach.api.post(f"webhooks/{webhook}/replay", {"from": "2030-01-01"})
    _deliver()
    assert {call.event["type"] for call in made} == set(ALL)
    sent = b"".join(call.body for call in made)
    for hostile in (
        b'"1":0.30000000000000004,"2":[1,{"0":',
        b'{"9":0,"10":1,',
        b'"userAgent":"\xc3\x83\xc2\xa9 ',
        "\u2029 😀 </script>".encode(),
    ):
        assert hostile in sent
    assert len(receiver.calls) == 2 * len(made)
    assert all(b'"older":{"9":"123' in call.body and b'"10":1e+21' in call.body for call in receiver.calls[len(made) :])
    return receiver.calls


def _deliver() -> None:
    while deliver.deliver_due():
        pass


def _raise_all(outreach: Outreach, smtp: MailServer) -> None:
    api = outreach.api
    update_workspace(outreach.workspace, {"open_tracking": "full"})
    for key in NUMBERS:
        CustomField.objects.create(workspace=outreach.workspace, key=key, label=key, type="number", created_at=now())
    people = {"firstName": TEXT, "company": "</script>", "tags": [TEXT], "customFields": FIELDS}
    gone = api.create("gone@x.co", **people, groupIds=[api.group(TEXT)])["id"]
    api.put(f"contacts/{gone}", {"lastName": TEXT, "customFields": {"3": 2.0}})
    link = f'<p><a href="https://shop.example/a/b?{urlencode({"q": TEXT})}">Offer</a></p>'
    workflow = sequence(email("first", subject=TEXT, body=link), node("wait", "delay", days=2), email("second"))
    workflow["nodes"][1]["position"] = POSITION
    campaign = outreach.draft(workflow, name=TEXT)
    outreach.add(campaign, [api.create(address, **people)["id"] for address in ("ann@x.co", "bob@x.co", "cat@x.co")])
    api.post(f"campaigns/{campaign}/start")
    outreach.run()
    api.post(f"campaigns/{campaign}/pause")
    paths = {each.recipient: each for each in smtp.received}
    outreach.fetch(paths["ann@x.co"].path("o"), agent=TEXT.encode().decode("latin-1"))
    outreach.fetch(unescape(paths["ann@x.co"].path("c")))
    outreach.outcome("replied", "ann@x.co", subject=TEXT, preview=TEXT * 3)
    outreach.outcome("bounced", "bob@x.co", hard=True, reason=TEXT)
    api.client.post(paths["cat@x.co"].path("u"), {"List-Unsubscribe": "One-Click"})
    outreach.started(to=["dan@x.co"])
    outreach.run()
    api.delete(f"contacts/{gone}")


# -------------------------------------------------------------------------------------------- the documented ones


def printed(language: str) -> str:
    """The one verifier that the document prints in that language."""
    [found] = re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    return str(found)


def ours(call: Call) -> tuple[str, str]:
    return call.headers["x-fluenzr-timestamp"], call.headers["x-fluenzr-signature"]


def test_the_documented_python(calls: list[Call]):
    names: dict[str, Any] = {}
    exec(printed("python"), names)
    accepts = names["is_from_fluenzr"]
    for call in calls:
        assert accepts(call.body, *ours(call), SECRET), call.body
        assert not accepts(call.body + b" ", *ours(call), SECRET)
        assert not accepts(call.body, *ours(call), SECRET + "x")


@needs_node
@pytest.mark.parametrize("given", ["request.body", "JSON.stringify(JSON.parse(request.body))"])
def test_the_documented_javascript(calls: list[Call], given: str):
    """On what arrived, and on what a framework that has parsed it can give back."""
    function = f"""
    (() => {{
      {printed("javascript")}
      return (line) => {{
        const request = JSON.parse(line);
        return isFromFluenzr({given}, request.timestamp, request.signature, request.secret);
      }};
    }})()
    """
    with Node(function) as node:
        for call in calls:
            assert asked(node, call, SECRET) == b"true", call.body
            assert asked(node, call, SECRET + "x") == b"false"


def asked(node: Node, call: Call, secret: str) -> bytes:
    timestamp, signature = ours(call)
    request = {"body": call.body.decode(), "timestamp": timestamp, "signature": signature, "secret": secret}
    return node.ask(json.dumps(request).encode())


# ---------------------------------------------------------------------------------------------------- libraries


def test_the_reference_library_for_python(calls: list[Call]):
    for call in calls:
        assert Webhook(SECRET).verify(call.body, call.headers)["id"] == call.id


def test_our_client_for_python(calls: list[Call], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(CLIENT)
    from fluenzr import verify_webhook

    for call in calls:
        now = float(call.headers["webhook-timestamp"])
        event = verify_webhook(call.body, call.headers, SECRET, now=now)
        assert (event.id, event.type) == (call.id, call.event["type"])


@pytest.mark.processes
@pytest.mark.once
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_the_reference_library_for_javascript(calls: list[Call], tmp_path: Path):
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / "reference" / name, tmp_path)
    npm(tmp_path, "ci")
    accepted = in_node(tmp_path, calls, "new (require('standardwebhooks').Webhook)(secret).verify(body, headers).id")
    assert accepted == [call.id for call in calls]


@pytest.mark.processes
@pytest.mark.once
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_our_client_for_javascript(calls: list[Call], tmp_path: Path):
    source = shutil.copytree(
        ROOT / "sdks" / "javascript", tmp_path / "sdk", ignore=shutil.ignore_patterns("node_modules", "dist")
    )
    npm(source, "ci")
    npm(source, "run", "build")
    accepted = in_node(source, calls, "(await require('./dist/cjs').verifyWebhook(body, headers, secret)).id")
    assert accepted == [call.id for call in calls]


def npm(folder: Path, *arguments: str) -> None:
    quietly = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts")
    subprocess.run(["npm", *arguments, *quietly], cwd=folder, check=True, capture_output=True)


def in_node(folder: Path, calls: list[Call], expression: str) -> list[str]:
    """What the expression says of each call, at the time at which it was sent."""
    script = f"""
    const {{ secret, calls }} = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
    const RealDate = Date;
    let now = 0;
    globalThis.Date = class extends RealDate {{ constructor(...a) {{ super(...(a.length ? a : [now])); }} }};
    Date.now = () => now;
    (async () => {{
      const said = [];
      for (const {{ headers, body }} of calls) {{
        now = 1000 * Number(headers["webhook-timestamp"]);
        try {{ said.push({expression}); }} catch (error) {{ said.push(`${{error}}`); }}
      }}
      console.log(JSON.stringify(said));
    }})();
    """
    told = {"secret": SECRET, "calls": [{"headers": call.headers, "body": call.body.decode()} for call in calls]}
    done = subprocess.run(
        ["node", "-e", script], cwd=folder, input=json.dumps(told), capture_output=True, text=True, check=True
    )
    found: list[str] = json.loads(done.stdout)
    return found
