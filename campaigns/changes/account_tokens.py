"""The access token of an account that was signed in to at its provider: renewed shortly before it is over.

Some providers take a refresh token once and give a new one for it, so that two workers that renewed at the same
time would lose the account. Whoever renews takes a short lease first, by one conditional UPDATE: the row then has no
access token, and ``oauth_expires_at`` says how long the lease lasts. Who finds that waits. What came of it is written
where the refresh token is still the one that was shown to the provider: a worker that was stopped past its lease
still saves a new refresh token if nobody else has, and never overwrites a newer one, of another worker or of a person
who has signed in again. Where a renewing fails for now, the old token is put back and used to its end.
"""

import time
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet

from campaigns.changes.account_secrets import sealed, secret
from campaigns.models import EmailAccount
from campaigns.oauth import flow, providers
from campaigns.oauth.flow import Tokens
from campaigns.oauth.problems import Refused, Unavailable
from fluenzr_site.core import clock
from fluenzr_site.core.saying import Sentence, say

EARLY: Final = timedelta(minutes=5)
#: Longer than the provider is waited for (``flow.SECONDS``).
LEASE: Final = timedelta(seconds=60)
_PATIENCE_SECONDS: Final = 20.0
_PAUSE_SECONDS: Final = 0.1
# The account keeps them in English.
_NOBODY: Final = Sentence("Nobody has signed in to %(mailbox)s.")
_DELETED: Final = Sentence("The account %(mailbox)s was deleted.")
_AGAIN: Final = Sentence("%(why)s Connect %(mailbox)s again.")
_COLUMNS: Final = ("oauth_refresh_token", "oauth_access_token", "oauth_expires_at")


def access_token(account: EmailAccount) -> str:
    """One that is good now; ``account`` then has the tokens of its row. Call it outside any transaction.

    Raises Refused when the person must sign in again, Unavailable, and encryption.CannotDecrypt.
    """
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while True:
        _read_again(account)
        now = clock.now()
        if _is_good_until(account, now + EARLY):
            return secret(account, "oauth_access_token")
        if _is_being_renewed(account, now):
            if time.monotonic() >= give_up_at:
                raise Unavailable(say("Another worker is renewing the access to the mailbox."))
            time.sleep(_PAUSE_SECONDS)
        elif not account.oauth_refresh_token:
            raise Refused(_NOBODY(mailbox=account.email))
        elif _claim(account, now + LEASE):
            token = _renewed(account, now)
            if token:
                return token


def _read_again(account: EmailAccount) -> None:
    try:
        account.refresh_from_db(fields=_COLUMNS)
    except EmailAccount.DoesNotExist:
        raise Refused(_DELETED(mailbox=account.email)) from None


def _is_good_until(account: EmailAccount, moment: datetime) -> bool:
    until = account.oauth_expires_at
    return bool(account.oauth_access_token) and until is not None and until > moment


def _is_being_renewed(account: EmailAccount, now: datetime) -> bool:
    until = account.oauth_expires_at
    # A lease that would last longer was taken by a clock that was wrong.
    return not account.oauth_access_token and until is not None and now < until <= now + LEASE


def _claim(account: EmailAccount, until: datetime) -> bool:
    """Whether it is us who renew. ``account`` keeps what was there."""
    seen = {column: getattr(account, column) for column in _COLUMNS}
    return bool(_rows(account).filter(**seen).update(oauth_access_token="", oauth_expires_at=until))


def _renewed(account: EmailAccount, now: datetime) -> str:
    """The new access token, or the old one while it is good; empty where somebody has replaced both."""
    try:
        provider = providers.find(account.login)
        tokens = flow.refresh(provider, secret(account, "oauth_refresh_token"))
    except Refused as error:
        if not _save(account, oauth_access_token="", oauth_expires_at=None):
            return ""
        raise Refused(_AGAIN(why=error, mailbox=account.email)) from None
    except BaseException as error:  # the lease on renewing goes back, also when the process is told to end
        _put_back(account, now + LEASE)
        if isinstance(error, Unavailable) and _is_good_until(account, clock.now()):
            return secret(account, "oauth_access_token")
        raise
    return tokens.access_token if _save(account, **columns(account, tokens)) else ""


def columns(account: EmailAccount, tokens: Tokens) -> dict[str, Any]:
    """What an account's row keeps of its tokens; the refresh token only where there is a new one."""
    kept: dict[str, Any] = {
        "oauth_access_token": sealed(account, "oauth_access_token", tokens.access_token),
        "oauth_expires_at": tokens.expires_at,
    }
    if tokens.refresh_token:
        kept["oauth_refresh_token"] = sealed(account, "oauth_refresh_token", tokens.refresh_token)
    return kept


def discard(account: EmailAccount) -> None:
    """An access token that the mail server refused isn't shown again: the next time a new one is asked for."""
    if account.oauth_access_token:
        shown = _rows(account).filter(oauth_access_token=account.oauth_access_token)
        shown.update(oauth_access_token="", oauth_expires_at=None)


def _put_back(account: EmailAccount, lease_until: datetime) -> None:
    """Let go of the lease, if it is ours still, and leave the row as it was."""
    leased = _rows(account).filter(oauth_access_token="", oauth_expires_at=lease_until)
    leased.update(oauth_access_token=account.oauth_access_token, oauth_expires_at=account.oauth_expires_at)


def _save(account: EmailAccount, **values: Any) -> bool:
    """Whether the refresh token was still the one that we used; else the row stays as it is."""
    while not _rows(account).filter(oauth_refresh_token=account.oauth_refresh_token).update(**values):
        used = secret(account, "oauth_refresh_token")
        _read_again(account)
        # The same one may have been encrypted under another key meanwhile.
        if secret(account, "oauth_refresh_token") != used:
            return False
    for name, value in values.items():
        setattr(account, name, value)
    return True


def _rows(account: EmailAccount) -> QuerySet[EmailAccount]:
    return EmailAccount.objects.of(account.workspace).filter(pk=account.pk)
