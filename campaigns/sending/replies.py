"""Sends people's answers, each at most once: the intent is recorded, the server asked outside any transaction, the
result recorded.

Whoever finds an intent without a result after its lease is over doesn't know whether it was sent: it becomes
uncertain, and only a person decides. Answers count against no campaign's pace and no daily limit.
"""

import copy
import logging
import traceback
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from campaigns.changes import accounts, conversations
from campaigns.composing.headers import InvalidAddress, address
from campaigns.composing.html import from_text
from campaigns.composing.message import Envelope, build
from campaigns.models import Conversation, ReceivedMail, Reply
from campaigns.sending import wording
from campaigns.sending.recording import RETRIES
from campaigns.sending.transport import (
    AuthenticationFailed,
    Permanent,
    Smtp,
    Temporary,
    TransportError,
    Uncertain,
    Unreachable,
)
from fluenzr_site.core import clock, leases, outbound
from fluenzr_site.core.database import durable, outlasting, retried
from fluenzr_site.core.encryption import CannotDecrypt
from fluenzr_site.events.recording import Actor, change

log = logging.getLogger("fluenzr.sending")

REPLY_SECONDS: Final = 90.0
# Longer than the longest a server is waited for: connecting, then a reply to each of nine commands.
LEASE_SECONDS: Final = 900
#: Characters of the answered mail that are quoted.
MOST_QUOTED: Final = 20_000
State = Reply.State


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an answer: its state, when it is tried again (None: no more), what is said of it."""

    state: Reply.State
    due_at: datetime | None
    response: str
    attempts: int = 0


def send_due(now: datetime | None = None) -> bool:
    """Send the answer that has been due longest; whether there was one. Sandboxes' answers go nowhere."""
    now = now or clock.now()
    rows = Reply.objects.filter(workspace__is_sandbox=False)
    rows = rows.select_related("workspace", "conversation__contact", "conversation__account")
    reply = leases.claim(rows, seconds=LEASE_SECONDS, now=now)
    if reply is None:
        return False
    conversation = reply.conversation
    # Known already, and else asked for again and again.
    conversation.workspace = conversation.account.workspace = conversation.contact.workspace = reply.workspace
    try:
        _record(reply, _decided(reply, now))
    except leases.LeaseLost:
        log.warning("The result of %s came too late to be recorded", reply.pk)
    except Exception as error:
        # Its message stays out: it may be what somebody wrote. The lease keeps it from being tried at once again.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("The answer %s can't be sent: %s\n%s", reply.pk, type(error).__name__, where)
    return True


def _decided(reply: Reply, now: datetime) -> Verdict:
    """What became of it, after asking the server where it may go. Raises LeaseLost."""
    if reply.state == State.SENDING:
        log.warning("Whether %s was sent isn't known: its sending was cut off", reply.pk)
        return Verdict(State.UNCERTAIN, None, wording.ANSWER_CUT_OFF, reply.attempts)
    account = reply.conversation.account
    why = conversations.why_not_answerable(reply.conversation)
    if why:
        return Verdict(State.FAILED, None, why, reply.attempts)
    waits = conversations.why_account_waits(account)
    if waits:
        return Verdict(State.QUEUED, now + accounts.WAIT, waits, reply.attempts)
    if account.retry_at and account.retry_at > now:
        return Verdict(State.QUEUED, account.retry_at, account.last_error, reply.attempts)
    try:
        raw = write(reply, now)
    except (InvalidAddress, ValueError) as error:
        return Verdict(State.FAILED, None, wording.ANSWER_UNWRITTEN(why=error), reply.attempts)
    return _asked(reply, raw)


