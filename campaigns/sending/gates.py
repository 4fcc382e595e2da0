"""What holds a campaign's next e-mail back, from the database: the engine's own answer, and people's."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from campaigns import queries
from campaigns.models import Campaign, EmailAccount, Enrolment, Message
from campaigns.sending import pacing
from campaigns.sending.calendar import Settings, parse_settings
from campaigns.sending.pacing import Budget, Decision, Gate, Pace, Ramp
from fluenzr_site.core import heartbeat

# Surely not sent, and so not counted by any limit.
WORKER: Final = "sending"
_NOT_SENT: Final = (Message.State.DEFERRED,)


def decide(campaign: Campaign, account: EmailAccount, now: datetime) -> Decision:
    """Whether one more e-mail of the campaign may go from the account now, and if not, when and why."""
    settings = parse_settings(campaign.settings)
    return pacing.decide(
        settings.calendar,
        _pace(campaign, settings, now),
        account_budget(account, settings, now),
        _plan_budget(campaign, settings, now),
        now,
    )


def all_gates(campaign: Campaign, now: datetime) -> tuple[Gate, ...]:
    """Every gate, those that only people open first."""
    return (
        _state_gate(campaign),
        _contacts_gate(campaign, now),
        _uncertain_gate(campaign),
        _worker_gate(now),
        account_gate(campaign.account, now),
        *decide(campaign, campaign.account, now).gates,
    )


def account_gate(account: EmailAccount, now: datetime) -> Gate:
    """Open for an account that has a server which neither refuses it nor is being waited for."""
    if not account.can_send:
        why = account.last_error or ("it has no server" if not account.smtp_host else f"it is {account.state}")
        return Gate("account", False, None, f"The e-mail account {account.email} can't send: {why}")
    if account.retry_at and account.retry_at > now:
        message = f"The server of {account.email} couldn't be reached: {account.last_error}"
        return Gate("account", False, account.retry_at, message)
    return Gate("account", True, None, f"The e-mail account {account.email} is connected")


def account_budget(account: EmailAccount, settings: Settings, now: datetime) -> Budget:
    """What the account may send today, in the campaign's zone."""
    zone = settings.calendar.zone
    ramp = None
    if account.ramp_first_day and account.ramp_ceiling:
        ramp = Ramp(account.ramp_first_day, account.ramp_growth or 0, account.ramp_ceiling)
    today = now.astimezone(zone).date()
    # The day on which it was made is the first, in whatever zone that was.
    first = min(account.ramp_started_on, today)
    limit = pacing.daily_allowance(account.daily_limit, ramp, first, today)
    budget = pacing.day_budget(limit, 0, at=now, zone=zone)
    used = _counted(Message.objects.filter(account=account), budget.window_start)
    return pacing.day_budget(limit, used, at=now, zone=zone)


def _plan_budget(campaign: Campaign, settings: Settings, now: datetime) -> Budget | None:
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
    nth = next(iter(latest[most - 1 : most]), None)
    return Pace(most, campaign.pk, latest.first(), nth_latest=nth)


def _state_gate(campaign: Campaign) -> Gate:
    if campaign.status == Campaign.Status.ACTIVE:
        return Gate("campaign", True, None, "The campaign is active")
    return Gate("campaign", False, None, f"The campaign is {campaign.status}: only an active one sends")


def _contacts_gate(campaign: Campaign, now: datetime) -> Gate:
    waiting = Enrolment.objects.of(campaign.workspace).filter(campaign=campaign, due_at__isnull=False)
    due = waiting.order_by("due_at").values_list("due_at", flat=True).first()
    if due is None:
        return Gate("contacts", False, None, "Nobody in the campaign waits for an e-mail")
    if due > now:
        return Gate("contacts", False, due, f"Everybody is in a delay: the first ends at {due:%Y-%m-%d %H:%M} UTC")
    return Gate("contacts", True, None, "At least one contact is due")


def _worker_gate(now: datetime) -> Gate:
    if heartbeat.is_alive(WORKER, now):
        return Gate("worker", True, None, "A worker looks for what is due")
    last = heartbeat.last_seen(WORKER)
    seen = f"since {last:%Y-%m-%d %H:%M} UTC" if last else "yet"
    return Gate("worker", False, None, f"No worker has looked for work {seen}: start manage.py serve or worker")


def _uncertain_gate(campaign: Campaign) -> Gate:
    """It holds up those contacts alone, and the campaign's completion."""
    count = Message.objects.of(campaign.workspace).filter(campaign=campaign, state=Message.State.UNCERTAIN).count()
    if count:
        message = f"Whether {count} of its e-mails were sent isn't known: their contacts wait until a person says so"
        return Gate("uncertain", False, None, message)
    return Gate("uncertain", True, None, "It is known of every e-mail whether it was sent")


def contact_gate(enrolment: Enrolment, now: datetime) -> Gate:
    """What holds one contact's next step back."""
    if enrolment.due_at is None:
        why = enrolment.note or f"is {enrolment.get_status_display().lower()}"
        return Gate("contact", False, None, f"The contact {why}")
    if enrolment.due_at > now:
        return Gate(
            "contact", False, enrolment.due_at, f"The next step is due at {enrolment.due_at:%Y-%m-%d %H:%M} UTC"
        )
    return Gate("contact", True, None, "The contact's next step is due")


def mailable_gate(enrolment: Enrolment) -> Gate:
    """Open for a contact who may be mailed at all."""
    why = queries.why_not_mailable(enrolment.contact)
    if why:
        return Gate("suppression", False, None, f"The contact {why} and is never mailed")
    return Gate("suppression", True, None, "The contact may be mailed")
