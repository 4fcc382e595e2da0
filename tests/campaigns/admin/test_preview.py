"""E-mails looked at before they are sent: as whom, in which frame, and sent to oneself."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns.admin.preview_try import MOST
from contacts.models import Contact
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import email, sequence

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script><img src=https://evil.test/x.png onerror=alert(1)><a href='https://evil.test'>x</a>"
WORKFLOW = sequence(
    email("first", subject="For {{firstName}}", body="Hello {{firstName}}"),
    email("second", subject="A", body="a", variantB={"subject": "B", "body": "b", "split": 50, "criterion": "opened"}),
)


@pytest.fixture
def campaign_id(outreach: Outreach) -> str:
    found = outreach.draft(WORKFLOW)
    outreach.add(found, outreach.people("ann@x.co", "ben@x.co", "cat@x.co"))
    for name in ("Ann", "Ben"):
        Contact.objects.filter(email=f"{name.lower()}@x.co").update(first_name=name, search_text=name.lower())
    return found


def at(campaign_id: str, name: str = "preview", **asked: str) -> str:
    return reverse(f"admin:campaigns_campaign_{name}", args=[campaign_id], query=asked or None)


def contact(name: str) -> str:
    return str(Contact.objects.get(email=f"{name}@x.co").pk)


def posted(client: Client, campaign_id: str, **values: str) -> Any:
    return client.post(at(campaign_id), {"format": "json", **values}).json()


def test_text_that_isnt_saved_is_shown_as_somebody_gets_it(member: Client, campaign_id: str) -> None:
    shown = posted(member, campaign_id, subject="{{company}}", body="Dear {{firstName}}", contact=contact("ben"))
    assert (shown["subject"], shown["to"], shown["from"]) == ("", "Ben <ben@x.co>", "Sam Sender <sam@sender.test>")
    assert shown["text"].startswith("Dear Ben")
    assert (shown["missing"], shown["problems"]) == (["company"], [])
    assert "Dear Ben" in shown["html"]


def test_what_is_wrong_with_it_is_said(member: Client, campaign_id: str) -> None:
    shown = posted(member, campaign_id, subject="Hi", body="{% if firstName %}")
    assert len(shown["problems"]) == 1
    assert "There is no variable" in posted(member, campaign_id, subject="Hi", body="{{x}}")["problems"][0]


def test_saved_versions_are_shown_by_their_node(member: Client, campaign_id: str) -> None:
    assert posted(member, campaign_id, node="second", version="b")["subject"] == "B"
    assert posted(member, campaign_id, email="second/a")["subject"] == "A"
    assert member.post(at(campaign_id), {"node": "nowhere"}).status_code == 404


def test_the_frame_runs_and_loads_nothing(member: Client, campaign_id: str) -> None:
    answer = member.post(at(campaign_id), {"subject": HOSTILE, "body": f"<p>{HOSTILE}</p>"})
    policy = answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert {"default-src 'none'", "frame-ancestors 'self'", "img-src 'self' data:", "sandbox"} <= set(
        policy.split("; ")
    )
    text = answer.content.decode()
    assert "<script" not in text
    assert "onerror=alert(1)>" not in text.replace("&gt;", "")
    assert 'src="https:' not in text
    assert 'href="https:' not in text


def test_the_page_itself_is_framed_by_nobody(member: Client, campaign_id: str) -> None:
    page = member.get(at(campaign_id))
    assert page["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


def test_one_steps_through_the_people(member: Client, campaign_id: str) -> None:
    first = member.get(at(campaign_id)).context["who"]
    assert (str(first.contact), first.place, first.total, first.before) == ("Ann", 1, 3, "")
    second = member.get(at(campaign_id, contact=first.after)).context["who"]
    assert (str(second.contact), second.place, second.before) == ("Ben", 2, first.contact.pk)


def test_who_isnt_written_to_is_stepped_over(member: Client, campaign_id: str) -> None:
    Contact.objects.filter(email="ann@x.co").update(status="blocked")
    assert str(member.get(at(campaign_id)).context["who"].contact) == "Ben"
    page = member.get(at(campaign_id, contact=contact("ann")))
    assert "They aren't among those who are written to." in page.content.decode()


def test_somebody_is_found_by_name(member: Client, campaign_id: str) -> None:
    assert [str(each) for each in member.get(at(campaign_id, q="BEN")).context["found"]] == ["Ben"]
    assert "Nobody fits the search." in member.get(at(campaign_id, q="zz\0")).content.decode()


def test_without_contacts_somebody_is_invented(member: Client, outreach: Outreach) -> None:
    empty = outreach.draft(WORKFLOW)
    assert "An invented person" in member.get(at(empty)).content.decode()
    assert posted(member, empty, node="first")["text"].startswith("Hello Ann")


def test_without_an_e_mail_there_is_what_to_do(member: Client, outreach: Outreach) -> None:
    page = member.get(at(outreach.draft(sequence())))
    assert "There is no e-mail to look at yet" in page.content.decode()


def test_a_test_goes_to_ones_own_address_unless_another_is_given(
    member: Client, campaign_id: str, smtp: MailServer
) -> None:
    asked = {"node": "first", "contact": contact("ben"), "format": "json"}
    assert member.post(at(campaign_id, "try"), asked).json()["ok"]
    assert member.post(at(campaign_id, "try"), asked | {"to": "boss@x.co"}).json()["ok"]
    assert smtp.recipients == [User.objects.get(username="mia").email, "boss@x.co"]
    assert {each.message["Subject"] for each in smtp.received} == {"[Test] For Ben"}


def test_on_the_page_it_is_told_in_a_message(member: Client, campaign_id: str, smtp: MailServer) -> None:
    smtp.answers["full@x.co"] = "452 4.2.2 full"
    said = []
    for to in ("ok@x.co", "full@x.co", "no one"):
        page = member.post(at(campaign_id, "try"), {"email": "first/a", "to": to}, follow=True)
        said += [(message.level_tag, str(message)[:22]) for message in page.context["messages"]]
    assert [level for level, _ in said] == ["success", "error", "error"]
    assert said[1][1] == "The e-mail wasn't take"


def test_tests_are_sent_by_the_dozen_at_most(member: Client, campaign_id: str, smtp: MailServer) -> None:
    asked = {"node": "first", "to": "nonsense", "format": "json"}
    said = [member.post(at(campaign_id, "try"), asked).json()["message"] for _ in range(MOST + 1)]
    assert "wait" not in said[-2]
    assert "That were many tests" in said[-1]


@pytest.mark.parametrize("name", ["preview", "preview_message", "try"])
def test_others_campaigns_arent_there(outsider: Client, campaign_id: str, name: str) -> None:
    assert outsider.get(at(campaign_id, name)).status_code == 404
    assert outsider.post(at(campaign_id, name), {"node": "first"}).status_code in (404, 405)


def test_contacts_of_others_are_nobody(member: Client, campaign_id: str, outsider: Client) -> None:
    shown = posted(member, campaign_id, node="first", contact="con_x")
    assert shown["to"] == "Ann <ann@x.co>"
