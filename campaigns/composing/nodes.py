"""A parsed template's parts, and how they render."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from campaigns.composing.values import FILTERS, text_of

#: Characters of a rendered template; what would go beyond is left out.
MOST_OUTPUT: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Text:
    """Text that stands for itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Variable:
    """``{{name|filter|fallback}}``; the filters don't change the fallback."""

    name: str
    filters: tuple[str, ...] = ()
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class Test:
    """``name``, ``not name``, ``name == "wanted"`` or ``name != "wanted"``; ``wanted`` is None without one."""

    # Not a class of tests, whatever its name.
    __test__ = False

    name: str
    negated: bool = False
    wanted: str | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """What shows where the test holds; the branch of else has none."""

    test: Test | None
    nodes: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class If:
    """The first branch whose test holds shows."""

    branches: tuple[Branch, ...]


Node = Text | Variable | If


def names_in(nodes: tuple[Node, ...]) -> Iterator[str]:
    """The names of all variables, those of tests too, as often as they stand there."""
    for node in nodes:
        if isinstance(node, Variable):
            yield node.name
        elif isinstance(node, If):
            for branch in node.branches:
                if branch.test:
                    yield branch.test.name
                yield from names_in(branch.nodes)


def render(nodes: tuple[Node, ...], values: Mapping[str, Any], *, html: bool) -> str:
    """The text of the nodes; see ``variables.Template.render``."""
    renderer = _Renderer(values, html)
    renderer.add_all(nodes)
    return "".join(renderer.pieces)


class _Renderer:
    def __init__(self, values: Mapping[str, Any], html: bool) -> None:
        self.values = values
        self.html = html
        # Each value is read once: a long list that a template names ten thousand times costs no more.
        self.texts: dict[str, str] = {}
        self.pieces: list[str] = []
        self.left = MOST_OUTPUT

    def add_all(self, nodes: tuple[Node, ...]) -> None:
        for node in nodes:
            if self.left <= 0:
                break
            if isinstance(node, Text):
                self._add(node.text)
            elif isinstance(node, Variable):
                text = self._variable(node)
                self._add(escape(text) if self.html else text)
            else:
                self._branches(node)

    def _branches(self, node: If) -> None:
        for branch in node.branches:
            if branch.test is None or self._holds(branch.test):
                self.add_all(branch.nodes)
                break

    def _holds(self, test: Test) -> bool:
        text = self._text(test.name)
        holds = bool(text) if test.wanted is None else text == test.wanted
        return holds != test.negated

    def _variable(self, node: Variable) -> str:
        # More than fits is never worth a filter's or an escape's work.
        text = self._text(node.name)[: self.left + 1]
        for name in node.filters:
            text = FILTERS[name](text)
        return text or node.fallback

    def _text(self, name: str) -> str:
        if name not in self.texts:
            self.texts[name] = text_of(self.values.get(name))
        return self.texts[name]

    def _add(self, piece: str) -> None:
        """Adds the piece whole or, with all that follows, not at all: half an entity or link helps nobody."""
        if len(piece) > self.left:
            self.left = 0
            return
        self.left -= len(piece)
        self.pieces.append(piece)
