"""An account whose folders are read, a campaign that was answered, and the answers that people write."""

from email.message import EmailMessage
from typing import Any

from django.contrib.auth.models import User

from campaigns.changes import conversations
from campaigns.models import Conversation, EmailAccount, MailFolder, Reply
from campaigns.receiving import collect
from campaigns.sandbox import recipients
from campaigns.sending import replies
from fluenzr_site.core import clock
from fluenzr_site.workspaces.changes import add_member
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.receiving.folder_server import FolderServer
from tests.campaigns.workflow.examples import email, sequence

ADDRESS = "read@sender.test"


class Correspondence:
    """``ann@x.co`` has got the first e-mail of a campaign from ``account``."""

    def __init__(self, outreach: Outreach, smtp: MailServer, imap: FolderServer, **contact: Any) -> None:
        self.outreach, self.smtp, self.imap = outreach, smtp, imap
        server = {"imap_host": "127.0.0.1", "imap_port": imap.port, "imap_security": "none"}
        login = {"imap_username": "ann", "imap_password": "secret"}
        self.account: EmailAccount = outreach.connect(ADDRESS, name="Rea Reader", **server, **login)
        self.read()
        self.ann = outreach.api.create("ann@x.co", firstName="Ann", lastName="Lee", **contact)["id"]
        self.campaign_id = outreach.draft(sequence(email("first", subject="Hello")), emailAccountId=self.account.pk)
        outreach.add(self.campaign_id, [self.ann])
        assert outreach.api.post(f"campaigns/{self.campaign_id}/start").status == 200
        outreach.run()
        self.mail = recipients.read(smtp.to("ann@x.co")[0].message.as_bytes())

    def read(self) -> None:
        """What is there now, in every folder that is due."""
        self.outreach.clock.shift(collect.EVERY)
        while collect.read_due():
            pass

    def folder(self, name: str) -> MailFolder:
        return MailFolder.objects.get(account=self.account, name=name)

    def is_answered(self, text: str = "", **headers: str) -> Conversation:
        """Ann replies; the conversation that comes of it."""
        self.imap.append(self.reply_of_ann(text, **headers) if text else recipients.reply(self.mail, clock.now()))
        self.read()
        return self.conversation()

    def reply_of_ann(self, text: str, **headers: str) -> bytes:
        named = {"In-Reply-To": self.mail.message_id, "References": self.mail.message_id}
        return written("ann@x.co", ADDRESS, text, **named | headers)

    def conversation(self) -> Conversation:
        return Conversation.objects.get(account=self.account)

    def answer(self, text: str = "With pleasure.", author: User | None = None) -> Reply:
        conversation, token = self.conversation(), conversations.new_token()
        return conversations.reply(self.outreach.workspace, conversation.pk, text, author=author, token=token)

    def answers(self) -> list[Any]:
        """The answers that reached Ann, without the campaign's e-mail."""
        return [each.message for each in self.smtp.to("ann@x.co")[1:]]


def written(sender: str, to: str, text: str, **headers: str) -> bytes:
    """A mail as a person's program writes it, with a Message-ID of its text unless one is given."""
    message = EmailMessage()
    values = {"From": sender, "To": to, "Subject": "Re: Hello", "Message-ID": f"<{abs(hash(text))}@person.test>"}
    for name, value in {**values, **headers}.items():
        message[name] = value
    message.set_content(text)
    return message.as_bytes()


def send_all() -> int:
    """Send the answers that are due; how many were looked at."""
    done = 0
    while replies.send_due():
        done += 1
    return done


def member(workspace: Any, name: str = "mia") -> User:
    user = User.objects.create(username=name, first_name=name.title(), is_staff=True)
    add_member(workspace, user, role="member")
    return user
