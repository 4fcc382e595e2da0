"""The readable plain text of HTML: one linear pass."""

from typing import Final

from campaigns.composing.characters import clean, unescape
from campaigns.composing.markup import Tag, tags

#: Characters of HTML that are read, and of text that come out.
MOST_HTML: Final = 4_000_000
MOST_TEXT: Final = 1_000_000

_PARAGRAPHS: Final = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre"}
_PARAGRAPHS_END: Final = _PARAGRAPHS | {"hr", "figure"}
_LINES: Final = _PARAGRAPHS_END | {
    *("br", "div", "tr", "li", "dt", "dd", "body", "section", "article", "header", "footer", "center", "caption")
}
# Deeper quotes and lists would make each line's start as long as they are deep.
_MOST_DEEP: Final = 5


def to_text(html: str) -> str:
    """The text as a person would have typed it: links as "text (url)", lists with dashes, quotes with "> ",
    images as their alternative text, empty lines around paragraphs and headings; no scripts, styles or
    comments. Never raises; at most MOST_TEXT characters.
    """
    writer = _Writer()
    markup = html[:MOST_HTML]
    at = 0
    for tag in tags(markup):
        writer.add(markup[at : tag.start])
        writer.tag(tag)
        at = tag.end
    writer.add(markup[at:])
    return writer.text()


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.lists: list[str] = []
        self.bullet = ""
        self.quotes = 0
        # Address and the text so far of the link that is open; they don't nest.
        self.href = ""
        self.link: list[str] = []

    def text(self) -> str:
        self._end_link()
        self._end_line()
        return "\n".join(self.lines).strip("\n")[:MOST_TEXT].rstrip()

    def add(self, raw: str) -> None:
        if raw:
            self._write(clean(unescape(raw)))

    def _write(self, text: str) -> None:
        self.line.append(text)
        if self.href:
            self.link.append(text)

    def tag(self, tag: Tag) -> None:
        if tag.name == "a":
            self._end_link()
            self.href = "" if tag.closing else tag.value("href")
        elif tag.name == "img":
            self._write(tag.value("alt"))
        elif tag.name in ("td", "th"):
            self._write(" ")
        elif tag.name in _LINES:
            self._block(tag)

    def _block(self, tag: Tag) -> None:
        if tag.name == "br":
            self._break()
            return
        self._end_line()
        if tag.name in _PARAGRAPHS_END and not self._within_list(tag):
            self._end_paragraph()
        self._nest(tag)
        if tag.name == "hr":
            self.lines += ["---", ""]

    def _within_list(self, tag: Tag) -> bool:
        """Whether a list or a paragraph stands in a list, where empty lines would tear it."""
        inside = len(self.lists) - (1 if tag.closing and tag.name in ("ul", "ol") else 0)
        return inside > 0

    def _nest(self, tag: Tag) -> None:
        if tag.name in ("ul", "ol"):
            if not tag.closing:
                self.lists.append(tag.name)
            elif self.lists:
                self.lists.pop()
        elif tag.name == "blockquote":
            self.quotes = max(self.quotes + (-1 if tag.closing else 1), 0)
        elif tag.name == "li":
            indent = min(max(len(self.lists), 1), _MOST_DEEP) - 1
            self.bullet = "" if tag.closing else "  " * indent + "- "

    def _break(self) -> None:
        """A ``<br>`` ends the line; on an empty one it leaves it empty."""
        if not self._end_line():
            self._end_paragraph()

    def _end_line(self) -> bool:
        line = " ".join("".join(self.line).split())
        self.line.clear()
        if not line:
            return False
        self.lines.append("> " * min(self.quotes, _MOST_DEEP) + self.bullet + line)
        # The lines of an item after its first stand under its text.
        self.bullet = " " * len(self.bullet)
        return True

    def _end_paragraph(self) -> None:
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def _end_link(self) -> None:
        href, text = self.href, " ".join("".join(self.link).split())
        self.href = ""
        self.link.clear()
        if not href or href.startswith("#"):
            return
        bare = href.removeprefix("mailto:")
        if not text:
            self.line.append(bare)
        elif text not in (href, bare, bare.removeprefix("https://"), bare.removeprefix("http://")):
            self.line.append(f" ({bare})")
