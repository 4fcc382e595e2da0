"""Who may come in: keys, their permission and revocation, plans, and addresses that guess."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from fluenzr_site.core import clock
from fluenzr_site.workspaces import keys
from fluenzr_site.workspaces.changes import create_api_key, revoke_api_key
from fluenzr_site.workspaces.models import ApiKey, Workspace
from tests.api.world import Api, Party


def an_address() -> str:
    """An address that has guessed nothing yet."""
    number = uuid4().int
    return f"10.{number % 256}.{number // 256 % 256}.{number // 65536 % 256}"


def mistyped(key: str) -> str:
    return key[:-1] + ("a" if key[-1] != "a" else "b")


@pytest.fixture
def reader(workspace: Workspace) -> Api:
    return Api(create_api_key(workspace, name="reader", read_only=True)[1])


def test_a_revoked_key_is_shut_out_at_once(owner: Party):
    assert owner.api.get("contacts").status == 200
    revoke_api_key(owner.row)
    assert owner.api.get("contacts").status == 401
    assert owner.api.post("contacts", {"email": "a@b.co"}).status == 401


def test_revoking_one_key_leaves_the_others(owner: Party, reader: Api):
    revoke_api_key(owner.row)
    assert reader.get("contacts").status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "contacts"),
        ("PUT", "contacts/{id}"),
        ("PATCH", "contacts/{id}"),
        ("DELETE", "contacts/{id}"),
        ("POST", "contacts/bulk"),
        ("POST", "contacts/{id}/groups"),
        ("DELETE", "contacts/{id}/groups"),
        ("POST", "contacts/{id}/tags"),
        ("DELETE", "contacts/{id}/tags"),
        ("POST", "groups"),
        ("PUT", "groups/grp_1"),
        ("DELETE", "groups/grp_1"),
        ("POST", "groups/grp_1/contacts"),
        ("DELETE", "groups/grp_1/contacts"),
    ],
)
def test_a_read_only_key_writes_nothing(api: Api, reader: Api, method: str, path: str):
    target = path.format(id=api.create()["id"])
    before = list(Contact.objects.values())
    answer = reader.call(method, target, {"email": "new@b.co", "tags": ["x"], "groupIds": ["x"], "name": "G"})
    assert (answer.status, answer.error["code"]) == (403, "FORBIDDEN")
    assert answer.headers["X-RateLimit-Limit"] == "1000"
    assert list(Contact.objects.values()) == before


def test_a_read_only_key_reads_and_searches(api: Api, reader: Api):
    made = api.create()
    assert reader.get(f"contacts/{made['id']}").data == made
    assert reader.found(query="ann") == ["ann@example.com"]
    assert reader.call("HEAD", "contacts").status == 200


@pytest.mark.parametrize("plan", ["free", "starter"])
def test_a_plan_below_pro_has_no_api(db: None, plan: str):
    answer = Party("Small", plan=plan).api.get("contacts")
    assert (answer.status, answer.error["code"]) == (403, "FORBIDDEN")
    assert answer.message == "API access requires Pro plan"
    assert "X-RateLimit-Limit" in answer.headers


def test_a_change_of_plan_counts_from_the_next_request(owner: Party):
    assert owner.api.get("contacts").status == 200
    Workspace.objects.filter(pk=owner.workspace.pk).update(plan="free")
    assert owner.api.get("contacts").status == 403


def limited(settings: Any, contacts: int) -> None:
    plans = settings.FLUENZR_PLANS
    settings.FLUENZR_PLANS = plans | {"pro": plans["pro"] | {"contacts": contacts}}


def test_the_limit_of_contacts_is_a_403_that_names_it(api: Api, settings: Any):
    limited(settings, 2)
    api.create("a@b.co")
    api.create("b@b.co")
    answer = api.post("contacts", {"email": "c@b.co", "tags": ["new"]})
    assert (answer.status, answer.error["code"]) == (403, "FORBIDDEN")
    assert "2 contacts" in answer.message
    assert api.get("contacts").meta["total"] == 2


def test_in_a_bulk_only_the_rows_over_the_limit_fail(api: Api, settings: Any):
    limited(settings, 2)
    api.create("a@b.co")
    rows = [{"email": f"{letter}@b.co"} for letter in "abcd"]
    data = api.post("contacts/bulk", {"contacts": rows}).data
    assert (data["created"], data["skipped"]) == (1, 1)
    assert [(error["index"], error["code"]) for error in data["errors"]] == [
        (2, "FORBIDDEN"),
        (3, "FORBIDDEN"),
    ]


def test_an_unknown_key_is_401(db: None):
    answer = Api(keys.make(), an_address()).get("contacts")
    assert (answer.status, answer.message) == (401, "Invalid or missing API key")


def test_a_mistyped_key_costs_no_look_up(owner: Party):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert Api(mistyped(owner.key), an_address()).get("contacts").status == 401
    assert not [query for query in queries if ApiKey._meta.db_table in query["sql"]]


@pytest.mark.parametrize("wrong", ["", "x", "flz_sk_", "flz_sk_" + "a" * 31, "flz_sk_" + "é" * 32, "a" * 10_000])
def test_what_is_not_a_key_is_401(db: None, wrong: str):
    assert Api(wrong, an_address()).get("contacts").status == 401


def test_an_address_that_keeps_guessing_is_throttled(owner: Party, settings: Any):
    settings.FLUENZR_WRONG_KEYS_A_MINUTE = 3
    address = an_address()
    with time_machine.travel("2027-01-01T10:00:15Z", tick=False):
        assert [Api(keys.make(), address).get("contacts").status for _ in range(3)] == [401] * 3
        answer = Api(mistyped(owner.key), address).get("contacts")
        assert (answer.status, answer.error["code"]) == (429, "RATE_LIMIT_EXCEEDED")
        assert answer.headers["Retry-After"] == "45"
        assert Api(keys.make(), an_address()).get("contacts").status == 401


def test_a_throttled_address_still_gets_in_with_a_right_key(owner: Party, settings: Any):
    settings.FLUENZR_WRONG_KEYS_A_MINUTE = 0
    address = an_address()
    assert Api(keys.make(), address).get("contacts").status == 429
    assert Api(owner.key, address).get("contacts").status == 200


def test_guessing_is_forgiven_after_the_minute(db: None, settings: Any):
    settings.FLUENZR_WRONG_KEYS_A_MINUTE = 0
    address = an_address()
    with time_machine.travel("2027-01-01T10:00:59Z", tick=False) as time:
        assert Api(keys.make(), address).get("contacts").headers["Retry-After"] == "1"
        settings.FLUENZR_WRONG_KEYS_A_MINUTE = 1
        time.shift(1)
        assert Api(keys.make(), address).get("contacts").status == 401


def test_asking_without_a_key_is_not_guessing(db: None, settings: Any):
    settings.FLUENZR_WRONG_KEYS_A_MINUTE = 0
    assert Api(None, an_address()).get("contacts").status == 401


def test_the_last_use_is_noted_to_the_minute(owner: Party):
    with time_machine.travel("2027-01-01T10:00:40Z", tick=False) as time:
        owner.api.get("contacts")
        owner.row.refresh_from_db()
        assert owner.row.last_used_at.isoformat() == "2027-01-01T10:00:00+00:00"
        time.shift(80)
        owner.api.get("contacts")
        owner.row.refresh_from_db()
        assert owner.row.last_used_at.isoformat() == "2027-01-01T10:02:00+00:00"


def test_the_last_use_is_written_once_a_minute(owner: Party):
    owner.api.get("contacts")
    with CaptureQueriesContext(connection) as queries:
        owner.api.get("contacts")
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]


def test_the_key_itself_is_kept_nowhere(owner: Party):
    stored = " ".join(str(value) for value in ApiKey.objects.values_list().get(pk=owner.row.pk))
    assert owner.key not in stored and owner.key[len(keys.PREFIX) + 4 :] not in stored
    assert owner.key.startswith(owner.row.start)


def test_a_key_revoked_yesterday_stays_out(owner: Party):
    ApiKey.objects.filter(pk=owner.row.pk).update(revoked_at=clock.now() - timedelta(days=1))
    assert owner.api.get("contacts").status == 401
