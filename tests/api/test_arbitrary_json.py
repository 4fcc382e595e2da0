"""Any JSON anywhere, and every JSON type under every known key: never a 5xx, never outside the envelope."""

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.cleaning import API_TEXT_FIELDS
from tests.api.world import Api

CONTACT = ["email", *API_TEXT_FIELDS, "status", "groupIds", "tags", "customFields", "pipelineStageId"]
KEYS = {
    "contacts": CONTACT,
    "contacts/{contact}": CONTACT,
    "contacts/bulk": ["contacts", "groupIds", "onDuplicate"],
    "contacts/search": ["query", "filters", "sort", "page", "perPage", "cursor"],
    "contacts/{contact}/groups": ["groupIds"],
    "contacts/{contact}/tags": ["tags"],
    "groups": ["name", "description", "type", "color"],
    "groups/{group}": ["name", "description", "type", "color"],
    "groups/{group}/contacts": ["contactIds"],
}
METHODS = {
    "contacts": ["POST"],
    "contacts/{contact}": ["PUT", "PATCH"],
    "contacts/bulk": ["POST"],
    "contacts/search": ["POST"],
    "contacts/{contact}/groups": ["POST", "DELETE"],
    "contacts/{contact}/tags": ["POST", "DELETE"],
    "groups": ["POST"],
    "groups/{group}": ["PUT", "PATCH"],
    "groups/{group}/contacts": ["POST", "DELETE"],
}
ENDPOINTS = [(method, path) for path, methods in METHODS.items() for method in methods]
VALUES = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    2**64 - 1,
    1e300,
    "",
    " ",
    "x",
    "\u2028",
    "x" * 3000,
    [],
    [[]],
    [None],
    [1],
    ["x"],
]
VALUES += [["x"] * 1001, [{}], {}, {"": ""}, {"x": {}}, {"x": [1]}, {"field": []}, {"customFields": []}]
TYPED = [(method, path, key) for method, path in ENDPOINTS for key in KEYS[path]]

pytestmark = pytest.mark.usefixtures("no_rate_limit")
RELAXED = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def names(api: Api) -> dict[str, str]:
    return {"contact": api.create()["id"], "group": api.group()}


@pytest.mark.parametrize(("method", "path", "key"), TYPED)
def test_every_type_under_every_key(api: Api, names: dict[str, str], method: str, path: str, key: str):
    needed = {"email": "new@b.co"} if path == "contacts" else {"name": "New"} if path == "groups" else {}
    for value in VALUES:
        assert api.call(method, path.format(**names), needed | {key: value}).status < 500, value


@pytest.mark.parametrize("key", CONTACT)
def test_every_type_under_every_key_of_a_bulk_row(api: Api, key: str):
    rows = [{"email": f"{n}@b.co"} | {key: value} for n, value in enumerate(VALUES)]
    data = api.post("contacts/bulk", {"contacts": rows}).data
    assert data["created"] + data["skipped"] + len(data["errors"]) == len(rows)


# As json.dumps writes it: lone surrogates stay out, since they are no text to a test either.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
ANY = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_arbitrary_json(api: Api, names: dict[str, str], method: str, path: str):
    known = st.dictionaries(st.sampled_from([*KEYS[path], "id", "workspace", "_connector"]), ANY, max_size=4)

    @RELAXED
    @given(body=ANY | known)
    def thrown(body: Any) -> None:
        assert api.call(method, path.format(**names), body).status < 500

    thrown()


FILTERS = [
    "status",
    "groups",
    "tags",
    "customFields",
    "pipelineStageId",
    "createdAfter",
    "createdBefore",
    "a__regex",
]


def test_arbitrary_searches(api: Api, names: dict[str, str]):
    @RELAXED
    @given(
        filters=st.dictionaries(st.sampled_from(FILTERS), ANY, max_size=3),
        sort=st.dictionaries(st.sampled_from(["field", "order"]), ANY, max_size=2),
    )
    def thrown(filters: Any, sort: Any) -> None:
        assert api.post("contacts/search", {"filters": filters, "sort": sort}).status < 500

    thrown()


@RELAXED
@given(
    query=st.dictionaries(st.sampled_from(["page", "perPage", "sort", "order", "cursor", "email", "q", "tag"]), TEXT)
)
def test_arbitrary_parameters(api: Api, query: dict[str, str]):
    for path in ("contacts", "groups", "tags", "custom-fields"):
        assert api.get(f"{path}?{urlencode(query)}").status < 500


@RELAXED
@given(raw=st.binary(max_size=200))
def test_arbitrary_bytes(api: Api, raw: bytes):
    assert api.post("contacts", raw).status < 500
    assert api.post("contacts/search", raw).status < 500


@RELAXED
@given(tail=st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_arbitrary_paths(api: Api, tail: str):
    for start in ("", "contacts/", "groups/"):
        assert api.get(f"/v1/{start}{quote(tail)}").status < 500
