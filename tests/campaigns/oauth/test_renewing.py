"""Access tokens are renewed before they are over; what a provider refuses, an account says."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from campaigns import trying
from campaigns.changes import account_tokens, accounts
from campaigns.changes.account_tokens import EARLY, LEASE
from campaigns.models import EmailAccount, MailFolder, Message
from campaigns.oauth import flow, providers
from campaigns.receiving import collect
from campaigns.receiving.mailbox import MailboxAuthenticationFailed, MailboxUnreachable
from campaigns.sending.transport import AuthenticationFailed, Unreachable
from fluenzr_site.core import clock
from tests.campaigns.api.support import Outreach
from tests.campaigns.oauth.authorisation import AuthorisationServer, drips, hangs_up, says
from tests.campaigns.oauth.conftest import Person, account_of
from tests.campaigns.oauth.mail_servers import XoauthImapServer, XoauthMailServer

pytestmark = pytest.mark.django_db
MIA = "mia@sender.test"
HOUR = timedelta(hours=1)
GONE = f"Google gives no access to the mailbox (invalid_grant: Token *** was revoked). Connect {MIA} again."
NEW_KEY, OLD_KEY = "n" * 40, "o" * 40


@pytest.fixture
def account(ada: Person, outreach: Outreach, configured: AuthorisationServer) -> EmailAccount:
    """Signed in to a moment ago."""
    ada.sign_in()
    configured.asked.clear()
    return account_of(outreach.workspace)


def row(account: EmailAccount) -> EmailAccount:
    return account_of(account.workspace)


def put(account: EmailAccount, **values: Any) -> None:
    EmailAccount.objects.filter(pk=account.pk).update(**values)


def token(account: EmailAccount) -> str:
    return accounts.smtp_server(row(account)).oauth_token


def test_a_good_token_is_used_again(account: EmailAccount, configured: AuthorisationServer, outreach: Outreach) -> None:
    first = token(account)
    outreach.clock.shift(HOUR - EARLY - timedelta(seconds=1))
    assert accounts.imap_server(row(account)).oauth_token == first
    assert configured.asked == []


def test_it_is_renewed_shortly_before_it_is_over(
    account: EmailAccount, configured: AuthorisationServer, outreach: Outreach
) -> None:
    first = token(account)
    outreach.clock.shift(HOUR - EARLY)
    second = token(account)
    assert second != first and configured.takes(MIA, second)
    assert (configured.grants, row(account).oauth_expires_at) == (["refresh_token"], clock.now() + HOUR)
    assert token(account) == second


@pytest.mark.parametrize(
    ("told", "seconds"),
    [(60, 60), ("120", 120), (0, 3600), (None, 3600), ("soon", 3600), (-5, 3600), (10**12, 86400), ("9" * 5000, 3600)],
)
def test_how_long_a_token_lasts(
    told: Any, seconds: int, account: EmailAccount, configured: AuthorisationServer, outreach: Outreach
) -> None:
    outreach.clock.shift(HOUR)
    configured.instead = [says(200, json.dumps({"access_token": "t", "expires_in": told}).encode())]
    assert token(account) == "t"
    assert row(account).oauth_expires_at == clock.now() + timedelta(seconds=seconds)


def test_rotated_refresh_tokens_are_kept(
    account: EmailAccount, configured: AuthorisationServer, outreach: Outreach
) -> None:
    configured.rotates = True
    for _ in range(3):
        outreach.clock.shift(HOUR)
        assert configured.takes(MIA, token(account))
    assert len({asked["refresh_token"] for asked in configured.asked}) == 3


def test_a_campaign_goes_on_after_a_day(
    account: EmailAccount, mail: XoauthMailServer, outreach: Outreach, configured: AuthorisationServer
) -> None:
    outreach.wait(days=1)
    outreach.started(to=["ann@x.co"], emailAccountId=account.pk)
    outreach.run()
    assert mail.recipients == ["ann@x.co"]
    assert configured.grants == ["refresh_token"]


def test_withdrawn_access_pauses_the_account_and_says_so(
    account: EmailAccount, ada: Person, mail: XoauthMailServer, outreach: Outreach, configured: AuthorisationServer
) -> None:
    outreach.clock.shift(HOUR)
    configured.withdraw()
    campaign_id = outreach.started(to=["ann@x.co"], emailAccountId=account.pk)
    outreach.run()
    after = row(account)
    assert (after.state, after.last_error) == ("failing", GONE)
    assert mail.recipients == [] and Message.objects.get().state == "deferred"
    gates = outreach.api.get(f"campaigns/{campaign_id}/why").json
    assert GONE in str(gates)
    ada.sign_in()
    outreach.wait(minutes=10)
    assert mail.recipients == ["ann@x.co"]
    assert (row(account).state, row(account).last_error) == ("connected", "")


def test_withdrawn_access_is_found_by_reading_too(
    account: EmailAccount, outreach: Outreach, configured: AuthorisationServer
) -> None:
    outreach.clock.shift(HOUR)
    configured.withdraw()
    assert collect.read_due()
    assert (row(account).state, row(account).last_error) == ("failing", GONE)
    folder = MailFolder.objects.get(account=account)
    assert (folder.last_error, folder.due_at) == (GONE, clock.now() + collect.AFTER_REFUSAL)


def test_an_access_token_that_a_mail_server_refuses_is_not_shown_again(
    account: EmailAccount, mail: XoauthMailServer, outreach: Outreach, configured: AuthorisationServer
) -> None:
    configured.forget_access_tokens()
    before = token(account)
    outcome = trying.try_account(row(account), wait=lambda _: None, seconds=0)
    assert outcome.smtp.ok is False and "535" in outcome.smtp.message
    assert before not in outcome.smtp.message + outcome.imap.message + row(account).last_error
    assert row(account).state == "failing"
    assert trying.try_account(row(account), wait=lambda _: None, seconds=0).smtp.ok
    assert row(account).state == "connected"


@pytest.mark.parametrize("instead", [hangs_up, drips, says(500, b"{}"), says(200, b"{}"), says(401, b"{}")])
def test_a_provider_that_does_not_answer_is_asked_again_later(
    instead: Callable[[Any], None],
    account: EmailAccount,
    mail: XoauthMailServer,
    outreach: Outreach,
    configured: AuthorisationServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(flow, "SECONDS", 0.5)
    outreach.clock.shift(HOUR)
    MailFolder.objects.update(due_at=None)
    configured.instead = [instead]
    outreach.started(to=["ann@x.co"], emailAccountId=account.pk)
    outreach.run()
    after = row(account)
    assert after.state == "connected" and after.last_error.startswith("Google can't be asked for access now")
    assert after.retry_at is not None and Message.objects.get().state == "deferred"
    outreach.wait(minutes=6)
    assert mail.recipients == ["ann@x.co"]


def test_which_errors_are_raised(account: EmailAccount, outreach: Outreach, configured: AuthorisationServer) -> None:
    outreach.clock.shift(HOUR)
    configured.instead = [says(503, b""), says(503, b"")]
    with pytest.raises(Unreachable, match="HTTP 503"):
        accounts.smtp_server(row(account))
    with pytest.raises(MailboxUnreachable, match="HTTP 503"):
        accounts.imap_server(row(account))
    assert row(account).state == "connected"
    configured.withdraw()
    with pytest.raises(AuthenticationFailed, match="again"):
        accounts.smtp_server(row(account))
    put(account, state="paused")
    with pytest.raises(MailboxAuthenticationFailed, match="again"):
        accounts.imap_server(row(account))
    assert row(account).state == "paused"


@pytest.mark.parametrize("error", ["invalid_grant", "interaction_required", "login_required", "consent_required"])
def test_what_only_a_person_can_mend(
    error: str, account: EmailAccount, outreach: Outreach, configured: AuthorisationServer
) -> None:
    outreach.clock.shift(HOUR)
    configured.instead = [says(400, b'{"error": "%s"}' % error.encode())]
    with pytest.raises(AuthenticationFailed, match=error):
        accounts.smtp_server(row(account))


def test_a_client_that_is_not_set_up_any_more(account: EmailAccount, outreach: Outreach, settings: Any) -> None:
    outreach.clock.shift(HOUR)
    settings.FLUENZR_GOOGLE_CLIENT_SECRET = "wrong"
    with pytest.raises(Unreachable, match="doesn't know FLUENZR_GOOGLE_CLIENT_ID"):
        accounts.smtp_server(row(account))
    settings.FLUENZR_GOOGLE_CLIENT_SECRET = ""
    with pytest.raises(Unreachable, match="FLUENZR_GOOGLE_CLIENT_SECRET must be set"):
        accounts.smtp_server(row(account))
    assert row(account).state == "connected"


def test_an_old_token_is_used_to_its_end(
    account: EmailAccount, outreach: Outreach, configured: AuthorisationServer
) -> None:
    first = token(account)
    configured.instead = [hangs_up] * 9
    outreach.clock.shift(HOUR - timedelta(seconds=5))
    assert token(account) == first
    assert row(account).oauth_expires_at == clock.now() + timedelta(seconds=5)
    outreach.clock.shift(5)
    with pytest.raises(Unreachable):
        accounts.smtp_server(row(account))


# ------------------------------------------------------------------------------------------- several at once


def test_while_another_worker_renews_nobody_else_does(
    account: EmailAccount, outreach: Outreach, configured: AuthorisationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_tokens, "_PATIENCE_SECONDS", 0.2)
    put(account, oauth_access_token="", oauth_expires_at=clock.now() + LEASE)
    with pytest.raises(Unreachable, match="Another worker"):
        accounts.smtp_server(row(account))
    assert configured.asked == []
    # It was killed: its lease ends, and the refresh token is there still.
    outreach.clock.shift(LEASE)
    assert configured.takes(MIA, token(account))


def test_a_lease_of_a_wrong_clock_keeps_nobody_out(account: EmailAccount, configured: AuthorisationServer) -> None:
    put(account, oauth_access_token="", oauth_expires_at=clock.now() + timedelta(days=400))
    assert configured.takes(MIA, token(account))


class Meanwhile:
    """What happens between the question to the provider and its answer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> None:
        self.ask, self.happens, self.count = flow.refresh, happens, 0
        monkeypatch.setattr(flow, "refresh", self)

    def __call__(self, *arguments: Any) -> Any:
        try:
            return self.ask(*arguments)
        finally:
            self.count += 1
            if self.count == 1:
                self.happens()


