"""Finds the encoding of a text file: byte order mark, then strict UTF-8, then what the bytes tell.

Guessing libraries name Western 8-bit encodings wrongly, so they come last. The whole file is checked
against UTF-8 once, in chunks. No byte ever loses a row: where UTF-8 clearly is meant but a stray byte
isn't (lists pasted together), that byte alone is read as Windows-1252, wherever it stands; in the other
encodings an impossible byte becomes U+FFFD.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from charset_normalizer import from_bytes

from contacts.imports import scripts
from contacts.imports.table import Source

_CHUNK = 1 << 20
_EVIDENCE = 1 << 16
_STRAY = "contacts.stray-windows-1252"
# No byte of a multi-byte character in any encoding here is one of these, so cells can be cut out before
# decoding.
_CELL = re.compile(rb'[^\r\n,;\t"]+')
_LEADS = bytes(range(0xC2, 0xF5))
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le-bom", "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be-bom", "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le-bom", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be-bom", "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """``name`` as people know it, ``codec`` and ``errors`` as ``open()`` takes them."""

    name: str
    codec: str
    errors: str = "replace"


def _read_stray(error: UnicodeError) -> tuple[str, int]:
    """Reads the bytes that UTF-8 (or Windows-1252) has no meaning for as Windows-1252, else as Latin-1."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    stray = error.object[error.start : error.end]
    try:
        return stray.decode("cp1252"), error.end
    except UnicodeDecodeError:
        return stray.decode("latin-1"), error.end


codecs.register_error(_STRAY, _read_stray)


def detect(source: Source, head: bytes) -> Encoding:
    """The encoding of the whole file; ``head`` is its first 64 kB."""
    for bom, name, codec in _BOMS:
        if head.startswith(bom):
            return Encoding(name, codec, _STRAY if codec == "utf-8-sig" else "replace")
    wide = _without_bom(head)
    if wide:
        return wide
    if _means_utf8(source):
        return Encoding("utf-8", "utf-8", _STRAY)
    return _eight_bit(b"\n".join(_evidence(source)))


def _without_bom(head: bytes) -> Encoding | None:
    """UTF-16 without a mark: the NULs of its ASCII letters and separators stand at every other byte."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    few, many = sorted((even, odd))
    if many < 3 or few * 10 > many:
        return None
    if many * 5 < len(head) and _is_utf8(head):
        return None
    order = "be" if even > odd else "le"
    return Encoding(f"utf-16-{order}", f"utf-16-{order}")


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _means_utf8(source: Source) -> bool:
    """Whether all bytes are UTF-8, or clearly more characters are than aren't."""
    good = bad = 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for chunk in _chunks(source):
        lost = 0 if chunk.isascii() else decoder.decode(chunk).count("\ufffd") - chunk.count(b"\xef\xbf\xbd")
        bad += max(lost, 0)
        good += max(len(chunk) - len(chunk.translate(None, _LEADS)) - lost, 0)
        if bad > 1000 and bad > good:
            return False
    return bad == 0 or good > bad


def _chunks(source: Source) -> Iterator[bytes]:
    with source() as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _evidence(source: Source) -> Iterator[bytes]:
    """Cells that hold non-ASCII bytes, up to 64 kB, from wherever in the file they are."""
    size = 0
    for chunk in _chunks(source):
        if chunk.isascii():
            continue
        for cell in _CELL.findall(chunk):
            if not cell.isascii():
                yield cell[:1000]
                size += len(cell[:1000])
            if size > _EVIDENCE:
                return


def _keeps_ascii(codec: str) -> bool:
    """Whether the encoding leaves separators and addresses as they are; mainframes' and UTF-7 don't."""
    ascii_bytes = bytes(range(0x20, 0x7F))
    return ascii_bytes.decode(codec, "replace") == ascii_bytes.decode("ascii")


def _eight_bit(evidence: bytes) -> Encoding:
    found = scripts.best(evidence)
    if found:
        return Encoding(*found, errors=_STRAY if found[1] == "cp1252" else "replace")
    guess = from_bytes(evidence).best()
    if guess is None or not _keeps_ascii(guess.encoding):
        return Encoding("windows-1252", "cp1252", _STRAY)
    return Encoding(guess.encoding, guess.encoding)
