"""Gaps that a workflow to start from leaves for its author: a line that ends in “ …” still waits for its words."""

import re
from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _

from campaigns.workflow.graph import Email

_GAP: Final = re.compile(r"^.*\s…[ \t]*$", re.MULTILINE)
_MOST: Final = 70


def unfinished(node: Email) -> Iterator[tuple[str, str]]:
    """The field of the editor, and what is said of it; once for each text, however many gaps it has."""
    texts = {"subject": node.subject, "body": node.body}
    if node.variant_b:
        texts |= {"b.subject": node.variant_b.subject, "b.body": node.variant_b.body}
    for field, text in texts.items():
        if gap := _GAP.search(text):
            yield field, _("There is still a gap to fill in: “%(text)s”") % {"text": _end(gap[0].strip())}


def _end(line: str) -> str:
    """The last words of a long line."""
    return line if len(line) <= _MOST else line[-_MOST:].partition(" ")[2]
