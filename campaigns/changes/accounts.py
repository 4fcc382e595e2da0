"""The mailboxes that a workspace sends from: how they come, where and as whom they are reached, what became of it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from campaigns.changes import account_tokens
from campaigns.changes.account_secrets import SECRETS as SECRETS
from campaigns.changes.account_secrets import rotate as rotate
from campaigns.changes.account_secrets import sealed
from campaigns.changes.account_secrets import secret as secret
from campaigns.models import EmailAccount, MailFolder
from campaigns.oauth import problems as oauth
from campaigns.oauth.flow import Tokens
from campaigns.oauth.providers import Provider
from campaigns.receiving.mailbox import ImapServer, MailboxAuthenticationFailed, MailboxUnreachable
from campaigns.sending.transport import AuthenticationFailed, SmtpServer, Unreachable
from contacts.addresses import InvalidAddress, normalise
from fluenzr_site.core import clock, ids
from fluenzr_site.core.database import retried
from fluenzr_site.core.saying import Counted, say
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.plans import require_room

INBOX: Final = "INBOX"
WAIT: Final = timedelta(minutes=5)
_ACCOUNTS: Final = Counted("%(count)s e-mail account", "%(count)s e-mail accounts")


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
    account = _new(workspace, now)
    assign(account, values)
    with transaction.atomic():
        _add(account)
        if account.imap_host:
            _read_inbox(account, now)
        workspace.touch()
    return account


@retried
def connect_oauth(
    workspace: Workspace, provider: Provider, tokens: Tokens, email: str, *, username: str = ""
) -> EmailAccount:
    """The account of a mailbox that a person has just signed in to: a new one, or the workspace's own of that address.

    ``username`` is the login's, where it isn't the address. One that was there keeps its name, limits and pause, and
    loses its passwords. Raises Invalid or LimitReached.
    """
    address, now = _normalised(email), clock.now()
    with transaction.atomic():
        # The lock of the workspace's accounts: see _add.
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        account = EmailAccount.objects.of(workspace).select_for_update().filter(email=address).first()
        is_new = account is None
        account = account or _new(workspace, now)
        account.email, account.workspace = address, workspace
        _sign_in(account, provider, tokens, username or address)
        if is_new:
            _add(account)
        else:
            account.save(force_update=True)
        _read_inbox(account, now)
        workspace.touch()
    return account


def _sign_in(account: EmailAccount, provider: Provider, tokens: Tokens, username: str) -> None:
    for kind in ("smtp", "imap"):
        for part in ("host", "port", "security"):
            setattr(account, f"{kind}_{part}", getattr(provider, f"{kind}_{part}"))
        setattr(account, f"{kind}_username", username)
        setattr(account, f"{kind}_password", "")
    account.login = provider.name
    for name, value in account_tokens.columns(account, tokens).items():
        setattr(account, name, value)
    account.last_error, account.retry_at = "", None
    if account.state == EmailAccount.State.FAILING:
        account.state = EmailAccount.State.CONNECTED


def _new(workspace: Workspace, now: datetime) -> EmailAccount:
    return EmailAccount(
        pk=ids.new("acc"), workspace=workspace, created_at=now, ramp_started_on=workspace_day(workspace, now)
    )


def workspace_day(workspace: Workspace, now: datetime) -> date:
    """Whose e-mails an account's limits count."""
    return now.astimezone(ZoneInfo(workspace.timezone)).date()


def _add(account: EmailAccount) -> None:
    """Raises Invalid or LimitReached. The workspace's row is the lock that two additions at once meet at."""
    workspace = account.workspace
    limits = workspace.limits
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    used = EmailAccount.objects.of(workspace).count()
    require_room(limits.email_accounts, used=used, adding=1, what=_ACCOUNTS, plan_title=limits.title)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:
        taken = say("%(email)s is an account of this workspace already", email=account.email)
        raise Invalid({"email": [taken]}) from error


def _read_inbox(account: EmailAccount, now: datetime) -> None:
    """From now on; a worker in the midst of reading with the old login loses its lease, and stops."""
    MailFolder.objects.filter(account=account).update(due_at=now, lease="", leased_until=None, last_error="")
    MailFolder.objects.get_or_create(account=account, name=INBOX, defaults={"id": ids.new("fdr"), "due_at": now})


def assign(account: EmailAccount, values: Mapping[str, Any]) -> None:
    """Set fields of the model, secrets in plain text among them. Raises Invalid; saves nothing."""
    for name, value in values.items():
        setattr(account, name, sealed(account, name, value) if name in SECRETS else value)
    account.email = _normalised(account.email)


def _normalised(email: str) -> str:
    try:
        return normalise(email)
    except InvalidAddress as error:
        raise Invalid({"email": [str(error)]}) from error


def smtp_server(account: EmailAccount) -> SmtpServer:
    """Where and as whom to send. Of an account that was signed in to at its provider, the token may be renewed first.

    Call it outside any transaction. Raises AuthenticationFailed, after which the account is failing, Unreachable, and
    encryption.CannotDecrypt.
    """
    try:
        token = _token(account)
    except oauth.Refused as error:
        raise AuthenticationFailed(str(error)) from None
    except oauth.Unavailable as error:
        raise Unreachable(str(error)) from None
    return SmtpServer(
        host=account.smtp_host,
        port=account.smtp_port,
        security=account.smtp_security,  # type: ignore[arg-type] # one of the choices
        username=account.smtp_username,
        password=secret(account, "smtp_password"),
        oauth_token=token,
    )


def imap_server(account: EmailAccount) -> ImapServer:
    """Where and as whom to read, as ``smtp_server``: MailboxAuthenticationFailed and MailboxUnreachable."""
    try:
        token = _token(account)
    except oauth.Refused as error:
        raise MailboxAuthenticationFailed(str(error)) from None
    except oauth.Unavailable as error:
        raise MailboxUnreachable(str(error)) from None
    return ImapServer(
        host=account.imap_host,
        port=account.imap_port,
        security=account.imap_security,  # type: ignore[arg-type] # one of the choices
        username=account.imap_username,
        password=secret(account, "imap_password"),
        oauth_token=token,
    )


def _token(account: EmailAccount) -> str:
    if account.login == EmailAccount.Login.PASSWORD:
        return ""
    try:
        return account_tokens.access_token(account)
    except oauth.Refused as error:
        # Whether it was to send or to read: neither goes on without a person.
        refused(account, str(error))
        raise


def refused(account: EmailAccount, why: str) -> None:
    """The server doesn't take the login: nothing is sent until a person mends it. A person's pause stays one."""
    _note(account, last_error=why[:500])
    connected = EmailAccount.objects.of(account.workspace).filter(pk=account.pk, state=EmailAccount.State.CONNECTED)
    connected.update(state=EmailAccount.State.FAILING)
    account_tokens.discard(account)


def unreachable(account: EmailAccount, why: str, now: datetime) -> None:
    """The server couldn't be reached: it is left alone for a while."""
    _note(account, retry_at=now + WAIT, last_error=why[:500])


def worked(account: EmailAccount, now: datetime) -> None:
    """An e-mail was taken."""
    _note(account, last_sent_at=now, retry_at=None, last_error="")


def _note(account: EmailAccount, **values: Any) -> None:
    EmailAccount.objects.of(account.workspace).filter(pk=account.pk).update(**values)
