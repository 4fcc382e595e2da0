"""The text of an HTML body: one pass with str.find, since html.parser is quadratic on some broken markup."""

import html
import re
from typing import Final

#: Characters of HTML that are read.
MOST_HTML: Final = 1_000_000

_NAME = re.compile(r"/?[a-zA-Z][a-zA-Z0-9]{0,20}")
_SILENT = {"script", "style", "title", "head", "template", "noscript"}
_LINES = {"br", "p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre"}
_LINES |= {"blockquote", "body", "section", "article", "header", "footer"}


def text_of(markup: str) -> str:
    """The text, without scripts, styles and comments; lines within ``blockquote`` begin with ``> ``."""
    reader = _Reader(markup[:MOST_HTML])
    reader.run()
    return reader.text()


class _Reader:
    def __init__(self, markup: str) -> None:
        self.markup = markup
        self.lowered = markup.lower() if len(markup.lower()) == len(markup) else markup
        self.pieces: list[str] = [""]
        self.lines: list[str] = []
        self.quoted = 0
        self.missing: set[str] = set()

    def run(self) -> None:
        at = 0
        while at < len(self.markup):
            opened = self.markup.find("<", at)
            if opened < 0:
                break
            self.pieces.append(self.markup[at:opened])
            at = self._tag(opened)
        self.pieces.append(self.markup[at:])
        self._end_line()

    def text(self) -> str:
        return "\n".join(self.lines).strip("\n")

    def _tag(self, opened: int) -> int:
        """Handles what starts with ``<`` and says where to go on."""
        if self.markup.startswith("<!--", opened):
            return self._after("-->", opened + 4)
        if self.markup.startswith(("<!", "<?"), opened):
            return self._after(">", opened)
        name = _NAME.match(self.markup, opened + 1)
        if not name:
            self.pieces.append("&lt;")
            return opened + 1
        return self._element(name[0].lower(), self._after(">", name.end()))

    def _element(self, name: str, after: int) -> int:
        bare = name.lstrip("/")
        if name in _SILENT:
            closing = self._find(f"</{name}", after)
            return after if closing is None else self._after(">", closing)
        if bare in _LINES:
            self._end_line()
        elif bare == "td":
            self.pieces.append(" ")
        if bare == "blockquote":
            self.quoted = max(self.quoted + (1 if name == bare else -1), 0)
        return after

    def _end_line(self) -> None:
        line = " ".join(html.unescape("".join(self.pieces)).split())
        self.pieces.clear()
        if line or (self.lines and self.lines[-1]):
            self.lines.append("> " + line if line and self.quoted else line)

    def _find(self, what: str, at: int) -> int | None:
        """Where it next is; what is missing once is never looked for again, which keeps the pass linear."""
        if what in self.missing:
            return None
        found = self.lowered.find(what, at)
        if found < 0:
            self.missing.add(what)
            return None
        return found

    def _after(self, what: str, at: int) -> int:
        found = self._find(what, at)
        return len(self.markup) if found is None else found + len(what)
