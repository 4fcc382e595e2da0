"""Reserves the e-mails of a campaign that may go now, many in one short transaction.

What is reserved is surely not sent: a worker that dies leaves it to others (``recovering``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from django.db.models import QuerySet

from campaigns import queries
from campaigns.models import IN_CAMPAIGN, Campaign, EmailAccount, Enrolment, Message
from campaigns.sending import gates, rotation, wording, writing
from campaigns.sending.advance import workflow_of
from campaigns.sending.calendar import closes_at, parse_settings
from campaigns.sending.experiments import Versions
from campaigns.workflow.graph import Email
from contacts.models import Contact
from fluenzr_site.core import bulk, ids
from fluenzr_site.core.database import retried
from fluenzr_site.events.recording import Actor, Change, change
from fluenzr_site.workspaces.models import Workspace

#: E-mails in one transaction.
BATCH: Final = 50
# Longer than the longest a server is waited for: connecting, then a reply to each of nine commands.
LEASE_SECONDS: Final = 900
Status, Phase, State = Enrolment.Status, Enrolment.Phase, Message.State


@dataclass(frozen=True, slots=True)
class Intent:
    """An e-mail that is reserved, and about to be sent."""

    message: Message
    enrolment: Enrolment
    node: Email
    # The Message-IDs of the thread, oldest first.
    earlier: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """``claim`` names the reservation in every row of it. ``settled``: how many were dealt with without sending."""

    campaign: Campaign
    claim: str = ""
    intents: tuple[Intent, ...] = ()
    settled: int = 0
    # When the campaign's hours are over; None: never.
    closes_at: datetime | None = None


def actor(campaign: Campaign) -> Actor:
    return Actor("campaign", campaign.pk)


def waits(campaign: Campaign, now: datetime) -> bool:
    """Whether anybody stands at an e-mail and one may go now. It takes no lock: nearly every tick finds nothing."""
    waiting = Enrolment.objects.of(campaign.workspace).filter(campaign=campaign, phase=Phase.SEND, due_at__lte=now)
    if not waiting.exists() or not gates.slots(campaign, now, 1):
        return False
    return rotation.senders(campaign, now).room > 0


def claim(campaign: Campaign, now: datetime) -> Batch:
    """Reserve up to BATCH e-mails of an active campaign."""
    try:
        return _claimed(campaign, now)
    except _Nothing:
        return Batch(campaign)


class _Nothing(Exception):
    """There was nothing to do: the workspace hasn't changed."""


@retried
def _claimed(campaign: Campaign, now: datetime) -> Batch:
    with change(campaign.workspace, actor(campaign)) as unit:
        # Held, so that two workers don't both find room for the last e-mail of the hour; one that finds it held has
        # other campaigns to see to. Without its key, which the rows that others write meanwhile refer to.
        rows = Campaign.objects.of(unit.workspace).select_for_update(of=("self",), no_key=True, skip_locked=True)
        found = rows.select_related("account").filter(pk=campaign.pk, status=Campaign.Status.ACTIVE).first()
        if found is None:
            raise _Nothing
        found.workspace = campaign.workspace
        batch = _Claiming(unit, found, now).run()
        if not batch.intents and not batch.settled:
            raise _Nothing
        return batch


