"""Signing in to a mailbox (OAuth 2, RFC 6749, with PKCE): where to send the person, and what comes of the code.

It knows no database: who calls keeps ``Begun`` in the person's session, and the tokens with the account.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Self
from urllib.parse import urlencode

import orjson

from campaigns.oauth import identity
from campaigns.oauth.identity import Identity
from campaigns.oauth.problems import Refused, Unavailable
from campaigns.oauth.providers import Provider, missing_settings
from fluenzr_site.core import clock, outbound, outbound_http
from fluenzr_site.core.saying import Sentence, say

LONGEST: Final = timedelta(minutes=10)
#: The token endpoint has these for the whole of its answer.
SECONDS: Final = 15.0
# RFC 6749 recommends telling it; who doesn't means about an hour.
_LIFETIME: Final = timedelta(hours=1)
_LONGEST_LIFETIME: Final = timedelta(days=1)
_LONGEST_TOKEN: Final = 16 * 1024
_LONGEST_SHOWN: Final = 300
# The person must sign in again. Others, such as invalid_client, are about the installation, or pass.
_GRANT_IS_GONE: Final = {"invalid_grant", "interaction_required", "login_required", "consent_required"}
_CLIENT_IS_WRONG: Final = {"invalid_client", "unauthorized_client"}
# An account keeps in English why it can't log in.
_NOT_SET: Final = Sentence("%(settings)s must be set.")
_UNKNOWN_CLIENT: Final = Sentence(
    "%(title)s doesn't know FLUENZR_%(name)s_CLIENT_ID with FLUENZR_%(name)s_CLIENT_SECRET."
)
_NO_ACCESS: Final = Sentence("%(title)s gives no access to the mailbox (%(why)s).")
_NOT_LASTING: Final = Sentence("%(title)s gave no lasting access to the mailbox.")
_NO_MAIL: Final = Sentence("%(title)s gave no access to the mail itself: sign in again, and leave every box ticked.")
_NOT_NOW: Final = Sentence("%(title)s can't be asked for access now (%(why)s).")


@dataclass(frozen=True, slots=True)
class Begun:
    """A person was sent to the provider: what must fit when he comes back. For a session alone."""

    provider: str
    workspace: str
    # Seconds since 1970.
    at: float
    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)

    def kept(self) -> dict[str, Any]:
        """For a session; ``of`` reads it."""
        return asdict(self)

    @classmethod
    def of(cls, kept: Any) -> Self | None:
        """None for what ``kept`` didn't give."""
        try:
            return cls(**kept)
        except TypeError:
            return None

    def fits(self, state: str) -> bool:
        return hmac.compare_digest(self.state.encode(), state.encode("utf-8", "replace"))

    def is_over(self, now: datetime) -> bool:
        return not 0 <= now.timestamp() - self.at <= LONGEST.total_seconds()


@dataclass(frozen=True, slots=True)
class Tokens:
    """``refresh_token`` is empty where a refreshing left it as it was. ``expires_at`` is the access token's."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime


def begin(provider: Provider, workspace_id: str, redirect_uri: str, *, mailbox: str = "") -> tuple[str, Begun]:
    """The address to send the person to, and what to keep. ``mailbox``: its address, where it is known."""
    begun = Begun(
        provider=provider.name,
        workspace=workspace_id,
        at=clock.now().timestamp(),
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
    )
    digest = hashlib.sha256(begun.verifier.encode()).digest()
    asked = {
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": " ".join((*provider.mail_scopes, *provider.scopes)),
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
        **provider.parameters,
    }
    if mailbox:
        asked["login_hint"] = mailbox
    return f"{provider.authorization_url}?{urlencode(asked)}", begun


def exchange(provider: Provider, begun: Begun, code: str, redirect_uri: str) -> tuple[Tokens, Identity]:
    """What the code is good for, and whose mailbox it is. Raises Refused or Unavailable; call it in no transaction."""
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    answer = _ask(provider, asked | {"code_verifier": begun.verifier}, hidden=(code, begun.verifier))
    _require_mail(provider, answer)
    tokens = _tokens(provider, answer)
    if not tokens.refresh_token:
        raise Refused(_NOT_LASTING(title=provider.title))
    return tokens, identity.read(provider, answer.get("id_token"), nonce=begun.nonce)


def refresh(provider: Provider, refresh_token: str) -> Tokens:
    """A new access token. Raises Refused when the person must sign in again, Unavailable when not now.

    Call it outside any transaction.
    """
    asked = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return _tokens(provider, _ask(provider, asked, hidden=(refresh_token,)))


def denied(provider: Provider, said: Mapping[str, str]) -> str:
    """What to tell a person who comes back without a code. ``said`` is what the provider's redirect carried."""
    if said.get("error") == "access_denied":
        return say("%(title)s was told not to give access to the mailbox.", title=provider.title)
    return _refusal(provider, said)


