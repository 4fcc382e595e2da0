"""Leases, on the imports that carry them: one worker at a time, and a stale one changes nothing."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from contacts.models.imports import Import
from fluenzr_site.core import clock, leases
from fluenzr_site.workspaces.models import Workspace

START = "2040-05-01T10:00:00Z"


@pytest.fixture
def time(db: None) -> Any:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def due(workspace: Workspace, *, seconds_ago: int = 0, **fields: Any) -> Import:
    now = clock.now()
    due_at = now - timedelta(seconds=seconds_ago)
    return Import.objects.create(workspace=workspace, filename="f", created_at=now, due_at=due_at, **fields)


def take() -> Import | None:
    return leases.claim(Import.objects.all(), seconds=60)


def test_what_is_due_longest_is_taken_first_and_once(workspace: Workspace, time: Any):
    later, first = due(workspace, seconds_ago=1), due(workspace, seconds_ago=9)
    assert [row.pk if row else None for row in (take(), take(), take())] == [first.pk, later.pk, None]


def test_one_claim_takes_one_however_many_are_due(workspace: Workspace, time: Any):
    for _ in range(30):
        due(workspace)
    one = take()
    assert one and list(Import.objects.exclude(lease="")) == [one]


def test_what_is_not_due_is_left(workspace: Workspace, time: Any):
    due(workspace, seconds_ago=-1)
    Import.objects.create(workspace=workspace, filename="f", created_at=clock.now())
    assert take() is None
    time.shift(1)
    assert take() is not None


def test_a_claim_names_itself_and_ends(workspace: Workspace, time: Any):
    due(workspace)
    one = take()
    assert one and one.lease and one.leased_until == clock.now() + timedelta(seconds=60)
    time.shift(60)
    assert take() is None
    time.shift(1)
    other = take()
    assert other and other.pk == one.pk and other.lease != one.lease


def test_a_stale_holder_changes_nothing(workspace: Workspace, time: Any):
    due(workspace)
    stale = take()
    time.shift(61)
    fresh = take()
    assert stale and fresh
    for write in (
        lambda: leases.hold(stale, seconds=60, rows=9),
        lambda: leases.release(stale, due_at=None, rows=9),
    ):
        with pytest.raises(leases.LeaseLost):
            write()
    fresh.refresh_from_db()
    assert (fresh.rows, fresh.due_at is None) == (0, False)
    assert stale.rows == 0


def test_holding_writes_and_goes_on(workspace: Workspace, time: Any):
    due(workspace)
    row = take()
    assert row
    time.shift(50)
    leases.hold(row, seconds=60, rows=5)
    time.shift(50)
    assert take() is None
    row.refresh_from_db()
    assert row.rows == 5


def test_releasing_lets_go_until_there_is_more_to_do(workspace: Workspace, time: Any):
    due(workspace)
    row = take()
    assert row
    leases.release(row, due_at=clock.now() + timedelta(seconds=10))
    assert take() is None
    time.shift(10)
    again = take()
    assert again
    leases.release(again, due_at=None)
    time.shift(1000)
    assert take() is None


def test_who_has_let_go_writes_no_more(workspace: Workspace, time: Any):
    due(workspace)
    row = take()
    assert row
    leases.release(row, due_at=clock.now())
    with pytest.raises(leases.LeaseLost):
        leases.hold(row, seconds=60, rows=9)


def test_a_deleted_row_is_lost(workspace: Workspace, time: Any):
    due(workspace)
    row = take()
    assert row
    Import.objects.all().delete()
    with pytest.raises(leases.LeaseLost):
        leases.hold(row, seconds=60)
