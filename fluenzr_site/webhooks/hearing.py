"""Hears an answer's status out of what is otherwise sloppy HTTP: a 204 with a body, a length that isn't the body's.

Whoever wrote a status and a whole head has said whether the event was taken. The connection is then used no more.
"""

import re
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Any, Final

from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError

_STATUS: Final = re.compile(rb"HTTP/1\.[0-9] ([1-5][0-9]{2})(?: [^\r\n]*)?\r?\n")
_END_OF_HEAD: Final = re.compile(rb"\r?\n\r?\n")
_LONGEST_HEAD: Final = 32 * 1024
_WITHOUT_BODY: Final = (204, 304)


class SloppyAnswer(HttpProcessingError):
    """The status was heard all the same; ``body``: what came after the head so far."""

    def __init__(self, status: int, head: Message, body: bytes) -> None:
        super().__init__(code=status, message="not quite HTTP")
        self.status, self.body = status, body
        self.retry_after: str = head.get("Retry-After", "")


class Hearing(ResponseHandler):
    """The client's end of a connection. Raises SloppyAnswer where it would raise HttpProcessingError."""

    _heard = b""
    _is_answered = True

    def set_response_params(self, **options: Any) -> None:
        """Called before each request."""
        self._heard, self._is_answered = b"", False
        super().set_response_params(**options)

    def data_received(self, data: bytes) -> None:
        if not self._is_answered and len(self._heard) < _LONGEST_HEAD:
            self._heard += data[:_LONGEST_HEAD]
        super().data_received(data)

    def feed_data(self, data: Any, size: int = 0) -> None:
        """An answer whose head was read."""
        message = data[0]
        self._is_answered = True
        if message.code in _WITHOUT_BODY and _announces_body(message.headers):
            # It would be taken for the beginning of the next answer.
            self.force_close()
        super().feed_data(data, size)

    def set_exception(self, exc: Any, *cause: BaseException) -> None:
        if isinstance(exc, HttpProcessingError) and not self._is_answered:
            exc = _heard_in(self._heard) or exc
        super().set_exception(exc, *cause)


def _announces_body(headers: Any) -> bool:
    return headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in headers


def _heard_in(said: bytes) -> SloppyAnswer | None:
    """The first answer that isn't provisional (1xx), if its head is complete."""
    while (status := _STATUS.match(said)) and (end := _END_OF_HEAD.search(said, status.end() - 2)):
        if status[1][:1] != b"1":
            head = BytesHeaderParser().parsebytes(said[status.end() : end.end()])
            return SloppyAnswer(int(status[1]), head, said[end.end() :])
        said = said[end.end() :]
    return None
