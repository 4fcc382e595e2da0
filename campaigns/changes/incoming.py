"""What a received message changes: a reply ends the sequence, a bounce the address, a complaint everything."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from campaigns.changes import outcomes
from campaigns.models import Conversation, EmailAccount, MailFolder, Message, ReceivedMail
from campaigns.receiving import classify, parsing
from campaigns.receiving.classify import Classification
from campaigns.receiving.matching import Match, match, match_report
from campaigns.receiving.parsing import Incoming
from campaigns.receiving.preview import reply_preview
from fluenzr_site.core import ids
from fluenzr_site.events.recording import Change

_LONGEST_SUBJECT: Final = 998
_LONGEST_ID: Final = 1000
# They tell something about a message, and are nothing that a person wrote.
_REPORTS: Final = ("bounce", "delayed", "complaint", "receipt")


def take(unit: Change, account: EmailAccount, folder: MailFolder, uid: int, raw: bytes) -> str:
    """Make of a message what it means; its kind (``campaigns.receiving.classify``), empty where it isn't about us."""
    mail = parsing.read(raw)
    if mail.message_id and ReceivedMail.objects.of(unit.workspace).filter(
        folder=folder, message_id=mail.message_id[:_LONGEST_ID]
    ):
        return ""
    known = _Known(account)
    own = set(EmailAccount.objects.of(unit.workspace).values_list("email", flat=True))
    what = classify.kind(mail, own_addresses=own, own_message_ids_lookup=lambda each: known.has(each))
    if what.kind == "own":
        return "own"
    found = _match(mail, what, known)
    message = outcomes.held(unit.workspace, found.key) if found else None
    if found is None or message is None:
        return ""
    message.campaign.workspace = unit.workspace
    _apply(unit, message, mail, what, certain=found.by_id)
    _keep(unit, message, folder, uid, mail, what)
    return what.kind


@dataclass(frozen=True, slots=True)
class _Known:
    """The messages that an account has sent, by Message-ID and by recipient."""

    account: EmailAccount

    def has(self, message_id: str) -> bool:
        return Message.objects.of(self.account.workspace).filter(message_id=message_id).exists()

    def by_message_id(self, message_id: str, /) -> str | None:
        rows = Message.objects.of(self.account.workspace).filter(message_id=message_id)
        return rows.values_list("pk", flat=True).first()

    def by_address(self, address: str, /) -> str | None:
        """The last e-mail that this account sent to the address."""
        rows = Message.objects.of(self.account.workspace).filter(
            account=self.account, recipient=address, sent_at__isnull=False
        )
        return rows.order_by("-sent_at").values_list("pk", flat=True).first()


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


def _keep(unit: Change, message: Message, folder: MailFolder, uid: int, mail: Incoming, what: Classification) -> None:
    at = _when(unit, mail)
    ReceivedMail.objects.create(
        id=ids.new("rcv"),
        workspace=unit.workspace,
        folder=folder,
        uid_validity=folder.uid_validity or 0,
        uid=uid,
        conversation=None if what.kind in _REPORTS else _conversation(unit, message, what, at),
        contact_id=message.contact_id,
        kind=what.kind,
        message_id=(mail.message_id or "")[:_LONGEST_ID],
        subject=mail.subject[:_LONGEST_SUBJECT],
        text=mail.text,
        at=at,
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
