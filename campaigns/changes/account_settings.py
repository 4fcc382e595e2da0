"""What a person changes of an account that is there: its servers and limits, whether it sends, whether it stays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, RestrictedError

from campaigns.changes import accounts
from campaigns.models import Campaign, Conversation, EmailAccount, MailFolder, Message, ReceivedMail
from fluenzr_site.core import clock, ids
from fluenzr_site.core.encryption import CannotDecrypt

_SENDING: Final = ("smtp_host", "smtp_port", "smtp_security", "smtp_username", "smtp_password")
_READING: Final = ("imap_host", "imap_port", "imap_security", "imap_username", "imap_password")


@dataclass(frozen=True, slots=True)
class Uses:
    """What an account can't be deleted under: campaigns that send from it, e-mails that it sent."""

    campaigns: int
    emails: int

    def __bool__(self) -> bool:
        return bool(self.campaigns or self.emails)


@dataclass(frozen=True, slots=True)
class Belongings:
    """What goes with an account."""

    conversations: int
    received: int


class InUse(Exception):
    """The account can't be deleted; ``uses`` says under what."""

    def __init__(self, uses: Uses) -> None:
        self.uses = uses
        super().__init__(f"{uses.campaigns} campaigns and {uses.emails} e-mails keep the account")


@transaction.atomic
def update(account: EmailAccount, values: Mapping[str, Any]) -> EmailAccount:
    """Set fields of the model, passwords in plain text among them: an empty one leaves that which is kept.

    Other servers or logins connect a failing account again: its next e-mail shows whether they are right. On another
    server the mailbox is read from now on, as that of a new account is. Raises accounts.Invalid.
    """
    row, now = _held(account), clock.now()
    before = {name: getattr(row, name) for name in (*_SENDING, *_READING, "ramp_first_day")}
    given = with_mailbox_login(values, row)
    accounts.assign(row, given)
    if before["ramp_first_day"] is None and row.ramp_first_day is not None:
        row.ramp_started_on = accounts.workspace_day(account.workspace, now)
    changed = {name for name, value in before.items() if getattr(row, name) != value}
    if changed.intersection(_SENDING):
        row.retry_at, row.last_error = None, ""
        if row.state == EmailAccount.State.FAILING:
            row.state = EmailAccount.State.CONNECTED
    row.save(update_fields={*given, "ramp_started_on", "retry_at", "last_error", "state"})
    if changed.intersection(_READING):
        _read_anew(row, now, is_another="imap_host" in changed)
    account.workspace.touch()
    return row


def _held(account: EmailAccount) -> EmailAccount:
    row = EmailAccount.objects.of(account.workspace).select_for_update().get(pk=account.pk)
    row.workspace = account.workspace
    return row


def with_mailbox_login(values: Mapping[str, Any], row: EmailAccount | None = None) -> dict[str, Any]:
    """The values without empty passwords, and with the login of sending for a mailbox that has none of its own.

    A mailbox that shared its user name and password with the sending server goes on to share them.
    """
    given = {name: value for name, value in values.items() if value or name not in accounts.SECRETS}
    whole = {name: given.get(name, getattr(row, name, "")) for name in (*_SENDING, *_READING)}
    if not whole["smtp_username"]:
        given["smtp_password"] = ""
    if not whole["imap_host"]:
        return given | {"imap_username": "", "imap_password": ""}
    given["imap_username"] = username = whole["imap_username"] or whole["smtp_username"]
    if "imap_password" not in given and username == whole["smtp_username"]:
        given |= _shared_password(given, row)
    return given


def _shared_password(given: Mapping[str, Any], row: EmailAccount | None) -> dict[str, Any]:
    sending, own = _secret(row, "smtp_password"), _secret(row, "imap_password")
    if own == "":
        return {"imap_password": given.get("smtp_password", sending or "")}
    if own == sending and "smtp_password" in given:
        return {"imap_password": given["smtp_password"]}
    return {}


def _secret(row: EmailAccount | None, column: str) -> str | None:
    """Empty if there is none, None if it can't be read."""
    try:
        return accounts.secret(row, column) if row else ""
    except CannotDecrypt:
        return None


def _read_anew(row: EmailAccount, now: datetime, *, is_another: bool) -> None:
    """From now on with the new settings, or no more. A worker in the midst of it loses its lease, and stops."""
    folders = MailFolder.objects.filter(account=row)
    folders.update(due_at=now if row.imap_host else None, lease="", leased_until=None, last_error="")
    if is_another:
        folders.update(uid_validity=None, last_uid=0)
    if row.imap_host:
        new = {"id": ids.new("fdr"), "due_at": now}
        MailFolder.objects.get_or_create(account=row, name=accounts.INBOX, defaults=new)


def pause(account: EmailAccount) -> None:
    """Send nothing from it until it is resumed; its mailbox is read on."""
    _rows(account).update(state=EmailAccount.State.PAUSED)
    account.workspace.touch()


def resume(account: EmailAccount) -> None:
    """Send from it again. One that failed and was paused then shows it again with its next e-mail."""
    _rows(account).filter(state=EmailAccount.State.PAUSED).update(state=EmailAccount.State.CONNECTED, retry_at=None)
    account.workspace.touch()


def was_read(account: EmailAccount, now: datetime) -> None:
    """A folder of its mailbox was read without trouble."""
    _rows(account).update(last_read_at=now)


def _rows(account: EmailAccount) -> Any:
    return EmailAccount.objects.of(account.workspace).filter(pk=account.pk)


def uses(account: EmailAccount) -> Uses:
    named = Campaign.objects.of(account.workspace).filter(Q(account=account) | Q(more_accounts=account))
    emails = Message.objects.of(account.workspace).filter(account=account)
    return Uses(named.distinct().count(), emails.count())


def belongings(account: EmailAccount) -> Belongings:
    conversations = Conversation.objects.of(account.workspace).filter(account=account)
    received = ReceivedMail.objects.of(account.workspace).filter(folder__account=account)
    return Belongings(conversations.count(), received.count())


@transaction.atomic
def delete(account: EmailAccount) -> None:
    """Delete an account that nothing keeps, its passwords and its conversations with it. Raises InUse."""
    row = _held(account)
    found = uses(row)
    if found:
        raise InUse(found)
    try:
        row.delete()
    except RestrictedError as error:
        # Used a moment ago.
        raise InUse(uses(row)) from error
    account.workspace.touch()
