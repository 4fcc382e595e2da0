"""Whether an e-mail is to the letter what it should be: envelope, header fields, parts, words, links."""

import re
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from zoneinfo import ZoneInfo

from tests.campaigns.show.campaign import SENDER, SENDER_NAME, ZONE, Content, Step, expected, version_of
from tests.campaigns.show.people import Person
from tests.campaigns.show.reading import Mail, Page, read
from tests.campaigns.show.server import Installation
from tests.campaigns.show.wire import Delivery

#: Between the date that an e-mail bears and its arrival, in seconds.
_OLDEST: Final = 60
_FIELDS: Final = [
    *("Message-ID", "Date", "From", "To", "Subject", "MIME-Version"),
    *("List-Unsubscribe", "List-Unsubscribe-Post", "Content-Type"),
]
_THREAD: Final = ["In-Reply-To", "References"]
_MESSAGE_ID: Final = re.compile(r"<msg_[0-9a-z]{20}@sender\.test>")
_TOKEN: Final = r"[A-Za-z0-9_.-]+"
#: Of rows that no recipient has to know.
_INTERNAL: Final = re.compile(rb"\b(?:con|cmp|wsp|enr|acc|fld|grp)_[0-9a-z]{20}")
_MOST_LINE: Final = 78


def check(person: Person, delivery: Delivery, step: Step, first: Delivery | None, site: str) -> None:
    """``first``: the e-mail of the same thread that came before, or None."""
    mail = read(delivery)
    wanted = wanted_of(person, step, mail)
    _envelope(person, delivery)
    _fields(person, mail, wanted, first, site)
    _parts(mail)
    _content(mail, wanted, site)


def wanted_of(person: Person, step: Step, mail: Mail) -> Content:
    version = version_of(person, mail.decoded("Subject")) if step == "hello" else ""
    today = _date(mail).astimezone(ZoneInfo(ZONE)).date().isoformat()
    return expected(person, step, version, mail.unsubscribe, today)


def _envelope(person: Person, delivery: Delivery) -> None:
    assert delivery.sender == delivery.user == SENDER
    assert delivery.recipients == (person.on_wire,)
    # 7-bit, each line ended as SMTP wants it, and not too long.
    assert delivery.content.isascii() and delivery.content.endswith(b"\r\n")
    lines = delivery.content.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line or len(line) > 998 for line in lines)
    assert not _INTERNAL.search(delivery.content)


def _fields(person: Person, mail: Mail, wanted: Content, first: Delivery | None, site: str) -> None:
    names = [name for name, _ in mail.fields]
    assert sorted(names) == sorted(_FIELDS + (_THREAD if first else []))
    head = mail.delivery.content.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    assert [line for line in head if len(line) > _MOST_LINE and "http" not in line] == []
    assert _MESSAGE_ID.fullmatch(mail.field("Message-ID"))
    assert -2 < mail.delivery.at - _date(mail).timestamp() < _OLDEST
    assert mail.mailbox("From") == (SENDER_NAME, SENDER)
    assert mail.mailbox("To") == (person.full_name, person.on_wire)
    assert mail.decoded("Subject") == wanted.subject
    assert mail.field("MIME-Version") == "1.0"
    assert re.fullmatch(rf"<{re.escape(site)}/u/{_TOKEN}>", mail.field("List-Unsubscribe"))
    assert mail.field("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    if first:
        assert mail.field("In-Reply-To") == mail.field("References") == read(first).field("Message-ID")


def _date(mail: Mail) -> datetime:
    date = parsedate_to_datetime(mail.field("Date"))
    assert date.utcoffset() is not None and date <= datetime.fromtimestamp(time.time(), UTC)
    return date


def _parts(mail: Mail) -> None:
    assert mail.message.get_content_type() == "multipart/alternative"
    assert mail.message.preamble is None and not mail.message.defects
    assert [part.get_content_type() for part in mail.parts] == ["text/plain", "text/html"]
    for part in mail.parts:
        assert part.get_content_charset() == "utf-8" and not part.defects
        assert sorted(part.keys()) == ["Content-Transfer-Encoding", "Content-Type"]
        assert part["Content-Transfer-Encoding"] in ("quoted-printable", "base64")


def _content(mail: Mail, wanted: Content, site: str) -> None:
    assert mail.text.rstrip("\n") == wanted.text
    page = mail.page
    assert page.words == wanted.words
    assert f"{site}/o/" not in mail.text and f"{site}/c/" not in mail.text
    pixels = [re.escape(site) + rf"/o/{_TOKEN}\.gif"] if wanted.pixel else []
    assert len(page.images) == len(pixels)
    assert all(map(re.fullmatch, pixels, page.images))
    _links(page, wanted, site)


def _links(page: Page, wanted: Content, site: str) -> None:
    assert len(page.links) == len(wanted.links)
    for link, (url, is_tracked) in zip(page.links, wanted.links, strict=True):
        if is_tracked:
            assert re.fullmatch(rf"{re.escape(site)}/c/{_TOKEN}", link)
        else:
            assert link == url


def check_none_is_like_another(deliveries: Iterable[Delivery]) -> None:
    """Message-IDs, boundaries, and the links for one recipient alone."""
    mails = [read(each) for each in deliveries]
    for name in ("Message-ID", "List-Unsubscribe", "Content-Type"):
        assert len({mail.field(name) for mail in mails}) == len(mails), name
    pixels = [image for mail in mails for image in mail.page.images]
    assert len(set(pixels)) == len(pixels)


def check_links_lead_on(there: Installation, mails: Iterable[tuple[Mail, Content]]) -> int:
    """Each tracked link to the address that was written, and nowhere else; how many there are. Asked by HEAD, as no
    person does.
    """
    pairs = [
        (link, url)
        for mail, wanted in mails
        for link, (url, is_tracked) in zip(mail.page.links, wanted.links, strict=True)
        if is_tracked
    ]

    def follow(pair: tuple[str, str]) -> None:
        got = there.fetch(pair[0], "HEAD")
        assert (got.status, got.location) == (302, pair[1])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(follow, pairs))
    return len(pairs)
