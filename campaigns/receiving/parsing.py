"""Reads one message as it came from the server. Hostile bytes cost bounded work and never an exception."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from campaigns.receiving.decoding import clean, decode_words
from campaigns.receiving.markup import text_of
from campaigns.receiving.mime import Headers, Part, split

#: Characters of text kept, ids and addresses of one header kept.
MOST_TEXT: Final = 500_000
MOST_IDS: Final = 200
MOST_ADDRESSES: Final = 200

_MOST_VALUE = 40_000
# "<id>", "<id" whose bracket was lost; every alternative stops at the next bracket.
_BRACKETED = re.compile(r"<([^<>]{1,1000})(>?)")
_ANGLE = re.compile(r"<([^<>]{3,400})>")
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@[^\s@<>\"(),:;\\\[\]]{1,253}")
_SHORTEST_DATE = 6


@dataclass(frozen=True, slots=True)
class Attachment:
    """``name`` as the sender gave it (never a path to open), ``size`` in bytes after decoding."""

    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message. Ids are written ``<left@right>`` as in the header fields, whatever the sender forgot.

    ``sender`` is the first address of From (else of Sender) in lower case or an empty string, ``recipients``
    those of To and Cc; ``in_reply_to`` and ``references`` are in the header's order, oldest first; ``date`` is
    aware, or None where the field is missing or no date; ``text`` has line feeds as line ends; ``root`` keeps
    the message's bytes alive.
    """

    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    sender: str
    recipients: tuple[str, ...]
    subject: str
    date: datetime | None
    text: str
    attachments: tuple[Attachment, ...]
    headers: Headers
    root: Part

    def header(self, name: str) -> str:
        """The first field of that name as text, encoded words decoded, or an empty string."""
        return decode_words(self.headers.first(name))


def read(raw: bytes) -> Incoming:
    """Reads a message (RFC 5322, MIME). Never raises.

    At most ``mime.MOST_BYTES`` (32 MiB) are looked at, in ``mime.MOST_PARTS`` (200) parts that nest
    ``mime.MOST_DEPTH`` (10) deep; the text is cut at MOST_TEXT characters.
    """
    root = split(raw)
    headers = root.headers
    own_ids = ids("\n".join(headers.all("message-id")[:1]))
    return Incoming(
        message_id=own_ids[0] if own_ids else None,
        in_reply_to=ids(" ".join(headers.all("in-reply-to"))),
        references=ids(" ".join(headers.all("references"))),
        sender=next(iter(addresses(headers.first("from")) or addresses(headers.first("sender"))), ""),
        recipients=addresses(", ".join(headers.all("to") + headers.all("cc"))),
        subject=decode_words(headers.first("subject")),
        date=_date(headers.first("date")),
        text=body_text(root),
        attachments=tuple(_attachment(part) for part in root.walk() if _is_attachment(part)),
        headers=headers,
        root=root,
    )


def ids(value: str) -> tuple[str, ...]:
    """The message ids of a field (RFC 5322 section 3.6.4), each once, the newest MOST_IDS of them.

    Takes folded ids, lost brackets and separators that aren't allowed; what is in no bracket counts only
    where nothing is, since old In-Reply-To fields name a person's address in prose.
    """
    value = value[-_MOST_VALUE:]
    found: list[str] = []
    for inside, closed in _BRACKETED.findall(value):
        joined = "".join(inside.split())
        if closed and joined.count("@") <= 1:
            found.append(joined)
        else:
            found += [word for word in inside.split() if "@" in word]
    if not found:
        found = [word for token in value.replace(",", " ").split() if "@" in (word := token.strip("<>;\"'"))]
    kept = dict.fromkeys(f"<{clean(each)}>" for each in found if each)
    return tuple(kept)[-MOST_IDS:]


def addresses(value: str) -> tuple[str, ...]:
    """The addresses of a field in lower case, each once; names, quoted text and comments are passed over."""
    candidates: list[str] = []
    for each in _without_quoted(value[:_MOST_VALUE]).replace(";", ",").split(","):
        candidates += [inside.strip() for inside in _ANGLE.findall(each)] or each.split()
    found = (each.removeprefix("mailto:").lower() for each in candidates)
    return tuple(dict.fromkeys(each for each in found if _ADDRESS.fullmatch(each)))[:MOST_ADDRESSES]


def _without_quoted(value: str) -> str:
    """The value without quoted strings and comments (RFC 5322 section 3.2); as it was where one never ends."""
    kept: list[str] = []
    quoted, comments, escaped = False, 0, False
    for char in value:
        if escaped or char == "\\":
            escaped = not escaped
        elif char == '"' and not comments:
            quoted = not quoted
        elif char in "()" and not quoted:
            comments = max(comments + (1 if char == "(" else -1), 0)
        elif not quoted and not comments:
            kept.append(char)
    return value.replace('"', " ") if quoted or comments else "".join(kept)


def _date(value: str) -> datetime | None:
    if len(value) < _SHORTEST_DATE:
        return None
    try:
        moment = parsedate_to_datetime(value[:200])
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        # A year 1 or 9999 with an offset is a date that no database takes.
        moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None
    return moment


def body_text(root: Part) -> str:
    """The best text: all text/plain parts in their order, else the text of the text/html ones."""
    parts = [part for part in root.walk() if not _is_attachment(part)]
    plain = _joined(part.text() for part in parts if part.type == "text/plain")
    if plain.strip():
        return plain
    return _joined(text_of(part.text()) for part in parts if part.type == "text/html")


def _joined(texts: Iterable[str]) -> str:
    kept: list[str] = []
    size = 0
    for text in texts:
        kept.append(text[: MOST_TEXT - size])
        size += len(kept[-1]) + 1
        if size >= MOST_TEXT:
            break
    return "\n".join(kept)


def _is_attachment(part: Part) -> bool:
    if part.type.startswith("multipart/") or (part.children and not part.embeds):
        return False
    if part.disposition == "attachment" or part.filename or part.embeds:
        return True
    return not part.type.startswith("text/") and part.disposition != ""


def _attachment(part: Part) -> Attachment:
    return Attachment(name=part.filename, type=part.type, size=part.size())
