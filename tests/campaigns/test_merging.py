"""Contacts that become one while campaigns write to them: nobody gets a step twice, and nothing is lost."""

import pytest

from campaigns.models import Activity, Conversation, Enrolment, MailFolder, Message, ReceivedMail, Reply
from contacts.changes import merging
from contacts.changes.contacts import Edit, edit_many
from contacts.models import Contact, Merge
from fluenzr_site.core import clock as present
from tests.campaigns.api.support import TESTS, MailServer, Outreach
from tests.campaigns.workflow.examples import email, node, sequence

TWO = sequence(email("first"), node("wait", "delay", days=2), email("second", subject="Again"))
ANN, BOB = "ann@x.co", "bob@x.co"


def contact(address: str) -> Contact:
    return Contact.objects.get(email=address)


def merge(outreach: Outreach, survivor: str, other: str, **picks: str) -> Merge:
    first, second = contact(survivor), contact(other)
    chosen = {name: contact(address).pk for name, address in picks.items()}
    return merging.merge(outreach.workspace, first.pk, [second.pk], picks=chosen, by=TESTS)


def undo(outreach: Outreach, merged: Merge) -> None:
    merging.undo(outreach.workspace, merged.pk, by=TESTS)


def steps(smtp: MailServer) -> list[tuple[str, str]]:
    return sorted((each.recipient, each.message["Subject"]) for each in smtp.received)


@pytest.mark.parametrize("survivor", [ANN, BOB])
@pytest.mark.parametrize("address", [ANN, BOB])
def test_who_was_in_a_campaign_goes_on_with_it(outreach: Outreach, smtp: MailServer, survivor: str, address: str):
    """One of the two is in it; whoever stays, and under whichever address, gets each step once."""
    outreach.people(BOB)
    campaign = outreach.started(TWO, to=[ANN])
    outreach.run()
    merge(outreach, survivor, BOB if survivor == ANN else ANN, email=address)
    outreach.wait(days=3)
    first, second = smtp.received
    assert (first.recipient, second.recipient) == (ANN, address)
    assert outreach.states(campaign) == {address: "completed"}


