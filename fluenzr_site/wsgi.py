import io
import os
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fluenzr_site.settings")
django.setup(set_prefix=False)

from fluenzr_site.api.parsing import drain  # noqa: E402 - needs the settings


class Utf8Request(WSGIRequest):
    """A request whose query is UTF-8, as URLs are, whatever charset the content type of its body names.

    Django would decode it by any codec of that name, before there is a view or a middleware to answer.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


class Application(WSGIHandler):
    request_class = Utf8Request

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if "CONTENT_LENGTH" not in environ and "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            _measure(environ)
        return super().__call__(environ, start_response)


def _measure(environ: dict[str, Any]) -> None:
    """Give a body that came in chunks its length, without which Django takes it for empty.

    One byte more than a body may have is enough to know that it is too large.
    """
    body = environ["wsgi.input"].read(settings.FLUENZR_MAX_BODY + 1)
    if len(body) > settings.FLUENZR_MAX_BODY:
        drain(environ["wsgi.input"])
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))


application = Application()
