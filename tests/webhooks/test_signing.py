"""What receivers check: by the documented rule in two languages, with our client, with the reference libraries."""

import base64
import hashlib
import hmac
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from fluenzr_site.webhooks import bodies, signing
from tests.webhooks.javascript import Node, needs_node

HERE = Path(__file__).parent
CLIENT = HERE.parents[1] / "sdks" / "python" / "src"
DATA = '{"contactEmail":"é@example.com","n":1.0,"9":{},"10":[]}'
BODY = bodies.body("evt_1", "email.opened", datetime(2026, 3, 4, tzinfo=UTC), DATA)
# Fixed, since the names of tests hold them.
NEW, OLD = (f"whsec_{base64.b64encode(bytes([number] * 24)).decode()}" for number in (251, 252))

# "sha256=" and the hex HMAC-SHA256 of the timestamp, a full stop and the body; this receiver's framework parsed it.
VERIFIER = """
(line) => {
  const { createHmac, timingSafeEqual } = require("node:crypto");
  const { headers, body, secret } = JSON.parse(line);
  const parsed = JSON.parse(body);
  const hmac = createHmac("sha256", secret);
  hmac.update(`${headers["X-FluenzR-Timestamp"]}.${JSON.stringify(parsed)}`);
  const expected = Buffer.from(`sha256=${hmac.digest("hex")}`);
  const said = Buffer.from(headers["X-FluenzR-Signature"]);
  return said.length === expected.length && timingSafeEqual(said, expected);
}
"""


@pytest.fixture(scope="module")
def receiver() -> Iterator[Node]:
    with Node(VERIFIER) as node:
        yield node


def signed(*secrets: str, body: bytes = BODY, at: int | None = None) -> dict[str, str]:
    return signing.headers(body, secrets=secrets, message_id="evt_1", at=at or int(time.time()))


def by_the_rule(headers: dict[str, str], secret: str, body: bytes = BODY) -> bool:
    message = headers["X-FluenzR-Timestamp"].encode() + b"." + body
    expected = "sha256=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, headers["X-FluenzR-Signature"])


def by_the_library(headers: dict[str, str], secret: str | bytes, body: bytes = BODY) -> bool:
    try:
        return bool(Webhook(secret).verify(body, headers)["id"])
    except WebhookVerificationError:
        return False


def in_javascript(receiver: Node, headers: dict[str, str], secret: str, body: bytes = BODY) -> bool:
    line = json.dumps({"headers": headers, "body": body.decode(), "secret": secret})
    return bool(json.loads(receiver.ask(line.encode())))


def test_new_secrets_are_of_the_standard() -> None:
    secret = signing.new_secret()
    assert secret.startswith("whsec_")
    assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64
    assert secret != signing.new_secret()


def test_the_headers() -> None:
    headers = signed(NEW, at=1_750_000_000)
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("FluenzR")
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("evt_1", "1750000000")
    assert headers["X-FluenzR-Timestamp"] == "1750000000"
    assert len(headers) == 7


def test_the_standards_own_example() -> None:
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    headers = signing.headers(body, secrets=[secret], message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at=1614265330)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_python_receivers_accept_it() -> None:
    headers = signed(NEW)
    assert by_the_rule(headers, NEW)
    assert by_the_library(headers, NEW)
    assert not by_the_rule(headers, OLD)
    assert not by_the_library(headers, OLD)
    assert not by_the_rule(headers, NEW, BODY + b" ")
    assert not by_the_library(headers, NEW, BODY + b" ")


@needs_node
def test_a_javascript_receiver_that_parses_first_accepts_it(receiver: Node) -> None:
    headers = signed(NEW)
    assert in_javascript(receiver, headers, NEW)
    assert not in_javascript(receiver, headers, OLD)
    assert not in_javascript(receiver, headers, NEW, BODY.replace(b"evt_1", b"evt_2"))


@pytest.mark.parametrize("secret", [NEW, "hush", "Grüße, secret", "whsec_not base64!"])
def test_our_client_accepts_it(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(CLIENT)
    from fluenzr import is_valid_webhook

    headers = signed(secret)
    assert is_valid_webhook(BODY, headers, secret)
    assert not is_valid_webhook(BODY + b" ", headers, secret)
    ours = {name: value for name, value in headers.items() if name.startswith("X-")}
    assert is_valid_webhook(BODY, ours, secret)
    if secret != "whsec_not base64!":
        assert is_valid_webhook(BODY, {k: v for k, v in headers.items() if k not in ours}, secret)


@needs_node
def test_while_a_secret_is_changed_who_has_not_changed_it_yet_accepts(receiver: Node) -> None:
    headers = signed(NEW, OLD)
    assert by_the_rule(headers, OLD)
    assert in_javascript(receiver, headers, OLD)
    assert by_the_library(headers, OLD)


def test_while_a_secret_is_changed_the_standard_header_has_both() -> None:
    headers = signed(NEW, OLD)
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert by_the_library(headers, NEW)
    assert not by_the_library(headers, signing.new_secret())


def test_a_secret_of_peoples_own() -> None:
    for secret in ("hush-hush: it's a secret", "Grüße", "whsec_not base64!"):
        headers = signed(secret)
        assert by_the_rule(headers, secret)
        assert by_the_library(headers, secret.encode())
    # Base64 by chance, or without its prefix: taken as it is, or decoded.
    for secret in ("c2VjcmV0c2VjcmV0c2VjcmV0", "hush", "c2VjcmV0cw"):
        headers = signed(secret)
        assert by_the_rule(headers, secret)
        assert by_the_library(headers, secret.encode())
        assert by_the_library(headers, secret)
    assert by_the_library(signed("whsec_c2VjcmV0cw"), "whsec_c2VjcmV0cw")


@pytest.mark.processes
@pytest.mark.once
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
@pytest.mark.parametrize("secret", [NEW, OLD, "c2VjcmV0c2VjcmV0c2VjcmV0"])
def test_the_reference_library_for_javascript_accepts_it(library: Path, secret: str) -> None:
    headers = signed(NEW, OLD) if secret in (NEW, OLD) else signed(secret)
    assert _in_reference(library, {"secret": secret, "headers": headers, "body": BODY.decode()}) == "evt_1"
    wrong = {"secret": signing.new_secret(), "headers": headers, "body": BODY.decode()}
    assert _in_reference(library, wrong) == "No matching signature found"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / "reference" / name, folder)
    subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, check=True)
    return folder


def _in_reference(folder: Path, given: dict[str, Any]) -> str:
    script = """
    const { Webhook } = require("standardwebhooks");
    const { secret, headers, body } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
    try { console.log(new Webhook(secret).verify(body, headers).id); } catch (error) { console.log(error.message); }
    """
    ran = subprocess.run(
        ["node", "-e", script], cwd=folder, input=json.dumps(given), capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()
