"""E-mail addresses: the strict form that is stored, and the lenient reading of an imported cell."""

import re
from typing import Final

from email_validator import EmailNotValidError, validate_email

from fluenzr_site.core.saying import say

MAX_LENGTH: Final = 254
_NOT_ONE: Final = say("Invalid email format")

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]++"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# Possessive and bounded throughout, so that no input makes it slow. An all-digit last label would be an
# IPv4 address.
_PLAIN = re.compile(
    rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*+@(?:{_LABEL}\.)+(?!\d+\Z){_LABEL}", re.IGNORECASE | re.ASCII
)

_SPACES = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
_SPACES += "\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
_INVISIBLE = "\x00\xad\u200b\u200c\u200d\u200e\u200f\u2060\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_INVISIBLE += "\ufeff"
#: Characters around a value that nobody typed on purpose: white space of every kind, zero width, byte
#: order mark.
BLANKS: Final = _SPACES + _INVISIBLE
_AROUND = BLANKS + "\"'`´“”„‘’‚«»‹›"
_WRAPPING = _AROUND + "<>()[],;"

_ANGLE = re.compile(r"<([^<>]*)>")
_SEPARATORS = re.compile(r"[,;/|\r\n\u2028\u2029\uff0c\uff1b\u3001]|\s:::\s")
_MAILTO = re.compile(r"mailto:", re.IGNORECASE)
_PHONE = re.compile(r"[\d\s+().-]+")


class InvalidAddress(ValueError):
    """The text is not one e-mail address; ``str()`` is one sentence for a person."""

    def __init__(self, message: str = _NOT_ONE) -> None:
        super().__init__(message)


def normalise(text: str) -> str:
    """The one spelling of an address: trimmed, NFC, lower case, domain in Unicode, at most 254 characters.

    Reserved domains (``.test``, ``example.com``) are fine: whether mail arrives is not a question of syntax.
    Raises InvalidAddress, and nothing else, for any other text.
    """
    text = text.strip()
    if not _is_plain(text):
        return _normalise_international(text)
    return text.lower()


def first_in_cell(cell: str) -> str | None:
    """The first address in an imported cell, normalised, or None where the cell is blank.

    Takes what people and products write: white space of every kind, quotes, ``mailto:``, ``Name <a@b>``,
    several addresses between commas, semicolons, slashes, white space or `` ::: ``; a phone number
    before the address is passed over. Raises InvalidAddress where there is text, but the first candidate
    isn't an address: guessing on from ``john doe@example.com`` would write to a stranger.
    """
    text = cell.strip(_AROUND)
    if not text:
        return None
    if _is_plain(text) and "/" not in text and "|" not in text:
        return text.lower()
    return normalise(_candidate(text))


def _is_plain(text: str) -> bool:
    """Whether the text is an ASCII address that needs no decoding."""
    return len(text) <= MAX_LENGTH and _PLAIN.fullmatch(text) is not None and "xn--" not in text.lower()


def _candidate(text: str) -> str:
    """The piece of a cell that should be the address."""
    angle = _ANGLE.search(text)
    if angle and "@" in angle[1] and "@" not in text[: angle.start()]:
        text = angle[1]
    parts = [part for raw in _SEPARATORS.split(text) if (part := raw.strip(_WRAPPING))]
    told = [part for part in parts if not _PHONE.fullmatch(part)]
    words = told[0].split() if told else [""]
    return _MAILTO.sub("", words[0], count=1).partition("?subject=")[0].strip(_WRAPPING).removesuffix(".")


def _normalise_international(text: str) -> str:
    """Normalises until nothing changes, since lower case can undo NFC (a Turkish İ) and reveal plain
    ASCII.
    """
    for _ in range(3):
        spelled = _validated(text)
        if spelled == text:
            return spelled
        if _is_plain(spelled):
            return spelled.lower()
        text = spelled
    raise InvalidAddress


def _validated(text: str) -> str:
    """One pass of the library over an address with non-ASCII letters or an ``xn--`` domain."""
    local, _, domain = text.rpartition("@")
    if not text.isprintable() or " " in text or "." not in domain:
        raise InvalidAddress
    if len(text) > MAX_LENGTH or len(local) > 64:
        raise InvalidAddress
    if text.isascii() and "xn--" not in domain.lower():
        raise InvalidAddress
    try:
        # The library refuses reserved names (.test, .invalid) whatever it is told; under one more label
        # it can't.
        checked = validate_email(f"{text}.com", check_deliverability=False, allow_smtputf8=True)
    except (EmailNotValidError, UnicodeError, ValueError) as error:
        raise InvalidAddress from error
    domain = checked.domain.removesuffix(".com")
    spelled = f"{checked.local_part}@{domain}".lower()
    if "." not in domain or domain.rpartition(".")[2].isdecimal() or len(spelled) > MAX_LENGTH:
        raise InvalidAddress
    return spelled
