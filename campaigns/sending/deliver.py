"""Sends one e-mail at most once: the intent is recorded, the server asked outside any transaction, the result recorded.

Whoever finds an intent without a result after its lease is over doesn't know whether it was sent: it becomes
uncertain, and only a person decides.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from django.db.models import Q

from campaigns import queries
from campaigns.changes import accounts, outcomes
from campaigns.composing.headers import InvalidAddress, address
from campaigns.models import IN_CAMPAIGN, Campaign, EmailAccount, Enrolment, Message
from campaigns.receiving import severity
from campaigns.sending import experiments, gates, writing
from campaigns.sending.advance import workflow_of
from campaigns.sending.transport import (
    Accepted,
    AuthenticationFailed,
    Permanent,
    Smtp,
    Temporary,
    TransportError,
    Uncertain,
)
from campaigns.workflow.graph import Email
from contacts.models import Contact
from fluenzr_site.core import clock, ids
from fluenzr_site.core.database import retried
from fluenzr_site.core.encryption import CannotDecrypt
from fluenzr_site.core.leases import LeaseLost
from fluenzr_site.events.recording import Actor, Change, change

log = logging.getLogger("fluenzr.sending")

REPLY_SECONDS: Final = 90.0
# Longer than the longest a server is waited for: connecting, then a reply to each of nine commands.
LEASE_SECONDS: Final = 900
# Soft failures are tried again three times over two days.
RETRIES: Final = (timedelta(hours=2), timedelta(hours=12), timedelta(hours=34))
UNCERTAIN: Final = "waits for a person: whether the e-mail was sent isn't known"
Status, Phase, State = Enrolment.Status, Enrolment.Phase, Message.State


@dataclass(frozen=True, slots=True)
class Intent:
    """A message that is recorded as being sent, and is about to be."""

    message: Message
    enrolment: Enrolment
    raw: bytes


class Connections:
    """SMTP connections that are kept for the next message, one an account. Close them when there is no more to do."""

    def __init__(self) -> None:
        self._open: dict[str, Smtp] = {}

    def send(self, account: EmailAccount, recipient: str, raw: bytes) -> Accepted:
        """Raises TransportError; after any but a refusal of this one message the connection is closed."""
        try:
            return self._connection(account).send(account.email, recipient, raw)
        except (Temporary, Permanent):
            raise
        except TransportError:
            self._drop(account.pk)
            raise

    def _connection(self, account: EmailAccount) -> Smtp:
        if account.pk not in self._open:
            connection = Smtp(accounts.smtp_server(account), reply_timeout=REPLY_SECONDS)
            connection.__enter__()
            self._open[account.pk] = connection
        return self._open[account.pk]

    def _drop(self, account_id: str) -> None:
        connection = self._open.pop(account_id, None)
        if connection:
            connection.__exit__(None, None, None)

    def close(self) -> None:
        for account_id in list(self._open):
            self._drop(account_id)


def deliver_one(campaign: Campaign, connections: Connections, now: datetime) -> bool:
    """Send the campaign's next e-mail if one is due and may go; whether anything was done."""
    waiting = Enrolment.objects.of(campaign.workspace).filter(campaign=campaign, phase=Phase.SEND, due_at__lte=now)
    # Nearly every tick finds nothing: look first, and take no lock for that.
    if not waiting.exists():
        return False
    intent = _begun(campaign, now)
    if not isinstance(intent, Intent):
        return intent
    _record(intent, _attempt(intent, connections))
    return True


@retried
def _begun(campaign: Campaign, now: datetime) -> Intent | bool:
    with change(campaign.workspace, _actor(campaign)) as unit:
        return _intend(unit, campaign, now)


def _actor(campaign: Campaign) -> Actor:
    return Actor("campaign", campaign.pk)


def _intend(unit: Change, campaign: Campaign, now: datetime) -> Intent | bool:
    """Record that an e-mail is being sent. True: something else was settled; False: nothing may go now."""
    # Held, so that two workers don't both find room for the last e-mail of the hour.
    # Without its key, which the rows that others write meanwhile refer to.
    current = Campaign.objects.of(unit.workspace).select_for_update(of=("self",), no_key=True).select_related("account")
    found = current.filter(pk=campaign.pk, status=Campaign.Status.ACTIVE).first()
    if found is None:
        return False
    found.workspace = campaign.workspace
    enrolment = _next(found, now)
    if enrolment is None:
        return False
    account = enrolment.account or found.account
    if not gates.account_gate(account, now).is_open or not gates.decide(found, account, now).is_due:
        return False
    return _claimed(unit, found, enrolment, account, now)


