"""The unsubscribe link: looking unsubscribes nobody, one click does, and a mail program's POST at once."""

import pytest
from django.test import Client

from campaigns.models import Message
from contacts.models import Contact, Suppression
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import email, node, sequence

TWO = sequence(email("first"), node("wait", "delay", days=2), email("second"))
ONE_CLICK = b"List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def campaign(outreach: Outreach, smtp: MailServer) -> str:
    campaign = outreach.started(TWO)
    outreach.run()
    return campaign


@pytest.fixture
def browser() -> Client:
    """One that is asked for a CSRF token wherever others are."""
    return Client(enforce_csrf_checks=True)


def link(smtp: MailServer) -> str:
    return smtp.received[0].path("u")


def status() -> str:
    return Contact.objects.get(email="ann@x.co").status


def test_looking_unsubscribes_nobody(outreach: Outreach, smtp: MailServer, campaign: str, browser: Client):
    assert browser.get(link(smtp)).status_code == browser.head(link(smtp)).status_code == 200
    assert status() == "active"
    assert outreach.stats(campaign)["unsubscribed"] == 0


def test_one_click_of_a_mail_program_unsubscribes_at_once(
    outreach: Outreach, smtp: MailServer, campaign: str, browser: Client
):
    answer = browser.post(link(smtp), ONE_CLICK, content_type=FORM)
    assert (answer.status_code, status()) == (200, "unsubscribed")
    assert "Location" not in answer and not answer.cookies
    assert outreach.states(campaign) == {"ann@x.co": "unsubscribed"}
    outreach.wait(days=3)
    assert len(smtp.received) == 1
    stats = outreach.stats(campaign)
    assert (stats["unsubscribed"], stats["unsubscribeRate"]) == (1, 100.0)


def test_a_multipart_one_click_is_taken_too(outreach: Outreach, smtp: MailServer, campaign: str, browser: Client):
    assert browser.post(link(smtp), {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert status() == "unsubscribed"


def test_the_button_of_the_page_unsubscribes(outreach: Outreach, smtp: MailServer, campaign: str, browser: Client):
    page = browser.get(link(smtp)).content.decode()
    assert '<form method="post"><button>' in page and "Sam Sender" in page
    done = browser.post(link(smtp))
    assert (done.status_code, status()) == (200, "unsubscribed")
    assert "You are unsubscribed" in done.content.decode()


def test_unsubscribing_twice_counts_once(outreach: Outreach, smtp: MailServer, campaign: str, browser: Client):
    for _ in range(2):
        assert browser.post(link(smtp), ONE_CLICK, content_type=FORM).status_code == 200
    assert outreach.stats(campaign)["unsubscribed"] == 1


def test_unsubscribing_takes_the_contact_out_of_all_campaigns(
    outreach: Outreach, smtp: MailServer, campaign: str, browser: Client
):
    ann = outreach.message("ann@x.co").contact_id
    other, waiting = outreach.draft(TWO), outreach.draft(TWO)
    for each in (other, waiting):
        outreach.add(each, [ann])
    outreach.api.post(f"campaigns/{other}/start")
    outreach.run()
    browser.post(link(smtp), ONE_CLICK, content_type=FORM)
    outreach.wait(days=5)
    assert len(smtp.received) == 2
    assert {outreach.states(each)["ann@x.co"] for each in (campaign, other, waiting)} == {"unsubscribed"}
    assert outreach.add(outreach.draft(), [ann]) == {"added": 0, "skipped": 1, "errors": []}


def test_who_is_through_can_still_unsubscribe(outreach: Outreach, smtp: MailServer, browser: Client):
    campaign = outreach.started()
    outreach.run()
    outreach.wait(days=400)
    assert outreach.status(campaign) == "completed"
    browser.post(link(smtp), ONE_CLICK, content_type=FORM)
    assert (status(), outreach.stats(campaign)["unsubscribed"]) == ("unsubscribed", 1)
    assert outreach.states(campaign) == {"ann@x.co": "unsubscribed"}


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "Do you want no more e-mails from Sam Sender?"),
        ("fr", "Ne plus recevoir d’e-mails de Sam Sender ?"),
        ("fr-CA,fr;q=0.9,en;q=0.5", "Se désabonner"),
        ("hi", "सदस्यता समाप्त करें"),
        ("de", "Unsubscribe"),
    ],
)
def test_the_page_is_in_the_readers_language(
    smtp: MailServer, campaign: str, browser: Client, language: str, says: str
):
    answer = browser.get(link(smtp), HTTP_ACCEPT_LANGUAGE=language)
    assert says in answer.content.decode()
    assert f'<html lang="{language[:2] if language != "de" else "en"}"' in answer.content.decode()


