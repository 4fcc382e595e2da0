"""An outgoing e-mail: its content from the templates of a version, and its bytes."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

from campaigns.composing.characters import clean, one_line
from campaigns.composing.headers import InvalidAddress, address, listed_header, mailbox_header, text_header
from campaigns.composing.html import from_text, is_html, sanitise, to_text
from campaigns.composing.variables import InvalidTemplate, Template, parse

__all__ = ["Content", "Envelope", "InvalidAddress", "InvalidTemplate", "Prepared", "build", "prepare"]

#: Characters of a subject; the rest is dropped.
MOST_SUBJECT: Final = 998
#: Message-IDs in References: the first, which names the thread, and the newest.
MOST_REFERENCES: Final = 20

_ID: Final = re.compile(r"<[!-;=?-~]{1,400}@[!-;=?-~]{1,400}>")
_URL: Final = re.compile(r"https?://[!-;=?-~]{1,900}", re.IGNORECASE | re.ASCII)
_MAILTO: Final = re.compile(r"mailto:[!-;=?-~]{1,900}", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Content:
    """What one recipient reads: a subject on one line, plain text, and a fragment of sanitised HTML."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """The parsed templates of one e-mail version, made once and used for every recipient. It pickles."""

    subject: Template
    body: Template
    body_is_html: bool

    @property
    def names(self) -> frozenset[str]:
        """The variables that subject and body use."""
        return self.subject.names | self.body.names

    def compose(self, values: Mapping[str, Any]) -> Content:
        """The content for one recipient; see ``Template.render`` for the values. Never raises.

        Whether the body is HTML is told by the template, so that a value with tags in it can't change that.
        """
        subject = one_line(one_line(self.subject.render(values, html=False))[:MOST_SUBJECT])
        body = clean(self.body.render(values, html=self.body_is_html)).strip()
        if not self.body_is_html:
            return Content(subject, body, from_text(body))
        html = sanitise(body)
        return Content(subject, to_text(html), html)


def prepare(subject: str, body: str) -> Prepared:
    """Parses the templates of a version. Raises InvalidTemplate with the problems of both."""
    body_is_html = is_html(body)
    problems: list[str] = []
    parsed: list[Template] = []
    for where, source, markup in (("subject", subject, False), ("body", body, body_is_html)):
        try:
            parsed.append(parse(source, markup=markup))
        except InvalidTemplate as error:
            problems += [f"In the {where}, {each[0].lower()}{each[1:]}" for each in error.problems]
    if problems:
        raise InvalidTemplate(problems)
    return Prepared(parsed[0], parsed[1], body_is_html)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A message before it is bytes. ``message_id`` is ``<left@right>``; ``date`` knows its zone; ``html`` may be a
    fragment. ``unsubscribe_mailto`` with or without ``mailto:``; ``unsubscribe_url`` must take RFC 8058's POST.
    """

    message_id: str
    sender: str
    sender_name: str
    recipient: str
    recipient_name: str
    subject: str
    text: str
    html: str
    date: datetime
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    unsubscribe_url: str | None = None
    unsubscribe_mailto: str | None = None
    reply_to: str | None = None


def build(envelope: Envelope) -> bytes:
    """The message (RFC 5322, CRLF): multipart/alternative of text and HTML in UTF-8. The same envelope gives the
    same bytes.

    Raises InvalidAddress for sender, recipient or reply_to that can't be written to, and ValueError for what the
    caller makes itself: a Message-ID, unsubscribe address or date of the wrong form. The ids in ``in_reply_to``
    and ``references`` come from other people's mail, so that those of the wrong form are left out.
    """
    boundary = _boundary(envelope.message_id)
    head = [*_headers(envelope), f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"']
    lines = ["\r\n".join(head).encode("ascii"), b""]
    for subtype, body in (("plain", envelope.text), ("html", _document(envelope.html))):
        lines += [f"--{boundary}".encode(), *_part(subtype, clean(body))]
    lines += [f"--{boundary}--".encode(), b""]
    return b"\r\n".join(lines)


def _headers(envelope: Envelope) -> list[str]:
    if not _ID.fullmatch(envelope.message_id):
        raise ValueError("The Message-ID must be <left@right> in ASCII.")
    if envelope.date.tzinfo is None:
        raise ValueError("The date must know its time zone.")
    headers = [
        f"Message-ID: {envelope.message_id}",
        f"Date: {format_datetime(envelope.date.astimezone(UTC))}",
        mailbox_header("From", envelope.sender_name, address(envelope.sender)),
        mailbox_header("To", envelope.recipient_name, address(envelope.recipient)),
    ]
    if envelope.reply_to:
        headers.append(mailbox_header("Reply-To", "", address(envelope.reply_to)))
    headers += [text_header("Subject", one_line(envelope.subject)[:MOST_SUBJECT]), "MIME-Version: 1.0"]
    return headers + _thread(envelope) + _unsubscribe(envelope)


def _thread(envelope: Envelope) -> list[str]:
    headers = []
    if envelope.in_reply_to and _ID.fullmatch(envelope.in_reply_to):
        headers.append(f"In-Reply-To: {envelope.in_reply_to}")
    references = [each for each in dict.fromkeys(envelope.references) if _ID.fullmatch(each)]
    if len(references) > MOST_REFERENCES:
        references = [references[0], *references[1 - MOST_REFERENCES :]]
    return headers + ([listed_header("References", references)] if references else [])


def _unsubscribe(envelope: Envelope) -> list[str]:
    ways = []
    if envelope.unsubscribe_url:
        ways.append(_way(envelope.unsubscribe_url, _URL))
    if envelope.unsubscribe_mailto:
        ways.append(_way(f"mailto:{envelope.unsubscribe_mailto.removeprefix('mailto:')}", _MAILTO))
    headers = [listed_header("List-Unsubscribe", ways, ",")] if ways else []
    if envelope.unsubscribe_url:
        headers.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    return headers


def _way(url: str, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(url):
        raise ValueError("The unsubscribe address must be an http, https or mailto address in ASCII.")
    return f"<{url}>"


def _boundary(message_id: str) -> str:
    """ "=_" occurs in neither quoted-printable nor base64, so that no body can hold the boundary."""
    return f"=_{hashlib.sha256(message_id.encode('utf-8', 'replace')).hexdigest()[:32]}"


def _document(html: str) -> str:
    if html[:200].lstrip().lower().startswith(("<!doctype", "<html")):
        return html
    head = '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>'
    return f"<!DOCTYPE html>\n<html>{head}\n<body>\n{html}\n</body>\n</html>\n"


def _part(subtype: str, body: str) -> list[bytes]:
    data = body.encode("utf-8")
    # Quoted-printable triples what isn't ASCII; base64 adds a third to everything.
    in_base64 = len(data) - len(data.translate(None, _HIGH)) > len(data) // 6
    encoding, encoded = ("base64", _base64(data)) if in_base64 else ("quoted-printable", _quoted_printable(data))
    head = [f"Content-Type: text/{subtype}; charset=utf-8", f"Content-Transfer-Encoding: {encoding}", ""]
    return [*(line.encode("ascii") for line in head), encoded]


_HIGH: Final = bytes(range(128, 256))


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data.replace(b"\n", b"\r\n")).rstrip().replace(b"\n", b"\r\n")


def _quoted_printable(data: bytes) -> bytes:
    return binascii.b2a_qp(data, istext=True).replace(b"\n", b"\r\n")
