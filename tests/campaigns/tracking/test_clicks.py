"""Tracked links: they lead to the stored address alone, and count people."""

from html import unescape

import pytest

from campaigns.models import Activity, Click, Link
from campaigns.sending.turn import take_turn
from campaigns.tracking import tokens
from tests.api.world import Party
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import email, node, sequence

ADDRESS = "https://shop.example/offer?a=1&b=2#top"
BODY = '<p><a href="https://shop.example/offer?a=1&amp;b=2#top">Offer</a> <a href="https://b.co/">B</a></p>'
AGENT = "Mozilla/5.0 (X11) Firefox/128.0"


@pytest.fixture
def campaign(outreach: Outreach, smtp: MailServer) -> str:
    campaign = outreach.started(sequence(email("first", body=BODY)))
    outreach.run()
    return campaign


def link(smtp: MailServer) -> str:
    return unescape(smtp.received[0].path("c"))


def clicks(outreach: Outreach, campaign: str) -> tuple[int, int]:
    return outreach.stats(campaign)["clicked"], outreach.message("ann@x.co").click_count


def test_a_click_leads_to_the_stored_address_and_counts(outreach: Outreach, smtp: MailServer, campaign: str):
    answer = outreach.fetch(link(smtp))
    assert (answer.status_code, answer["Location"]) == (302, ADDRESS)
    assert answer["Referrer-Policy"] == "no-referrer" and "no-store" in answer["Cache-Control"]
    assert clicks(outreach, campaign) == (1, 1)
    assert Activity.objects.get(type="clicked").metadata == {"linkUrl": ADDRESS, "clickCount": 1}


def test_nothing_in_the_request_changes_where_it_leads(outreach: Outreach, smtp: MailServer, campaign: str):
    for more in ("?url=https://evil.example", "?next=//evil.example", "?u=javascript:alert(1)"):
        assert outreach.fetch(link(smtp) + more)["Location"] == ADDRESS
    for more in ("/https://evil.example", "//evil.example", "/%5Cevil.example"):
        answer = outreach.fetch(link(smtp) + more)
        assert answer.status_code == 404 and "Location" not in answer


def test_each_click_is_told_and_the_contact_counts_once(outreach: Outreach, smtp: MailServer, campaign: str):
    outreach.fetch(link(smtp))
    outreach.fetch(link(smtp))
    assert clicks(outreach, campaign) == (1, 2)
    assert Click.objects.get().count == 2
    told = Activity.objects.filter(type="clicked").order_by("id").values_list("metadata__clickCount", flat=True)
    assert list(told) == [1, 2]


def test_a_click_shows_that_the_e_mail_was_opened(outreach: Outreach, smtp: MailServer, campaign: str):
    outreach.fetch(link(smtp))
    assert outreach.stats(campaign)["opened"] == 1
    outreach.fetch(smtp.received[0].path("o"))
    assert outreach.stats(campaign)["opened"] == 1


def test_where_opens_are_off_a_click_counts_no_open(outreach: Outreach, smtp: MailServer, campaign: str):
    outreach.workspace.open_tracking = "off"
    outreach.workspace.save()
    outreach.fetch(link(smtp))
    assert clicks(outreach, campaign) == (1, 1)
    assert outreach.stats(campaign)["opened"] == 0


