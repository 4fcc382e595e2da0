"""Junk and sent are found and read; what a person wrote elsewhere is kept, and never taken for the contact's reply."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from campaigns.changes import accounts
from campaigns.models import Conversation, MailFolder, ReceivedMail, Reply
from campaigns.receiving import collect, folders
from campaigns.receiving.folder_names import FolderName
from campaigns.sandbox import recipients
from contacts.models import Contact
from fluenzr_site.core import clock
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.correspondence import ADDRESS, Correspondence, send_all, written
from tests.campaigns.receiving.folder_server import FolderServer, Store

pytestmark = pytest.mark.django_db


@pytest.fixture
def imap() -> Iterator[FolderServer]:
    with FolderServer(Spam="\\Junk", Sent="\\HasNoChildren \\Sent", Archive="\\Archive") as server:
        yield server


def names(*folders_: tuple[str, str]) -> dict[str, str]:
    listed = [FolderName(name, frozenset(flags.split())) for name, flags in folders_]
    return {role.value: name for role, name in folders.chosen(listed).items()}


# ---------------------------------------------------------------------------------------------- which they are


def test_flags_tell_more_than_names() -> None:
    listed = names(("INBOX", ""), ("Sent", ""), ("Ablage", "\\sent"), ("Spam", ""), ("[Gmail]/X", "\\Junk"))
    assert listed == {"sent": "Ablage", "junk": "[Gmail]/X"}


@pytest.mark.parametrize(
    ("sent", "junk"),
    [
        ("Sent Items", "Junk Email"),
        ("INBOX.Sent", "INBOX.Junk"),
        ("Éléments envoyés", "Courrier indésirable"),
        ("Gesendete Objekte", "Junk-E-Mail"),
        ("Elementos enviados", "Correo no deseado"),
        ("[Gmail]/भेजे गए", "[Gmail]/स्पैम"),
    ],
)
def test_usual_names(sent: str, junk: str) -> None:
    assert names(("INBOX", ""), (sent, ""), (junk, ""), ("Archive/Sent", "")) == {"sent": sent, "junk": junk}


def test_folders_that_cannot_be_opened_or_are_something_else() -> None:
    assert names(("Sent", "\\Noselect"), ("Spam", "\\Sent"), ("inbox", "\\Junk")) == {"sent": "Spam"}
    assert names(("Projects/Sent", ""), ("S" * 300, "\\Sent"), ("A\nB", "\\Junk")) == {}


# -------------------------------------------------------------------------------------------- when they are read


def test_junk_and_sent_are_read_from_now_on(outreach: Outreach, smtp: MailServer, imap: FolderServer) -> None:
    imap.append(written("ann@x.co", ADDRESS, "old"), "Spam")
    mailbox = Correspondence(outreach, smtp, imap)
    found = dict(MailFolder.objects.filter(account=mailbox.account).values_list("name", "role"))
    assert found == {"INBOX": "inbox", "Spam": "junk", "Sent": "sent"}
    assert mailbox.folder("Spam").last_uid == 1
    mailbox.read()
    assert ReceivedMail.objects.count() == 0


def test_folders_are_listed_once_a_day(mailbox: Correspondence, imap: FolderServer) -> None:
    for _ in range(3):
        mailbox.read()
    assert imap.lists == 1
    mailbox.outreach.clock.shift(timedelta(days=1))
    mailbox.read()
    mailbox.read()
    assert imap.lists == 2


def test_folders_that_cannot_be_listed_keep_no_mail_back(
    outreach: Outreach, smtp: MailServer, imap: FolderServer
) -> None:
    imap.refuses_lists = True
    mailbox = Correspondence(outreach, smtp, imap)
    mailbox.is_answered()
    assert mailbox.folder("INBOX").last_error == ""
    assert MailFolder.objects.filter(account=mailbox.account).count() == 1


def test_a_reply_in_junk_counts_once_also_when_it_is_moved(mailbox: Correspondence, imap: FolderServer) -> None:
    raw = recipients.reply(mailbox.mail, clock.now())
    imap.append(raw, "Spam")
    mailbox.read()
    imap.append(raw, "INBOX")
    mailbox.read()
    assert mailbox.outreach.states(mailbox.campaign_id) == {"ann@x.co": "replied"}
    assert ReceivedMail.objects.get().folder.role == "junk"
    assert mailbox.conversation().status == "unread"


def test_a_bounce_in_junk_is_one(mailbox: Correspondence, imap: FolderServer) -> None:
    imap.append(recipients.delivery_report(mailbox.mail, clock.now()), "Spam")
    mailbox.read()
    assert Contact.objects.get().status == "bounced"


def test_a_folder_that_is_gone_stops_no_other_and_is_not_tried_for_ever(
    mailbox: Correspondence, imap: FolderServer
) -> None:
    del imap.folders["Spam"]
    mailbox.is_answered()
    gone = mailbox.folder("Spam")
    assert (gone.due_at, gone.lease) == (None, "")
    assert "NONEXISTENT" in gone.last_error
    imap.folders["Spam"] = Store("\\Junk")
    mailbox.outreach.clock.shift(timedelta(days=1))
    mailbox.read()
    back = mailbox.folder("Spam")
    assert (back.last_error, back.due_at is None) == ("", False)


def test_an_inbox_that_is_gone_is_tried_again(mailbox: Correspondence, imap: FolderServer) -> None:
    inbox = imap.folders.pop("INBOX")
    mailbox.read()
    assert mailbox.folder("INBOX").due_at == clock.now() + collect.AFTER_FAILURE
    imap.folders["INBOX"] = inbox
    mailbox.outreach.clock.shift(collect.AFTER_FAILURE)
    mailbox.read()
    assert mailbox.folder("INBOX").last_error == ""


def test_each_folder_has_numbers_of_its_own(mailbox: Correspondence, imap: FolderServer) -> None:
    mailbox.is_answered()
    imap.folders["Sent"].validity = 9
    mailbox.read()
    assert (mailbox.folder("Sent").uid_validity, mailbox.folder("INBOX").uid_validity) == (9, 1)


# ------------------------------------------------------------------------------------------------- what is sent


def test_our_own_copies_mean_nothing(mailbox: Correspondence, imap: FolderServer, smtp: MailServer) -> None:
    mailbox.is_answered()
    mailbox.answer()
    send_all()
    for each in smtp.received:
        imap.append(each.message.as_bytes(), "Sent")
    mailbox.read()
    assert [reply.state for reply in Reply.objects.all()] == ["sent"]
    assert ReceivedMail.objects.count() == 1


def test_a_copy_under_another_id_is_ours_too(mailbox: Correspondence, imap: FolderServer, smtp: MailServer) -> None:
    mailbox.is_answered()
    reply = mailbox.answer()
    send_all()
    for each in smtp.received:
        message = each.message
        message.replace_header("Message-ID", "<given@server.test>")
        imap.append(message.as_bytes(), "Sent")
    mailbox.read()
    assert Reply.objects.get() == reply


@pytest.mark.parametrize("by", ["received", "ours", "recipient"])
def test_what_a_person_wrote_elsewhere_is_in_the_conversation(
    mailbox: Correspondence, imap: FolderServer, by: str
) -> None:
    mailbox.is_answered()
    named = {"received": ReceivedMail.objects.get().message_id, "ours": mailbox.mail.message_id}
    headers = {"In-Reply-To": named[by]} if by in named else {}
    to = "ann.lee@home.test" if by == "received" else "Ann <ANN@x.co>"
    imap.append(written(ADDRESS, to, "From my telephone", **headers), "Sent")
    mailbox.read()
    reply = Reply.objects.get()
    assert (reply.state, reply.text.strip(), reply.author) == ("found", "From my telephone", None)
    assert (reply.conversation.status, reply.due_at) == ("replied", None)
    assert ReceivedMail.objects.count() == 1
    assert mailbox.outreach.stats(mailbox.campaign_id)["replied"] == 1


def test_it_stops_no_sequence_and_opens_no_conversation(mailbox: Correspondence, imap: FolderServer) -> None:
    before = mailbox.outreach.states(mailbox.campaign_id)
    imap.append(written(ADDRESS, "ann@x.co", "Hello again", **{"In-Reply-To": mailbox.mail.message_id}), "Sent")
    mailbox.read()
    assert mailbox.outreach.states(mailbox.campaign_id) == before
    assert (Reply.objects.count(), Conversation.objects.count()) == (0, 0)
    assert Contact.objects.get().status == "active"


def test_other_mail_and_forwards_to_colleagues_mean_nothing(mailbox: Correspondence, imap: FolderServer) -> None:
    mailbox.is_answered()
    imap.append(written(ADDRESS, "mum@home.test", "Hi mum"), "Sent")
    named = {"In-Reply-To": ReceivedMail.objects.get().message_id}
    imap.append(written(ADDRESS, "boss@sender.test", "See below", **named), "Sent")
    mailbox.read()
    assert Reply.objects.count() == 0
    assert mailbox.conversation().status == "unread"


def test_who_has_written_since_is_still_unread(mailbox: Correspondence, imap: FolderServer) -> None:
    mailbox.is_answered()
    imap.append(written(ADDRESS, "ann@x.co", "Before", Date="Mon, 07 Jan 2030 10:00:30 +0000"), "Sent")
    mailbox.read()
    assert mailbox.conversation().status == "unread"
    assert Reply.objects.count() == 1


def test_new_numbers_find_nothing_twice(mailbox: Correspondence, imap: FolderServer) -> None:
    mailbox.is_answered()
    imap.append(written(ADDRESS, "ann@x.co", "Once"), "Sent")
    without_id = written(ADDRESS, "ann@x.co", "Nameless").replace(b"Message-ID", b"X-Was")
    imap.append(without_id, "Sent")
    imap.append(written(ADDRESS, "ann@x.co", "Old", Date="Mon, 01 Jan 2029 10:00:00 +0000"), "Sent")
    mailbox.read()
    imap.folders["Sent"].validity = 2
    mailbox.read()
    assert sorted(text.strip() for text in Reply.objects.values_list("text", flat=True)) == ["Nameless", "Once"]


def test_a_copy_of_an_uncertain_answer_shows_that_it_was_sent(
    mailbox: Correspondence, imap: FolderServer, smtp: MailServer
) -> None:
    mailbox.is_answered()
    mailbox.answer()
    smtp.hangs_up_on.add("ann@x.co")
    send_all()
    assert Reply.objects.get().state == "uncertain"
    imap.append(mailbox.answers()[0].as_bytes(), "Sent")
    mailbox.read()
    assert Reply.objects.get().state == "sent"
    assert mailbox.conversation().status == "replied"


def test_an_answer_to_our_answer_and_its_bounce(mailbox: Correspondence, imap: FolderServer) -> None:
    mailbox.is_answered()
    mailbox.answer()
    send_all()
    ours = recipients.read(mailbox.answers()[0].as_bytes())
    only = {"In-Reply-To": ours.message_id, "References": ours.message_id}
    imap.append(written("other@y.co", ADDRESS, "It's me, Ann", **only))
    mailbox.read()
    assert mailbox.conversation().status == "unread"
    imap.append(recipients.delivery_report(ours, clock.now()))
    mailbox.read()
    assert Reply.objects.get().state == "failed"
    assert mailbox.outreach.stats(mailbox.campaign_id)["bounced"] == 0


def test_a_stranger_s_sent_folder_finds_nothing_here(
    mailbox: Correspondence, imap: FolderServer, stranger: Any
) -> None:
    mailbox.is_answered()
    server = {"imap_host": "127.0.0.1", "imap_port": imap.port, "imap_security": "none"}
    theirs = {"email": ADDRESS, "imap_username": "ann", "imap_password": "secret", **server}
    accounts.create(stranger.workspace, theirs)
    mailbox.read()
    MailFolder.objects.filter(account=mailbox.account).update(due_at=None)
    imap.append(written(ADDRESS, "ann@x.co", "Mine"), "Sent")
    mailbox.read()
    assert Reply.objects.count() == 0
