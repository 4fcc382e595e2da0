"""The names of IMAP folders: how commands carry them, and what LIST tells."""

import base64
import re
from dataclasses import dataclass
from typing import Any, Final

_LIST_ITEM: Final = re.compile(rb'\(([^)]*)\) (?:NIL|"(?:[^"\\]|\\.)*") (.*)', re.DOTALL)


@dataclass(frozen=True, slots=True)
class FolderName:
    """``name`` is Unicode, as ``select`` takes it; ``flags`` are as the server spells them, such as ``\\Sent``."""

    name: str
    flags: frozenset[str]

    def has(self, flag: str) -> bool:
        """Whether it carries a flag, in any case: ``\\Sent``, ``\\Junk``, ``\\Noselect``."""
        return flag.lower() in {each.lower() for each in self.flags}


def in_quotes(text: str) -> str:
    """Printable ASCII as a quoted string (RFC 3501, 4.3)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def quoted_name(folder: str) -> str:
    """A folder's name as commands carry it: modified UTF-7 (RFC 3501, 5.1.3), in quotes. Raises ValueError."""
    if not folder or re.search(r"[\r\n\0]", folder):
        raise ValueError("A folder's name must not be empty, nor hold line ends or NUL")
    # What isn't printable ASCII goes in base64 between & and -, and & itself is &-.
    return in_quotes(re.sub(r"&|[^\x20-\x7e]+", lambda found: _shifted(found[0]), folder))


def _shifted(text: str) -> str:
    encoded = "" if text == "&" else base64.b64encode(text.encode("utf-16-be"), b"+,").decode().rstrip("=")
    return f"&{encoded}-"


def listed(item: Any) -> FolderName | None:
    """One answer to LIST: a line, or a pair of a line and the literal that ends it. None for anything else."""
    line, literal = item if isinstance(item, tuple) else (item, None)
    found = _LIST_ITEM.fullmatch(line or b"")
    if not found:
        return None
    raw = found[2] if literal is None else literal
    if literal is None and raw[:1] == raw[-1:] == b'"':
        raw = unescaped(raw[1:-1])
    name = re.sub(r"&([A-Za-z0-9+,]*)-", _unshifted, raw.decode("utf-8", "replace"))
    return FolderName(name, frozenset(found[1].decode("ascii", "replace").split()))


def _unshifted(found: re.Match[str]) -> str:
    if not found[1]:
        return "&"
    try:
        return base64.b64decode(found[1] + "=" * (-len(found[1]) % 4), b"+,").decode("utf-16-be")
    except ValueError:
        # A server that sends names as they are.
        return found[0]


def unescaped(quoted: bytes) -> bytes:
    """What stands between the quotes of a quoted string, without its backslashes."""
    return re.sub(rb"\\(.)", rb"\1", quoted, flags=re.DOTALL)
