"""So many requests a minute for a workspace: exactly, and told on every authenticated answer."""

from typing import Any

import pytest
import time_machine

from contacts.models import Contact
from fluenzr_site.workspaces.changes import create_api_key
from tests.api.world import Api, Party

NOON = 1_798_804_800  # 2027-01-01T12:00:00Z
NAMES = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


def told(answer: Any) -> list[int]:
    return [int(answer.headers[name]) for name in NAMES]


@pytest.fixture
def three_a_minute(settings: Any) -> None:
    plans = settings.FLUENZR_PLANS
    settings.FLUENZR_PLANS = plans | {"pro": plans["pro"] | {"requests_a_minute": 3}}


def test_the_headers_count_down_to_the_end_of_the_minute(api: Api):
    with time_machine.travel(NOON + 10, tick=False):
        assert told(api.get("contacts")) == [1000, 999, NOON + 60]
        assert told(api.get("tags")) == [1000, 998, NOON + 60]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "contacts", 200),
        ("HEAD", "contacts", 200),
        ("POST", "contacts", 400),
        ("GET", "contacts/con_none", 404),
        ("GET", "nothing", 404),
        ("PUT", "contacts", 405),
        ("OPTIONS", "contacts", 405),
        ("GET", "contacts?page=0", 400),
        ("GET", "contacts?q=%00", 400),
        ("GET", "contacts/%00", 404),
    ],
)
def test_every_authenticated_answer_carries_them(api: Api, method: str, path: str, status: int):
    with time_machine.travel(NOON, tick=False):
        answer = api.call(method, path)
        assert answer.status == status
        assert told(answer) == [1000, 999, NOON + 60]


def test_415_and_413_and_broken_json_carry_them(api: Api):
    with time_machine.travel(NOON, tick=False):
        assert told(api.post("contacts", b"{}", content_type="text/plain"))[1] == 999
        assert told(api.post("contacts", b"x" * 5_300_000))[1] == 998
        assert told(api.post("contacts", b"{"))[1] == 997


@pytest.mark.usefixtures("three_a_minute")
def test_one_more_than_the_limit_is_429(api: Api):
    with time_machine.travel(NOON + 25, tick=False):
        assert [api.get("contacts").status for _ in range(3)] == [200, 200, 200]
        answer = api.get("contacts")
        assert (answer.status, answer.error["code"]) == (429, "RATE_LIMIT_EXCEEDED")
        assert told(answer) == [3, 0, NOON + 60]
        assert answer.headers["Retry-After"] == "35"


@pytest.mark.usefixtures("three_a_minute")
def test_what_is_refused_is_not_done(api: Api):
    with time_machine.travel(NOON, tick=False):
        statuses = [api.post("contacts", {"email": f"{n}@b.co"}).status for n in range(5)]
    assert statuses == [201, 201, 201, 429, 429]
    assert Contact.objects.count() == 3


@pytest.mark.usefixtures("three_a_minute")
def test_the_next_minute_begins_anew(api: Api):
    with time_machine.travel(NOON + 59, tick=False) as time:
        assert [api.get("tags").status for _ in range(4)] == [200, 200, 200, 429]
        time.shift(1)
        assert told(api.get("tags")) == [3, 2, NOON + 120]


@pytest.mark.usefixtures("three_a_minute")
def test_all_keys_of_a_workspace_share_its_limit(owner: Party, stranger: Party):
    second = Api(create_api_key(owner.workspace, name="second", read_only=True)[1])
    with time_machine.travel(NOON, tick=False):
        assert [owner.api.get("tags").status, second.get("tags").status, owner.api.get("tags").status] == [200] * 3
        assert second.get("tags").status == 429
        assert stranger.api.get("tags").status == 200


@pytest.mark.usefixtures("three_a_minute")
def test_refused_requests_count_too(api: Api):
    with time_machine.travel(NOON, tick=False):
        assert [api.get("nothing").status for _ in range(3)] == [404] * 3
        assert api.get("nothing").status == 429


@pytest.mark.usefixtures("three_a_minute")
def test_the_limit_comes_before_reading_the_body(api: Api):
    with time_machine.travel(NOON, tick=False):
        for _ in range(3):
            api.get("tags")
        assert api.post("contacts", b"{not json").status == 429
