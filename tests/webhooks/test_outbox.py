"""No event is lost to the order in which transactions end, and none is told twice, with any number of workers."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections, transaction

from contacts.changes.contacts import create
from contacts.cleaning import clean
from fluenzr_site.events.models import Event, OutboxEntry
from fluenzr_site.events.recording import Actor, change
from fluenzr_site.webhooks import fanout
from fluenzr_site.webhooks.models import Delivery, Webhook
from fluenzr_site.workspaces.models import Workspace
from tests.api.world import Party
from tests.webhooks.test_fanout import listen, told

TESTS = Actor("command", "tests")


def record(workspace: Workspace, subject: str) -> None:
    with change(workspace, TESTS) as unit:
        unit.record("contact.created", subject, {"contact": {"id": subject}})


def test_what_is_rolled_back_is_told_to_nobody(owner: Party):
    webhook = listen(owner.api)
    with pytest.raises(RuntimeError), transaction.atomic():
        record(owner.workspace, "con_1")
        raise RuntimeError
    assert (told(webhook), Event.objects.count(), OutboxEntry.objects.count()) == ([], 0, 0)


def test_a_smaller_id_that_comes_into_sight_later_is_told(owner: Party):
    """As an import's chunk does on a host with two clocks: here the ids are turned round by hand."""
    webhook = listen(owner.api)
    record(owner.workspace, "con_1")
    record(owner.workspace, "con_2")
    first, second = Event.objects.order_by("id")
    held = OutboxEntry.objects.filter(pk=first.pk)
    entry = held.get()
    held.delete()
    assert fanout.fan_out() == 1
    entry.save(force_insert=True)
    assert fanout.fan_out() == 1
    assert set(Delivery.objects.values_list("event_id", flat=True)) == {first.pk, second.pk}
    assert len(told(webhook)) == 2


def test_an_event_that_was_erased_before_it_was_told(owner: Party):
    webhook = listen(owner.api)
    record(owner.workspace, "con_1")
    record(owner.workspace, "con_2")
    Event.objects.filter(subject_id="con_1").delete()
    assert told(webhook) == ["contact.created"]
    assert not OutboxEntry.objects.exists()


# ------------------------------------------------------------------------------------------------ at the same time


@pytest.fixture
def workspace(transactional_db: None) -> Workspace:
    """SQLite's test database is in memory, where threads can't meet; on SQLite writers wait for each other anyway."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    return Party("Owner").workspace


def in_thread(work: Callable[[], Any]) -> Any:
    def run() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(30)


@contextmanager
def under_way(work: Callable[[], None]) -> Iterator[threading.Event]:
    """A transaction of another connection in which ``work`` is done, and which ends when the event is set."""
    begun, end = threading.Event(), threading.Event()

    def run() -> None:
        try:
            with transaction.atomic():
                work()
                begun.set()
                assert end.wait(30)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    assert begun.wait(30)
    try:
        yield end
    finally:
        end.set()
        thread.join(30)


def webhook_of(workspace: Workspace) -> str:
    from fluenzr_site.webhooks import changes

    return changes.create(workspace, url="https://example.com/", events=["contact.created"])[0].pk


@pytest.mark.services
def test_an_event_that_is_committed_late_is_told(workspace: Workspace):
    webhook = webhook_of(workspace)

    def slow() -> None:
        # Not by ``change``, which would hold the workspace's row: what must not be relied on.
        Event.objects.create(
            id="evt_00000000000000000001",
            workspace=workspace,
            type="contact.created",
            subject_id="con_slow",
            actor="test",
            body="{}",
            created_at="2030-01-01T00:00:00Z",
        )
        OutboxEntry.objects.create(id="evt_00000000000000000001", workspace=workspace)

    with under_way(slow):
        record(workspace, "con_quick")
        assert fanout.fan_out() == 1
    assert fanout.fan_out() == 1
    subjects = Delivery.objects.filter(webhook_id=webhook).values_list("event__subject_id", flat=True)
    assert set(subjects) == {"con_quick", "con_slow"}


@pytest.mark.services
def test_of_two_that_fan_out_one_tells_a_workspace(workspace: Workspace):
    webhook_of(workspace)
    for number in range(3):
        record(workspace, f"con_{number}")
    with under_way(lambda: fanout._tell(fanout.outbox.waiting(), fanout.clock.now()) and None):
        assert fanout.fan_out() == 0
    assert fanout.fan_out() == 0
    assert Delivery.objects.count() == 3


@pytest.mark.services
def test_writers_and_tellers_at_once_lose_and_double_nothing(workspace: Workspace):
    webhook_of(workspace)
    stop = threading.Event()

    def write(writer: int) -> None:
        for number in range(40):
            create(workspace, clean({"email": f"w{writer}-{number}@b.co"}, needs_email=True), by=TESTS)

    def tell() -> None:
        while not stop.is_set():
            fanout.fan_out()

    def closing(work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        tellers = [pool.submit(closing, tell) for _ in range(2)]
        for done in [pool.submit(closing, lambda n=number: write(n)) for number in range(4)]:
            done.result(60)
        stop.set()
        for teller in tellers:
            teller.result(30)
    while fanout.fan_out():
        pass
    assert Delivery.objects.count() == Event.objects.filter(type="contact.created").count() == 160
    assert Webhook.objects.get().due_at is not None


@pytest.mark.services
def test_webhooks_made_and_unmade_meanwhile_break_nothing(workspace: Workspace):
    from fluenzr_site.webhooks import changes

    keeps = webhook_of(workspace)

    def come_and_go() -> None:
        for _ in range(20):
            changes.delete(workspace, webhook_of(workspace))

    def write() -> None:
        for number in range(60):
            record(workspace, f"con_{number}")
            fanout.fan_out()

    def closing(work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(closing, work) for work in (come_and_go, come_and_go, write)]:
            done.result(60)
    while fanout.fan_out():
        pass
    assert Delivery.objects.filter(webhook_id=keeps).count() == 60
