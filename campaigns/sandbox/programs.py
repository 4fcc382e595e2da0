"""What recipients' programs fetch of an e-mail: our own pages, asked as over the web, without one."""

from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.http import HttpResponseBase
from django.test import RequestFactory
from django.urls import Resolver404, resolve

from campaigns.sandbox.recipients import Delivered, addresses_of

PERSON: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
SCANNER: Final = "Mozilla/5.0 (compatible; Barracuda Sentinel link scan)"
_URLS: Final = "campaigns.tracking.urls"
_ONE_CLICK: Final = "List-Unsubscribe=One-Click"
_FORM: Final = "application/x-www-form-urlencoded"


def look(mail: Delivered) -> bool:
    """A person's program loads the pictures; whether one of them was ours."""
    pixels = addresses_of(mail, _site(), "o")
    for url in pixels:
        _fetch("GET", url, PERSON)
    return bool(pixels)


def follow(mail: Delivered) -> bool:
    """A person follows the first link that leads over us; whether there was one."""
    links = addresses_of(mail, _site(), "c")
    return bool(links) and _fetch("GET", links[0], PERSON)


def unsubscribe(mail: Delivered) -> bool:
    """A person's program unsubscribes with one click (RFC 8058); whether the e-mail offered that."""
    return bool(mail.unsubscribe) and _fetch("POST", mail.unsubscribe, PERSON, _ONE_CLICK)


def scan(mail: Delivered) -> int:
    """A gateway looks at every address of ours, changing nothing if we are any good; how many there were."""
    urls = list(_all(mail))
    for url in urls:
        for method in ("HEAD", "GET"):
            _fetch(method, url, SCANNER)
    return len(urls)


def _all(mail: Delivered) -> Iterator[str]:
    for path in ("o", "c"):
        yield from addresses_of(mail, _site(), path)
    if mail.unsubscribe:
        yield mail.unsubscribe


def _site() -> str:
    site: str = settings.FLUENZR_PUBLIC_URL
    return site


def _fetch(method: str, url: str, agent: str, form: str = "") -> bool:
    """Whether the page was there."""
    path = url.removeprefix(_site())
    try:
        found = resolve(path, urlconf=_URLS)
    except Resolver404:
        return False
    request = RequestFactory().generic(method, path, form, content_type=_FORM, headers={"User-Agent": agent})
    response: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
    return response.status_code < 400
