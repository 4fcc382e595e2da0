"""Finds the tags of HTML as browsers do (WHATWG HTML, 13.2.5): linear, and for any text.

Not html.parser, which is quadratic on some broken markup and doesn't say where a value stands.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from campaigns.composing.characters import unescape

VOID: Final = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

# What they enclose isn't shown, or isn't markup.
_OPAQUE: Final = frozenset(
    {"script", "style", "title", "template", "noscript", "iframe", "textarea", "xmp", "noembed", "noframes"}
)
_NAME: Final = re.compile(r"[a-zA-Z][^\s/>]*+")
_BETWEEN: Final = re.compile(r"[\s/]*+")
_ATTRIBUTE: Final = re.compile(r"[^>][^\s/>=]*+")
_EQUALS: Final = re.compile(r"\s*+=\s*+")
_COMMENT_END: Final = re.compile("--!?>")
_BARE: Final = re.compile(r"[^\s>]*+")


@dataclass(frozen=True, slots=True)
class Attribute:
    """``value`` decoded; ``start`` and ``end`` span it in the markup, quotes included."""

    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tag:
    """``name`` in lower case, empty for comments and declarations; ``start`` and ``end`` span it in the markup.

    Scripts, styles and their like are one tag from start to end, since what they enclose is no text.
    """

    name: str
    closing: bool
    attributes: tuple[Attribute, ...]
    start: int
    end: int

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of that name; the first, where there are several."""
        return next((each for each in self.attributes if each.name == name), None)

    def value(self, name: str) -> str:
        """The attribute's value, trimmed, or empty."""
        found = self.attribute(name)
        return found.value.strip() if found else ""


def tags(markup: str, *, opaque: bool = True) -> Iterator[Tag]:
    """The tags in order; between the end of one and the start of the next is text with entities.

    A tag that the markup ends within is one to the end, as browsers drop it. Without ``opaque``, what scripts,
    styles and their like enclose is looked through too.
    """
    scanner = _Scanner(markup, _OPAQUE if opaque else frozenset())
    at = 0
    while (opened := markup.find("<", at)) >= 0:
        found = scanner.tag(opened)
        at = found.end if found else opened + 1
        if found:
            yield found


class _Scanner:
    def __init__(self, markup: str, opaque: frozenset[str]) -> None:
        self.markup = markup
        self.opaque = opaque
        self.lowered: str | None = None
        self.missing: set[str] = set()

    def tag(self, opened: int) -> Tag | None:
        """The tag at a ``<``, or None where it is only that character."""
        if self.markup.startswith("<!--", opened):
            # From the dashes on, since "<!-->" is a comment too.
            ended = _COMMENT_END.search(self.markup, opened + 2)
            return Tag("", False, (), opened, ended.end() if ended else len(self.markup))
        closing = self.markup.startswith("</", opened)
        start = opened + (2 if closing else 1)
        name = _NAME.match(self.markup, start)
        if name:
            return self._element(opened, name, closing)
        if self.markup.startswith(("<!", "<?", "</"), opened):
            return Tag("", False, (), opened, self._after(">", start))
        return None

    def _element(self, opened: int, found: re.Match[str], closing: bool) -> Tag:
        name = found[0].lower()
        attributes, end = self._attributes(found.end())
        if name in self.opaque and not closing:
            inner_end = self._after(f"</{name}", end)
            end = self._after(">", inner_end)
        return Tag(name, closing, tuple(attributes), opened, end)

    def _attributes(self, at: int) -> tuple[list[Attribute], int]:
        found: list[Attribute] = []
        while True:
            at = self._match_end(_BETWEEN, at)
            name = _ATTRIBUTE.match(self.markup, at)
            if not name:
                return found, min(at + 1, len(self.markup))
            at = name.end()
            equals = _EQUALS.match(self.markup, at)
            start = at = equals.end() if equals else at
            if equals:
                at = self._value_end(start)
            found.append(Attribute(name[0].lower(), _decoded(self.markup[start:at]), start, at))

    def _value_end(self, start: int) -> int:
        quote = self.markup[start : start + 1]
        if quote and quote in "\"'":
            return self._after(quote, start + 1)
        return self._match_end(_BARE, start)

    def _match_end(self, pattern: re.Pattern[str], at: int) -> int:
        found = pattern.match(self.markup, at)
        return found.end() if found else at

    def _after(self, what: str, at: int) -> int:
        """Past where it next is, in any case; the end where it is missing, which is looked for only once."""
        if what not in self.missing:
            found = self._searched(what).find(what, at)
            if found >= 0:
                return found + len(what)
            self.missing.add(what)
        return len(self.markup)

    def _searched(self, what: str) -> str:
        if not what.startswith("</"):
            return self.markup
        if self.lowered is None:
            # Only ASCII letters: lower() changes the length of some others.
            self.lowered = self.markup.translate(_LOWER)
        return self.lowered


_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _decoded(raw: str) -> str:
    if len(raw) >= 2 and raw[0] in "\"'" and raw[-1] == raw[0]:
        raw = raw[1:-1]
    return unescape(raw)
