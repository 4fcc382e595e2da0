"""Where people's mailboxes are signed in to: the endpoints, scopes and mail servers of Google and Microsoft.

Clients are the installation's own, from the settings. ``settings.FLUENZR_OAUTH_PROVIDERS`` overrides fields of
``Provider`` by its name, for national clouds: ``{"microsoft": {"token_url": "https://login.microsoftonline.us/…"}}``.
"""

from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, get_args

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

Name = Literal["google", "microsoft"]
Security = Literal["none", "starttls", "tls"]

NAMES: Final[tuple[str, ...]] = get_args(Name)
_TITLES: Final = {"google": "Google", "microsoft": "Microsoft"}
_CLIENTS: Final = {
    "google": ("FLUENZR_GOOGLE_CLIENT_ID", "FLUENZR_GOOGLE_CLIENT_SECRET"),
    "microsoft": ("FLUENZR_MICROSOFT_CLIENT_ID", "FLUENZR_MICROSOFT_CLIENT_SECRET"),
}


@dataclass(frozen=True, slots=True)
class Provider:
    """``mail_scopes`` are those without which no mail can be sent or read; ``scopes`` are asked for beside them.

    ``issuers`` of id tokens may hold ``{tid}``: the tenant that the token names. None known, none is looked at.
    """

    name: str
    title: str
    client_id: str
    client_secret: str = field(repr=False)
    authorization_url: str
    token_url: str
    mail_scopes: tuple[str, ...]
    scopes: tuple[str, ...]
    parameters: dict[str, str]
    issuers: tuple[str, ...]
    smtp_host: str
    smtp_port: int
    smtp_security: Security
    imap_host: str
    imap_port: int
    imap_security: Security


def find(name: str) -> Provider:
    """Raises KeyError for a provider that isn't known, ImproperlyConfigured for overrides of what isn't there."""
    values = {"google": _google, "microsoft": _microsoft}[name]()
    client_id, client_secret = (str(getattr(settings, each, "")) for each in _CLIENTS[name])
    values |= {"name": name, "title": _TITLES[name], "client_id": client_id, "client_secret": client_secret}
    overrides = getattr(settings, "FLUENZR_OAUTH_PROVIDERS", {}).get(name, {})
    unknown = set(overrides).difference(each.name for each in fields(Provider))
    if unknown:
        raise ImproperlyConfigured(f"FLUENZR_OAUTH_PROVIDERS: {name} has no {', '.join(sorted(unknown))}")
    # Lists of JSON are tuples here.
    values |= {key: tuple(value) if isinstance(value, list) else value for key, value in overrides.items()}
    return Provider(**values)


def missing_settings(name: str) -> list[str]:
    """The settings without which nobody can sign in at the provider. Raises KeyError as ``find`` does."""
    return [each for each in _CLIENTS[name] if not getattr(settings, each, "")]


def what_to_set(name: str, redirect_uri: str) -> str:
    """What whoever runs the installation has to do first; empty where nothing is missing."""
    missing = missing_settings(name)
    if not missing:
        return ""
    told = {
        "settings": _(" and ").join(missing),
        "title": _TITLES[name],
        "address": redirect_uri,
    }
    return (
        _(
            "Set %(settings)s, then restart. They are of a client that you register with %(title)s, with the redirect"
            " address %(address)s (see docs/accounts.md)."
        )
        % told
    )


def _google() -> dict[str, Any]:
    return {
        "authorization_url": "https://accounts.google.com/o/oauth2/v2/auth",
        "token_url": "https://oauth2.googleapis.com/token",
        "mail_scopes": ("https://mail.google.com/",),
        "scopes": ("openid", "email"),
        # Without these two, only the first consent would give a refresh token.
        "parameters": {"access_type": "offline", "prompt": "consent"},
        "issuers": ("https://accounts.google.com", "accounts.google.com"),
        "smtp_host": "smtp.gmail.com",
        "smtp_port": 465,
        "smtp_security": "tls",
        "imap_host": "imap.gmail.com",
        "imap_port": 993,
        "imap_security": "tls",
    }


def _microsoft() -> dict[str, Any]:
    tenant = getattr(settings, "FLUENZR_MICROSOFT_TENANT", "") or "common"
    resource = "https://outlook.office.com"
    return {
        "authorization_url": f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
        "token_url": f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
        "mail_scopes": (f"{resource}/SMTP.Send", f"{resource}/IMAP.AccessAsUser.All"),
        # "profile" tells the name that the mailbox is logged in to with, which may differ from its address.
        "scopes": ("offline_access", "openid", "email", "profile"),
        "parameters": {"prompt": "select_account"},
        "issuers": ("https://login.microsoftonline.com/{tid}/v2.0",),
        "smtp_host": "smtp.office365.com",
        "smtp_port": 587,
        "smtp_security": "starttls",
        "imap_host": "outlook.office365.com",
        "imap_port": 993,
        "imap_security": "tls",
    }