def _next(campaign: Campaign, now: datetime) -> Enrolment | None:
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    due = Enrolment.objects.of(campaign.workspace).filter(
        free, campaign=campaign, phase=Phase.SEND, status__in=IN_CAMPAIGN, due_at__lte=now
    )
    rows = due.select_for_update(of=("self",), skip_locked=True, no_key=True).select_related(
        "contact__stage", "account"
    )
    return rows.order_by("due_at", "id").first()


def _claimed(
    unit: Change, campaign: Campaign, enrolment: Enrolment, account: EmailAccount, now: datetime
) -> Intent | bool:
    before = Message.objects.of(unit.workspace).filter(enrolment=enrolment, node_id=enrolment.node_id).first()
    if before is not None and before.state != State.DEFERRED:
        _find_out(unit, enrolment, before)
        return True
    # Known already, and else asked for again and again.
    enrolment.workspace = enrolment.contact.workspace = account.workspace = campaign.workspace
    why = queries.why_not_mailable(enrolment.contact)
    if why:
        _leave(enrolment, _end_of(enrolment.contact), f"{why} and is never mailed", now)
        return True
    node = workflow_of(enrolment.version_id).by_id.get(enrolment.node_id)
    if not isinstance(node, Email):
        _leave(enrolment, Status.FAILED, "stands at an e-mail that isn't there", now)
        return True
    message = before or _new_message(campaign, enrolment)
    message.campaign, message.account, message.contact = campaign, account, enrolment.contact
    if before is None:
        variant = experiments.variant_for(unit, campaign, node, enrolment.contact_id, now)
        if variant is None:
            enrolment.due_at = experiments.decided_at(campaign, node)
            enrolment.save(update_fields=["due_at"])
            return True
        message.variant = variant
    message.state, message.claimed_at, message.recipient = State.SENDING, now, enrolment.contact.email or ""
    try:
        raw = writing.write(message, node, enrolment.contact, _thread(enrolment), now)
    except InvalidAddress as error:
        _leave(enrolment, Status.FAILED, f"can't be written to: {error}", now)
        return True
    message.save(force_insert=before is None)
    enrolment.lease, enrolment.leased_until = uuid4().hex, now + timedelta(seconds=LEASE_SECONDS)
    enrolment.account = account
    enrolment.save(update_fields=["lease", "leased_until", "account"])
    return Intent(message, enrolment, raw)


def _new_message(campaign: Campaign, enrolment: Enrolment) -> Message:
    account = enrolment.account or campaign.account
    message_id = ids.new("msg")
    return Message(
        id=message_id,
        workspace=campaign.workspace,
        enrolment=enrolment,
        node_id=enrolment.node_id,
        message_id=f"<{message_id}@{account.email.rpartition('@')[2].encode('idna').decode()}>",
    )


def _thread(enrolment: Enrolment) -> list[str]:
    sent = Message.objects.of(enrolment.workspace).filter(enrolment=enrolment, state=State.SENT)
    return list(sent.order_by("sent_at", "id").values_list("message_id", flat=True))


def _find_out(unit: Change, enrolment: Enrolment, message: Message) -> None:
    """An e-mail of this step was begun before: it is never begun again."""
    if message.state == State.SENDING:
        message.state = State.UNCERTAIN
        message.save(update_fields=["state"])
        log.warning("Whether %s was sent isn't known: its sending was cut off", message.pk)
    enrolment.due_at, enrolment.lease, enrolment.leased_until = None, "", None
    enrolment.note = UNCERTAIN
    enrolment.save(update_fields=["due_at", "lease", "leased_until", "note"])


def _leave(enrolment: Enrolment, status: str, note: str, now: datetime) -> None:
    enrolment.status, enrolment.note, enrolment.due_at, enrolment.ended_at = status, note[:500], None, now
    enrolment.save(update_fields=["status", "note", "due_at", "ended_at"])


