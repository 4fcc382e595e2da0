"""Whether an address may be a webhook's, as far as its form tells. Where it leads is judged when it is dialled."""

import re
import socket
from ipaddress import IPv4Address, IPv6Address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from fluenzr_site.core import outbound
from fluenzr_site.core.saying import Sentence, say

LONGEST: Final = 2048
_LOCAL: Final = re.compile(r"(.+\.)?localhost|localhost[46]?(\.localdomain[46]?)?|ip6-(localhost|loopback)", re.I)
_NOT_IN_URLS: Final = re.compile(r'[\x00-\x20\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff\\<>"`{}|^]')


# The log keeps them in English: what may be called may have changed since.
_PRIVATE: Final = Sentence(
    "%(host)s is a private address. FLUENZR_PRIVATE_NETWORKS can name networks that may be reached."
)
_ONLY_HTTPS: Final = Sentence("%(host)s must be reached by https://.")
_SPELLED: Final = Sentence("The URL's host must be written %(address)s.")


class InvalidUrl(ValueError):
    """Its text says what is wrong, for whoever gave the address."""


def check_url(url: str) -> None:
    """Nothing is looked up. Raises InvalidUrl.

    ``https``; also ``http`` where ``FLUENZR_PRIVATE_NETWORKS`` opens networks, and then the sender goes nowhere else
    with it. No user, no fragment, no address that is private, however it is spelled.
    """
    if len(url) > LONGEST:
        raise InvalidUrl(say("The URL must have at most %(count)s characters.", count=str(LONGEST)))
    if _NOT_IN_URLS.search(url):
        raise InvalidUrl(say("The URL holds characters that must be percent-encoded."))
    parts = _parts(url)
    _check_scheme(parts.scheme)
    if not parts.hostname:
        raise InvalidUrl(say("The URL names no host."))
    if "@" in parts.netloc:
        raise InvalidUrl(say("The URL must not hold a user name or password."))
    if "#" in url:
        raise InvalidUrl(say("The URL must not have a fragment (#…)."))
    _check_host(parts.hostname, only_opened=parts.scheme == "http")


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidUrl(say("This is not a URL such as https://example.com/webhook.")) from None
    if port == 0:
        raise InvalidUrl(say("The URL's port must be from 1 to 65535."))
    return parts


def _check_scheme(scheme: str) -> None:
    if scheme == "https":
        return
    if scheme != "http":
        raise InvalidUrl(say("The URL must begin with https://."))
    if not settings.FLUENZR_PRIVATE_NETWORKS:
        raise InvalidUrl(say("The URL must begin with https://. FLUENZR_PRIVATE_NETWORKS opens networks for http://."))


def _check_host(host: str, *, only_opened: bool) -> None:
    try:
        name = outbound.host_name(host)
    except outbound.Refused:
        raise InvalidUrl(say("The URL's host is not the name of one.")) from None
    address = IPv4Address("127.0.0.1") if _LOCAL.fullmatch(name) else _literal(name)
    if address is None:
        return
    if not outbound.may_be_dialled(address):
        raise InvalidUrl(_PRIVATE(host=host))
    if only_opened and not outbound.may_be_dialled(address, only_opened=True):
        raise InvalidUrl(_ONLY_HTTPS(host=host))


def _literal(name: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is, None for a name. Raises InvalidUrl for one in a spelling of its own."""
    try:
        return outbound.unwrapped(name)
    except ValueError:
        pass
    try:
        # What the system takes for an address: 127.1, 0x7f000001, 2130706433, 0177.0.0.1.
        spelled = IPv4Address(socket.inet_aton(name))
    except OSError:
        return None
    if outbound.may_be_dialled(spelled):
        raise InvalidUrl(_SPELLED(address=str(spelled)))
    return spelled
