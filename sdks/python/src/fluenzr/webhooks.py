"""For the receiver of webhooks: is this request from the server that shares my secret, and recent?"""

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import Final

from fluenzr.errors import FluenzrError, InvalidSignature
from fluenzr.models import Event

PREFIX: Final = "whsec_"


def verify_webhook(
    body: bytes, headers: Mapping[str, str], secret: str, tolerance: float = 300, now: float | None = None
) -> Event:
    """The event in a webhook's request. Raises InvalidSignature unless it was signed with ``secret`` and is recent.

    ``body`` is what arrived, byte for byte, before anything parses it. One valid signature is enough, of
    X-FluenzR-Signature or of the Standard Webhooks headers: so the old secret and the new one are both accepted while
    it is being changed. ``tolerance`` is in seconds, into the past and the future.
    An event may arrive more than once: keep the ids of those you have treated.
    """
    if not isinstance(body, bytes):
        raise TypeError("body must be the request's bytes as they arrived")
    if not secret:
        raise ValueError("secret must not be empty")
    lower = {name.lower(): value for name, value in headers.items()}
    signed = list(_signed(lower, body, secret))
    if not signed:
        raise InvalidSignature("The request has no signature headers")
    moment = time.time() if now is None else now
    fresh = [(expected, said) for stamp, expected, said in signed if _is_recent(stamp, moment, tolerance)]
    if not fresh:
        raise InvalidSignature("The timestamp is missing, too old or in the future")
    if not any(_matches(expected, said) for expected, said in fresh):
        raise InvalidSignature("No signature matches: another secret, or the body was changed on its way")
    return _event(body)


def is_valid_webhook(
    body: bytes, headers: Mapping[str, str], secret: str, tolerance: float = 300, now: float | None = None
) -> bool:
    """Whether ``verify_webhook`` accepts the request."""
    try:
        verify_webhook(body, headers, secret, tolerance, now)
    except FluenzrError:
        return False
    return True


def _signed(headers: Mapping[str, str], body: bytes, secret: str) -> Iterator[tuple[str, str, str]]:
    """Of each kind of signature that is there: its timestamp, what it should be, what the request says."""
    if "x-fluenzr-signature" in headers:
        stamp = headers.get("x-fluenzr-timestamp", "").strip()
        digest = _hmac(secret.encode(), _bytes(stamp) + b"." + body)
        yield stamp, f"sha256={digest.hex()}", headers["x-fluenzr-signature"]
    if "webhook-signature" in headers:
        stamp = headers.get("webhook-timestamp", "").strip()
        message = _bytes(f"{headers.get('webhook-id', '').strip()}.{stamp}.") + body
        digest = _hmac(_standard_key(secret), message)
        yield stamp, f"v1,{base64.b64encode(digest).decode()}", headers["webhook-signature"]


def _standard_key(secret: str) -> bytes:
    """What Standard Webhooks sign with: of ``whsec_`` and base64, padded or not, what it says; else the text itself."""
    text = secret.removeprefix(PREFIX)
    try:
        key = b"" if text == secret else base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    return key or secret.encode()


def _bytes(header: str) -> bytes:
    """A header may hold what no UTF-8 can; then nothing matches."""
    return header.encode("utf-8", "replace")


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _is_recent(stamp: str, now: float, tolerance: float) -> bool:
    return re.fullmatch(r"[0-9]{1,12}", stamp) is not None and abs(now - int(stamp)) <= tolerance


def _matches(expected: str, said: str) -> bool:
    """Several signatures stand side by side while a secret is being changed."""
    return any(hmac.compare_digest(expected.encode(), _bytes(one)) for one in said.split())


def _event(body: bytes) -> Event:
    try:
        return Event.from_json(json.loads(body))
    except ValueError as error:
        raise FluenzrError(f"The webhook is signed, but its body isn't an event: {error}") from error
