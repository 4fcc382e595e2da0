"""The buttons in Chromium: to the provider and back, under the policy that forms go nowhere else."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from campaigns.models import EmailAccount
from fluenzr_site.workspaces.changes import create_workspace
from tests.admin.conftest import person
from tests.browser.conftest import Visitor, tab
from tests.campaigns.oauth.authorisation import AuthorisationServer
from tests.campaigns.oauth.conftest import configured, imap, mail, provider  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MIA = "mia@sender.test"


@pytest.fixture
def visitor(
    configured: AuthorisationServer,  # noqa: F811
    chromium: Any,
    live_server: Any,
    settings: Any,
) -> Iterator[Visitor]:
    settings.FLUENZR_PUBLIC_URL = live_server.url
    with tab(chromium, live_server.url, person("ada", create_workspace("Acme"), "admin")) as visitor:
        yield visitor


def go_to_the_provider(visitor: Visitor, server: AuthorisationServer) -> None:
    visitor.go(reverse("admin:campaigns_emailaccount_connect", args=["google"]))
    visitor.press("Go on to Google")
    visitor.page.wait_for_url(f"{server.url}/authorize?**")


def test_there_and_back(visitor: Visitor, configured: AuthorisationServer) -> None:  # noqa: F811
    go_to_the_provider(visitor, configured)
    visitor.press("Allow")
    visitor.page.wait_for_url(visitor.url + reverse("admin:campaigns_emailaccount_changelist"))
    assert visitor.page.get_by_text(f"{MIA} is connected.").is_visible()
    assert EmailAccount.objects.get().login == "google"
    assert visitor.wrong == []


def test_there_and_no(visitor: Visitor, configured: AuthorisationServer) -> None:  # noqa: F811
    go_to_the_provider(visitor, configured)
    visitor.press("Deny")
    visitor.page.wait_for_url(visitor.url + reverse("admin:campaigns_emailaccount_changelist"))
    assert visitor.page.get_by_text("Google was told not to give access to the mailbox.").is_visible()
    assert not EmailAccount.objects.exists()
    assert visitor.wrong == []