@dataclass(slots=True)
class _Claiming:
    unit: Change
    campaign: Campaign
    now: datetime
    name: str = field(default_factory=lambda: uuid4().hex)
    intents: list[Intent] = field(default_factory=list)
    settled: int = 0

    def run(self) -> Batch:
        self._hold_limits()
        settings = parse_settings(self.campaign.settings)
        senders = rotation.senders(self.campaign, self.now)
        slots = gates.slots(self.campaign, self.now, min(BATCH, senders.room))
        if slots:
            self._reserve(self._due(senders)[: len(slots)], senders, slots)
        closing = closes_at(settings.calendar, self.now)
        return Batch(self.campaign, self.name, tuple(self.intents), self.settled, closing)

    def _hold_limits(self) -> None:
        """So that two campaigns don't both find room for the last e-mail of an account's, or the plan's, day."""
        workspace = self.unit.workspace
        accounts = EmailAccount.objects.of(workspace).select_for_update(no_key=True).order_by("pk")
        list(accounts.values_list("pk"))
        if workspace.limits.emails_a_day is not None:
            Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)

    def _due(self, senders: rotation.Senders) -> "QuerySet[Enrolment]":
        due = Enrolment.objects.of(self.unit.workspace).filter(
            senders.may_take(),
            leased_until=None,
            campaign=self.campaign,
            phase=Phase.SEND,
            status__in=IN_CAMPAIGN,
            due_at__lte=self.now,
        )
        rows = due.select_for_update(of=("self",), skip_locked=True, no_key=True).select_related("contact__stage")
        return rows.order_by("due_at", "id")

    def _reserve(
        self, rows: Sequence[Enrolment] | QuerySet[Enrolment], senders: rotation.Senders, slots: Sequence[datetime]
    ) -> None:
        enrolments = list(rows)
        earlier = _messages_of(self.campaign, enrolments)
        reasons = queries.why_not_mailable_many(self.campaign.workspace, [each.contact for each in enrolments])
        versions = Versions(self.unit, self.campaign, self.now)
        for enrolment in enrolments:
            # Known already, and else asked for again and again.
            enrolment.workspace = enrolment.contact.workspace = self.campaign.workspace
            account = senders.take(enrolment)
            if account is None:
                continue
            thread = earlier.get(enrolment.pk, [])
            intent = self._intend(enrolment, thread, reasons.get(enrolment.contact_id, ""), versions, account)
            if intent is None:
                senders.give_back(account)
                # One that is under way is settled by whoever has it, or ``recovering``.
                self.settled += not _is_under_way(enrolment, thread)
            else:
                intent.message.claimed_at = slots[len(self.intents)]
                self.intents.append(intent)
        asking = [each.enrolment.contact for each in self.intents if writing.asks_related(each.message, each.node)]
        if asking:
            queries.load_fields(asking)
        self._write()

    def _intend(
        self, enrolment: Enrolment, messages: list[Message], why: str, versions: Versions, account: EmailAccount
    ) -> Intent | None:
        """None: it was settled otherwise."""
        before = next((each for each in messages if each.node_id == enrolment.node_id), None)
        if before is not None and before.state != State.DEFERRED:
            _begun_before(enrolment, before, self.now)
            return None
        if why:
            leave(enrolment, _end_of(enrolment.contact), wording.NEVER_MAILED(why=why), self.now)
            return None
        node = workflow_of(enrolment.version_id).by_id.get(enrolment.node_id)
        if not isinstance(node, Email):
            leave(enrolment, Status.FAILED, wording.NO_EMAIL_HERE, self.now)
            return None
        variant = before.variant if before else versions.of(node, enrolment.contact_id)
        if variant is None:
            enrolment.due_at = versions.decided_at(node)
            enrolment.save(update_fields=["due_at"])
            return None
        message = before or _new_message(enrolment, account)
        message.campaign, message.account, message.contact = self.campaign, account, enrolment.contact
        message.state, message.claim, message.variant = State.CLAIMED, self.name, variant
        message.recipient = enrolment.contact.email or ""
        sent = tuple(each.message_id for each in messages if each.state == State.SENT)
        return Intent(message, enrolment, node, sent)

    def _write(self) -> None:
        messages = [intent.message for intent in self.intents]
        bulk.insert([each for each in messages if each._state.adding])
        for message in messages:
            if not message._state.adding:
                message.save(update_fields=["state", "claim", "account", "claimed_at", "recipient"])
        until = self.now + timedelta(seconds=LEASE_SECONDS)
        for account_id in {each.account_id for each in messages}:
            mine = [each.enrolment.pk for each in self.intents if each.message.account_id == account_id]
            rows = Enrolment.objects.of(self.unit.workspace).filter(pk__in=mine)
            rows.update(lease=self.name, leased_until=until, account=account_id)


def _messages_of(campaign: Campaign, enrolments: Sequence[Enrolment]) -> dict[str, list[Message]]:
    """What each has been sent, or would have been, oldest first."""
    found: dict[str, list[Message]] = {}
    rows = Message.objects.of(campaign.workspace).filter(enrolment__in=enrolments)
    for message in rows.order_by("sent_at", "id"):
        found.setdefault(message.enrolment_id, []).append(message)
    return found


def _new_message(enrolment: Enrolment, account: EmailAccount) -> Message:
    message_id = ids.new("msg")
    return Message(
        id=message_id,
        workspace=enrolment.workspace,
        enrolment=enrolment,
        node_id=enrolment.node_id,
        message_id=f"<{message_id}@{account.email.rpartition('@')[2].encode('idna').decode()}>",
    )


def _is_under_way(enrolment: Enrolment, messages: Sequence[Message]) -> bool:
    return any(each.node_id == enrolment.node_id and each.state in Message.UNDER_WAY for each in messages)


def _begun_before(enrolment: Enrolment, message: Message, now: datetime) -> None:
    """Who was taken out came again. What was begun is never begun again."""
    match message.state:
        case State.UNCERTAIN:
            enrolment.due_at, enrolment.note = None, wording.UNCERTAIN
            enrolment.save(update_fields=["due_at", "note"])
        case State.SENT:
            enrolment.phase, enrolment.due_at = Phase.LEAVE, now
            enrolment.save(update_fields=["phase", "due_at"])
        case State.FAILED:
            leave(enrolment, Status.FAILED, message.response or wording.FAILED_BEFORE, now)
        case _:
            # Under way, for a claim that is lost: it is due still when that is settled.
            pass


def leave(enrolment: Enrolment, status: str, note: str, now: datetime) -> None:
    """The enrolment is over."""
    enrolment.status, enrolment.note, enrolment.due_at, enrolment.ended_at = status, note[:500], None, now
    enrolment.save(update_fields=["status", "note", "due_at", "ended_at"])


def _end_of(contact: Contact) -> str:
    ends = {Contact.Status.UNSUBSCRIBED: Status.UNSUBSCRIBED, Contact.Status.BOUNCED: Status.BOUNCED}
    return ends.get(Contact.Status(contact.status), Status.FAILED)
