"""Sends e-mails at most once: reserved in one transaction, each begun in one of its own, the server asked outside
any, the results recorded in one more.

That an e-mail is begun is written before its first byte leaves. A worker that is killed leaves what it had reserved
to others, what the server had taken to be booked, and the one that was on its way uncertain.
"""

import threading
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError, InterfaceError, OperationalError

from campaigns.changes import accounts
from campaigns.composing.headers import InvalidAddress, address
from campaigns.models import Campaign, EmailAccount
from campaigns.sending import claiming, recording, wording, writing
from campaigns.sending.claiming import Batch, Intent
from campaigns.sending.recording import Outcome, Result, Unwritable
from campaigns.sending.transport import Accepted, Permanent, Smtp, Temporary, TransportError, Uncertain, Unreachable
from fluenzr_site.core import clock, outbound
from fluenzr_site.core.encryption import CannotDecrypt

REPLY_SECONDS: Final = 90.0
#: What is reserved and not begun by then is left for the next time: the hours or the pace may say otherwise.
LONGEST: Final = timedelta(seconds=5)
stopping = threading.Event()


class Connections:
    """SMTP connections that are kept for the next message, one an account. Close them when there is no more to do."""

    def __init__(self) -> None:
        self._open: dict[str, Smtp] = {}

    def send(self, account: EmailAccount, recipient: str, raw: bytes) -> Accepted:
        """Raises TransportError; after any but a refusal of this one message the connection is closed."""
        try:
            return self.open(account).send(account.email, recipient, raw)
        except (Temporary, Permanent):
            raise
        except TransportError:
            self._drop(account.pk)
            raise

    def open(self, account: EmailAccount) -> Smtp:
        """The account's connection, made unless it is there. Raises TransportError or CannotDecrypt."""
        if account.pk not in self._open:
            connection = Smtp(accounts.smtp_server(account), reply_timeout=REPLY_SECONDS)
            connection.__enter__()
            self._open[account.pk] = connection
        return self._open[account.pk]

    def _drop(self, account_id: str) -> None:
        connection = self._open.pop(account_id, None)
        if connection:
            connection.__exit__(None, None, None)

    def close(self) -> None:
        for account_id in list(self._open):
            self._drop(account_id)


def deliver(campaign: Campaign, connections: Connections, now: datetime) -> int:
    """Send the campaign's e-mails that are due and may go, up to a batch of them; how many things were done."""
    if not claiming.waits(campaign, now):
        return 0
    batch = claiming.claim(campaign, now)
    if batch.intents:
        _Sending(batch, connections).run()
    return batch.settled + len(batch.intents)


class _Sending:
    """One batch on its way."""

    def __init__(self, batch: Batch, connections: Connections) -> None:
        self._batch, self._connections = batch, connections
        self._results: list[Result] = []
        # What the server took last, which isn't written yet.
        self._taken: Result | None = None
        self._broken: set[str] = set()
        self._is_over = False
        self._until = clock.now() + LONGEST

    def run(self) -> None:
        try:
            for intent in self._batch.intents:
                if self._may_go(intent):
                    self._send(intent)
                else:
                    self._leave(intent)
        except Exception:
            # What servers took must not become uncertain.
            self._record()
            raise
        self._record()

    def _may_go(self, intent: Intent) -> bool:
        now, closing = clock.now(), self._batch.closes_at
        is_late = now > self._until or (closing is not None and now >= closing)
        return not (is_late or self._is_over or stopping.is_set() or intent.message.account_id in self._broken)

    def _leave(self, intent: Intent) -> None:
        """For the next time."""
        self._results.append(Result(intent, None, clock.now()))

    def _send(self, intent: Intent) -> None:
        raw = self._ready(intent)
        if not isinstance(raw, bytes):
            self._results.append(Result(intent, raw, clock.now()))
            if isinstance(raw, TransportError | CannotDecrypt):
                self._broken.add(intent.message.account_id)
                self._record()
            return
        # Getting ready may have taken its time.
        if not self._may_go(intent) or not self._begun(intent):
            self._leave(intent)
            return
        result = Result(intent, self._asked(intent, raw), clock.now())
        self._results.append(result)
        if isinstance(result.outcome, Accepted):
            self._taken = result
            return
        if not isinstance(result.outcome, Temporary | Permanent | Uncertain):
            self._broken.add(intent.message.account_id)
        # Written at once: cut off later, it would be uncertain.
        self._record()

    def _ready(self, intent: Intent) -> bytes | Outcome | None:
        """Its bytes, with a connection that stands: who is killed until here leaves nothing uncertain."""
        try:
            raw = _written(intent, clock.now())
            if isinstance(raw, bytes):
                self._connections.open(intent.message.account)
            return raw
        except (InterfaceError, OperationalError):
            self._is_over = True
            return None
        except Unreachable as error:
            return None if outbound.has_hung_up() else error
        except (TransportError, CannotDecrypt) as error:
            return error

    def _begun(self, intent: Intent) -> bool:
        """Whether it may be sent now. Not where it has left the campaign, or our hands, since it was reserved."""
        before, self._taken = self._taken, None
        try:
            return recording.begin(self._batch.claim, intent.message, before)
        except (InterfaceError, OperationalError):
            # What was sent so far is told once the database is back; no more is begun until then.
            self._is_over = True
            return False

    def _asked(self, intent: Intent, raw: bytes) -> Outcome | None:
        try:
            return self._connections.send(intent.message.account, address(intent.message.recipient), raw)
        except Unreachable as error:
            # That we have hung up says nothing about the server, and nothing was sent.
            return None if outbound.has_hung_up() else error
        except (TransportError, CannotDecrypt) as error:
            return error

    def _record(self) -> None:
        if self._results:
            recording.record(self._batch, self._results)
        self._results, self._taken = [], None


def _written(intent: Intent, now: datetime) -> bytes | Unwritable:
    """An e-mail that can't be written must not stop the others."""
    try:
        address(intent.message.recipient)
        return writing.write(intent.message, intent.node, intent.enrolment.contact, intent.earlier, now)
    except InvalidAddress as error:
        return Unwritable(wording.NO_ADDRESS(why=error))
    except DatabaseError:
        # It says nothing about the e-mail.
        raise
    except Exception as error:
        # Its words stay out: they may be what somebody wrote.
        return Unwritable(wording.UNWRITTEN(error=type(error).__name__))