def test_an_e_mail_that_tracks_no_opens_counts_none_by_a_click(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(sequence(email("first", body=BODY, trackOpens=False)))
    outreach.run()
    outreach.fetch(link(smtp))
    assert outreach.stats(campaign)["opened"] == 0


@pytest.mark.parametrize("agent", ["", "curl/8", "Mozilla/5.0 Slackbot-LinkExpanding", "Mozilla/5.0 (Barracuda)"])
def test_robots_are_led_on_and_not_counted(outreach: Outreach, smtp: MailServer, campaign: str, agent: str):
    assert outreach.fetch(link(smtp), agent=agent)["Location"] == ADDRESS
    assert clicks(outreach, campaign) == (0, 0)


def test_head_is_led_on_and_not_counted(outreach: Outreach, smtp: MailServer, campaign: str):
    outreach.clock.shift(60)
    assert outreach.api.client.head(link(smtp), HTTP_USER_AGENT=AGENT).status_code == 302
    assert clicks(outreach, campaign) == (0, 0)


def test_a_scanner_a_second_after_delivery_fires_no_condition(outreach: Outreach, smtp: MailServer):
    ask = node("ask", "condition", criterion="clicked", nodeId="first")
    workflow = sequence(email("first", body=BODY), node("wait", "delay", hours=1))
    workflow["nodes"] += [ask, email("second"), node("end2", "end")]
    workflow["edges"] = [each for each in workflow["edges"] if each["to"] != "end"]
    workflow["edges"] += [
        {"from": "wait", "to": "ask"},
        {"from": "ask", "to": "second", "when": "yes"},
        {"from": "ask", "to": "end", "when": "no"},
        {"from": "second", "to": "end2"},
    ]
    campaign = outreach.started(workflow)
    take_turn()
    outreach.clock.shift(1)
    for kind in ("o", "c", "u"):
        for call in (outreach.api.client.get, outreach.api.client.head):
            call(unescape(smtp.received[0].path(kind)), HTTP_USER_AGENT=AGENT)
    outreach.wait(hours=2)
    assert len(smtp.received) == 1
    stats = outreach.stats(campaign)
    assert (stats["opened"], stats["clicked"], stats["unsubscribed"]) == (0, 0, 0)


def test_a_condition_on_a_click_is_answered_by_it(outreach: Outreach, smtp: MailServer):
    workflow = sequence(email("first", body=BODY), node("wait", "delay", hours=1))
    workflow["nodes"] += [
        node("ask", "condition", criterion="clicked", nodeId="first", url="https://b.co/"),
        email("yes", subject="Yes"),
        email("no", subject="No"),
    ]
    workflow["edges"] = [each for each in workflow["edges"] if each["to"] != "end"]
    workflow["edges"] += [
        {"from": "wait", "to": "ask"},
        {"from": "ask", "to": "yes", "when": "yes"},
        {"from": "ask", "to": "no", "when": "no"},
        {"from": "yes", "to": "end"},
        {"from": "no", "to": "end"},
    ]
    outreach.started(workflow, to=["one@x.co", "other@x.co", "none@x.co"])
    outreach.run()
    for recipient, url in (("one@x.co", "https://b.co/"), ("other@x.co", ADDRESS)):
        message, wanted = outreach.message(recipient), Link.objects.get(url=url)
        outreach.fetch(f"/c/{tokens.sign('click', message.pk, wanted.pk)}")
    outreach.wait(hours=2)
    assert {each.recipient: each.message["Subject"] for each in smtp.received[3:]} == {
        "one@x.co": "Yes",
        "other@x.co": "No",
        "none@x.co": "No",
    }


def test_an_objection_counts_no_click(outreach: Outreach, smtp: MailServer, campaign: str):
    outreach.workspace.contacts.update(tracking_objection=True)
    assert outreach.fetch(link(smtp))["Location"] == ADDRESS
    assert clicks(outreach, campaign) == (0, 0)


def test_a_link_of_another_campaign_is_not_found(outreach: Outreach, smtp: MailServer, campaign: str, stranger: Party):
    other = outreach.started(sequence(email("first", body='<a href="https://evil.example/">x</a>')), to=["bob@x.co"])
    outreach.run()
    theirs = Link.objects.get(campaign=other)
    token = tokens.sign("click", outreach.message("ann@x.co").pk, theirs.pk)
    assert outreach.fetch(f"/c/{token}").status_code == 404


def test_an_e_mail_that_tracks_no_clicks_has_its_links_as_they_are(outreach: Outreach, smtp: MailServer):
    outreach.started(sequence(email("first", body=BODY, trackClicks=False)))
    outreach.run()
    html = smtp.received[0].html
    assert "/c/" not in html and 'href="https://b.co/"' in html


def test_what_a_contact_is_called_makes_no_link(outreach: Outreach, smtp: MailServer):
    campaign = outreach.draft(sequence(email("first", body="<p>Hi {{firstName}}</p>")))
    ann = outreach.api.create("ann@x.co", firstName='<a href="https://evil.example">x</a> {{ email }}')["id"]
    outreach.add(campaign, [ann])
    outreach.api.post(f"campaigns/{campaign}/start")
    outreach.run()
    assert not Link.objects.exists()
    assert "{{ email }}" in smtp.received[0].text
