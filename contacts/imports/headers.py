"""Finds the row of column names among the first rows, or that there is none."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from contacts.addresses import BLANKS, InvalidAddress, first_in_cell
from contacts.imports.parsing import Line
from contacts.imports.table import MAX_COLUMNS, Unreadable, is_blank, made_up, names
from contacts.imports.vocabulary import is_label
from fluenzr_site.core.saying import say

_ROWS = 30
_LONGEST_LABEL: Final = 80
_VALUE = re.compile(r"(?:[a-z]+://|www\.)|[\W\d_]+\Z", re.IGNORECASE)

Found = tuple[int | None, tuple[str, ...]]


def find(records: Sequence[Line]) -> Found:
    """Line (from 1) and names of the header; line None and made-up names where the first row is data already.

    The header is the first row, above any row with an address, that holds most of the column names we
    know; where none is known, the first row as wide as the others whose cells all look like names.
    Titles, notes and empty lines above it are passed over. Raises Unreadable for more columns than a
    list of contacts has.
    """
    rows = [line for line in records if not is_blank(line.cells)]
    widest = max((len(row.cells) for row in rows), default=0)
    if widest > MAX_COLUMNS:
        raise Unreadable(
            say(
                "The file has %(widest)s columns; at most %(max_columns)s can be imported. Check that it is "
                "a list of contacts with one contact a line, and remove the columns that aren't needed.",
                widest=widest,
                max_columns=MAX_COLUMNS,
            )
        )
    usual = _usual_width(rows)
    candidates = _above_data(rows[:_ROWS], usual)
    chosen = _by_vocabulary(candidates, usual) or _by_looks(candidates, usual)
    if chosen is None:
        return None, tuple(made_up(number) for number in range(1, widest + 1))
    return chosen.number, names([cell.strip(BLANKS) for cell in chosen.cells])


def is_address(cell: str) -> bool:
    try:
        return "@" in cell and first_in_cell(cell) is not None
    except InvalidAddress:
        return False


def _usual_width(rows: Sequence[Line]) -> int:
    widths = Counter(len(row.cells) for row in rows)
    return max(widths.items(), key=lambda item: (item[1] * (1 if item[0] > 1 else 0.5), item[0]), default=(0, 0))[0]


def _above_data(rows: Sequence[Line], usual: int) -> list[Line]:
    """The rows before the first with an address; a lone address in a wide table is a line of its preamble."""
    above: list[Line] = []
    for row in rows:
        if any(map(is_address, row.cells)) and _filled(row.cells) >= min(2, usual):
            break
        above.append(row)
    return above


def _filled(cells: list[str]) -> int:
    return sum(bool(cell.strip(BLANKS)) for cell in cells)


def _by_vocabulary(candidates: Sequence[Line], usual: int) -> Line | None:
    known = [sum(map(is_label, row.cells)) for row in candidates]
    enough = max(1.0, 0.6 * max(known, default=0))
    for row, count in zip(candidates, known, strict=True):
        filled = _filled(row.cells)
        if count >= enough and filled >= min(2, usual) and count * 5 >= filled:
            return row
    return None


def _by_looks(candidates: Sequence[Line], usual: int) -> Line | None:
    for row in candidates:
        if len(row.cells) >= usual and _filled(row.cells) * 2 >= usual and all(map(_may_be_label, row.cells)):
            return row
    return None


def _may_be_label(cell: str) -> bool:
    """Whether a cell could name a column: short, and neither a number, a date nor a link."""
    cell = cell.strip(BLANKS)
    return not cell or (len(cell) <= _LONGEST_LABEL and "@" not in cell and not _VALUE.match(cell))
