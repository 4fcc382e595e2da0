"""Conversations are read, put away and answered; what may not be answered is refused, and nothing is queued twice."""

from typing import Any

import pytest

from campaigns.changes import conversations
from campaigns.changes.conversations import Refused, Unknown, answer_subject, new_token
from campaigns.models import Conversation, EmailAccount, Reply
from contacts.changes.erasure import erase
from contacts.models import Contact, Suppression
from contacts.models.suppression import address_digest
from fluenzr_site.core import clock
from tests.campaigns.api.support import TESTS
from tests.campaigns.correspondence import Correspondence, member, send_all

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("Hello", "Re: Hello"),
        ("Re: Hello", "Re: Hello"),
        ("RE: re:  Hello", "Re: Hello"),
        ("AW: Re[2]: Hello", "Re: Hello"),
        ("RÉF : Hello", "Re: Hello"),
        ("Regarding: Hello", "Re: Regarding: Hello"),
        ("", "Re:"),
        ("Hi\r\nBcc: a@b.co", "Re: Hi Bcc: a@b.co"),
    ],
)
def test_subjects_begin_with_one_re(subject: str, answer: str) -> None:
    assert answer_subject(subject) == answer


def test_a_long_subject_still_fits() -> None:
    assert len(answer_subject("x" * 998)) == 998


# ----------------------------------------------------------------------------------------------- statuses


@pytest.mark.parametrize("status", ["read", "archived", "unread"])
def test_statuses_that_a_person_sets(mailbox: Correspondence, status: str) -> None:
    conversation = mailbox.is_answered()
    conversations.set_status(mailbox.outreach.workspace, conversation.pk, status, by=TESTS)
    assert mailbox.conversation().status == status


def test_no_other_status_and_no_other_workspace(mailbox: Correspondence, stranger: Any) -> None:
    conversation = mailbox.is_answered()
    with pytest.raises(ValueError, match="replied"):
        conversations.set_status(mailbox.outreach.workspace, conversation.pk, "replied", by=TESTS)
    with pytest.raises(Unknown):
        conversations.set_status(stranger.workspace, conversation.pk, "archived", by=TESTS)
    assert mailbox.conversation().status == "unread"


def test_opening_makes_read_what_is_unread_alone(mailbox: Correspondence) -> None:
    conversation = mailbox.is_answered()
    conversations.mark_read(conversation, by=TESTS)
    assert mailbox.conversation().status == "read"
    conversations.set_status(mailbox.outreach.workspace, conversation.pk, "archived", by=TESTS)
    conversations.mark_read(mailbox.conversation(), by=TESTS)
    assert mailbox.conversation().status == "archived"


def test_a_new_reply_brings_an_archived_conversation_back(mailbox: Correspondence) -> None:
    conversation = mailbox.is_answered()
    conversations.set_status(mailbox.outreach.workspace, conversation.pk, "archived", by=TESTS)
    assert mailbox.is_answered("One more thing").status == "unread"


# ---------------------------------------------------------------------------------------------- answering


def test_an_answer_is_queued_with_its_thread(mailbox: Correspondence) -> None:
    mailbox.is_answered("Tell me more", **{"Message-ID": "<more@x.co>", "Subject": "AW: Hello"})
    mia = member(mailbox.outreach.workspace)
    reply = mailbox.answer("  With pleasure.\r\n", author=mia)
    assert (reply.state, reply.subject, reply.text, reply.author) == ("queued", "Re: Hello", "With pleasure.", mia)
    assert reply.message_id == f"<{reply.pk}@sender.test>"
    assert reply.references == [mailbox.mail.message_id, "<more@x.co>"]
    assert reply.due_at == reply.at == clock.now()


def test_the_thread_goes_on(mailbox: Correspondence) -> None:
    mailbox.is_answered("One", **{"Message-ID": "<1@x.co>"})
    first = mailbox.answer("Two")
    send_all()
    mailbox.outreach.clock.shift(60)
    second = mailbox.answer("And by the way")
    assert second.references == first.references
    send_all()
    mailbox.outreach.clock.shift(60)
    mailbox.is_answered("Three", **{"Message-ID": "<3@x.co>", "In-Reply-To": first.message_id})
    third = mailbox.answer("Four")
    assert third.references == [*first.references, first.message_id, second.message_id, "<3@x.co>"]


def test_an_automatic_answer_after_it_is_not_what_is_answered(mailbox: Correspondence) -> None:
    mailbox.is_answered("Tell me more", **{"Message-ID": "<more@x.co>"})
    mailbox.outreach.clock.shift(60)
    mailbox.is_answered("I am away", **{"Message-ID": "<away@x.co>", "Auto-Submitted": "auto-replied"})
    assert mailbox.answer().references[-1] == "<more@x.co>"


def test_the_same_form_sent_twice_is_one_answer(mailbox: Correspondence) -> None:
    conversation, token = mailbox.is_answered(), new_token()
    workspace = mailbox.outreach.workspace
    first = conversations.reply(workspace, conversation.pk, "Hello", author=None, token=token)
    again = conversations.reply(workspace, conversation.pk, "Hello", author=None, token=token)
    assert first == again
    send_all()
    conversations.reply(workspace, conversation.pk, "Hello", author=None, token=token)
    send_all()
    assert len(mailbox.answers()) == 1


@pytest.mark.parametrize(
    "token", ["", "rpl_", "rpl_0123", "msg_00000000000000000000", "rpl_<00000000000000000>", "a@b>"]
)
def test_made_up_tokens_are_refused(mailbox: Correspondence, token: str) -> None:
    conversation = mailbox.is_answered()
    with pytest.raises(Refused, match="out of date"):
        conversations.reply(mailbox.outreach.workspace, conversation.pk, "Hello", author=None, token=token)


