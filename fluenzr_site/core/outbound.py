"""Connections to servers that users name: never into the network that this installation stands in.

A host is resolved once, every address it has is judged, and the judged address itself is dialled: a name whose
answer changes between the look and the dial gains nothing. ``settings.FLUENZR_PRIVATE_NETWORKS`` lists networks
(CIDR) that may be reached although they are private. The rest is what speaking with such servers needs: TLS,
reading against a deadline, and their words made fit to show.
"""

import base64
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final, NamedTuple
from weakref import WeakSet

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from fluenzr_site.core.saying import Sentence, say

Network = IPv4Network | IPv6Network
Resolve = Callable[..., Iterable[tuple[Any, ...]]]

_LONGEST_HOST: Final = 253
_MOST_ADDRESSES: Final = 4
_MOST_SHOWN: Final = 500
# An account keeps in English why its server wasn't reached.
NOT_A_PORT: Final = Sentence("%(port)s is not a port: it must be from 1 to 65535")
NO_ADDRESS: Final = Sentence("%(host)s has no address")
NO_ANSWER: Final = Sentence("%(host)s does not answer")
NO_NAME: Final = Sentence("%(name)s is not a host name")
TOO_LONG: Final = Sentence("%(name)s is not a host name: it must have 1 to %(most)s characters")
PRIVATE: Final = Sentence(
    "%(host)s is a private address. FLUENZR_PRIVATE_NETWORKS can name networks that may be reached"
)
LEADS_INSIDE: Final = Sentence(
    "%(host)s leads to a private address. FLUENZR_PRIVATE_NETWORKS can name networks that may be reached"
)
ONLY_HTTPS: Final = Sentence("%(host)s must be reached by https://")
LONG_LINE: Final = Sentence("The server sent a line of more than %(most)s bytes")
TOO_SLOW: Final = say("The server did not answer in time")

# The registries of special-purpose addresses (RFC 6890), multicast and what is kept for later.
_REFUSED: Final[list[Network]] = [
    *map(IPv4Network, ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16")),
    *map(IPv4Network, ("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24")),
    *map(IPv4Network, ("192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24")),
    *map(IPv4Network, ("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4")),
    *map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48")),
]
# Of IPv6, this alone is given out to be reached.
_GLOBAL_IPV6: Final = IPv6Network("2000::/3")
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", re.ASCII)

# Those of this process, to be hung up on.
_connections: Final["WeakSet[socket.socket]"] = WeakSet()
_counting: Final = threading.Lock()
_over: Final = threading.Event()


class Refused(Exception):
    """The host must not be dialled. The message names it and says why; it is fit to be shown to who named it."""


class Address(NamedTuple):
    """One that was vetted: ``ip`` is numeric, so that dialling it resolves nothing."""

    family: socket.AddressFamily
    ip: str
    port: int


def addresses_for(host: str, port: int, *, resolve: Resolve = socket.getaddrinfo) -> list[Address]:
    """Where ``host`` (a name or an address, however spelled) may be reached, in the resolver's order.

    Raises Refused for what isn't a host or port, and where any address is private; OSError if none is found.
    ``resolve`` takes and gives what ``socket.getaddrinfo`` does. It has no timeout but the system's own.
    """
    name = host_name(host)
    if not 1 <= port <= 65535:
        raise Refused(NOT_A_PORT(port=str(port)))
    found: list[Address] = []
    for family, _, _, _, address in resolve(name, port, type=socket.SOCK_STREAM):
        if family in (socket.AF_INET, socket.AF_INET6):
            vetted = _vetted(host, name, address[0], port)
            if vetted not in found:
                found.append(vetted)
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, NO_ADDRESS(host=host))
    return found


