"""What a file of contacts looks like once it has been read, whatever it was."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

#: Opens the file anew, at its start, for each pass, so that nothing of it is held in memory. A
#: workbook's must seek.
Source = Callable[[], BinaryIO]

MAX_COLUMNS: Final = 2_000
#: Characters of one line or of one record with its quoted line breaks.
MAX_RECORD: Final = 10_000_000


class Unreadable(Exception):
    """The file can't be read as contacts; ``str()`` is a sentence that says why and what would be right."""


@dataclass(frozen=True, slots=True)
class Record:
    """A row that isn't blank.

    ``line`` is the physical line (a workbook's row) on which it starts, from 1; ``cells`` are as many as
    the header's. ``unclosed``: a quote in it never ends, so that its cells are uncertain from there on.
    """

    line: int
    cells: tuple[str, ...]
    unclosed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A file whose shape is known and whose rows are read when asked for.

    ``encoding``: ``utf-8``, ``utf-8-sig``, ``utf-16-le-bom``, ``windows-1252``, ``shift_jis`` …;
    ``xlsx`` for workbooks. ``delimiter``: one character, or empty where there is a single column or a
    workbook. ``header_line``: None where the file has no header; the names in ``header`` are then made
    up, as for empty ones. ``records(after_line)``: the rows that start after that line, lazily; 0 for
    all. Raises Unreadable on the way only for a line that never ends or a damaged workbook.
    ``sheet``: the worksheet's name, None for text.
    """

    encoding: str
    delimiter: str
    header_line: int | None
    header: tuple[str, ...]
    records: Callable[[int], Iterator[Record]]
    sheet: str | None = None


def fitted(line: int, cells: list[str], width: int, unclosed: bool = False) -> Record:
    """A record padded or cut to the width: short rows are common, long ones only ever hold stray
    separators.
    """
    if len(cells) != width:
        cells = (cells + [""] * (width - len(cells)))[:width]
    return Record(line, tuple(cells), unclosed)


def is_blank(cells: list[str]) -> bool:
    return not any(cells) or not "".join(cells).strip()


def names(cells: list[str]) -> tuple[str, ...]:
    """Column names from a header's cells; the empty ones are called by their number."""
    return tuple(" ".join(cell.split()) or made_up(number) for number, cell in enumerate(cells, start=1))


def made_up(number: int) -> str:
    """The name of a column that has none, from 1."""
    return f"Column {number}"
