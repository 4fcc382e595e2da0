from typing import Any

import httpx
import pytest
from support import Server, ok

from fluenzr import AsyncFluenzrClient


def rows(first: int, last: int) -> list[dict[str, str]]:
    return [{"id": f"con_{number}"} for number in range(first, last)]


def page(first: int, last: int, cursor: str | None, number: int = 1) -> httpx.Response:
    meta = {"page": number, "perPage": 2, "total": 5, "totalPages": 3, "nextCursor": cursor}
    return ok(rows(first, last), meta)


def three_pages() -> Server:
    return Server(page(0, 2, "c1"), page(2, 4, "c2"), page(4, 5, None))


def test_iterating_goes_on_by_cursor() -> None:
    server = three_pages()
    found = server.client().contacts.list(per_page=2, sort="email", order="asc", page=1)
    assert [contact.id for contact in found] == ["con_0", "con_1", "con_2", "con_3", "con_4"]
    assert [dict(request.url.params) for request in server.requests] == [
        {"page": "1", "perPage": "2", "sort": "email", "order": "asc"},
        {"perPage": "2", "sort": "email", "order": "asc", "cursor": "c1"},
        {"perPage": "2", "sort": "email", "order": "asc", "cursor": "c2"},
    ]


def test_a_page_is_a_sequence_of_its_own_items() -> None:
    server = three_pages()
    found = server.client().contacts.list()
    assert (len(found), found[0].id, found[-1].id, [each.id for each in found[:1]]) == (2, "con_0", "con_1", ["con_0"])
    assert (found.total, found.page, found.per_page, found.total_pages, found.next_cursor) == (5, 1, 2, 3, "c1")
    assert repr(found) == "<Page: 2 of 5>"
    assert len(server.requests) == 1
    assert server.last.url.query == b""


def test_later_pages_are_asked_for_only_when_reached() -> None:
    server = three_pages()
    walk = iter(server.client().contacts.list())
    next(walk), next(walk)
    assert len(server.requests) == 1
    next(walk)
    assert len(server.requests) == 2


def test_pages_one_by_one() -> None:
    second = three_pages().client().contacts.list().next_page()
    assert second is not None and [contact.id for contact in second.items] == ["con_2", "con_3"]
    third = second.next_page()
    assert third is not None and third.next_page() is None


def test_async_iteration() -> None:
    async def use(client: AsyncFluenzrClient) -> tuple[int, list[str]]:
        found = await client.contacts.list()
        return len(found), [contact.id async for contact in found]

    assert three_pages().awaited(use) == (2, [f"con_{number}" for number in range(5)])


def test_a_plain_for_over_an_async_page_is_refused() -> None:
    async def use(client: AsyncFluenzrClient) -> None:
        list(await client.contacts.list())  # type: ignore[call-overload]

    with pytest.raises(TypeError):
        three_pages().awaited(use)


def test_a_server_without_cursors_is_asked_by_number() -> None:
    def numbered(first: int, last: int, number: int) -> httpx.Response:
        return ok(rows(first, last), {"page": number, "perPage": 2, "total": 5})

    server = Server(numbered(0, 2, 1), numbered(2, 4, 2), numbered(4, 5, 3))
    assert len(list(server.client().contacts.list(tag="vip"))) == 5
    assert dict(server.last.url.params) == {"tag": "vip", "page": "3"}


def test_a_search_turns_pages_by_number() -> None:
    server = Server(page(0, 2, "c1", 1), page(2, 4, "c2", 2), page(4, 5, None, 3))
    filters: Any = {"custom_fields": {"company_size": "10"}, "pipeline_stage_id": "stg_1"}
    found = server.client().contacts.search(query="x", filters=filters, sort="email", order="desc", per_page=2)
    assert [contact.id for contact in found][-1] == "con_4"
    assert server.body == {
        "query": "x",
        "filters": {"customFields": {"company_size": "10"}, "pipelineStageId": "stg_1"},
        "sort": {"field": "email", "order": "desc"},
        "perPage": 2,
        "page": 3,
    }
    assert not any("Idempotency-Key" in request.headers for request in server.requests)


def test_an_empty_list() -> None:
    found = Server(ok([], {"page": 1, "perPage": 20, "total": 0})).client().groups.list()
    assert (len(found), bool(found), list(found), found.next_page()) == (0, False, [], None)
