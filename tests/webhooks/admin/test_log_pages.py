"""The log: what was sent and answered, as text, and sending it again."""

from typing import Any

import pytest
from django.test import Client

from fluenzr_site.webhooks.admin import log
from fluenzr_site.webhooks.models import Attempt, Delivery, Webhook
from tests.support.scripted import Peer, serving
from tests.webhooks.admin.support import newest, of, text
from tests.webhooks.receiver import Listener, Receiver

HOSTILE = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7|add:7 }}"


def shown(page: Any) -> list[str]:
    """The ids of the entries on a page of the log, as they stand there."""
    assert page.status_code == 200
    return [entry.pk for entry in page.context["attempts"]]


def listed(hook: dict[str, Any], **filters: Any) -> list[str]:
    entries = Attempt.objects.filter(webhook_id=hook["id"], **filters)
    return list(entries.order_by("-id").values_list("pk", flat=True))


@pytest.fixture
def told(listener: Listener, receiver: Receiver, hook: dict[str, Any]) -> dict[str, Any]:
    """A webhook whose log has an attempt that failed, one delivered, and one of another type."""
    receiver.answers["/hook"] = lambda call: 500 if len(receiver.calls) == 1 else 200
    made = listener.api.create("ann@b.co")
    listener.deliver()
    listener.wait(minutes=2)
    listener.api.put(f"contacts/{made['id']}", {"firstName": "Ann"})
    listener.deliver()
    return hook


def test_an_empty_log_says_so(admin: Client, hook: dict[str, Any]) -> None:
    assert "Nothing was sent yet" in admin.get(of(hook, "log")).text
    assert "Nothing was sent yet" in admin.get(of(hook)).text
    assert "Nothing matches" in admin.get(of(hook, "log"), {"status": "failed"}).text


def test_the_log_tells_each_attempt(admin: Client, told: dict[str, Any]) -> None:
    page = admin.get(of(told, "log"))
    assert shown(page) == listed(told)
    for said in ("contact.created", "contact.updated", "Delivered", "Failed", ">500<", ">200<", "10:02:00"):
        assert said in page.text
    assert shown(admin.get(of(told, "log"), {"status": "failed"})) == listed(told, status="failed")
    found = shown(admin.get(of(told, "log"), {"event": "contact.updated"}))
    assert found == listed(told, delivery__event__type="contact.updated")
    assert len(found) == 1
    assert shown(admin.get(of(told, "log"), {"status": "failed", "event": "contact.updated"})) == []


@pytest.mark.parametrize("query", [{"status": "x"}, {"event": "x"}, {"before": "\0"}])
def test_a_filter_that_is_none_filters_nothing(admin: Client, told: dict[str, Any], query: dict[str, str]) -> None:
    assert shown(admin.get(of(told, "log"), query)) == listed(told)


def test_the_newest_stand_on_the_webhooks_page(admin: Client, told: dict[str, Any]) -> None:
    recent = [entry.pk for entry in admin.get(of(told)).context["state"].recent]
    assert recent == listed(told)


def test_the_log_is_paged_and_new_entries_move_nothing(
    admin: Client, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "PER_PAGE", 2)
    before = listed(told)
    page = admin.get(of(told, "log"), {"event": "contact.created"})
    assert page.context["older"] == ""
    page = admin.get(of(told, "log"))
    assert (shown(page), page.context["newest"]) == (before[:2], "")
    admin.post(of(told, "test"))
    rest = admin.get(of(told, "log") + page.context["older"])
    assert (shown(rest), rest.context["older"], rest.context["newest"]) == (before[2:], "", "?")


