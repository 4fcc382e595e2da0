"""An e-mail that goes late doesn't push every hour's e-mails together for ever."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.sending.calendar import Calendar
from campaigns.sending.pacing import Pace, hourly_gate, simulate

ALWAYS = Calendar(frozenset(range(7)), 0, 24, ZoneInfo("UTC"))
START = datetime(2026, 11, 27, 14, tzinfo=UTC)


@pytest.mark.parametrize("seed", ["cmp_a", "cmp_b", "cmp_c", "cmp_d"])
@pytest.mark.parametrize("per_hour", [1, 4, 7, 30])
def test_after_a_late_start_the_gaps_are_even_again(per_hour: int, seed: str) -> None:
    sent = simulate(ALWAYS, per_hour, 6 * per_hour, START, seed=seed)
    gaps = [later - earlier for earlier, later in zip(sent, sent[1:], strict=False)]
    interval = timedelta(hours=1) / per_hour
    assert all(abs(gap - interval) <= interval * 0.21 for gap in gaps[2 * per_hour :])


def test_so_they_are_for_a_worker_that_looks_every_few_seconds() -> None:
    sent: list[datetime] = []
    now = START
    while len(sent) < 20:
        pace = Pace(4, "cmp_a", sent[-1] if sent else None, nth_latest=sent[-4] if len(sent) > 3 else None)
        if hourly_gate(ALWAYS, pace, now).is_open:
            sent.append(now)
        now += timedelta(seconds=5)
    gaps = [later - earlier for earlier, later in zip(sent, sent[1:], strict=False)]
    assert all(timedelta(minutes=11) <= gap <= timedelta(minutes=19) for gap in gaps[8:])
