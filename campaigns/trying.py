"""Tries an account out: an e-mail from it to itself, which should come to its inbox."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from campaigns.changes import accounts
from campaigns.composing.headers import InvalidAddress, address
from campaigns.composing.message import Envelope, build
from campaigns.models import EmailAccount
from campaigns.receiving import parsing
from campaigns.receiving.mailbox import Mailbox, MailboxAuthenticationFailed, MailboxError
from campaigns.sending.transport import AuthenticationFailed, Smtp, TransportError, Uncertain
from fluenzr_site.core import clock
from fluenzr_site.core.encryption import CannotDecrypt
from fluenzr_site.core.saying import say

#: Seconds between two looks into the inbox.
PAUSE: Final = 3.0
_AT_A_TIME: Final = 100
_HEAD_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Step:
    """``ok`` is None where it wasn't tried. ``message`` is for a person, and holds no password."""

    ok: bool | None
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    smtp: Step
    imap: Step


@dataclass(frozen=True, slots=True)
class _Trial:
    account: EmailAccount
    # In the Message-ID and the subject, since some servers give a message another ID.
    token: str

    def is_in(self, raw: bytes) -> bool:
        mail = parsing.read(raw)
        return self.token in f"{mail.message_id} {mail.subject}"

    def message(self) -> bytes:
        """Raises InvalidAddress."""
        to = address(self.account.email)
        text = say("This e-mail was sent to try the account out. Nothing needs to be done; it may be deleted.")
        return build(
            Envelope(
                message_id=f"<{self.token}@{to.rpartition('@')[2]}>",
                sender=to,
                sender_name=self.account.name,
                recipient=to,
                recipient_name=self.account.name,
                subject=say("Does %(email)s work? (%(token)s)", email=self.account.email, token=self.token),
                text=text,
                html=f"<p>{text}</p>",
                date=clock.now(),
            )
        )


def try_account(account: EmailAccount, *, seconds: float = 60, wait: Callable[[float], None] = time.sleep) -> Outcome:
    """Send an e-mail from the account to itself and, where it has IMAP, look for it in its inbox for ``seconds``.

    Where the e-mail is taken, a failing account's row is connected again; where SMTP refuses the password, the row
    is failing. A paused account stays paused. Never raises for what servers do. It takes minutes at worst: call it
    outside any transaction.
    """
    trial = _Trial(account, uuid4().hex)
    if not account.imap_host:
        return Outcome(_send(trial), Step(None, say("No IMAP server is set up, so that no inbox was looked into")))
    smtp: Step | None = None
    try:
        with Mailbox(accounts.imap_server(account)) as mailbox:
            # Before it is sent, so that it is among the first that are new.
            last = mailbox.select(accounts.INBOX).uidnext - 1
            smtp = _send(trial)
            if smtp.ok:
                imap = _look(trial, mailbox, last, seconds, wait)
            else:
                imap = Step(True, say("The inbox can be read; there was no e-mail to look for in it"))
    except MailboxAuthenticationFailed as error:
        imap = Step(False, say("The server refuses the login: %(error)s", error=error))
    except (MailboxError, CannotDecrypt) as error:
        imap = Step(False, say("The inbox can't be read: %(error)s", error=error))
    return Outcome(smtp or _send(trial), imap)


def _send(trial: _Trial) -> Step:
    account = trial.account
    if not account.smtp_host:
        return Step(None, say("No SMTP server is set up, so that nothing was sent"))
    try:
        message, to = trial.message(), address(account.email)
        with Smtp(accounts.smtp_server(account)) as connection:
            accepted = connection.send(to, to, message)
    except AuthenticationFailed as error:
        accounts.refused(account, str(error))
        return Step(False, say("The server refuses the login: %(error)s", error=error))
    except CannotDecrypt as error:
        accounts.refused(account, str(error))
        return Step(False, str(error))
    except Uncertain as error:
        return Step(False, say("Whether the e-mail was taken isn't known: %(error)s", error=error))
    except (TransportError, InvalidAddress) as error:
        return Step(False, say("The e-mail wasn't taken: %(error)s", error=error))
    _works(account)
    return Step(True, say("The server took the e-mail: %(response)s", response=accepted.response))


def _works(account: EmailAccount) -> None:
    """The login was taken; that a person paused the account outlives it."""
    rows = EmailAccount.objects.of(account.workspace).filter(pk=account.pk)
    rows.exclude(state=EmailAccount.State.PAUSED).update(state=EmailAccount.State.CONNECTED)
    rows.update(last_error="", retry_at=None)


def _look(trial: _Trial, mailbox: Mailbox, last: int, seconds: float, wait: Callable[[float], None]) -> Step:
    """Raises MailboxError."""
    # Of both, for ``wait`` need not take its time, and servers take theirs.
    waited, until = 0.0, time.monotonic() + seconds
    while True:
        # Opened anew each time: some servers tell of new messages only then.
        mailbox.select(accounts.INBOX)
        uids = mailbox.uids_after(last, _AT_A_TIME)
        if any(trial.is_in(raw) for _, raw in mailbox.fetch(uids, _HEAD_BYTES)):
            return Step(True, say("The e-mail came to the inbox"))
        last = max(uids, default=last)
        if waited >= seconds or time.monotonic() >= until:
            return Step(
                False,
                say(
                    "The e-mail didn't come to the inbox within %(seconds)s seconds: is it in spam?",
                    seconds=f"{seconds:g}",
                ),
            )
        pause = min(PAUSE, seconds - waited)
        wait(pause)
        waited += pause
