"""People's answers go out over a real SMTP server, at most once, whatever breaks in between."""

from datetime import timedelta

import pytest

from campaigns import tasks
from campaigns.models import EmailAccount, Reply
from campaigns.sending import replies
from campaigns.sending.recording import RETRIES
from contacts.models import Contact
from fluenzr_site.core import clock, leases
from fluenzr_site.workspaces.models import Workspace
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.correspondence import ADDRESS, Correspondence, member, send_all
from tests.campaigns.receiving.folder_server import FolderServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailbox(outreach: Outreach, smtp: MailServer, imap: FolderServer) -> Correspondence:
    """Ann has answered the campaign."""
    found = Correspondence(outreach, smtp, imap)
    found.is_answered("Tell me more.\n\n> Hi <b>Ann</b>", **{"Message-ID": "<more@x.co>", "Subject": "RE: Hello"})
    return found


def the() -> Reply:
    return Reply.objects.get()


# ------------------------------------------------------------------------------------------------ on the wire


def test_an_answer_on_the_wire(mailbox: Correspondence) -> None:
    reply = mailbox.answer("With pleasure.\nRea")
    send_all()
    (mail,) = mailbox.answers()
    assert (mail["From"], mail["To"]) == (f"Rea Reader <{ADDRESS}>", "Ann Lee <ann@x.co>")
    assert mail["Subject"] == "Re: Hello"
    assert mail["Message-ID"] == f"<{reply.pk}@sender.test>"
    assert mail["In-Reply-To"] == "<more@x.co>"
    assert mail["References"].split() == [mailbox.mail.message_id, "<more@x.co>"]
    assert "List-Unsubscribe" not in mail
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert text.startswith("With pleasure.\nRea\n\nOn 07 Jan 2030 at ")
    assert "Ann Lee wrote:\n> Tell me more.\n>\n>> Hi <b>Ann</b>" in text


def test_its_html_tracks_nothing_and_runs_nothing(mailbox: Correspondence) -> None:
    mailbox.answer("See https://x.co/a <script>alert(1)</script>")
    send_all()
    html = mailbox.answers()[0].get_body(("html",)).get_content()
    assert '<a href="https://x.co/a">' in html
    assert "&lt;script&gt;" in html and "<script" not in html
    assert "&lt;b&gt;Ann&lt;/b&gt;" in html
    assert "<img" not in html and "unsubscribe" not in html.lower()


def test_names_and_subjects_add_no_header(mailbox: Correspondence) -> None:
    Contact.objects.update(first_name="Ann\r\nBcc: a@b.co", last_name="=?utf-8?q?=0A?=")
    mailbox.conversation().received.update(subject="Hi\r\nBcc: a@b.co\r\n\r\nbody", message_id="<a@b.co>\r\nX: y")
    mailbox.answer()
    send_all()
    (mail,) = mailbox.answers()
    assert (mail["Bcc"], mail["X"], mail["In-Reply-To"]) == (None, None, None)


def test_what_follows_from_sending(mailbox: Correspondence) -> None:
    mailbox.answer(author=member(mailbox.outreach.workspace))
    mailbox.outreach.clock.shift(30)
    assert replies.send_due()
    reply = the()
    assert (reply.state, reply.sent_at, reply.due_at, reply.lease) == ("sent", clock.now(), None, "")
    assert reply.response == "250 2.0.0 queued"
    conversation = mailbox.conversation()
    assert (conversation.status, conversation.last_at) == ("replied", clock.now())
    assert mailbox.outreach.stats(mailbox.campaign_id)["sent"] == 1
    assert not replies.send_due()


def test_the_worker_sends_it_with_its_next_tick(mailbox: Correspondence) -> None:
    mailbox.answer()
    tasks.send()
    assert the().state == "sent"


def test_it_waits_for_no_campaign_s_pace(mailbox: Correspondence) -> None:
    EmailAccount.objects.filter(pk=mailbox.account.pk).update(daily_limit=1)
    for text in ("One", "Two", "Three"):
        mailbox.answer(text)
    send_all()
    assert len(mailbox.answers()) == 3


def test_sandboxes_send_no_real_mail(mailbox: Correspondence) -> None:
    mailbox.answer()
    Workspace.objects.filter(pk=mailbox.outreach.workspace.pk).update(is_sandbox=True)
    assert not replies.send_due()
    assert mailbox.answers() == []


# ---------------------------------------------------------------------------------------------- at most once


def test_cut_off_between_intent_and_result_it_is_uncertain_and_never_sent_again(mailbox: Correspondence) -> None:
    mailbox.answer()
    Reply.objects.update(state="sending", lease="of the killed one", leased_until=clock.now() + timedelta(minutes=15))
    assert not replies.send_due()
    mailbox.outreach.clock.shift(timedelta(minutes=16))
    send_all()
    assert (the().state, the().due_at) == ("uncertain", None)
    assert mailbox.conversation().status == "unread"
    mailbox.outreach.clock.shift(timedelta(days=3))
    send_all()
    assert mailbox.answers() == []