def test_another_conversation_s_token_is_refused(mailbox: Correspondence, stranger: Any) -> None:
    conversation, reply = mailbox.is_answered(), mailbox.answer()
    other = Conversation.objects.create(
        workspace=stranger.workspace,
        contact_id=stranger.api.create("zoe@x.co")["id"],
        account=EmailAccount.objects.create(
            workspace=stranger.workspace, email="z@z.test", smtp_host="127.0.0.1", created_at=clock.now()
        ),
        last_at=clock.now(),
    )
    with pytest.raises(Refused, match="out of date"):
        conversations.reply(stranger.workspace, other.pk, "Hello", author=None, token=reply.pk)
    with pytest.raises(Unknown):
        conversations.reply(stranger.workspace, conversation.pk, "Hello", author=None, token=new_token())
    assert Reply.objects.get() == reply


@pytest.mark.parametrize("text", ["", " \n\t ", "\x00\r\n"])
def test_an_empty_answer_is_refused(mailbox: Correspondence, text: str) -> None:
    mailbox.is_answered()
    with pytest.raises(Refused, match="Write something"):
        mailbox.answer(text)


def test_a_very_long_answer_is_refused(mailbox: Correspondence) -> None:
    mailbox.is_answered()
    with pytest.raises(Refused, match="100000 characters"):
        mailbox.answer("x" * (conversations.MOST_TEXT + 1))


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"status": "bounced"}, "come back"),
        ({"status": "blocked"}, "is blocked"),
        ({"email": None}, "no e-mail address"),
        ({"email": "ann lee@x.co"}, "characters that no address has"),
    ],
)
def test_contacts_that_are_not_written_to(mailbox: Correspondence, values: dict[str, Any], why: str) -> None:
    mailbox.is_answered()
    Contact.objects.update(**values)
    with pytest.raises(Refused, match=why):
        mailbox.answer()
    assert Reply.objects.count() == 0


def test_who_unsubscribed_and_wrote_to_us_may_be_answered(mailbox: Correspondence) -> None:
    conversation = mailbox.is_answered("Not now, but call me in May")
    Contact.objects.update(status="unsubscribed")
    assert mailbox.answer().state == "queued"
    conversation.received.update(kind="automatic")
    with pytest.raises(Refused, match="unsubscribed"):
        mailbox.answer()


def test_who_complained_is_not_answered(mailbox: Correspondence) -> None:
    mailbox.is_answered()
    Contact.objects.update(status="unsubscribed")
    mailbox.is_answered("Spam!")
    mailbox.conversation().received.filter(text__startswith="Spam").update(kind="complaint")
    with pytest.raises(Refused, match="unsubscribed"):
        mailbox.answer()


def test_a_suppressed_address_is_never_written_to(mailbox: Correspondence) -> None:
    mailbox.is_answered()
    Suppression.objects.create(
        workspace=mailbox.outreach.workspace, digest=address_digest("ann@x.co"), reason="erased", created_at=clock.now()
    )
    with pytest.raises(Refused, match="erased"):
        mailbox.answer()


def test_erasing_a_contact_takes_the_conversation_and_what_is_queued(mailbox: Correspondence) -> None:
    mailbox.is_answered()
    mailbox.answer()
    erase(mailbox.outreach.workspace, mailbox.ann, by=TESTS)
    assert (Reply.objects.count(), Conversation.objects.count()) == (0, 0)
    send_all()
    assert mailbox.answers() == []


@pytest.mark.parametrize(
    ("values", "why"),
    [({"state": "paused"}, "paused"), ({"state": "failing"}, "refuses"), ({"smtp_host": ""}, "server")],
)
def test_an_account_that_cannot_send(mailbox: Correspondence, values: dict[str, str], why: str) -> None:
    mailbox.is_answered()
    EmailAccount.objects.filter(pk=mailbox.account.pk).update(**values)
    with pytest.raises(Refused, match=why):
        mailbox.answer()


# --------------------------------------------------------------------------------------------- uncertain ones


def uncertain(mailbox: Correspondence) -> Reply:
    mailbox.is_answered()
    reply = mailbox.answer()
    Reply.objects.update(state="uncertain", due_at=None)
    return reply


def test_a_person_says_that_it_was_sent(mailbox: Correspondence) -> None:
    reply = uncertain(mailbox)
    settled = conversations.settle(mailbox.outreach.workspace, reply.pk, was_sent=True, by=TESTS)
    assert (settled.state, settled.sent_at) == ("sent", reply.at)
    assert mailbox.conversation().status == "replied"
    send_all()
    assert mailbox.answers() == []


def test_a_person_says_that_it_was_not_sent(mailbox: Correspondence) -> None:
    reply = uncertain(mailbox)
    conversations.settle(mailbox.outreach.workspace, reply.pk, was_sent=False, by=TESTS)
    send_all()
    assert [each["Message-ID"] for each in mailbox.answers()] == [reply.message_id]


@pytest.mark.parametrize(("state", "was_sent"), [("sent", False), ("queued", False), ("found", True), ("failed", True)])
def test_what_is_known_is_not_settled(mailbox: Correspondence, state: str, was_sent: bool) -> None:
    reply = uncertain(mailbox)
    Reply.objects.update(state=state)
    with pytest.raises(Unknown):
        conversations.settle(mailbox.outreach.workspace, reply.pk, was_sent=was_sent, by=TESTS)


def test_a_stranger_settles_nothing(mailbox: Correspondence, stranger: Any) -> None:
    reply = uncertain(mailbox)
    with pytest.raises(Unknown):
        conversations.settle(stranger.workspace, reply.pk, was_sent=True, by=TESTS)
