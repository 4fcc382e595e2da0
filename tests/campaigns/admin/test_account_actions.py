"""An account is tried through real servers, its domain is looked at, it is paused, resumed and deleted."""

from collections.abc import Iterator
from typing import Any

import dns.resolver
import pytest
from django.test import Client
from django.urls import reverse

from campaigns.admin import account_pages
from campaigns.models import Conversation, EmailAccount, MailFolder, ReceivedMail
from campaigns.sandbox.imap_server import ImapServer
from fluenzr_site.core import clock, ids
from tests.campaigns.admin.support import LIST, of, put
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.domains.support import Zone, good_zone

ADDRESS = "try@example.com"


@pytest.fixture
def imap() -> Iterator[ImapServer]:
    with ImapServer("ann", "secret") as server:
        yield server


class Delivering(list[Any]):
    """What a mail server got, which comes to the inbox in the same moment."""

    def __init__(self, imap: ImapServer) -> None:
        super().__init__()
        self.imap = imap

    def __iadd__(self, received: Any) -> Any:
        for each in received:
            self.imap.append(each.message.as_bytes())
        return super().__iadd__(received)


def connect(outreach: Outreach, imap: ImapServer | None = None, **values: Any) -> EmailAccount:
    values = {"smtp_username": ADDRESS, "smtp_password": "right"} | values
    if imap:
        values |= {"imap_host": "127.0.0.1", "imap_port": imap.port, "imap_security": "none"}
        values |= {"imap_username": "ann", "imap_password": "secret"}
    return outreach.connect(ADDRESS, **values)


def state(account: EmailAccount) -> str:
    return EmailAccount.objects.get(pk=account.pk).state


def test_an_account_that_works(admin: Client, outreach: Outreach, smtp: MailServer, imap: ImapServer) -> None:
    smtp.received = Delivering(imap)
    account = put(connect(outreach, imap), state="failing", last_error="535 no")
    page = admin.post(of(account, "try")).text
    assert f"{ADDRESS} works" in page
    assert "The server took the e-mail: 250 2.0.0 queued" in page
    assert "The e-mail came to the inbox" in page
    assert (smtp.recipients, state(account)) == ([ADDRESS], "connected")


def test_an_account_that_is_refused(admin: Client, outreach: Outreach, smtp: MailServer, imap: ImapServer) -> None:
    smtp.password = "other"
    account = connect(outreach, imap)
    page = admin.post(of(account, "try")).text.replace("&#x27;", "'")
    assert f"{ADDRESS} doesn't work yet" in page
    assert "The server refuses the login: 535" in page
    assert "Nothing is sent from this account until its login is corrected" in page
    assert ("secret" in page, ">right<" in page, state(account)) == (False, False, "failing")


def test_an_e_mail_that_does_not_come_in(
    admin: Client, outreach: Outreach, imap: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_pages, "SECONDS", 0.0)
    page = admin.post(of(connect(outreach, imap), "try")).text
    assert "come to the inbox within 0 seconds: is it in spam?" in page
    assert f"{ADDRESS} sends, but answers may not be found" in page


def test_without_a_mailbox_only_sending_is_tried(admin: Client, outreach: Outreach) -> None:
    page = admin.post(of(connect(outreach), "try")).text
    assert f"{ADDRESS} works" in page
    assert "Not tried" in page


def test_trying_a_paused_account_leaves_it_paused(admin: Client, outreach: Outreach) -> None:
    account = put(connect(outreach), state="paused")
    assert "nothing is sent from it until it is resumed" in admin.post(of(account, "try")).text
    assert state(account) == "paused"


@pytest.mark.parametrize("page", ["try", "domain", "pause", "resume"])
def test_looking_at_an_action_does_nothing(admin: Client, outreach: Outreach, smtp: MailServer, page: str) -> None:
    account = connect(outreach)
    answer = admin.get(of(account, page))
    assert (answer.status_code, answer.headers["Location"]) == (302, of(account))
    assert (smtp.received, state(account)) == ([], "connected")


