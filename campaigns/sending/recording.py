"""Writes down that an e-mail is begun, and afterwards what became of it."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Model, QuerySet

from campaigns.changes import accounts, outcomes
from campaigns.models import IN_CAMPAIGN, Campaign, EmailAccount, Enrolment, Message
from campaigns.queries import NEVER_MAILED
from campaigns.receiving import severity
from campaigns.sending import claiming, wording
from campaigns.sending.claiming import Batch, Intent
from campaigns.sending.transport import (
    Accepted,
    AuthenticationFailed,
    Permanent,
    Temporary,
    TransportError,
    Uncertain,
)
from contacts.models import Contact
from fluenzr_site.core.database import durable, outlasting, retried
from fluenzr_site.core.encryption import CannotDecrypt
from fluenzr_site.core.leases import LeaseLost
from fluenzr_site.events.recording import Change, change

log = logging.getLogger("fluenzr.sending")

# Soft failures are tried again three times over two days.
RETRIES: Final = (timedelta(hours=2), timedelta(hours=12), timedelta(hours=34))

Status, Phase, State = Enrolment.Status, Enrolment.Phase, Message.State


class Unwritable(Exception):
    """The e-mail has no bytes: why, in words that follow the contact's name."""


Outcome = Accepted | TransportError | CannotDecrypt | Unwritable


@dataclass(frozen=True, slots=True)
class Result:
    """``outcome`` is None for what was reserved and never begun."""

    intent: Intent
    outcome: Outcome | None
    at: datetime


