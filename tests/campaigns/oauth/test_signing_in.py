"""From the button to an e-mail that is sent and an answer that is read, with real servers all the way."""

import logging
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.changes import accounts
from campaigns.models import EmailAccount, MailFolder
from campaigns.receiving import collect
from campaigns.sandbox import recipients
from fluenzr_site.core import clock
from tests.admin.conftest import person, signed_in
from tests.api.world import Party
from tests.campaigns.api.support import Outreach
from tests.campaigns.oauth.authorisation import AuthorisationServer, decided
from tests.campaigns.oauth.conftest import Person, account_of
from tests.campaigns.oauth.mail_servers import XoauthImapServer, XoauthMailServer
from tests.campaigns.workflow.examples import email, node, sequence

pytestmark = pytest.mark.django_db
MIA = "mia@sender.test"
TWO = sequence(email("first"), node("wait", "delay", days=3), email("second"))


def read(outreach: Outreach) -> None:
    outreach.clock.shift(collect.EVERY)
    while collect.read_due():
        pass


@pytest.mark.parametrize("provider_name", ["google", "microsoft"])
def test_the_whole_way(
    provider_name: str, ada: Person, outreach: Outreach, mail: XoauthMailServer, imap: XoauthImapServer
) -> None:
    assert ada.sign_in(provider_name) == f"{MIA} is connected."
    account = account_of(outreach.workspace)
    assert (account.login, account.state, account.daily_limit) == (provider_name, "connected", 200)
    read(outreach)
    campaign_id = outreach.started(TWO, to=["ann@x.co", "ben@x.co"], emailAccountId=account.pk)
    outreach.run()
    assert sorted(mail.recipients) == ["ann@x.co", "ben@x.co"]
    assert {each.sender for each in mail.received} == {MIA}
    delivered = recipients.read(mail.to("ann@x.co")[0].message.as_bytes())
    imap.append(recipients.reply(delivered, clock.now()))
    read(outreach)
    assert outreach.states(campaign_id) == {"ann@x.co": "replied", "ben@x.co": "in_progress"}
    assert set(mail.logins) == set(imap.logins) == {MIA}


def test_what_the_provider_is_asked_for(ada: Person) -> None:
    asked = parse_qs(urlsplit(ada.press("google", email="old@sender.test")).query)
    assert asked["scope"] == ["https://mail.google.com/ openid email"]
    assert (asked["access_type"], asked["prompt"]) == (["offline"], ["consent"])
    assert asked["login_hint"] == ["old@sender.test"]
    assert asked["redirect_uri"] == ["http://testserver/admin/campaigns/emailaccount/connected/"]
    asked = parse_qs(urlsplit(ada.press("microsoft")).query)
    wanted = ["https://outlook.office.com/SMTP.Send", "https://outlook.office.com/IMAP.AccessAsUser.All"]
    assert asked["scope"][0].split() == [*wanted, "offline_access", "openid", "email", "profile"]


def test_a_mailbox_whose_login_is_not_its_address(
    ada: Person, outreach: Outreach, configured: AuthorisationServer
) -> None:
    configured.claims = {"preferred_username": "m.smith@corp.test"}
    ada.sign_in("microsoft")
    account = account_of(outreach.workspace)
    assert (account.smtp_username, account.imap_username) == ("m.smith@corp.test", "m.smith@corp.test")


def test_an_address_that_only_the_login_tells(ada: Person, outreach: Outreach, configured: AuthorisationServer) -> None:
    configured.claims = {"email": None, "preferred_username": "M.Smith@corp.test"}
    ada.sign_in("microsoft")
    assert account_of(outreach.workspace, "m.smith@corp.test").login == "microsoft"


def test_a_mailbox_that_was_reached_by_password_is_connected_anew(ada: Person, outreach: Outreach) -> None:
    before = outreach.connect(MIA, name="Mia", smtp_password="old", imap_host="old.test", daily_limit=7)
    accounts.refused(before, "535 no")
    MailFolder.objects.update(due_at=None, lease="x", last_error="no")
    ada.sign_in()
    account = account_of(outreach.workspace)
    assert (account.pk, account.name, account.daily_limit) == (before.pk, "Mia", 7)
    assert (account.state, account.last_error, account.smtp_password) == ("connected", "", "")
    folder = MailFolder.objects.get(account=account)
    assert (folder.due_at, folder.lease, folder.last_error) == (clock.now(), "", "")


