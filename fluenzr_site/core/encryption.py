"""Short secrets (passwords, tokens) as they are kept in the database: encrypted, and bound to their place.

Stored text is ``v1.<key id>.<base64url of nonce and ciphertext>``: AES-256-GCM, whose associated data is the
secret's context, such as ``email_account:acc_…:smtp_password``. A ciphertext copied to another row or column has
another context there, and can't be read. ``settings.FLUENZR_SECRET_KEYS`` lists the keys, each of at least 32
characters: the first encrypts, and all can decrypt, so that a new one is put in front of the old.
"""

import base64
import binascii
import hashlib
import re
import secrets
from functools import lru_cache
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from fluenzr_site.core.saying import Sentence, say

SHORTEST_KEY: Final = 32
_NONCE: Final = 12
# An account keeps in English why it can't log in.
_NO_KEY: Final = Sentence("The key with id %(key_id)s isn't among FLUENZR_SECRET_KEYS")
_ALTERED: Final = Sentence("Not encrypted for this place, or altered (key id %(key_id)s)")
_NOT_OURS: Final = Sentence("Not a text that encrypt() wrote (key id %(key_id)s)")
_STORED: Final = re.compile(r"v1\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)", re.ASCII)


class CannotDecrypt(Exception):
    """The text can't be read: its key is missing, it belongs elsewhere, or it was altered. Never tells a secret."""


class _Key(NamedTuple):
    id: str
    cipher: AESGCM


def encrypt(plain: str, *, context: str) -> str:
    """``plain`` under the current key, different at each call.

    Raises ValueError for text that isn't Unicode (lone surrogates), ImproperlyConfigured without a good key.
    """
    key = _keys()[0]
    nonce = secrets.token_bytes(_NONCE)
    sealed = nonce + key.cipher.encrypt(nonce, _utf8(plain), _utf8(context))
    return f"v1.{key.id}.{base64.urlsafe_b64encode(sealed).decode().rstrip('=')}"


def decrypt(stored: str, *, context: str) -> str:
    """What ``encrypt`` was given with the same context. Raises CannotDecrypt, which names the key id."""
    key_id, sealed = _parts(stored)
    key = next((key for key in _keys() if key.id == key_id), None)
    if key is None:
        raise CannotDecrypt(_NO_KEY(key_id=key_id))
    try:
        return key.cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _utf8(context)).decode()
    except (InvalidTag, ValueError):
        # ValueError: too short to hold a nonce.
        raise CannotDecrypt(_ALTERED(key_id=key_id)) from None


def key_id_of(stored: str) -> str:
    """The id of the key that it was encrypted with: 8 hex digits. Raises CannotDecrypt for any other text."""
    return _parts(stored)[0]


def current_key_id() -> str:
    """The id of the key that ``encrypt`` uses now. Raises ImproperlyConfigured without a good key."""
    return _keys()[0].id


def _parts(stored: str) -> tuple[str, bytes]:
    found = _STORED.fullmatch(stored)
    if not found:
        raise CannotDecrypt(say("Not a text that encrypt() wrote"))
    try:
        return found[1], base64.urlsafe_b64decode(found[2] + "=" * (-len(found[2]) % 4))
    except binascii.Error:
        raise CannotDecrypt(_NOT_OURS(key_id=found[1])) from None


def _keys() -> tuple[_Key, ...]:
    texts = tuple(getattr(settings, "FLUENZR_SECRET_KEYS", ()))
    if not texts:
        raise ImproperlyConfigured("FLUENZR_SECRET_KEYS must name at least one key")
    return tuple(_derived(text) for text in texts)


@lru_cache(maxsize=16)
def _derived(text: str) -> _Key:
    if len(text) < SHORTEST_KEY:
        raise ImproperlyConfigured(f"Each of FLUENZR_SECRET_KEYS must have at least {SHORTEST_KEY} characters")
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"fluenzr secrets").derive(_utf8(text))
    return _Key(hashlib.sha256(derived).hexdigest()[:8], AESGCM(derived))


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Python's own error carries the text.
        raise ValueError("Not Unicode text: it holds a lone surrogate") from None
