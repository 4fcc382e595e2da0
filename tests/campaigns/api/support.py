"""A mail server that keeps what it gets, and a workspace whose campaigns send to it."""

import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from campaigns.changes import accounts, outcomes
from campaigns.models import Campaign, EmailAccount, Enrolment, Message
from campaigns.sending.turn import take_turn
from fluenzr_site.events.recording import Actor, change
from tests.api.world import Party
from tests.campaigns.workflow.examples import email, sequence

#: A Monday.
MONDAY = "2030-01-07T10:00:00Z"
WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
ALWAYS = {
    "sendDays": WEEK,
    "sendHoursStart": 0,
    "sendHoursEnd": 24,
    "timezone": "UTC",
    "maxEmailsPerHour": 1_000_000,
}
TESTS = Actor("command", "tests")


@dataclass(frozen=True, slots=True)
class Received:
    """An e-mail as the server got it."""

    sender: str
    recipient: str
    message: EmailMessage

    @property
    def html(self) -> str:
        return self.message.get_body(("html",)).get_content()

    @property
    def text(self) -> str:
        return self.message.get_body(("plain",)).get_content()

    def path(self, kind: str) -> str:
        """The path of its first ``o``, ``c`` or ``u`` link."""
        return re.search(rf"https?://[^/\"]+(/{kind}/[^\"\s<>]+)", self.html)[1]


class MailServer:
    """Takes everything, but for recipients that ``answers`` has a reply for, and logins that aren't ``password``."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.received: list[Received] = []
        self.answers: dict[str, str] = {}
        # What is said to the content, by its recipient.
        self.answers_to_content: dict[str, str] = {}
        self.refused: list[str] = []
        # Recipients whose e-mail is taken, and the connection reset before that is said.
        self.hangs_up_on: set[str] = set()
        self.password = "right"
        self.logins = 0

    @property
    def recipients(self) -> list[str]:
        return [each.recipient for each in self.received]

    def to(self, recipient: str) -> list[Received]:
        return [each for each in self.received if each.recipient == recipient]

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.answers:
            self.refused.append(address)
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        for each in envelope.rcpt_tos:
            if each in self.answers_to_content:
                return self.answers_to_content[each]
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.received += [Received(envelope.mail_from, each, message) for each in envelope.rcpt_tos]
        if self.hangs_up_on.intersection(envelope.rcpt_tos):
            server.transport.abort()
        return "250 2.0.0 queued"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.logins += 1
        return AuthResult(success=data.password == self.password.encode(), handled=False)


class Listening(Controller):
    """aiosmtpd on a port that the system chose."""

    def __init__(self, mail: MailServer) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        options = {"authenticator": mail.authenticate, "auth_require_tls": False}
        super().__init__(mail, hostname="127.0.0.1", port=port, **options)

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._listener)


class Outreach:
    """A workspace, a connected account of it, and short ways to campaigns."""

    def __init__(self, party: Party, port: int, clock: time_machine.Traveller) -> None:
        self.workspace, self.api, self.port, self.clock = party.workspace, party.api, port, clock
        self.account = self.connect("sam@sender.test", name="Sam Sender")

    def connect(self, address: str, **values: Any) -> EmailAccount:
        server = {"smtp_host": "127.0.0.1", "smtp_port": self.port, "smtp_security": "none"}
        return accounts.create(self.workspace, {"email": address, **server, **values})

    def draft(self, workflow: dict[str, Any] | None = None, **fields: Any) -> str:
        """A campaign that sends around the clock, unless told otherwise."""
        settings = ALWAYS | fields.pop("settings", {})
        body = {"name": "Hello", "emailAccountId": self.account.pk, "settings": settings}
        answer = self.api.post("campaigns", body | {"workflow": workflow or sequence(email("first"))} | fields)
        assert answer.status == 201, answer.json
        return answer.data["id"]

    def people(self, *addresses: str) -> list[str]:
        return [self.api.create(address)["id"] for address in addresses]

    def add(self, campaign_id: str, contact_ids: Iterable[str]) -> dict[str, Any]:
        return self.api.post(f"campaigns/{campaign_id}/contacts", {"contactIds": list(contact_ids)}).data

    def started(self, workflow: dict[str, Any] | None = None, to: Iterable[str] = ("ann@x.co",), **fields: Any) -> str:
        """A campaign that runs, with these people in it."""
        campaign_id = self.draft(workflow, **fields)
        if to:
            self.add(campaign_id, self.people(*to))
        answer = self.api.post(f"campaigns/{campaign_id}/start")
        assert answer.status == 200, answer.json
        return campaign_id

    def run(self) -> None:
        """Take turns, a second apart, until nothing is due."""
        idle = 0
        for _ in range(500):
            idle = 0 if take_turn() else idle + 1
            self.clock.shift(1)
            if idle == 2:
                return
        raise AssertionError("The engine never rests")

    def wait(self, **time: float) -> None:
        """Let time pass, then do what is due."""
        self.clock.shift(timedelta(**time))
        self.run()

    def status(self, campaign_id: str) -> str:
        return self.api.get(f"campaigns/{campaign_id}").data["status"]

    def stats(self, campaign_id: str) -> dict[str, Any]:
        return self.api.get(f"campaigns/{campaign_id}/stats").data

    def states(self, campaign_id: str) -> dict[str, str]:
        """Where each contact stands, by address."""
        rows = Enrolment.objects.filter(campaign_id=campaign_id).values_list("contact__email", "status")
        return dict(rows)

    def message(self, recipient: str, node_id: str = "first") -> Message:
        return Message.objects.of(self.workspace).get(recipient=recipient, node_id=node_id)

    def outcome(self, what: str, recipient: str, node_id: str = "first", **values: Any) -> None:
        """Record what became of an e-mail, as what reads the mailbox does."""
        with change(self.workspace, TESTS) as unit:
            held = outcomes.held(self.workspace, self.message(recipient, node_id).pk)
            getattr(outcomes, what)(unit, held, **values)

    def fetch(self, path: str, agent: str = "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0", **more: Any) -> Any:
        """What a reader's program does with a public link, ten seconds later."""
        self.clock.shift(10)
        return self.api.client.get(path, HTTP_USER_AGENT=agent, **more)


def of(campaign_id: str) -> Campaign:
    return Campaign.objects.get(pk=campaign_id)
