"""Reads the examples out of the documents: every curl and every plain request, with the answer that follows it."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

DOCUMENTS = Path(__file__).resolve().parents[2] / "docs" / "api"
BASE, KEY = "http://127.0.0.1:8000", "flz_sk_xxx"
_BLOCK = re.compile(r"^(?:<!-- answer (\d{3}) -->\n)?```(bash|http|json)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(slots=True)
class Example:
    """A request as printed; ``command`` is its curl, where it is one."""

    document: str
    number: int
    method: str
    path: str
    body: str | None
    command: str | None
    status: int | None = None
    answer: str | None = None

    def __str__(self) -> str:
        return f"{self.document}-{self.number}-{self.method}-{self.path.partition('?')[0].removeprefix('/v1/')}"


def examples(document: str) -> list[Example]:
    """The examples of a document, in its order."""
    found: list[Example] = []
    for status, kind, text in _BLOCK.findall((DOCUMENTS / document).read_text()):
        if kind == "json" and status:
            found[-1].status, found[-1].answer = int(status), text
        elif kind == "bash" and text.startswith("curl"):
            found.append(_of_curl(document, len(found) + 1, text))
        elif kind == "http":
            found.append(_of_request(document, len(found) + 1, text))
    return found


def _of_curl(document: str, number: int, text: str) -> Example:
    words = shlex.split(text.replace("\\\n", " "))
    url = urlsplit(next(word for word in words if word.startswith("http")))
    body = words[words.index("-d") + 1] if "-d" in words else None
    method = words[words.index("-X") + 1] if "-X" in words else "GET"
    return Example(document, number, method, f"{url.path}?{url.query}".rstrip("?"), body, text)


def _of_request(document: str, number: int, text: str) -> Example:
    head, _, body = text.partition("\n\n")
    method, path = head.split()
    return Example(document, number, method, path, body.strip() or None, None)
