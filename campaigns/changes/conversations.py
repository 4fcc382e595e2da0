"""What people do with conversations: they read them, put them away, and answer.

An answer is a row that waits to be sent (``campaigns.sending.replies``); nothing is sent here.
"""

import re
from datetime import datetime
from typing import Final

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from campaigns.composing.characters import clean, one_line
from campaigns.composing.headers import InvalidAddress, address
from campaigns.models import Conversation, EmailAccount, Message, ReceivedMail, Reply
from contacts.models import Contact, Suppression
from contacts.models.suppression import address_digest
from fluenzr_site.core import ids
from fluenzr_site.core.database import retried
from fluenzr_site.core.saying import Sentence, say
from fluenzr_site.events.recording import Actor, change
from fluenzr_site.workspaces.models import Workspace

Status, State = Conversation.Status, Reply.State

#: What a person may set; replied is what answering does.
SETTABLE: Final = (Status.UNREAD, Status.READ, Status.ARCHIVED)
#: Characters of an answer.
MOST_TEXT: Final = 100_000

# An answer that waits keeps it in English.
_NO_SERVER: Final = Sentence("%(account)s has no server to send with.")
_PAUSED: Final = Sentence("%(account)s is paused.")
_FAILING: Final = Sentence("%(account)s can't send: its server refuses the login.")

_MOST_SUBJECT: Final = 998
_TOKEN: Final = re.compile(r"rpl_[0-9a-z]{20}")
_ANSWERING: Final = re.compile(
    r"(?:(?:re|r[ée]f|aw|antw|antwort|sv|vs|odp|rif|res|उत्तर|जवाब)(?:\[\d{1,3}\])?\s?[:：]\s*)+", re.IGNORECASE
)


class Unknown(Exception):
    """The workspace has no such conversation or answer."""


class Refused(Exception):
    """It can't be answered so. The message is a sentence for a person."""


# ----------------------------------------------------------------------------------------------- statuses


@retried
def set_status(workspace: Workspace, conversation_id: str, status: str, *, by: Actor) -> None:
    """Set one of SETTABLE. Raises Unknown, or ValueError for any other status."""
    if status not in SETTABLE:
        raise ValueError(status)
    with change(workspace, by):
        if not Conversation.objects.of(workspace).filter(pk=conversation_id).update(status=status):
            raise Unknown(conversation_id)


def put_back(workspace: Workspace, conversation_id: str, status: str, *, by: Actor) -> bool:
    """Undo an archiving: any status that it had before. False where it isn't archived any more."""
    with change(workspace, by):
        archived = Conversation.objects.of(workspace).filter(pk=conversation_id, status=Status.ARCHIVED)
        return bool(archived.update(status=Status(status)))


def mark_read(conversation: Conversation, *, by: Actor) -> None:
    """Somebody has opened it. What isn't unread stays what it is."""
    if conversation.status == Status.UNREAD:
        with change(conversation.workspace, by):
            rows = Conversation.objects.of(conversation.workspace).filter(pk=conversation.pk, status=Status.UNREAD)
            rows.update(status=Status.READ)
        conversation.status = Status.READ


def answered(conversation: Conversation, at: datetime) -> None:
    """We wrote at that time: replied, unless the contact has written since. Within the caller's change."""
    newer = conversation.received.filter(kind="reply", at__gt=at).exists()
    conversation.status = conversation.status if newer else Status.REPLIED
    conversation.last_at = max(conversation.last_at, at)
    conversation.save(update_fields=["status", "last_at"])


# ---------------------------------------------------------------------------------------------- answering


def why_not_answerable(conversation: Conversation) -> str:
    """Why the contact can't be written to personally, as a sentence; empty if it may be. Asked at the last moment too.

    Who has unsubscribed from campaigns and has written to us may be answered; whose address is dead, blocked or
    erased, or who complained, may not.
    """
    contact = conversation.contact
    if not contact.email:
        return say("The contact has no e-mail address.")
    if contact.status == Contact.Status.BOUNCED:
        return say("E-mails to this address come back, so that it isn't written to any more.")
    if contact.status == Contact.Status.BLOCKED:
        return say("The contact is blocked.")
    digests = Suppression.objects.of(conversation.workspace).filter(digest=address_digest(contact.email))
    if digests.exists():
        return say("The address was erased and is never written to again.")
    if contact.status == Contact.Status.UNSUBSCRIBED and not _began_it(conversation):
        return say("The contact has unsubscribed, and hasn't written to you.")
    return ""


def _began_it(conversation: Conversation) -> bool:
    received = ReceivedMail.objects.of(conversation.workspace).filter(contact=conversation.contact_id)
    kinds = set(received.filter(kind__in=["reply", "complaint"]).values_list("kind", flat=True))
    return kinds == {"reply"}


def why_account_waits(account: EmailAccount) -> str:
    """Why nothing can be sent from the account, as a sentence; empty if it can."""
    if account.can_send:
        return ""
    if not account.smtp_host:
        return _NO_SERVER(account=account.email)
    if account.state == EmailAccount.State.PAUSED:
        return _PAUSED(account=account.email)
    return _FAILING(account=account.email)


@retried
def reply(workspace: Workspace, conversation_id: str, text: str, *, author: User | None, token: str) -> Reply:
    """Queue an answer. ``token`` is its id, made by ``new_token`` for the form: given again, it is the same answer.

    Raises Unknown or Refused.
    """
    text = clean(text).strip()
    by = Actor("user", str(author.pk)) if author else Actor("command", "reply")
    with change(workspace, by) as unit:
        conversation = _held(workspace, conversation_id)
        before = Reply.objects.of(workspace).filter(pk=token, conversation=conversation).first()
        if before is not None:
            return before
        sender = _checked(conversation, text, token)
        return Reply.objects.create(
            id=token,
            workspace=workspace,
            conversation=conversation,
            author=author,
            message_id=f"<{token}@{sender.rpartition('@')[2]}>",
            references=_thread(conversation),
            subject=answer_subject(_subject(conversation)),
            text=text,
            at=unit.at,
            due_at=unit.at,
        )


