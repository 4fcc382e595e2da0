"""Recognises, from its first bytes, a file that isn't text, and says what to do about it."""

from typing import Final

from contacts.imports.table import Unreadable
from fluenzr_site.core.saying import Sentence, say

ZIP: Final = b"PK\x03\x04"

# An import keeps why it failed in English.
_ADVISED: Final = Sentence("%(problem)s. Export or save the contacts as CSV (UTF-8) or XLSX and try again.")
# The same after the file's name, as ``reading.of_file`` puts it.
Sentence("%(file)s: %(problem)s. Export or save the contacts as CSV (UTF-8) or XLSX and try again.")
_EMPTY: Final = say("The file is empty")
_KINDS: Final = (
    (b"\xd0\xcf\x11\xe0", say("This is an old Excel workbook (.xls). Open it in a spreadsheet program")),
    (b"PK\x05\x06", say("This is an empty ZIP archive, not contacts. Choose the CSV or XLSX file itself")),
    (b"\x89PNG", say("This is a picture (PNG), not contacts")),
    (b"\xff\xd8\xff", say("This is a picture (JPEG), not contacts")),
    (b"GIF8", say("This is a picture (GIF), not contacts")),
    (b"%PDF", say("This is a PDF document, not contacts")),
    (b"\x1f\x8b", say("This is a compressed file (gzip). Unpack it first")),
    (b"7z\xbc\xaf", say("This is a compressed archive (7z). Unpack it first")),
    (b"Rar!", say("This is a compressed archive (RAR). Unpack it first")),
    (b"{\\rtf", say("This is a text document (RTF), not contacts")),
    (b"SQLite format 3", say("This is a database, not contacts")),
)
_MARKUP: Final = (
    (b"<!doctype", say("This is a web page, not contacts")),
    (b"<html", say("This is a web page, not contacts")),
    (b"<table", say("This is a web page, not contacts")),
    (b"<?xml", say("This is an XML document, not contacts")),
    (b"begin:vcard", say("This is a vCard address book")),
    (b"[{", say("This is a JSON document, not a table")),
    (b'{"', say("This is a JSON document, not a table")),
)
# Bytes that text holds only by accident; NUL, tab, line ends, form feed, escape and substitute do occur
# in exports.
_CONTROLS = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1A, 0x1B}) + b"\x7f"


def refuse_binary(head: bytes) -> None:
    """Raises Unreadable for what can't be a table of contacts; ``head`` is the first kilobytes."""
    if not head.strip():
        raise Unreadable(_ADVISED(problem=_EMPTY))
    for magic, message in _KINDS:
        if head.startswith(magic):
            raise Unreadable(_ADVISED(problem=message))
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:16].lower()
    for opening, message in _MARKUP:
        if start.startswith(opening):
            raise Unreadable(_ADVISED(problem=message))


def refuse_noise(head: bytes) -> None:
    """Raises Unreadable where so many bytes are control characters that no 8-bit encoding can be meant."""
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > max(8, len(head) // 20):
        raise Unreadable(_ADVISED(problem=say("This is binary data, not a table of contacts")))


def refuse_blank(text: str) -> None:
    """Raises Unreadable where the text is nothing but white space (a lone byte order mark, say)."""
    if not text.strip("\ufeff\x00 \t\r\n"):
        raise Unreadable(_ADVISED(problem=_EMPTY))
