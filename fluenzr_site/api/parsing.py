"""JSON in: bounded in size and depth, strictly UTF-8."""

from collections.abc import Mapping
from typing import IO, Any, Final

import orjson
from django.conf import settings
from rest_framework.parsers import BaseParser

from fluenzr_site.api.errors import ApiError, too_large

_DRAINED: Final = 32 * 1024 * 1024


class JsonParser(BaseParser):
    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The JSON value of the body; an empty body is an empty object. Raises ApiError 400, 413 or 415."""
        request = (parser_context or {})["request"]
        _require_utf8(request.content_type or "")
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.FLUENZR_MAX_BODY:
            drain(stream)
            raise too_large()
        raw = stream.read(settings.FLUENZR_MAX_BODY + 1)
        if len(raw) > settings.FLUENZR_MAX_BODY:
            raise too_large()
        # Kept for who must know whether two requests said the same.
        request.said = raw
        try:
            return orjson.loads(raw) if raw.strip() else {}
        except orjson.JSONDecodeError as error:
            message = f"The body is not valid JSON (line {error.lineno}, column {error.colno})"
            raise ApiError(400, message, code="INVALID_JSON") from error


def drain(stream: IO[Any]) -> None:
    """Read on, up to a bound: most clients read no answer before they have sent their body."""
    left = _DRAINED
    while left > 0 and (piece := stream.read(65_536)):
        left -= len(piece)


def _require_utf8(content_type: str) -> None:
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip(' "').lower() not in ("utf-8", "utf8"):
            raise ApiError(415, "The request body must be application/json in UTF-8")
