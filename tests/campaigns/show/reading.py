"""Reads what came over the wire with the standard library alone: header fields as they stand there, and parts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from functools import cache
from html.parser import HTMLParser
from typing import Final

from tests.campaigns.show.wire import Delivery

_FOLD: Final = re.compile(r"\r\n(?=[ \t])")


@dataclass(frozen=True, slots=True)
class Page:
    """Of HTML: its words, the addresses of its links, and of its images."""

    words: str
    links: tuple[str, ...]
    images: tuple[str, ...]


class Mail:
    """``fields`` are names and values in their order, unfolded and not decoded."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.message: Message = message_from_bytes(delivery.content, policy=policy.compat32)
        self.fields = [(name, _FOLD.sub("", str(value))) for name, value in self.message.raw_items()]

    def field(self, name: str) -> str:
        """The value of the only field of that name."""
        found = [value for known, value in self.fields if known.lower() == name.lower()]
        assert len(found) == 1, f"{len(found)} × {name} to {self.delivery.recipient}"
        return found[0]

    def decoded(self, name: str) -> str:
        return decode(self.field(name))

    def mailbox(self, name: str) -> tuple[str, str]:
        """The name, decoded, and the address."""
        shown, address = parseaddr(self.field(name))
        return decode(shown), address

    @property
    def parts(self) -> list[Message]:
        return [part for part in self.message.walk() if not part.is_multipart()]

    @property
    def text(self) -> str:
        return self._body(0)

    @property
    def html(self) -> str:
        return self._body(1)

    def _body(self, number: int) -> str:
        data = self.parts[number].get_payload(decode=True)
        assert isinstance(data, bytes)
        return data.decode("utf-8").replace("\r\n", "\n")

    @property
    def page(self) -> Page:
        return page_of(self.html)

    @property
    def unsubscribe(self) -> str:
        """The address of List-Unsubscribe."""
        return self.field("List-Unsubscribe").strip("<>")

    def ours(self, site: str) -> list[str]:
        """Every address of the e-mail that leads to the site, each once."""
        found = [*self.page.links, *self.page.images, self.unsubscribe]
        return list(dict.fromkeys(each for each in found if each.startswith(f"{site}/")))


@cache
def read(delivery: Delivery) -> Mail:
    return Mail(delivery)


def decode(value: str) -> str:
    """RFC 2047's encoded words as text."""
    return str(make_header(decode_header(value)))


def page_of(html: str) -> Page:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Page(" ".join("".join(reader.words).split()), tuple(reader.links), tuple(reader.images))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.images: list[str] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag in ("p", "br", "div"):
            self.words.append(" ")
        if tag == "a" and told.get("href"):
            self.links.append(told["href"] or "")
        if tag == "img":
            self.images.append(told.get("src") or "")

    def handle_data(self, data: str) -> None:
        self.words.append(data)
