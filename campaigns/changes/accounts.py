"""The mailboxes that a workspace sends from, and their secrets."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction

from campaigns.models import EmailAccount, MailFolder
from campaigns.receiving.mailbox import ImapServer
from campaigns.sending.transport import SmtpServer
from contacts.addresses import InvalidAddress, normalise
from fluenzr_site.core import clock, encryption, ids
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.plans import require_room

SECRETS: Final = ("smtp_password", "imap_password")
INBOX: Final = "INBOX"
WAIT: Final = timedelta(minutes=5)


class Invalid(Exception):
    """``problems`` maps each bad field to its messages."""

    def __init__(self, problems: dict[str, list[str]]) -> None:
        self.problems = problems
        super().__init__(next(iter(problems.values()))[0])


def create(workspace: Workspace, values: Mapping[str, Any]) -> EmailAccount:
    """Make an account of the model's fields, passwords in plain text among them, and read its inbox from now on.

    Raises Invalid or LimitReached.
    """
    now = clock.now()
    account = EmailAccount(workspace=workspace, created_at=now, ramp_started_on=now.date())
    account.pk = ids.new("acc")
    _assign(account, values)
    with transaction.atomic():
        limits = workspace.limits
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        used = EmailAccount.objects.of(workspace).count()
        require_room(limits.email_accounts, used=used, adding=1, what="e-mail accounts", plan_title=limits.title)
        try:
            with transaction.atomic():
                account.save(force_insert=True)
        except IntegrityError as error:
            raise Invalid({"email": [f"{account.email} is an account of this workspace already"]}) from error
        if account.imap_host:
            MailFolder.objects.create(id=ids.new("fdr"), account=account, name=INBOX, due_at=now)
        workspace.touch()
    return account


def _assign(account: EmailAccount, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name in SECRETS:
            value = encryption.encrypt(value, context=_context(account, name)) if value else ""
        setattr(account, name, value)
    try:
        account.email = normalise(account.email)
    except InvalidAddress as error:
        raise Invalid({"email": [str(error)]}) from error


def _context(account: EmailAccount, column: str) -> str:
    return f"email_account:{account.pk}:{column}"


def secret(account: EmailAccount, column: str) -> str:
    """A password in plain text; empty if there is none. Raises encryption.CannotDecrypt."""
    stored: str = getattr(account, column)
    return encryption.decrypt(stored, context=_context(account, column)) if stored else ""


def smtp_server(account: EmailAccount) -> SmtpServer:
    return SmtpServer(
        host=account.smtp_host,
        port=account.smtp_port,
        security=account.smtp_security,  # type: ignore[arg-type] # one of the choices
        username=account.smtp_username,
        password=secret(account, "smtp_password"),
    )


def imap_server(account: EmailAccount) -> ImapServer:
    return ImapServer(
        host=account.imap_host,
        port=account.imap_port,
        security=account.imap_security,  # type: ignore[arg-type] # one of the choices
        username=account.imap_username,
        password=secret(account, "imap_password"),
    )


def refused(account: EmailAccount, why: str) -> None:
    """The server doesn't take the password: nothing is sent until a person mends it. A person's pause stays one."""
    _note(account, last_error=why[:500])
    connected = EmailAccount.objects.of(account.workspace).filter(pk=account.pk, state=EmailAccount.State.CONNECTED)
    connected.update(state=EmailAccount.State.FAILING)


def unreachable(account: EmailAccount, why: str, now: datetime) -> None:
    """The server couldn't be reached: it is left alone for a while."""
    _note(account, retry_at=now + WAIT, last_error=why[:500])


def worked(account: EmailAccount, now: datetime) -> None:
    """An e-mail was taken."""
    _note(account, last_sent_at=now, retry_at=None, last_error="")


def _note(account: EmailAccount, **values: Any) -> None:
    EmailAccount.objects.of(account.workspace).filter(pk=account.pk).update(**values)


def rotate(account: EmailAccount) -> bool:
    """Encrypt the account's passwords under the current key; whether any wasn't."""
    changed = {}
    for column in SECRETS:
        stored: str = getattr(account, column)
        if stored and encryption.key_id_of(stored) != encryption.current_key_id():
            changed[column] = encryption.encrypt(secret(account, column), context=_context(account, column))
    if changed:
        _note(account, **changed)
    return bool(changed)
