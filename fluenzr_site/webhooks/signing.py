"""Signing of webhooks: FluenzR's own two headers, and beside them the three of Standard Webhooks.

While a secret is being changed two are valid, the new and the old. ``webhook-signature`` then has a signature with
each. ``X-FluenzR-Signature`` has room for one, since receivers compare it as a whole: it stays with the *oldest* valid
secret, so that a receiver that nobody has touched yet goes on accepting. One that checks this header and gets the
new secret early must know both until the old one ends; with the new secret first, every receiver would break at once.
"""

import base64
import binascii
import hmac
import secrets as chance
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

PREFIX: Final = "whsec_"
USER_AGENT: Final = "FluenzR-Webhooks/1"
# Standard Webhooks want 24 to 64; 24 need no padding.
_SECRET_BYTES: Final = 24


def new_secret() -> str:
    """``whsec_`` and 32 characters of base64."""
    return PREFIX + base64.b64encode(chance.token_bytes(_SECRET_BYTES)).decode()


def headers(body: bytes, *, secrets: Sequence[str], message_id: str, at: int) -> dict[str, str]:
    """All the headers of a webhook's request.

    ``secrets``: the valid ones, newest first; at least one. ``message_id``: the event's, the same on each attempt.
    ``at``: of this attempt, in epoch seconds.
    """
    return {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "X-FluenzR-Timestamp": str(at),
        "X-FluenzR-Signature": f"sha256={_hmac(secrets[-1].encode(), b'%d.' % at + body).hex()}",
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": _standard(f"{message_id}.{at}.".encode() + body, secrets),
    }


def _standard(message: bytes, secrets: Sequence[str]) -> str:
    keys = dict.fromkeys(key for secret in secrets for key in _standard_keys(secret))
    return " ".join(f"v1,{base64.b64encode(_hmac(key, message)).decode()}" for key in keys)


@lru_cache(maxsize=1024)
def _standard_keys(secret: str) -> tuple[bytes, ...]:
    """The keys that a library of Standard Webhooks may make of a secret.

    Of ``whsec_…`` and base64 it is what the base64 says. Any other secret, which people gave themselves, is taken as
    its UTF-8 bytes by our clients, and by the reference libraries when they are told that it is raw; untold they read
    it as base64. Where it happens to be that, there are two keys.
    """
    decoded = _base64(secret.removeprefix(PREFIX))
    if decoded and secret.startswith(PREFIX):
        return (decoded,)
    return (secret.encode(), decoded) if decoded else (secret.encode(),)


def _base64(text: str) -> bytes:
    """Empty when it is none. The padding may be missing, as it may for the reference library."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")
