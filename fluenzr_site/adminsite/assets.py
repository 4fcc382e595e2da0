"""Static files as browsers like them: compressed, and kept for good under an address that names their content."""

import gzip
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]

FOR_GOOD: Final = "public, max-age=31536000, immutable"
FOR_A_WHILE: Final = "public, max-age=3600"
_COMPRESSED: Final = ("text/", "application/javascript", "application/json", "image/svg+xml")
_FEWEST_BYTES: Final = 1000
_IMPORTS: Final = re.compile(rb'(?<=["\'])(\./[a-z_]+\.js)(?=["\'])')


class VersionedStorage(StaticFilesStorage):
    """``static("a.css")`` is ``/static/a.css?v=…``: another address as soon as the content is another."""

    def url(self, name: str | None) -> str:
        address: str = super().url(name)
        found = _found(name) if name else None
        return f"{address}?v={_version(found)}" if found else address


@lru_cache(maxsize=500)
def _found(name: str) -> str | None:
    """A page asks for half a hundred, each of which is looked for in every app's folder."""
    found = finders.find(name)
    return found if isinstance(found, str) else None


@lru_cache(maxsize=500)
def _version(found: str) -> str:
    """Modules that import each other have one together, which is put on what they import too."""
    path = Path(found)
    content = path.read_bytes()
    if _imports(path, content):
        content = b"".join(module.read_bytes() for module in sorted(path.parent.glob("*.js")))
    return hashlib.sha256(content).hexdigest()[:10]


def _imports(path: Path, content: bytes) -> bool:
    return path.suffix == ".js" and bool(_IMPORTS.search(content))


@lru_cache(maxsize=200)
def _zipped(path: str, etag: str) -> bytes:
    """Once for each file that is asked for, since few of all those in the packages are."""
    content = Path(path).read_bytes()
    if _imports(Path(path), content):
        content = _IMPORTS.sub(rb"\1?v=" + _version(path).encode(), content)
    return gzip.compress(content, mtime=0)


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc, unused-ignore]
    """Straight from the packages, nothing to collect before a start; versions and compression are made here."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(self.static_prefix):
            return self.get_response(request)
        response: HttpResponseBase = super().__call__(request)
        if response.status_code not in (200, 304) or "ETag" not in response.headers:
            return response
        # The tag says it better, and an address with a version is never asked for again.
        response.headers.pop("Last-Modified", None)
        response.headers["Cache-Control"] = FOR_GOOD if request.GET.get("v") else FOR_A_WHILE
        return _compressed(request, response)


def _compressed(request: HttpRequest, response: Any) -> HttpResponseBase:
    if not response.headers.get("Content-Type", "").startswith(_COMPRESSED):
        return response
    response.headers["Vary"] = "Accept-Encoding"
    takes = "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
    if request.method != "GET" or response.status_code != 200 or not takes or _is_small(response):
        return response
    # The tag stays: the browser gets either form for it, and Vary keeps the two apart on the way.
    body = _zipped(response.file_to_stream.name, response.headers["ETag"])
    headers = dict(response.headers) | {"Content-Encoding": "gzip", "Content-Length": str(len(body))}
    response.close()
    return HttpResponse(body, headers=headers)


def _is_small(response: Any) -> bool:
    """A script is never: the same module at two addresses, one with a version, would be two modules."""
    is_script = response.headers["Content-Type"].startswith("text/javascript")
    return not is_script and int(response.headers.get("Content-Length", "0")) < _FEWEST_BYTES
