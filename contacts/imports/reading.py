"""Opens whatever people call a list of contacts: delimited text of any encoding and separator, or a
workbook.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from contacts.imports import delimiters, encodings, headers, kinds, parsing, workbook
from contacts.imports.encodings import Encoding
from contacts.imports.table import Record, Source, Table, Unreadable, fitted, is_blank
from fluenzr_site.core.saying import say

__all__ = ["Record", "Source", "Table", "Unreadable", "of_file", "open_table"]

_HEAD_BYTES: Final = 65_536
_HEAD_CHARACTERS: Final = 262_144
_HEAD_LINES: Final = 500


def open_table(source: Source, *, filename: str = "") -> Table:
    """The table in a file, judged by its content alone: names lie (``filename`` only completes the messages).

    The encoding is checked over the whole file once, the shape found from its first lines; rows are read
    on demand, and memory doesn't grow with the file. Raises Unreadable for what can't be contacts. A
    header without rows is no error.
    """
    try:
        return _open(source)
    except Unreadable as error:
        raise Unreadable(of_file(filename, error)) from error


def of_file(filename: str, error: Exception) -> str:
    """What is wrong with a file, after its name where it has one."""
    return say("%(file)s: %(problem)s", file=filename, problem=str(error)) if filename else str(error)


def _open(source: Source) -> Table:
    with source() as file:
        head = file.read(_HEAD_BYTES)
    kinds.refuse_binary(head)
    if head.startswith(kinds.ZIP):
        return workbook.open_workbook(source)
    encoding = encodings.detect(source, head)
    if not encoding.codec.startswith("utf-16") and not encoding.codec.startswith("utf-32"):
        kinds.refuse_noise(head)
    return _open_text(source, encoding)


def _open_text(source: Source, encoding: Encoding) -> Table:
    head = _head(source, encoding)
    kinds.refuse_blank("".join(head))
    declared = delimiters.declared(head[0])
    body = ["\n", *head[1:]] if declared else head
    delimiter = declared or delimiters.detect(body)
    header_line, names = headers.find(list(parsing.parse(body, delimiter)))
    records = _Records(source, encoding, delimiter, header_line or (1 if declared else 0), len(names))
    return Table(encoding.name, delimiter if len(names) > 1 else "", header_line, names, records)


def _head(source: Source, encoding: Encoding) -> Sequence[str]:
    """The first lines, whole, the first of them however long."""
    taken: list[str] = []
    size = 0
    for line in islice(parsing.lines(source, encoding), _HEAD_LINES):
        taken.append(line)
        size += len(line)
        if size > _HEAD_CHARACTERS:
            break
    return taken or [""]


class _Records:
    """The rows below the header, read anew at each call."""

    def __init__(self, source: Source, encoding: Encoding, delimiter: str, last: int, width: int) -> None:
        self.source, self.encoding, self.delimiter, self.width = source, encoding, delimiter, width
        self.last = last

    def __call__(self, after_line: int = 0) -> Iterator[Record]:
        last = max(after_line, self.last)
        physical = parsing.lines(self.source, self.encoding)
        for line, cells, unclosed in parsing.parse(physical, self.delimiter, self.width):
            if line > last and not is_blank(cells):
                yield fitted(line, cells, self.width, unclosed)
