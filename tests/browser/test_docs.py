"""The API's documentation in a browser: one field for the key, and every call can be tried."""

from collections.abc import Iterator
from typing import Any

import pytest

from fluenzr_site.workspaces.changes import create_api_key, create_workspace
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def visitor(chromium: Any, live_server: Any) -> Iterator[Visitor]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    visitor = Visitor(context.new_page(), live_server.url)
    visitor.go("/docs")
    visitor.page.locator(".opblock").first.wait_for()
    yield visitor
    context.close()


def executed(visitor: Visitor, operation: str) -> tuple[str, str]:
    """The status and the printed request of an operation, tried with the example that is filled in."""
    block = visitor.page.locator(f"[id$=-{operation}]")
    block.locator(".opblock-summary-control").click()
    block.locator(".execute").click()
    status = block.locator(".live-responses-table .response-col_status").nth(1)
    status.wait_for()
    return status.inner_text().split()[0], block.locator(".curl-command code").inner_text()


def test_a_key_opens_both_apis(visitor: Visitor) -> None:
    key = create_api_key(create_workspace("Acme"), name="docs")[1]
    visitor.page.fill("#key", key)
    visitor.press("Use this key")
    visitor.page.get_by_text("The key works").wait_for()
    status, request = executed(visitor, "listTags")
    assert (status, f"Authorization: Bearer {key}" in request) == ("200", True)
    status, request = executed(visitor, "addOrUpdateContactByIdOrNumber")
    assert (status, f"x-api-key: {key}" in request) == ("200", True)
    assert "+1 202 555 0123" in request
    assert visitor.wrong == []


def test_a_wrong_key_is_said(visitor: Visitor) -> None:
    visitor.page.fill("#key", "flz_sk_wrong")
    visitor.press("Use this key")
    visitor.page.get_by_text("Invalid or missing API key").wait_for()


def test_every_operation_is_there(visitor: Visitor) -> None:
    from fluenzr_site.api.description import examples

    assert visitor.page.locator(".opblock").count() == len(examples())
