"""Posts webhooks, many at once, and says of each what became of it. It knows nothing of events or the database."""

import asyncio
import re
import socket
import ssl
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from types import TracebackType
from typing import Final, Self

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from fluenzr_site.core.outbound import Resolve, readable
from fluenzr_site.core.saying import Sentence, say
from fluenzr_site.webhooks import dialling
from fluenzr_site.webhooks.answer import Answer, parse_retry_after
from fluenzr_site.webhooks.dialling import NotDialled
from fluenzr_site.webhooks.hearing import SloppyAnswer
from fluenzr_site.webhooks.urls_allowed import InvalidUrl, check_url

__all__ = ["Answer", "Sender"]

SECONDS: Final = 30.0
CONCURRENCY: Final = 50
MOST_BYTES: Final = 64 * 1024
_MOST_SHOWN: Final = 2000
# The status is the answer; a body that drips is for the log, and keeps no other webhook waiting.
_BODY_SECONDS: Final = 5.0
_UNPRINTABLE: Final = re.compile(r"[^\S\n]|[\x00-\x09\x0b-\x1f\x7f-\x9f]")
# The log keeps them in English.
_TOO_SLOW: Final = Sentence("didn't answer within %(seconds)s seconds")
_CERTIFICATE: Final = Sentence("its certificate isn't valid: %(why)s")
_REDIRECTED: Final = Sentence("answered %(status)s, a redirect, which isn't followed")
_ANSWERED: Final = Sentence("answered %(status)s")
_FAILURES: Final = (aiohttp.ClientError, HttpProcessingError, OSError, ValueError)


class Sender:
    """Entered once for any number of posts, of which ``concurrency`` are under way at a time.

    ``timeout``: seconds from look-up to status, for each post. Connections are kept for the next post to the same
    host. No redirects, cookies, proxies or decompression; a private address is never dialled.
    """

    def __init__(
        self,
        concurrency: int = CONCURRENCY,
        *,
        timeout: float = SECONDS,
        resolve: Resolve = socket.getaddrinfo,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """``resolve`` takes and gives what ``socket.getaddrinfo`` does. ``context``: other authorities than usual."""
        self._concurrency, self._timeout, self._resolve = concurrency, timeout, resolve
        self._context = context or _context()

    async def __aenter__(self) -> Self:
        self._turns = asyncio.Semaphore(self._concurrency)
        # A look-up holds a thread for as long as it takes; with one for each, none waits for another's.
        self._threads = ThreadPoolExecutor(self._concurrency, thread_name_prefix="look-up")
        self._sessions = {
            "https": self._session(only_opened=False),
            "http": self._session(only_opened=True),
        }
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in self._sessions.values():
            await session.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send once. Raises nothing, whatever the receiver does or the URL is."""
        async with self._turns:
            began = time.monotonic()
            try:
                check_url(url)
                async with asyncio.timeout(self._timeout):
                    response = await self._ask(url, body, headers)
            except _FAILURES as error:
                if isinstance(error.__cause__, SloppyAnswer):
                    return _sloppy(error.__cause__, _since(began))
                return Answer(None, self._in_words(error), milliseconds=_since(began))
            return await _answer(response, _since(began), began + self._timeout)

    async def _ask(self, url: str, body: bytes, headers: Mapping[str, str]) -> aiohttp.ClientResponse:
        session = self._sessions[url.partition(":")[0].lower()]
        # ASCII goes out as it was given: a receiver may compare it, or have signed it.
        target = URL(url, encoded=url.isascii())
        return await session.post(target, data=body, headers=headers, allow_redirects=False)

    def _session(self, *, only_opened: bool) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=dialling.connector(self._threads, self._resolve, self._context, only_opened=only_opened),
            headers={"Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            # Ours, around everything.
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            auto_decompress=False,
            trust_env=False,
        )

    def _in_words(self, error: BaseException) -> str:
        """Never the URL's path, which may be a secret, nor what the receiver said, which may hold ours."""
        if isinstance(error, InvalidUrl):
            return str(error)
        cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
        if isinstance(cause, NotDialled):
            return str(cause)
        if isinstance(cause, TimeoutError):
            return _TOO_SLOW(seconds=f"{self._timeout:g}")
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            return _CERTIFICATE(why=_about_certificate(error))
        for kind, words in _WORDS:
            if isinstance(cause, kind):
                return words
        return say("could not be reached")


# The first that fits.
_WORDS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (socket.gaierror, say("its host name leads nowhere")),
    (ssl.SSLError, say("the secure connection (TLS) failed")),
    (ConnectionRefusedError, say("refused the connection")),
    (aiohttp.ServerDisconnectedError, say("closed the connection without an answer")),
    (aiohttp.ClientOSError, say("broke off the connection")),
    (ConnectionError, say("broke off the connection")),
    (aiohttp.ClientResponseError, say("didn't answer in HTTP")),
    (HttpProcessingError, say("didn't answer in HTTP")),
    (aiohttp.InvalidURL, say("the URL can't be used")),
)


def _about_certificate(error: aiohttp.ClientConnectorCertificateError) -> str:
    return readable(getattr(error.certificate_error, "verify_message", "") or say("it is for another host"))


async def _answer(response: aiohttp.ClientResponse, milliseconds: int, deadline: float) -> Answer:
    body = await _beginning(response, min(deadline, time.monotonic() + _BODY_SECONDS))
    return _heard(response.status, response.headers.get("Retry-After", ""), body, milliseconds)


def _sloppy(said: SloppyAnswer, milliseconds: int) -> Answer:
    return _heard(said.status, said.retry_after, said.body, milliseconds)


def _heard(status: int, retry_after: str, body: bytes, milliseconds: int) -> Answer:
    shown = _UNPRINTABLE.sub(" ", body.decode("utf-8", "replace")[:_MOST_SHOWN])
    return Answer(status, _about_status(status), parse_retry_after(retry_after), milliseconds, shown)


def _about_status(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return _REDIRECTED(status=str(status))
    return _ANSWERED(status=str(status))


async def _beginning(response: aiohttp.ClientResponse, deadline: float) -> bytes:
    """What came of the body until the deadline, at most 64 kB. A connection that has more to say is closed."""
    read = bytearray()
    try:
        async with asyncio.timeout(max(deadline - time.monotonic(), 0)):
            while len(read) < MOST_BYTES and (chunk := await response.content.read(MOST_BYTES - len(read))):
                read += chunk
    except _FAILURES:
        pass
    finally:
        # One that was heard out has gone back to the pool by now; any other is hung up.
        response.close()
    return bytes(read)


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


@lru_cache(maxsize=1)
def _context() -> ssl.SSLContext:
    """One for all: loading the authorities takes longer than a webhook."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
