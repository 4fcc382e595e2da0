"""An account's passwords and tokens, as they are kept: encrypted, and bound to their row and column."""

from typing import Final

from campaigns.models import EmailAccount
from fluenzr_site.core import encryption

PASSWORDS: Final = ("smtp_password", "imap_password")
TOKENS: Final = ("oauth_refresh_token", "oauth_access_token")
SECRETS: Final = (*PASSWORDS, *TOKENS)


def sealed(account: EmailAccount, column: str, plain: str) -> str:
    """What to keep of ``plain`` in that column of this row; empty for an empty one."""
    return encryption.encrypt(plain, context=_context(account, column)) if plain else ""


def secret(account: EmailAccount, column: str) -> str:
    """A password or token in plain text; empty if there is none. Raises encryption.CannotDecrypt."""
    stored: str = getattr(account, column)
    return encryption.decrypt(stored, context=_context(account, column)) if stored else ""


def rotate(account: EmailAccount) -> bool:
    """Encrypt the account's secrets under the current key; whether any wasn't. Raises encryption.CannotDecrypt."""
    return sum(_rotate(account, column) for column in SECRETS) > 0


def _rotate(account: EmailAccount, column: str) -> bool:
    stored: str = getattr(account, column)
    while stored and encryption.key_id_of(stored) != encryption.current_key_id():
        rows = EmailAccount.objects.of(account.workspace).filter(pk=account.pk)
        anew = sealed(account, column, secret(account, column))
        # A worker may have put a new token there meanwhile: the old one must not come back.
        if rows.filter(**{column: stored}).update(**{column: anew}):
            setattr(account, column, anew)
            return True
        stored = rows.values_list(column, flat=True).first() or ""
        setattr(account, column, stored)
    return False


def _context(account: EmailAccount, column: str) -> str:
    return f"email_account:{account.pk}:{column}"
