"""Deliveries to a real receiver: every event at least once, under one id, on the documented schedule."""

import logging
import smtplib
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail.backends import locmem
from django.urls import reverse

from fluenzr_site.webhooks import tell
from fluenzr_site.webhooks.models import Delivery, Webhook
from fluenzr_site.workspaces.changes import add_member, update_workspace
from fluenzr_site.workspaces.profiles import update_profile
from tests.webhooks.receiver import CONTACTS, Call, Listener, Receiver, Say


def test_an_event_is_delivered_and_logged(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    made = listener.api.create("ann@b.co")
    assert listener.deliver() == 1
    [call] = receiver.calls
    assert call.event == {
        "id": call.id,
        "type": "contact.created",
        "timestamp": "2030-01-07T10:00:00Z",
        "data": {"contact": made},
    }
    [entry] = listener.logs(webhook)
    assert entry.pop("responseTime") >= 0
    assert entry.pop("id").startswith("log_")
    assert entry == {
        "eventId": call.id,
        "eventType": "contact.created",
        "status": "delivered",
        "statusCode": 200,
        "timestamp": "2030-01-07T10:00:00Z",
        "attempt": 1,
        "error": None,
    }
    assert listener.deliver() == 0


def test_attempts_come_at_0_1_5_30_and_120_minutes_with_the_same_id(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    receiver.answers["/hook"] = 500
    listener.api.create("ann@b.co")
    made_at = []
    for minute in range(200):
        if listener.deliver():
            made_at.append(minute)
        listener.clock.shift(60)
    assert made_at == [0, 1, 5, 30, 120]
    assert len({call.id for call in receiver.calls}) == 1
    assert len({call.headers["webhook-timestamp"] for call in receiver.calls}) == 5
    assert [(entry["attempt"], entry["statusCode"], entry["status"]) for entry in listener.logs(webhook)] == [
        (number, 500, "failed") for number in range(1, 6)
    ]
    assert Delivery.objects.get().state == "failed"


@pytest.mark.parametrize(("said", "attempts"), [(301, 5), (503, 5), (429, 5), (400, 1), (408, 1), (404, 1), (410, 1)])
def test_what_is_tried_again(listener: Listener, receiver: Receiver, said: int, attempts: int):
    webhook = listener.listen()
    receiver.answers["/hook"] = said
    listener.api.create("ann@b.co")
    for _ in range(6):
        listener.deliver()
        listener.clock.shift(7200)
    assert [entry["statusCode"] for entry in listener.logs(webhook)] == [said] * attempts


def test_a_receiver_that_comes_back_gets_it(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    answers: list[int] = [500, 500, 204]
    receiver.answers["/hook"] = lambda _: answers.pop(0)
    listener.api.create("ann@b.co")
    assert [listener.deliver(), listener.wait(minutes=1), listener.wait(minutes=4)] == [1, 1, 1]
    assert [entry["status"] for entry in listener.logs(webhook)] == ["failed", "failed", "delivered"]
    assert listener.wait(hours=3) == 0


def test_a_refused_connection_is_retried_and_told(listener: Listener, receiver: Receiver):
    receiver.server_close()
    webhook = listener.listen()
    listener.api.create("ann@b.co")
    assert [listener.deliver(), listener.wait(minutes=1)] == [1, 1]
    entry = listener.logs(webhook)[0]
    assert (entry["statusCode"], entry["error"]) == (None, "refused the connection")


@pytest.mark.parametrize("said", [429, 503])
def test_retry_after_gives_the_whole_receiver_a_rest(listener: Listener, receiver: Receiver, said: int):
    listener.listen()
    receiver.answers["/hook"] = lambda call: (said, {"Retry-After": "600"}) if len(receiver.calls) == 1 else 200
    listener.api.create("ann@b.co")
    listener.deliver()
    listener.api.create("bob@b.co")
    assert [listener.wait(seconds=1), listener.wait(minutes=9)] == [0, 0]
    assert listener.wait(minutes=1) == 2
    assert len(receiver.calls) == 3


def test_gone_disables_and_the_administrators_are_told(listener: Listener, receiver: Receiver, admins: list[str]):
    webhook = listener.listen()
    receiver.answers["/hook"] = 410
    listener.api.create("ann@b.co")
    listener.deliver()
    assert listener.status(webhook) == "disabled"
    listener.api.create("bob@b.co")
    assert listener.wait(hours=3) == 0
    assert (tell.tell_due(), tell.tell_due()) == (1, 0)
    assert sorted(message.to for message in mail.outbox) == [["ann@team.co"], ["zoe@team.co"]]


def test_administrators_are_told_in_their_own_language(
    listener: Listener, receiver: Receiver, admins: list[str], settings: Any
):
    update_profile(User.objects.get(username="zoe"), {"language": "fr"})
    webhook = listener.listen()
    receiver.answers["/hook"] = 410
    listener.api.create("ann@b.co")
    listener.deliver()
    tell.tell_due()
    told = {message.to[0]: message for message in mail.outbox}
    assert "gets no more events" in told["ann@team.co"].subject
    assert "ne reçoit plus d’événements" in told["zoe@team.co"].subject
    address = reverse("admin:webhooks_webhook_change", args=[webhook["id"]])
    for message in told.values():
        [page] = [line for line in message.body.splitlines() if line.endswith(address)]
        assert page.startswith(settings.FLUENZR_PUBLIC_URL)
        assert page in str(message.alternatives[0][0])


class Picky(locmem.EmailBackend):
    """A server that doesn't take one person's e-mail now."""

    def send_messages(self, messages: Any) -> int:
        if any(message.to == ["zoe@team.co"] for message in messages):
            raise smtplib.SMTPServerDisconnected("gone")
        return int(super().send_messages(messages))


def test_an_administrator_whose_mailbox_takes_nothing_now_is_told_later_and_the_others_at_once(
    listener: Listener, receiver: Receiver, admins: list[str], settings: Any
):
    usual, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Picky"
    listener.listen()
    receiver.answers["/hook"] = 410
    listener.api.create("ann@b.co")
    listener.deliver()
    tell.tell_due()
    assert [message.to for message in mail.outbox] == [["ann@team.co"]]
    settings.EMAIL_BACKEND = usual
    tell.tell_due()
    assert len(mail.outbox) == 1
    listener.clock.shift(301)
    tell.tell_due()
    assert [message.to for message in mail.outbox] == [["ann@team.co"], ["zoe@team.co"]]
    listener.clock.shift(86400)
    tell.tell_due()
    assert len(mail.outbox) == 2


def test_who_could_not_be_told_while_it_was_down_is_not_told_of_one_that_works_again(
    listener: Listener, receiver: Receiver, admins: list[str], settings: Any
):
    usual, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Picky"
    webhook = listener.listen()
    receiver.answers["/hook"] = 410
    listener.api.create("ann@b.co")
    listener.deliver()
    tell.tell_due()
    listener.api.patch(f"webhooks/{webhook['id']}", {"status": "active"})
    settings.EMAIL_BACKEND = usual
    listener.clock.shift(301)
    tell.tell_due()
    assert [message.to for message in mail.outbox] == [["ann@team.co"]]


@pytest.fixture
def admins(listener: Listener) -> list[str]:
    """Two administrators, and a member who needn't know."""
    for name, role in (("zoe", "admin"), ("ann", "admin"), ("max", "member")):
        add_member(listener.workspace, User.objects.create_user(name, f"{name}@team.co"), role=role)
    return ["zoe@team.co", "ann@team.co"]


def exhausted(listener: Listener) -> None:
    listener.deliver()
    for minutes in (1, 4, 25, 90):
        assert listener.wait(minutes=minutes)


def test_a_receiver_that_takes_nothing_is_marked_failed_and_told_of_once(
    listener: Listener, receiver: Receiver, admins: list[str]
):
    webhook = listener.listen("/secret-path")
    receiver.answers["/secret-path"] = 500
    listener.api.create("ann@b.co")
    listener.api.create("bob@b.co")
    exhausted(listener)
    assert listener.status(webhook) == "failed"
    assert (tell.tell_due(), tell.tell_due()) == (1, 0)
    assert len(mail.outbox) == 2
    message = mail.outbox[0]
    assert webhook["id"] in message.body and "secret-path" not in message.body
    assert "Owner" in message.subject


def test_one_event_that_nobody_can_take_fails_alone(listener: Listener, receiver: Receiver):
    def picky(call: Call) -> Say:
        return 500 if "poison" in call.event["data"]["contact"]["email"] else 200

    webhook = listener.listen()
    receiver.answers["/hook"] = picky
    listener.api.create("poison@b.co")
    listener.deliver()
    listener.api.create("ann@b.co")
    exhausted(listener)
    assert listener.status(webhook) == "active"
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["delivered", "failed"]


def test_twenty_refused_in_a_row_mark_it_failed(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    receiver.answers["/hook"] = 404
    for number in range(19):
        listener.api.create(f"c{number}@b.co")
    listener.deliver()
    assert listener.status(webhook) == "active"
    listener.api.create("last@b.co")
    listener.deliver()
    assert listener.status(webhook) == "failed"


def test_a_failed_one_gets_nothing_until_it_is_made_active(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    receiver.answers["/hook"] = 500
    listener.api.create("ann@b.co")
    exhausted(listener)
    receiver.answers.clear()
    listener.api.create("missed@b.co")
    assert listener.deliver() == 0
    assert listener.api.patch(f"webhooks/{webhook['id']}", {"status": "active"}).data["status"] == "active"
    listener.api.create("bob@b.co")
    assert listener.deliver() == 1
    assert receiver.calls[-1].event["data"]["contact"]["email"] == "bob@b.co"


def test_what_is_delivered_after_all_makes_a_failed_one_active(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    receiver.answers["/hook"] = 500
    listener.api.create("ann@b.co")
    exhausted(listener)
    receiver.answers.clear()
    answer = listener.api.post(f"webhooks/{webhook['id']}/logs/{listener.logs(webhook)[-1]['id']}/retry")
    assert (answer.data["status"], answer.data["attempt"]) == ("pending", 6)
    assert listener.deliver() == 1
    assert listener.status(webhook) == "active"
    assert [entry["status"] for entry in listener.logs(webhook)] == ["failed"] * 5 + ["delivered"]


def test_without_mail_settings_nobody_is_told_and_the_log_says_so(
    listener: Listener, receiver: Receiver, admins: list[str], settings: Any, caplog: pytest.LogCaptureFixture
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    webhook = listener.listen()
    Webhook.objects.update(to_tell=True)
    with caplog.at_level(logging.WARNING, logger="fluenzr.webhooks"):
        assert tell.tell_due() == 1
    assert webhook["id"] in caplog.text and "FLUENZR_EMAIL_URL" in caplog.text


def test_an_erased_event_is_sent_no_more(listener: Listener, receiver: Receiver):
    from contacts.changes.erasure import erase
    from fluenzr_site.events.recording import Actor

    listener.listen()
    receiver.answers["/hook"] = 500
    made = listener.api.create("ann@b.co")
    listener.deliver()
    erase(listener.workspace, made["id"], by=Actor("user", "1"))
    listener.wait(minutes=1)
    assert [call.event["type"] for call in receiver.calls] == ["contact.created", "contact.deleted"]
    assert b"ann@b.co" not in receiver.calls[-1].body


def test_a_page_and_more_in_one_go(listener: Listener, receiver: Receiver, no_rate_limit: None):
    listener.listen()
    listener.listen("/other", ["contact.created"])
    rows = [{"email": f"c{number}@b.co"} for number in range(350)]
    listener.api.post("contacts/bulk", {"contacts": rows})
    assert listener.deliver() == 700
    for path in ("/hook", "/other"):
        assert len({call.id for call in receiver.at(path)}) == len(receiver.at(path)) == 350


def test_without_the_plan_what_is_on_its_way_waits_and_goes_on_with_it(listener: Listener, receiver: Receiver):
    webhook = listener.listen()
    receiver.answers["/hook"] = 500
    listener.api.create("ann@b.co")
    assert listener.deliver() == 1
    [entry] = listener.logs(webhook)
    listener.api.post(f"webhooks/{webhook['id']}/logs/{entry['id']}/retry")
    update_workspace(listener.workspace, {"plan": "free"})
    assert [listener.deliver(), listener.wait(hours=3)] == [0, 0]
    receiver.answers.clear()
    update_workspace(listener.workspace, {"plan": "pro"})
    assert listener.deliver() == 1
    assert [entry["status"] for entry in listener.logs(webhook)] == ["failed", "delivered"]


def test_types_that_were_not_asked_for_are_not_sent(listener: Listener, receiver: Receiver):
    listener.listen(events=["contact.deleted"])
    made = listener.api.create("ann@b.co")
    listener.api.delete(f"contacts/{made['id']}")
    listener.deliver()
    assert receiver.types == ["contact.deleted"]
    assert CONTACTS[0] not in receiver.types
