"""What holds a campaign's next e-mail back, from the database: the engine's own answer, and people's."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet

from campaigns import queries
from campaigns.models import Campaign, EmailAccount, Enrolment, Message
from campaigns.sending import pacing
from campaigns.sending.calendar import Settings, is_open, parse_settings
from campaigns.sending.pacing import Budget, Decision, Gate, Pace
from fluenzr_site.core import heartbeat
from fluenzr_site.core.saying import Said, say
from fluenzr_site.workspaces.models import Workspace

# Surely not sent, and so not counted by any limit.
WORKER: Final = "sending"
_NOT_SENT: Final = (Message.State.DEFERRED,)
_HOUR: Final = timedelta(hours=1)
# From one e-mail a second on, those of a second go in one go.
_MANY: Final = 3600
_AHEAD: Final = timedelta(seconds=1)
_NOT_CONNECTED: Final[dict[str, Said]] = {
    EmailAccount.State.PAUSED: say("it is paused"),
    EmailAccount.State.FAILING: say("it is failing"),
    EmailAccount.State.CONNECTED: say("it is connected"),
}
_ONLY_ACTIVE: Final[dict[str, Said]] = {
    Campaign.Status.DRAFT: say("The campaign is draft: only an active one sends"),
    Campaign.Status.PAUSED: say("The campaign is paused: only an active one sends"),
    Campaign.Status.COMPLETED: say("The campaign is completed: only an active one sends"),
    Campaign.Status.ARCHIVED: say("The campaign is archived: only an active one sends"),
}


def decide(campaign: Campaign, account: EmailAccount, now: datetime) -> Decision:
    """Whether one more e-mail of the campaign may go from the account now, and if not, when and why."""
    settings = parse_settings(campaign.settings)
    return pacing.decide(
        settings.calendar,
        _pace(campaign, settings, now),
        account_budgets(campaign.workspace, [account], now)[account.pk],
        _plan_budget(campaign, now),
        now,
    )


def slots(campaign: Campaign, now: datetime, most: int) -> list[datetime]:
    """When the campaign's next e-mails may go, up to ``most`` of those that may go now.

    Where a second has several slots, those of the second that begins now count: they are used in one go.
    """
    settings = parse_settings(campaign.settings)
    plan = _plan_budget(campaign, now)
    most = most if plan is None else min(most, plan.remaining(now))
    if most <= 0 or not is_open(settings.calendar, now):
        return []
    until = now + _AHEAD if settings.max_emails_per_hour >= _MANY else now
    coming = pacing.next_slots(settings.calendar, _pace(campaign, settings, now), now)
    return list(takewhile(lambda slot: slot <= until, islice(coming, most)))


def all_gates(campaign: Campaign, now: datetime, account: EmailAccount | None = None) -> tuple[Gate, ...]:
    """Every gate, those that only people open first. ``account``: of one conversation, else the first that may send."""
    account = account or _first_open(campaign, now)
    contacts = _contacts_gate(campaign, now)
    return (
        _state_gate(campaign),
        contacts,
        _uncertain_gate(campaign, anybody_waits=contacts.is_open or contacts.opens_at is not None),
        _worker_gate(now),
        account_gate(account, now),
        *decide(campaign, account, now).gates,
    )


def own_accounts(campaign: Campaign) -> list[EmailAccount]:
    """Those that a campaign's new conversations are begun from, the first one first."""
    return [campaign.account, *campaign.more_accounts.exclude(pk=campaign.account_id).order_by("pk")]


def _first_open(campaign: Campaign, now: datetime) -> EmailAccount:
    """Of a campaign's accounts one that can send and has e-mails left today; the first where none has."""
    accounts = own_accounts(campaign)
    budgets = account_budgets(campaign.workspace, accounts, now)
    can = [account for account in accounts if account_gate(account, now).is_open]
    return next((each for each in can if budgets[each.pk].remaining(now)), can[0] if can else campaign.account)


def account_gate(account: EmailAccount, now: datetime) -> Gate:
    """Open for an account that has a server which neither refuses it nor is being waited for."""
    if not account.can_send:
        why = account.last_error or (
            say("it has no server") if not account.smtp_host else _NOT_CONNECTED[account.state]
        )
        return Gate(
            "account",
            False,
            None,
            say("The e-mail account %(email)s can't send: %(why)s", email=account.email, why=why),
        )
    if account.retry_at and account.retry_at > now:
        message = say(
            "The server of %(email)s couldn't be reached: %(last_error)s",
            email=account.email,
            last_error=account.last_error,
        )
        return Gate("account", False, account.retry_at, message)
    return Gate("account", True, None, say("The e-mail account %(email)s is connected", email=account.email))


