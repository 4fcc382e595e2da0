"""What is wrong with a webhook's form is said in French to who reads French, and in English to programs."""

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


def test_one_webhook_too_many(french: Client, owner: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fluenzr_site.webhooks.changes.MOST", 0)
    page = french.post(reverse(ADD), NEW)
    assert page.context["adminform"].form.errors["__all__"] == ["«A workspace has at most 0 webhooks.»"]
