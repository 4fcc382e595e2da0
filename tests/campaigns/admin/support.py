"""Short ways to the pages of e-mail accounts."""

from typing import Any

from django.urls import reverse

from campaigns.models import EmailAccount

LIST = "admin:campaigns_emailaccount_changelist"
ADD = "admin:campaigns_emailaccount_add"
NEW: dict[str, Any] = {
    "email": "Zoe@Sender.test",
    "name": "Zoe",
    "smtp_host": "smtp.sender.test",
    "smtp_port": 465,
    "smtp_security": "tls",
    "smtp_username": "zoe",
    "smtp_secret": "hush-1",
    "imap_host": "",
    "imap_port": 993,
    "imap_security": "tls",
    "imap_username": "",
    "imap_secret": "",
    "daily_limit": 80,
    "ramp_first_day": "",
    "ramp_growth": "",
    "ramp_ceiling": "",
}


def of(account: EmailAccount, page: str = "change") -> str:
    return reverse(f"admin:campaigns_emailaccount_{page}", args=[account.pk])


def form_of(account: EmailAccount, **values: Any) -> dict[str, Any]:
    """What the browser sends when somebody changes but these fields."""
    kept = {name: getattr(account, name) for name in NEW if hasattr(account, name)}
    empty = {"smtp_secret": "", "imap_secret": ""}
    return {name: "" if value is None else value for name, value in (kept | empty | values).items()}


def errors(page: Any) -> set[str]:
    """The fields at which the form says that something is wrong."""
    return set(page.context["adminform"].form.errors)


def put(account: EmailAccount, **values: Any) -> EmailAccount:
    """The account with these columns, as whatever happened to it left them."""
    EmailAccount.objects.filter(pk=account.pk).update(**values)
    return EmailAccount.objects.get(pk=account.pk)
