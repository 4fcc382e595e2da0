"""The documents and the server name the same calls."""

import re
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.docs.examples import DOCUMENTS

ENGLISH = "".join((DOCUMENTS / name).read_text() for name in ("contacts.en.md", "overview.en.md"))
UNDOCUMENTED = {"openapi.json"}


def routes() -> set[str]:
    """The server's paths below /v1, an id written as ``:id``."""

    def walk(patterns: list[Any], prefix: str) -> set[str]:
        found = set[str]()
        for pattern in patterns:
            path = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                found |= walk(pattern.url_patterns, path)
            elif isinstance(pattern, URLPattern) and path.startswith("v1/"):
                found.add(re.sub(r"<[^>]+>", ":id", path.removeprefix("v1/")))
        return found

    return walk(get_resolver("fluenzr_site.v1_urls").url_patterns, "")


@pytest.mark.parametrize("route", sorted(routes() - UNDOCUMENTED))
def test_every_route_is_documented(route: str) -> None:
    assert re.search(rf"/{re.escape(route)}(?![\w/:])", ENGLISH), route


@pytest.mark.parametrize("name", sorted(path.name for path in DOCUMENTS.glob("*.md") if "messaging" not in path.name))
def test_every_path_in_a_document_exists(name: str) -> None:
    text = (DOCUMENTS / name).read_text()
    told = {
        path.partition("?")[0].rstrip("/.")
        for path in re.findall(r"(?:GET|POST|PUT|PATCH|DELETE)`?,? (?:/v1)?/([\w:/-]+)", text)
    }
    told = {re.sub(r"\b(?:con|grp)_\w+", ":id", path) for path in told}
    assert told <= routes(), told - routes()
