"""The messaging API's door, and what a review had found behind it."""

from typing import Any

import pytest

from contacts.models import Contact, Location
from fluenzr_site.workspaces.changes import create_api_key
from tests.api.world import Api, MessagingApi, Party, stage_id
from tests.contacts.messaging.support import NUMBER, made, names

# -------------------------------------------------------------------------------------------- at the door


def test_another_workspaces_contact_is_as_none(messaging: MessagingApi, stranger: Party):
    theirs = stranger.api.create()["id"]
    body = {"name": "X", "phoneNumber": NUMBER, "tags": ["x"]}
    for method, path in [
        ("GET", ""),
        ("PUT", ""),
        ("DELETE", ""),
        ("POST", "/tags/add"),
        ("POST", "/tags/remove"),
    ]:
        assert messaging.call(method, f"contacts/{theirs}{path}", body).status == 404
    stage = stage_id(stranger.workspace)
    assert messaging.post("contacts", {**body, "stage": stage}).status == 400
    foreign = Location.objects.create(workspace=stranger.workspace, title="Theirs")
    answer = messaging.post("contacts", {**body, "location": {"id": foreign.pk}})
    assert answer.message == f"Unknown location: {foreign.pk}"
    assert stranger.api.get(f"contacts/{theirs}").status == 200


def test_a_number_is_a_workspaces_own(messaging: MessagingApi, stranger: Party):
    assert made(messaging)["id"] != made(MessagingApi(stranger.key))["id"]


@pytest.mark.parametrize("key", ["", "x", "flz_sk_" + "a" * 32])
def test_a_wrong_key(db: None, key: str):
    answer = MessagingApi(key).get("contacts")
    assert (answer.status, answer.message) == (401, "Invalid or missing API key")


def test_both_headers_are_a_400(messaging: MessagingApi, owner: Party):
    assert messaging.get("contacts", Authorization=f"Bearer {owner.key}").status == 400


def test_only_its_own_paths_are_there(messaging: MessagingApi):
    answer = messaging.get("groups")
    assert (answer.status, answer.message) == (404, "There is no /v1/groups")
    assert messaging.post("contacts/bulk", {}).status == 405
    assert int(answer.headers["X-RateLimit-Remaining"]) < 1000


def test_a_trailing_slash_is_accepted_and_the_limit_is_shared(messaging: MessagingApi, api: Api):
    before = int(api.get("contacts").headers["X-RateLimit-Remaining"])
    answer = messaging.get("contacts/")
    assert (answer.status, int(answer.headers["X-RateLimit-Remaining"])) == (200, before - 1)


def test_a_read_only_key_reads(owner: Party):
    reader = MessagingApi(create_api_key(owner.workspace, name="r", read_only=True)[1])
    assert reader.get("contacts").json == []
    assert reader.post("contacts", {"name": "A", "phoneNumber": NUMBER}).status == 403


def test_as_many_queries_for_one_as_for_many(messaging: MessagingApi, django_assert_max_num_queries: Any):
    for number in range(30):
        made(messaging, f"P{number}", f"+3361234{number:04}", tags=["a"], stage="Lead")
    with django_assert_max_num_queries(6):
        assert len(names(messaging, "limit=100")) == 30


# ------------------------------------------------------------------------------- what a review had found


def test_what_another_api_wrote_can_be_put_back_as_it_was_fetched(messaging: MessagingApi, api: Api):
    made(messaging, "Owner", NUMBER)
    for email, fields in [
        ("a@b.co", {"phone": "06 12 34 56 78", "firstName": "Ann"}),
        ("b@b.co", {}),
        ("c@b.co", {"phone": NUMBER, "firstName": "Shares"}),
    ]:
        contact_id = api.create(email, **fields)["id"]
        fetched = messaging.get(f"contacts/{contact_id}").json
        assert messaging.put(f"contacts/{contact_id}", fetched).json == fetched
        assert messaging.post("contacts", fetched).json == fetched
    assert Contact.objects.count() == 4


def test_a_number_that_another_contact_has_as_its_phone_is_taken(messaging: MessagingApi, api: Api):
    api.create(phone="+1 (303) 555-0800")
    mine = made(messaging)
    answer = messaging.put(f"contacts/{mine['id']}", {"name": "X", "phoneNumber": "+13035550800"})
    assert (answer.status, list(answer.details)) == (409, ["phoneNumber"])


@pytest.mark.parametrize(
    "phone", ["1 303 555 0813", "+1\u00a0303\u00a0555\u00a00813", "+1 (303) 555\u20130813", "+1\u2011303\u20115550813"]
)
def test_a_number_is_known_however_another_api_spelt_it(messaging: MessagingApi, api: Api, phone: str):
    contact = api.create(phone=phone)
    assert made(messaging, "Ann", "+13035550813")["id"] == contact["id"]


@pytest.mark.parametrize("number", ["+33 1 23 45 67 89;isub=12345", "+1-800-FLOWERS", "tel:+12025550123"])
def test_what_isn_t_a_number_alone_is_refused(messaging: MessagingApi, number: str):
    assert messaging.post("contacts", {"name": "A", "phoneNumber": number}).status == 400


def test_patch_does_what_put_does(messaging: MessagingApi):
    contact = made(messaging)
    body = {"name": "New Name", "phoneNumber": NUMBER}
    assert messaging.patch(f"contacts/{contact['id']}", body).json["name"] == "New Name"
    assert messaging.patch(f"contacts/{contact['id']}", {}).status == 400


@pytest.mark.parametrize("stage", ["subscriber", " Subscriber ", None])
def test_no_stage_is_read_like_any(messaging: MessagingApi, stage: Any):
    assert made(messaging, stage=stage)["stage"] == "Subscriber"


def test_texts_are_found_whatever_their_case_and_lines(messaging: MessagingApi):
    made(messaging, "Zyx\nWvut", channel="Télégram")
    assert len(names(messaging, "channel=TÉLÉGRAM")) == 1
    assert len(names(messaging, "searchText=wvut")) == 1


@pytest.mark.parametrize("identifier", [5, ["x"], "a\x00b"])
def test_an_id_that_can_t_be_one_is_named_with_what_else_is_wrong(messaging: MessagingApi, identifier: Any):
    answer = messaging.post("contacts", {"id": identifier, "name": "A", "phoneNumber": "x"})
    assert (answer.status, list(answer.details)) == (400, ["id", "phoneNumber"])
    contact = made(messaging)
    body = {"id": identifier, "name": "A", "phoneNumber": NUMBER}
    assert list(messaging.put(f"contacts/{contact['id']}", body).details) == ["id"]
