"""How fast a campaign may send, why nothing goes out now, and when a given number of e-mails will have gone.

Pure: no database, no clock. A campaign's sends keep to a timetable that its seed and its hourly limit settle once
and for all: ``per_hour`` slots in every hour, the same every hour, each moved a little so that they are no
metronome, and whose phase differs between campaigns so that they don't all send on the hour. Nothing is stored,
every worker finds the same slot, and no drift or downtime adds up: missed slots are lost, not made up for. Times
are aware (ValueError otherwise); those that come out are in UTC.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.sending.calendar import MAX_PER_HOUR, Calendar, as_utc, is_open, next_open, spans
from fluenzr_site.core.saying import Said, say

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_ONE_HOUR: Final = timedelta(hours=1)
_HOUR: Final = _ONE_HOUR // _MICROSECOND
_MASK: Final = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Ramp:
    """A new account's growing daily limit, in e-mails: the first day's, what each day adds, the most.

    Raises ValueError unless 1 ≤ ``first_day`` ≤ ``ceiling`` and ``growth_per_day`` ≥ 0.
    """

    first_day: int
    growth_per_day: int
    ceiling: int

    def __post_init__(self) -> None:
        if not 1 <= self.first_day <= self.ceiling or self.growth_per_day < 0:
            raise ValueError("A ramp needs 1 ≤ first day ≤ ceiling, and a growth of at least 0")


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit of e-mails for one fixed window of time, and how many of it are used; people read times of ``zone``."""

    limit: int
    used: int
    window_start: datetime
    window_seconds: float
    zone: ZoneInfo

    @property
    def resets_at(self) -> datetime:
        """When the next window begins, with nothing used, in UTC."""
        return as_utc(self.window_start) + timedelta(seconds=self.window_seconds)

    def remaining(self, now: datetime) -> int:
        """How many more may go at ``now``; all of them again once the window is over."""
        return max(0, self.limit - (self.used if as_utc(now) < self.resets_at else 0))


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition for sending. ``opens_at`` is None where it is open, and where only a person can open it."""

    name: str
    is_open: bool
    opens_at: datetime | None
    message: str


@dataclass(frozen=True, slots=True)
class Pace:
    """What the hourly limit is decided from.

    ``seed`` is the campaign's own (its id). ``sent_in_last_hour`` are the moments of its sends in the hour before
    now, in any order; of more than ``per_hour``, the latest are enough. Sends that are planned, but not done,
    belong to both. ``nth_latest``, the moment of the ``per_hour``-th latest send, however long ago, says all that the
    list would. Raises ValueError unless 1 ≤ ``per_hour`` ≤ 1,000,000.
    """

    per_hour: int
    seed: str
    last_sent_at: datetime | None = None
    sent_in_last_hour: Sequence[datetime] = ()
    nth_latest: datetime | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.per_hour <= MAX_PER_HOUR:
            raise ValueError(f"An hourly limit must be from 1 to {MAX_PER_HOUR}")


@dataclass(frozen=True, slots=True)
class Decision:
    """When the next e-mail may go (None: not before a person acts), the gate that decides, and all gates."""

    at: datetime | None
    why: Gate
    gates: tuple[Gate, ...]

    @property
    def is_due(self) -> bool:
        """Whether it may go now."""
        return self.why.is_open


def day_budget(limit: int, used: int, *, at: datetime, zone: ZoneInfo) -> Budget:
    """The budget of the zone's calendar day that ``at`` is in, however long the clocks make that day."""
    day = as_utc(at).astimezone(zone).date()
    start, end = (datetime.combine(d, time(), zone).astimezone(UTC) for d in (day, day + timedelta(days=1)))
    return Budget(limit, used, start, (end - start).total_seconds(), zone)


def daily_allowance(account_limit: int, ramp: Ramp | None, started_on: date, today: date) -> int:
    """How many e-mails an account may send on the day ``today``, never above ``account_limit``.

    Without a ramp that is the account's limit. With one, it is nothing before ``started_on``, and grows from then.
    """
    if ramp is None:
        return max(0, account_limit)
    elapsed = (today - started_on).days
    if elapsed < 0:
        return 0
    return max(0, min(account_limit, ramp.ceiling, ramp.first_day + elapsed * ramp.growth_per_day))


def next_slot(
    calendar: Calendar,
    *,
    now: datetime,
    per_hour: int,
    last_sent_at: datetime | None,
    sent_in_last_hour: Sequence[datetime],
    seed: str,
) -> datetime:
    """The first instant at or after ``now`` when one more e-mail may go, in UTC; ``now`` itself where it may go now.

    At most ``per_hour`` go in any 60 minutes, 3600/``per_hour`` seconds apart give or take 20 %. A slot stays due
    until it is used or the next one comes, so that asking again later never puts it off.
    """
    pace = Pace(per_hour, seed, last_sent_at, sent_in_last_hour)
    return _settled(calendar, _timetable(per_hour, seed), max(as_utc(now), _free_from(pace)))


