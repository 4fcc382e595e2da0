"""What holds for every forecast: nothing outside the window, nothing above a limit, everybody accounted for."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.sending.calendar import Settings, is_open, parse_settings
from campaigns.sending.pacing import Ramp, daily_allowance
from campaigns.simulating import forecast as forecasting
from campaigns.simulating.budgets import PlanLimit, Sender
from campaigns.simulating.forecast import Forecast, Place, Situation, forecast
from campaigns.simulating.walking import Lot, Rates
from campaigns.workflow.graph import Email
from campaigns.workflow.parsing import parse
from tests.campaigns.sending.support import calendars
from tests.campaigns.simulating.support import START, alone, days_in
from tests.campaigns.workflow.examples import branching, email, graph, node, sequence

TWO = sequence(email("first"), node("wait", "delay", days=2), email("second"))


class Watched(forecasting._Run):
    """Notes when each e-mail leaves."""

    def __init__(self, *args: Any) -> None:
        self.sent: list[tuple[datetime, int]] = []
        super().__init__(*args)

    def _send(self, lot: Lot, node: Email, account: str) -> None:
        self.sent.append((self._now, lot.count))
        super()._send(lot, node, account)


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    start = draw(st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))
    limits = draw(st.lists(st.integers(1, 40), min_size=1, max_size=3))
    ramp = draw(st.none() | st.builds(Ramp, st.integers(1, 3), st.integers(0, 5), st.integers(3, 30)))
    senders = [
        Sender(id=f"acc{place}", limit=limit, ramp=ramp, started_on=start.date()) for place, limit in enumerate(limits)
    ]
    workflow = parse(draw(st.sampled_from([TWO, branching(), branching(criterion="clicked")])))
    calendar = draw(calendars())
    per_hour = draw(st.integers(1, 50))
    plan = draw(st.none() | st.builds(PlanLimit, limit=st.integers(1, 60)))
    lot = Lot(count=draw(st.integers(1, 80)), order=0, workflow=workflow)
    return Situation(
        settings=Settings(calendar, per_hour),
        zone=draw(st.sampled_from([ZoneInfo("Asia/Kolkata"), calendar.zone])),
        senders=senders,
        places=[Place(lot=lot, node_id="start", due=start)],
        start=start,
        seed="cmp_1",
        plan=plan,
    )


@settings(max_examples=60, deadline=None)
@given(situation=situations(), opened=st.floats(0, 1), exactly=st.sampled_from([10_000, 20]))
def test_no_limit_is_passed_and_nobody_is_lost(situation: Situation, opened: float, exactly: int) -> None:
    run = Watched(situation, Rates(opened=opened, clicked=opened), exactly)
    found = run.to_its_end()
    people = situation.places[0].lot.count
    calendar, per_hour = situation.settings.calendar, situation.settings.max_emails_per_hour
    assert found.finished + found.waiting == people
    assert found.emails == sum(count for _, count in run.sent) == sum(map(Counter.total, found.days.values()))
    assert sum(counted["first"] for counted in found.days.values()) <= people
    assert all(is_open(calendar, at) for at, _ in run.sent)
    assert [at for at, _ in run.sent] == sorted(at for at, _ in run.sent)
    _hours_hold(run.sent, per_hour, found.lot)
    on_day = Counter[date]()
    for at, count in run.sent:
        on_day[at.astimezone(situation.zone).date()] += count
    for day, count in on_day.items():
        assert count <= sum(sender.allowance(day) for sender in situation.senders)
        assert situation.plan is None or count <= situation.plan.limit


def _hours_hold(sent: list[tuple[datetime, int]], per_hour: int, lot: int) -> None:
    first = total = 0
    for at, count in sent:
        total += count
        while sent[first][0] <= at - timedelta(hours=1):
            total -= sent[first][1]
            first += 1
        assert total <= per_hour + lot - 1


def test_an_hour_that_is_no_whole_number_of_slots_holds_none_too_many() -> None:
    situation = alone(TWO, 80, settings={"maxEmailsPerHour": 28})
    run = Watched(situation, Rates(), 40)
    assert run.to_its_end().lot == 4
    _hours_hold(run.sent, 28, 4)


def test_every_way_is_taken_by_the_share_that_is_assumed() -> None:
    quarter = forecast(alone(branching(), 40), Rates(opened=0.25))
    assert _totals(quarter) == {"first": 40, "second": 30}
    assert _totals(forecast(alone(branching(), 40), Rates(opened=1))) == {"first": 40}


def test_who_opened_an_e_mail_opened_it_for_every_condition() -> None:
    nodes = [
        node("start", "start"),
        email("first"),
        node("wait", "delay", days=1),
        node("ask", "condition", criterion="opened", nodeId="first"),
        email("yes"),
        node("again", "condition", criterion="opened", nodeId="first"),
        email("opened"),
        email("not"),
        node("end", "end"),
    ]
    ways = ("start first", "first wait", "wait ask", "ask yes yes", "ask again no", "yes again")
    workflow = graph(nodes, *ways, "again opened yes", "again not no", "opened end", "not end")
    assert _totals(forecast(alone(workflow, 10), Rates(opened=0.3))) == {"first": 10, "yes": 3, "opened": 3, "not": 7}


def test_an_account_without_a_day_never_ends() -> None:
    found = forecast(alone(TWO, 3, limit=0))
    assert (found.emails, found.waiting, found.ends_at) == (0, 3, None)


@pytest.mark.parametrize(("count", "lot"), [(5_000, 1), (5_001, 2), (1_000_000, 200)])
def test_many_are_counted_in_lots(count: int, lot: int) -> None:
    fast = {"maxEmailsPerHour": 2_000}
    assert forecast(alone(TWO, count, settings=fast)).lot == lot


def test_lots_give_the_same_days() -> None:
    slow = alone(TWO, 1_000, settings={"maxEmailsPerHour": 50}, limit=400)
    exactly, roughly = forecast(slow), forecast(slow, exactly=100)
    assert roughly.lot == 20
    assert days_in(exactly) == days_in(roughly)
    assert abs(exactly.ends_at - roughly.ends_at) < timedelta(hours=1)


def test_a_million_are_reckoned_with_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = Counter[str]()
    send = forecasting._Run._send

    def counted(self: Any, *args: Any) -> None:
        sent["times"] += 1
        send(self, *args)

    monkeypatch.setattr(forecasting._Run, "_send", counted)
    found = forecast(alone(TWO, 1_000_000, settings={"maxEmailsPerHour": 9_000}))
    assert found.emails == 2_000_000
    assert sent["times"] < 25_000


def test_a_ramp_grows_with_each_day() -> None:
    ramp = Ramp(2, 3, 9)
    found = forecast(alone(TWO, 20, limit=100, ramp=ramp, settings={"sendDays": ["monday", "tuesday", "wednesday"]}))
    days = [(day, counted.total()) for day, counted in sorted(found.days.items())]
    assert days[:3] == [
        (START.date() + timedelta(days=at), daily_allowance(100, ramp, START.date(), START.date() + timedelta(days=at)))
        for at in range(3)
    ]


def _totals(found: Forecast) -> dict[str, int]:
    totals: Counter[str] = sum(found.days.values(), Counter())
    return dict(totals)


def test_settings_decide_the_zone_of_the_days() -> None:
    late = alone(sequence(email("first")), 1, start=datetime(2030, 1, 7, 20, tzinfo=UTC))
    there = parse_settings({"timezone": "Asia/Tokyo", "sendHoursStart": 0, "sendHoursEnd": 24})
    moved = replace(late, settings=there)
    assert list(forecast(moved).days) == [date(2030, 1, 8)]
