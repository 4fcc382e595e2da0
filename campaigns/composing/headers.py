"""Writes e-mail headers (RFC 5322, RFC 2047) that can't be broken out of.

By hand, since EmailMessage of Python 3.11.7 decodes ``=?…?=`` in what it is given and folds the line feeds in
it unquoted (CVE-2024-6923).
"""

import base64
import re
from functools import lru_cache
from typing import Final

import idna

from campaigns.composing.characters import has_controls, one_line, shown
from fluenzr_site.core.saying import Sentence

#: Characters of a person's or company's name; the rest is dropped.
MOST_NAME: Final = 200

# A contact who can't be written to keeps in English why.
_CHARACTERS: Final = Sentence("“%(address)s” has characters that no address has.")
_NOT_ONE: Final = Sentence("“%(address)s” isn't an e-mail address: write it as name@example.com.")
_BEYOND_ASCII: Final = Sentence(
    "“%(address)s” has letters beyond ASCII before the @, which needs SMTPUTF8; that isn't supported."
)
_NOT_TAKEN: Final = Sentence("“%(address)s” isn't an e-mail address that mail systems take.")
_NO_DOMAIN: Final = Sentence("“%(address)s” has no valid domain after the @.")

_LINE: Final = 76
_WORD: Final = 75
_MOST_ADDRESS: Final = 254
_MOST_LOCAL: Final = 64
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++)*+")
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++)*+")
_DOMAIN: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*+", re.I)
_FORBIDDEN: Final = re.compile(r"[\s<>,;:()\[\]\"\\]")
# What stands for itself in any encoded word, a name's too (RFC 2047 section 5).
_PLAIN: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!*+-/")


class InvalidAddress(ValueError):
    """Not an address that can be written to; ``str()`` is one sentence for a person."""


# Each e-mail asks for its sender's and, at several steps, for its recipient's.
@lru_cache(maxsize=1024)
def address(text: str) -> str:
    """The address as it stands in the bytes, its domain in ASCII (IDNA). Raises InvalidAddress."""
    if has_controls(text) or _FORBIDDEN.search(text):
        raise InvalidAddress(_CHARACTERS(address=shown(text)))
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain:
        raise InvalidAddress(_NOT_ONE(address=shown(text)))
    if not local.isascii():
        raise InvalidAddress(_BEYOND_ASCII(address=shown(text)))
    found = f"{local}@{_ascii_domain(domain, text)}"
    # Some readers decode even there what looks like an encoded word.
    if not _LOCAL.fullmatch(local) or "=?" in local or len(local) > _MOST_LOCAL or len(found) > _MOST_ADDRESS:
        raise InvalidAddress(_NOT_TAKEN(address=shown(text)))
    return found


def _ascii_domain(domain: str, text: str) -> str:
    message = _NO_DOMAIN(address=shown(text))
    if len(domain) > _MOST_ADDRESS:
        raise InvalidAddress(message)
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True, transitional=False).decode("ascii")
        except (idna.IDNAError, UnicodeError, ValueError) as error:
            raise InvalidAddress(message) from error
    if not _DOMAIN.fullmatch(domain):
        raise InvalidAddress(message)
    return domain


def text_header(name: str, value: str) -> str:
    """``name: value`` with folded lines, for text such as Subject. Control characters become a space, and
    what isn't plain ASCII, or looks like an encoded word, is encoded to read literally.
    """
    line = one_line(value)
    first = len(name) + 2
    if _is_literal(line) and first + len(line) <= _LINE:
        return f"{name}: {line}"
    folded = _folded(line, first) if _is_literal(line) else None
    return f"{name}: {folded or _encoded(line, first)}"


def mailbox_header(name: str, display_name: str, mailbox: str) -> str:
    """``name: Display Name <mailbox>``; the mailbox as ``address`` gives it."""
    shown_name = one_line(one_line(display_name)[:MOST_NAME])
    if not shown_name:
        return f"{name}: {mailbox}" if len(name) + 2 + len(mailbox) <= _LINE else f"{name}:\r\n {mailbox}"
    first = len(name) + 2
    phrase = _phrase(shown_name, first)
    last_line = len(phrase.rpartition("\n")[2]) + (0 if "\n" in phrase else first)
    between = " " if last_line + len(mailbox) + 3 <= _LINE else "\r\n "
    return f"{name}: {phrase}{between}<{mailbox}>"


def listed_header(name: str, items: list[str], separator: str = "") -> str:
    """``name:`` and each item on a line of its own; the items must be printable ASCII without spaces."""
    return f"{name}: " + f"{separator}\r\n ".join(items)


def _is_literal(line: str) -> bool:
    return line.isascii() and "=?" not in line


def _folded(line: str, first: int) -> str | None:
    """The line broken at spaces, or None where a word is too long for that."""
    lines = [""]
    left = _LINE - first
    for word in line.split(" "):
        if not word or len(word) > _LINE - 1 - first:
            return None
        if lines[-1] and len(lines[-1]) + 1 + len(word) > left:
            lines.append(word)
            left = _LINE - 1
        else:
            lines[-1] += f" {word}" if lines[-1] else word
    return "\r\n ".join(lines)


def _phrase(name: str, first: int) -> str:
    if _is_literal(name) and first + len(name) + 2 <= _LINE:
        if _ATOMS.fullmatch(name):
            return name
        quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        if first + len(quoted) <= _LINE:
            return quoted
    return _encoded(name, first)


def _encoded(text: str, first: int) -> str:
    """Encoded words of at most 75 characters, whole characters in each, on a line each."""
    letters = [character.encode("utf-8", "replace") for character in text]
    quoted = sum(1 if len(each) == 1 and each[0] in _PLAIN else 3 * len(each) for each in letters)
    as_base64 = quoted * 3 > sum(map(len, letters)) * 4
    words: list[str] = []
    start = room = 0
    most = _LINE - first
    for index, letter in enumerate(letters):
        size = _size(letter, as_base64)
        if index > start and not _fits(room + size, min(most, _WORD), as_base64):
            words.append(_word(b"".join(letters[start:index]), as_base64))
            start, room, most = index, 0, _LINE - 1
        room += size
    words.append(_word(b"".join(letters[start:]), as_base64))
    return "\r\n ".join(words)


def _size(letter: bytes, as_base64: bool) -> int:
    return len(letter) if as_base64 else len(_q(letter))


def _fits(size: int, most: int, as_base64: bool) -> bool:
    return (-(-size // 3) * 4 if as_base64 else size) + len("=?utf-8?b??=") <= most


def _word(data: bytes, as_base64: bool) -> str:
    return f"=?utf-8?b?{base64.b64encode(data).decode()}?=" if as_base64 else f"=?utf-8?q?{_q(data)}?="


def _q(data: bytes) -> str:
    return "".join(chr(byte) if byte in _PLAIN else "_" if byte == 32 else f"={byte:02X}" for byte in data)
