"""What a conversation shows: our campaigns' e-mails, what was received, and the answers, in order."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import F
from django.db.models.functions import Substr
from django.utils.translation import gettext as _

from campaigns.admin.campaign_page import address
from campaigns.admin.inbox_text import MOST_SHOWN, Piece, pieces
from campaigns.models import Conversation, Message, Reply
from contacts.admin.people import person_name
from fluenzr_site.core import clock
from fluenzr_site.core.said import in_words

#: Of each kind, the newest.
MOST_ITEMS: Final = 100
# How long an answer that is about to go is watched.
_SOON: Final = timedelta(minutes=1)
State = Reply.State


@dataclass(frozen=True, slots=True)
class Item:
    """``kind`` is campaign, received or answer; ``note`` tells what became of it, ``link`` leads to its text."""

    kind: str
    id: str
    at: datetime
    who: str
    subject: str
    pieces: list[Piece] = field(default_factory=list)
    is_cut: bool = False
    note: str = ""
    link: str = ""
    state: str = ""
    is_bad: bool = False
    is_pending: bool = False


def thread(conversation: Conversation) -> list[Item]:
    """Oldest first, in three queries."""
    items = [*_campaign_items(conversation), *_received_items(conversation), *_answer_items(conversation)]
    return sorted(items, key=lambda item: (item.at, item.id))


def _campaign_items(conversation: Conversation) -> list[Item]:
    sent = Message.objects.of(conversation.workspace).filter(
        account=conversation.account_id, contact=conversation.contact_id, sent_at__isnull=False
    )
    return [
        Item(
            kind="campaign",
            id=message.pk,
            at=message.sent_at or message.claimed_at,
            who=message.campaign.name,
            subject=message.subject,
            note=_seen(message),
            link=_preview(message),
        )
        for message in sent.select_related("campaign").order_by("-sent_at", "-id")[:MOST_ITEMS]
    ]


def _preview(message: Message) -> str:
    """What was sent isn't kept: the campaign's text shows it, with the contact's values as they are now."""
    chosen = {"email": f"{message.node_id}/{message.variant or 'a'}", "contact": message.contact_id}
    return f"{address(message.campaign, 'preview')}?{urlencode(chosen)}"


def _seen(message: Message) -> str:
    if message.bounced_at:
        return _("Came back")
    if message.clicked_at:
        return _("Clicked")
    return _("Opened") if message.opened_at else ""


def _received_items(conversation: Conversation) -> list[Item]:
    name = str(conversation.contact)
    rows: Any = conversation.received.defer("text").annotate(start=Substr("text", 1, MOST_SHOWN + 1))
    return [
        Item(
            kind="received",
            id=mail.pk,
            at=mail.at,
            who=name,
            subject=mail.subject,
            pieces=pieces(mail.start),
            is_cut=len(mail.start) > MOST_SHOWN,
            note=_("Automatic answer") if mail.kind == "automatic" else "",
        )
        for mail in rows.order_by("-at", "-id")[:MOST_ITEMS]
    ]


def _answer_items(conversation: Conversation) -> list[Item]:
    rows = conversation.replies.select_related("author").annotate(start=Substr("text", 1, MOST_SHOWN + 1))
    return [answer_item(conversation, reply) for reply in rows.order_by(F("at").desc(), "-id")[:MOST_ITEMS]]


def answer_item(conversation: Conversation, reply: Any) -> Item:
    """An answer; ``reply`` may have its text's start as ``start``."""
    start = getattr(reply, "start", reply.text)
    soon = reply.due_at is not None and reply.due_at <= clock.now() + _SOON
    return Item(
        kind="answer",
        id=reply.pk,
        at=reply.sent_at or reply.at,
        who=person_name(reply.author) if reply.author else conversation.account.email,
        subject=reply.subject,
        pieces=pieces(start),
        is_cut=len(start) > MOST_SHOWN,
        note=_fate(reply),
        state=reply.state,
        is_bad=reply.state in (State.FAILED, State.UNCERTAIN),
        is_pending=reply.state in (State.QUEUED, State.SENDING) and soon,
    )


def _fate(reply: Reply) -> str:
    match reply.state:
        case State.QUEUED if reply.response:
            return _("Waiting: %(why)s") % {"why": in_words(reply.response)}
        case State.QUEUED:
            return _("Waiting to be sent")
        case State.SENDING:
            return _("Being sent")
        case State.UNCERTAIN:
            return _("Whether this was sent isn't known: look into your Sent folder. It isn't sent again by itself.")
        case State.FAILED:
            return _("Not sent: %(why)s") % {"why": in_words(reply.response)}
        case State.FOUND:
            return _("Written in another mail program")
    return _("Sent")
