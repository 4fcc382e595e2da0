"""Mail is read from a real IMAP server, each message once, and changes what it should and nothing else."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from campaigns.changes import accounts, incoming
from campaigns.models import Conversation, Enrolment, MailFolder, ReceivedMail
from campaigns.receiving import collect
from campaigns.sandbox import imap_server, recipients
from campaigns.sandbox.imap_server import ImapServer
from contacts.models import Contact
from fluenzr_site.core import clock, ids
from fluenzr_site.events.models import Event
from fluenzr_site.events.recording import change
from tests.campaigns.api.support import TESTS, Outreach
from tests.campaigns.workflow.examples import email, node, sequence

pytestmark = pytest.mark.django_db
TWO = sequence(email("first"), node("wait", "delay", days=3), email("second"))


@pytest.fixture
def imap() -> Iterator[ImapServer]:
    with ImapServer("ann", "secret") as server:
        yield server


class Mailbox:
    """An account whose answers are read, and its recipients."""

    def __init__(self, outreach: Outreach, imap: ImapServer) -> None:
        self.outreach, self.imap = outreach, imap
        server = {"imap_host": "127.0.0.1", "imap_port": imap.port, "imap_security": "none"}
        login = {"imap_username": "ann", "imap_password": "secret"}
        self.account = outreach.connect("read@sender.test", **server, **login)
        self.read()

    def read(self) -> None:
        """What is there now, as often as the folder is due."""
        self.outreach.clock.shift(collect.EVERY)
        while collect.read_due():
            pass

    def campaign(self, *people: str, workflow: dict[str, Any] = TWO) -> str:
        campaign_id = self.outreach.started(workflow, to=people, emailAccountId=self.account.pk)
        self.outreach.run()
        return campaign_id

    def mail_to(self, recipient: str, smtp: Any) -> recipients.Delivered:
        return recipients.read(smtp.to(recipient)[-1].message.as_bytes())

    def folder(self) -> MailFolder:
        return MailFolder.objects.get(account=self.account)


@pytest.fixture
def mailbox(outreach: Outreach, imap: ImapServer) -> Mailbox:
    return Mailbox(outreach, imap)


def now() -> datetime:
    return clock.now()


def test_a_reply_ends_the_sequence_and_opens_a_conversation(mailbox: Mailbox, smtp: Any) -> None:
    campaign_id = mailbox.campaign("ann@x.co", "ben@x.co")
    mailbox.imap.append(recipients.reply(mailbox.mail_to("ann@x.co", smtp), now()))
    mailbox.read()
    mailbox.outreach.wait(days=4)
    assert mailbox.outreach.states(campaign_id) == {"ann@x.co": "replied", "ben@x.co": "completed"}
    assert (len(smtp.to("ann@x.co")), len(smtp.to("ben@x.co"))) == (1, 2)
    assert Contact.objects.get(email="ann@x.co").status == "replied"
    assert Conversation.objects.get().status == "unread"
    event = Event.objects.get(type="email.replied")
    assert event.data["replyPreview"].startswith("Thank you, that sounds interesting.")
    assert mailbox.outreach.stats(campaign_id)["replied"] == 1


def test_an_automatic_answer_is_kept_and_stops_nothing(mailbox: Mailbox, smtp: Any) -> None:
    campaign_id = mailbox.campaign("ann@x.co")
    mailbox.imap.append(recipients.out_of_office(mailbox.mail_to("ann@x.co", smtp), now()))
    mailbox.read()
    mailbox.outreach.wait(days=4)
    assert mailbox.outreach.states(campaign_id) == {"ann@x.co": "completed"}
    assert ReceivedMail.objects.get().kind == "automatic"
    assert Conversation.objects.get().status == "read"
    assert mailbox.outreach.stats(campaign_id)["replied"] == 0


def test_a_report_that_names_our_message_is_a_hard_bounce(mailbox: Mailbox, smtp: Any) -> None:
    campaign_id = mailbox.campaign("ann@x.co")
    mailbox.imap.append(recipients.delivery_report(mailbox.mail_to("ann@x.co", smtp), now()))
    mailbox.read()
    assert mailbox.outreach.states(campaign_id) == {"ann@x.co": "bounced"}
    assert Contact.objects.get(email="ann@x.co").status == "bounced"
    stats = mailbox.outreach.stats(campaign_id)
    assert (stats["sent"], stats["delivered"], stats["bounced"]) == (1, 0, 1)
    assert Conversation.objects.count() == 0


def test_a_hard_bounce_after_a_soft_one_is_told_and_counts_once(mailbox: Mailbox, smtp: Any) -> None:
    campaign_id = mailbox.campaign("ann@x.co")
    hard = recipients.delivery_report(mailbox.mail_to("ann@x.co", smtp), now())
    full = hard.replace(b"5.1.1 No such user here", b"5.2.2 Mailbox full").replace(b"Status: 5.1.1", b"Status: 5.2.2")
    for number, report in enumerate([full, full, hard, hard, full]):
        mailbox.imap.append(report.replace(b"<report.", f"<report{number}.".encode()))
        mailbox.read()
        assert Contact.objects.get(email="ann@x.co").status == ("active" if number < 2 else "bounced")
    assert mailbox.outreach.states(campaign_id) == {"ann@x.co": "bounced"}
    told = [("soft", "5.2.2"), ("hard", "5.1.1")]
    events = Event.objects.filter(type="email.bounced").order_by("pk")
    activity = mailbox.outreach.api.get(f"campaigns/{campaign_id}/activity?type=bounced").data
    for found in ([each.data for each in events], [each["metadata"] for each in reversed(activity)]):
        assert [each["bounceType"] for each in found] == [kind for kind, _ in told]
        assert all(status in each["bounceReason"] for each, (_, status) in zip(found, told, strict=True))
    message = mailbox.outreach.message("ann@x.co")
    assert message.bounce_type == "hard" and "5.1.1" in message.response
    stats = mailbox.outreach.stats(campaign_id)
    assert (stats["sent"], stats["delivered"], stats["bounced"]) == (1, 0, 1)


def test_a_report_on_an_address_that_was_corrected_since_kills_no_contact(mailbox: Mailbox, smtp: Any) -> None:
    campaign_id = mailbox.campaign("ann@x.co")
    report = recipients.delivery_report(mailbox.mail_to("ann@x.co", smtp), now())
    contact = Contact.objects.get()
    assert mailbox.outreach.api.patch(f"contacts/{contact.pk}", {"email": "anna@x.co"}).status == 200
    mailbox.imap.append(report)
    mailbox.read()
    contact.refresh_from_db()
    assert (contact.status, mailbox.outreach.states(campaign_id)) == ("active", {"anna@x.co": "in_progress"})
    stats = mailbox.outreach.stats(campaign_id)
    assert (stats["sent"], stats["bounced"]) == (1, 1)


def test_a_report_that_names_only_the_address_kills_no_address(mailbox: Mailbox, smtp: Any) -> None:
    campaign_id = mailbox.campaign("ann@x.co")
    mail = mailbox.mail_to("ann@x.co", smtp)
    mailbox.imap.append(recipients.delivery_report(mail, now()).replace(mail.message_id.encode(), b"<other@x.co>"))
    mailbox.read()
    assert Contact.objects.get(email="ann@x.co").status == "active"
    assert mailbox.outreach.states(campaign_id) == {"ann@x.co": "in_progress"}


def test_a_stranger_s_mail_changes_and_keeps_nothing(mailbox: Mailbox) -> None:
    campaign_id = mailbox.campaign("ann@x.co")
    mailbox.imap.append(
        b"From: spam@y.co\r\nTo: read@sender.test\r\nSubject: Win\r\nMessage-ID: <1@y.co>\r\n\r\nHi\r\n"
    )
    mailbox.read()
    assert ReceivedMail.objects.count() == 0
    assert mailbox.outreach.states(campaign_id) == {"ann@x.co": "in_progress"}
    assert mailbox.folder().last_uid == 1


def test_an_address_is_known_however_its_domain_is_spelled(mailbox: Mailbox, smtp: Any) -> None:
    campaign_id = mailbox.campaign("ann@bücher.test")
    mailbox.imap.append(
        b"From: ann@xn--bcher-kva.test\r\nTo: read@sender.test\r\nSubject: Yes\r\n"
        b"Message-ID: <1@xn--bcher-kva.test>\r\n\r\nLet us talk.\r\n"
    )
    mailbox.read()
    assert mailbox.outreach.states(campaign_id) == {"ann@bücher.test": "replied"}


def test_our_own_copy_is_no_reply(mailbox: Mailbox, smtp: Any) -> None:
    campaign_id = mailbox.campaign("ann@x.co")
    mailbox.imap.append(smtp.to("ann@x.co")[0].message.as_bytes())
    mailbox.read()
    assert mailbox.outreach.states(campaign_id) == {"ann@x.co": "in_progress"}
    assert ReceivedMail.objects.count() == 0


def test_what_was_there_before_the_account_is_not_read(outreach: Outreach, imap: ImapServer) -> None:
    imap.append(b"From: ann@x.co\r\nMessage-ID: <old@x.co>\r\n\r\nLong ago\r\n")
    mailbox = Mailbox(outreach, imap)
    assert mailbox.folder().last_uid == 1
    mailbox.campaign("ann@x.co")
    mailbox.read()
    assert ReceivedMail.objects.count() == 0


def test_new_numbers_read_all_again_and_count_nothing_twice(
    mailbox: Mailbox, smtp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_id = mailbox.campaign("ann@x.co", "ben@x.co")
    mailbox.imap.append(recipients.reply(mailbox.mail_to("ann@x.co", smtp), now()))
    mailbox.read()
    monkeypatch.setattr(imap_server, "UID_VALIDITY", 2)
    mailbox.imap.append(recipients.reply(mailbox.mail_to("ben@x.co", smtp), now()))
    mailbox.read()
    assert mailbox.outreach.stats(campaign_id)["replied"] == 2
    assert ReceivedMail.objects.count() == 2
    assert mailbox.folder().uid_validity == 2


def test_a_worker_that_breaks_off_leaves_the_rest_for_the_next(
    mailbox: Mailbox, smtp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_id = mailbox.campaign("ann@x.co", "ben@x.co")
    for address in ("ann@x.co", "ben@x.co"):
        mailbox.imap.append(recipients.reply(mailbox.mail_to(address, smtp), now()))
    taken = collect._take
    calls = 0

    def breaks_at_the_second(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise SystemExit
        taken(*arguments)

    monkeypatch.setattr(collect, "_take", breaks_at_the_second)
    with pytest.raises(SystemExit):
        mailbox.read()
    assert (mailbox.folder().last_uid, mailbox.outreach.stats(campaign_id)["replied"]) == (1, 1)
    monkeypatch.setattr(collect, "_take", taken)
    mailbox.outreach.clock.shift(timedelta(seconds=collect.LEASE_SECONDS + 1))
    mailbox.read()
    assert (mailbox.folder().last_uid, mailbox.outreach.stats(campaign_id)["replied"]) == (2, 2)
    assert ReceivedMail.objects.count() == 2


def test_a_wrong_password_is_told_and_tried_again_later(mailbox: Mailbox) -> None:
    mailbox.imap.login = ("ann", "other")
    mailbox.read()
    folder = mailbox.folder()
    assert "AUTHENTICATIONFAILED" in folder.last_error
    assert folder.due_at >= now() + collect.AFTER_REFUSAL - collect.EVERY
    assert "secret" not in folder.last_error
    mailbox.imap.login = ("ann", "secret")
    mailbox.outreach.clock.shift(collect.AFTER_REFUSAL)
    mailbox.read()
    assert mailbox.folder().last_error == ""


def test_a_server_that_is_gone_is_tried_again_later(outreach: Outreach, smtp: Any) -> None:
    values = {"imap_host": "127.0.0.1", "imap_port": 9, "imap_security": "none"}
    account = outreach.connect("gone@sender.test", **values)
    collect.read_due()
    folder = MailFolder.objects.get(account=account)
    assert folder.last_error
    assert (folder.lease, folder.due_at) == ("", now() + collect.AFTER_FAILURE)


def test_a_reply_without_references_is_known_by_its_address(mailbox: Mailbox) -> None:
    campaign_id = mailbox.campaign("ann@x.co")
    raw = "From: Ann <ANN@x.co>\r\nTo: read@sender.test\r\nSubject: Hm\r\nMessage-ID: <n@x.co>\r\n\r\nCall me\r\n"
    mailbox.imap.append(raw.encode())
    mailbox.read()
    assert mailbox.outreach.states(campaign_id) == {"ann@x.co": "replied"}


def test_a_reply_after_the_end_still_counts(mailbox: Mailbox, smtp: Any) -> None:
    campaign_id = mailbox.campaign("ann@x.co", workflow=sequence(email("first")))
    assert mailbox.outreach.states(campaign_id) == {"ann@x.co": "completed"}
    mailbox.imap.append(recipients.reply(mailbox.mail_to("ann@x.co", smtp), now()))
    mailbox.read()
    assert Enrolment.objects.get().status == "replied"


def test_a_reply_that_reaches_a_stranger_s_account_changes_nothing_here(
    mailbox: Mailbox, stranger: Any, smtp: Any
) -> None:
    campaign_id = mailbox.campaign("ann@x.co")
    raw = recipients.reply(mailbox.mail_to("ann@x.co", smtp), now())
    theirs = accounts.create(stranger.workspace, {"email": "their@c.example"})
    folder = MailFolder.objects.create(id=ids.new("fdr"), account=theirs, name="INBOX", uid_validity=1)
    with change(stranger.workspace, TESTS) as unit:
        assert incoming.take(unit, theirs, folder, 1, raw) == ""
    assert mailbox.outreach.states(campaign_id) == {"ann@x.co": "in_progress"}
    assert ReceivedMail.objects.count() == 0
