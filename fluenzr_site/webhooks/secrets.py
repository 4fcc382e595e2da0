"""A webhook's secrets as they are kept: encrypted, bound to the webhook and the column."""

from datetime import datetime

from fluenzr_site.core import encryption
from fluenzr_site.webhooks.models import Webhook


def seal(webhook_id: str, secret: str, column: str = "secret") -> str:
    return encryption.encrypt(secret, context=f"webhook:{webhook_id}:{column}")


def unseal(webhook_id: str, stored: str, column: str = "secret") -> str:
    """Raises CannotDecrypt."""
    return encryption.decrypt(stored, context=f"webhook:{webhook_id}:{column}")


def valid_secrets(webhook: Webhook, now: datetime) -> list[str]:
    """Those to sign with, newest first. Raises CannotDecrypt."""
    found = [unseal(webhook.pk, webhook.secret)]
    if webhook.previous_secret and webhook.overlaps_until(now):
        found.append(unseal(webhook.pk, webhook.previous_secret, "previous_secret"))
    return found
