"""Bytes and encoded words to text that can be stored: never raises, never slower than linear."""

import base64
import binascii
import codecs
import re
from typing import Final

#: Characters of one header that are decoded; the rest is dropped.
MOST_HEADER: Final = 4_000

# Codecs of Python that no mail means, some of them quadratic (punycode, idna) or able to make lone surrogates.
_REFUSED = {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
# What senders call Latin-1 or ASCII is Windows-1252 (WHATWG Encoding Standard, section 4.2).
_WIDENED = {"iso8859-1": "cp1252", "ascii": "utf-8"}
_LEADS = bytes(range(0xC2, 0xF5))
# Some mailers leave spaces in the encoded text; all else is as RFC 2047 section 2 has it.
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,1000})\?=")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]+")


def clean(text: str) -> str:
    """The text without NULs, other control characters (tab and line feed stay) and lone surrogates."""
    return _UNSTORABLE.sub("", text)


def decode(data: bytes, charset: str | None = None) -> str:
    """The text of the bytes in the charset named, else UTF-8, else Windows-1252; line ends as ``\\n``."""
    try:
        text = data.decode(_codec(charset), "strict")
    except (LookupError, ValueError):
        text = _decode_lenient(data, charset)
    return clean(text.replace("\r\n", "\n").replace("\r", "\n"))


def _codec(charset: str | None) -> str:
    name = (charset or "utf-8").strip("\"' ").partition("*")[0][:60]
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError, UnicodeError):
        return "utf-8"
    if found in _REFUSED:
        return "utf-8"
    return _WIDENED.get(found, found)


def _decode_lenient(data: bytes, charset: str | None) -> str:
    """Windows-1252 for what isn't valid UTF-8, unless another charset was named and merely has a bad byte."""
    codec = _codec(charset)
    try:
        return data.decode("cp1252" if codec == "utf-8" and not _mostly_utf8(data) else codec, "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")


def _mostly_utf8(data: bytes) -> bool:
    lost = data.decode("utf-8", "replace").count("\ufffd")
    return lost * 4 < len(data) - len(data.translate(None, _LEADS))


def from_base64(data: bytes) -> bytes:
    """The decoded bytes; characters outside the alphabet and a lost end are passed over (RFC 2045 6.8)."""
    kept = _NOT_BASE64.sub(b"", data)
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    return base64.b64decode(kept + b"=" * (-len(kept) % 4))


def from_quoted_printable(data: bytes) -> bytes:
    """The decoded bytes; a broken escape stays as it is (RFC 2045 6.7)."""
    return binascii.a2b_qp(data)


def decode_words(text: str) -> str:
    """The header's text with its encoded words (RFC 2047) decoded, white space folded to single spaces.

    Neighbouring words of one charset are joined before they are decoded, since senders cut characters in
    two. A word that can't be decoded stays as it stands.
    """
    pieces: list[tuple[str | None, bytes]] = []
    end = 0
    text = text[:MOST_HEADER]
    for word in _WORD.finditer(text):
        between = text[end : word.start()]
        if between.strip() or not pieces:
            pieces.append((None, between.encode("utf-8", "replace")))
        _add_word(pieces, word)
        end = word.end()
    pieces.append((None, text[end:].encode("utf-8", "replace")))
    return " ".join("".join(decode(data, charset) for charset, data in pieces).split())


def _add_word(pieces: list[tuple[str | None, bytes]], word: re.Match[str]) -> None:
    charset, encoding, encoded = word.groups()
    data = encoded.encode("utf-8", "replace")
    data = from_base64(data) if encoding in "bB" else binascii.a2b_qp(data, header=True)
    if pieces and pieces[-1][0] == charset.lower():
        pieces[-1] = (pieces[-1][0], pieces[-1][1] + data)
    else:
        pieces.append((charset.lower(), data))