def connect(host: str, port: int, *, timeout: float) -> socket.socket:
    """A TCP connection to the first address of ``host`` that answers; the socket's timeout is ``timeout``.

    ``timeout``, in seconds, is for all the addresses together, of which the first four are tried. Raises Refused,
    and OSError (the last address's) when nothing answers.
    """
    addresses = addresses_for(host, port)[:_MOST_ADDRESSES]
    deadline = time.monotonic() + timeout
    failure = OSError(NO_ANSWER(host=host))
    for index, address in enumerate(addresses):
        # An address that swallows packets leaves the later ones their share.
        share = (deadline - time.monotonic()) / (len(addresses) - index)
        try:
            return _dial(address, max(share, 0.001), timeout)
        except OSError as error:
            failure = error
    raise failure


def secure(sock: socket.socket, host: str) -> ssl.SSLSocket:
    """TLS over a connection, with the certificate checked against ``host`` and the system's authorities.

    ``SSL_CERT_FILE`` in the environment names others. Raises OSError, and then the connection is closed.
    """
    secured = ssl.create_default_context().wrap_socket(
        sock, server_hostname=host.removesuffix("."), do_handshake_on_connect=False
    )
    try:
        _note(secured)
        secured.do_handshake()
    except BaseException:
        # Whatever it was, nobody else has the socket to close.
        secured.close()
        raise
    return secured


def hang_up() -> None:
    """End every connection of this process, whatever thread waits on it, and open none any more: the process ends.

    Whoever waits gets the OSError, or the end of the stream, of a server that has hung up.
    """
    with _counting:
        _over.set()
        for each in list(_connections):
            # Closed already, or never connected.
            with suppress(OSError):
                # Not SSLSocket's own, which would take TLS from under who reads.
                socket.socket.shutdown(each, socket.SHUT_RDWR)


def has_hung_up() -> bool:
    """Whether a connection that was lost may have been lost because of us."""
    return _over.is_set()


def _note(sock: socket.socket) -> None:
    with _counting:
        if _over.is_set():
            raise ConnectionError(say("The process is ending"))
        _connections.add(sock)


def host_name(host: str) -> str:
    """The host as the resolver is asked for it: ASCII, without a trailing dot. Raises Refused."""
    shown = repr(host if len(host) <= 80 else f"{host[:80]}…")
    if not host or len(host) > _LONGEST_HOST + 1:
        raise Refused(TOO_LONG(name=shown, most=str(_LONGEST_HOST)))
    try:
        # As the resolver would: full-width digits, dots and signs become the plain ones before they are judged.
        name = host.encode("idna").decode("ascii").removesuffix(".")
    except UnicodeError:
        raise Refused(NO_NAME(name=shown)) from None
    if len(name) > _LONGEST_HOST or not (_NAME.fullmatch(name) or _is_ipv6(name)):
        raise Refused(NO_NAME(name=shown))
    return name


def unwrapped(text: str) -> IPv4Address | IPv6Address:
    """A numeric address, the IPv4 one where IPv6 wraps it. Raises ValueError for any other spelling."""
    ip = ip_address(text)
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip


def may_be_dialled(ip: IPv4Address | IPv6Address, *, only_opened: bool = False) -> bool:
    """Whether ``ip``, unwrapped, is in ``FLUENZR_PRIVATE_NETWORKS`` or, unless ``only_opened``, is public."""
    if any(ip in network for network in _private_networks(tuple(getattr(settings, "FLUENZR_PRIVATE_NETWORKS", ())))):
        return True
    if only_opened or any(ip in network for network in _REFUSED):
        return False
    return ip.version == 4 or ip in _GLOBAL_IPV6


def parse_networks(text: str) -> list[Network]:
    """Networks in CIDR notation, between commas or spaces. Raises ValueError naming the first bad one."""
    found: list[Network] = []
    for part in text.replace(",", " ").split():
        try:
            found.append(ip_network(part))
        except ValueError as error:
            raise ValueError(f"{part!r} is not a network such as 10.1.0.0/16: {error}") from None
    return found


