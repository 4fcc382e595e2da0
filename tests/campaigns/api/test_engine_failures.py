"""What the engine makes of servers that refuse, of crashes, and of what it can't know."""

from collections.abc import Sequence
from typing import Any

import pytest

from campaigns.changes import uncertain
from campaigns.models import EmailAccount, Message
from campaigns.sending import claiming, deliver, recording
from campaigns.sending.turn import take_turn
from contacts.models import Contact
from tests.campaigns.api.support import TESTS, MailServer, Outreach, of
from tests.campaigns.workflow.examples import email, node, sequence

TWO = sequence(email("first"), node("wait", "delay", days=1), email("second"))


def contact_status(address: str = "ann@x.co") -> str:
    return Contact.objects.get(email=address).status


@pytest.mark.parametrize(
    "answer",
    ["451 4.3.0 Try later", "552 5.2.2 Mailbox full", "550 5.7.1 Rejected by policy", "554 5.7.1 Rejected by policy"],
)
def test_a_soft_refusal_is_tried_again_three_times_over_two_days(outreach: Outreach, smtp: MailServer, answer: str):
    smtp.answers["ann@x.co"] = answer
    campaign = outreach.started(TWO)
    outreach.run()
    tried = 1
    assert len(smtp.refused) == tried
    for hours in (2, 12, 34):
        outreach.wait(hours=hours, minutes=-2)
        assert len(smtp.refused) == tried, f"not before {hours} hours are over"
        outreach.wait(minutes=3)
        tried += 1
        assert len(smtp.refused) == tried, f"after {hours} hours"
        assert outreach.states(campaign)["ann@x.co"] == ("failed" if tried == 4 else "in_progress")
    outreach.wait(days=7)
    assert (len(smtp.refused), contact_status()) == (4, "active")
    message = outreach.message("ann@x.co")
    assert (message.state, message.bounce_type, message.response) == ("failed", "soft", answer)
    assert outreach.stats(campaign)["bounced"] == 1, "once, when it is given up"


@pytest.mark.parametrize("answer", ["451 4.7.1 Greylisted", "552 5.2.2 Mailbox full"])
def test_what_is_taken_at_a_later_attempt_goes_on(outreach: Outreach, smtp: MailServer, answer: str):
    smtp.answers["ann@x.co"] = answer
    campaign = outreach.started(TWO)
    outreach.run()
    smtp.answers.clear()
    outreach.wait(hours=2, minutes=1)
    assert len(smtp.received) == 1
    outreach.wait(days=1, minutes=1)
    assert (len(smtp.received), outreach.states(campaign)) == (2, {"ann@x.co": "completed"})
    assert outreach.stats(campaign)["bounced"] == 0


def test_an_unknown_recipient_is_a_hard_bounce(outreach: Outreach, smtp: MailServer):
    smtp.answers["ann@x.co"] = "550 5.1.1 No such user"
    campaign = outreach.started(TWO)
    outreach.run()
    outreach.wait(days=3)
    assert (len(smtp.refused), contact_status()) == (1, "bounced")
    assert outreach.states(campaign) == {"ann@x.co": "bounced"}
    stats = outreach.stats(campaign)
    assert (stats["sent"], stats["bounced"], stats["bounceRate"], stats["delivered"]) == (1, 1, 100.0, 0)


def test_a_dead_address_after_a_soft_refusal_is_a_hard_bounce(outreach: Outreach, smtp: MailServer):
    smtp.answers["ann@x.co"] = "552 5.2.2 Mailbox full"
    campaign = outreach.started(TWO)
    outreach.run()
    smtp.answers["ann@x.co"] = "550 5.1.1 No such user"
    outreach.wait(hours=2, minutes=1)
    outreach.wait(days=3)
    assert (len(smtp.refused), contact_status()) == (2, "bounced")
    assert outreach.states(campaign) == {"ann@x.co": "bounced"}


def test_a_permanent_refusal_of_the_text_ends_at_once_and_says_nothing_about_the_address(
    outreach: Outreach, smtp: MailServer
):
    smtp.answers_to_content["ann@x.co"] = "550 No"
    campaign = outreach.started(TWO)
    outreach.run()
    smtp.answers_to_content.clear()
    outreach.wait(days=3)
    assert (smtp.received, contact_status()) == ([], "active")
    assert outreach.states(campaign) == {"ann@x.co": "failed"}
    assert outreach.message("ann@x.co").bounce_type == Message.Bounce.SOFT


def test_one_refused_address_does_not_stop_the_others(outreach: Outreach, smtp: MailServer):
    smtp.answers["bad@x.co"] = "550 5.1.1 No such user"
    outreach.started(to=["a@x.co", "bad@x.co", "b@x.co"])
    outreach.run()
    assert sorted(smtp.recipients) == ["a@x.co", "b@x.co"]


@pytest.fixture
def wrong_password(outreach: Outreach, smtp: MailServer) -> EmailAccount:
    return outreach.connect("login@sender.test", smtp_username="login", smtp_password="wrong")


