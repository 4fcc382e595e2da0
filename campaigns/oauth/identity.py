"""Whose mailbox it is: the id token (OpenID Connect) that came with the others.

Its signature isn't looked at: it came straight from the token endpoint, over TLS (OpenID Connect Core 3.1.3.7).
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from typing import Any, Final

import orjson

from campaigns.oauth.problems import Refused
from campaigns.oauth.providers import Provider
from fluenzr_site.core import clock
from fluenzr_site.core.saying import say

# Clocks differ.
_LEEWAY_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Identity:
    """The mailbox's address, and the name it is logged in to with, which is nearly always the same."""

    email: str
    username: str


def read(provider: Provider, id_token: Any, *, nonce: str) -> Identity:
    """Raises Refused for a token that isn't for us, now and for this signing in, or that names no address."""
    claims = _claims(id_token)
    if not (_is_for(provider, claims) and _is_from(provider, claims) and _is_now(claims) and _has(nonce, claims)):
        raise Refused(say("%(title)s didn't say properly whose mailbox it is.", title=provider.title))
    username = _address(claims.get("preferred_username"))
    email = _address(claims.get("email")) or username
    if not email:
        raise Refused(say("%(title)s didn't tell the mailbox's address.", title=provider.title))
    return Identity(email, username or email)


def _claims(id_token: Any) -> dict[str, Any]:
    """Empty for what isn't a token."""
    if not isinstance(id_token, str) or id_token.count(".") != 2:
        return {}
    payload = id_token.split(".")[1]
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _is_for(provider: Provider, claims: dict[str, Any]) -> bool:
    audience = claims.get("aud")
    if isinstance(audience, list):
        return provider.client_id in audience and (len(audience) == 1 or claims.get("azp") == provider.client_id)
    return bool(audience == provider.client_id)


def _is_from(provider: Provider, claims: dict[str, Any]) -> bool:
    tenant = str(claims.get("tid", ""))
    known = {each.replace("{tid}", tenant) for each in provider.issuers}
    return not known or claims.get("iss") in known


def _is_now(claims: dict[str, Any]) -> bool:
    until = claims.get("exp")
    return isinstance(until, int | float) and clock.now().timestamp() < until + _LEEWAY_SECONDS


def _has(nonce: str, claims: dict[str, Any]) -> bool:
    told = claims.get("nonce")
    return isinstance(told, str) and hmac.compare_digest(told.encode("utf-8", "replace"), nonce.encode())


def _address(value: Any) -> str:
    return value.strip() if isinstance(value, str) and "@" in value else ""
