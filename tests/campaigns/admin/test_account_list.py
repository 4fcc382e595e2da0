"""The list says of each account how it does, and what to do where it doesn't do well."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import health
from campaigns.models import EmailAccount, MailFolder, Message
from campaigns.receiving import collect
from campaigns.sandbox.imap_server import ImapServer
from fluenzr_site.core import clock
from tests.api.world import Party
from tests.campaigns.admin.support import ADD, LIST, NEW, of, put
from tests.campaigns.api.support import Outreach

PAGES = ["change", "delete", "try", "domain", "pause", "resume"]


@pytest.mark.parametrize("page", PAGES)
def test_members_reach_no_account(member: Client, outreach: Outreach, page: str) -> None:
    assert member.get(of(outreach.account, page)).status_code == 403
    assert member.post(of(outreach.account, page), {"post": "yes"}).status_code == 403
    assert EmailAccount.objects.get(pk=outreach.account.pk).state == "connected"


def test_members_see_no_list_and_no_form(member: Client, outreach: Outreach) -> None:
    assert member.get(reverse(LIST)).status_code == 403
    assert member.post(reverse(ADD), NEW).status_code == 403
    assert reverse(LIST) not in member.get(reverse("admin:index")).text
    assert EmailAccount.objects.count() == 1


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_s_account_is_not_there(outsider: Client, outreach: Outreach, page: str) -> None:
    assert outsider.get(of(outreach.account, page)).status_code == 404
    assert outsider.post(of(outreach.account, page), {"post": "yes"}).status_code == 404
    assert EmailAccount.objects.get(pk=outreach.account.pk).state == "connected"


def test_the_list_shows_the_workspace_s_alone(outsider: Client, outreach: Outreach, stranger: Party) -> None:
    page = outsider.get(reverse(LIST))
    assert "sam@sender.test" not in page.text
    assert "Nothing here yet" in page.text


def test_a_good_account(admin: Client, outreach: Outreach) -> None:
    outreach.started(to=["ann@x.co", "ben@x.co"])
    outreach.run()
    page = admin.get(reverse(LIST)).text
    for text in ("sam@sender.test", "Connected", "2 of 200", "0 %", "just now", "Good"):
        assert text in page
    assert 'class="flz-hint">' not in page.split("result_list")[1]


def minutes(count: float) -> Any:
    return clock.now() + timedelta(minutes=count)


@pytest.mark.parametrize(
    ("values", "verdict", "said"),
    [
        ({"state": "paused"}, "Doesn't send", "nothing is sent from it until somebody resumes it"),
        ({"state": "failing", "last_error": "535 5.7.8 No"}, "Doesn't send", "(535 5.7.8 No): correct the user name"),
        ({"state": "failing", "login": "google", "last_error": "gone"}, "Doesn't send", "connect the account again"),
        ({"smtp_host": ""}, "Doesn't send", "no server to send through"),
        ({"imap_host": "imap.x.co", "last_read_at": -29}, "Good", ""),
        ({"imap_host": "imap.x.co", "last_read_at": -31}, "Needs attention", "been read for 31\xa0minutes"),
        ({"imap_host": "imap.x.co", "created_at": -120}, "Needs attention", "been read for 2\xa0hours"),
        ({"imap_host": "imap.x.co"}, "Good", ""),
        ({"last_read_at": -90}, "Good", ""),
        ({"retry_at": 4, "last_error": "Timed out."}, "Needs attention", "(Timed out). It is asked again in 4 minutes"),
        ({"retry_at": -1, "last_error": "Timed out."}, "Good", ""),
    ],
)
def test_a_verdict_says_why(admin: Client, outreach: Outreach, values: dict[str, Any], verdict: str, said: str) -> None:
    put(outreach.account, **{name: minutes(value) if name.endswith("_at") else value for name, value in values.items()})
    for url in (reverse(LIST), of(outreach.account)):
        page = admin.get(url).content.decode().replace("&#x27;", "'")
        assert verdict in page
        assert said in page


def test_the_limit_of_today(admin: Client, outreach: Outreach) -> None:
    outreach.started(to=[f"a{number}@x.co" for number in range(10)])
    outreach.run()
    for limit, verdict, said in (
        (12, "Good", ""),
        (11, "Needs attention", "10 of today's 11 e-mails are sent"),
        (10, "Needs attention", "Today's limit of 10 e-mails is reached"),
    ):
        put(outreach.account, daily_limit=limit)
        page = admin.get(reverse(LIST)).text.replace("&#x27;", "'")
        assert (f"10 of {limit}" in page, verdict in page, said in page) == (True, True, True)
    outreach.clock.shift(timedelta(days=1))
    assert "0 of 10" in admin.get(reverse(LIST)).text


def test_what_bounced_counts_from_twenty_e_mails_on(admin: Client, outreach: Outreach) -> None:
    people = [f"a{number}@x.co" for number in range(19)]
    outreach.started(to=people)
    outreach.run()
    outreach.outcome("bounced", people[0], hard=True, reason="550 no such user")
    page = admin.get(reverse(LIST)).text
    assert ("5.3 %" in page, "Needs attention" in page) == (True, False)
    outreach.started(to=["b@x.co"])
    outreach.run()
    page = admin.get(reverse(LIST)).text
    assert ("5 %" in page, "Needs attention" in page, "bounced: send less" in page) == (True, True, True)
    outreach.clock.shift(timedelta(days=13))
    assert "5 % of its e-mails of the last 30 days" in admin.get(reverse(LIST)).text
    Message.objects.update(claimed_at=clock.now() - timedelta(days=31))
    # The counts are remembered for the minute, or until something is written as it should be.
    outreach.clock.shift(timedelta(minutes=1))
    assert "Needs attention" not in admin.get(reverse(LIST)).text


def test_refused_at_once_is_bounced_and_failed_is_neither(outreach: Outreach, smtp: Any) -> None:
    smtp.answers["ann@x.co"] = "550 5.1.1 no such user"
    outreach.started(to=["ann@x.co", "ben@x.co", "cid@x.co"])
    outreach.run()
    Message.objects.filter(recipient="cid@x.co").update(state="failed", sent_at=None)
    [found] = health.healths(outreach.workspace, [outreach.account], clock.now()).values()
    assert (found.sent, found.bounced, found.failed, found.bounce_rate) == (2, 1, 1, 50.0)


def test_a_folder_that_cannot_be_read_is_named(admin: Client, outreach: Outreach) -> None:
    account = outreach.connect("zoe@sender.test", imap_host="imap.x.co")
    folder = MailFolder.objects.filter(account=account)
    folder.update(last_error="Login refused.")
    text = "The folder INBOX can&#x27;t be read (Login refused)"
    assert text in admin.get(reverse(LIST)).text
    folder.update(due_at=None)
    assert text not in admin.get(reverse(LIST)).text


def test_when_a_mailbox_was_read_is_told(admin: Client, outreach: Outreach) -> None:
    with ImapServer("zoe", "secret") as imap:
        server = {"imap_host": "127.0.0.1", "imap_port": imap.port, "imap_security": "none"}
        outreach.connect("zoe@sender.test", **server, imap_username="zoe", imap_password="secret")
        collect.read_due()
        assert "Read <time" in admin.get(reverse(LIST), {"q": "zoe"}).text
        imap.login = ("zoe", "other")
        for _ in range(4):
            outreach.clock.shift(timedelta(minutes=10))
            collect.read_due()
    page = admin.get(reverse(LIST), {"q": "zoe"}).text
    assert "40\xa0minutes ago" in page
    assert "The folder INBOX can&#x27;t be read" in page


def test_many_accounts_cost_as_many_queries_as_one(
    admin: Client, outreach: Outreach, django_assert_max_num_queries: Any
) -> None:
    admin.get(reverse(LIST))
    for number in range(8):
        outreach.connect(f"a{number}@sender.test", imap_host="imap.x.co")
    with django_assert_max_num_queries(11):
        admin.get(reverse(LIST))


def test_sorted_and_searched(admin: Client, outreach: Outreach) -> None:
    outreach.connect("zoe@sender.test")
    assert "sam@sender.test" not in admin.get(reverse(LIST), {"q": "zoe"}).text
    found = admin.get(reverse(LIST), {"o": "-0"}).context["cl"].result_list
    assert [row.email for row in found] == ["zoe@sender.test", "sam@sender.test"]


def test_providers_that_are_not_set_up_say_what_to_set(admin: Client, outreach: Outreach, settings: Any) -> None:
    settings.FLUENZR_GOOGLE_CLIENT_ID = settings.FLUENZR_GOOGLE_CLIENT_SECRET = "x"
    settings.FLUENZR_MICROSOFT_CLIENT_ID = settings.FLUENZR_MICROSOFT_CLIENT_SECRET = ""
    page = admin.get(reverse(LIST)).text
    google, microsoft = (
        reverse("admin:campaigns_emailaccount_connect", args=[name]) for name in ("google", "microsoft")
    )
    assert (f'href="{google}"' in page, f'href="{microsoft}"' in page) == (True, False)
    assert "Set FLUENZR_MICROSOFT_CLIENT_ID and FLUENZR_MICROSOFT_CLIENT_SECRET" in page
    assert 'aria-describedby="connect-microsoft"' in page
    assert "FLUENZR_GOOGLE" not in page


def test_one_signed_in_at_a_provider_can_be_connected_again(admin: Client, outreach: Outreach, settings: Any) -> None:
    settings.FLUENZR_GOOGLE_CLIENT_ID = settings.FLUENZR_GOOGLE_CLIENT_SECRET = "x"
    assert "Connect again" not in admin.get(of(outreach.account)).text
    page = admin.get(of(put(outreach.account, login="google"))).text
    assert "Connect again" in page
    assert "connect/google/?email=sam%40sender.test" in page
