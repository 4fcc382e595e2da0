"""Where the sender's connections may lead: every address is judged before it is dialled, whoever resolved it."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ssl import SSLContext
from typing import Any, Final

from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from fluenzr_site.core import outbound
from fluenzr_site.core.outbound import Address, Refused, Resolve
from fluenzr_site.core.saying import Sentence
from fluenzr_site.webhooks.hearing import Hearing

# Shorter than what servers grant, of which two seconds is the least usual: a POST can't be repeated when the server
# hangs up just as it comes. It also bounds how many sockets wait for nothing.
KEEP_ALIVE_SECONDS: Final = 1.5
_MOST_ADDRESSES: Final = 4
# The log keeps it in English.
_NO_ADDRESS: Final = Sentence("%(host)s is not an address")


class NotDialled(OSError):
    """Refused, in the shape in which a connector counts it among its failures."""


def connector(threads: ThreadPoolExecutor, resolve: Resolve, context: SSLContext, *, only_opened: bool) -> TCPConnector:
    """``only_opened``: to addresses inside ``FLUENZR_PRIVATE_NETWORKS`` alone. Names are looked up in ``threads``."""
    made = TCPConnector(
        # How many at once is the sender's affair, and waiting here would count as the receiver's time.
        limit=0,
        ssl=context,
        resolver=_Resolver(threads, resolve, only_opened=only_opened),
        # The resolver isn't asked for literals; this is, for each socket.
        socket_factory=partial(_socket, only_opened=only_opened),
        keepalive_timeout=KEEP_ALIVE_SECONDS,
    )
    # The library has no option for it.
    made._factory = partial(Hearing, loop=asyncio.get_running_loop())  # type: ignore[assignment]
    return made


class _Resolver(AbstractResolver):
    """The addresses of a name, of which none may be forbidden."""

    def __init__(self, threads: ThreadPoolExecutor, resolve: Resolve, *, only_opened: bool) -> None:
        self._threads, self._resolve, self._only_opened = threads, resolve, only_opened

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises NotDialled and OSError. ``family`` is what the connector prefers: either will do."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, self._vetted, host, port)
        return [_result(host, address) for address in found[:_MOST_ADDRESSES]]

    async def close(self) -> None:
        """The threads are the sender's."""

    def _vetted(self, host: str, port: int) -> list[Address]:
        try:
            found = outbound.addresses_for(host, port, resolve=self._resolve)
        except Refused as error:
            raise NotDialled(str(error)) from None
        for address in found:
            _check(host, address.ip, only_opened=self._only_opened)
        return found


def _result(host: str, address: Address) -> ResolveResult:
    numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(
        hostname=host, host=address.ip, port=address.port, family=address.family, proto=0, flags=numeric
    )


def _socket(info: tuple[Any, ...], *, only_opened: bool) -> socket.socket:
    """The socket for an address that is about to be dialled. Raises NotDialled."""
    family, type_, protocol, _, address = info
    _check(address[0], address[0], only_opened=only_opened)
    return socket.socket(family, type_, protocol)


def _check(host: str, ip: str, *, only_opened: bool) -> None:
    try:
        unwrapped = outbound.unwrapped(ip)
    except ValueError:
        raise NotDialled(_NO_ADDRESS(host=host)) from None
    if not outbound.may_be_dialled(unwrapped):
        raise NotDialled(outbound.PRIVATE(host=host))
    if only_opened and not outbound.may_be_dialled(unwrapped, only_opened=True):
        raise NotDialled(outbound.ONLY_HTTPS(host=host))