def test_a_long_log_costs_as_many_queries_as_a_short_one(
    admin: Client, listener: Listener, hook: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        listener.api.create(f"a{number}@b.co")
    listener.deliver()
    with django_assert_max_num_queries(8):
        assert len(shown(admin.get(of(hook, "log")))) == 12
    with django_assert_max_num_queries(10):
        admin.get(of(hook, "entry", newest(hook).pk))
    with django_assert_max_num_queries(14):
        admin.get(of(hook))


# ---------------------------------------------------------------------------------------------- one entry


def test_an_entry_shows_what_is_sent_to_the_byte(
    admin: Client, listener: Listener, receiver: Receiver, hook: dict[str, Any]
) -> None:
    listener.api.create("ann@b.co", customFields={"size": 1e-7, "name": "é <b>"})
    listener.deliver()
    page = admin.get(of(hook, "entry", newest(hook).pk))
    assert page.context["body"].encode() == receiver.calls[0].body
    for said in ("Delivered", receiver.calls[0].id, "It was delivered."):
        assert said in page.text
    assert "<pre" in page.text and ">ok</pre>" in page.text


def test_an_entry_shows_all_attempts_of_its_delivery(admin: Client, told: dict[str, Any]) -> None:
    first = Attempt.objects.order_by("id")[0]
    page = admin.get(of(told, "entry", first.pk))
    assert "The receiver answered 500" in text(page)
    assert shown(page) == listed(told, delivery=first.delivery_id)
    assert len(shown(page)) == 2
    assert page.text.count('aria-current="true"') == 1


def test_one_that_waits_says_when_it_goes(admin: Client, receiver: Receiver, listener: Listener) -> None:
    hook = listener.listen()
    receiver.answers["/hook"] = 500
    listener.api.create("ann@b.co")
    listener.deliver()
    assert "Next attempt: 01/07/2030 10:01 a.m." in text(admin.get(of(hook, "entry", newest(hook).pk)))


def test_a_hostile_contact_and_a_hostile_answer_are_text(admin: Client, listener: Listener) -> None:
    def talk(peer: Peer) -> None:
        size = 0
        while line := peer.hear():
            if line.lower().startswith("content-length:"):
                size = int(line.partition(":")[2])
        peer.hear_bytes(size)
        peer.say("HTTP/1.1 500 Oh", "Content-Type: text/html", f"Content-Length: {len(HOSTILE)}", "")
        peer.say_raw(HOSTILE.encode())
        peer.hear_out()

    with serving(talk) as port:
        hook = listener.api.post("webhooks", {"url": f"http://127.0.0.1:{port}/", "events": ["contact.created"]}).data
        listener.api.create("ann@b.co", company=HOSTILE[:100])
        listener.deliver()
    assert newest(hook).answer == HOSTILE
    page = admin.get(of(hook, "entry", newest(hook).pk)).text
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2
    assert "<script>alert" not in page and "<img src=x" not in page
    assert "{{ 7|add:7 }}" in page


def test_a_hostile_answer_to_a_test_is_text(admin: Client, receiver: Receiver, hook: dict[str, Any]) -> None:
    admin.post(of(hook, "test"))
    Attempt.objects.update(answer=HOSTILE, error=HOSTILE, status="failed")
    for path in (of(hook), of(hook, "log"), of(hook, "entry", newest(hook).pk)):
        assert "<script>alert" not in admin.get(path).text


def test_an_entry_whose_contact_was_erased_is_gone(admin: Client, told: dict[str, Any]) -> None:
    entry = newest(told)
    Delivery.objects.get(pk=entry.delivery_id).event.delete()
    assert admin.get(of(told, "entry", entry.pk)).status_code == 404
    assert entry.pk not in shown(admin.get(of(told, "log")))


# ------------------------------------------------------------------------------------------ sending it again


def test_an_entry_is_sent_again_under_its_id(
    admin: Client, listener: Listener, receiver: Receiver, hook: dict[str, Any]
) -> None:
    receiver.answers["/hook"] = 404
    listener.api.create("ann@b.co")
    listener.deliver()
    failed = newest(hook)
    answers = [admin.post(of(hook, "retry", failed.pk)) for _ in range(2)]
    asked = newest(hook)
    assert {answer.headers["Location"] for answer in answers} == {of(hook, "entry", asked.pk)}
    assert (asked.status, asked.number, Attempt.objects.count()) == ("pending", 2, 2)
    assert "This attempt is still to be made." in text(admin.get(of(hook, "entry", asked.pk)))
    receiver.answers.clear()
    assert listener.deliver() == 1
    assert len({call.id for call in receiver.calls}) == 1
    assert "It was delivered." in text(admin.get(of(hook, "entry", asked.pk)))


def test_what_arrives_after_all_switches_a_failed_one_on(
    admin: Client, listener: Listener, receiver: Receiver, hook: dict[str, Any]
) -> None:
    receiver.answers["/hook"] = 404
    listener.api.create("ann@b.co")
    listener.deliver()
    Webhook.objects.update(status="failed")
    receiver.answers.clear()
    admin.post(of(hook, "retry", newest(hook).pk))
    assert listener.deliver() == 1
    assert Webhook.objects.get().status == "active"


def test_opened_as_a_page_a_retry_sends_nothing(admin: Client, told: dict[str, Any]) -> None:
    count = Attempt.objects.count()
    entry = newest(told)
    assert admin.get(of(told, "retry", entry.pk)).headers["Location"] == of(told, "entry", entry.pk)
    assert Attempt.objects.count() == count