def _end_of(contact: Contact) -> str:
    ends = {Contact.Status.UNSUBSCRIBED: Status.UNSUBSCRIBED, Contact.Status.BOUNCED: Status.BOUNCED}
    return ends.get(Contact.Status(contact.status), Status.FAILED)


def _attempt(intent: Intent, connections: Connections) -> Accepted | TransportError | CannotDecrypt:
    """Ask the server, outside any transaction."""
    try:
        return connections.send(intent.message.account, address(intent.message.recipient), intent.raw)
    except (TransportError, CannotDecrypt) as error:
        return error


def _record(intent: Intent, result: Accepted | TransportError | CannotDecrypt) -> None:
    try:
        _written(intent, result, clock.now())
    except LeaseLost:
        # Somebody else has found it uncertain, or the contact was deleted meanwhile.
        log.warning("The result of %s came too late to be recorded", intent.message.pk)


@retried
def _written(intent: Intent, result: Accepted | TransportError | CannotDecrypt, now: datetime) -> None:
    """Raises LeaseLost. A race that is lost is run again: what the server took must not become uncertain."""
    campaign = intent.message.campaign
    with change(campaign.workspace, _actor(campaign)) as unit:
        enrolment = _held(intent)
        message = outcomes.held(campaign.workspace, intent.message.pk)
        if message is None:
            raise LeaseLost(intent.message.pk)
        message.campaign.workspace = campaign.workspace
        _settle(unit, enrolment, message, intent.message.account, result, now)


def _held(intent: Intent) -> Enrolment:
    rows = Enrolment.objects.of(intent.message.campaign.workspace).select_for_update(of=("self",), no_key=True)
    enrolment = rows.filter(pk=intent.enrolment.pk, lease=intent.enrolment.lease).first()
    if enrolment is None:
        raise LeaseLost(intent.enrolment.pk)
    return enrolment


def _settle(
    unit: Change,
    enrolment: Enrolment,
    message: Message,
    account: EmailAccount,
    result: Accepted | TransportError | CannotDecrypt,
    now: datetime,
) -> None:
    enrolment.lease, enrolment.leased_until = "", None
    is_in = enrolment.status in IN_CAMPAIGN
    match result:
        case Accepted():
            outcomes.sent(unit, message, result.response)
            accounts.worked(account, now)
            enrolment.phase, enrolment.due_at = Phase.LEAVE, now if is_in else None
        case Uncertain():
            _set_state(message, State.UNCERTAIN, str(result))
            enrolment.due_at, enrolment.note = None, UNCERTAIN
        case Temporary() | Permanent():
            _refused(unit, enrolment, message, result, now)
        case _:
            _set_state(message, State.DEFERRED, str(result))
            enrolment.due_at = now + accounts.WAIT if is_in else None
            if isinstance(result, AuthenticationFailed | CannotDecrypt):
                accounts.refused(account, str(result))
            else:
                accounts.unreachable(account, str(result), now)
    if enrolment.status not in IN_CAMPAIGN:
        enrolment.due_at = None
    enrolment.save(update_fields=["lease", "leased_until", "phase", "due_at", "note", "status", "ended_at"])


def _refused(
    unit: Change, enrolment: Enrolment, message: Message, result: Temporary | Permanent, now: datetime
) -> None:
    """The server won't take this message for this recipient, now or ever."""
    if isinstance(result, Temporary) and message.attempts < len(RETRIES):
        enrolment.due_at = now + RETRIES[message.attempts]
        message.attempts += 1
        _set_state(message, State.DEFERRED, str(result))
        return
    _set_state(message, State.FAILED, str(result))
    # What is said to MAIL or DATA is about us or our text, unless it says otherwise.
    verdict = severity.judge(severity.status_in(result.text), str(result.code), result.text)
    about_recipient = result.stage == "RCPT" or severity.status_in(result.text).startswith("5.1.")
    hard = isinstance(result, Permanent) and about_recipient and verdict.hardness == "hard"
    outcomes.bounced(unit, message, hard=hard, reason=str(result))
    if enrolment.status in IN_CAMPAIGN:
        enrolment.status, enrolment.ended_at = (Status.BOUNCED if hard else Status.FAILED), now
        enrolment.note = f"was refused: {result}"[:500]


def _set_state(message: Message, state: str, response: str) -> None:
    message.state, message.response = state, response[:500]
    message.save(update_fields=["state", "response", "attempts"])
