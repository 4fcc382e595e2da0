"""A browser, and somebody in front of it who notices what goes wrong."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import signals
from django.core.management import call_command
from django.db import connection
from django.test import Client

from fluenzr_site.workspaces.changes import add_member, create_workspace
from fluenzr_site.workspaces.models import Workspace

CHROMIUM = "/usr/bin/chromium"
NAMELESS = """() => [...document.querySelectorAll("button, a[href], [role=button], select, input, textarea")]
    .filter((e) => e.offsetParent && !e.labels?.length)
    .filter((e) => !e.textContent.trim() && !e.title && !e.ariaLabel && !e.placeholder)
    .map((e) => e.outerHTML)"""
REFUSALS = """window.refused = [];
    addEventListener("securitypolicyviolation", (e) => refused.push(`${e.violatedDirective} ${e.blockedURI}`));"""
DESK, PHONE = {"width": 1280, "height": 850}, {"width": 390, "height": 844}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


#: How long a request that nobody waits for any more may take to end.
LATE_SECONDS = 20.0


class InFlight:
    """How many requests are being answered: a tab that was closed leaves some behind."""

    def __init__(self) -> None:
        self._open, self._changed = 0, threading.Condition()

    def begin(self, **_: Any) -> None:
        self._count(1)

    def end(self, **_: Any) -> None:
        self._count(-1)

    def _count(self, more: int) -> None:
        with self._changed:
            self._open += more
            self._changed.notify_all()

    def wait(self) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._open <= 0, LATE_SECONDS), f"{self._open} requests don't end"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """In a file: in memory, the server's threads would share the test's one connection and its transactions."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "browser.sqlite3")


@pytest.fixture(scope="session")
def in_flight() -> Iterator[InFlight]:
    counted = InFlight()
    signals.request_started.connect(counted.begin)
    signals.request_finished.connect(counted.end)
    yield counted
    signals.request_started.disconnect(counted.begin)
    signals.request_finished.disconnect(counted.end)


@pytest.fixture(autouse=True)
def _all_answered(in_flight: InFlight) -> Iterator[None]:
    """Before its rows are removed: a late request would find half of them, or write others behind them."""
    yield
    in_flight.wait()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    # Playwright runs a loop in this thread, which makes Django refuse its database otherwise.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Visitor:
    """A signed-in person's tab, and what went wrong in it."""

    def __init__(self, page: Any, url: str) -> None:
        self.page, self.url, self.wrong = page, url, list[str]()
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._heard(said))

    def _heard(self, said: Any) -> None:
        if said.type in ("error", "warning"):
            self.wrong.append(f"{self.page.url}: {said.text}")

    def go(self, path: str) -> None:
        answer = self.page.goto(self.url + path)
        self.page.wait_for_load_state("load")
        if answer.status != 200:
            self.wrong.append(f"{path}: {answer.status}")

    def fits(self) -> bool:
        """Whether nothing on the page makes it wider than the screen."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))

    def nameless(self) -> list[str]:
        """What can be pressed or filled in, and tells a screen reader nothing."""
        return list(self.page.evaluate(NAMELESS))

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()


def sign_in(context: Any, url: str, user: User) -> None:
    client = Client()
    client.force_login(user)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


@contextmanager
def tab(chromium: Any, url: str, user: User, **options: Any) -> Iterator[Visitor]:
    """A signed-in person's, with Playwright's options of a context."""
    context = chromium.new_context(**{"viewport": DESK, **options})
    sign_in(context, url, user)
    yield Visitor(context.new_page(), url)
    context.close()


def make_member(workspace: Workspace) -> User:
    user = User.objects.create(username="mia", first_name="Mia", email="mia@acme.test", is_staff=True)
    add_member(workspace, user, role="member")
    return user


def make_admin(workspace: Workspace) -> User:
    user = User.objects.create(username="ada", first_name="Ada", email="ada@acme.test", is_staff=True)
    add_member(workspace, user, role="admin")
    return user


@pytest.fixture
def acme() -> Workspace:
    return create_workspace("Acme")


@pytest.fixture
def user(acme: Workspace) -> User:
    """Who sits in front of it. A module of administrators' pages has another."""
    return make_member(acme)


@pytest.fixture
def scheme() -> str:
    """The colours that the person's machine asks for."""
    return "light"


@pytest.fixture
def size() -> dict[str, int]:
    return DESK


@pytest.fixture
def visitor(chromium: Any, live_server: Any, user: User, scheme: str, size: dict[str, int]) -> Iterator[Visitor]:
    with tab(chromium, live_server.url, user, viewport=size, color_scheme=scheme) as visitor:
        yield visitor


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Without pytest's mark for it: what is written stays through a module, over no transaction, and goes after it."""
    with django_db_blocker.unblock():
        yield
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(scope="module")
def site_url(db: None) -> Iterator[str]:
    """The product's own way to serve, static files through its middleware; Django's test server has one of its own."""
    from django.core.handlers.wsgi import WSGIHandler
    from pytest_django.live_server_helper import LiveServer

    server = LiveServer("127.0.0.1", start=False)
    server.thread.static_handler = lambda _media: WSGIHandler()
    server.start()
    yield server.url
    server.stop()