def test_killed_before_the_intent_it_is_sent_by_another(mailbox: Correspondence) -> None:
    mailbox.answer()
    leases.claim(Reply.objects.all(), seconds=replies.LEASE_SECONDS)
    mailbox.outreach.clock.shift(replies.LEASE_SECONDS + 1)
    send_all()
    assert (the().state, len(mailbox.answers())) == ("sent", 1)


def test_who_has_lost_the_lease_sends_and_writes_nothing(
    mailbox: Correspondence, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox.answer()
    written = replies.write

    def taken_over(reply: Reply, at: object) -> bytes:
        Reply.objects.update(lease="another's")
        return written(reply, clock.now())

    monkeypatch.setattr(replies, "write", taken_over)
    assert replies.send_due()
    assert (the().state, the().lease, mailbox.answers()) == ("queued", "another's", [])


def test_a_connection_that_breaks_while_it_goes_out(mailbox: Correspondence, smtp: MailServer) -> None:
    mailbox.answer()
    smtp.hangs_up_on.add("ann@x.co")
    send_all()
    assert the().state == "uncertain"
    mailbox.outreach.clock.shift(timedelta(days=1))
    send_all()
    assert len(mailbox.answers()) == 1


# ------------------------------------------------------------------------------------------------- failures


def test_a_temporary_refusal_is_tried_again_three_times(mailbox: Correspondence, smtp: MailServer) -> None:
    mailbox.answer()
    smtp.answers["ann@x.co"] = "451 4.3.0 Later"
    for attempt, wait in enumerate(RETRIES, 1):
        send_all()
        assert (the().state, the().attempts, the().due_at) == ("queued", attempt, clock.now() + wait)
        assert "Later" in the().response
        mailbox.outreach.clock.shift(wait)
    send_all()
    assert (the().state, the().due_at, len(smtp.refused)) == ("failed", None, 4)
    assert mailbox.conversation().status == "unread"


def test_a_temporary_refusal_that_passes(mailbox: Correspondence, smtp: MailServer) -> None:
    mailbox.answer()
    smtp.answers["ann@x.co"] = "451 4.3.0 Later"
    send_all()
    smtp.answers.clear()
    mailbox.outreach.clock.shift(RETRIES[0])
    send_all()
    assert (the().state, len(mailbox.answers())) == ("sent", 1)


def test_a_refusal_for_good_has_the_server_s_words(mailbox: Correspondence, smtp: MailServer) -> None:
    mailbox.answer()
    smtp.answers["ann@x.co"] = "550 5.1.1 No such person"
    send_all()
    assert (the().state, the().response) == ("failed", "550 5.1.1 No such person")
    assert mailbox.outreach.stats(mailbox.campaign_id)["bounced"] == 0


def test_a_refused_password_fails_the_account_and_the_answer_waits(mailbox: Correspondence, smtp: MailServer) -> None:
    account = EmailAccount.objects.filter(pk=mailbox.account.pk)
    mailbox.answer()
    account.update(smtp_username="rea", smtp_password="nothing that was encrypted")
    send_all()
    assert (the().state, account.get().state) == ("queued", "failing")
    mailbox.outreach.clock.shift(timedelta(minutes=6))
    send_all()
    assert "refuses the login" in the().response
    account.update(state="connected", smtp_username="", smtp_password="")
    mailbox.outreach.clock.shift(timedelta(minutes=6))
    send_all()
    assert the().state == "sent"


def test_a_server_that_is_gone_is_asked_again_later(mailbox: Correspondence) -> None:
    account = EmailAccount.objects.filter(pk=mailbox.account.pk)
    port = mailbox.account.smtp_port
    mailbox.answer()
    account.update(smtp_port=9)
    send_all()
    assert (the().state, the().attempts) == ("queued", 0)
    assert account.get().retry_at == clock.now() + timedelta(minutes=5)
    account.update(smtp_port=port)
    mailbox.outreach.clock.shift(timedelta(minutes=6))
    send_all()
    assert the().state == "sent"


def test_who_was_blocked_meanwhile_gets_nothing(mailbox: Correspondence) -> None:
    mailbox.answer()
    Contact.objects.update(status="blocked")
    send_all()
    assert (the().state, the().response) == ("failed", "The contact is blocked.")
    assert mailbox.answers() == []


def test_an_answer_that_cannot_be_written_stops_no_other(
    mailbox: Correspondence, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = mailbox.answer("Secret words"), mailbox.answer("Good")
    built = replies.build

    def fails(envelope: object) -> bytes:
        if "Secret" in envelope.text:  # type: ignore[attr-defined]
            raise RuntimeError(envelope.text)  # type: ignore[attr-defined]
        return built(envelope)  # type: ignore[arg-type]

    monkeypatch.setattr(replies, "build", fails)
    send_all()
    states = dict(Reply.objects.values_list("pk", "state"))
    assert states == {bad.pk: "queued", good.pk: "sent"}
    assert bad.pk in caplog.text and "Secret" not in caplog.text