def _asked(reply: Reply, raw: bytes) -> Verdict:
    account = reply.conversation.account
    try:
        with Smtp(accounts.smtp_server(account), reply_timeout=REPLY_SECONDS) as connection:
            # Up to here nothing can have been sent. From here on nobody tries it again by himself.
            with durable():
                leases.hold(reply, seconds=LEASE_SECONDS, state=State.SENDING)
            to = address(reply.conversation.contact.email or "")
            accepted = connection.send(address(account.email), to, raw)
    except (TransportError, CannotDecrypt) as error:
        return _unsent(reply, error, clock.now())
    return Verdict(State.SENT, None, accepted.response, reply.attempts)


def _unsent(reply: Reply, error: TransportError | CannotDecrypt, now: datetime) -> Verdict:
    account = reply.conversation.account
    match error:
        case Uncertain():
            return Verdict(State.UNCERTAIN, None, str(error), reply.attempts)
        case Temporary() if reply.attempts < len(RETRIES):
            return Verdict(State.QUEUED, now + RETRIES[reply.attempts], str(error), reply.attempts + 1)
        case Temporary() | Permanent():
            return Verdict(State.FAILED, None, str(error), reply.attempts)
        case Unreachable() if outbound.has_hung_up():
            return Verdict(State.QUEUED, now, reply.response, reply.attempts)
        case AuthenticationFailed() | CannotDecrypt():
            accounts.refused(account, str(error))
        case _:
            accounts.unreachable(account, str(error), now)
    return Verdict(State.QUEUED, now + accounts.WAIT, str(error), reply.attempts)


@outlasting
@retried
def _record(reply: Reply, verdict: Verdict) -> None:
    """Write it down. Run again when a race is lost or the database: what the server took must not be uncertain.

    Raises LeaseLost.
    """
    by = Actor("user", str(reply.author_id)) if reply.author_id else Actor("account", reply.conversation.account_id)
    with change(reply.workspace, by) as unit:
        values = {"state": verdict.state, "response": verdict.response[:500], "attempts": verdict.attempts}
        if verdict.state == State.SENT:
            values["sent_at"] = unit.at
        # A copy lets go, since this may be run again.
        leases.release(copy.copy(reply), due_at=verdict.due_at, **values)
        if verdict.state == State.SENT:
            accounts.worked(reply.conversation.account, unit.at)
            rows = Conversation.objects.of(reply.workspace).select_for_update(of=("self",), no_key=True)
            conversations.answered(rows.get(pk=reply.conversation_id), unit.at)
        elif verdict.due_at is None:
            conversations.failed(reply)


# ------------------------------------------------------------------------------------------------- its bytes


def write(reply: Reply, at: datetime) -> bytes:
    """The answer as it goes out, with what it answers quoted below. Raises InvalidAddress."""
    account, contact = reply.conversation.account, reply.conversation.contact
    text, html = reply.text, from_text(reply.text)
    mail = _quoted(reply)
    if mail is not None:
        wrote = f"On {mail.at:%d %b %Y at %H:%M} UTC, {contact.full_name or contact.email} wrote:"
        quoted = mail.text[:MOST_QUOTED].strip()
        text = f"{text}\n\n{wrote}\n{_with_marks(quoted)}"
        html = f'{html}\n<p>{escape(wrote)}</p>\n<blockquote type="cite">\n{from_text(quoted)}\n</blockquote>'
    return build(
        Envelope(
            message_id=reply.message_id,
            sender=account.email,
            sender_name=account.name,
            recipient=contact.email or "",
            recipient_name=contact.full_name,
            subject=reply.subject,
            text=text,
            html=html,
            date=at,
            in_reply_to=reply.references[-1] if reply.references else None,
            references=tuple(reply.references),
        )
    )


def _quoted(reply: Reply) -> ReceivedMail | None:
    """The mail that it answers, which may not be the newest any more."""
    if reply.references:
        found = reply.conversation.received.filter(message_id=reply.references[-1]).first()
        if found is not None:
            return found
    return conversations.answered_mail(reply.conversation)


def _with_marks(text: str) -> str:
    """``> `` before each line; what was quoted already gets no space between."""
    return "\n".join(f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in text.split("\n"))
