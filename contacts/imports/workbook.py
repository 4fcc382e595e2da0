"""Reads the first worksheet with rows of an XLSX workbook, its cells as people see them."""

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import islice
from typing import BinaryIO, Final, cast

from openpyxl import load_workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet.worksheet import Worksheet

from contacts.imports import headers
from contacts.imports.parsing import Line
from contacts.imports.table import MAX_COLUMNS, Record, Source, Table, Unreadable, fitted, is_blank
from fluenzr_site.core.saying import Sentence, say

_MAX_UNPACKED: Final = 1_000_000_000
_MAX_RATIO: Final = 200
# Shared strings are the one part that is held in memory while rows are read.
_MAX_STRINGS: Final = 200_000_000
_MAX_PARTS: Final = 10_000
_SAMPLE = 200
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# An import keeps why it failed in English.
_ADVISED: Final = Sentence("%(problem)s. Save the contacts as CSV (UTF-8) or as a plain XLSX workbook and try again.")
# The same after the file's name, as ``reading.of_file`` puts it.
Sentence("%(file)s: %(problem)s. Save the contacts as CSV (UTF-8) or as a plain XLSX workbook and try again.")


def open_workbook(source: Source) -> Table:
    """The table in a workbook; raises Unreadable for another archive, a bomb, a damaged or an empty
    workbook.
    """
    _check_archive(source)
    for sheet in _sheet_names(source):
        sample = [line for line in islice(_rows(source, sheet), _SAMPLE) if not is_blank(line.cells)]
        if sample:
            header_line, names = headers.find(sample)
            return Table("xlsx", "", header_line, names, _Records(source, sheet, header_line or 0, len(names)), sheet)
    raise Unreadable(_ADVISED(problem=say("The workbook has no rows")))


class _Records:
    """The worksheet's rows, read anew at each call."""

    def __init__(self, source: Source, sheet: str, header_line: int, width: int) -> None:
        self.source, self.sheet, self.header_line, self.width = source, sheet, header_line, width

    def __call__(self, after_line: int = 0) -> Iterator[Record]:
        first = max(after_line, self.header_line)
        for line, cells, _ in _rows(self.source, self.sheet):
            if line > first and not is_blank(cells):
                yield fitted(line, cells, self.width)


def _check_archive(source: Source) -> None:
    """Refuses, from the archive's directory alone, what would fill the memory or isn't a workbook."""
    with _damaged_is_unreadable(), source() as file, zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        if "xl/workbook.xml" not in archive.namelist():
            raise Unreadable(_ADVISED(problem=say("This is a ZIP archive or another document, not an XLSX workbook")))
        unpacked, packed = sum(p.file_size for p in parts), sum(p.compress_size for p in parts)
        strings = sum(p.file_size for p in parts if "sharedstrings" in p.filename.lower())
        big = unpacked > _MAX_UNPACKED or strings > _MAX_STRINGS or len(parts) > _MAX_PARTS
        if big or (unpacked > 10_000_000 and unpacked > _MAX_RATIO * packed):
            raise Unreadable(say("The workbook is too large to be read safely. Save the contacts as CSV instead."))
        for part in parts:
            _refuse_entities(archive, part)


def _refuse_entities(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """A workbook declares no document type; one that does means to expand or fetch entities."""
    with archive.open(part) as file:
        start = file.read(65_536).replace(b"\x00", b"")
    if part.filename.endswith((".xml", ".rels")) and _DOCTYPE.search(start):
        raise Unreadable(_ADVISED(problem=say("The workbook holds declarations that contacts don't need")))


@contextmanager
def _damaged_is_unreadable() -> Iterator[None]:
    """Whatever the archive's and the XML's readers raise on damaged input becomes one sentence."""
    try:
        yield
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(_ADVISED(problem=say("The workbook is damaged or protected by a password"))) from error


def _sheet_names(source: Source) -> list[str]:
    with _damaged_is_unreadable(), _opened(source) as sheets:
        visible = [sheet.title for sheet in sheets if sheet.sheet_state == "visible"]
        return visible or [sheet.title for sheet in sheets]


@contextmanager
def _opened(source: Source) -> Iterator[list[ReadOnlyWorksheet]]:
    with source() as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(_seekable(file), read_only=True, data_only=True, keep_links=False)
        try:
            yield [sheet for sheet in book.worksheets if isinstance(sheet, ReadOnlyWorksheet)]
        finally:
            book.close()


def _seekable(file: BinaryIO) -> BinaryIO:
    file.seek(0)
    return file


def _rows(source: Source, title: str) -> Iterator[Line]:
    """Row number and cells of every row. The sheet's declared dimensions are often wrong, so they are
    not asked.
    """
    with _damaged_is_unreadable(), _opened(source) as sheets:
        sheet = next(sheet for sheet in sheets if sheet.title == title)
        sheet.reset_dimensions()
        # The stubs give the method to the other class, though the two share it.
        rows = cast(Worksheet, sheet).iter_rows(max_col=MAX_COLUMNS + 1, values_only=True)
        for line, cells in enumerate(rows, start=1):
            yield Line(line, _without_empty_end([_text(cell) for cell in cells]))


def _without_empty_end(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(value: object) -> str:
    """A cell as people see it: 2024-01-31 for a date, 5 for 5.0."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
