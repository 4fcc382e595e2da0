"""What campaigns tell in a contact's history: e-mails, opens, clicks, answers, and the way to the conversation."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign, Conversation, EmailAccount
from contacts.admin.history import Teller, Told, names, tells
from contacts.models import Contact
from fluenzr_site.core.said import in_words
from fluenzr_site.events import types
from fluenzr_site.events.models import Event
from fluenzr_site.workspaces.models import Workspace


def _teller(words: Mapping[str, Any]) -> Teller:
    """Tells an event by the sentence of its type: what happened to the e-mail of that subject."""

    def of(contact: Contact, events: Sequence[Event]) -> Callable[[Event], Told]:
        mine = [event for event in events if event.type in words]
        rows = Conversation.objects.of(contact.workspace).filter(contact=contact).order_by("last_at") if mine else ()
        conversations = {row.campaign_id: row.pk for row in rows}
        newest = [*conversations.values()][-1:]

        def tell(event: Event) -> Told:
            data = event.data
            what = str(words[event.type]) % {"subject": data.get("emailSubject") or _("an e-mail")}
            found = conversations.get(data.get("campaignId")) or (newest[0] if newest else "")
            link = reverse("admin:campaigns_conversation_change", args=[found]) if found else ""
            return Told(what, _details(data), link, _("Conversation") if link else "")

        return tell

    return of


def _details(data: Mapping[str, Any]) -> tuple[str, ...]:
    campaign = _("Campaign: %(name)s") % {"name": data["campaignName"]} if data.get("campaignName") else ""
    reason = in_words(data.get("bounceReason") or "")
    return tuple(each for each in (data.get("linkUrl"), data.get("replyPreview"), reason, campaign) if each)


tells("emails", gettext_lazy("E-mails"), (types.EMAIL_SENT, types.EMAIL_BOUNCED, types.EMAIL_UNSUBSCRIBED))(
    _teller(
        {
            types.EMAIL_SENT: gettext_lazy("Sent “%(subject)s”"),
            types.EMAIL_BOUNCED: gettext_lazy("“%(subject)s” came back"),
            types.EMAIL_UNSUBSCRIBED: gettext_lazy("Unsubscribed, in “%(subject)s”"),
        }
    )
)
tells("activity", gettext_lazy("Opens and clicks"), (types.EMAIL_OPENED, types.EMAIL_CLICKED))(
    _teller(
        {
            types.EMAIL_OPENED: gettext_lazy("Opened “%(subject)s”"),
            types.EMAIL_CLICKED: gettext_lazy("Followed a link in “%(subject)s”"),
        }
    )
)
tells("replies", gettext_lazy("Replies"), (types.EMAIL_REPLIED,))(
    _teller({types.EMAIL_REPLIED: gettext_lazy("Answered “%(subject)s”")})
)


@names("campaign")
def _campaigns(workspace: Workspace, ids: set[str]) -> Mapping[str, str]:
    rows = Campaign.objects.of(workspace).filter(pk__in=ids).values_list("pk", "name")
    return {pk: _("Campaign %(name)s") % {"name": name} for pk, name in rows}


@names("account")
def _accounts(workspace: Workspace, ids: set[str]) -> Mapping[str, str]:
    rows = EmailAccount.objects.of(workspace).filter(pk__in=ids).values_list("pk", "email")
    return {pk: _("Mailbox %(email)s") % {"email": email} for pk, email in rows}


@names("contact")
def _themselves(workspace: Workspace, ids: set[str]) -> Mapping[str, str]:
    return {pk: _("The contact") for pk in ids}
