"""Bodies to safe HTML, and HTML to the plain text that goes with it.

What is sanitised is the rendered HTML, once per message, never the template. A sanitiser would rewrite the
markers in ``href="{{website}}"`` or ``<tr>{% if x %}``, and it couldn't judge ``{{website}}`` before its value
is known: a contact whose website is ``javascript:…`` must lose that link. Rendering first makes the markers'
places irrelevant and leaves no way in that the sanitiser doesn't see.
"""

import html as stdlib_html
import re
from collections import Counter
from typing import Final

import nh3

from campaigns.composing.characters import clean
from campaigns.composing.markup import VOID, tags
from campaigns.composing.plain_text import to_text

__all__ = ["from_text", "is_html", "sanitise", "to_html", "to_text"]

_TAGS: Final = {
    *("a", "abbr", "b", "big", "blockquote", "br", "caption", "center", "code", "col", "colgroup", "dd", "del", "div"),
    *("dl", "dt", "em", "figcaption", "figure", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins"),
    *("li", "mark", "ol", "p", "pre", "q", "s", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody"),
    *("td", "tfoot", "th", "thead", "tr", "tt", "u", "ul"),
}
_DROPPED_WITH_CONTENT: Final = {"script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math"}
_SIZES: Final = {"width", "height", "align", "valign", "bgcolor"}
_ATTRIBUTES: Final = {
    "*": {"style", "dir", "lang", "title", "align"},
    "a": {"href", "data-no-track"},
    "col": {"span", "width"},
    "font": {"color", "face", "size"},
    "hr": {"size", "width"},
    "img": {"src", "alt", "width", "height", "border"},
    "ol": {"start", "type"},
    "table": _SIZES | {"border", "cellpadding", "cellspacing", "role"},
    "td": _SIZES | {"colspan", "rowspan"},
    "th": _SIZES | {"colspan", "rowspan", "scope"},
    "tr": _SIZES,
}
_SCHEMES: Final = {("a", "href"): ("http:", "https:", "mailto:", "#"), ("img", "src"): ("http:", "https:", "cid:")}
_PROPERTIES: Final = re.compile(
    r"(?:background-color|border(?:-(?:top|right|bottom|left))?(?:-(?:color|style|width|radius))?|border-collapse"
    r"|border-spacing|color|direction|display|font(?:-(?:family|size|style|variant|weight))?|height|letter-spacing"
    r"|line-height|list-style-type|(?:margin|padding)(?:-(?:top|right|bottom|left))?|(?:max|min)-(?:width|height)"
    r"|table-layout|text-(?:align|decoration|indent|transform)|vertical-align|white-space|width|word-break"
    r"|word-wrap|overflow-wrap|mso-[a-z-]{1,40})"
)
# No colons, slashes, backslashes or comments: nothing that could name a resource.
_STYLE_VALUE: Final = re.compile(r"""[\w\s#%.,()'"!+-]{1,200}""")
_STYLE_CALL: Final = re.compile(r"([a-z-]*)\(", re.IGNORECASE)
_STYLE_CALLS: Final = {"rgb", "rgba", "hsl", "hsla"}

_HTML_TAG: Final = re.compile(
    r"</?(?:html|body|p|br|div|span|a|b|i|u|em|strong|ul|ol|li|h[1-6]|table|tr|td|img|hr|blockquote|font|center|pre)"
    r"(?:\s[^<>]*+|\s*/)?>",
    re.IGNORECASE,
)
_LINK: Final = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'“”«»]++", re.IGNORECASE)
_MOST_LINK: Final = 2_000
_NO_LINKS: Final = ("", "www", "http://", "https://")
_HOST: Final = re.compile(
    r"(?:[a-z0-9-]{1,63}\.){1,20}[a-z]{2,63}(?:[/?#:][^\s<>\"]{0,2000})?", re.IGNORECASE | re.ASCII
)

# html5ever copies every open formatting element into each new paragraph and searches the open elements at each
# tag, so that unclosed tags cost their number times that of the tags that follow; it compares each attribute of a
# tag with those before it, and moves the text that is left at each ampersand.
_MOST_WORK: Final = 300_000
_CLOSED_BY_NEXT: Final = VOID | {"p", "tr", "td", "th", "thead", "tbody", "tfoot", ""}
_MOST_ATTRIBUTES: Final = 100
_MOST_AMPERSANDS: Final = 100_000


def is_html(body: str) -> bool:
    """Whether a body is meant as HTML: it has a tag that e-mails use. "a < b" and "<jane@example.com>" aren't."""
    return _HTML_TAG.search(body) is not None


def to_html(body: str) -> str:
    """A rendered body, plain text or HTML, as sanitised HTML. Never raises."""
    return sanitise(body) if is_html(body) else from_text(body)


def from_text(text: str) -> str:
    """Plain text as HTML, whatever tags it spells: paragraphs at empty lines, ``<br>`` and links."""
    paragraphs: list[list[str]] = [[]]
    for line in clean(text).split("\n"):
        if line.strip():
            paragraphs[-1].append(_linked(line.rstrip()))
        elif paragraphs[-1]:
            paragraphs.append([])
    return "\n".join(f"<p>{'<br>'.join(lines)}</p>" for lines in paragraphs if lines)


def sanitise(markup: str) -> str:
    """HTML with only what e-mails use: no scripts, forms or style sheets, no addresses but http, https, mailto
    (links) and cid (images), no styles that load anything. Addresses without a scheme, such as a contact's
    "www.example.com", become https.

    Markup with so many unclosed tags, attributes or ampersands that no e-mail means it is flattened to its text.
    """
    cleaned = clean(markup)
    return str(_CLEANER.clean(cleaned)) if _is_bearable(cleaned) else from_text(to_text(cleaned))


def _linked(line: str) -> str:
    pieces: list[str] = []
    at = 0
    for found in _LINK.finditer(line):
        url = _without_punctuation(found[0]) if len(found[0]) <= _MOST_LINK else ""
        if url.lower() in _NO_LINKS:
            continue
        href = url if "://" in url[:8] else f"https://{url}"
        link = f'<a href="{stdlib_html.escape(href)}">{stdlib_html.escape(url)}</a>'
        pieces += (stdlib_html.escape(line[at : found.start()], quote=False), link)
        at = found.start() + len(url)
    pieces.append(stdlib_html.escape(line[at:], quote=False))
    return "".join(pieces)


def _without_punctuation(url: str) -> str:
    """Without the sentence's own marks at the end; a bracket stays where it was opened inside."""
    while True:
        shorter = url.rstrip(".,;:!?*_~…]}")
        if shorter.endswith(")") and shorter.count(")") > shorter.count("("):
            shorter = shorter[:-1]
        if shorter == url:
            return url
        url = shorter


def _is_bearable(markup: str) -> bool:
    if markup.count("&") > _MOST_AMPERSANDS:
        return False
    unclosed: Counter[str] = Counter()
    total = work = 0
    for tag in tags(markup, opaque=False):
        if tag.name not in _CLOSED_BY_NEXT:
            if not tag.closing:
                unclosed[tag.name] += 1
                total += 1
            elif unclosed[tag.name]:
                unclosed[tag.name] -= 1
                total -= 1
        work += total
        if work > _MOST_WORK or len(tag.attributes) > _MOST_ATTRIBUTES:
            return False
    return True


def _filter(tag: str, name: str, value: str) -> str | None:
    """The attribute's value as it may be, or None."""
    if name == "style":
        return _style(value) or None
    schemes = _SCHEMES.get((tag, name))
    if schemes is None or value.strip().lower().startswith(schemes):
        return value
    return _absolute(value.strip())


def _style(value: str) -> str:
    return ";".join(f"{name}:{said}" for name, said in map(_declaration, value.split(";")) if name)


def _declaration(declaration: str) -> tuple[str, str]:
    name, _colon, value = (piece.strip() for piece in declaration.partition(":"))
    calls = {call.lower() for call in _STYLE_CALL.findall(value)}
    if not _PROPERTIES.fullmatch(name.lower()) or not _STYLE_VALUE.fullmatch(value) or calls - _STYLE_CALLS:
        return "", ""
    return name.lower(), value


def _absolute(url: str) -> str | None:
    """What an address without a scheme means in an e-mail, which has no page that it could be relative to."""
    bare = url.removeprefix("//")
    return f"https://{bare}" if _HOST.fullmatch(bare) else None


_CLEANER: Final = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=_DROPPED_WITH_CONTENT,
    attributes=_ATTRIBUTES,
    attribute_filter=_filter,
    link_rel=None,
    url_schemes={"http", "https", "mailto", "cid"},
    # What is left is "#…": the filter, which comes first, has made all else absolute or dropped it.
    url_relative="pass_through",
)