def test_of_two_in_one_campaign_the_one_that_is_further_goes_on(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(TWO, to=[BOB])
    outreach.run()
    outreach.add(campaign, outreach.people(ANN))
    merge(outreach, ANN, BOB)
    outreach.wait(days=5)
    # Bob has had the first; Ann, who stands for both now, gets the second alone.
    assert steps(smtp) == [(ANN, "Again"), (BOB, "Hello")]
    assert outreach.states(campaign) == {ANN: "completed"}


def test_both_on_their_way_get_the_next_step_once(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(TWO, to=[ANN, BOB])
    outreach.run()
    merge(outreach, ANN, BOB)
    outreach.wait(days=5)
    subjects = [subject for _, subject in steps(smtp)]
    assert subjects.count("Again") == 1 and len(subjects) == 3
    assert Enrolment.objects.get(campaign_id=campaign).contact == contact(ANN)


def test_a_step_that_only_the_other_had_is_not_sent_again(outreach: Outreach, smtp: MailServer):
    """The one that goes on has ended or is further along another way; what either had counts."""
    outreach.started(TWO, to=[ANN, BOB])
    smtp.answers[ANN] = "451 4.3.0 try again later"
    outreach.run()
    assert smtp.recipients == [BOB]
    del smtp.answers[ANN]
    # Ann's is put off, surely not sent; Bob's was sent: the step is settled.
    merge(outreach, ANN, BOB)
    outreach.wait(days=1)
    assert smtp.recipients == [BOB]
    outreach.wait(days=5)
    assert [subject for _, subject in steps(smtp)].count("Again") == 1 and len(smtp.received) == 2


@pytest.mark.parametrize(("ended", "other"), [(ANN, BOB), (BOB, ANN)])
def test_who_has_ended_stays_so(outreach: Outreach, smtp: MailServer, ended: str, other: str):
    campaign = outreach.started(TWO, to=[ANN, BOB])
    outreach.run()
    outreach.api.delete(f"campaigns/{campaign}/contacts", {"contactIds": [contact(ended).pk]})
    merge(outreach, ANN, BOB)
    outreach.wait(days=5)
    assert len(smtp.received) == 2
    assert outreach.states(campaign) == {ANN: "removed"}


def test_whoever_unsubscribed_gets_nothing_more(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(TWO, to=[ANN, BOB])
    outreach.run()
    outreach.outcome("unsubscribed", BOB)
    merge(outreach, ANN, BOB)
    outreach.wait(days=5)
    assert contact(ANN).status == "unsubscribed" and len(smtp.received) == 2
    assert outreach.states(campaign) == {ANN: "unsubscribed"}


def test_links_in_every_e_mail_go_on_working(outreach: Outreach, smtp: MailServer):
    outreach.started(TWO, to=[ANN, BOB])
    outreach.run()
    paths = {each.recipient: each.path("u") for each in smtp.received}
    merge(outreach, ANN, BOB)
    assert outreach.fetch(paths[BOB]).status_code == 200
    outreach.api.client.post(paths[BOB])
    assert contact(ANN).status == "unsubscribed"


def test_while_an_e_mail_is_on_its_way_it_waits(outreach: Outreach, smtp: MailServer):
    outreach.started(TWO, to=[ANN, BOB])
    outreach.run()
    Message.objects.filter(recipient=BOB).update(state="sending")
    with pytest.raises(merging.Busy):
        merge(outreach, ANN, BOB)
    assert Contact.objects.count() == 2


def talk(outreach: Outreach, address: str, subject: str) -> Conversation:
    """A conversation with an answer in it."""
    folder, _ = MailFolder.objects.get_or_create(account=outreach.account, name="INBOX")
    now, who = present.now(), contact(address)
    talked = Conversation.objects.create(
        workspace=outreach.workspace, contact=who, account=outreach.account, status="read", last_at=now
    )
    ReceivedMail.objects.create(
        workspace=outreach.workspace,
        folder=folder,
        uid_validity=1,
        uid=ReceivedMail.objects.count() + 1,
        conversation=talked,
        contact=who,
        kind="reply",
        subject=subject,
        at=now,
    )
    return talked


def test_conversations_become_one_and_come_apart(outreach: Outreach):
    outreach.people(ANN, BOB)
    talk(outreach, ANN, "from ann")
    second = talk(outreach, BOB, "from bob")
    Reply.objects.create(
        workspace=outreach.workspace, conversation=second, state="sent", message_id="<r@x>", at=present.now()
    )
    Conversation.objects.filter(pk=second.pk).update(status="unread")
    bob = contact(BOB).pk
    merged = merge(outreach, ANN, BOB)
    joined = Conversation.objects.get()
    assert (joined.contact, joined.status, joined.received.count()) == (contact(ANN), "unread", 2)
    assert joined.replies.count() == 1
    undo(outreach, merged)
    again = Conversation.objects.get(pk=second.pk)
    assert (again.contact_id, again.received.get().subject, again.replies.count()) == (bob, "from bob", 1)
    assert set(ReceivedMail.objects.values_list("contact__email", flat=True)) == {ANN, BOB}


def test_undoing_gives_each_their_e_mails_back(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(TWO, to=[ANN, BOB])
    outreach.run()
    rows = ("pk", "contact_id", "enrolment_id", "node_id", "state")
    before = sorted(Message.objects.values_list(*rows)), sorted(Activity.objects.values_list("pk", "contact_id"))
    undo(outreach, merge(outreach, ANN, BOB))
    after = sorted(Message.objects.values_list(*rows)), sorted(Activity.objects.values_list("pk", "contact_id"))
    assert after == before
    outreach.wait(days=5)
    assert outreach.states(campaign) == {ANN: "completed", BOB: "completed"}
    assert len(set(steps(smtp))) == len(smtp.received) == 4


def test_after_something_was_sent_only_one_goes_on(outreach: Outreach, smtp: MailServer):
    """The step went to one of the two addresses: it is not sent there again when they are two again."""
    campaign = outreach.started(TWO, to=[ANN, BOB])
    outreach.run()
    merged = merge(outreach, ANN, BOB, email=BOB)
    outreach.wait(days=3)
    undo(outreach, merged)
    outreach.wait(days=5)
    assert len(set(steps(smtp))) == len(smtp.received) == 3
    assert sorted(outreach.states(campaign).values()) == ["completed", "removed"]


def test_a_merged_address_is_still_known_by_its_e_mails(outreach: Outreach, smtp: MailServer):
    """An answer from there finds the survivor."""
    outreach.started(to=[BOB])
    outreach.run()
    outreach.people(ANN)
    merge(outreach, ANN, BOB)
    assert Message.objects.get(recipient=BOB).contact == contact(ANN)
    edit_many(outreach.workspace, [contact(ANN).pk], Edit(status="blocked"), by=TESTS)
    assert contact(ANN).status == "blocked"
