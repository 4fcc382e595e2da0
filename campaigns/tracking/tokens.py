"""Signed paths of public links. What isn't ours, or is of another purpose, reads as nothing."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from typing import Final, Literal

from django.conf import settings

Purpose = Literal["open", "click", "unsubscribe"]
_SIGNATURE_BYTES: Final = 16
_ID: Final = re.compile(r"[a-z]{3}_[0-9a-z]{20}")


def sign(purpose: Purpose, *ids: str) -> str:
    """A token that stands for these ids and this purpose: readable ids, then a signature, joined by dots."""
    return ".".join([*ids, _signature(purpose, ids)])


def read(purpose: Purpose, token: str, *, count: int) -> tuple[str, ...] | None:
    """The ids of a token of that purpose; None for any other text."""
    *ids, signature = token.split(".")
    if len(ids) != count or not all(_ID.fullmatch(each) for each in ids) or not signature.isascii():
        return None
    return tuple(ids) if hmac.compare_digest(signature, _signature(purpose, tuple(ids))) else None


def url(path: str, token: str) -> str:
    """The whole address, on the site's public name. ``path``: ``o``, ``c`` or ``u``."""
    return f"{settings.FLUENZR_PUBLIC_URL}/{path}/{token}"


def _signature(purpose: str, ids: tuple[str, ...]) -> str:
    key: str = settings.FLUENZR_LINK_KEY
    signed = "\0".join([purpose, *ids]).encode()
    digest = hmac.new(key.encode(), signed, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
    return urlsafe_b64encode(digest).decode().rstrip("=")