def test_a_refused_login_pauses_the_account_and_says_so(
    outreach: Outreach, smtp: MailServer, wrong_password: EmailAccount
):
    campaign = outreach.started(to=["a@x.co", "b@x.co"], emailAccountId=wrong_password.pk)
    outreach.run()
    wrong_password.refresh_from_db()
    assert wrong_password.state == EmailAccount.State.FAILING and wrong_password.last_error
    assert "wrong" not in wrong_password.last_error
    assert smtp.logins == 1, "the second isn't tried"
    outreach.wait(days=1)
    gates = {gate["name"]: gate for gate in outreach.api.get(f"campaigns/{campaign}/why").data["gates"]}
    assert (gates["account"]["open"], gates["account"]["opensAt"]) == (False, None)
    assert smtp.received == []


def test_what_a_refused_login_held_back_is_sent_once_it_is_mended(
    outreach: Outreach, smtp: MailServer, wrong_password: EmailAccount
):
    outreach.started(to=["a@x.co", "b@x.co"], emailAccountId=wrong_password.pk)
    outreach.run()
    smtp.password = "wrong"
    EmailAccount.objects.filter(pk=wrong_password.pk).update(state=EmailAccount.State.CONNECTED)
    outreach.wait(minutes=10)
    assert sorted(smtp.recipients) == ["a@x.co", "b@x.co"]


def test_a_server_that_cannot_be_reached_is_left_alone_for_a_while(outreach: Outreach, smtp: MailServer):
    EmailAccount.objects.update(smtp_port=1)
    campaign = outreach.started()
    outreach.run()
    gates = {gate["name"]: gate for gate in outreach.api.get(f"campaigns/{campaign}/why").data["gates"]}
    assert not gates["account"]["open"] and gates["account"]["opensAt"]
    EmailAccount.objects.update(smtp_port=outreach.port)
    outreach.wait(minutes=6)
    assert smtp.recipients == ["ann@x.co"]