def test_what_the_domain_publishes_is_explained(
    admin: Client, outreach: Outreach, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = good_zone()
    records["_dmarc.example.com", "TXT"] = ['"v=DMARC1; p=none"']
    del records["example.com", "MX"]
    monkeypatch.setattr(dns.resolver, "Resolver", lambda: Zone(records))
    page = admin.post(of(connect(outreach), "domain")).text
    for text in ("What example.com publishes", "v=spf1 include:spf.x.test -all", "p=none only watches", "Missing"):
        assert text in page


def test_a_selector_is_looked_at_alone(admin: Client, outreach: Outreach, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = Zone(good_zone())
    monkeypatch.setattr(dns.resolver, "Resolver", lambda: zone)
    account = connect(outreach)
    assert "s1: RSA, 2048 bits" in admin.post(of(account, "domain"), {"selector": " S1 "}).text
    assert [name for name, _, _ in zone.asked if "_domainkey" in name] == ["s1._domainkey.example.com"]
    page = admin.post(of(account, "domain"), {"selector": "<b>"}).text
    assert "isn&#x27;t a DKIM selector" in page
    assert "<b>" not in page


def test_pausing_and_resuming(admin: Client, outreach: Outreach, smtp: MailServer) -> None:
    outreach.started(to=["ann@x.co"])
    assert "is paused" in admin.post(of(outreach.account, "pause"), follow=True).text
    outreach.run()
    assert (smtp.received, state(outreach.account)) == ([], "paused")
    assert "sends again" in admin.post(of(outreach.account, "resume"), follow=True).text
    outreach.wait(minutes=10)
    assert (smtp.recipients, state(outreach.account)) == (["ann@x.co"], "connected")


def test_resuming_mends_nothing(admin: Client, outreach: Outreach) -> None:
    account = put(outreach.account, state="failing")
    admin.post(of(account, "resume"))
    assert state(account) == "failing"


def test_an_account_in_use_is_not_deleted(admin: Client, outreach: Outreach) -> None:
    outreach.started(to=["ann@x.co"])
    outreach.run()
    for ask in (admin.get, lambda url: admin.post(url, {"post": "yes"})):
        page = admin.get(ask(of(outreach.account, "delete")).headers["Location"]).text  # type: ignore[no-untyped-call]
        assert "1 campaign and 1 e-mail belong to it. Pause it instead" in page
    assert EmailAccount.objects.filter(pk=outreach.account.pk).exists()


def test_one_that_only_takes_turns_is_in_use_too(admin: Client, outreach: Outreach) -> None:
    from tests.campaigns.api.support import of as campaign_of

    other = outreach.connect("zoe@sender.test")
    campaign_of(outreach.draft()).more_accounts.add(other)
    assert "1 campaign and 0 e-mails" in admin.get(of(other, "delete"), follow=True).text


def test_an_unused_account_goes_with_its_conversations(admin: Client, outreach: Outreach) -> None:
    account = outreach.connect("zoe@sender.test", imap_host="imap.x.co")
    [contact_id] = outreach.people("ann@x.co")
    talk = {"workspace": outreach.workspace, "contact_id": contact_id}
    conversation = Conversation.objects.create(id=ids.new("cnv"), account=account, last_at=clock.now(), **talk)
    mail = {"folder": account.folders.get(), "uid_validity": 1, "uid": 1, "kind": "reply", "at": clock.now()}
    ReceivedMail.objects.create(id=ids.new("rcv"), conversation=conversation, **talk, **mail)
    page = admin.get(of(account, "delete")).text
    assert "Delete the e-mail account zoe@sender.test" in page
    assert "1 conversation goes with it" in page
    assert admin.post(of(account, "delete"), {"post": "yes"}).headers["Location"] == reverse(LIST)
    assert [EmailAccount.objects.filter(pk=account.pk).count(), MailFolder.objects.count()] == [0, 0]
    assert Conversation.objects.count() == 0
