"""What is wrong with a webhook's form is said in French to who reads French, and in English to programs."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fluenzr_site.workspaces.profiles import update_profile
from tests.admin.conftest import person, signed_in
from tests.api.world import Party
from tests.support.marking import mark
from tests.webhooks.admin.support import ADD, NEW


@pytest.fixture
def french(owner: Party, monkeypatch: pytest.MonkeyPatch) -> Client:
    ada = person("ada", owner.workspace, "admin")
    update_profile(ada, {"language": "fr"})
    mark(monkeypatch, "fluenzr_site/webhooks/urls_allowed.py", "fluenzr_site/webhooks/admin/forms.py")
    return signed_in(ada)


def test_a_url(french: Client, owner: Party) -> None:
    page = french.post(reverse(ADD), NEW | {"url": "ftp://example.com/"})
    assert page.context["adminform"].form.errors["url"] == ["«The URL must begin with https://.»"]
    body = {"url": "ftp://example.com/", "events": ["contact.created"]}
    answer = owner.api.post("webhooks", body, accept_language="fr")
    assert answer.message == "The URL must begin with https://."


def test_the_log_keeps_english_whoever_has_the_test_sent(french: Client, owner: Party, settings: Any) -> None:
    """What was allowed when the address was entered, and is no more."""
    settings.FLUENZR_PRIVATE_NETWORKS = ["10.0.0.0/8"]
    made = owner.api.post("webhooks", {"url": "https://10.1.2.3/", "events": ["contact.created"]}).data
    settings.FLUENZR_PRIVATE_NETWORKS = []
    page = french.post(reverse("admin:webhooks_webhook_test", args=[made["id"]]))
    told = "10.1.2.3 is a private address. FLUENZR_PRIVATE_NETWORKS can name networks that may be reached."
    [entry] = owner.api.get(f"webhooks/{made['id']}/logs").data
    assert entry["error"] == told
    assert f"«{told}»" in page.text


def test_one_webhook_too_many(french: Client, owner: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fluenzr_site.webhooks.changes.MOST", 0)
    page = french.post(reverse(ADD), NEW)
    assert page.context["adminform"].form.errors["__all__"] == ["«A workspace has at most 0 webhooks.»"]
