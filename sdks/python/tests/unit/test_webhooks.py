import base64
import hashlib
import hmac
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fluenzr import FluenzrError, InvalidSignature, is_valid_webhook, verify_webhook

RAW = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(RAW).decode()
NOW = 1_750_000_000
TEXT = '{"id":"evt_1","type":"email.opened","timestamp":"2025-06-15T15:06:40Z","data":{"contactId":"con_1","a":"é"}}'
BODY = TEXT.encode()
# Signed by the server's own code; the client for JavaScript is tested with the same.
SIGNED = json.loads((Path(__file__).parents[3] / "signed-webhooks.json").read_text(encoding="utf-8"))
SIGNED_BODY: bytes = SIGNED["body"].encode()


def ours(body: bytes = BODY, secret: str = SECRET, stamp: int | str = NOW) -> dict[str, str]:
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-FluenzR-Timestamp": str(stamp), "X-FluenzR-Signature": f"sha256={digest}"}


def standard(body: bytes = BODY, key: bytes = RAW, stamp: int | str = NOW) -> dict[str, str]:
    digest = hmac.new(key, f"evt_1.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": "evt_1", "webhook-timestamp": str(stamp), "webhook-signature": signature}


@pytest.mark.parametrize("headers", [ours(), standard(), ours() | standard()])
def test_a_signed_event(headers: dict[str, str]) -> None:
    event = verify_webhook(BODY, headers, SECRET, now=NOW + 10)
    assert (event.id, event.type, event.data["contactId"]) == ("evt_1", "email.opened", "con_1")
    assert event.timestamp == datetime(2025, 6, 15, 15, 6, 40, tzinfo=UTC)
    shouted = {name.upper(): value for name, value in headers.items()}
    assert is_valid_webhook(BODY, shouted, SECRET, now=NOW)


def test_the_example_of_standard_webhooks() -> None:
    body = b'{"test": 2432232314}'
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    assert is_valid_webhook(body, headers, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", now=1614265330)


@pytest.mark.parametrize("name", ["X-FluenzR-Signature", "webhook-signature"])
def test_one_of_several_signatures_is_enough(name: str) -> None:
    headers = ours() if name.startswith("X") else standard()
    headers[name] = f"v1a,xx sha256=00 {headers[name]} v1,zz"
    assert is_valid_webhook(BODY, headers, SECRET, now=NOW)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BODY, {}),
        (BODY + b" ", ours() | standard()),
        (BODY, ours(secret="whsec_other")),
        (BODY, standard(key=b"other")),
        (BODY, ours() | {"X-FluenzR-Timestamp": str(NOW + 1)}),
        (BODY, standard() | {"webhook-id": "evt_2"}),
        (BODY, ours() | {"X-FluenzR-Signature": ""}),
        (BODY, ours() | {"X-FluenzR-Signature": "sha256=\udcff\u20ac"}),
        (BODY, {"X-FluenzR-Signature": ours()["X-FluenzR-Signature"]}),
        (BODY, ours(stamp="soon")),
        (BODY, ours(stamp=f" {NOW}.5")),
        (BODY, ours(stamp=-NOW)),
        (BODY, ours(stamp="\u0661" * 10)),
        (BODY, ours(stamp="9" * 400)),
        (BODY, ours() | {"X-FluenzR-Timestamp": "\udcff"}),
        (BODY, standard() | {"webhook-id": "\udcff"}),
    ],
)
def test_what_is_not_signed_is_refused(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(InvalidSignature):
        verify_webhook(body, headers, SECRET, now=NOW)
    assert not is_valid_webhook(body, headers, SECRET, now=NOW)


@pytest.mark.parametrize("headers", [ours(), standard()])
@pytest.mark.parametrize("away", [-301, 301])
def test_old_and_future_requests_are_refused(headers: dict[str, str], away: int) -> None:
    with pytest.raises(InvalidSignature, match="too old or in the future"):
        verify_webhook(BODY, headers, SECRET, now=NOW + away)
    assert is_valid_webhook(BODY, headers, SECRET, tolerance=400, now=NOW + away)
    assert is_valid_webhook(BODY, headers, SECRET, now=NOW + away // 301 * 300)


@pytest.mark.parametrize("call", SIGNED["calls"], ids=lambda call: call["name"])
def test_what_the_server_signs_is_accepted_with_each_valid_secret(call: dict[str, Any]) -> None:
    headers, secrets, at = call["headers"], call["secrets"], SIGNED["at"]
    for secret in secrets:
        assert verify_webhook(SIGNED_BODY, headers, secret, now=at).data["contactEmail"] == "é@example.com"
        assert not is_valid_webhook(SIGNED_BODY + b" ", headers, secret, now=at)
        assert not is_valid_webhook(SIGNED_BODY, headers, secret, now=at + 301)
        assert not is_valid_webhook(SIGNED_BODY, headers, f"{secret}x", now=at)
        standard_alone = {name: value for name, value in headers.items() if name.startswith("webhook-")}
        assert is_valid_webhook(SIGNED_BODY, standard_alone, secret, now=at)
        # This header has room for the oldest one's.
        ours_alone = {name: value for name, value in headers.items() if name.startswith("X-")}
        assert is_valid_webhook(SIGNED_BODY, ours_alone, secret, now=at) == (secret == secrets[-1])


@pytest.mark.parametrize("good", [ours(), standard()])
def test_a_recent_signature_is_enough_beside_an_old_one(good: dict[str, str]) -> None:
    old = NOW - 301
    other = standard(stamp=old) if "X-FluenzR-Signature" in good else ours(stamp=old)
    assert is_valid_webhook(BODY, good | other, SECRET, now=NOW)
    forged = {name: "v1,AAAA" if "ignature" in name else value for name, value in good.items()}
    assert not is_valid_webhook(BODY, forged | other, SECRET, now=NOW)


def test_now_is_now() -> None:
    assert not is_valid_webhook(BODY, ours(), SECRET)


def test_a_secret_of_the_receivers_own() -> None:
    own = os.urandom(8).hex()
    assert is_valid_webhook(BODY, ours(secret=own), own, now=NOW)
    assert is_valid_webhook(BODY, standard(key=own.encode()), own, now=NOW)
    broken = "whsec_not base64!"
    assert is_valid_webhook(BODY, ours(secret=broken), broken, now=NOW)
    assert is_valid_webhook(BODY, standard(key=broken.encode()), broken, now=NOW)
    assert not is_valid_webhook(BODY, standard(key=b""), "whsec_", now=NOW)


def test_misuse() -> None:
    with pytest.raises(TypeError, match="bytes"):
        verify_webhook("{}", ours(), SECRET)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="secret"):
        verify_webhook(BODY, ours(secret=""), "")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
def test_a_signed_body_that_is_no_event(body: bytes) -> None:
    with pytest.raises(FluenzrError, match="isn't an event"):
        verify_webhook(body, ours(body), SECRET, now=NOW)
