"""What the accounts and the plan let through each day. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.sending.pacing import Ramp, daily_allowance, day_budget

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """An account. ``used``: e-mails of the first day that are gone already. ``begins``: whether new conversations may
    begin from it, or it only goes on with its own."""

    id: str
    limit: int
    ramp: Ramp | None
    started_on: date
    used: int = 0
    begins: bool = True

    def allowance(self, day: date) -> int:
        return daily_allowance(self.limit, self.ramp, min(self.started_on, day), day)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLimit:
    """The plan's e-mails a day; ``used``: of the first day."""

    limit: int
    used: int = 0


class Budgets:
    """What is left of the present day of ``zone``, the workspace's; asked at moments that never go back."""

    def __init__(self, senders: Sequence[Sender], plan: PlanLimit | None, zone: ZoneInfo) -> None:
        self._senders, self._plan, self._zone = senders, plan, zone
        self._ends = _LONG_AGO
        self._limit: dict[str, int] = {}
        self._left: dict[str, int] = {}
        self._plan_left: int | None = None
        self._own = [sender.id for sender in senders if sender.begins]
        #: Days on which an account, or the plan, let no more through.
        self.full: set[date] = set()

    def go_to(self, now: datetime) -> None:
        if now < self._ends:
            return
        is_first = self._ends == _LONG_AGO
        day = now.astimezone(self._zone).date()
        self._ends = day_budget(0, 0, at=now, zone=self._zone).resets_at
        self._limit = {sender.id: sender.allowance(day) for sender in self._senders}
        used = {sender.id: sender.used if is_first else 0 for sender in self._senders}
        self._left = {each: limit - used[each] for each, limit in self._limit.items()}
        if self._plan:
            self._plan_left = max(0, self._plan.limit - (self._plan.used if is_first else 0))

    @property
    def next_day(self) -> datetime:
        """When something is left again."""
        return self._ends

    @property
    def plan_left(self) -> bool:
        return self._plan_left is None or self._plan_left > 0

    def account_for(self, account: str | None) -> str | None:
        """The one that the next e-mail goes from, as the engine chooses: a conversation's own, else the one with the
        largest share of its day left. None where none has any left."""
        if account is not None:
            return account if self._left.get(account, 0) > 0 else None
        free = [each for each in self._own if self._left[each] > 0]
        return max(free, key=lambda each: self._left[each] / self._limit[each], default=None)

    def room(self, account: str, *, is_bound: bool) -> int:
        """How many may go from it in one go, so that the others have their turn too."""
        left = self._left[account]
        most = left if self._plan_left is None else min(left, self._plan_left)
        return most if is_bound or len(self._own) == 1 else max(1, most // 20)

    def take(self, account: str, count: int, now: datetime) -> None:
        self._left[account] -= count
        if self._plan_left is not None:
            self._plan_left -= count
        if self._left[account] <= 0 or self._plan_left == 0:
            self.full.add(now.astimezone(self._zone).date())
