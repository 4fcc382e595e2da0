"""Delimited text as records with the physical line on which each starts.

The standard library's reader does the work. What it can't do is told from a record that spans several
lines: an opening quote that is never closed makes it swallow the rows up to the next quote, or the whole
rest of the file. Such a row is read by itself (the quote gone, usually a single cell) and
told apart, so that it is reported, and the lines after it are read again.
"""

import csv
import io
from collections.abc import Generator, Iterable, Iterator
from functools import partial
from typing import Final, NamedTuple

from contacts.imports.encodings import Encoding
from contacts.imports.table import MAX_RECORD, Source, Unreadable
from fluenzr_site.core.saying import Sentence

# The reader wants a separator even for a single column: a code point that is never a character.
_NONE: Final = "\uffff"
# An import keeps why it failed in English: it is recognised.
_TOO_LONG: Final = Sentence(
    "The file has a line of more than %(most)s characters, so it isn't a table of contacts. "
    "Export the contacts as CSV, one contact a line."
)


class Line(NamedTuple):
    """A record: the physical line on which it starts, from 1, its cells, and whether a quote in it never ends."""

    number: int
    cells: list[str]
    unclosed: bool = False


# The limit is the process's, and 131,072 by default; a longer cell must be a problem of its row, not of
# the run.
csv.field_size_limit(max(csv.field_size_limit(), 2 * MAX_RECORD))


def lines(source: Source, encoding: Encoding) -> Iterator[str]:
    """The decoded physical lines, ends kept (LF, CRLF or CR), without NULs, which no database keeps.

    Raises Unreadable for a line without end.
    """
    with source() as file, io.TextIOWrapper(file, encoding.codec, encoding.errors, newline="") as text:
        for line in iter(partial(text.readline, MAX_RECORD), ""):
            if len(line) >= MAX_RECORD:
                raise Unreadable(_TOO_LONG(most=MAX_RECORD))
            yield line.replace("\0", "") if "\0" in line else line


class _Waiting:
    """Lines that can be put back any number of times, at no cost for those still to come."""

    def __init__(self, physical: Iterable[str]) -> None:
        self.physical, self.back = iter(physical), list[str]()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        return self.back.pop() if self.back else next(self.physical)

    def put_back(self, again: list[str]) -> None:
        self.back.extend(reversed(again))


def parse(physical: Iterable[str], delimiter: str, width: int = 0) -> Iterator[Line]:
    """Each record, blank ones too; ``width`` (0: unknown) helps to tell an unclosed quote."""
    waiting, line = _Waiting(physical), 1
    while line:
        line = yield from _until_unclosed(waiting, delimiter, width, line)


def _until_unclosed(waiting: _Waiting, delimiter: str, width: int, line: int) -> Generator[Line, None, int]:
    """Records up to the first whose quote isn't closed; returns the line to read on from, 0 at the end."""
    taken: list[str] = []
    for cells in _reader(_bounded(waiting, taken), delimiter):
        if len(taken) > 1 and _is_unclosed(taken, cells, delimiter, width):
            yield Line(line, _alone(taken[0], delimiter), unclosed=True)
            waiting.put_back(taken[1:])
            return line + 1
        # Of a lone line, only one with an odd number of quotes can have an open one: the last of the file.
        if len(taken) == 1 and taken[0].count('"') % 2 and _is_open(taken, delimiter):
            yield Line(line, _alone(taken[0], delimiter), unclosed=True)
        else:
            yield Line(line, cells)
        line += len(taken)
        taken.clear()
    return 0


def _reader(physical: Iterable[str], delimiter: str, strict: bool = False) -> Iterator[list[str]]:
    # The space in `a, "b, c"` would make its quotes ordinary characters.
    return csv.reader(physical, delimiter=delimiter or _NONE, skipinitialspace=True, strict=strict)


def _bounded(waiting: Iterator[str], taken: list[str]) -> Iterator[str]:
    """Hands lines to the reader and notes them; ends early where one record takes more than any may."""
    size = 0
    for line in waiting:
        size = size + len(line) if taken else len(line)
        taken.append(line)
        yield line
        if taken and size > MAX_RECORD:
            return


def _alone(line: str, delimiter: str) -> list[str]:
    """The cells of a line whose last quote isn't closed."""
    cells = next(_reader([line], delimiter), [])
    return [*cells[:-1], cells[-1].rstrip("\r\n")] if cells else cells


def _is_unclosed(taken: list[str], cells: list[str], delimiter: str, width: int) -> bool:
    """Whether a record of several lines is really several records behind a stray quote.

    It is where the quote isn't closed at all; or where it is closed in the middle of a cell, or leaves
    another number of cells than the header's, and one of the lines swallowed is a full record by itself.
    """
    try:
        proper = next(_reader(taken, delimiter, strict=True), [])
    except csv.Error as error:
        if "unexpected end" in str(error):
            return True
    else:
        if width in (0, len(proper)):
            return False
    return width > 1 and any(_is_record(line, delimiter, width) for line in taken[1:])


def _is_open(taken: list[str], delimiter: str) -> bool:
    try:
        next(_reader(taken, delimiter, strict=True), [])
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _is_record(line: str, delimiter: str, width: int) -> bool:
    """Whether the line is as wide as the header by itself, its own last quote closed or not."""
    try:
        return len(next(_reader([line], delimiter, strict=True), [])) == width
    except csv.Error as error:
        return "unexpected end" in str(error) and len(_alone(line, delimiter)) == width
