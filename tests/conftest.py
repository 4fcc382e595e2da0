"""What holds for every test: no address outside this machine, no slow passwords, no total remembered from before."""

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from fluenzr_site.api import totals

_connect = socket.socket.connect


def pytest_configure(config: pytest.Config) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _connect_here(self: socket.socket, address: Any) -> None:
    host = address[0] if isinstance(address, tuple) else "127.0.0.1"
    try:
        near = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        near = False
    if not near:
        raise AssertionError(f"A test tried to connect to {host}")
    _connect(self, address)


@pytest.fixture(autouse=True, scope="session")
def _stay_on_this_machine() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", _connect_here)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _forget_totals() -> None:
    totals._remembered.clear()
