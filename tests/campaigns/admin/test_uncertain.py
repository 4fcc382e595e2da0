"""Whoever is in the workspace says of an uncertain e-mail whether it was sent; and the dashboard asks them to."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Message
from campaigns.sending.transport import Uncertain
from fluenzr_site.events.models import Event
from tests.campaigns.admin.support import put
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import email, sequence

URL = "admin:campaigns_message_changelist"
DASHBOARD = "admin:index"


@pytest.fixture
def in_doubt(outreach: Outreach, monkeypatch: pytest.MonkeyPatch) -> Message:
    """An e-mail whose connection was lost before the server's last word."""

    def lost(*_: Any) -> None:
        raise Uncertain("Lost")

    with monkeypatch.context() as patch:
        patch.setattr("campaigns.sending.deliver.Connections.send", lost)
        outreach.started(sequence(email("first"), email("second")), to=["ann@x.co"], name="Spring")
        outreach.run()
    return outreach.message("ann@x.co")


def test_an_uncertain_e_mail_is_shown(member: Client, in_doubt: Message) -> None:
    page = member.get(reverse(URL)).text
    for text in ("1 e-mail: was it sent?", "ann@x.co", in_doubt.subject, "Spring", "e-mail 1", "from sam@sender.test"):
        assert text in page
    assert reverse("admin:contacts_contact_change", args=[in_doubt.contact_id]) in page


def test_it_was_sent(member: Client, in_doubt: Message, outreach: Outreach, smtp: MailServer) -> None:
    page = member.post(reverse(URL), {"sent": in_doubt.pk}, follow=True).text
    assert "counts as sent" in page
    assert "No e-mail is uncertain" in page
    outreach.run()
    # Only the second.
    assert [each.message["Subject"] for each in smtp.received] == [outreach.message("ann@x.co", "second").subject]
    sent = Event.objects.of(outreach.workspace).about(in_doubt.contact_id).filter(type="email.sent")
    assert sent.last().actor.startswith("user:")  # type: ignore[union-attr]


def test_it_was_not_sent(member: Client, in_doubt: Message, outreach: Outreach, smtp: MailServer) -> None:
    page = member.post(reverse(URL), {"again": in_doubt.pk}, follow=True).text
    assert "is sent as soon as the campaign may" in page
    outreach.run()
    assert smtp.recipients == ["ann@x.co", "ann@x.co"]


def test_what_is_settled_is_not_settled_again(member: Client, in_doubt: Message) -> None:
    member.post(reverse(URL), {"sent": in_doubt.pk})
    page = member.post(reverse(URL), {"again": in_doubt.pk}, follow=True).text
    assert "It is known already" in page
    in_doubt.refresh_from_db()
    assert in_doubt.state == "sent"


@pytest.mark.parametrize("posted", [{}, {"sent": ""}, {"again": "msg_none"}, {"sent": "x" * 900}])
def test_what_names_no_e_mail_changes_nothing(member: Client, in_doubt: Message, posted: dict[str, str]) -> None:
    assert "It is known already" in member.post(reverse(URL), posted, follow=True).text
    in_doubt.refresh_from_db()
    assert in_doubt.state == "uncertain"


def test_strangers_see_and_settle_nothing(outsider: Client, in_doubt: Message) -> None:
    assert "ann@x.co" not in outsider.get(reverse(URL)).text
    outsider.post(reverse(URL), {"sent": in_doubt.pk})
    in_doubt.refresh_from_db()
    assert in_doubt.state == "uncertain"


def test_there_is_no_page_of_one_e_mail(admin: Client, in_doubt: Message) -> None:
    for page, status in (("change", 404), ("delete", 403), ("history", 404)):
        assert admin.get(reverse(f"admin:campaigns_message_{page}", args=[in_doubt.pk])).status_code == status


def test_many_cost_few_queries(
    member: Client, outreach: Outreach, in_doubt: Message, django_assert_max_num_queries: Any
) -> None:
    outreach.started(to=[f"a{number}@x.co" for number in range(5)])
    outreach.run()
    Message.objects.update(state="uncertain")
    with django_assert_max_num_queries(8):
        assert "6 e-mails: were they sent?" in member.get(reverse(URL)).text


# ------------------------------------------------------------------------------------------------- the dashboard


def test_the_dashboard_asks_only_when_there_is_something_to_say(member: Client, in_doubt: Message) -> None:
    page = member.get(reverse(DASHBOARD)).text
    assert "Uncertain e-mails" in page
    assert reverse(URL) in page
    member.post(reverse(URL), {"sent": in_doubt.pk})
    assert "Uncertain e-mails" not in member.get(reverse(DASHBOARD)).text


def test_the_dashboard_counts_today_s_e_mails(admin: Client, member: Client, outreach: Outreach) -> None:
    outreach.connect("zoe@sender.test", daily_limit=50)
    outreach.started(to=["ann@x.co", "ben@x.co"])
    outreach.run()
    link = reverse("admin:campaigns_emailaccount_changelist")
    for client, leads in ((admin, True), (member, False)):
        page = client.get(reverse(DASHBOARD))
        [card] = [card for card in page.context["cards"] if card.title == "E-mails today"]
        assert (card.value, card.hint) == (2, "of 250 that may be sent")
        assert (f'<a class="flz-card" href="{link}">' in page.text) == leads


def test_the_dashboard_names_accounts_in_trouble(admin: Client, member: Client, outreach: Outreach) -> None:
    heading = "E-mail accounts that need somebody"
    assert heading not in admin.get(reverse(DASHBOARD)).text
    put(outreach.account, state="failing", last_error="535 no")
    change = reverse("admin:campaigns_emailaccount_change", args=[outreach.account.pk])
    for client, leads in ((admin, True), (member, False)):
        page = client.get(reverse(DASHBOARD)).text
        assert (heading in page, "The server refuses it (535 no)" in page, change in page) == (True, True, leads)


def test_the_dashboard_asks_for_a_first_account(admin: Client, outsider: Client, outreach: Outreach) -> None:
    outreach.account.delete()
    assert "Add an e-mail account" in admin.get(reverse(DASHBOARD)).text
    assert "Uncertain" not in admin.get(reverse(DASHBOARD)).text
