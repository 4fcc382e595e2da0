import csv
import functools
import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from itertools import islice
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from contacts.imports.mapping import guess
from contacts.imports.reading import Table, Unreadable, open_table
from contacts.imports.rows import converter
from contacts.imports.table import MAX_RECORD

HEADER = ["Email", "First name", "Notes"]


def source(content: bytes) -> Callable[[], BinaryIO]:
    return lambda: io.BytesIO(content)


def table(content: str | bytes, encoding: str = "utf-8") -> Table:
    return open_table(source(content.encode(encoding) if isinstance(content, str) else content))


def rows(found: Table) -> list[tuple[int, list[str]]]:
    return [(record.line, list(record.cells)) for record in found.records(0)]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separator(separator: str) -> None:
    found = table(f"Email{separator}Name\na@example.com{separator}Ann\n")
    assert (found.delimiter, found.header, found.header_line) == (separator, ("Email", "Name"), 1)
    assert rows(found) == [(2, ["a@example.com", "Ann"])]


def test_separator_despite_lists_and_decimal_commas() -> None:
    found = table("Email;Tags;Score\na@example.com;x,y,z;1,5\nb@example.com;x,y,z;2,5\n")
    assert found.delimiter == ";"


def test_declared_separator() -> None:
    found = table("\ufeffsep=;\nEmail;Name\na@example.com;Ann\n")
    assert (found.encoding, found.delimiter, found.header_line) == ("utf-8-sig", ";", 2)
    assert rows(found) == [(3, ["a@example.com", "Ann"])]


@pytest.mark.parametrize(
    ("name", "codec", "text"),
    [
        ("utf-8", "utf-8", "Zoë"),
        ("utf-8-sig", "utf-8-sig", "Zoë"),
        ("utf-16-le-bom", "utf-16", "张三"),
        ("utf-16-le", "utf-16-le", "张三"),
        ("utf-16-be", "utf-16-be", "Zoë"),
        ("windows-1252", "cp1252", "Hélène Lefèvre, Œuvre d’Été"),
        ("macintosh", "mac_roman", "Hélène Lefèvre, François"),
        ("shift_jis", "cp932", "山田太郎 カタカナ"),
        ("windows-1251", "cp1251", "Алексей Иванов"),
        ("koi8-r", "koi8_r", "Алексей Иванов"),
        ("windows-1253", "cp1253", "Μαρία Νικολάου, Δημήτρης"),
        ("gb18030", "gb18030", "张三李四王五重要客户公司电话"),
        ("euc-kr", "cp949", "김철수 이영희 박지성"),
    ],
)
def test_encoding(name: str, codec: str, text: str) -> None:
    found = table(f'Email,Name\na@example.com,"{text}"\n', codec)
    assert (found.encoding, rows(found)) == (name, [(2, ["a@example.com", text])])


def test_western_byte_far_from_the_start() -> None:
    plain = b"".join(b"p%d@example.com,Ann\n" % number for number in range(20_000))
    found = table(b"Email,Name\n" + plain + b"z@example.com,Andr\xe9\n")
    assert found.encoding == "windows-1252"
    assert list(islice(found.records(20_001), 1))[0].cells == ("z@example.com", "André")


def test_stray_byte_in_utf8() -> None:
    content = "Email,Name\na@example.com,Zoë\nb@example.com,Ünal\n".encode() + b"c@example.com,Andr\xe9\n"
    assert [cells[1] for _, cells in rows(table(content))] == ["Zoë", "Ünal", "André"]


@pytest.mark.parametrize(
    ("preamble", "line"),
    [
        ("", 1),
        ("Notes:\n", 2),
        ('Notes:\n"When exporting, some addresses are missing. See https://example.com, please"\n\n', 4),
        ('"Report of 1 May","",""\n"","",""\n"CLIENTS","",""\n', 4),
        ("Exported by admin@example.com\n", 2),
    ],
)
def test_lines_before_the_header(preamble: str, line: int) -> None:
    found = table(preamble + "First Name,Email Address,Company\nAnn,a@example.com,Acme\n")
    assert (found.header_line, found.header) == (line, ("First Name", "Email Address", "Company"))
    assert rows(found) == [(line + 1, ["Ann", "a@example.com", "Acme"])]


