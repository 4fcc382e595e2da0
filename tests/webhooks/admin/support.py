"""Short ways to the pages of webhooks."""

import html
from typing import Any

from django.test import Client
from django.urls import reverse

from fluenzr_site.webhooks.models import Attempt, Webhook

LIST = "admin:webhooks_webhook_changelist"
ADD = "admin:webhooks_webhook_add"
URL = "https://example.com/hooks/fluenzr"
NEW: dict[str, Any] = {"url": URL, "events": ["email.replied", "contact.created"], "own_secret": ""}


def of(webhook: dict[str, Any] | Webhook, page: str = "change", *more: str) -> str:
    key = webhook["id"] if isinstance(webhook, dict) else webhook.pk
    return reverse(f"admin:webhooks_webhook_{page}", args=[key, *more])


def text(page: Any) -> str:
    """What a page says, as people read it."""
    return " ".join(html.unescape(page.content.decode()).split())


def errors(page: Any) -> set[str]:
    """The fields at which the form says that something is wrong."""
    form = page.context["adminform"].form if "adminform" in page.context else page.context["form"]
    return set(form.errors)


def newest(webhook: dict[str, Any]) -> Attempt:
    return Attempt.objects.filter(webhook_id=webhook["id"]).order_by("-id")[0]


def everywhere(client: Client, webhook: dict[str, Any]) -> str:
    """All that the pages about a webhook say to who opens them."""
    paths = [reverse(LIST), reverse("admin:index"), of(webhook), of(webhook, "log"), of(webhook, "delete")]
    paths += [of(webhook, "rotate"), of(webhook, "replay")]
    paths += [of(webhook, "entry", entry.pk) for entry in Attempt.objects.filter(webhook_id=webhook["id"])]
    pages = [client.get(path) for path in paths]
    assert [page.status_code for page in pages] == [200] * len(pages)
    return "".join(page.content.decode() for page in pages)
