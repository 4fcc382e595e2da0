"""A person at the button, a provider with its mail servers, and a workspace that sends through them."""

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from campaigns.models import EmailAccount
from fluenzr_site.workspaces.models import Workspace
from tests.admin.conftest import person, signed_in
from tests.campaigns.api.support import Listening, Outreach
from tests.campaigns.oauth.authorisation import CLIENT, CLIENT_SECRET, AuthorisationServer, decided
from tests.campaigns.oauth.mail_servers import XoauthImapServer, XoauthMailServer


@pytest.fixture
def provider() -> Iterator[AuthorisationServer]:
    with AuthorisationServer() as server:
        yield server


@pytest.fixture
def imap(provider: AuthorisationServer) -> Iterator[XoauthImapServer]:
    with XoauthImapServer(provider) as server:
        yield server


@pytest.fixture
def mail(provider: AuthorisationServer) -> Iterator[XoauthMailServer]:
    server = XoauthMailServer(provider)
    server.listening = Listening(server)
    server.listening.start()
    yield server
    server.listening.stop()


@pytest.fixture
def configured(
    settings: Any, provider: AuthorisationServer, mail: XoauthMailServer, imap: XoauthImapServer
) -> AuthorisationServer:
    """Both providers lead to the servers of the test."""
    smtp = {"smtp_host": "127.0.0.1", "smtp_port": mail.listening.port, "smtp_security": "none"}
    reading = {"imap_host": "127.0.0.1", "imap_port": imap.port, "imap_security": "none"}
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    settings.FLUENZR_PUBLIC_URL = "http://testserver"
    settings.FLUENZR_OAUTH_PROVIDERS = {name: provider.endpoints() | smtp | reading for name in ("google", "microsoft")}
    for name in ("GOOGLE", "MICROSOFT"):
        setattr(settings, f"FLUENZR_{name}_CLIENT_ID", CLIENT)
        setattr(settings, f"FLUENZR_{name}_CLIENT_SECRET", CLIENT_SECRET)
    return provider


class Person:
    """Somebody signed in to the admin."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def press(self, provider: str = "google", **fields: str) -> str:
        """The button; the provider's address that it leads to."""
        address = reverse("admin:campaigns_emailaccount_connect", args=[provider])
        page = self.client.post(address, fields)
        assert page.status_code == 200, page.get("Location")
        found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.content.decode())
        assert found, "The page leads nowhere"
        return html.unescape(found[1])

    def come_back(self, address: str) -> str:
        """The provider's redirect; what the list of accounts then tells."""
        prefix = f"{django_settings.FLUENZR_PUBLIC_URL}{reverse('admin:campaigns_emailaccount_connected')}"
        assert address.startswith(prefix)
        return self.told(self.client.get(address.removeprefix(django_settings.FLUENZR_PUBLIC_URL)))

    def told(self, answer: Any) -> str:
        assert (answer.status_code, answer["Location"]) == (302, reverse("admin:campaigns_emailaccount_changelist"))
        [message] = get_messages(answer.wsgi_request)
        # It is shown once.
        page = self.client.get(answer["Location"])
        assert html.escape(str(message)) in page.content.decode()
        return str(message)

    def sign_in(self, provider: str = "google") -> str:
        return self.come_back(decided(self.press(provider)))


@pytest.fixture
def ada(outreach: Outreach, configured: AuthorisationServer) -> Person:
    """An administrator of the workspace that sends."""
    return Person(signed_in(person("ada", outreach.workspace, "admin")))


def account_of(workspace: Workspace, email: str = "mia@sender.test") -> EmailAccount:
    return EmailAccount.objects.of(workspace).select_related("workspace").get(email=email)