class Reader:
    """Reads a socket against a deadline: a server that sends a byte a minute keeps nobody longer than a silent one.

    Deadlines are of ``time.monotonic``. Methods raise TimeoutError when it passes, ConnectionError when the
    server hangs up or a line is too long, and OSError as the socket does.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._held = bytearray()

    @property
    def holds_more(self) -> bool:
        """Whether bytes have come that nobody asked for yet."""
        return bool(self._held)

    def line(self, most: int, deadline: float) -> bytes:
        """The next line, its newline included, of at most ``most`` bytes."""
        looked = 0
        while (end := self._held.find(b"\n", looked)) < 0 and len(self._held) < most:
            looked = len(self._held)
            self._receive(deadline)
        if not 0 <= end < most:
            raise ConnectionError(LONG_LINE(most=str(most)))
        return self._take(end + 1)

    def exactly(self, size: int, deadline: float) -> bytes:
        """The next ``size`` bytes."""
        while len(self._held) < size:
            self._receive(deadline)
        return self._take(size)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken

    def _receive(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(TOO_SLOW)
        self._socket.settimeout(left)
        try:
            received = self._socket.recv(65536)
        except TimeoutError:
            raise TimeoutError(TOO_SLOW) from None
        if not received:
            raise ConnectionError(say("The server closed the connection"))
        self._held += received


def base64_text(text: str) -> str:
    """``text`` as login commands carry it."""
    # "replace": an error that names the text would be worse than a login that fails.
    return base64.b64encode(text.encode("utf-8", "replace")).decode()


def plain_login(username: str, password: str) -> str:
    """What SASL's PLAIN sends, before base64."""
    return f"\0{username}\0{password}"


def xoauth2_login(username: str, token: str) -> str:
    """What XOAUTH2 sends, before base64."""
    return f"user={username}\1auth=Bearer {token}\1\1"


def login_secrets(username: str, password: str, token: str) -> list[str]:
    """The secrets in each spelling that logging in sends; an empty one is no secret."""
    found = []
    if password:
        found += [password, base64_text(password), base64_text(plain_login(username, password))]
    if token:
        found += [token, base64_text(xoauth2_login(username, token))]
    return found


def readable(said: bytes | str, *, without: Iterable[str] = ()) -> str:
    """What a server said, fit to keep and show: one printable line of at most 500 characters.

    ``without``: secrets that it may have echoed, blanked wherever they occur.
    """
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    spellings = {spelling for secret in without if secret for spelling in _spellings(secret)}
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, "***")
    # A server may send anything: what isn't printable becomes a space.
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_MOST_SHOWN]


def _spellings(secret: str) -> Iterator[str]:
    """A secret as it is, as IMAP quotes it, and both as Python's errors show bytes."""
    quoted = secret.replace("\\", "\\\\").replace('"', '\\"')
    for text in (secret, quoted):
        yield text
        # With a double quote in it, Python puts it between single ones, whatever else it holds.
        shown = repr(text.encode("utf-8", "replace") + b'"')[2:-2]
        yield from (shown, shown.replace("\\'", "'"))


def _is_ipv6(name: str) -> bool:
    try:
        # An interface after % would choose the network that is dialled.
        return "%" not in name and ip_address(name).version == 6
    except ValueError:
        return False


def _vetted(host: str, name: str, text: str, port: int) -> Address:
    ip = unwrapped(text)
    if not may_be_dialled(ip):
        # Not where it leads: names inside our network are nobody's to look up.
        raise Refused((PRIVATE if name == text else LEADS_INSIDE)(host=host))
    return Address(socket.AF_INET if ip.version == 4 else socket.AF_INET6, str(ip), port)


@lru_cache(maxsize=8)
def _private_networks(texts: tuple[str, ...]) -> list[Network]:
    try:
        return parse_networks(" ".join(texts))
    except ValueError as error:
        raise ImproperlyConfigured(f"FLUENZR_PRIVATE_NETWORKS: {error}") from None


def _dial(address: Address, seconds: float, timeout: float) -> socket.socket:
    sock = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        _note(sock)
        sock.connect((address.ip, address.port))
        sock.settimeout(timeout)
    except BaseException:  # nobody else has the socket to close
        sock.close()
        raise
    return sock
