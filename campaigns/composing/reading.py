"""Reads a template's source: one pass for the markers, one for what they enclose."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from campaigns.composing.characters import shown, unescape
from campaigns.composing.nodes import Branch, If, Node, Test, Text, Variable
from campaigns.composing.values import FILTERS
from fluenzr_site.core.saying import say

#: Characters of a template's source.
MOST_SOURCE: Final = 200_000
#: Problems that are told at once. It also bounds the work on a source of nothing but mistakes.
MOST_PROBLEMS: Final = 20
#: If inside if.
MOST_NESTED: Final = 20
#: Characters of a variable's name.
MOST_NAME: Final = 200

_OPENED: Final = re.compile(r"\{[{%]")
_CLOSED: Final = {"{{": "}}", "{%": "%}"}
_QUOTES: Final = {'"': '"', "'": "'", "“": "”", "«": "»"}


class InvalidTemplate(ValueError):
    """The source isn't a template; each of ``problems`` is a sentence that names the line and what is right."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        # The argument itself, so that the exception pickles.
        super().__init__(problems)

    def __str__(self) -> str:
        return " ".join(self.problems)


class _Full(Exception):
    """As many problems as are told."""


def read(source: str, *, markup: bool) -> tuple[Node, ...]:
    """The nodes of a source. Raises InvalidTemplate."""
    if len(source) > MOST_SOURCE:
        raise InvalidTemplate(
            [
                say(
                    "The text has %(count)s characters: shorten it to at most %(most_source)s.",
                    count=len(source),
                    most_source=MOST_SOURCE,
                )
            ]
        )
    reader = _Reader(source, markup)
    try:
        nodes = reader.run()
    except _Full:
        nodes = ()
    if reader.problems:
        raise InvalidTemplate(reader.problems)
    return nodes


@dataclass(slots=True)
class _Open:
    """An if that isn't closed yet, and the branch that is being filled."""

    line: int
    test: Test | None
    branches: list[Branch] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)

    def end_branch(self) -> None:
        self.branches.append(Branch(self.test, tuple(self.nodes)))
        self.nodes = []