def test_the_page_asks_no_other_site_and_is_in_no_index(smtp: MailServer, campaign: str, browser: Client):
    answer = browser.get(link(smtp))
    page = answer.content.decode()
    assert "http://" not in page and "https://" not in page and "<script" not in page
    assert "noindex" in page and "no-store" in answer["Cache-Control"]
    assert "Content-Security-Policy" in answer


def test_a_name_cannot_write_the_page(outreach: Outreach, smtp: MailServer, campaign: str, browser: Client):
    row = Message.objects.get()
    row.account.name = '<img src=x onerror="alert(1)"> {email}'
    row.account.save()
    page = browser.get(link(smtp)).content.decode()
    assert "<img" not in page and "&lt;img" in page


def test_the_preferences_keep_the_objection(outreach: Outreach, smtp: MailServer, campaign: str, browser: Client):
    saved = browser.post(link(smtp), {"preferences": "1", "tracking": "on"})
    assert saved.status_code == 200 and " checked" in saved.content.decode()
    contact = Contact.objects.get()
    assert (contact.tracking_objection, contact.status) == (True, "active")
    assert " checked" in browser.get(link(smtp)).content.decode()
    browser.post(link(smtp), {"preferences": "1"})
    assert Contact.objects.get().tracking_objection is False


def test_after_an_objection_the_next_e_mail_tracks_nothing(
    outreach: Outreach, smtp: MailServer, campaign: str, browser: Client
):
    browser.post(link(smtp), {"preferences": "1", "tracking": "on"})
    outreach.wait(days=2)
    assert "/o/" in smtp.received[0].html and "/o/" not in smtp.received[1].html


def test_a_link_of_nobody_says_so_in_the_readers_language(browser: Client, db: None):
    answer = browser.get("/u/nothing", HTTP_ACCEPT_LANGUAGE="fr")
    assert answer.status_code == 404 and "Ce lien n’est pas valide" in answer.content.decode()
    assert browser.post("/u/nothing", ONE_CLICK, content_type=FORM).status_code == 404


def test_other_methods_are_refused(smtp: MailServer, campaign: str, browser: Client):
    for call in (browser.put, browser.delete, browser.patch):
        assert call(link(smtp)).status_code == 405
    assert status() == "active"


def test_the_link_of_the_headers_is_the_same_as_in_the_text(outreach: Outreach, smtp: MailServer, campaign: str):
    got = smtp.received[0]
    assert got.message["List-Unsubscribe"].strip("<>").endswith(link(smtp))
    assert link(smtp) in got.text


def test_the_variable_unsubscribe_link_leads_to_the_same_page(outreach: Outreach, smtp: MailServer, browser: Client):
    body = '<p><a href="{{unsubscribe_link}}">Stop</a></p>'
    outreach.started(sequence(email("first", body=body)))
    outreach.run()
    got = smtp.received[0]
    assert "/c/" not in got.html and browser.get(got.path("u")).status_code == 200


# ---------------------------------------------------------------------------------- a contact that was deleted


def test_a_deleted_contacts_link_suppresses_its_address(
    outreach: Outreach, smtp: MailServer, campaign: str, browser: Client
):
    outreach.api.delete(f"contacts/{outreach.message('ann@x.co').contact_id}")
    page = browser.get(link(smtp))
    assert (page.status_code, Suppression.objects.count()) == (200, 0)
    assert "from this sender?" in page.text and "preferences" not in page.text
    for _ in range(2):
        done = browser.post(link(smtp), ONE_CLICK, content_type=FORM)
        assert (done.status_code, Suppression.objects.count()) == (200, 1)
    assert "won&#x27;t write to you again" in done.text
    # She comes back, by a list or by hand: nothing is sent to her.
    outreach.started(TWO, to=["Ann@x.co", "ben@x.co"])
    outreach.run()
    assert [mail.recipient for mail in smtp.received[1:]] == ["ben@x.co"]


def test_a_link_of_a_workspace_that_is_gone_is_gone(smtp: MailServer, outreach: Outreach, campaign: str):
    path = link(smtp)
    outreach.workspace.delete()
    assert Client().get(path).status_code == Client().post(path).status_code == 404
    assert Suppression.objects.count() == 0