def next_slots(calendar: Calendar, pace: Pace, now: datetime) -> Iterator[datetime]:
    """Without end: each is ``next_slot`` after the one before was used on time. For a worker that plans ahead."""
    table, most = _timetable(pace.per_hour, pace.seed), pace.per_hour
    sent = [_micros(moment) for moment in _sends(pace)[-most:]]
    at = _micros(max(as_utc(now), _free_from(pace)))
    for span in spans(calendar, _moment(at)):
        start, end = _micros(span.start), _micros(span.end)
        if at < start:
            at = _micros(_settled(calendar, table, span.start))
        elif not is_open(calendar, _moment(table.at_or_before(at))):
            at = table.after(at)
        while at < end:
            yield _moment(at)
            sent.append(at)
            at = max(table.after(at), at + table.least_gap)
            if len(sent) >= most:
                at = max(at, table.on_time(sent[-most] + _HOUR))
            if len(sent) > 2 * most:
                del sent[:-most]


def simulate(calendar: Calendar, per_hour: int, count: int, start: datetime, *, seed: str = "") -> list[datetime]:
    """When ``count`` e-mails would go, in order, if nothing but the calendar and the hourly limit held them back."""
    return list(islice(next_slots(calendar, Pace(per_hour, seed), start), max(0, count)))


def calendar_gate(calendar: Calendar, now: datetime) -> Gate:
    """Open on the campaign's days and hours."""
    opens = next_open(calendar, now)
    if opens <= now:
        return Gate("calendar", True, None, say("The campaign's sending hours are open"))
    return Gate(
        "calendar",
        False,
        opens,
        say("Outside the campaign's sending hours until %(opens)s", opens=_wall(opens, calendar.zone)),
    )


def hourly_gate(calendar: Calendar, pace: Pace, now: datetime) -> Gate:
    """Open when the campaign's hourly limit and even spacing allow one more e-mail."""
    now, free, zone = as_utc(now), _free_from(pace), calendar.zone
    # While the calendar is closed, its own gate says so: this one answers for the limit alone.
    at = _settled(calendar, _timetable(pace.per_hour, pace.seed), max(now, free)) if is_open(calendar, now) else free
    if at <= now:
        return Gate(
            "campaign_hourly",
            True,
            None,
            say("Below the campaign's limit of %(per_hour)s e-mails an hour", per_hour=pace.per_hour),
        )
    if _hour_full_until(pace, _sends(pace)) > now:
        said = say("The campaign's limit of %(per_hour)s e-mails an hour is reached", per_hour=pace.per_hour)
    else:
        said = say("The campaign's %(per_hour)s e-mails an hour are spread evenly", per_hour=pace.per_hour)
    return Gate("campaign_hourly", False, at, say("%(said)s: the next may go at %(at)s", said=said, at=_wall(at, zone)))


def account_gate(budget: Budget, now: datetime) -> Gate:
    """Open below the account's daily limit (``daily_allowance``)."""
    return _daily_gate("account_daily", say("The account's daily limit"), budget, now)


def plan_gate(budget: Budget | None, now: datetime) -> Gate:
    """Open below the plan's daily limit, or where the plan has none (None)."""
    if budget is None:
        return Gate("plan_daily", True, None, say("The plan has no daily limit"))
    return _daily_gate("plan_daily", say("The plan's daily limit"), budget, now)


def earliest(gates: Iterable[Gate]) -> Gate:
    """The gate that decides when sending may earliest go on: of those closed, the last to open.

    One that only a person can open outlasts all others; the first wins a tie. An open gate "ready" if none is closed.
    """
    closed = [gate for gate in gates if not gate.is_open]
    if not closed:
        return Gate("ready", True, None, say("Nothing holds the next e-mail back"))
    for_good = [gate for gate in closed if gate.opens_at is None]
    return for_good[0] if for_good else max(closed, key=lambda gate: gate.opens_at or _LONG_AGO)


def decide(calendar: Calendar, pace: Pace, account: Budget, plan: Budget | None, now: datetime) -> Decision:
    """Whether an e-mail may go now, and if not, when and why: the one answer for the engine and for people.

    ``at`` may be later than the deciding gate opens: a limit lifted at midnight still waits for the morning.
    """
    now = as_utc(now)
    gates = (
        calendar_gate(calendar, now),
        hourly_gate(calendar, pace, now),
        account_gate(account, now),
        plan_gate(plan, now),
    )
    if any(not gate.is_open and gate.opens_at is None for gate in gates):
        return Decision(None, earliest(gates), gates)
    limits = [gate.opens_at for gate in gates[2:] if gate.opens_at is not None]
    at = _settled(calendar, _timetable(pace.per_hour, pace.seed), max(now, _free_from(pace), *limits))
    return Decision(at, earliest(gates), gates)