def _table(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


@retried
def begin(claim: str, message: Message, before: Result | None) -> bool:
    """Write that ``message`` is on its way, and what the server said to the one ``before``.

    False where the claim is no longer ours, or the contact has left the campaign or may no longer be mailed there,
    or the campaign or account has stopped: then nothing may be sent. One short transaction of two statements, which
    outlives a power cut: it is the price of each e-mail.
    """
    with durable(), transaction.atomic(), connection.cursor() as cursor:
        if before is not None and isinstance(before.outcome, Accepted):
            at = connection.ops.adapt_datetimefield_value(before.at)
            cursor.execute(
                f"UPDATE {_table(Message)} SET state = 'taken', response = %s, sent_at = %s "  # noqa: S608
                "WHERE id = %s AND claim = %s AND state = 'sending'",
                [before.outcome.response[:500], at, before.intent.message.pk, claim],
            )
        cursor.execute(
            f"UPDATE {_table(Message)} SET state = 'sending', subject = %s, tracks_opens = %s "  # noqa: S608
            "WHERE id = %s AND claim = %s AND state = 'claimed' AND EXISTS ("
            f"SELECT 1 FROM {_table(Enrolment)} e JOIN {_table(Campaign)} c ON c.id = e.campaign_id "
            f"JOIN {_table(Contact)} k ON k.id = e.contact_id "
            f"JOIN {_table(EmailAccount)} a ON a.id = {_table(Message)}.account_id "
            "WHERE e.id = %s AND e.lease = %s AND e.status IN ('pending', 'in_progress') AND c.status = 'active' "
            f"AND k.email = {_table(Message)}.recipient AND k.status NOT IN (%s, %s, %s) AND a.state = 'connected')",
            [message.subject, message.tracks_opens, message.pk, claim, message.enrolment_id, claim, *NEVER_MAILED],
        )
        return bool(cursor.rowcount == 1)


def record(batch: Batch, results: Sequence[Result]) -> None:
    """Write down what became of e-mails, unless somebody else has found them abandoned meanwhile."""
    try:
        _recorded(batch, results)
    except LeaseLost:
        log.warning("No result of %s could be recorded: all came too late", batch.claim)


@outlasting
@retried
def _recorded(batch: Batch, results: Sequence[Result]) -> None:
    """Raises LeaseLost. Run again when a race is lost or the database: what a server took must not be uncertain."""
    with change(batch.campaign.workspace, claiming.actor(batch.campaign)) as unit:
        ours = list(_ours(batch, results))
        if not ours:
            raise LeaseLost(batch.claim)
        # First those that were taken: what wasn't ends a batch, and the log is in the order of its rows.
        _book(unit, [each for each in ours if isinstance(each[0].outcome, Accepted)])
        _settle_all(unit, batch, [result for result, _ in ours if not isinstance(result.outcome, Accepted)])


def _ours(batch: Batch, results: Sequence[Result]) -> Iterator[tuple[Result, str]]:
    """The results whose rows are still ours, which are held, and the state of the enrolment.

    Nothing else of a message changes while it is under way: a merge of its contact waits.
    """
    messages, statuses = _held_messages(batch, results), _held_statuses(batch, results)
    for result in results:
        message, status = result.intent.message, statuses.get(result.intent.enrolment.pk)
        state, claim = messages.get(message.pk, ("", ""))
        if state == State.SENT:
            # Somebody else has booked it, since this worker took its time.
            continue
        if not state or status is None or claim != batch.claim:
            # It was found uncertain, or its contact was deleted.
            log.warning("The result of %s came too late to be recorded", message.pk)
            continue
        yield result, status


def _held_messages(batch: Batch, results: Sequence[Result]) -> dict[str, tuple[str, str]]:
    """State and claim of each message, by its id."""
    rows = Message.objects.of(batch.campaign.workspace).select_for_update(no_key=True)
    mine = rows.filter(pk__in=[each.intent.message.pk for each in results]).order_by("pk")
    return {pk: (state, claim) for pk, state, claim in mine.values_list("pk", "state", "claim")}


def _held_statuses(batch: Batch, results: Sequence[Result]) -> dict[str, str]:
    """The status of each enrolment that is leased to us, by its id."""
    return dict(_held(batch, results).values_list("pk", "status"))


def _held(batch: Batch, results: Sequence[Result]) -> QuerySet[Enrolment]:
    rows = Enrolment.objects.of(batch.campaign.workspace).select_for_update(of=("self",), no_key=True)
    mine = rows.filter(pk__in=[each.intent.enrolment.pk for each in results], lease=batch.claim)
    return mine.order_by("pk")


def _book(unit: Change, taken: Sequence[tuple[Result, str]]) -> None:
    """What the servers took, all at once; each with the status of its enrolment."""
    if not taken:
        return
    results = [result for result, _ in taken]
    outcomes.sent_many(unit, [(each.intent.message, _response(each), each.at) for each in results])
    for account in {each.intent.message.account for each in results}:
        accounts.worked(account, max(each.at for each in results if each.intent.message.account_id == account.pk))
    rows = Enrolment.objects.of(unit.workspace)
    inside = [result.intent.enrolment.pk for result, status in taken if status in IN_CAMPAIGN]
    outside = [result.intent.enrolment.pk for result, status in taken if status not in IN_CAMPAIGN]
    free = {"lease": "", "leased_until": None, "phase": Phase.LEAVE}
    rows.filter(pk__in=inside).update(**free, due_at=max(each.at for each in results))
    if outside:
        rows.filter(pk__in=outside).update(**free, due_at=None)


def _response(result: Result) -> str:
    return result.outcome.response if isinstance(result.outcome, Accepted) else ""


def _settle_all(unit: Change, batch: Batch, results: Sequence[Result]) -> None:
    """What wasn't taken, one by one, from rows as they are now."""
    if not results:
        return
    messages = outcomes.held_many(unit.workspace, [each.intent.message.pk for each in results])
    enrolments = _held(batch, results).in_bulk()
    for result in results:
        message = messages[result.intent.message.pk]
        message.campaign = batch.campaign
        _settle(unit, enrolments[result.intent.enrolment.pk], message, result)


def _settle(unit: Change, enrolment: Enrolment, message: Message, result: Result) -> None:
    outcome, now = result.outcome, result.at
    account: EmailAccount = result.intent.message.account
    enrolment.lease, enrolment.leased_until = "", None
    match outcome:
        case None:
            _set_state(message, State.DEFERRED, message.response)
            _unbind(enrolment, result)
        case Unwritable():
            _set_state(message, State.FAILED, str(outcome))
            if enrolment.status in IN_CAMPAIGN:
                enrolment.status, enrolment.note, enrolment.ended_at = Status.FAILED, str(outcome)[:500], now
        case Uncertain():
            _set_state(message, State.UNCERTAIN, str(outcome))
            enrolment.due_at, enrolment.note = None, wording.UNCERTAIN
        case Temporary() | Permanent():
            _refused(unit, enrolment, message, outcome, now)
        case _:
            _set_state(message, State.DEFERRED, str(outcome))
            enrolment.due_at = now + accounts.WAIT
            _unbind(enrolment, result)
            if isinstance(outcome, AuthenticationFailed | CannotDecrypt):
                accounts.refused(account, str(outcome))
            else:
                accounts.unreachable(account, str(outcome), now)
    if enrolment.status not in IN_CAMPAIGN:
        enrolment.due_at = None
    changed = ["lease", "leased_until", "phase", "due_at", "note", "status", "ended_at", "account"]
    enrolment.save(update_fields=changed)


def _unbind(enrolment: Enrolment, result: Result) -> None:
    """A conversation that hasn't begun may begin from another account."""
    if not result.intent.earlier:
        enrolment.account = None


def _refused(
    unit: Change, enrolment: Enrolment, message: Message, result: Temporary | Permanent, now: datetime
) -> None:
    """The server won't take this message for this recipient, now or ever: a mailbox that is full today is said to be
    so with 4xx by some servers, with 5xx by others."""
    status = severity.status_in(result.text)
    verdict = severity.judge(status, str(result.code), result.text)
    is_soft = isinstance(result, Temporary) or verdict.hardness == "soft"
    if is_soft and message.attempts < len(RETRIES):
        enrolment.due_at = now + RETRIES[message.attempts]
        message.attempts += 1
        _set_state(message, State.DEFERRED, str(result))
        return
    _set_state(message, State.FAILED, str(result))
    # What is said to MAIL or DATA is about us or our text, unless it says otherwise.
    hard = not is_soft and (result.stage == "RCPT" or status.startswith("5.1."))
    outcomes.bounced(unit, message, hard=hard, reason=str(result))
    if enrolment.status in IN_CAMPAIGN:
        enrolment.status, enrolment.ended_at = (Status.BOUNCED if hard else Status.FAILED), now
        enrolment.note = wording.REFUSED(answer=result)[:500]


def _set_state(message: Message, state: str, response: str) -> None:
    message.state, message.response, message.claim = state, response[:500], ""
    message.save(update_fields=["state", "response", "attempts", "claim"])
