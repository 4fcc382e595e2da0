"""Finds the separator of a text file from its first lines."""

import re
from collections import Counter
from collections.abc import Sequence
from math import log2
from typing import Final

from contacts.imports.headers import is_address
from contacts.imports.parsing import Line, parse
from contacts.imports.table import is_blank
from contacts.imports.vocabulary import is_label

CANDIDATES: Final = (",", ";", "\t", "|")
_SEP_LINE = re.compile(r'\ufeff?"?sep=(.)"?[,;\t|]*\s*', re.IGNORECASE | re.DOTALL)
_ROWS = 200


def declared(line: str) -> str | None:
    """The separator that a first line such as ``sep=;`` (Excel's own) names."""
    match = _SEP_LINE.fullmatch(line)
    return match[1] if match and match[1] not in '\r\n"' else None


def detect(head: Sequence[str]) -> str:
    """The separator under which the rows agree best; empty where the file is a single column.

    Consistency alone is fooled by decimal commas and by lists inside cells, so whole cells that are
    addresses and known column names count as well. Python's own sniffer fails on one real file in seven.
    """
    scores = {candidate: _score(list(parse(head, candidate))) for candidate in CANDIDATES}
    best = max(CANDIDATES, key=lambda candidate: scores[candidate])
    return best if scores[best] > 0 else ""


def _score(records: list[Line]) -> float:
    """How much the rows look like a table, 0 for a single column."""
    rows = [record.cells for record in records[:_ROWS] if not is_blank(record.cells)]
    widths = Counter(len(cells) for cells in rows)
    wide = {width: count for width, count in widths.items() if width > 1}
    if not wide:
        return 0.0
    mode, count = max(wide.items(), key=lambda item: (item[1], item[0]))
    labels = max((sum(map(is_label, cells)) for cells in rows[:30] if len(cells) > 1), default=0)
    addresses = sum(any(map(is_address, cells)) for cells in rows if len(cells) > 1)
    return count / len(rows) * log2(min(mode, 64)) + min(labels, 4) + 2 * addresses / len(rows) - _whole(rows)


def _whole(rows: list[list[str]]) -> float:
    """Speaks for a single column: its header is a known name and its rows are addresses, commas and all."""
    single = [cells[0] for cells in rows if len(cells) == 1]
    return (sum(map(is_address, single)) + sum(map(is_label, single))) * 3 / len(rows)