def account_budgets(workspace: Workspace, accounts: Sequence[EmailAccount], now: datetime) -> dict[str, Budget]:
    """What each may send on the workspace's calendar day, whichever campaign asks; by their ids."""
    zone = ZoneInfo(workspace.timezone)
    today = now.astimezone(zone).date()
    since = pacing.day_budget(0, 0, at=now, zone=zone).window_start
    messages = Message.objects.filter(account__in=accounts, claimed_at__gte=since).exclude(state__in=_NOT_SENT)
    used = dict(messages.values_list("account").annotate(Count("pk")).order_by())
    return {
        account.pk: pacing.day_budget(queries.allowance(account, today), used.get(account.pk, 0), at=now, zone=zone)
        for account in accounts
    }


def _plan_budget(campaign: Campaign, now: datetime) -> Budget | None:
    limit = campaign.workspace.limits.emails_a_day
    if limit is None:
        return None
    zone = ZoneInfo(campaign.workspace.timezone)
    budget = pacing.day_budget(limit, 0, at=now, zone=zone)
    used = _counted(Message.objects.of(campaign.workspace), budget.window_start)
    return pacing.day_budget(limit, used, at=now, zone=zone)


def _counted(messages: QuerySet[Message], since: datetime) -> int:
    return messages.filter(claimed_at__gte=since).exclude(state__in=_NOT_SENT).count()


def _pace(campaign: Campaign, settings: Settings, now: datetime) -> Pace:
    claimed = Message.objects.of(campaign.workspace).filter(campaign=campaign).exclude(state__in=_NOT_SENT)
    latest = claimed.order_by("-claimed_at").values_list("claimed_at", flat=True)
    most = settings.max_emails_per_hour
    nth = next(iter(latest.filter(claimed_at__gt=now - _HOUR)[most - 1 : most]), None)
    return Pace(most, campaign.pk, latest.first(), nth_latest=nth)


def _state_gate(campaign: Campaign) -> Gate:
    if campaign.status == Campaign.Status.ACTIVE:
        return Gate("campaign", True, None, say("The campaign is active"))
    return Gate("campaign", False, None, _ONLY_ACTIVE[campaign.status])


def _contacts_gate(campaign: Campaign, now: datetime) -> Gate:
    waiting = Enrolment.objects.of(campaign.workspace).filter(campaign=campaign, due_at__isnull=False)
    due = waiting.order_by("due_at").values_list("due_at", flat=True).first()
    if due is None:
        return Gate("contacts", False, None, say("Nobody in the campaign waits for an e-mail"))
    if due > now:
        return Gate(
            "contacts",
            False,
            due,
            say("Everybody is in a delay: the first ends at %(due)s UTC", due=f"{due:%Y-%m-%d %H:%M}"),
        )
    return Gate("contacts", True, None, say("At least one contact is due"))


def _worker_gate(now: datetime) -> Gate:
    if heartbeat.is_alive(WORKER, now):
        return Gate("worker", True, None, say("A worker looks for what is due"))
    last = heartbeat.last_seen(WORKER)
    seen = say("since %(time)s UTC", time=f"{last:%Y-%m-%d %H:%M}") if last else say("yet")
    return Gate(
        "worker", False, None, say("No worker has looked for work %(seen)s: start manage.py serve or worker", seen=seen)
    )


def uncertain(campaign: Campaign) -> int:
    """Of how many of the campaign's e-mails it isn't known whether they were sent."""
    return Message.objects.of(campaign.workspace).filter(campaign=campaign, state=Message.State.UNCERTAIN).count()


def _uncertain_gate(campaign: Campaign, *, anybody_waits: bool) -> Gate:
    """They hold up their own contacts alone: the campaign only where nobody else is left, and its completion."""
    count = uncertain(campaign)
    if count and anybody_waits:
        message = say(
            "Whether %(count)s of its e-mails were sent isn't known: that holds up their contacts alone", count=count
        )
        return Gate("uncertain", True, None, message)
    if count:
        message = say(
            "Whether %(count)s of its e-mails were sent isn't known: their contacts wait until a person says so",
            count=count,
        )
        return Gate("uncertain", False, None, message)
    return Gate("uncertain", True, None, say("It is known of every e-mail whether it was sent"))


def contact_gate(enrolment: Enrolment, now: datetime) -> Gate:
    """What holds one contact's next step back."""
    if enrolment.due_at is None:
        why = enrolment.note or f"is {enrolment.get_status_display().lower()}"
        return Gate("contact", False, None, f"The contact {why}")
    if enrolment.due_at > now:
        return Gate(
            "contact",
            False,
            enrolment.due_at,
            say("The next step is due at %(due_at)s UTC", due_at=f"{enrolment.due_at:%Y-%m-%d %H:%M}"),
        )
    return Gate("contact", True, None, say("The contact's next step is due"))


def mailable_gate(enrolment: Enrolment) -> Gate:
    """Open for a contact who may be mailed at all."""
    why = queries.why_not_mailable(enrolment.contact)
    if why:
        return Gate("suppression", False, None, say("The contact %(why)s and is never mailed", why=why))
    return Gate("suppression", True, None, say("The contact may be mailed"))
