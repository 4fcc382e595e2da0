"""Splits a message into headers (RFC 5322) and parts (RFC 2045, RFC 2046) with bounded work.

The standard library's parser calls itself for each nested part and compares every line with every open
boundary: a few thousand nested parts take quadratic time and end in RecursionError. This one looks at the
bytes once per level, for MOST_DEPTH levels, and leaves what lies deeper as one leaf.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Final

from campaigns.receiving.decoding import clean, decode, decode_words, from_base64, from_quoted_printable

#: Bytes of a message that are looked at; what follows is cut off. Servers refuse mail above 25 to 50 MB.
MOST_BYTES: Final = 32 * 1024 * 1024
#: Bytes of one header block, and fields in it.
MOST_HEADER_BYTES: Final = 256 * 1024
MOST_FIELDS: Final = 1_000
#: Levels of multipart and message/rfc822, and parts in all.
MOST_DEPTH: Final = 10
MOST_PARTS: Final = 200
#: Bytes of one part that are decoded to text.
MOST_TEXT_BYTES: Final = 2 * 1024 * 1024

_MOST_PARAMETERS = 4_000
_ENCODED = ("base64", "quoted-printable")
_EMBEDDED = ("message/rfc822", "message/global", "message/news")


@dataclass(frozen=True, slots=True)
class Headers:
    """Fields in their order, names in lower case, values unfolded but with encoded words as they came."""

    fields: tuple[tuple[str, str], ...] = ()

    def first(self, name: str) -> str:
        """The first field of that name (any case), or an empty string."""
        return next(self._values(name), "")

    def all(self, name: str) -> list[str]:
        """All fields of that name (any case), in order."""
        return list(self._values(name))

    def __contains__(self, name: str) -> bool:
        return any(True for _ in self._values(name))

    def _values(self, name: str) -> Iterator[str]:
        name = name.lower()
        return (value for known, value in self.fields if known == name)


@dataclass(frozen=True, slots=True)
class Part:
    """One part: ``type`` as ``text/plain``; ``children`` of a multipart, or the message inside message/rfc822."""

    headers: Headers
    type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    filename: str = ""
    body: memoryview = memoryview(b"")
    children: tuple["Part", ...] = ()

    @property
    def embeds(self) -> bool:
        """Whether the part is another message."""
        return self.type in _EMBEDDED

    def walk(self, *, into_messages: bool = False) -> Iterator["Part"]:
        """The part and those below it, in order; messages inside are named, but entered only where asked."""
        yield self
        if self.embeds and not into_messages:
            return
        for child in self.children:
            yield from child.walk(into_messages=into_messages)

    def text(self) -> str:
        """The body as text, at most MOST_TEXT_BYTES of it."""
        data = _unencoded(bytes(self.body[:MOST_TEXT_BYTES]), self.headers)
        return decode(data, self.parameters.get("charset"))

    def size(self) -> int:
        """The decoded size in bytes, counted without decoding."""
        encoding = _encoding(self.headers)
        data = bytes(self.body)
        if encoding == "base64":
            return len(data.translate(None, b" \t\n=")) * 3 // 4
        return len(data) - (2 * data.count(b"=") if encoding == "quoted-printable" else 0)


def split(raw: bytes) -> Part:
    """The tree of a message. Never raises; sizes and depth are bounded by the constants above."""
    data = raw[:MOST_BYTES].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return _Splitter().part(data, 0, len(data), 0)


def parse_headers(block: bytes) -> Headers:
    """The fields of a header block with ``\\n`` line ends; lines that are none are passed over."""
    fields: list[tuple[str, list[str]]] = []
    for line in decode(block[:MOST_HEADER_BYTES]).split("\n"):
        if line[:1] in (" ", "\t"):
            if fields:
                fields[-1][1].append(line)
            continue
        name, colon, value = line.partition(":")
        if not colon or not name.strip() or " " in name.strip():
            continue
        if len(fields) >= MOST_FIELDS:
            break
        fields.append((name.strip().lower(), [value]))
    return Headers(tuple((name, "".join(values).strip()) for name, values in fields))


class _Splitter:
    """Counts the parts of one message while it is split."""

    def __init__(self) -> None:
        self.left = MOST_PARTS

    def part(self, data: bytes, start: int, end: int, depth: int) -> Part:
        """The part in ``data[start:end]``; offsets, so that nesting copies nothing."""
        self.left -= 1
        head_end, body_start = _body(data, start, end)
        headers = parse_headers(data[start : min(head_end, start + MOST_HEADER_BYTES)])
        content = _content(headers)
        kind = content.get_content_type()
        children = self._children(data, body_start, end, depth, headers, content) if depth < MOST_DEPTH else ()
        return Part(
            headers=headers,
            # A multipart whose boundary never comes is shown as the text it is.
            type="text/plain" if kind.startswith("multipart/") and not children else kind,
            parameters={name: _parameter(content, name) for name in ("charset", "report-type", "method")},
            disposition=headers.first("content-disposition").partition(";")[0].strip().lower(),
            filename=_filename(content),
            body=memoryview(data)[body_start:end],
            children=children,
        )

    def _children(
        self, data: bytes, start: int, end: int, depth: int, headers: Headers, content: Message
    ) -> tuple[Part, ...]:
        kind = content.get_content_type()
        if kind in _EMBEDDED and self.left > 0:
            if _encoding(headers) in _ENCODED:
                data = _unencoded(data[start:end], headers)
                start, end = 0, len(data)
            # Some gateways put a blank line before the headers of the message inside.
            while start < end and data[start] == 10:
                start += 1
            return (self.part(data, start, end, depth + 1),)
        if not kind.startswith("multipart/"):
            return ()
        boundary = _parameter(content, "boundary").rstrip()[:200].encode("utf-8", "replace")
        return tuple(self._between(data, start, end, depth, boundary)) if boundary else ()

    def _between(self, data: bytes, start: int, end: int, depth: int, boundary: bytes) -> Iterator[Part]:
        """The parts between delimiter lines; a missing last delimiter is read as standing at the end."""
        delimiter = re.compile(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*$", re.MULTILINE)
        opened: int | None = None
        for found in delimiter.finditer(data, start, end):
            if opened is not None and self.left > 0:
                yield self.part(data, opened, max(opened, found.start() - 1), depth + 1)
            opened = None if found[1] else min(found.end() + 1, end)
            if found[1] or self.left <= 0:
                return
        if opened is not None and self.left > 0:
            yield self.part(data, opened, end, depth + 1)


def _body(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the header block ends and the body starts."""
    if data[start : start + 1] == b"\n":
        return start, start + 1
    blank = data.find(b"\n\n", start, end)
    return (end, end) if blank < 0 else (blank, blank + 2)


def _content(headers: Headers) -> Message:
    """The two fields with parameters, for the standard library to take apart."""
    message = Message()
    message["Content-Type"] = headers.first("content-type")[:_MOST_PARAMETERS] or "text/plain"
    message["Content-Disposition"] = headers.first("content-disposition")[:_MOST_PARAMETERS]
    return message


def _parameter(content: Message, name: str) -> str:
    # Broken RFC 2231 continuations raise whatever they run into inside the library.
    try:
        return collapse_rfc2231_value(content.get_param(name, ""))
    except Exception:
        return ""


def _filename(content: Message) -> str:
    try:
        name = content.get_filename("")
    except Exception:  # as above
        return ""
    return clean(decode_words(name))[:255]


def _encoding(headers: Headers) -> str:
    return headers.first("content-transfer-encoding").partition(";")[0].strip().lower()


def _unencoded(data: bytes, headers: Headers) -> bytes:
    encoding = _encoding(headers)
    if encoding == "base64":
        return from_base64(data)
    return from_quoted_printable(data) if encoding == "quoted-printable" else data
