"""The documents and the server name the same calls, parameters and codes."""

import re
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from contacts.api.contact_views import FILTERS
from contacts.api.filters import SORTS
from contacts.messaging import views as messaging
from fluenzr_site.api.errors import CODES
from fluenzr_site.api.openapi import listing
from tests.docs.examples import DOCUMENTS

METHODS = "GET|POST|PUT|PATCH|DELETE"
UNDOCUMENTED = {"openapi.json"}
TEXTS = {path.name: path.read_text() for path in sorted(DOCUMENTS.glob("*.md"))}
OF_ONE_THING = ("contacts.en.md", "campaigns.en.md", "webhooks.en.md")
ENGLISH = "".join(TEXTS[name] for name in (*OF_ONE_THING, "overview.en.md"))
SERVED = [name for name in TEXTS if not name.startswith("messaging")]
Call = tuple[str, str]
_REQUEST = re.compile(rf"^({METHODS}) /v1/([^ ?]+)\S* HTTP/1.1$", re.MULTILINE)
# Methods, some perhaps in a list, and the path: "`GET`, `PUT /contacts/:id`", "POST /v1/contacts/con_a/tags".
_CALL = re.compile(rf"((?:\b(?:{METHODS})\b[`, ]+)+)(?:/v1)?/([\w:/-]+)")


def calls(urlconf: str = "fluenzr_site.v1_urls") -> set[Call]:
    """The server's methods and paths below /v1, an id written as ``:id``."""

    def walk(patterns: list[Any], prefix: str) -> set[Call]:
        found = set[Call]()
        for pattern in patterns:
            path = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                found |= walk(pattern.url_patterns, path)
            elif isinstance(pattern, URLPattern) and path.startswith("v1/"):
                named = re.sub(r"<[^>]+>", ":id", path.removeprefix("v1/"))
                found |= {(method, named) for method in _methods(pattern.callback)}
        return found

    return walk(get_resolver(urlconf).url_patterns, "")


def _methods(view: Any) -> list[str]:
    return [method for method in METHODS.split("|") if hasattr(view.view_class, method.lower())]


def told(text: str) -> set[Call]:
    """The methods and paths that a document names, its ids written as ``:id``."""
    found = set[Call]()
    for methods, path in _CALL.findall(text):
        named = re.sub(r"(?<=/)(?:con|grp|whk|log)_\w+", ":id", path)
        found |= {(method, named) for method in re.findall(METHODS, methods)}
    return found


SERVER = {(method, path) for method, path in calls() if path not in UNDOCUMENTED}


@pytest.mark.parametrize("call", sorted(SERVER), ids=" ".join)
def test_every_call_of_the_server_is_documented(call: Call) -> None:
    assert call in told(ENGLISH)


@pytest.mark.parametrize("name", SERVED)
def test_every_call_in_a_document_exists(name: str) -> None:
    named = told(TEXTS[name])
    assert named
    assert named <= SERVER, named - SERVER


@pytest.mark.parametrize("language", ["en", "hi"])
def test_an_overview_names_every_call(language: str) -> None:
    assert told(TEXTS[f"overview.{language}.md"]) == SERVER


@pytest.mark.parametrize("name", [name for name in SERVED if name.startswith("contacts")])
def test_every_parameter_and_sort_field_of_the_list_is_documented(name: str) -> None:
    parameters = {parameter.name for parameter in (*listing(SORTS), *FILTERS)} - {"customFields"}
    missing = {word for word in parameters | SORTS.keys() if f"`{word}`" not in TEXTS[name]}
    assert not missing
    assert "`customFields[" in TEXTS[name]


@pytest.mark.parametrize("name", [name for name in SERVED if name not in OF_ONE_THING])
def test_every_error_code_is_documented(name: str) -> None:
    # The English pages of one thing leave them to the English overview.
    rows = set(re.findall(r"^\| (\d{3}) \| `([A-Z_]+)` \|", TEXTS[name], re.MULTILINE))
    assert rows == {(str(status), code) for status, code in CODES.items()} | {("400", "INVALID_JSON")}


@pytest.mark.parametrize("name", SERVED)
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([\w.]+\.md)\)", TEXTS[name])
    assert set(links) <= TEXTS.keys()


def test_the_messaging_document_names_every_call_of_its_dialect() -> None:
    named = {
        (method, path.replace("{contactId}", ":id")) for method, path in _REQUEST.findall(TEXTS["messaging.en.md"])
    }
    assert named == {call for call in calls("fluenzr_site.v1_messaging_urls") if call[1] not in UNDOCUMENTED}


def test_every_parameter_of_the_messaging_list_is_documented() -> None:
    for parameter in messaging.FILTERS:
        assert f"| `{parameter.name}` |" in TEXTS["messaging.en.md"]
