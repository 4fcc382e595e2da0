"""Signed paths of public links. What isn't ours, or is of another purpose, reads as nothing."""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final, Literal

from django.conf import settings

Purpose = Literal["open", "click", "unsubscribe"]
_SIGNATURE_BYTES: Final = 16
# An id, a digest of 32 bytes, or a mark of 8.
_PART: Final = re.compile(r"[a-z]{3}_[0-9a-z]{20}|[0-9A-Za-z_-]{43}|[0-9A-Za-z_-]{11}")
_MARK_BYTES: Final = 8


def sign(purpose: Purpose, *ids: str) -> str:
    """A token that stands for these ids and this purpose: readable ids, then a signature, joined by dots."""
    return ".".join([*ids, _signature(purpose, ids)])


def read(purpose: Purpose, token: str, *, count: int) -> tuple[str, ...] | None:
    """The ids of a token of that purpose; None for any other text."""
    *ids, signature = token.split(".")
    if len(ids) != count or not all(_PART.fullmatch(each) for each in ids) or not signature.isascii():
        return None
    return tuple(ids) if hmac.compare_digest(signature, _signature(purpose, tuple(ids))) else None


def sign_unsubscribing(message_id: str, workspace_id: str, digest: str) -> str:
    """``digest`` is of the recipient's address, in hexadecimal: what can be suppressed once the message is gone."""
    return sign("unsubscribe", message_id, mark(workspace_id), _text(bytes.fromhex(digest)))


def read_unsubscribing(token: str) -> tuple[str, str, str] | None:
    """The message's id, the workspace's mark, and the digest in hexadecimal; None for any other text."""
    ids = read("unsubscribe", token, count=3)
    if ids is None:
        return None
    message_id, marked, digest = ids
    return message_id, marked, urlsafe_b64decode(digest + "=").hex()


def mark(workspace_id: str) -> str:
    """Stands for a workspace in e-mails, which hold no id that the API knows."""
    return _keyed("workspace", workspace_id, length=_MARK_BYTES)


def url(path: str, token: str) -> str:
    """The whole address, on the site's public name. ``path``: ``o``, ``c`` or ``u``."""
    return f"{settings.FLUENZR_PUBLIC_URL}/{path}/{token}"


def _signature(purpose: str, ids: tuple[str, ...]) -> str:
    return _keyed(purpose, *ids, length=_SIGNATURE_BYTES)


def _keyed(*said: str, length: int) -> str:
    """The first bytes of what only our key makes of it."""
    key: str = settings.FLUENZR_LINK_KEY
    return _text(hmac.digest(key.encode(), "\0".join(said).encode(), "sha256")[:length])


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")
