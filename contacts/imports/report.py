"""What became of an import, for people and for scripts."""

import csv
import io
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from contacts.cells import neutralised
from contacts.imports import store
from contacts.models import Import, ImportProblem
from fluenzr_site.core.said import in_words


def as_json(source: Import) -> dict[str, Any]:
    """What ``import_contacts --json`` prints. ``errors`` are rows that failed; ``warnings`` cells left out."""
    problems = source.problems.order_by("line", "id")
    return {
        "id": source.pk,
        "encoding": source.encoding,
        "delimiter": source.delimiter,
        "headerLine": source.header_line,
        "mapping": store.mapping_of(source).by_field(),
        "rows": source.rows,
        "created": source.created,
        "updated": source.updated,
        "skipped": source.skipped,
        "failed": source.failed,
        "errors": [_problem(problem) for problem in problems if problem.row_failed],
        "warnings": [_problem(problem) for problem in problems if not problem.row_failed],
    }


def _problem(problem: ImportProblem) -> dict[str, Any]:
    return {
        "line": problem.line,
        "column": problem.column,
        "value": problem.value,
        "message": problem.message,
    }


def error_csv(source: Import) -> Iterator[bytes]:
    """The failed rows as they were, with their reasons: to be corrected and imported again.

    UTF-8 with a mark, which spreadsheets need to see that it is; the file's own separator, or a comma. The reasons are
    in the language that is active while it is read.
    """
    delimiter = source.delimiter or ","
    yield "\ufeff".encode() + _line([*source.header, _("Reason")], delimiter)
    failed = source.problems.filter(row_failed=True).order_by("line", "id").iterator(chunk_size=500)
    for _line_number, problems in groupby(failed, key=lambda problem: problem.line):
        together = list(problems)
        reason = "; ".join(f"{problem.column}: {in_words(problem.message)}".strip(": ") for problem in together)
        yield _line([*together[0].cells, reason], delimiter)


def _line(cells: list[str], delimiter: str) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerow([neutralised(cell) for cell in cells])
    return buffer.getvalue().encode()
