"""Characters that no e-mail needs, and entities, read without trusting either."""

import html
import re
from typing import Final

_CONTROLS = "\x00-\x1f\x7f-\x9f\u2028\u2029"
_NOT_IN_LINE: Final = re.compile(f"[{_CONTROLS}]")
_NOT_IN_TEXT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_NOT_CLEAN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_LINE_ENDS: Final = re.compile("\r\n|[\r\x85\u2028\u2029]")
_SPACES: Final = re.compile(" {2,}")
# html.unescape raises ValueError for decimal numbers of thousands of digits, and is quadratic in them.
_LONG_ENTITY: Final = re.compile(r"&#[xX]?[0-9a-fA-F]{9,}+;?")


def one_line(text: str) -> str:
    """The text on one line, trimmed: control characters and line ends of every kind become a single space."""
    return _SPACES.sub(" ", _NOT_IN_LINE.sub(" ", _SURROGATES.sub("\ufffd", text))).strip()


def clean(text: str) -> str:
    """The text with ``\\n`` line ends, without other control characters (tab stays) and lone surrogates."""
    if not _NOT_CLEAN.search(text):
        return text
    return _NOT_IN_TEXT.sub("", _SURROGATES.sub("\ufffd", _LINE_ENDS.sub("\n", text)))


def has_controls(text: str) -> bool:
    """Whether the text has a control character or a line end of any kind."""
    return _NOT_IN_LINE.search(text) is not None


def unescape(text: str) -> str:
    """The text with its HTML entities decoded: never raises, linear."""
    return html.unescape(_LONG_ENTITY.sub("\ufffd", text)) if "&" in text else text


def shown(text: str, most: int = 40) -> str:
    """A piece of text inside a message for a person."""
    line = one_line(text)
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