def killed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next result is never recorded, as after kill -9 between the sending and its record."""

    def dies(*_: object) -> None:
        monkeypatch.undo()
        raise SystemExit

    monkeypatch.setattr(recording, "record", dies)


def test_what_a_crash_leaves_in_doubt_is_never_sent_again(
    outreach: Outreach, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
):
    campaign = outreach.started(TWO)
    killed_once(monkeypatch)
    with pytest.raises(SystemExit):
        outreach.run()
    assert outreach.message("ann@x.co").state == Message.State.SENDING
    outreach.wait(seconds=claiming.LEASE_SECONDS - 60)
    assert outreach.message("ann@x.co").state == Message.State.SENDING, "its worker may live"
    outreach.wait(seconds=120)
    assert outreach.message("ann@x.co").state == Message.State.UNCERTAIN
    for _ in range(3):
        outreach.wait(days=1)
    assert len(smtp.received) == 1
    assert (outreach.states(campaign), outreach.status(campaign)) == ({"ann@x.co": "in_progress"}, "active")


def test_a_connection_lost_after_the_e_mail_went_out_leaves_it_in_doubt(outreach: Outreach, smtp: MailServer):
    smtp.hangs_up_on = {"ann@x.co"}
    outreach.started(to=["ann@x.co", "bob@x.co"])
    outreach.run()
    outreach.wait(days=3)
    assert outreach.message("ann@x.co").state == Message.State.UNCERTAIN
    assert sorted(smtp.recipients) == ["ann@x.co", "bob@x.co"]


def test_a_crash_before_the_first_byte_leaves_it_in_doubt_too(
    outreach: Outreach, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
):
    def dies(*_: object) -> None:
        monkeypatch.undo()
        raise SystemExit

    outreach.started()
    monkeypatch.setattr(deliver.Connections, "send", dies)
    with pytest.raises(SystemExit):
        outreach.run()
    outreach.wait(days=1)
    assert (outreach.message("ann@x.co").state, smtp.received) == (Message.State.UNCERTAIN, [])


def test_what_is_in_doubt_waits_for_a_person_and_why_says_so(
    outreach: Outreach, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
):
    campaign = outreach.started()
    killed_once(monkeypatch)
    with pytest.raises(SystemExit):
        outreach.run()
    outreach.wait(seconds=claiming.LEASE_SECONDS + 1)
    contact = outreach.message("ann@x.co").contact_id
    gates = outreach.api.get(f"campaigns/{campaign}/why?contactId={contact}").data["gates"]
    assert "waits for a person" in {gate["name"]: gate for gate in gates}["contact"]["reason"]


def test_a_crash_of_one_e_mail_does_not_hold_the_others_up(
    outreach: Outreach, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
):
    outreach.started(to=["a@x.co", "b@x.co", "c@x.co"])
    sent: list[str] = []
    send = deliver.Connections.send

    def dies_at_the_second(*arguments: Any) -> Any:
        sent.append(arguments[2])
        if len(sent) == 2:
            monkeypatch.undo()
            raise SystemExit
        return send(*arguments)

    monkeypatch.setattr(deliver.Connections, "send", dies_at_the_second)
    with pytest.raises(SystemExit):
        outreach.run()
    states = [outreach.message(each).state for each in sent]
    assert states == ["taken", "sending"], "the server's word to the first is known"
    outreach.wait(seconds=claiming.LEASE_SECONDS + 1)
    first, second = sent
    assert sorted(smtp.recipients) == sorted({"a@x.co", "b@x.co", "c@x.co"} - {second})
    assert (outreach.message(first).state, outreach.message(second).state) == ("sent", "uncertain")
    assert outreach.stats(outreach.message(first).campaign_id)["sent"] == 2


@pytest.fixture
def in_doubt(outreach: Outreach, smtp: MailServer) -> Message:
    """An e-mail to Ann of which nobody knows whether it was sent."""
    smtp.hangs_up_on = {"ann@x.co"}
    outreach.started(TWO)
    outreach.run()
    smtp.hangs_up_on = set()
    return outreach.message("ann@x.co")


def test_a_person_who_says_that_it_was_sent_lets_the_contact_go_on(
    outreach: Outreach, smtp: MailServer, in_doubt: Message
):
    uncertain.settle(outreach.workspace, in_doubt.pk, was_sent=True, by=TESTS)
    outreach.run()
    outreach.wait(days=1)
    assert len(smtp.received) == 2
    assert outreach.stats(in_doubt.campaign_id)["sent"] == 2


def test_a_person_who_says_that_it_was_not_has_it_sent_again(outreach: Outreach, smtp: MailServer, in_doubt: Message):
    uncertain.settle(outreach.workspace, in_doubt.pk, was_sent=False, by=TESTS)
    outreach.run()
    first, again = smtp.received
    assert first.message["Message-ID"] == again.message["Message-ID"]
    with pytest.raises(uncertain.NotUncertain):
        uncertain.settle(outreach.workspace, in_doubt.pk, was_sent=False, by=TESTS)


def test_who_was_removed_while_being_mailed_gets_nothing_after_it(
    outreach: Outreach, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
):
    campaign = outreach.started(TWO)
    record = recording.record

    def removed_meanwhile(batch: claiming.Batch, results: Sequence[recording.Result]) -> None:
        ids = [each.intent.message.contact_id for each in results]
        outreach.api.delete(f"campaigns/{campaign}/contacts", {"contactIds": ids})
        record(batch, results)

    monkeypatch.setattr(recording, "record", removed_meanwhile)
    outreach.run()
    outreach.wait(days=3)
    assert (len(smtp.received), outreach.states(campaign)) == (1, {"ann@x.co": "removed"})
    assert outreach.stats(campaign)["sent"] == 1


def test_removing_and_adding_does_not_resend_what_is_in_doubt(
    outreach: Outreach, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
):
    campaign = outreach.started()
    killed_once(monkeypatch)
    with pytest.raises(SystemExit):
        outreach.run()
    outreach.wait(hours=1)
    contact = outreach.message("ann@x.co").contact_id
    outreach.api.delete(f"campaigns/{campaign}/contacts", {"contactIds": [contact]})
    outreach.add(campaign, [contact])
    outreach.wait(hours=1)
    assert len(smtp.received) == 1


def test_a_late_result_of_a_stale_worker_changes_nothing(outreach: Outreach, smtp: MailServer, monkeypatch):
    outreach.started()
    late: list[tuple] = []
    record = recording.record
    # The worker's list is emptied when it is done.
    monkeypatch.setattr(recording, "record", lambda batch, results: late.append((batch, [*results])))
    take_turn()
    monkeypatch.setattr(recording, "record", record)
    outreach.wait(hours=1)
    for batch, results in late:
        record(batch, results)
    assert late
    assert outreach.message("ann@x.co").state == Message.State.UNCERTAIN


def test_a_contact_deleted_while_being_mailed_harms_nobody(outreach: Outreach, smtp: MailServer, monkeypatch):
    campaign = outreach.started(to=["ann@x.co", "bob@x.co"])
    record = recording.record

    def deleted_meanwhile(batch: claiming.Batch, results: Sequence[recording.Result]) -> None:
        for each in results:
            if each.intent.message.recipient == "ann@x.co":
                outreach.api.delete(f"contacts/{each.intent.message.contact_id}")
        record(batch, results)

    monkeypatch.setattr(recording, "record", deleted_meanwhile)
    outreach.run()
    assert outreach.states(campaign) == {"bob@x.co": "completed"}


def test_one_broken_campaign_does_not_stop_the_others(outreach: Outreach, smtp: MailServer, monkeypatch):
    broken = outreach.started(to=["broken@x.co"])
    outreach.started(to=["ann@x.co"])
    of(broken).enrolments.update(version=None)
    try:
        outreach.run()
    except Exception as error:
        raise AssertionError("A broken enrolment ends the turn of all campaigns") from error
    assert smtp.recipients == ["ann@x.co"]
