"""The list of conversations: which are unread, which are waiting, who wrote last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Substr
from django.http import HttpRequest, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.models import Conversation, EmailAccount, ReceivedMail, Reply
from campaigns.receiving.preview import reply_preview
from contacts.models import Contact
from contacts.queries import matching
from fluenzr_site.adminsite.choices import Choice, asked_choice, choices, typed, without_empty
from fluenzr_site.adminsite.pages import Page
from fluenzr_site.workspaces.models import Workspace

PER_PAGE: Final = 25
Status = Conversation.Status
_OPEN: Final = (Status.UNREAD, Status.READ, Status.REPLIED)
_PREVIEWED: Final = 4_000


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation and what was last said in it; ``trouble`` is the last answer's state where it isn't sent."""

    conversation: Conversation
    subject: str
    preview: str
    trouble: str
    is_bad: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """The list that an address asks for, and that a conversation's page keeps in its own to lead back to it."""

    status: str
    query: str
    before: str

    @classmethod
    def of(cls, asked: QueryDict) -> Self:
        return cls(asked_choice(asked, "status", Status.values), typed(asked), typed(asked, "before"))

    @property
    def kept(self) -> dict[str, str]:
        return without_empty({"status": self.status, "q": self.query})

    @property
    def address(self) -> str:
        """What follows a page's path; empty for the whole list."""
        asked = self.kept | without_empty({"before": self.before})
        return "?" + urlencode(asked) if asked else ""

    def conversations(self, workspace: Workspace, *more: str) -> QuerySet[Conversation]:
        """In no order. ``more``: statuses beside its own."""
        statuses = (self.status, *more) if self.status else _OPEN
        return searched(workspace, Conversation.objects.of(workspace).filter(status__in=statuses), self.query)

    def after(self, conversation: Conversation) -> str:
        """The id of the next, an older one; empty for the last. By its place: it may have left the list itself."""
        at = conversation.last_at
        older = Q(last_at__lt=at) | Q(last_at=at, pk__lt=conversation.pk)
        found = self.conversations(conversation.workspace).filter(older).order_by("-last_at", "-id")
        return found.values_list("pk", flat=True).first() or ""

    def ahead_of(self, conversation: Conversation) -> str:
        """The id of the one before it, a newer one; empty for the first."""
        at = conversation.last_at
        newer = Q(last_at__gt=at) | Q(last_at=at, pk__gt=conversation.pk)
        # Being opened on the way here is what took the unread ones out of their list.
        opened = (Status.READ,) if self.status == Status.UNREAD else ()
        found = self.conversations(conversation.workspace, *opened).filter(newer).order_by("last_at", "id")
        return found.values_list("pk", flat=True).first() or ""


def shortcuts() -> list[tuple[str, str]]:
    """The keys that the list and a conversation have in common, and what they do."""
    return [("r", _("Write an answer")), ("e", _("Archive")), ("u", _("Mark unread"))]


class Inbox(Page):
    template = "campaigns/inbox/list.html"

    def get(self, request: HttpRequest) -> TemplateResponse:
        asked = Listed.of(request.GET)
        status, query, kept = asked.status, asked.query, asked.kept
        everything = Conversation.objects.of(self.workspace)
        found = _older(asked.conversations(self.workspace), asked.before)
        page = list(found.select_related("contact", "account", "campaign")[: PER_PAGE + 1])
        return self.show(
            _("Inbox"),
            page_shortcuts=[("j", _("Down")), ("k", _("Up")), ("Enter", _("Open")), *shortcuts()],
            statuses=_statuses(everything, status, query),
            rows=rows(page[:PER_PAGE]),
            kept=asked.address,
            status=status,
            query=query,
            newest="?" + urlencode(kept) if asked.before else "",
            older="?" + urlencode(kept | {"before": _mark(page[PER_PAGE - 1])}) if len(page) > PER_PAGE else "",
            is_empty=not page and not kept and not everything.exists(),
            is_reading=EmailAccount.objects.of(self.workspace).exclude(imap_host="").exists(),
        )


def searched(workspace: Workspace, conversations: QuerySet[Conversation], query: str) -> QuerySet[Conversation]:
    """Those whose contact's name, address or company, or a subject of which, has the text in it."""
    if not query:
        return conversations
    of_contacts = Q(contact__in=matching(Contact.objects.of(workspace), query))
    subjects = {"conversation": OuterRef("pk"), "subject__icontains": query}
    received = ReceivedMail.objects.of(workspace).filter(**subjects)
    replies = Reply.objects.of(workspace).filter(**subjects)
    return conversations.filter(of_contacts | Q(Exists(received)) | Q(Exists(replies)))


def _mark(last: Conversation) -> str:
    return f"{last.last_at.isoformat()}~{last.pk}"


def _older(conversations: QuerySet[Conversation], before: str) -> QuerySet[Conversation]:
    """Newest first; those that come after the one marked, so that new mail moves nobody to another page."""
    ordered = conversations.order_by("-last_at", "-id")
    moment, _tilde, identifier = before.partition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return ordered
    if at.tzinfo is None or "\0" in identifier:
        return ordered
    return ordered.filter(Q(last_at__lt=at) | Q(last_at=at, pk__lt=identifier))


def _statuses(everything: QuerySet[Conversation], status: str, query: str) -> list[Choice]:
    counts: dict[str, int] = dict(
        everything.order_by().values("status").annotate(size=Count("*")).values_list("status", "size")
    )
    counts[""] = sum(counts.get(each, 0) for each in _OPEN)
    offered = [("", pgettext("conversations", "All")), *Status.choices]
    return choices(offered, status, "status", {"q": query}, lambda value: counts.get(value, 0))


def rows(conversations: Sequence[Conversation]) -> list[Row]:
    """What the list shows of each, in three queries for all."""
    keys = [each.pk for each in conversations]
    mine = Conversation.objects.filter(pk__in=keys).order_by()
    newest = ReceivedMail.objects.filter(conversation=OuterRef("pk")).order_by("-at", "-id").values("pk")[:1]
    last = ReceivedMail.objects.filter(pk__in=mine.annotate(last=Subquery(newest)).values("last"))
    mails: dict[str, Any] = {
        mail.conversation_id or "": mail
        for mail in last.annotate(start=Substr("text", 1, _PREVIEWED)).only("conversation_id", "subject")
    }
    answer = Reply.objects.filter(conversation=OuterRef("pk")).order_by("-at", "-id").values("state")[:1]
    states = dict(mine.annotate(answer=Subquery(answer)).values_list("pk", "answer"))
    return [_row(each, mails.get(each.pk), states.get(each.pk) or "") for each in conversations]


def _row(conversation: Conversation, mail: Any, state: str) -> Row:
    settled = ("", Reply.State.SENT, Reply.State.FOUND)
    return Row(
        conversation=conversation,
        subject=mail.subject if mail else "",
        preview=reply_preview(mail.start, 160) if mail else "",
        trouble="" if state in settled else str(Reply.State(state).label),
        is_bad=state in (Reply.State.FAILED, Reply.State.UNCERTAIN),
    )
