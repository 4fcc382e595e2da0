"""Accounts are added and changed by a form that says at the field what is wrong, and never shows a password."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.changes import accounts
from campaigns.models import EmailAccount, MailFolder
from fluenzr_site.core import clock
from tests.campaigns.admin.support import ADD, LIST, NEW, errors, form_of, of, put
from tests.campaigns.api.support import Outreach

IMAP = {"imap_host": "imap.sender.test"}


@pytest.fixture
def zoe(outreach: Outreach, admin: Client) -> EmailAccount:
    """Added through the form, with a password for sending."""
    return added(admin, outreach)


def added(admin: Client, outreach: Outreach, **values: Any) -> EmailAccount:
    answer = admin.post(reverse(ADD), NEW | values)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    return EmailAccount.objects.of(outreach.workspace).get(email="zoe@sender.test")


def saved(admin: Client, account: EmailAccount, **values: Any) -> EmailAccount:
    answer = admin.post(of(account), form_of(account, **values))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert answer.headers["Location"] == reverse(LIST)
    return EmailAccount.objects.get(pk=account.pk)


def passwords(account: EmailAccount) -> tuple[str, str]:
    return accounts.secret(account, "smtp_password"), accounts.secret(account, "imap_password")


def test_an_account_is_added_and_then_to_be_tried(admin: Client, outreach: Outreach) -> None:
    answer = admin.post(reverse(ADD), NEW, follow=True)
    account = EmailAccount.objects.of(outreach.workspace).get(email="zoe@sender.test")
    assert answer.redirect_chain == [(of(account), 302)]
    assert "Try it now" in answer.text
    assert (account.name, account.smtp_port, account.smtp_security, account.daily_limit) == ("Zoe", 465, "tls", 80)
    assert (account.login, account.state, passwords(account)) == ("password", "connected", ("hush-1", ""))
    assert account.folders.count() == 0


def test_a_mailbox_takes_the_login_of_sending(admin: Client, outreach: Outreach) -> None:
    account = added(admin, outreach, **IMAP)
    assert (account.imap_username, passwords(account)) == ("zoe", ("hush-1", "hush-1"))
    assert account.folders.get().name == "INBOX"


def test_a_mailbox_may_have_a_login_of_its_own(admin: Client, outreach: Outreach) -> None:
    account = added(admin, outreach, **IMAP, imap_username="reader", imap_secret="hush-2")
    assert (account.imap_username, passwords(account)) == ("reader", ("hush-1", "hush-2"))


def test_no_page_shows_a_password(admin: Client, outreach: Outreach) -> None:
    account = added(admin, outreach, **IMAP, imap_secret="hush-2")
    pages = [admin.get(url).text for url in (of(account), reverse(LIST), of(account, "delete"), reverse("admin:index"))]
    # Not even the one that was typed a moment ago, on the page that says what else is wrong.
    pages.append(admin.post(of(account), form_of(account, smtp_secret="hush-3", daily_limit=0)).text)
    for page in pages:
        assert "hush" not in page
        assert account.smtp_password not in page
    assert "One is kept" in pages[0]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "sam@SENDER.test"}, "email"),
        ({"smtp_host": ""}, "smtp_host"),
        ({"smtp_host": "https://smtp.sender.test/"}, "smtp_host"),
        ({"imap_host": "imap sender"}, "imap_host"),
        ({"smtp_port": 0}, "smtp_port"),
        ({"imap_port": 65536}, "imap_port"),
        ({"smtp_security": "ssl9"}, "smtp_security"),
        ({"daily_limit": 0}, "daily_limit"),
        ({"daily_limit": 10**12}, "daily_limit"),
        ({"ramp_first_day": 0, "ramp_growth": 1, "ramp_ceiling": 2}, "ramp_first_day"),
        ({"ramp_first_day": 20, "ramp_growth": 5, "ramp_ceiling": 10}, "ramp_ceiling"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(
    admin: Client, outreach: Outreach, values: dict[str, Any], field: str
) -> None:
    page = admin.post(reverse(ADD), NEW | values)
    assert (page.status_code, errors(page)) == (200, {field})
    assert EmailAccount.objects.count() == 1


def test_everything_wrong_is_said_at_once(admin: Client, outreach: Outreach) -> None:
    wrong = {"email": "nobody", "smtp_host": "a b", "imap_port": "x", "daily_limit": "", "ramp_growth": -1}
    assert errors(admin.post(reverse(ADD), NEW | wrong)) == set(wrong)


def test_a_ramp_up_is_whole(admin: Client, outreach: Outreach) -> None:
    assert errors(admin.post(reverse(ADD), NEW | {"ramp_growth": 5})) == {"ramp_first_day", "ramp_ceiling"}


def test_a_plan_without_room_says_so(admin: Client, outreach: Outreach, settings: Any) -> None:
    settings.FLUENZR_PLANS = settings.FLUENZR_PLANS | {"pro": settings.FLUENZR_PLANS["pro"] | {"email_accounts": 1}}
    page = admin.post(reverse(ADD), NEW)
    assert "The Pro plan allows 1 e-mail account:" in page.text


def test_an_empty_password_leaves_the_one_that_is_kept(admin: Client, zoe: EmailAccount) -> None:
    account = saved(admin, zoe, name="Zoe Z", daily_limit=5)
    assert (account.name, account.daily_limit, account.smtp_password) == ("Zoe Z", 5, zoe.smtp_password)
    assert passwords(saved(admin, zoe, smtp_secret="hush-9")) == ("hush-9", "")


def test_a_new_password_is_that_of_the_mailbox_too_where_it_was(admin: Client, outreach: Outreach) -> None:
    account = saved(admin, added(admin, outreach, **IMAP), smtp_secret="hush-9")
    assert passwords(account) == ("hush-9", "hush-9")
    account = saved(admin, account, imap_secret="other")
    assert passwords(saved(admin, account, smtp_secret="hush-10")) == ("hush-10", "other")


def test_a_kept_password_goes_to_no_other_server(admin: Client, outreach: Outreach) -> None:
    account = added(admin, outreach, **IMAP)
    for server in ("smtp", "imap"):
        page = admin.post(of(account), form_of(account, **{f"{server}_host": "elsewhere.test"}))
        assert errors(page) == {f"{server}_secret"}
    account = saved(admin, account, smtp_host="elsewhere.test", smtp_secret="hush-2")
    assert (account.smtp_host, passwords(account)) == ("elsewhere.test", ("hush-2", "hush-2"))


def test_nor_to_the_first_server_of_a_mailbox(admin: Client, zoe: EmailAccount) -> None:
    assert errors(admin.post(of(zoe), form_of(zoe, **IMAP))) == {"imap_secret"}
    assert passwords(saved(admin, zoe, **IMAP, imap_secret="hush-1")) == ("hush-1", "hush-1")


def test_without_a_user_name_no_password_is_kept(admin: Client, zoe: EmailAccount) -> None:
    assert passwords(saved(admin, zoe, smtp_username="")) == ("", "")


def test_the_address_stays(admin: Client, zoe: EmailAccount) -> None:
    assert saved(admin, zoe, email="other@sender.test").email == "zoe@sender.test"


def test_a_corrected_login_connects_a_failing_account_again(admin: Client, zoe: EmailAccount) -> None:
    put(zoe, state="failing", last_error="535 no", retry_at=clock.now())
    assert saved(admin, zoe, daily_limit=7).state == "failing"
    account = saved(admin, zoe, smtp_secret="right")
    assert (account.state, account.last_error, account.retry_at) == ("connected", "", None)
    assert saved(admin, put(zoe, state="paused"), smtp_secret="righter").state == "paused"


def test_a_ramp_up_begins_on_the_day_it_is_set(admin: Client, zoe: EmailAccount, outreach: Outreach) -> None:
    outreach.clock.shift(86_400 * 6)
    account = saved(admin, zoe, ramp_first_day=10, ramp_growth=5, ramp_ceiling=70)
    assert account.ramp_started_on == clock.now().date()
    outreach.clock.shift(86_400)
    again = saved(admin, account, ramp_ceiling=60)
    assert again.ramp_started_on == account.ramp_started_on
    assert "0 of 15" in admin.get(reverse(LIST)).text
    assert saved(admin, again, ramp_first_day="", ramp_growth="", ramp_ceiling="").ramp_growth is None


def test_a_mailbox_is_read_as_it_is_set(admin: Client, outreach: Outreach) -> None:
    account = added(admin, outreach, **IMAP)
    later = clock.now().replace(hour=23)
    folder = MailFolder.objects.filter(account=account)
    folder.update(uid_validity=7, last_uid=99, due_at=later, last_error="refused", lease="x")
    saved(admin, account, daily_limit=6)
    assert folder.get().lease == "x"
    saved(admin, account, imap_secret="hush-2")
    one = folder.get()
    assert (one.uid_validity, one.last_uid, one.due_at, one.last_error, one.lease) == (7, 99, clock.now(), "", "")
    moved = saved(admin, account, imap_host="elsewhere.test", imap_secret="hush-2")
    assert (folder.get().uid_validity, folder.get().last_uid) == (None, 0)
    gone = saved(admin, moved, imap_host="")
    assert (folder.get().due_at, passwords(gone)) == (None, ("hush-1", ""))


def test_an_account_signed_in_at_a_provider_has_no_servers_to_set(admin: Client, zoe: EmailAccount) -> None:
    account = put(zoe, login="google", smtp_password="")
    page = admin.get(of(account))
    assert set(page.context["adminform"].form.fields) == {
        *("email", "name", "daily_limit", "ramp_first_day", "ramp_growth", "ramp_ceiling")
    }
    changed = saved(admin, account, daily_limit=3, smtp_host="elsewhere.test", smtp_secret="x")
    assert (changed.daily_limit, changed.smtp_host, changed.smtp_password) == (3, "smtp.sender.test", "")
