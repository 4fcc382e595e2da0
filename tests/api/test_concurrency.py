"""Many at once, on a real database: nothing twice, nothing lost, nothing locked, no 5xx."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from django.db import connection, connections

from contacts.models import Contact, Tag
from fluenzr_site.events.models import Event
from tests.api.world import Api, MessagingApi, Party

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
T = TypeVar("T")


@pytest.fixture
def owner(transactional_db: None) -> Party:
    return Party("Owner")


@pytest.fixture
def rounds() -> int:
    """How often a race is run. SQLite's test database is in memory, where threads can't meet."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    return 5


def at_once(*calls: Callable[[], T]) -> list[T]:
    """The answers of all calls, each in a thread of its own, begun together."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        try:
            gate.wait(timeout=30)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def poster(party: Party, path: str, body: Any) -> Callable[[], int]:
    return lambda: Api(party.key).post(path, body).status


def test_of_16_creators_of_one_address_one_wins(owner: Party, rounds: int):
    for number in range(rounds):
        body = {"email": f"{number}@b.co", "tags": ["t"], "customFields": {"k": "v"}}
        answers = at_once(*[poster(owner, "contacts", body)] * 16)
        assert Counter(answers) == {201: 1, 409: 15}
    assert Contact.objects.count() == Event.objects.count() == rounds


@pytest.mark.parametrize("count", [7, 60])
def test_creators_of_the_same_new_tags_in_other_orders_all_succeed(owner: Party, rounds: int, count: int):
    for number in range(rounds):
        names = [f"t{number}-{n}" for n in range(count)]
        bodies = [{"email": f"{number}-{n}@b.co", "tags": names[:: (-1) ** n]} for n in range(8)]
        assert at_once(*[poster(owner, "contacts", body) for body in bodies]) == [201] * 8
    assert Tag.objects.count() == count * rounds


@pytest.mark.parametrize("count", [7, 60])
def test_creators_of_the_same_new_custom_fields_in_other_orders_all_succeed(owner: Party, rounds: int, count: int):
    for number in range(rounds):
        keys = [f"k{number}-{n}" for n in range(count)]
        bodies = [
            {"email": f"{number}-{n}@b.co", "customFields": dict.fromkeys(keys[:: (-1) ** n], "v")} for n in range(8)
        ]
        assert at_once(*[poster(owner, "contacts", body) for body in bodies]) == [201] * 8
    assert owner.workspace.custom_fields.count() == count * rounds


def test_bulk_upserts_of_the_same_addresses_in_other_orders(owner: Party, rounds: int):
    for number in range(rounds):
        rows = [
            {
                "email": f"{number}-{n}@b.co",
                "tags": [f"t{number}-{n % 7}"],
                "customFields": {f"k{number}-{n % 5}": n},
            }
            for n in range(60)
        ]
        orders = [
            rows,
            rows[::-1],
            rows[30:] + rows[:30],
            rows[::2] + rows[1::2],
            rows[1::2] + rows[::2],
            rows[::-1],
        ]
        bodies = [
            {"contacts": [row | {"firstName": f"w{writer}"} for row in order], "onDuplicate": "update"}
            for writer, order in enumerate(orders)
        ]
        assert at_once(*[poster(owner, "contacts/bulk", body) for body in bodies]) == [200] * len(orders)
    assert Contact.objects.count() == 60 * rounds


def test_updates_of_one_contact_lose_no_custom_field(owner: Party, rounds: int):
    for number in range(rounds):
        path = f"contacts/{owner.api.create(f'{number}@b.co')['id']}"
        calls = [
            lambda n=n, path=path: Api(owner.key).put(path, {"customFields": {f"k{n}": "v"}, "tags": [f"t{n}"]}).status
            for n in range(12)
        ]
        assert at_once(*calls) == [200] * 12
        contact = owner.api.get(path).data
        assert (len(contact["customFields"]), len(contact["tags"])) == (12, 1)


def test_changing_and_deleting_at_once_is_no_error_of_ours(owner: Party, rounds: int):
    for number in range(rounds * 2):
        group, made = owner.api.group(f"G{number}"), owner.api.create(f"{number}@b.co")["id"]
        answers = at_once(
            lambda group=group: Api(owner.key).delete(f"groups/{group}").status,
            lambda made=made: Api(owner.key).delete(f"contacts/{made}").status,
            lambda group=group, made=made: (
                Api(owner.key).post(f"groups/{group}/contacts", {"contactIds": [made]}).status
            ),
            lambda made=made: Api(owner.key).put(f"contacts/{made}", {"firstName": "X"}).status,
            lambda group=group, n=number: poster(owner, "contacts", {"email": f"n{n}@b.co", "groupIds": [group]})(),
            lambda group=group: Api(owner.key).put(f"groups/{group}", {"description": "x"}).status,
        )
        assert all(status < 500 for status in answers), answers


def test_of_8_creators_of_one_group_one_wins(owner: Party, rounds: int):
    for number in range(rounds):
        answers = at_once(*[poster(owner, "groups", {"name": f"G{number}"})] * 8)
        assert Counter(answers) == {201: 1, 409: 7}


def test_of_16_writers_of_one_number_one_makes_the_contact(owner: Party, rounds: int):
    for number in range(rounds):
        body = {"name": "John Smith", "phoneNumber": f"+1202555010{number}", "tags": ["t"]}

        def post(body: Any = body) -> int:
            return MessagingApi(owner.key).post("contacts", body).status

        answers = at_once(*[post] * 16)
        assert Counter(answers) == {200: 16}
    assert Contact.objects.count() == Event.objects.filter(type="contact.created").count() == rounds


def test_of_32_posts_with_one_idempotency_key_one_runs(owner: Party, rounds: int):
    for number in range(rounds):
        body = {"email": f"{number}@b.co", "groupIds": [owner.api.group(f"G{number}")], "tags": ["t"]}

        def post(key: str = f"k{number}", body: Any = body) -> tuple[int, bytes, str | None]:
            answer = Api(owner.key).post("contacts", body, idempotency_key=key)
            return answer.status, answer.raw, answer.headers.get("Idempotency-Replayed")

        answers = at_once(*[post] * 32)
        assert {(status, raw) for status, raw, _ in answers} == {answers[0][:2]}
        assert Counter(replayed for _, _, replayed in answers) == {None: 1, "true": 31}
        assert answers[0][0] == 201
    assert Contact.objects.count() == Event.objects.count() == rounds


def test_what_is_deleted_while_it_is_written_is_made_anew(owner: Party, rounds: int):
    for number in range(rounds):
        messaging = MessagingApi(owner.key)
        body = {"name": "John Smith", "phoneNumber": f"+1202555010{number}"}
        body["id"] = messaging.post("contacts", body).json["id"]

        def call(method: str, path: str, body: Any = body) -> Callable[[], int]:
            return lambda: MessagingApi(owner.key).call(method, path, body).status

        one = f"contacts/{body['id']}"
        answers = at_once(call("DELETE", one), *[call("POST", "contacts")] * 6, *[call("PUT", one)] * 4)
        assert set(answers) <= {200, 404, 409}, answers
        answers = at_once(call("DELETE", one), *[call("POST", f"{one}/tags/add", {"tags": ["a"]})] * 6)
        assert set(answers) <= {200, 404}, answers
