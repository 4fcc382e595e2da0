"""Secrets at rest, and what the clients' own tests believe that the server signs."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from fluenzr_site.core import clock, encryption
from fluenzr_site.webhooks import secrets, signing
from fluenzr_site.webhooks.models import Webhook
from tests.api.world import Party

TOLD = json.loads((Path(__file__).resolve().parents[2] / "sdks" / "signed-webhooks.json").read_text())


@pytest.mark.parametrize("call", TOLD["calls"], ids=[call["name"] for call in TOLD["calls"]])
def test_the_clients_are_tested_with_what_is_really_sent(call: dict[str, Any]):
    made = signing.headers(
        TOLD["body"].encode(), secrets=call["secrets"], message_id=call["headers"]["webhook-id"], at=TOLD["at"]
    )
    assert made == call["headers"]


def test_both_secrets_of_a_webhook_come_under_the_new_key(owner: Party, settings: Any):
    settings.FLUENZR_SECRET_KEYS = ["o" * 32]
    body = {"url": "https://hooks.example.com/in", "events": ["contact.created"], "secret": "first-secret"}
    made = owner.api.post("webhooks", body).data["id"]
    owner.api.post(f"webhooks/{made}/rotate-secret", {"secret": "second-secret"})
    settings.FLUENZR_SECRET_KEYS = ["n" * 32, "o" * 32]
    out = StringIO()
    call_command("rotate_secrets", stdout=out)
    assert out.getvalue().strip() == f"0 accounts and 1 webhooks are under key {encryption.current_key_id()} now"
    settings.FLUENZR_SECRET_KEYS = ["n" * 32]
    webhook = Webhook.objects.of(owner.workspace).get(pk=made)
    assert secrets.valid_secrets(webhook, clock.now()) == ["second-secret", "first-secret"]
