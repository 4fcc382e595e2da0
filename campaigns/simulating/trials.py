"""Sends one e-mail to somebody of the team, to be looked at: through the campaign's account, counted nowhere."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from django.utils.translation import gettext as _

from campaigns import queries
from campaigns.changes import accounts
from campaigns.composing.headers import InvalidAddress, address
from campaigns.composing.message import Envelope, build
from campaigns.models import Campaign, EmailAccount
from campaigns.sending.transport import AuthenticationFailed, Smtp, SmtpServer, TransportError, Uncertain
from campaigns.simulating.specimens import NOBODY, Specimen, Text, compose
from campaigns.tracking import tokens
from contacts.addresses import InvalidAddress as NotNormal
from contacts.addresses import normalise
from contacts.models import Contact
from fluenzr_site.core import clock
from fluenzr_site.core.encryption import CannotDecrypt
from fluenzr_site.core.saying import say

PREFIX: Final = "[Test] "
CONNECT_SECONDS: Final = 10.0
REPLY_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """``message`` is for a person, and holds no password."""

    ok: bool
    message: str


def send_test(campaign: Campaign, text: Text, contact: Contact, recipient: str) -> Outcome:
    """Send ``text``, as ``contact`` would get it, to ``recipient``, marked as a test.

    Its links aren't followed, its unsubscribe link unsubscribes nobody, and no limit counts it. Never raises for what
    servers do. It takes a minute at worst: call it outside any transaction.
    """
    account, now = campaign.account, clock.now()
    account.workspace = campaign.workspace
    specimen = compose(campaign, text, contact, now)
    if specimen.problems:
        return Outcome(False, say("Nothing was sent: %(problem)s", problem=specimen.problems[0]))
    try:
        to = address(recipient.strip().lower())
    except InvalidAddress as error:
        return Outcome(False, str(error))
    if _is_never_mailed(campaign, to):
        never = _("Nothing was sent: %(address)s has unsubscribed, bounced, been blocked or erased.")
        return Outcome(False, never % {"address": to})
    if not account.smtp_host:
        return Outcome(False, _("Nothing was sent: %(account)s has no server yet.") % {"account": account.email})
    return _given(account, to, specimen, now)


def _is_never_mailed(campaign: Campaign, to: str) -> bool:
    """Whom campaigns never write to gets no test of one either, however the domain is spelled."""
    try:
        recipient = normalise(to)
    except NotNormal:
        recipient = to
    known = Contact.objects.of(campaign.workspace).filter(email=recipient).first()
    somebody = known or Contact(workspace=campaign.workspace, email=recipient)
    somebody.workspace = campaign.workspace
    return bool(queries.why_not_mailable(somebody))


def _given(account: EmailAccount, to: str, specimen: Specimen, now: datetime) -> Outcome:
    try:
        raw = _bytes(account, to, specimen, now)
        with _connected(accounts.smtp_server(account)) as connection:
            accepted = connection.send(address(account.email), to, raw)
    except (AuthenticationFailed, CannotDecrypt) as error:
        accounts.refused(account, str(error))
        text = say("The server refuses the login of %(account)s: %(error)s", account=account.email, error=error)
        return Outcome(False, text)
    except Uncertain as error:
        return Outcome(False, say("Whether the e-mail was taken isn't known: %(error)s", error=error))
    except (TransportError, InvalidAddress) as error:
        return Outcome(False, say("The e-mail wasn't taken: %(error)s", error=error))
    sent = say(
        "A test is on its way to %(address)s. The server said: %(response)s", address=to, response=accepted.response
    )
    return Outcome(True, sent)


def _connected(server: SmtpServer) -> Smtp:
    return Smtp(server, connect_timeout=CONNECT_SECONDS, reply_timeout=REPLY_SECONDS)


def _bytes(account: EmailAccount, to: str, specimen: Specimen, now: datetime) -> bytes:
    """Raises InvalidAddress."""
    sender = address(account.email)
    return build(
        Envelope(
            message_id=f"<test-{uuid4().hex}@{sender.rpartition('@')[2]}>",
            sender=account.email,
            sender_name=account.name,
            recipient=to,
            recipient_name="",
            subject=PREFIX + specimen.subject,
            text=specimen.text,
            html=specimen.html,
            date=now,
            unsubscribe_url=tokens.url("u", NOBODY),
        )
    )
