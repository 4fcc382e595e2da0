"""The links of an e-mail's HTML, as they are followed and as they are replaced by tracked ones."""

import html as stdlib_html
from collections.abc import Callable, Iterator
from typing import Final

from campaigns.composing.markup import Attribute, Tag, tags

#: The attribute of links that are never tracked.
NO_TRACK: Final = "data-no-track"


def hrefs(html: str) -> list[str]:
    """The addresses that ``rewrite_links`` would hand to ``replace``, in order, as often as they stand there."""
    return [_address(href) for href in _trackable(html)]


def all_hrefs(html: str) -> list[str]:
    """Every href of a link, decoded and trimmed, whatever its scheme, those marked NO_TRACK too."""
    return [tag.value("href") for tag in tags(html) if _is_link(tag) and tag.attribute("href")]


def rewrite_links(html: str, replace: Callable[[str], str]) -> str:
    """The HTML with each http and https href of an ``<a>`` replaced by what ``replace`` makes of it.

    ``replace`` gets the address with its entities decoded; its answer is escaped. All else stays as it is:
    mailto, anchors, links marked ``data-no-track``, addresses in text. Raises only what ``replace`` raises.
    """
    pieces: list[str] = []
    at = 0
    for href in _trackable(html):
        old = _address(href)
        new = replace(old)
        if new != old:
            pieces += (html[at : href.start], f'"{stdlib_html.escape(new)}"')
            at = href.end
    pieces.append(html[at:])
    return "".join(pieces)


def _trackable(html: str) -> Iterator[Attribute]:
    for tag in tags(html):
        href = tag.attribute("href") if _is_link(tag) and not tag.attribute(NO_TRACK) else None
        if href and _address(href).lower().startswith(("http://", "https://")):
            yield href


def _is_link(tag: Tag) -> bool:
    return tag.name == "a" and not tag.closing


def _address(href: Attribute) -> str:
    """As browsers read it: trimmed, without tabs and line ends inside."""
    return href.value.strip().translate({9: None, 10: None, 13: None})
