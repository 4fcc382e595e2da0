"""Tells people of replies: those that nobody has looked at yet, gathered into one e-mail."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.composing.characters import one_line
from campaigns.models import Conversation, ReceivedMail
from campaigns.receiving.preview import reply_preview
from campaigns.reporting.times import last_morning
from fluenzr_site.core import ids
from fluenzr_site.notices import choosing, sending
from fluenzr_site.notices.letters import Letter, link
from fluenzr_site.notices.models import Choices, Notice
from fluenzr_site.workspaces.models import Membership, Profile
from fluenzr_site.workspaces.profiles import zone_of

KIND: Final = Notice.Kind.REPLIES
#: What is being stored is let come in: a reply's id is made before it is in sight, and no transaction lasts so long.
SETTLED: Final = timedelta(minutes=2)
#: Between two e-mails to who wants to hear of replies as they come.
GAP: Final = timedelta(minutes=5)
MOST_SHOWN: Final = 20
_TOLD: Final = "replies"


def note_due(now: datetime) -> None:
    """Note the e-mails that are due, for whom there is something to tell."""
    for membership in choosing.wanting(KIND):
        due = _due(membership, now)
        if due is None:
            continue
        period, at, until = due
        if _untold(membership, until).exists():
            sending.note(membership, KIND, period, at)


def _due(membership: Membership, now: datetime) -> tuple[str, datetime, datetime] | None:
    """The name of the period, since when it is due, and until when replies belong to it."""
    choices: Choices = membership.choices
    if choices.replies == Choices.Replies.EACH:
        settled = Notice.objects.filter(membership=membership, kind=KIND, settled_at__gt=now - GAP)
        return None if settled.exists() else (sending.after_last(membership, KIND), now, now - SETTLED)
    if choices.replies == Choices.Replies.HOURLY:
        at, name = now.replace(minute=0, second=0, microsecond=0), "%Y-%m-%dT%H"
    else:
        zone = zone_of(getattr(membership.user, "profile", None) or Profile(), membership.workspace)
        at, name = last_morning(now, zone), "%Y-%m-%d"
    return f"{at:{name}}", at, min(at, now - SETTLED)


def write(membership: Membership, now: datetime) -> Letter | None:
    """What came since the person was told last, as far as nobody has dealt with it meanwhile."""
    rows = _untold(membership, now - SETTLED)
    newest = rows.order_by("-id").values_list("id", flat=True).first()
    if newest is None:
        return None
    conversations = rows.values("conversation").distinct().count()
    shown = _newest_of_each(rows)
    items = [_item(mail, membership) for mail in shown]
    context = {
        "items": items,
        "more": conversations - len(items),
        "inbox": link(membership.workspace, "campaigns_conversation_changelist"),
    }
    return Letter(_subject(membership, items, conversations), "replies", context, {_TOLD: newest})


def _untold(membership: Membership, until: datetime) -> QuerySet[ReceivedMail]:
    """The replies in conversations that nobody has read. What answers by itself is no reply."""
    return ReceivedMail.objects.of(membership.workspace).filter(
        kind="reply",
        conversation__status=Conversation.Status.UNREAD,
        pk__gt=_mark(membership.choices),
        pk__lt=ids.first_at("rcv", until),
    )


def _mark(choices: Choices) -> str:
    """The id of the last reply that was told, or the first that there could be since replies were asked for."""
    since = ids.first_at("rcv", choices.replies_since) if choices.replies_since else ""
    return max(str(choices.told.get(_TOLD, "")), since)


def _newest_of_each(rows: QuerySet[ReceivedMail]) -> list[ReceivedMail]:
    found: dict[str | None, ReceivedMail] = {}
    for mail in rows.select_related("contact", "conversation__campaign").order_by("-id").iterator(chunk_size=100):
        found.setdefault(mail.conversation_id, mail)
        if len(found) == MOST_SHOWN:
            break
    return list(found.values())


def _item(mail: ReceivedMail, membership: Membership) -> dict[str, Any]:
    conversation = mail.conversation
    campaign = conversation.campaign if conversation else None
    return {
        "name": one_line(str(mail.contact)),
        "company": one_line(mail.contact.company),
        "subject": one_line(mail.subject) or _("(no subject)"),
        "campaign": campaign.name if campaign else "",
        "at": mail.at,
        "excerpt": reply_preview(mail.text) if membership.choices.excerpts else "",
        "link": link(membership.workspace, "campaigns_conversation_change", mail.conversation_id or ""),
    }


def _subject(membership: Membership, items: list[dict[str, Any]], conversations: int) -> str:
    if conversations == 1:
        return _("%(name)s replied") % {"name": items[0]["name"]}
    text = ngettext("%(count)d reply in %(workspace)s", "%(count)d replies in %(workspace)s", conversations)
    return text % {"count": conversations, "workspace": membership.workspace.name}
