"""When a campaign's e-mails would go, and when it would be over: the engine's own rules, without sending.

Pure: no database, no clock. The calendar, the timetable, the allowances and the delays are the engine's functions; what
is modelled here is the queue: who waits is served in the order of being due, and who stands at an e-mail of an account
that has none left today lets the others pass. E-mails take no time, nobody answers, nothing bounces. Up to
``EXACTLY`` e-mails each slot is used as the engine would; of more, several at once, so that any number takes the same
time: no day is off by more than the ``lot`` of the forecast.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.sending.calendar import Settings
from campaigns.simulating.budgets import Budgets, PlanLimit, Sender
from campaigns.simulating.slots import EachSlot, ManySlots, Slots
from campaigns.simulating.walking import USUAL, Lot, Rates, Walk
from campaigns.workflow.graph import Email, End, Workflow

#: E-mails that are looked at one by one.
EXACTLY: Final = 10_000
MOST_DAYS: Final = 3 * 365
_NEAR: Final = 10
_Queue = list[tuple[datetime, int, int, Lot, Email]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where contacts stand at first: they are done with ``node_id``, or it is an e-mail that is ``to_send``."""

    lot: Lot
    node_id: str
    due: datetime
    to_send: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a forecast begins with. ``zone``: whose days the limits of the accounts and of the plan are of, the
    workspace's. ``seed`` is the campaign's id; ``sampled``: id of an e-mail of which a sample is
    compared -> how many got it, and when the first did."""

    settings: Settings
    zone: ZoneInfo
    senders: Sequence[Sender]
    places: Sequence[Place]
    start: datetime
    seed: str
    plan: PlanLimit | None = None
    sampled: Mapping[str, tuple[int, datetime]] = field(default_factory=dict)


@dataclass(slots=True)
class Forecast:
    """``days``: day of the campaign's zone -> id of an e-mail -> how many. ``ends_at``: when the last one is through.

    ``waiting``: who isn't through after MOST_DAYS. ``last_new_at``: the last first e-mail of anybody. ``lot``: how many
    e-mails were taken as one.
    """

    days: dict[date, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    accounts: Counter[str] = field(default_factory=Counter)
    first_at: datetime | None = None
    last_new_at: datetime | None = None
    last_at: datetime | None = None
    ends_at: datetime | None = None
    finished: int = 0
    waiting: int = 0
    full_days: int = 0
    lot: int = 1

    @property
    def emails(self) -> int:
        return sum(self.accounts.values())


def forecast(situation: Situation, rates: Rates = USUAL, *, exactly: int = EXACTLY) -> Forecast:
    """Raises BrokenWorkflow for a workflow that ``checking.check`` refuses."""
    return _Run(situation, rates, exactly).to_its_end()


class _Run:
    def __init__(self, situation: Situation, rates: Rates, exactly: int) -> None:
        calendar, per_hour = situation.settings.calendar, situation.settings.max_emails_per_hour
        self._now, self._zone = situation.start, calendar.zone
        self._until = situation.start + timedelta(days=MOST_DAYS)
        self._walk = Walk(calendar.zone, rates)
        self._budgets = Budgets(situation.senders, situation.plan, situation.zone)
        self._result = Forecast(lot=_lot(situation.places, exactly))
        self._slots: Slots = (
            EachSlot(calendar, per_hour, situation.seed, situation.start)
            if self._result.lot == 1
            else ManySlots(calendar, per_hour, self._result.lot)
        )
        self._sampled = dict(situation.sampled)
        self._numbers = count()
        self._coming: _Queue = []
        self._ready: dict[str | None, _Queue] = defaultdict(list)
        for place in _together(situation.places, self._result.lot):
            self._put(place)

    def to_its_end(self) -> Forecast:
        result = self._result
        while self._now < self._until:
            self._admit()
            self._budgets.go_to(self._now)
            if self._first() is None:
                following = self._following()
                if following is None:
                    break
                self._now = following
                continue
            at, size = self._slots.at(self._now)
            if at > self._now:
                self._now = at
                continue
            self._serve(size)
        result.waiting = sum(lot.count for queue in (self._coming, *self._ready.values()) for _, _, _, lot, _ in queue)
        result.full_days = len(self._budgets.full)
        return result

    def _put(self, place: Place) -> None:
        node = place.lot.workflow.by_id.get(place.node_id)
        if place.to_send and isinstance(node, Email):
            self._stand(place.lot, node, place.due)
        else:
            self._go_on(place.lot, place.node_id, place.due)

    def _go_on(self, lot: Lot, node_id: str, at: datetime) -> None:
        for part, node, due in self._walk.on(lot, node_id, at):
            self._stand(part, node, due)

    def _stand(self, lot: Lot, node: Email | End, due: datetime) -> None:
        if isinstance(node, Email):
            heappush(self._coming, (due, lot.order, next(self._numbers), lot, node))
            return
        self._result.finished += lot.count
        self._result.ends_at = max(due, self._result.ends_at or due)

    def _admit(self) -> None:
        while self._coming and self._coming[0][0] <= self._now:
            entry = heappop(self._coming)
            heappush(self._ready[entry[3].account], entry)

    def _first(self) -> _Queue | None:
        """The queue of who is next: due the longest, of those whose account has something left."""
        if not self._budgets.plan_left:
            return None
        free = [queue for account, queue in self._ready.items() if queue and self._budgets.account_for(account)]
        return min(free, key=lambda queue: queue[0][:3], default=None)

    def _following(self) -> datetime | None:
        moments = [self._coming[0][0]] if self._coming else []
        if any(self._ready.values()):
            moments.append(self._budgets.next_day)
        return min(moments, default=None)

    def _serve(self, size: int) -> None:
        """Up to ``size`` e-mails now."""
        left = size
        while left and (queue := self._first()) is not None:
            due, order, number, lot, node = heappop(queue)
            again = self._held_back(node)
            if again is not None:
                heappush(self._coming, (again, order, number, lot, node))
                continue
            account = self._budgets.account_for(lot.account) or ""
            taken = min(left, lot.count, self._budgets.room(account, is_bound=lot.account is not None))
            taken = min(taken, self._sample_left(node) or taken)
            if taken < lot.count:
                rest = lot.without(taken)
                heappush(queue, (due, rest.order, next(self._numbers), rest, node))
            self._send(lot.first(taken), node, account)
            left -= taken
        if left < size:
            self._slots.use(self._now, size - left)

    def _send(self, lot: Lot, node: Email, account: str) -> None:
        result, now = self._result, self._now
        self._budgets.take(account, lot.count, now)
        result.days[now.astimezone(self._zone).date()][node.id] += lot.count
        result.accounts[account] += lot.count
        result.first_at, result.last_at = result.first_at or now, now
        if lot.is_new:
            result.last_new_at = now
        if node.variant_b and node.variant_b.sample_size:
            number, first = self._sampled.get(node.id, (0, now))
            self._sampled[node.id] = number + lot.count, first
        sent = Lot(
            count=lot.count,
            order=lot.order,
            workflow=lot.workflow,
            fields=lot.fields,
            account=account,
            is_new=False,
            said=lot.said,
        )
        self._go_on(sent, node.id, now)

    def _sample_left(self, node: Email) -> int:
        """How many more get it before the others wait for what the sample shows; 0 where nobody waits."""
        if not node.variant_b or not node.variant_b.sample_size:
            return 0
        return max(0, int(node.variant_b.sample_size) - self._sampled.get(node.id, (0, self._now))[0])

    def _held_back(self, node: Email) -> datetime | None:
        """Until when who isn't in the sample waits."""
        variant = node.variant_b
        if not variant or not variant.sample_size or node.id not in self._sampled or self._sample_left(node):
            return None
        over = self._sampled[node.id][1] + timedelta(hours=float(variant.wait_hours or 0))
        return over if over > self._now else None


def _lot(places: Sequence[Place], exactly: int) -> int:
    """How many e-mails are looked at in one go, so that there are about ``exactly`` to look at."""
    steps = {id(place.lot.workflow): _emails(place.lot.workflow) for place in places}
    most = sum(place.lot.count * steps[id(place.lot.workflow)] for place in places)
    return max(1, -(-most // exactly))


def _together(places: Sequence[Place], lot: int) -> Iterable[Place]:
    """Where several go at once, people who stand alike and near each other are one lot, not many of one."""
    if lot == 1:
        return places
    found: dict[Hashable, Place] = {}
    for place in places:
        own = place.lot
        alike = (id(own.workflow), place.node_id, place.due, place.to_send, own.account, frozenset(own.fields.items()))
        key = (own.order // (lot * _NEAR), alike)
        known = found.get(key)
        count = own.count + (known.lot.count if known else 0)
        found[key] = replace(known or place, lot=replace(known.lot if known else own, count=count))
    return found.values()


def _emails(workflow: Workflow) -> int:
    return sum(isinstance(node, Email) for node in workflow.nodes)