@pytest.mark.parametrize("content", ["a@example.com,Ann\nb@example.com,Bo\n", "Ann,a@example.com\n"])
def test_no_header(content: str) -> None:
    found = table(content)
    assert (found.header_line, found.header) == (None, ("Column 1", "Column 2"))
    assert len(rows(found)) == content.count("\n")


def test_single_column() -> None:
    found = table("a@example.com\nTim Tangelo <tim@example.com>\n")
    assert (found.delimiter, len(rows(found))) == ("", 2)


def test_header_of_unknown_names() -> None:
    found = table("isbn;published\n5454-5587;2011-05-21\n")
    assert (found.header_line, found.header) == (1, ("isbn", "published"))


def test_separator_found_late() -> None:
    found = table("one\n" * 40 + "a,b\n")
    assert len(rows(found)) == 40


def test_header_only() -> None:
    found = table("Email,Name")
    assert (found.header, rows(found)) == (("Email", "Name"), [])


def test_ragged_and_blank_rows() -> None:
    found = table("Email,Name,\n\na@example.com\n,,\n ,\t,\nb@example.com,Bo,x,y\n")
    assert found.header == ("Email", "Name", "Column 3")
    assert rows(found) == [(3, ["a@example.com", "", ""]), (6, ["b@example.com", "Bo", "x"])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_quoted_ones(end: str) -> None:
    found = table(f'Email,"Notes{end}here"{end}a@example.com,"one{end}two"{end}b@example.com,x{end}')
    assert found.header == ("Email", "Notes here")
    assert rows(found) == [(3, ["a@example.com", f"one{end}two"]), (5, ["b@example.com", "x"])]


def test_quotes_in_the_middle_and_after_a_space() -> None:
    found = table('Name,Email\n"Jeff "the dude" Bridges",j@example.com\nAnn, "a@example.com"\n5" pipe,p@example.com\n')
    assert [cells[1] for _, cells in rows(found)] == ["j@example.com", "a@example.com", "p@example.com"]


def test_quote_never_closed_costs_its_row_only() -> None:
    found = table('Name,Email\n"Maya,m@example.com\nBo,b@example.com\nCy,c@example.com\n')
    assert rows(found) == [
        (2, ["Maya,m@example.com", ""]),
        (3, ["Bo", "b@example.com"]),
        (4, ["Cy", "c@example.com"]),
    ]


def test_quote_closed_by_a_later_row() -> None:
    found = table('Name,Email\n"Maya,m@example.com\nBo,b@example.com\n"Cy",c@example.com\nDi,d@example.com\n')
    assert [(line, cells[1]) for line, cells in rows(found)][1:] == [
        (3, "b@example.com"),
        (4, "c@example.com"),
        (5, "d@example.com"),
    ]


def test_many_quotes_never_closed() -> None:
    content = "Name,Email\n" + 'x,"\n' * 5_001 + "Bo,b@example.com\n"
    assert rows(table(content))[-1] == (5_003, ["Bo", "b@example.com"])


def test_long_field_and_nul() -> None:
    long = "x" * 131_073
    found = table(f"Email,Notes\na@example.com,{long}\nb@example.com,n\x00l\n")
    assert rows(found)[0] == (2, ["a@example.com", long])
    assert rows(found)[1][0] == 3


def test_resuming_after_a_line() -> None:
    found = table('Email,Notes\na@example.com,"x\ny"\nb@example.com,\nc@example.com,\n')
    assert [record.line for record in found.records(2)] == [4, 5]


def test_too_many_columns() -> None:
    with pytest.raises(Unreadable, match="100,000 columns; at most 2,000"):
        table(",".join(f"column {number}" for number in range(100_000)) + "\n")


def test_line_without_end() -> None:
    with pytest.raises(Unreadable, match="a line of more than"):
        table(b"Email,Name\n" + b"x" * (MAX_RECORD + 1))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xff\xfe", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "picture"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "old Excel workbook"),
        (b"PK\x03\x04 nothing", "damaged"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"<!DOCTYPE html><table>", "web page"),
        (b"BEGIN:VCARD\nEND:VCARD\n", "vCard"),
        (b'[{"email": "a@example.com"}]', "JSON"),
        (bytes(range(1, 9)) * 100, "binary"),
    ],
)
def test_not_contacts(content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        table(content)


def test_refusal_names_the_file() -> None:
    with pytest.raises(Unreadable, match=r"^list\.csv: The file is empty"):
        open_table(source(b""), filename="list.csv")


def workbook(*lines: list[object]) -> bytes:
    book, buffer = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.title = "People"
    for line in lines:
        sheet.append(line)
    book.save(buffer)
    return buffer.getvalue()


def test_workbook() -> None:
    content = workbook(
        ["My contacts"],
        ["Email", "Since", "Seen", "Score", "Rate", "Member"],
        ["a@example.com", date(2024, 1, 31), datetime(2024, 1, 31, 9, 30), 5.0, 1.5, True],
        [],
        ["b@example.com"],
    )
    found = table(content)
    assert (found.encoding, found.sheet, found.header_line, found.delimiter) == ("xlsx", "People", 2, "")
    assert rows(found) == [
        (3, ["a@example.com", "2024-01-31", "2024-01-31 09:30:00", "5", "1.5", "true"]),
        (5, ["b@example.com", "", "", "", "", ""]),
    ]


def test_other_archive_and_bomb() -> None:
    other, bomb = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(30_000_000))
    with pytest.raises(Unreadable, match="not an XLSX workbook"):
        table(other.getvalue())
    with pytest.raises(Unreadable, match="too large"):
        table(bomb.getvalue())