@pytest.mark.parametrize("is_refused", [False, True])
def test_who_signs_in_meanwhile_wins(
    is_refused: bool,
    account: EmailAccount,
    outreach: Outreach,
    configured: AuthorisationServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outreach.clock.shift(HOUR)
    configured.rotates = True
    newer = flow.Tokens("newer-access", "newer-refresh", clock.now() + HOUR)
    if is_refused:
        configured.withdraw()
    google = providers.find("google")
    Meanwhile(monkeypatch, lambda: accounts.connect_oauth(account.workspace, google, newer, MIA) and None)
    assert token(account) == "newer-access"
    after = row(account)
    assert (after.state, accounts.secret(after, "oauth_refresh_token")) == ("connected", "newer-refresh")


def test_a_worker_past_its_lease_still_saves_what_nobody_else_has(
    account: EmailAccount, outreach: Outreach, configured: AuthorisationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    outreach.clock.shift(HOUR)
    configured.rotates = True

    def taken_over() -> None:
        outreach.clock.shift(LEASE)
        put(account, oauth_expires_at=clock.now() + LEASE)

    Meanwhile(monkeypatch, taken_over)
    assert configured.takes(MIA, token(account))
    outreach.clock.shift(HOUR)
    assert configured.takes(MIA, token(account))


def test_secrets_that_are_rotated_meanwhile(
    account: EmailAccount,
    outreach: Outreach,
    configured: AuthorisationServer,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:
    outreach.clock.shift(HOUR)
    configured.rotates = True
    settings.FLUENZR_SECRET_KEYS = [NEW_KEY, *settings.FLUENZR_SECRET_KEYS]
    Meanwhile(monkeypatch, lambda: call_command("rotate_secrets", stdout=StringIO()))
    assert configured.takes(MIA, token(account))
    outreach.clock.shift(HOUR)
    assert configured.takes(MIA, token(account))


def test_tokens_are_rotated_with_the_passwords(
    account: EmailAccount, outreach: Outreach, configured: AuthorisationServer, settings: Any
) -> None:
    first = token(account)
    settings.FLUENZR_SECRET_KEYS = [NEW_KEY, *settings.FLUENZR_SECRET_KEYS]
    call_command("rotate_secrets", stdout=StringIO())
    settings.FLUENZR_SECRET_KEYS = [NEW_KEY]
    assert token(account) == first
    outreach.clock.shift(HOUR)
    assert configured.takes(MIA, token(account))


def test_rotating_brings_no_old_token_back(account: EmailAccount, settings: Any) -> None:
    stale = row(account)
    settings.FLUENZR_SECRET_KEYS = [OLD_KEY, *settings.FLUENZR_SECRET_KEYS]
    newer = flow.Tokens("newer-access", "newer-refresh", clock.now() + HOUR)
    accounts.connect_oauth(account.workspace, providers.find("google"), newer, MIA)
    settings.FLUENZR_SECRET_KEYS = [NEW_KEY, *settings.FLUENZR_SECRET_KEYS]
    assert accounts.rotate(stale)
    settings.FLUENZR_SECRET_KEYS = [NEW_KEY]
    assert accounts.secret(row(account), "oauth_refresh_token") == "newer-refresh"


def test_a_token_of_another_row_opens_nothing(account: EmailAccount, outreach: Outreach) -> None:
    put(
        outreach.account,
        login="google",
        oauth_access_token=row(account).oauth_access_token,
        oauth_refresh_token=row(account).oauth_refresh_token,
        oauth_expires_at=clock.now() + HOUR,
    )
    outreach.started(to=["ann@x.co"])
    outreach.run()
    other = EmailAccount.objects.get(pk=outreach.account.pk)
    assert other.state == "failing" and "Not encrypted for this place" in other.last_error


def test_reading_and_sending_go_on_over_days(
    account: EmailAccount, outreach: Outreach, mail: XoauthMailServer, imap: XoauthImapServer, configured: Any
) -> None:
    configured.rotates = True
    for _ in range(4):
        outreach.clock.shift(timedelta(minutes=50))
        while collect.read_due():
            pass
    assert set(imap.logins) == {MIA} and row(account).state == "connected"
    assert MailFolder.objects.get(account=account).last_error == ""