def test_a_pause_outlives_it(ada: Person, outreach: Outreach) -> None:
    paused = outreach.connect(MIA)
    EmailAccount.objects.filter(pk=paused.pk).update(state="paused")
    assert ada.sign_in() == f"{MIA} is connected, and still paused."
    assert account_of(outreach.workspace).state == "paused"


def test_the_plans_limit(ada: Person, outreach: Outreach, settings: Any) -> None:
    plans = settings.FLUENZR_PLANS
    settings.FLUENZR_PLANS = plans | {"pro": plans["pro"] | {"email_accounts": 1}}
    assert "1 e-mail account: 1 used" in ada.sign_in()
    assert EmailAccount.objects.get() == outreach.account


def test_the_plans_limit_stops_no_reconnecting(
    ada: Person, outreach: Outreach, configured: AuthorisationServer, settings: Any
) -> None:
    plans = settings.FLUENZR_PLANS
    settings.FLUENZR_PLANS = plans | {"pro": plans["pro"] | {"email_accounts": 1}}
    configured.email = outreach.account.email
    assert ada.sign_in() == f"{outreach.account.email} is connected."


def test_each_workspace_has_its_own(ada: Person, outreach: Outreach, stranger: Party) -> None:
    theirs = accounts.create(stranger.workspace, {"email": MIA, "smtp_host": "theirs.test", "smtp_password": "theirs"})
    ada.sign_in()
    theirs.refresh_from_db()
    assert (theirs.login, theirs.smtp_host, accounts.secret(theirs, "smtp_password")) == (
        "password",
        "theirs.test",
        "theirs",
    )
    assert EmailAccount.objects.of(stranger.workspace).count() == 1
    assert account_of(outreach.workspace).login == "google"


def test_opened_as_a_page_it_asks_first(ada: Person) -> None:
    address = reverse("admin:campaigns_emailaccount_connect", args=["google"])
    page = ada.client.get(address, {"email": MIA}).content.decode()
    assert "http-equiv" not in page and f'name="email" value="{MIA}"' in page
    assert "mailbox_sign_in" not in ada.client.session


@pytest.mark.parametrize("name", ["google", "microsoft"])
def test_without_a_client_it_says_what_to_set(name: str, ada: Person, settings: Any) -> None:
    setattr(settings, f"FLUENZR_{name.upper()}_CLIENT_SECRET", "")
    answer = ada.client.post(reverse("admin:campaigns_emailaccount_connect", args=[name]))
    told = ada.told(answer)
    assert told.startswith(f"Set FLUENZR_{name.upper()}_CLIENT_SECRET, then restart.")
    assert "http://testserver/admin/campaigns/emailaccount/connected/" in told
    setattr(settings, f"FLUENZR_{name.upper()}_CLIENT_ID", "")
    answer = ada.client.post(reverse("admin:campaigns_emailaccount_connect", args=[name]))
    assert f"FLUENZR_{name.upper()}_CLIENT_ID and FLUENZR_{name.upper()}_CLIENT_SECRET" in ada.told(answer)


def test_an_unknown_provider_is_not_there(ada: Person) -> None:
    assert ada.client.post("/admin/campaigns/emailaccount/connect/other/").status_code == 404


def test_for_administrators_alone(ada: Person, outreach: Outreach) -> None:
    member = signed_in(person("max", outreach.workspace, "member"))
    back = decided(ada.press()).removeprefix("http://testserver")
    for client, status in ((member, 403), (Client(), 302)):
        answer = client.post(reverse("admin:campaigns_emailaccount_connect", args=["google"]))
        assert answer.status_code == client.get(back).status_code == status
    assert not EmailAccount.objects.exclude(pk=outreach.account.pk)


def test_no_secret_is_shown_or_kept_in_plain_text(
    ada: Person, outreach: Outreach, configured: AuthorisationServer, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    ada.sign_in()
    account = account_of(outreach.workspace)
    server = accounts.smtp_server(account)
    assert server.oauth_token in configured.given
    pages = [
        ada.client.get(reverse(f"admin:campaigns_emailaccount_{name}", args=args)).content.decode()
        for name, args in (("changelist", []), ("change", [account.pk]))
    ]
    row = str(EmailAccount.objects.filter(pk=account.pk).values())
    shown = [*pages, row, repr(server), repr(accounts.imap_server(account)), caplog.text, str(dict(ada.client.session))]
    for secret in (*configured.given, settings.FLUENZR_GOOGLE_CLIENT_SECRET):
        assert not [each for each in shown if secret in each]