def test_workbook_with_entities() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><workbook/>')
    with pytest.raises(Unreadable, match="declarations"):
        table(buffer.getvalue())


def everything(content: bytes) -> None:
    try:
        found = open_table(source(content))
        sample = list(islice(found.records(0), 50))
        convert = converter(guess(found.header, sample))
        for record in found.records(0):
            assert len(record.cells) == len(found.header)
            convert(record)
    except Unreadable:
        pass


@given(st.binary(max_size=300))
def test_any_bytes(content: bytes) -> None:
    everything(content)


@given(st.lists(st.sampled_from([*b"\n\r,;\t|\"a@. <>1\x00\xe9\xff\xfe\xc3\xa9='", *b"Email,Name"]), max_size=120))
def test_any_bytes_of_a_table(content: list[int]) -> None:
    everything(bytes(content))


@functools.cache
def one_workbook() -> bytes:
    """Another would be of another length: it holds the second of its making, compressed."""
    return workbook(["Email", "Name"], ["a@example.com", "Ann"])


@settings(max_examples=30)
@given(st.data())
def test_any_damage_to_a_workbook(data: st.DataObject) -> None:
    content = bytearray(one_workbook())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    everything(bytes(content))


PIECES = [*"abc ,;|\t\"\n'=", "née"]
CELL = st.lists(st.sampled_from(PIECES), max_size=8).map(lambda pieces: "".join(pieces).strip())


@given(
    st.lists(st.tuples(st.integers(0, 999), CELL, CELL), min_size=1, max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_written_cells_come_back(lines: list[tuple[int, str, str]], separator: str, encoding: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL)
    cells = [[f"p{number}@example.com", first, second] for number, first, second in lines]
    writer.writerows([HEADER, *cells])
    found = table(text.getvalue(), encoding)
    assert (found.delimiter, list(found.header)) == (separator, HEADER)
    assert [list(record.cells) for record in found.records(0)] == cells
