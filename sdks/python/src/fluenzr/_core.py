"""Requests, attempts and answers, without I/O: both clients drive this."""

import logging
import uuid
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final, Generic, TypeVar

import httpx

from fluenzr._calls import Answer, Call
from fluenzr._config import VERSION, Config
from fluenzr._values import to_json
from fluenzr.errors import UNEXPECTED_ANSWER, ApiError, ConnectionFailed, error_class

T = TypeVar("T")
Outcome = httpx.Response | httpx.RequestError

RETRIED_STATUSES: Final = frozenset({429, 500, 502, 503, 504})
FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 30.0
#: A server that asks to wait longer than this is answered with its error at once: the caller decides.
LONGEST_ASKED_WAIT: Final = 120.0
# They fail before anything is sent, each time alike.
_HOPELESS: Final = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)
log = logging.getLogger("fluenzr")


class Attempts(Generic[T]):
    """One call, from its first attempt to its answer. Every attempt sends the same request."""

    def __init__(self, call: Call[T], config: Config, http: httpx.Client | httpx.AsyncClient) -> None:
        self._call = call
        self._config = config
        self._made = 0
        self._arguments = {
            "method": call.method,
            "url": config.base_url + call.path,
            "headers": _headers(call, config),
            "params": dict(call.query) or None,
            "content": None if call.body is None else to_json(call.body),
            "timeout": config.timeout,
        }
        self._http = http

    def request(self) -> httpx.Request:
        """The next attempt."""
        self._made += 1
        return self._http.build_request(**self._arguments)  # type: ignore[arg-type]

    def wait_after(self, outcome: Outcome) -> float | None:
        """The seconds to wait before another attempt; None when ``outcome`` is what the caller gets."""
        call = self._call
        shown = outcome.status_code if isinstance(outcome, httpx.Response) else type(outcome).__name__
        log.debug("%s %s: %s (attempt %d)", call.method, call.path, shown, self._made)
        if self._made > self._config.max_retries or not _passing(outcome):
            return None
        asked = retry_after(outcome, self._config.clock()) if isinstance(outcome, httpx.Response) else None
        if asked is not None:
            return asked if asked <= LONGEST_ASKED_WAIT else None
        # Full jitter: many clients that failed together don't come back together.
        most: float = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(self._made - 1, 10))
        return most * self._config.jitter()

    def result(self, outcome: Outcome) -> T:
        """What the call gives. Raises ApiError or ConnectionFailed."""
        call = self._call
        if not isinstance(outcome, httpx.Response):
            reason = str(outcome) or type(outcome).__name__
            raise ConnectionFailed(f"{call.method} {call.path}: {reason}") from outcome
        answer = _answer(outcome, call, self._config.clock())
        try:
            return call.read(answer)
        except (ValueError, TypeError, KeyError) as error:
            raise _unexpected(outcome, call, f"could not be read: {error}") from error


def retry_after(response: httpx.Response, now: float) -> float | None:
    """The seconds that Retry-After asks for, whether it is a number or a date; None where it says nothing."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, when.timestamp() - now)


def _headers(call: Call[Any], config: Config) -> dict[str, str]:
    headers = {
        "Authorization": f"Bearer {config.api_key}",
        "Accept": "application/json",
        "User-Agent": f"fluenzr-python/{VERSION}",
    }
    if call.body is not None:
        headers["Content-Type"] = "application/json"
    if call.method == "POST" and not call.only_reads:
        headers["Idempotency-Key"] = call.idempotency_key or str(uuid.uuid4())
    return headers


def _passing(outcome: Outcome) -> bool:
    """Whether another attempt may end better."""
    if isinstance(outcome, httpx.Response):
        # A 409 with Retry-After: the first attempt of this Idempotency-Key is still at work.
        asked = outcome.status_code == 409 and "Retry-After" in outcome.headers
        return asked or outcome.status_code in RETRIED_STATUSES
    return isinstance(outcome, httpx.TransportError) and not isinstance(outcome, _HOPELESS)


def _answer(response: httpx.Response, call: Call[Any], now: float) -> Answer:
    try:
        envelope = response.json()
    except ValueError:  # UnicodeDecodeError too
        envelope = None
    if not isinstance(envelope, Mapping):
        raise _unexpected(response, call, "is not the API's JSON; is the base URL right?")
    if response.is_success and envelope.get("success") is True and "data" in envelope:
        meta = envelope.get("meta")
        return Answer(envelope["data"], meta if isinstance(meta, Mapping) else {})
    error = envelope.get("error")
    if response.is_success or not isinstance(error, Mapping):
        raise _unexpected(response, call, "is not the API's envelope; is the base URL right?")
    details = error.get("details")
    raise error_class(response.status_code)(
        response.status_code,
        str(error.get("code") or UNEXPECTED_ANSWER),
        str(error.get("message") or response.reason_phrase),
        details if isinstance(details, Mapping) else None,
        response.headers.get("X-Request-Id"),
        retry_after(response, now),
    )


def _unexpected(response: httpx.Response, call: Call[Any], problem: str) -> ApiError:
    kind = response.headers.get("Content-Type", "no content type")
    message = f"The answer to {call.method} {call.path} ({kind}) {problem}"
    request_id = response.headers.get("X-Request-Id")
    return error_class(response.status_code)(response.status_code, UNEXPECTED_ANSWER, message, None, request_id)