def _daily_gate(name: str, limit: Said, budget: Budget, now: datetime) -> Gate:
    left = budget.remaining(now)
    if left:
        message = say("%(limit)s leaves %(left)s of %(most)s e-mails", limit=limit, left=left, most=budget.limit)
        return Gate(name, True, None, message)
    if budget.limit <= 0:
        return Gate(name, False, None, say("%(limit)s is 0 e-mails: raise it to send", limit=limit))
    resets = budget.resets_at
    message = say(
        "%(limit)s of %(most)s e-mails is used up until %(resets)s",
        limit=limit,
        most=budget.limit,
        resets=_wall(resets, budget.zone),
    )
    return Gate(name, False, resets, message)


def _wall(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"


def _sends(pace: Pace) -> list[datetime]:
    """The sends that count, the latest last."""
    sends = sorted(as_utc(moment) for moment in pace.sent_in_last_hour)
    last = None if pace.last_sent_at is None else as_utc(pace.last_sent_at)
    # Twice the same send would halve a small limit: the last is added only where the list lacks it.
    return sends if last is None or last in sends else sorted([*sends, last])


def _hour_full_until(pace: Pace, sends: Sequence[datetime]) -> datetime:
    """When the oldest of the last ``per_hour`` sends is an hour old; long ago below the limit."""
    if pace.nth_latest is not None:
        return as_utc(pace.nth_latest) + _ONE_HOUR
    return sends[-pace.per_hour] + _ONE_HOUR if len(sends) >= pace.per_hour else _LONG_AGO


def _hour_free_from(pace: Pace, sends: Sequence[datetime]) -> datetime:
    """The slot from which the hour has room again; long ago below the limit."""
    full = _hour_full_until(pace, sends)
    return full if full == _LONG_AGO else _moment(_timetable(pace.per_hour, pace.seed).on_time(_micros(full)))


def _free_from(pace: Pace) -> datetime:
    """The first instant that the sends before leave free, whatever the calendar says."""
    sends = _sends(pace)
    if not sends:
        return _LONG_AGO
    last, table = _micros(sends[-1]), _timetable(pace.per_hour, pace.seed)
    return max(_moment(max(table.after(last), last + table.least_gap)), _hour_free_from(pace, sends))


def _settled(calendar: Calendar, table: "_Timetable", at: datetime) -> datetime:
    """The first instant from ``at`` on that is open and has a slot due that was open itself."""
    while True:
        at = next_open(calendar, at)
        if is_open(calendar, _moment(table.at_or_before(_micros(at)))):
            return at
        at = _moment(table.after(_micros(at)))


class _Timetable:
    """A campaign's slots, in microseconds since 1970: ``per_hour`` in every hour, each hour like the one before.

    A slot is moved by at most a tenth of the interval, so that two are 20 % nearer or farther at most. Since the
    hours are alike, a slot and the one ``per_hour`` later are exactly an hour apart: no 60 minutes have more.
    """

    __slots__ = ("_key", "_phase", "_reach", "least_gap", "per_hour")

    def __init__(self, per_hour: int, seed: str) -> None:
        interval = _HOUR // per_hour
        self.per_hour = per_hour
        self.least_gap = interval * 4 // 5
        self._key = int.from_bytes(blake2b(seed.encode(), digest_size=8).digest(), "big")
        self._phase = self._key % interval
        self._reach = interval // 10

    def at_or_before(self, at: int) -> int:
        """The latest slot at or before an instant."""
        number = self._number(at) + 1
        while (slot := self._slot(number)) > at:
            number -= 1
        return slot

    def after(self, at: int) -> int:
        """The first slot after an instant."""
        number = self._number(at)
        while (slot := self._slot(number)) <= at:
            number += 1
        return slot

    def on_time(self, at: int) -> int:
        """``at`` where a slot has just come, else the next slot.

        An e-mail that was sent late holds up the one an hour after it. Were that sent at once, it would be as late,
        and every hour's e-mails would crowd before the pause for ever.
        """
        return at if at - self.at_or_before(at) <= self._reach else self.after(at)

    def _number(self, at: int) -> int:
        """Of the slot whose unmoved time comes last at or before; moved, it or the next may be the one."""
        return (at - self._phase) * self.per_hour // _HOUR

    def _slot(self, number: int) -> int:
        moved = _mixed(self._key + number % self.per_hour) % (2 * self._reach + 1) - self._reach
        return self._phase + number * _HOUR // self.per_hour + moved


# A campaign asks again and again, and building one costs a digest.
@lru_cache(maxsize=4096)
def _timetable(per_hour: int, seed: str) -> _Timetable:
    return _Timetable(per_hour, seed)


def _mixed(number: int) -> int:
    """SplitMix64's finaliser: neighbouring numbers come out unrelated, at a tenth of a digest's cost."""
    number = (number * 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
