"""Whether a worker is at work, as machines and people are told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from fluenzr_site.core import clock, heartbeat
from fluenzr_site.core.models import Heartbeat

pytestmark = pytest.mark.django_db
NOON = datetime(2030, 1, 7, 12, tzinfo=UTC)


def test_who_was_seen_within_a_minute_is_alive() -> None:
    assert not heartbeat.is_alive("sending", NOON)
    heartbeat.beat("sending", NOON)
    assert heartbeat.is_alive("sending", NOON + timedelta(seconds=59))
    assert not heartbeat.is_alive("sending", NOON + timedelta(seconds=60))
    assert not heartbeat.is_alive("mailboxes", NOON)


def test_it_is_written_every_ten_seconds_only(django_assert_num_queries: Any) -> None:
    heartbeat.beat("sending", NOON)
    with django_assert_num_queries(1):
        heartbeat.beat("sending", NOON + timedelta(seconds=9))
    heartbeat.beat("sending", NOON + timedelta(seconds=10))
    assert Heartbeat.objects.get().at == NOON + timedelta(seconds=10)


def test_readiness_tells_of_the_worker(client: Client) -> None:
    assert client.get("/readyz").json() == {"status": "ok", "database": "up", "worker": "down"}
    heartbeat.beat("sending", clock.now())
    assert client.get("/readyz").json()["worker"] == "up"
