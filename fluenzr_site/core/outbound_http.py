"""HTTP requests to servers that users or providers name, over the vetted sockets of ``outbound``.

One request, one answer: no redirects, no cookies, no proxies, no compression. Plain ``http`` goes only to addresses
inside ``settings.FLUENZR_PRIVATE_NETWORKS``. Everything between resolving and the last byte has one deadline, except
for the resolver, which has its own.
"""

import io
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from fluenzr_site.core import outbound
from fluenzr_site.core.saying import Sentence, say

SECONDS: Final = 15.0
MOST_BYTES: Final = 256 * 1024
_MOST_HEAD: Final = 64 * 1024
_PORTS: Final = {"http": 80, "https": 443}
# What asked keeps in English why it got no answer.
_NOT_HTTP: Final = Sentence("%(host)s does not speak HTTP")
_TOO_SLOW: Final = Sentence("%(host)s did not answer in time")
_TOO_LARGE: Final = Sentence("The answer has more than %(most)s bytes")
# With the system's words after the host, as ``request`` puts them.
Sentence("%(host)s: [Errno %(number)s] %(why)s")


@dataclass(frozen=True, slots=True)
class Answer:
    """Whatever the server said, redirects and errors among it. ``headers`` have lower-case names."""

    status: int
    # Both may hold secrets.
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class HttpError(Exception):
    """No answer. Never holds what was sent, nor the address but for its host."""


class NotAllowed(HttpError):
    """The address isn't one, or must not be dialled: nothing was sent."""


class NoAnswer(HttpError):
    """No connection, no TLS, lost or too slow on the way, or nonsense for an answer: it may have been heard."""


class TooLarge(NoAnswer):
    """The answer has more bytes than were asked for."""


@dataclass(frozen=True, slots=True)
class _Target:
    scheme: str
    host: str
    port: int
    path: str


def post_form(url: str, fields: Mapping[str, str], *, seconds: float = SECONDS, most: int = MOST_BYTES) -> Answer:
    """POST ``fields`` as a form. Raises as ``request`` does."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return request("POST", url, headers=headers, body=urlencode(fields).encode(), seconds=seconds, most=most)


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    seconds: float = SECONDS,
    most: int = MOST_BYTES,
) -> Answer:
    """Ask once. ``seconds`` is for the whole exchange; ``most`` is how many bytes the answer's body may have.

    Raises NotAllowed, NoAnswer or TooLarge; ValueError for a method or header that can't be one.
    """
    target = _target(url)
    connection = _Connection(target, time.monotonic() + seconds, most + _MOST_HEAD)
    try:
        connection.request(method, target.path, body or None, dict(headers or {}))
        response = connection.getresponse()
        if connection.has_ended:
            # In the midst of the headers, which http.client takes for their end.
            raise ConnectionError(say("The server closed the connection"))
        return Answer(response.status, {n.lower(): v for n, v in response.getheaders()}, _body(response, most))
    except outbound.Refused as error:
        raise NotAllowed(str(error)) from None
    except HTTPException:
        # Its text is the server's, which may say what it was told.
        raise NoAnswer(_NOT_HTTP(host=target.host)) from None
    except TimeoutError:
        raise NoAnswer(_TOO_SLOW(host=target.host)) from None
    except (OSError, UnicodeError) as error:
        raise NoAnswer(f"{target.host}: {outbound.readable(str(error)) or type(error).__name__}") from None
    finally:
        connection.hang_up()


def _target(url: str) -> _Target:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NotAllowed(say("Not an address of the web")) from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
        raise NotAllowed(say("The address must begin with https:// and a host, and name no user"))
    if not parts.hostname.isprintable() or " " in parts.hostname:
        raise NotAllowed(say("The address holds no host name"))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not (path.isascii() and path.isprintable()) or " " in path:
        raise NotAllowed(say("The address holds characters that must be percent-encoded"))
    return _Target(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], path)


def _body(response: HTTPResponse, most: int) -> bytes:
    body = response.read(most + 1)
    if len(body) > most:
        raise TooLarge(_TOO_LARGE(most=str(most)))
    # Bytes that were announced and never came.
    if response.length:
        raise ConnectionError(say("The server closed the connection"))
    return body


class _Connection(HTTPConnection):
    """http.client over a vetted socket, whose every wait ends at the deadline."""

    def __init__(self, target: _Target, deadline: float, most: int) -> None:
        super().__init__(target.host, target.port)
        self._target, self._deadline, self._most = target, deadline, most
        # The host header leaves it out then.
        self.default_port = _PORTS[target.scheme]
        self.has_ended = False
        self._open: socket.socket | None = None

    def connect(self) -> None:
        target = self._target
        self._open = outbound.connect(target.host, target.port, timeout=_left(self._deadline))
        if target.scheme == "http":
            _require_private(target.host, self._open)
        else:
            self._open.settimeout(_left(self._deadline))
            self._open = outbound.secure(self._open, target.host)
        self.sock = _Timed(self._open, self._deadline, self._received)

    def _received(self, size: int) -> None:
        self._most -= size
        self.has_ended = not size
        if self._most < 0:
            raise TooLarge(say("The answer has too many bytes"))

    def hang_up(self) -> None:
        """Unlike ``close``, which http.client calls before the answer is read."""
        self.close()
        if self._open:
            self._open.close()


def _require_private(host: str, sock: socket.socket) -> None:
    """Judged by the address that was dialled. Raises Refused."""
    dialled = ip_address(sock.getpeername()[0])
    networks = outbound.parse_networks(" ".join(getattr(settings, "FLUENZR_PRIVATE_NETWORKS", ())))
    if not any(dialled in network for network in networks):
        raise outbound.Refused(outbound.ONLY_HTTPS(host=host))


class _Timed:
    """What http.client needs of a socket, held to the deadline. ``received`` hears of bytes that came: 0 at the end."""

    def __init__(self, sock: socket.socket, deadline: float, received: Callable[[int], None]) -> None:
        self._sock, self._deadline, self._received = sock, deadline, received

    def sendall(self, data: Any) -> None:
        self._sock.settimeout(_left(self._deadline))
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self._sock, self._deadline, self._received))

    def close(self) -> None:
        """The connection's affair."""


class _Incoming(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: float, received: Callable[[int], None]) -> None:
        self._sock, self._deadline, self._received = sock, deadline, received

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(_left(self._deadline))
        size = self._sock.recv_into(buffer)
        self._received(size)
        return size


def _left(deadline: float) -> float:
    """Seconds until then. Raises TimeoutError."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError(outbound.TOO_SLOW)
    return left
