"""How the accounts of a workspace do: what they may still send today, what became of it lately, what is wrong.

All of a list costs three queries, however many accounts are in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from campaigns import queries
from campaigns.models import EmailAccount, MailFolder, Message
from campaigns.models.message import TROUBLED
from campaigns.sending import pacing
from campaigns.stats.counts import percent
from fluenzr_site.api.totals import remembered
from fluenzr_site.core.said import in_words
from fluenzr_site.workspaces.models import Workspace

Verdict = Literal["good", "attention", "stopped"]

PERIOD: Final = timedelta(days=30)
#: Providers begin to hold e-mail of an account back at about this rate, in percent.
MOST_BOUNCED: Final = 5.0
#: Of fewer e-mails, one that bounces says nothing.
FEWEST_SENT: Final = 20
#: A mailbox is read every minute.
UNREAD_FOR: Final = timedelta(minutes=30)
_NEAR: Final = 0.9

_TODAY: Final = Q(state__in=[state for state in Message.State if state != Message.State.DEFERRED])
# What a server refused for good was never taken, and counts as sent all the same: rates are over what was tried.
_SENT: Final = Q(sent_at__isnull=False) | Q(bounced_at__isnull=False)
_FAILED: Final = Q(state=Message.State.FAILED, bounced_at__isnull=True)


@dataclass(frozen=True, slots=True)
class Today:
    """E-mails sent, or being sent, on the workspace's calendar day, and how many may be, ramp-up included."""

    sent: int
    limit: int

    @property
    def text(self) -> str:
        return _("%(sent)d of %(limit)d") % {"sent": self.sent, "limit": self.limit}


@dataclass(frozen=True, slots=True)
class Health:
    """``sent``, ``bounced`` and ``failed`` are of the last 30 days. ``reasons``: sentences, the gravest first."""

    today: Today
    sent: int
    bounced: int
    failed: int
    verdict: Verdict
    reasons: tuple[str, ...]

    @property
    def bounce_rate(self) -> float | None:
        """In percent; None where nothing was sent."""
        return percent(self.bounced, self.sent) if self.sent else None


def healths(workspace: Workspace, accounts: Sequence[EmailAccount], now: datetime) -> dict[str, Health]:
    """The health of each of these accounts of the workspace, by its id."""
    asked = ("health", now.replace(second=0, microsecond=0), tuple(account.pk for account in accounts))
    counted = remembered(workspace, asked, lambda: _counted(workspace, accounts, now))
    unreadable = _unreadable(accounts)
    found = {}
    for account in accounts:
        counts = counted.get(account.pk, {})
        today = Today(counts.get("today", 0), limit_today(workspace, account, now))
        found[account.pk] = _health(account, today, counts, unreadable.get(account.pk, []), now)
    return found


def todays(workspace: Workspace, accounts: Sequence[EmailAccount], now: datetime) -> dict[str, Today]:
    """What each of these accounts has sent and may send today, by its id; at the cost of today's e-mails alone."""
    sent = sent_today(workspace, now)
    return {account.pk: Today(sent.get(account.pk, 0), limit_today(workspace, account, now)) for account in accounts}


def sent_today(workspace: Workspace, now: datetime) -> dict[str, int]:
    """How many e-mails each account sent, or is sending, by its id; those without any aren't there."""
    since = _midnight(ZoneInfo(workspace.timezone), now)
    messages = Message.objects.of(workspace).filter(_TODAY, claimed_at__gte=since).order_by()
    return dict(messages.values_list("account_id").annotate(count=Count("pk")))


def limit_today(workspace: Workspace, account: EmailAccount, now: datetime) -> int:
    """On the workspace's calendar day, as the engine reckons it."""
    return queries.allowance(account, now.astimezone(ZoneInfo(workspace.timezone)).date())


def accounts_of(workspace: Workspace) -> list[EmailAccount]:
    return list(EmailAccount.objects.of(workspace).order_by("email"))


def attended(workspace: Workspace, now: datetime) -> tuple[list[EmailAccount], dict[str, Health]]:
    """All accounts of the workspace, those that need somebody first, and their health."""
    accounts = accounts_of(workspace)
    known = healths(workspace, accounts, now)
    order = {"stopped": 0, "attention": 1, "good": 2}
    return sorted(accounts, key=lambda account: order[known[account.pk].verdict]), known


def _counted(workspace: Workspace, accounts: Sequence[EmailAccount], now: datetime) -> dict[str, dict[str, Any]]:
    ids = [account.pk for account in accounts]
    # The accounts say which workspace, and the index of theirs holds none: it alone counts what was tried.
    messages = Message.objects.filter(account__in=ids, claimed_at__gte=now - PERIOD)
    today = Q(claimed_at__gte=_midnight(ZoneInfo(workspace.timezone), now))
    begun = messages.order_by().values("account_id")
    tried = begun.annotate(count=Count("*"), today=Count("account_id", filter=today))
    rows = begun.filter(TROUBLED).annotate(
        not_today=Count("pk", filter=~_TODAY & today),
        not_sent=Count("pk", filter=~_SENT),
        bounced=Count("pk", filter=Q(bounced_at__isnull=False)),
        failed=Count("pk", filter=_FAILED),
    )
    troubled = {row["account_id"]: row for row in rows}
    return {row["account_id"]: _of_account(row, troubled.get(row["account_id"])) for row in tried}


