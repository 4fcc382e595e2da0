"""Recognises, from its first bytes, a file that isn't text, and says what to do about it."""

from typing import Final

from contacts.imports.table import Unreadable

ZIP: Final = b"PK\x03\x04"

_ADVICE = "Export or save the contacts as CSV (UTF-8) or XLSX and try again."
_KINDS: Final = (
    (b"\xd0\xcf\x11\xe0", "This is an old Excel workbook (.xls). Open it in a spreadsheet program"),
    (b"PK\x05\x06", "This is an empty ZIP archive, not contacts. Choose the CSV or XLSX file itself"),
    (b"\x89PNG", "This is a picture (PNG), not contacts"),
    (b"\xff\xd8\xff", "This is a picture (JPEG), not contacts"),
    (b"GIF8", "This is a picture (GIF), not contacts"),
    (b"%PDF", "This is a PDF document, not contacts"),
    (b"\x1f\x8b", "This is a compressed file (gzip). Unpack it first"),
    (b"7z\xbc\xaf", "This is a compressed archive (7z). Unpack it first"),
    (b"Rar!", "This is a compressed archive (RAR). Unpack it first"),
    (b"{\\rtf", "This is a text document (RTF), not contacts"),
    (b"SQLite format 3", "This is a database, not contacts"),
)
_MARKUP: Final = (
    (b"<!doctype", "This is a web page, not contacts"),
    (b"<html", "This is a web page, not contacts"),
    (b"<table", "This is a web page, not contacts"),
    (b"<?xml", "This is an XML document, not contacts"),
    (b"begin:vcard", "This is a vCard address book"),
    (b"[{", "This is a JSON document, not a table"),
    (b'{"', "This is a JSON document, not a table"),
)
# Bytes that text holds only by accident; NUL, tab, line ends, form feed, escape and substitute do occur
# in exports.
_CONTROLS = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1A, 0x1B}) + b"\x7f"


def refuse_binary(head: bytes) -> None:
    """Raises Unreadable for what can't be a table of contacts; ``head`` is the first kilobytes."""
    if not head.strip():
        raise Unreadable(f"The file is empty. {_ADVICE}")
    for magic, message in _KINDS:
        if head.startswith(magic):
            raise Unreadable(f"{message}. {_ADVICE}")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:16].lower()
    for opening, message in _MARKUP:
        if start.startswith(opening):
            raise Unreadable(f"{message}. {_ADVICE}")


def refuse_noise(head: bytes) -> None:
    """Raises Unreadable where so many bytes are control characters that no 8-bit encoding can be meant."""
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > max(8, len(head) // 20):
        raise Unreadable(f"This is binary data, not a table of contacts. {_ADVICE}")


def refuse_blank(text: str) -> None:
    """Raises Unreadable where the text is nothing but white space (a lone byte order mark, say)."""
    if not text.strip("\ufeff\x00 \t\r\n"):
        raise Unreadable(f"The file is empty. {_ADVICE}")