def new_token() -> str:
    return ids.new("rpl")


def _held(workspace: Workspace, conversation_id: str) -> Conversation:
    rows = Conversation.objects.of(workspace).select_for_update(of=("self",), no_key=True).filter(pk=conversation_id)
    conversation = rows.select_related("contact", "account").first()
    if conversation is None:
        raise Unknown(conversation_id)
    conversation.workspace = conversation.account.workspace = workspace
    return conversation


def _checked(conversation: Conversation, text: str, token: str) -> str:
    """The sender's address as it stands in headers. Raises Refused."""
    if not text:
        raise Refused(_("Write something first."))
    if len(text) > MOST_TEXT:
        raise Refused(_("An answer can have %(most)d characters.") % {"most": MOST_TEXT})
    # Of any workspace: an id is taken once.
    if not _TOKEN.fullmatch(token) or Reply.objects.filter(pk=token).exists():
        raise Refused(_("This form is out of date. Load the page again."))
    why = why_not_answerable(conversation) or why_account_waits(conversation.account)
    if why:
        raise Refused(why)
    try:
        address(conversation.contact.email or "")
        return address(conversation.account.email)
    except InvalidAddress as error:
        raise Refused(str(error)) from error


def answer_subject(subject: str) -> str:
    """``Re:`` and the subject without any that it begins with, in whatever language."""
    line = one_line(subject)
    found = _ANSWERING.match(line)
    return f"Re: {line[found.end() :] if found else line}"[:_MOST_SUBJECT].rstrip()


def answered_mail(conversation: Conversation) -> ReceivedMail | None:
    """What an answer answers: the last thing that the contact wrote, else the last that came."""
    newest = conversation.received.order_by("-at", "-id")
    return newest.filter(kind="reply").first() or newest.first()


def _subject(conversation: Conversation) -> str:
    mail = answered_mail(conversation)
    if mail is not None:
        return mail.subject
    return str(_messages(conversation).values_list("subject", flat=True).last() or "")


def _messages(conversation: Conversation) -> QuerySet[Message]:
    """The campaign's e-mails to the contact, oldest first; those of other campaigns are other threads."""
    sent = Message.objects.of(conversation.workspace).filter(
        account=conversation.account_id, contact=conversation.contact_id, sent_at__isnull=False
    )
    if conversation.campaign_id:
        sent = sent.filter(campaign=conversation.campaign_id)
    return sent.order_by("sent_at", "id")


def _thread(conversation: Conversation) -> list[str]:
    """The Message-IDs up to the mail that is answered, oldest first, which is the last.

    The campaign's e-mails stand in it whatever the contact's clock says of the mail.
    """
    mail = answered_mail(conversation)
    received = conversation.received.exclude(message_id="")
    answers = conversation.replies.filter(sent_at__isnull=False)
    if mail is not None and mail.message_id:
        received = received.filter(at__lt=mail.at).exclude(message_id=mail.message_id)
        answers = answers.filter(sent_at__lt=mail.at)
    written = [*_messages(conversation).values_list("sent_at", "message_id")]
    written += [*received.values_list("at", "message_id"), *answers.values_list("sent_at", "message_id")]
    before = [message_id for _at, message_id in sorted(written)]
    return [*before, mail.message_id] if mail is not None and mail.message_id else before


# ------------------------------------------------------------------------------- what became of an answer


def failed(reply: Reply) -> None:
    """It didn't arrive, or nobody knows: a person has to look. Within the caller's change."""
    Conversation.objects.of(reply.workspace).filter(pk=reply.conversation_id).update(status=Status.UNREAD)


def came_back(reply: Reply, reason: str) -> None:
    """A report says that it didn't arrive. Within the caller's change."""
    settled = Reply.objects.of(reply.workspace).filter(pk=reply.pk, state__in=[State.SENT, State.UNCERTAIN])
    if settled.update(state=State.FAILED, response=reason[:500], due_at=None):
        failed(reply)


def arrived(reply: Reply, at: datetime) -> None:
    """Its copy was found in the sent folder, so that the server had it. Within the caller's change."""
    uncertain = Reply.objects.of(reply.workspace).filter(pk=reply.pk, state=State.UNCERTAIN)
    if uncertain.update(state=State.SENT, sent_at=reply.at, response="found in the sent folder"):
        answered(reply.conversation, reply.at)


@retried
def settle(workspace: Workspace, reply_id: str, *, was_sent: bool, by: Actor) -> Reply:
    """A person says of an uncertain answer whether it was sent; otherwise, and where it failed, it is sent again.

    Raises Unknown where there is no such answer, or nothing to say of it.
    """
    with change(workspace, by) as unit:
        rows = Reply.objects.of(workspace).select_for_update(of=("self",), no_key=True).filter(pk=reply_id)
        states = (State.UNCERTAIN,) if was_sent else (State.UNCERTAIN, State.FAILED)
        found = rows.filter(state__in=states).select_related("conversation").first()
        if found is None:
            raise Unknown(reply_id)
        if was_sent:
            found.state, found.sent_at, found.response = State.SENT, found.at, "said by a person"
            answered(found.conversation, found.at)
        else:
            found.state, found.due_at, found.attempts, found.response = State.QUEUED, unit.at, 0, ""
        found.lease, found.leased_until = "", None
        found.save(update_fields=["state", "sent_at", "response", "due_at", "attempts", "lease", "leased_until"])
    return found
