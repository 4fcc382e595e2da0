"""Conversations as the inbox's pages have them."""

from typing import Any, Final

from django.urls import reverse

from campaigns.models import Conversation, ReceivedMail
from fluenzr_site.core import clock
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.correspondence import Correspondence
from tests.campaigns.receiving.folder_server import FolderServer

LIST: Final = "admin:campaigns_conversation_changelist"


def answered(outreach: Outreach, smtp: MailServer, imap: FolderServer) -> Correspondence:
    """Ann has answered the campaign."""
    found = Correspondence(outreach, smtp, imap, company="Lee & Sons")
    found.is_answered("Tell me more.\n\nOn Monday, Rea <read@sender.test> wrote:\n> Hi", Subject="Re: Hello")
    return found


def page_of(conversation: Conversation, name: str = "change", *more: str) -> str:
    return reverse(f"admin:campaigns_conversation_{name}", args=[conversation.pk, *more])


def another(mailbox: Correspondence, address: str, **values: Any) -> Conversation:
    """A conversation of a contact of its own, with one received mail."""
    contact = mailbox.outreach.api.create(address)["id"]
    values = {"status": "read", "last_at": clock.now()} | values
    subject = values.pop("subject", "Hello")
    workspace = mailbox.outreach.workspace
    made = Conversation.objects.create(workspace=workspace, contact_id=contact, account=mailbox.account, **values)
    folder = mailbox.folder("INBOX")
    mail = {"uid_validity": 9, "uid": Conversation.objects.count(), "kind": "reply", "text": "Hi", "subject": subject}
    ReceivedMail.objects.create(
        workspace=workspace, folder=folder, conversation=made, contact_id=contact, at=made.last_at, **mail
    )
    return made
