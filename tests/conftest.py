"""What holds for every test: no address outside this machine, no slow passwords, no total remembered from before."""

import ipaddress
import signal
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from fluenzr_site.api import totals
from fluenzr_site.core import ids

_connect = socket.socket.connect


def pytest_configure(config: pytest.Config) -> None:
    # A shell starts what runs behind it with Ctrl-C ignored, and the processes that tests start would inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database-only", action="store_true", help="leave out what touches no database")
    parser.addoption("--without-pages", action="store_true", help="leave out the admin's pages")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What touches no database says the same on each; pages ask what the API asks, and take long to be drawn."""
    kept = items
    if config.getoption("--database-only"):
        kept = [each for each in kept if _touches_a_database(each)]
    if config.getoption("--without-pages"):
        kept = [each for each in kept if "admin" not in each.path.relative_to(config.rootpath).parts]
    config.hook.pytest_deselected(items=[each for each in items if each not in set(kept)])
    # The longest first, beside which the others have time to pass.
    items[:] = sorted(kept, key=lambda each: not _starts_processes_alone(each))


def _starts_processes_alone(item: pytest.Item) -> bool:
    """On databases of its own. What empties the suite's, for threads to be seen by each other, comes last."""
    return bool(item.get_closest_marker("processes")) and not item.get_closest_marker("django_db")


def _touches_a_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "live_server"}.intersection(getattr(item, "fixturenames", ()))
    marks = ("django_db", "processes", "services")
    return bool(fixtures) or any(item.get_closest_marker(name) for name in marks)


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


@pytest.fixture(autouse=True)
def _ids_of_now() -> None:
    """Ids never decrease: after a test that was in 2040, those of all that follow would say so."""
    ids._sequence._last = 0
