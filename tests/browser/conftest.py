"""A browser, and somebody in front of it who notices what goes wrong."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


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

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()
