"""Contacts that are taken apart again: what happened while they were one is heeded for all of them."""

from typing import Any

import pytest

from campaigns.changes import outcomes
from campaigns.models import Message
from campaigns.queries import why_not_mailable
from contacts.changes import merging
from contacts.changes.contacts import Edit, edit_many
from contacts.models import Merge
from fluenzr_site.events.recording import change
from tests.campaigns.api.support import TESTS, MailServer, Outreach
from tests.campaigns.test_merging import ANN, BOB, TWO, contact, merge, steps, undo


def outcome(outreach: Outreach, what: str, recipient: str, **values: Any) -> None:
    """Of the e-mail that this address was sent, whosever it is now."""
    found = Message.objects.filter(recipient=recipient, sent_at__isnull=False).latest("sent_at")
    with change(outreach.workspace, TESTS) as unit:
        getattr(outcomes, what)(unit, outcomes.held(outreach.workspace, found.pk), **values)


@pytest.mark.parametrize("who", [ANN, BOB])
def test_who_unsubscribes_while_they_are_one_stays_so(outreach: Outreach, smtp: MailServer, who: str):
    outreach.started(TWO, to=[ANN, BOB])
    outreach.run()
    merged = merge(outreach, ANN, BOB)
    outcome(outreach, "unsubscribed", who)
    undo(outreach, merged)
    assert why_not_mailable(contact(who)) == "is unsubscribed"
    outreach.wait(days=5)
    assert who not in smtp.recipients[2:]


def test_who_unsubscribes_too_stays_so(outreach: Outreach, smtp: MailServer):
    """Bob was, so that they both were; then Ann is by her own link."""
    outreach.started(TWO, to=[ANN, BOB])
    outreach.run()
    outreach.outcome("unsubscribed", BOB)
    merged = merge(outreach, ANN, BOB)
    outcome(outreach, "unsubscribed", ANN)
    undo(outreach, merged)
    assert contact(ANN).status == contact(BOB).status == "unsubscribed"
    outreach.wait(days=5)
    assert len(smtp.received) == 2


@pytest.mark.parametrize("who", [ANN, BOB])
def test_an_address_that_is_found_dead_stays_so(outreach: Outreach, smtp: MailServer, who: str):
    outreach.started(TWO, to=[ANN, BOB])
    outreach.run()
    merged = merge(outreach, ANN, BOB)
    outcome(outreach, "bounced", who, hard=True, reason="550 5.1.1 unknown")
    undo(outreach, merged)
    assert why_not_mailable(contact(who)) == "is bounced"


def test_who_is_blocked_while_they_are_one_stays_so(outreach: Outreach):
    outreach.people(ANN, BOB)
    merged = merge(outreach, ANN, BOB)
    edit_many(outreach.workspace, [contact(ANN).pk], Edit(status="blocked"), by=TESTS)
    undo(outreach, merged)
    assert contact(ANN).status == contact(BOB).status == "blocked"


@pytest.mark.parametrize("who", [ANN, BOB])
def test_an_objection_to_tracking_stays(outreach: Outreach, smtp: MailServer, who: str):
    outreach.started(TWO, to=[ANN, BOB])
    outreach.run()
    path = smtp.to(who)[0].path("u")
    merged = merge(outreach, ANN, BOB)
    outreach.api.client.post(path, {"preferences": "1", "tracking": "on"})
    undo(outreach, merged)
    assert contact(who).tracking_objection


@pytest.mark.parametrize("who", [ANN, BOB])
@pytest.mark.parametrize("survivor", [ANN, BOB])
def test_who_answered_while_they_were_one_gets_nothing_more(
    outreach: Outreach, smtp: MailServer, who: str, survivor: str
):
    outreach.started(TWO, to=[ANN, BOB])
    outreach.run()
    merged = merge(outreach, survivor, BOB if survivor == ANN else ANN)
    outcome(outreach, "replied", who, subject="Re: Hello", preview="yes")
    undo(outreach, merged)
    outreach.wait(days=5)
    assert who not in smtp.recipients[2:]


def test_an_answer_counts_though_the_other_had_ended(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(TWO, to=[ANN, BOB])
    outreach.run()
    outreach.api.delete(f"campaigns/{campaign}/contacts", {"contactIds": [contact(ANN).pk]})
    merged = merge(outreach, ANN, BOB)
    outcome(outreach, "replied", BOB, subject="Re: Hello", preview="yes")
    undo(outreach, merged)
    outreach.wait(days=5)
    assert len(smtp.received) == 2


def test_what_was_put_off_and_sent_meanwhile_counts(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(TWO, to=[ANN, BOB])
    smtp.answers |= {ANN: "451 4.3.0 later", BOB: "451 4.3.0 later"}
    outreach.run()
    smtp.answers.clear()
    merged = merge(outreach, ANN, BOB)
    outreach.wait(hours=12)
    undo(outreach, merged)
    outreach.wait(days=9)
    assert len(set(steps(smtp))) == len(smtp.received) == 2, steps(smtp)
    assert sorted(outreach.states(campaign).values()) == ["completed", "removed"]


def test_only_the_last_of_several_is_undone(outreach: Outreach, smtp: MailServer):
    """What the later one joined would come apart wrongly."""
    carl = "carl@x.co"
    outreach.started(TWO, to=[ANN, BOB, carl])
    outreach.run()
    first = merge(outreach, ANN, BOB)
    second = merge(outreach, ANN, carl)
    with pytest.raises(merging.NotLast):
        undo(outreach, first)
    undo(outreach, second)
    undo(outreach, Merge.objects.get(pk=first.pk))
    outreach.wait(days=5)
    assert len(set(steps(smtp))) == len(smtp.received) == 6


@pytest.mark.parametrize("is_put_off", [False, True])
def test_what_went_to_an_address_never_goes_there_again(outreach: Outreach, smtp: MailServer, is_put_off: bool):
    """Ann was written to at Bob's address; then Bob is added to the campaign again."""
    campaign = outreach.started(TWO, to=[ANN, BOB])
    if is_put_off:
        smtp.answers |= {ANN: "451 4.3.0 later", BOB: "451 4.3.0 later"}
    outreach.run()
    smtp.answers.clear()
    merged = merge(outreach, ANN, BOB, email=BOB)
    outreach.wait(days=1.5)
    # So that it isn't over.
    outreach.add(campaign, outreach.people("carl@x.co"))
    outreach.wait(days=1.9)
    undo(outreach, merged)
    outreach.add(campaign, [contact(BOB).pk, contact(ANN).pk])
    outreach.wait(days=9)
    assert len(set(steps(smtp))) == len(smtp.received), steps(smtp)
