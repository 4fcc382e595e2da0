"""A received text in pieces: what is new in it, and what it quotes, which is folded away."""

from dataclasses import dataclass
from typing import Final

from campaigns.receiving import preview

#: Characters of a text that are shown.
MOST_SHOWN: Final = 20_000


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    is_quoted: bool


def pieces(text: str) -> list[Piece]:
    """The text in its order, cut at MOST_SHOWN characters; neighbouring lines of one kind are one piece."""
    lines = text[:MOST_SHOWN].replace("\r", "\n").split("\n")
    found: list[Piece] = []
    kind, held = False, list[str]()
    for line, is_quoted in zip(lines, _marked(lines), strict=True):
        if is_quoted != kind and line.strip():
            found.append(Piece("\n".join(held), kind))
            kind, held = is_quoted, []
        held.append(line)
    found.append(Piece("\n".join(held), kind))
    return [Piece(each.text.strip("\n"), each.is_quoted) for each in found if each.text.strip()]


def _marked(lines: list[str]) -> list[bool]:
    """Which lines are quoted: by the same marks that the preview of a reply leaves out."""
    marked: list[bool] = []
    while len(marked) < len(lines):
        at = len(marked)
        length = preview.attribution(lines, at)
        if preview.is_quoted(lines[at]):
            marked.append(True)
        elif preview.starts_copy(lines, at) or (length and not preview.quote_follows(lines, at + length)):
            marked += [True] * (len(lines) - at)
        else:
            marked += [True] * length or [False]
    return marked
