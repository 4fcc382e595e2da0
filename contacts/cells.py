"""Cells that a spreadsheet would run as a formula: how they leave, and how they come back."""

import re
from typing import Final

_STARTS: Final = frozenset("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
_NEUTRALISED: Final = re.compile("'(?='*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20])")


def neutralised(text: str) -> str:
    """``text`` as a cell that no spreadsheet runs: with an apostrophe before it, where it needs one."""
    bare = text.lstrip("'")
    return f"'{text}" if bare[:1] in _STARTS and bare else text


def restored(cell: str) -> str:
    """What was neutralised, as it was: phones keep their plus."""
    return cell[1:] if _NEUTRALISED.match(cell) else cell
