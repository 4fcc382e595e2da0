"""Which of a campaign's accounts each e-mail goes from: they take turns, and a conversation keeps its own."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Q

from campaigns.models import Campaign, EmailAccount, Enrolment
from campaigns.sending import gates
from campaigns.sending.pacing import Budget


class Senders:
    """The accounts that may send now, and how many e-mails each has left today."""

    def __init__(self, accounts: Iterable[EmailAccount], own: Iterable[str], budgets: Mapping[str, Budget]) -> None:
        """``own``: the ids of the campaign's accounts, in their order. The others only go on with what they began."""
        self._accounts = {account.pk: account for account in accounts}
        self._own = [account_id for account_id in own if account_id in self._accounts]
        self._limit = {account_id: budgets[account_id].limit for account_id in self._accounts}
        self._left = {account_id: self._limit[account_id] - budgets[account_id].used for account_id in self._accounts}

    @property
    def room(self) -> int:
        """How many e-mails they have left together."""
        return sum(max(0, left) for left in self._left.values())

    def may_take(self) -> Q:
        """The enrolments that some account here can go on with."""
        free = [account_id for account_id, left in self._left.items() if left > 0]
        conversations = Q(account__in=free)
        return conversations | Q(account=None) if any(each in free for each in self._own) else conversations

    def take(self, enrolment: Enrolment) -> EmailAccount | None:
        """The account for the enrolment's next e-mail, which then has one less; None where it has none left."""
        account_id = enrolment.account_id or self._next()
        if account_id is None or self._left.get(account_id, 0) <= 0:
            return None
        self._left[account_id] -= 1
        return self._accounts[account_id]

    def give_back(self, account: EmailAccount) -> None:
        """What was taken wasn't needed."""
        self._left[account.pk] += 1

    def _next(self) -> str | None:
        """The one that has most of its day's e-mails left: small limits and large ones are used up alike."""
        free = [account_id for account_id in self._own if self._left[account_id] > 0]
        return max(free, key=lambda each: self._left[each] / self._limit[each], default=None)


def senders(campaign: Campaign, now: datetime) -> Senders:
    """The accounts of the campaign's workspace that can send now: its own, and those of conversations it has begun."""
    own = gates.own_accounts(campaign)
    known = {account.pk: account for account in own}
    others = EmailAccount.objects.of(campaign.workspace).exclude(pk__in=known)
    accounts = [account for account in (*own, *others) if gates.account_gate(account, now).is_open]
    return Senders(accounts, known, gates.account_budgets(campaign.workspace, accounts, now))
