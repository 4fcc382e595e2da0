"""What an import would do, before it does it."""

from dataclasses import dataclass, field
from itertools import islice

from contacts.imports import store
from contacts.imports.rows import Problem, Row, converter
from contacts.models import Contact, Import

_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row as it will be stored: field (API name) to text, and what is wrong with its cells."""

    line: int
    cells: dict[str, str]
    problems: tuple[Problem, ...]

    @property
    def is_bad(self) -> bool:
        return "email" not in self.cells


@dataclass(slots=True)
class Preview:
    """The first rows, and of the whole file the totals and what is wrong with its bad rows.

    ``total`` = ``new`` + ``duplicates`` + ``bad``.
    """

    rows: list[PreviewRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    total: int = 0
    new: int = 0
    duplicates: int = 0
    bad: int = 0

    @property
    def usable(self) -> int:
        """How many rows the import has anything to do with."""
        return self.new + self.duplicates


def preview(source: Import, rows: int = 20) -> Preview:
    """Read the whole file once; writes nothing but the total. Raises Unreadable."""
    found, seen = Preview(), set[str]()
    convert = converter(store.mapping_of(source))
    records = store.table_of(source).records(0)
    while chunk := [convert(record) for record in islice(records, _CHUNK)]:
        found.rows += [_shown(row) for row in chunk[: max(0, rows - len(found.rows))]]
        _count(source, chunk, found, seen)
        found.problems += [problem for row in chunk if row.email is None for problem in row.problems]
    if source.total_rows != found.total:
        source.total_rows = found.total
        source.save(update_fields=["total_rows"])
    return found


def _count(source: Import, chunk: list[Row], found: Preview, seen: set[str]) -> None:
    emails = [row.email for row in chunk if row.email]
    known = set(Contact.objects.of(source.workspace).filter(email__in=emails).values_list("email", flat=True))
    for email in emails:
        if email in known or email in seen:
            found.duplicates += 1
        else:
            found.new += 1
        seen.add(email)
    found.total += len(chunk)
    found.bad += len(chunk) - len(emails)


def _shown(row: Row) -> PreviewRow:
    cells = dict(row.values) | {f"custom:{key}": value for key, value in row.custom_fields.items()}
    named = {
        "email": row.email,
        "tags": ", ".join(row.tags),
        "groups": ", ".join(row.groups),
        "stage": row.stage,
        "status": row.status,
    }
    return PreviewRow(row.line, cells | {name: text for name, text in named.items() if text}, row.problems)
