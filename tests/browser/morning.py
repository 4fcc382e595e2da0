"""The machines of the first morning: a worker that does what is due, and mail servers of our own on loopback."""

from datetime import timedelta
from email import message_from_bytes
from typing import Any, Final, Self

import time_machine

from campaigns import tasks as campaigns
from campaigns.sandbox import recipients
from campaigns.sandbox.imap_server import ImapServer
from campaigns.sandbox.smtp_server import Received, SmtpServer
from contacts.imports import tasks as imports
from fluenzr_site.core import clock

ADDRESS: Final = "mia@acme.example"
MAILBOX_PASSWORD: Final = "hush, mailbox"


class Mail:
    """An e-mail that left us."""

    def __init__(self, raw: bytes) -> None:
        self.delivered = recipients.read(raw)
        self.recipient, self.subject = self.delivered.recipient, self.delivered.subject
        self.message_id, self.text = self.delivered.message_id, self.delivered.text.replace("\r\n", "\n")
        self.references = self.delivered.references
        self.replies_to = str(message_from_bytes(raw)["In-Reply-To"] or "")


class Office:
    """Time passes here only while the worker works, but for the seconds that the test itself takes."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller
        self.mails: list[Mail] = []
        self.smtp, self.inbox = SmtpServer(self._take), ImapServer(ADDRESS, MAILBOX_PASSWORD)

    def __enter__(self) -> Self:
        self.smtp.__enter__()
        self.inbox.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.inbox.__exit__(*error)
        self.smtp.__exit__(*error)

    def _take(self, received: Received) -> str:
        """What is for ourselves comes to our own mailbox, as a provider sees to."""
        if received.recipients == (ADDRESS,):
            self.inbox.append(received.content)
        else:
            self.mails.append(Mail(received.content))
        return "250 2.0.0 Taken"

    def works(self, *, turns: int = 1) -> None:
        """What the worker does, every three minutes: a campaign may then send its next e-mail, at 30 an hour."""
        for _ in range(turns):
            self._traveller.shift(timedelta(minutes=3))
            imports.tick()
            campaigns.receive()
            campaigns.send()

    def to(self, address: str) -> list[Mail]:
        return [mail for mail in self.mails if mail.recipient == address]

    def answers(self, mail: Mail) -> str:
        """A person's answer comes in; its Message-ID."""
        raw = recipients.reply(mail.delivered, clock.now())
        self.inbox.append(raw)
        return Mail(raw).message_id