def _of_account(tried: Mapping[str, Any], troubled: Mapping[str, Any] | None) -> dict[str, int]:
    if troubled is None:
        return {"today": tried["today"], "sent": tried["count"], "bounced": 0, "failed": 0}
    return {
        "today": tried["today"] - troubled["not_today"],
        "sent": tried["count"] - troubled["not_sent"],
        "bounced": troubled["bounced"],
        "failed": troubled["failed"],
    }


def _unreadable(accounts: Iterable[EmailAccount]) -> dict[str, list[tuple[str, str]]]:
    """Name and error of each folder that couldn't be read, by account; those that aren't read any more left out."""
    ids = [account.pk for account in accounts if account.imap_host]
    folders = MailFolder.objects.filter(account__in=ids, due_at__isnull=False).exclude(last_error="")
    found: dict[str, list[tuple[str, str]]] = {}
    for account_id, name, error in folders.order_by("name").values_list("account_id", "name", "last_error"):
        found.setdefault(account_id, []).append((name, error))
    return found


def _midnight(zone: ZoneInfo, now: datetime) -> datetime:
    return pacing.day_budget(0, 0, at=now, zone=zone).window_start


def _health(
    account: EmailAccount, today: Today, counted: dict[str, Any], unreadable: list[tuple[str, str]], now: datetime
) -> Health:
    sent, bounced = counted.get("sent", 0), counted.get("bounced", 0)
    stopped = _stopped(account)
    worrying = [
        *_sending_worries(account, today, now),
        *_bounce_worries(sent, bounced),
        *_reading_worries(account, unreadable, now),
    ]
    verdict: Verdict = "stopped" if stopped else "attention" if worrying else "good"
    return Health(today, sent, bounced, counted.get("failed", 0), verdict, (*stopped, *worrying))


def _stopped(account: EmailAccount) -> list[str]:
    if not account.smtp_host:
        return [_("It has no server to send through: enter one on its page.")]
    if account.state == EmailAccount.State.PAUSED:
        return [_("It is paused: nothing is sent from it until somebody resumes it.")]
    if account.state == EmailAccount.State.FAILING:
        said = {"error": last_error(account) or _("no reason was given")}
        if account.login == EmailAccount.Login.PASSWORD:
            return [_("The server refuses it (%(error)s): correct the user name or password, then try it.") % said]
        return [_("The provider refuses it (%(error)s): connect the account again.") % said]
    return []


def _sending_worries(account: EmailAccount, today: Today, now: datetime) -> list[str]:
    worries = []
    if account.retry_at and account.retry_at > now:
        said = {"error": last_error(account), "minutes": _minutes(account.retry_at - now)}
        text = _("The server couldn't be reached (%(error)s). It is asked again in %(minutes)d minutes by itself.")
        worries.append(text % said)
    if account.can_send and today.sent >= today.limit:
        worries.append(_("Today's limit of %(limit)d e-mails is reached: the rest goes tomorrow.") % _limit(today))
    elif account.can_send and today.sent >= _NEAR * today.limit:
        worries.append(_("%(sent)d of today's %(limit)d e-mails are sent: the limit is near.") % _limit(today))
    return worries


def last_error(account: EmailAccount) -> str:
    """Why its server was last not reached or refused it, in the reader's language, to stand within a sentence."""
    return _within(account.last_error)


def _within(error: str) -> str:
    return in_words(error).rstrip(".।")


def _limit(today: Today) -> dict[str, int]:
    return {"sent": today.sent, "limit": today.limit}


def _minutes(left: timedelta) -> int:
    return max(1, round(left.total_seconds() / 60))


def _bounce_worries(sent: int, bounced: int) -> list[str]:
    if sent < FEWEST_SENT or 100 * bounced < MOST_BOUNCED * sent:
        return []
    text = _(
        "%(rate)s %% of its e-mails of the last 30 days bounced: send less, and to addresses known to be good, before "
        " providers hold its e-mails back."
    )
    return [text % {"rate": f"{percent(bounced, sent):g}"}]


def _reading_worries(account: EmailAccount, unreadable: list[tuple[str, str]], now: datetime) -> list[str]:
    if not account.imap_host:
        return []
    if unreadable:
        text = _("The folder %(name)s can't be read (%(error)s): replies there aren't noticed. Try the account.")
        return [text % {"name": name, "error": _within(error)} for name, error in unreadable]
    since = account.last_read_at or account.created_at
    if now - since <= UNREAD_FOR:
        return []
    told = {"time": timesince(since, now)}
    return [_("Its mailbox hasn't been read for %(time)s, so that replies aren't noticed: is a worker running?") % told]
