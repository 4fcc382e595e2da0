"""``Idempotency-Key``: a POST that was cut off is sent again, and does nothing twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from contacts.changes import contacts as changes
from contacts.models import Contact, Group
from fluenzr_site.api import idempotency
from fluenzr_site.api.models import KeptAnswer
from fluenzr_site.core import clock
from fluenzr_site.events.models import Event
from fluenzr_site.workspaces.changes import create_api_key
from tests.api.world import Answer, Api, MessagingApi, Party

BODY = {"email": "ann@example.com", "tags": ["vip"]}


def replayed(answer: Answer) -> bool:
    return answer.headers.get("Idempotency-Replayed") == "true"


def test_the_first_answer_is_given_again(api: Api):
    first = api.post("contacts", BODY, idempotency_key="k1")
    again = api.post("contacts", BODY, idempotency_key="k1")
    assert (first.status, replayed(first)) == (201, False)
    assert (again.status, again.raw, replayed(again)) == (201, first.raw, True)
    assert Contact.objects.count() == Event.objects.count() == 1
    assert int(again.headers["X-RateLimit-Remaining"]) == int(first.headers["X-RateLimit-Remaining"]) - 1


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("contacts/bulk", {"contacts": [BODY, {"email": "bad"}]}, 200),
        ("contacts/search", {"query": "ann"}, 200),
        ("contacts/{contact}/tags", {"tags": ["x"]}, 200),
        ("contacts/{contact}/groups", {"groupIds": ["{group}"]}, 200),
        ("groups", {"name": "New"}, 201),
        ("groups/{group}/contacts", {"contactIds": ["{contact}"]}, 200),
    ],
)
def test_on_every_post(api: Api, path: str, body: Any, status: int):
    ids = {"{contact}": api.create("z@example.com")["id"], "{group}": api.group()}

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: filled(item) for name, item in value.items()}
        if isinstance(value, list):
            return [filled(item) for item in value]
        for name, identifier in ids.items():
            value = value.replace(name, identifier)
        return value

    first, again = (api.post(filled(path), filled(body), idempotency_key="k") for _ in range(2))
    assert (first.status, again.status, replayed(again)) == (status, status, True)
    assert again.raw == first.raw


def test_in_the_messaging_dialect_too(owner: Party):
    messaging = MessagingApi(owner.key)
    body = {"name": "John Smith", "phoneNumber": "+12025550123"}
    first, again = (messaging.post("contacts", body, idempotency_key="k") for _ in range(2))
    assert (first.raw, replayed(again)) == (again.raw, True)
    # The same path and body in the other dialect are another request.
    assert owner.api.post("contacts", body, idempotency_key="k").status == 409


def test_the_same_key_for_something_else_is_a_conflict(api: Api):
    api.post("contacts", BODY, idempotency_key="k")
    for path, body in [("contacts", {"email": "bo@example.com"}), ("contacts/search", BODY), ("groups", {"name": "x"})]:
        answer = api.post(path, body, idempotency_key="k")
        assert (answer.status, list(answer.details)) == (409, ["Idempotency-Key"])
    assert Contact.objects.count() == 1
    assert not Group.objects.exists()


def test_the_body_is_compared_by_what_it_says(api: Api):
    api.post("contacts", b'{"email": "ann@example.com", "company": "Acme"}', idempotency_key="k")
    again = api.post("contacts", b'{ "company":"Acme","email":"ann@example.com"}', idempotency_key="k")
    assert replayed(again)


def test_a_key_is_a_workspaces_own(api: Api, stranger: Party):
    api.post("contacts", BODY, idempotency_key="k")
    answer = stranger.api.post("contacts", BODY, idempotency_key="k")
    assert (answer.status, replayed(answer)) == (201, False)


def test_a_refusal_is_an_answer_too(api: Api):
    bad = {"email": "nope"}
    first, again = (api.post("contacts", bad, idempotency_key="k") for _ in range(2))
    assert (first.status, again.status, replayed(again), again.raw) == (400, 400, True, first.raw)


@pytest.mark.parametrize("key", ["", " ", "é", "a b", "x" * 256])
def test_a_key_that_can_t_be_one(api: Api, key: str):
    answer = api.post("contacts", BODY, idempotency_key=key)
    assert (answer.status, list(answer.details)) == (400, ["Idempotency-Key"])
    assert not Contact.objects.exists()


def test_what_is_refused_at_the_door_is_not_kept(api: Api, owner: Party):
    reader = Api(create_api_key(owner.workspace, name="r", read_only=True)[1])
    assert reader.post("contacts", BODY, idempotency_key="k").status == 403
    assert Api("flz_sk_" + "x" * 32).post("contacts", BODY, idempotency_key="k").status == 401
    assert api.post("contacts", b"{", idempotency_key="k").status == 400
    assert api.post("contacts", BODY, idempotency_key="k").status == 201


def test_a_mistake_of_ours_leaves_nothing_and_can_be_tried_again(api: Api, monkeypatch: pytest.MonkeyPatch):
    def write_and_fail(*args: Any, **kwargs: Any) -> None:
        real(*args, **kwargs)
        raise OperationalError("the server closed the connection")

    real = changes.create_entry
    monkeypatch.setattr(changes, "create_entry", write_and_fail)
    assert api.post("contacts", BODY, idempotency_key="k").status == 500
    assert not Contact.objects.exists()
    assert not KeptAnswer.objects.exists()
    monkeypatch.undo()
    answer = api.post("contacts", BODY, idempotency_key="k")
    assert (answer.status, replayed(answer)) == (201, False)


def test_after_a_day_the_key_is_free(api: Api):
    api.post("contacts", BODY, idempotency_key="k")
    KeptAnswer.objects.update(created_at=clock.now() - timedelta(hours=24, seconds=1))
    assert api.post("contacts", {"email": "bo@example.com"}, idempotency_key="k").status == 201
    assert KeptAnswer.objects.count() == 1


def test_what_is_old_is_thrown_away(api: Api):
    for number in range(3):
        api.post("contacts", {"email": f"{number}@b.co"}, idempotency_key=f"k{number}")
    KeptAnswer.objects.filter(key="k1").update(created_at=clock.now() - timedelta(hours=25))
    assert idempotency.forget_old() == 1
    assert KeptAnswer.objects.count() == 2


def test_other_methods_pass_it_over(api: Api):
    contact = api.create()
    for _ in range(2):
        answer = api.put(f"contacts/{contact['id']}", {"company": "Acme"}, idempotency_key="k")
        assert (answer.status, replayed(answer)) == (200, False)
    assert not KeptAnswer.objects.exists()
    assert api.post(f"contacts/{contact['id']}", {}, idempotency_key="k").status == 405


def test_a_body_as_deep_as_is_read_at_all(api: Api):
    body = b'{"email": "ann@example.com", "unknown": ' + b"[" * 900 + b"]" * 900 + b"}"
    first, again = (api.post("contacts", body, idempotency_key="k") for _ in range(2))
    assert (first.status, again.status, replayed(again)) == (201, 201, True)
