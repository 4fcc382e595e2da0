"""What a received message changes: a reply ends the sequence, a bounce the address, a complaint everything.

What a person has sent from a mail program of their own changes the conversation alone.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from campaigns.changes import conversations, outcomes
from campaigns.models import Conversation, EmailAccount, MailFolder, Message, ReceivedMail, Reply
from campaigns.receiving import classify, parsing
from campaigns.receiving.classify import Classification
from campaigns.receiving.matching import Match, match, match_report
from campaigns.receiving.parsing import Incoming
from campaigns.receiving.preview import reply_preview
from contacts.addresses import InvalidAddress, normalise
from fluenzr_site.core import ids
from fluenzr_site.events.recording import Change

_LONGEST_SUBJECT: Final = 998
# Of any characters, an index of PostgreSQL takes so many.
_LONGEST_ID: Final = 500
# They tell something about a message, and are nothing that a person wrote.
_REPORTS: Final = ("bounce", "delayed", "complaint", "receipt")
# The beginning of a text by which a copy of it is known.
_RECOGNISED: Final = 200
_ABOUT: Final = timedelta(minutes=10)


def take(unit: Change, account: EmailAccount, folder: MailFolder, uid: int, raw: bytes) -> str:
    """Make of a message what it means; its kind (``campaigns.receiving.classify``), empty where it isn't about us.

    In the sent folder it is ``own`` where we sent it, and ``found`` where a person did, in a conversation.
    """
    mail = parsing.read(raw)
    if folder.role == MailFolder.Role.SENT:
        return _take_sent(unit, account, mail, raw)
    if mail.message_id and _is_known(account, mail.message_id):
        return ""
    known = _Known(account)
    what = classify.kind(
        mail, own_addresses=_own_addresses(account), own_message_ids_lookup=lambda each: known.has(each)
    )
    if what.kind == "own":
        return "own"
    place = _Place(folder, uid)
    reply = _reported_reply(account, what)
    if reply is not None:
        return _take_report(unit, reply, place, mail, what)
    found = _match(mail, what, known)
    message = outcomes.held(unit.workspace, found.key) if found else None
    if found is None or message is None:
        return ""
    message.campaign.workspace = unit.workspace
    _apply(unit, message, mail, what, certain=found.by_id)
    at = _when(unit, mail)
    conversation = None if what.kind in _REPORTS else _conversation(unit, message, what, at)
    _keep(unit, message.contact_id, conversation, place, mail, what)
    return what.kind


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a message lies."""

    folder: MailFolder
    uid: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What an account has sent, by Message-ID and by recipient: e-mails of campaigns, and people's answers."""

    account: EmailAccount

    def has(self, message_id: str) -> bool:
        return self.by_message_id(message_id) is not None or _reply(self.account, message_id) is not None

    def by_message_id(self, message_id: str, /) -> str | None:
        """The e-mail of that Message-ID, or the last one before the answer of that Message-ID."""
        rows = Message.objects.of(self.account.workspace).filter(message_id=message_id)
        found = rows.values_list("pk", flat=True).first()
        reply = None if found else _reply(self.account, message_id)
        return self._last(contact=reply.conversation.contact_id) if reply else found

    def by_address(self, address: str, /) -> str | None:
        """The last e-mail that this account sent to the address, however its domain is spelled."""
        return self._last(recipient=_spelled_as_ours(address))

    def _last(self, **to: str) -> str | None:
        rows = Message.objects.of(self.account.workspace).filter(account=self.account, sent_at__isnull=False, **to)
        return rows.order_by("-sent_at").values_list("pk", flat=True).first()


def _spelled_as_ours(address: str) -> str:
    try:
        return normalise(address)
    except InvalidAddress:
        return address


def _own_addresses(account: EmailAccount) -> set[str]:
    """Of the workspace, in both spellings of their domains."""
    ours = set(EmailAccount.objects.of(account.workspace).values_list("email", flat=True))
    parts = [each.rpartition("@") for each in ours if not each.isascii()]
    return ours | {f"{local}@{domain.encode('idna').decode()}" for local, _, domain in parts}


def _is_known(account: EmailAccount, message_id: str) -> bool:
    """Whether it was read before, in whatever folder: people move mail out of junk."""
    rows = ReceivedMail.objects.of(account.workspace).filter(folder__account=account)
    return rows.filter(message_id=message_id[:_LONGEST_ID]).exists()


def _reply(account: EmailAccount, message_id: str) -> Reply | None:
    rows = Reply.objects.of(account.workspace).filter(message_id=message_id, conversation__account=account)
    return rows.select_related("conversation__contact").first()


def _match(mail: Incoming, what: Classification, known: _Known) -> Match[str] | None:
    if what.report is not None:
        return match_report(mail, what.report, known)
    return match(mail, known)


def _apply(unit: Change, message: Message, mail: Incoming, what: Classification, *, certain: bool) -> None:
    match what.kind:
        case "reply":
            outcomes.replied(unit, message, subject=mail.subject[:_LONGEST_SUBJECT], preview=reply_preview(mail.text))
        case "bounce":
            # Anybody can write a report: one that names none of our Message-IDs kills no address.
            hard = what.hardness == "hard" and certain
            outcomes.bounced(unit, message, hard=hard, reason=what.failed[0].reason or what.reason)
        case "complaint" if certain:
            outcomes.unsubscribed(unit, message)
        case _:
            pass


