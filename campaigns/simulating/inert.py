"""An e-mail's HTML made to be looked at only: its links lead nowhere, its pictures are boxes. Pure."""

from html import escape
from typing import Final
from urllib.parse import quote

from campaigns.composing.markup import Tag, tags

_BOX: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
    '<rect width="100%" height="100%" fill="#eef0f3" stroke="#b6bcc6"/></svg>'
)
_WIDTH: Final = 160
_HEIGHT: Final = 90
_MOST_SIZE: Final = 2_000


def inert(html: str) -> str:
    """Sanitised HTML without anything to follow or to load; a link's title says where it leads."""
    pieces: list[str] = []
    at = 0
    for tag in tags(html):
        href = tag.attribute("href") if tag.name == "a" and not tag.closing else None
        source = tag.attribute("src") if tag.name == "img" else None
        if found := href or source:
            pieces += (html[at : found.start], _link(tag, found.value) if href else f'"{_box(tag)}"')
            at = found.end
    pieces.append(html[at:])
    return "".join(pieces)


def _link(tag: Tag, address: str) -> str:
    title = "" if tag.attribute("title") else f' title="{escape(address.strip())}"'
    return f'"#"{title}'


def _box(tag: Tag) -> str:
    width, height = _size(tag.value("width"), _WIDTH), _size(tag.value("height"), _HEIGHT)
    return f"data:image/svg+xml,{quote(_BOX.format(width=width, height=height))}"


def _size(value: str, default: int) -> int:
    return min(int(value), _MOST_SIZE) if value.isascii() and value.isdigit() and len(value) < 6 else default
