"""What an API key looks like, and what of it is kept.

``flz_sk_`` and 32 characters: 26 of chance, 6 of checksum, so that a mistyped key costs no query. Kept is an
HMAC of it under the installation's pepper: a stolen database opens nothing.
"""

import hashlib
import hmac
import secrets
import string
import zlib

from django.conf import settings

PREFIX = "flz_sk_"
_ALPHABET = string.digits + string.ascii_letters
_CHANCE, _CHECKSUM = 26, 6
# Enough to recognise a key by, far too little to guess it from.
SHOWN = len(PREFIX) + 4


def make() -> str:
    """A new key."""
    chance = "".join(secrets.choice(_ALPHABET) for _ in range(_CHANCE))
    return PREFIX + chance + _checksum(chance)


def is_well_formed(key: str) -> bool:
    body = key.removeprefix(PREFIX)
    if not key.startswith(PREFIX) or len(body) != _CHANCE + _CHECKSUM or not body.isascii():
        return False
    return hmac.compare_digest(_checksum(body[:_CHANCE]), body[_CHANCE:])


def digest(key: str) -> str:
    """What is stored and looked up: 64 hexadecimal characters."""
    pepper: str = settings.FLUENZR_KEY_PEPPER
    return hmac.new(pepper.encode(), key.encode(), hashlib.sha256).hexdigest()


def _checksum(chance: str) -> str:
    number = zlib.crc32(chance.encode())
    characters = []
    for _ in range(_CHECKSUM):
        number, rest = divmod(number, len(_ALPHABET))
        characters.append(_ALPHABET[rest])
    return "".join(characters)