class _Reader:
    def __init__(self, source: str, markup: bool) -> None:
        self.source = source
        self.markup = markup
        self.line = 1
        self.problems: list[str] = []
        # The first is the whole, which never closes.
        self.open = [_Open(0, None)]

    def run(self) -> tuple[Node, ...]:
        for kind, text in self._pieces():
            if kind == "text":
                self.open[-1].nodes.append(Text(text))
            elif kind == "{{":
                self._variable(text)
            else:
                self._tag(text)
        for unclosed in self.open[1:]:
            self.line = unclosed.line
            self._refuse("{% if %} isn't closed; write {% endif %} where it ends")
        return tuple(self.open[0].nodes)

    def _refuse(self, message: str) -> None:
        self.problems.append(say("Line %(line)s: %(problem)s.", line=str(self.line), problem=message))
        if len(self.problems) >= MOST_PROBLEMS:
            raise _Full

    def _pieces(self) -> Iterator[tuple[Literal["text", "{{", "{%"], str]]:
        """Text, and what stands between markers, with ``line`` where it starts."""
        at = 0
        while opened := _OPENED.search(self.source, at):
            if opened.start() > at:
                yield "text", self.source[at : opened.start()]
            self.line += self.source.count("\n", at, opened.start())
            marker = opened[0]
            inside, end = self._inside(marker, opened.end())
            if inside is not None:
                yield "{{" if marker == "{{" else "{%", inside
            self.line += self.source.count("\n", opened.start(), end)
            at = end
        if at < len(self.source):
            yield "text", self.source[at:]

    def _inside(self, marker: str, start: int) -> tuple[str | None, int]:
        """What the marker encloses, or None where it isn't closed, and where to go on."""
        closed = self.source.find(_CLOSED[marker], start)
        again = _OPENED.search(self.source, start, closed if closed >= 0 else len(self.source))
        if closed >= 0 and not again:
            return self.source[start:closed], closed + 2
        rest = self.source[start : start + 60].partition("\n")[0]
        self._refuse(
            say(
                "“%(value)s” isn't closed; write %(closed)s where it ends",
                value=shown(marker + rest),
                closed=_CLOSED[marker],
            )
        )
        return None, again.start() if again else len(self.source)

    def _decoded(self, inside: str) -> str | None:
        """What stands inside a marker; in HTML without its entities. None, with a problem, for formatting."""
        if not self.markup:
            return inside.strip()
        if "<" in inside:
            self._refuse(
                say(
                    "“%(inside)s” has formatting inside the braces; format the whole of it instead",
                    inside=shown(inside),
                )
            )
            return None
        return unescape(inside).replace("\xa0", " ").strip()

    def _variable(self, inside: str) -> None:
        decoded = self._decoded(inside)
        if decoded is None:
            return
        name, *rest = _split(decoded)
        if not self._is_name(name, "{{firstName}}"):
            return
        fallbacks = [each for each in rest if each not in FILTERS]
        if len(fallbacks) > 1:
            self._refuse(
                say(
                    "“%(decoded)s” has two fallback texts; put a text with | inside it in quotes",
                    decoded=shown(decoded),
                )
            )
            return
        filters = tuple(each for each in rest if each in FILTERS)
        if len(filters) > len(FILTERS):
            self._refuse(
                say("“%(name)s” has more than %(count)s filters; leave some out", name=shown(name), count=len(FILTERS))
            )
            return
        self.open[-1].nodes.append(Variable(name, filters, _unquoted(fallbacks[0]) if fallbacks else ""))

    def _is_name(self, name: str, example: str) -> bool:
        if not name:
            self._refuse(say("a variable's name is missing; write it as in %(example)s", example=example))
        elif len(name) > MOST_NAME:
            self._refuse(
                say(
                    "“%(name)s” is too long for a variable's name; write at most %(most_name)s characters",
                    name=shown(name),
                    most_name=MOST_NAME,
                )
            )
        elif any(character in name for character in "{}\n\r"):
            self._refuse(
                say("“%(name)s” isn't a variable's name; write it without braces and on one line", name=shown(name))
            )
        else:
            return True
        return False

    def _tag(self, inside: str) -> None:
        decoded = self._decoded(inside)
        if decoded is None:
            return
        word, rest = (decoded.split(None, 1) + ["", ""])[:2]
        if word == "if":
            self._if(rest)
        elif word in ("elif", "else", "endif"):
            self._go_on(word, rest)
        else:
            what = f"{{% {shown(word)} %}}" if word else "{% %}"
            self._refuse(say("%(what)s can't be used; only if, elif, else and endif", what=what))

    def _if(self, rest: str) -> None:
        if len(self.open) > MOST_NESTED:
            self._refuse(
                say("{%% if %%} is nested more than %(most_nested)s deep; take one out", most_nested=MOST_NESTED)
            )
            # What closes the ones too deep would be told as mistakes of their own.
            raise _Full
        # A wrong test opens too, so that its endif isn't told as a mistake of its own.
        self.open.append(_Open(self.line, self._test(rest, "if") or Test("")))

    def _go_on(self, word: str, rest: str) -> None:
        block = self.open[-1]
        if block.line == 0:
            self._refuse(say("{%% %(word)s %%} has no {%% if %%} before it; add one or remove it", word=word))
            return
        if word != "elif" and rest:
            self._refuse(
                say("{%% %(word)s %(rest)s %%} can't be used; write {%% %(word)s %%}", word=word, rest=shown(rest))
            )
        if word != "endif" and block.test is None:
            self._refuse(say("{%% %(word)s %%} comes after {%% else %%}; put it before", word=word))
        block.end_branch()
        if word == "endif":
            self.open.pop()
            self.open[-1].nodes.append(If(tuple(block.branches)))
        else:
            block.test = self._test(rest, "elif") or Test("") if word == "elif" else None

    def _test(self, text: str, word: str) -> Test | None:
        """The test of an if or elif, or None with a problem."""
        name, operator, wanted = _compared(text)
        negated = operator == "!="
        if not operator and name.split(None, 1)[:1] == ["not"]:
            name, negated = name[3:].strip(), True
        if not self._is_name(name, f"{{% {word} jobTitle %}}"):
            return None
        if any(character in name for character in "<>=|\"'"):
            self._refuse(
                say(
                    '“%(text)s” can\'t be tested; write {%% %(word)s jobTitle == "CEO" %%}', text=shown(text), word=word
                )
            )
            return None
        if operator and not _is_quoted(wanted):
            self._refuse(
                say(
                    'what “%(name)s” is compared with must be in quotes; write %(operator)s "text"',
                    name=shown(name),
                    operator=operator,
                )
            )
            return None
        return Test(name, negated, _unquoted(wanted).strip() if operator else None)


def _split(inside: str) -> list[str]:
    """The pieces between ``|``, trimmed; a ``|`` in a piece that starts with a quote belongs to it."""
    pieces: list[str] = []
    at = 0
    while at <= len(inside):
        start = at
        while start < len(inside) and inside[start].isspace():
            start += 1
        after = start
        # The first piece is the name, where a quote is a quote.
        if pieces and start < len(inside) and inside[start] in _QUOTES:
            after = max(inside.find(_QUOTES[inside[start]], start + 1), start)
        end = inside.find("|", after)
        end = len(inside) if end < 0 else end
        pieces.append(inside[at:end].strip())
        at = end + 1
        if len(pieces) > len(FILTERS) + 3:
            # More than can be right: the rest would only cost time.
            break
    return pieces


def _compared(text: str) -> tuple[str, str, str]:
    """Name, operator (``==``, ``!=`` or empty) and the rest; the operator that comes first counts."""
    places = [(place, operator) for operator in ("==", "!=") if (place := text.find(operator)) >= 0]
    if not places:
        return text.strip(), "", ""
    place, operator = min(places)
    return text[:place].strip(), operator, text[place + 2 :].strip()


def _is_quoted(text: str) -> bool:
    return len(text) >= 2 and _QUOTES.get(text[0]) == text[-1] and text[-1] not in text[1:-1]


def _unquoted(text: str) -> str:
    return text[1:-1] if _is_quoted(text) else text
