"""What happens between an e-mail's being reserved and its being begun, and after its worker is gone."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from campaigns.changes import campaigns as changes
from campaigns.changes import uncertain
from campaigns.models import Campaign, EmailAccount, Enrolment, Message
from campaigns.sending import claiming, deliver, recording, writing
from campaigns.sending.turn import take_turn
from contacts.models import Contact
from fluenzr_site.events.recording import change
from tests.campaigns.api.support import TESTS, MailServer, Outreach
from tests.campaigns.workflow.examples import email, node, sequence

TWO = sequence(email("first"), node("wait", "delay", days=1), email("second"))


def between(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """It happens once, when e-mails have been reserved and none is begun."""
    claim = claiming.claim

    def claimed(*arguments: Any) -> claiming.Batch:
        batch = claim(*arguments)
        monkeypatch.setattr(claiming, "claim", claim)
        happens()
        return batch

    monkeypatch.setattr(claiming, "claim", claimed)


def killed(monkeypatch: pytest.MonkeyPatch, outreach: Outreach, *, at: int) -> None:
    """A worker that dies when it asks the server for the ``at``-th time, from 1."""
    asked: list[str] = []
    send = deliver.Connections.send

    def dies(*arguments: Any) -> Any:
        asked.append(arguments[2])
        if len(asked) == at:
            raise SystemExit
        return send(*arguments)

    monkeypatch.setattr(deliver.Connections, "send", dies)
    with pytest.raises(SystemExit):
        outreach.run()
    monkeypatch.setattr(deliver.Connections, "send", send)


@pytest.mark.parametrize(
    "happens",
    [
        lambda: Contact.objects.update(status="blocked"),
        lambda: Contact.objects.update(status="bounced"),
        lambda: EmailAccount.objects.update(state="paused"),
        lambda: Campaign.objects.update(status="paused"),
        lambda: Enrolment.objects.update(status="replied"),
    ],
    ids=["blocked", "bounced", "account paused", "campaign paused", "replied"],
)
def test_what_happens_after_it_was_reserved_is_heeded(
    outreach: Outreach, smtp: MailServer, monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]
):
    outreach.started()
    between(monkeypatch, happens)
    take_turn()
    assert smtp.received == []
    message = Message.objects.get()
    assert (message.state, message.claim) == ("deferred", "")
    assert Enrolment.objects.get().lease == ""


def test_whose_address_changes_after_it_was_reserved_gets_it_at_the_new_one(
    outreach: Outreach, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
):
    outreach.started()
    between(monkeypatch, lambda: Contact.objects.update(email="new@x.co"))
    outreach.run()
    assert smtp.recipients == ["new@x.co"]


def test_nothing_is_begun_after_the_hours_are_over(
    outreach: Outreach, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
):
    hours = {"sendHoursStart": 9, "sendHoursEnd": 17}
    outreach.started(to=[f"p{number}@x.co" for number in range(5)], settings=hours)
    outreach.clock.move_to("2030-01-07T16:59:58Z")
    send = deliver.Connections.send

    def slowly(*arguments: Any) -> Any:
        outreach.clock.shift(1)
        return send(*arguments)

    monkeypatch.setattr(deliver.Connections, "send", slowly)
    take_turn()
    assert len(smtp.received) == 2, "at 16:59:58 and at 16:59:59"
    monkeypatch.setattr(deliver.Connections, "send", send)
    outreach.wait(hours=16, minutes=1)
    assert len(smtp.received) == 5


def test_a_worker_that_dies_while_it_connects_leaves_nothing_in_doubt(
    outreach: Outreach, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
):
    def dies(*_: object) -> None:
        monkeypatch.undo()
        raise SystemExit

    outreach.started()
    monkeypatch.setattr(deliver.Connections, "open", dies)
    with pytest.raises(SystemExit):
        outreach.run()
    outreach.wait(minutes=1)
    assert smtp.recipients == ["ann@x.co"]


@pytest.mark.parametrize("stop", ["pause", "archive"])
def test_what_is_left_of_a_campaign_that_was_stopped_is_settled(
    outreach: Outreach, smtp: MailServer, monkeypatch: pytest.MonkeyPatch, stop: str
):
    campaign = outreach.started(to=["a@x.co", "b@x.co", "c@x.co"])
    killed(monkeypatch, outreach, at=2)
    changes.pause(outreach.workspace, campaign, by=TESTS)
    if stop == "archive":
        changes.archive(outreach.workspace, campaign, by=TESTS)
    outreach.wait(seconds=claiming.LEASE_SECONDS + 1)
    assert sorted(Message.objects.values_list("state", flat=True)) == ["deferred", "sent", "uncertain"]
    assert outreach.stats(campaign)["sent"] == 1
    assert not Enrolment.objects.exclude(lease="").exists()


def taken_out_and_in(outreach: Outreach, campaign: str, between: Callable[[], object]) -> None:
    contact = outreach.message("ann@x.co").contact_id
    outreach.api.delete(f"campaigns/{campaign}/contacts", {"contactIds": [contact]})
    between()
    outreach.add(campaign, [contact])


def test_who_comes_again_after_the_e_mail_was_taken_goes_on(
    outreach: Outreach, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
):
    campaign = outreach.started(TWO)
    killed(monkeypatch, outreach, at=1)
    Message.objects.update(state=Message.State.TAKEN, sent_at="2030-01-07T10:00:00Z", response="250 queued")
    # Somebody else keeps the campaign from being completed.
    outreach.add(campaign, outreach.people("bob@x.co"))
    taken_out_and_in(outreach, campaign, lambda: outreach.wait(minutes=16))
    outreach.wait(minutes=1)
    assert outreach.stats(campaign)["sent"] == 2
    outreach.wait(days=1, minutes=1)
    assert len(smtp.to("ann@x.co")) == 1, "the second e-mail alone"
    assert outreach.states(campaign)["ann@x.co"] == "completed"


def test_who_comes_again_after_a_person_said_that_it_was_sent_goes_on(
    outreach: Outreach, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
):
    campaign = outreach.started(TWO)
    killed(monkeypatch, outreach, at=1)
    outreach.wait(seconds=claiming.LEASE_SECONDS + 1)
    message = outreach.message("ann@x.co")
    assert message.state == Message.State.UNCERTAIN
    settled = lambda: uncertain.settle(outreach.workspace, message.pk, was_sent=True, by=TESTS)  # noqa: E731
    taken_out_and_in(outreach, campaign, settled)
    outreach.run()
    outreach.wait(days=1, minutes=1)
    assert outreach.states(campaign) == {"ann@x.co": "completed"}
    assert len(smtp.received) == 1, "the second e-mail alone: the first was settled by a person"


def test_who_comes_again_after_a_refusal_for_good_has_failed(outreach: Outreach, smtp: MailServer):
    smtp.answers_to_content["ann@x.co"] = "550 No"
    campaign = outreach.started(TWO, to=["ann@x.co", "bob@x.co"])
    outreach.run()
    smtp.answers_to_content.clear()
    taken_out_and_in(outreach, campaign, lambda: None)
    outreach.wait(days=1, minutes=1)
    assert outreach.states(campaign) == {"ann@x.co": "failed", "bob@x.co": "completed"}
    assert (set(smtp.recipients), outreach.status(campaign)) == ({"bob@x.co"}, "completed")


def test_a_report_of_an_e_mail_that_is_not_booked_yet_counts_it_once(
    outreach: Outreach, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
):
    campaign = outreach.started()
    record = recording.record

    def reported_first(batch: claiming.Batch, results: Any) -> None:
        outreach.outcome("bounced", "ann@x.co", hard=True, reason="550 5.1.1 unknown")
        record(batch, results)

    monkeypatch.setattr(recording, "record", reported_first)
    outreach.run()
    stats = outreach.stats(campaign)
    assert (stats["sent"], stats["bounced"], stats["delivered"]) == (1, 1, 0)


def test_a_database_that_fails_is_no_fault_of_the_contact(
    outreach: Outreach, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
):
    outreach.started(to=["a@x.co", "b@x.co"])
    write = writing.write

    def locked(*arguments: Any) -> bytes:
        monkeypatch.setattr(writing, "write", write)
        raise OperationalError("database is locked")

    monkeypatch.setattr(writing, "write", locked)
    outreach.run()
    assert sorted(smtp.recipients) == ["a@x.co", "b@x.co"]


def test_a_change_within_a_change_touches_the_workspace_once(outreach: Outreach):
    before = outreach.workspace.__class__.objects.get(pk=outreach.workspace.pk).revision
    with change(outreach.workspace, TESTS) as outer:
        with change(outreach.workspace, TESTS) as inner:
            inner.record("contact.updated", "con_x", {})
        assert [event[0] for event in outer.events] == ["contact.updated"]
    after = outreach.workspace.__class__.objects.get(pk=outreach.workspace.pk).revision
    assert after == before + 1


@pytest.mark.django_db(transaction=True)
def test_that_an_e_mail_is_begun_outlives_a_power_cut(outreach: Outreach, smtp: MailServer):
    if connection.vendor != "sqlite":
        # PostgreSQL flushes each commit, unless somebody has told it not to.
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            assert cursor.fetchone() == ("on",)
        return
    outreach.started()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        outreach.run()
    said = [each["sql"] for each in queries.captured_queries]
    begun = next(at for at, sql in enumerate(said) if "SET state = 'sending'" in sql)
    assert "PRAGMA synchronous = FULL" in said[:begun]
    assert [sql for sql in said[:begun] if "PRAGMA synchronous" in sql][-1].endswith("FULL")
    assert "PRAGMA synchronous = NORMAL" in said[begun:]


# The suite's SQLite lives in memory, where several connections don't wait for each other.
@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_campaigns_together_keep_to_the_limit_of_an_account(outreach: Outreach, smtp: MailServer):
    EmailAccount.objects.update(daily_limit=20)
    people = outreach.people(*[f"p{number}@x.co" for number in range(15)])
    for _ in range(4):
        campaign = outreach.draft()
        outreach.add(campaign, people)
        outreach.api.post(f"campaigns/{campaign}/start")
    take_turn()  # All of them come to stand at the e-mail.
    ready, errors = threading.Barrier(4), []

    def work() -> None:
        try:
            ready.wait()
            for _ in range(6):
                take_turn()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    outreach.clock.shift(timedelta(seconds=2))
    outreach.run()
    assert (len(smtp.received), errors) == (20, [])