def _keep(
    unit: Change,
    contact_id: str,
    conversation: Conversation | None,
    place: _Place,
    mail: Incoming,
    what: Classification,
) -> None:
    ReceivedMail.objects.create(
        id=ids.new("rcv"),
        workspace=unit.workspace,
        folder=place.folder,
        uid_validity=place.folder.uid_validity or 0,
        uid=place.uid,
        conversation=conversation,
        contact_id=contact_id,
        kind=what.kind,
        message_id=(mail.message_id or "")[:_LONGEST_ID],
        subject=mail.subject[:_LONGEST_SUBJECT],
        text=mail.text,
        at=_when(unit, mail),
    )


def _when(unit: Change, mail: Incoming) -> datetime:
    """Its own date, unless that is in the future."""
    return min(mail.date, unit.at) if mail.date else unit.at


def _conversation(unit: Change, message: Message, what: Classification, at: datetime) -> Conversation:
    conversation, is_new = Conversation.objects.get_or_create(
        contact_id=message.contact_id,
        account_id=message.account_id,
        defaults={
            "id": ids.new("cnv"),
            "workspace": unit.workspace,
            "campaign": message.campaign,
            "last_at": at,
            # An automatic answer is there to be seen, and asks for nothing.
            "status": Conversation.Status.UNREAD if what.kind == "reply" else Conversation.Status.READ,
        },
    )
    if not is_new:
        conversation.last_at, conversation.campaign = max(conversation.last_at, at), message.campaign
        if what.kind == "reply":
            conversation.status = Conversation.Status.UNREAD
        conversation.save(update_fields=["last_at", "campaign", "status"])
    return conversation


# ------------------------------------------------------------------------------------- reports about an answer


def _reported_reply(account: EmailAccount, what: Classification) -> Reply | None:
    """The person's answer that a report is about."""
    original = what.report.original_id if what.report else None
    return _reply(account, original) if original else None


def _take_report(unit: Change, reply: Reply, place: _Place, mail: Incoming, what: Classification) -> str:
    """It says nothing of the campaign, whose e-mail did arrive; a bounce is for a person to see."""
    if what.kind == "bounce":
        conversations.came_back(reply, what.failed[0].reason or what.reason)
    _keep(unit, reply.conversation.contact_id, None, place, mail, what)
    return what.kind


# ------------------------------------------------------------------------------------------ the sent folder


def _take_sent(unit: Change, account: EmailAccount, mail: Incoming, raw: bytes) -> str:
    message_id = mail.message_id or f"<{hashlib.sha256(raw).hexdigest()[:40]}@sent.invalid>"
    rows = Reply.objects.of(unit.workspace).filter(message_id=message_id[:_LONGEST_ID])
    reply = rows.select_related("conversation").first()
    if reply is not None:
        conversations.arrived(reply, unit.at)
        return "own"
    # No person's mail has the header; a server may have given our e-mail another Message-ID.
    if _Known(account).has(message_id) or "list-unsubscribe" in mail.headers:
        return "own"
    at = _when(unit, mail)
    # Old ones come by where the folder's numbers have changed.
    conversation = _answered(account, mail) if at >= account.created_at else None
    if conversation is None:
        return ""
    if _is_copy(conversation, mail, at):
        return "own"
    Reply.objects.create(
        id=ids.new("rpl"),
        workspace=unit.workspace,
        conversation=conversation,
        state=Reply.State.FOUND,
        message_id=message_id[:_LONGEST_ID],
        references=list(mail.references or mail.in_reply_to),
        subject=mail.subject[:_LONGEST_SUBJECT],
        text=mail.text,
        at=at,
        sent_at=at,
    )
    conversations.answered(conversation, at)
    return "found"


def _answered(account: EmailAccount, mail: Incoming) -> Conversation | None:
    """The account's conversation that it goes on with: by the mail that it answers, else by whom it was sent to."""
    rows = Conversation.objects.of(account.workspace).filter(account=account).select_related("contact", "account")
    named = _named(account, {*mail.references, *mail.in_reply_to})
    for found in rows.filter(named).order_by("-last_at", "id"):
        if _is_addressed(found, mail.recipients):
            return found
    return rows.filter(contact__email__in=mail.recipients).order_by("-last_at", "id").first()


def _named(account: EmailAccount, message_ids: set[str]) -> Q:
    """The conversations of these Message-IDs: of what was received, of people's answers, of campaigns' e-mails."""
    received = ReceivedMail.objects.of(account.workspace).filter(folder__account=account, message_id__in=message_ids)
    replies = Reply.objects.of(account.workspace).filter(message_id__in=message_ids)
    ours = Message.objects.of(account.workspace).filter(account=account, message_id__in=message_ids)
    return (
        Q(pk__in=received.filter(conversation__isnull=False).values("conversation_id"))
        | Q(pk__in=replies.values("conversation_id"))
        | Q(contact__in=ours.values("contact_id"))
    )


def _is_addressed(conversation: Conversation, recipients: Iterable[str]) -> bool:
    """A forward to a colleague names the thread too."""
    own = conversation.account.email.rpartition("@")[2]
    return any(each == conversation.contact.email or each.rpartition("@")[2] != own for each in recipients)


def _is_copy(conversation: Conversation, mail: Incoming, at: datetime) -> bool:
    """Whether it is an answer of ours to which the server gave another Message-ID."""
    ours = conversation.replies.filter(state=Reply.State.SENT, sent_at__range=(at - _ABOUT, at + _ABOUT))
    start = _recognised(mail.text)
    return any(start.startswith(_recognised(text)) for text in ours.values_list("text", flat=True))


def _recognised(text: str) -> str:
    return " ".join(text.split())[:_RECOGNISED]