def _ask(provider: Provider, fields: dict[str, str], *, hidden: tuple[str, ...]) -> dict[str, Any]:
    """The token endpoint's answer. ``hidden`` are the secrets among the fields, that it may echo."""
    missing = missing_settings(provider.name)
    if missing:
        raise Unavailable(_NOT_SET(settings=", ".join(missing)))
    client = {"client_id": provider.client_id, "client_secret": provider.client_secret}
    try:
        answer = outbound_http.post_form(provider.token_url, client | fields, seconds=SECONDS)
    except outbound_http.HttpError as error:
        raise Unavailable(_unreachable(provider, str(error))) from None
    told = _object(answer.body)
    if answer.status == 200 and told:
        return told
    if answer.status in (400, 401) and isinstance(told.get("error"), str):
        raise _problem(provider, told, (*hidden, provider.client_secret))
    raise Unavailable(_unreachable(provider, f"HTTP {answer.status}"))


def _object(body: bytes) -> dict[str, Any]:
    """Empty for what isn't a JSON object."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def _problem(provider: Provider, told: dict[str, Any], hidden: tuple[str, ...]) -> Refused | Unavailable:
    if told["error"] in _GRANT_IS_GONE:
        return Refused(_refusal(provider, told, hidden))
    if told["error"] in _CLIENT_IS_WRONG:
        return Unavailable(_UNKNOWN_CLIENT(title=provider.title, name=provider.name.upper()))
    return Unavailable(_unreachable(provider, _why(told, hidden)))


def _refusal(provider: Provider, told: Mapping[str, Any], hidden: tuple[str, ...] = ()) -> str:
    return _NO_ACCESS(title=provider.title, why=_why(told, hidden))


def _unreachable(provider: Provider, why: str) -> str:
    return _NOT_NOW(title=provider.title, why=why)


def _why(told: Mapping[str, Any], hidden: tuple[str, ...] = ()) -> str:
    """The provider's own words, in a line."""
    words = ": ".join(str(told[name]) for name in ("error", "error_description") if told.get(name))
    return outbound.readable(words, without=hidden)[:_LONGEST_SHOWN] or say("it doesn't say why")


def _require_mail(provider: Provider, answer: dict[str, Any]) -> None:
    """The person may have given less than was asked for. An answer that doesn't say gives all (RFC 6749, 5.1)."""
    scope = answer.get("scope")
    granted = {_short(each) for each in scope.split()} if isinstance(scope, str) else set()
    if granted and not {_short(each) for each in provider.mail_scopes} <= granted:
        raise Refused(_NO_MAIL(title=provider.title))


def _short(scope: str) -> str:
    """Its last part: some tell a scope without the resource that it was asked for with."""
    return scope.rstrip("/").rpartition("/")[2].lower()


def _tokens(provider: Provider, answer: dict[str, Any]) -> Tokens:
    access, refresh_token = _token(answer.get("access_token")), _token(answer.get("refresh_token"))
    if not access:
        raise Unavailable(_unreachable(provider, say("its answer holds no token")))
    return Tokens(access, refresh_token, clock.now() + _lifetime(answer.get("expires_in")))


def _token(value: Any) -> str:
    """Empty for what can't be one: it goes into logins."""
    fits = isinstance(value, str) and value.isascii() and value.isprintable() and len(value) <= _LONGEST_TOKEN
    return value if fits else ""


def _lifetime(value: Any) -> timedelta:
    # Some send the number as text.
    told = isinstance(value, int) or (isinstance(value, str) and value.isdecimal() and len(value) < 10)
    seconds = int(value) if told else 0
    return min(timedelta(seconds=min(seconds, 10**6)), _LONGEST_LIFETIME) if seconds > 0 else _LIFETIME
