"""Every byte of a link's token is signed, and for one purpose."""

from html import unescape

import pytest

from campaigns.models import Link, Message
from campaigns.sending.writing import unsubscribe_token
from campaigns.tracking import tokens
from contacts.models import Contact
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import email, sequence

JUNK = ["", ".", "..", "a", "msg_", "é", "%00", "%0d%0aSet-Cookie:x", "A" * 5000, "msg_0.é", "٣.٣", "..%2f..", "\u2028"]


@pytest.fixture
def campaign(outreach: Outreach, smtp: MailServer) -> str:
    campaign = outreach.started(sequence(email("first", body='<a href="https://b.co/">x</a>')))
    outreach.run()
    return campaign


def altered(token: str) -> list[str]:
    """The token with each character replaced, left out and doubled."""
    found = []
    for at, character in enumerate(token):
        other = "b" if character != "b" else "c"
        found += [token[:at] + each + token[at + 1 :] for each in (other, character.swapcase(), "")]
        found.append(token[:at] + character + token[at:])
    return [each for each in found if each != token]


def nothing_happened(outreach: Outreach, campaign: str) -> bool:
    stats = outreach.stats(campaign)
    states = (stats["opened"], stats["clicked"], stats["unsubscribed"], Contact.objects.get().status)
    return states == (0, 0, 0, "active")


def test_an_altered_pixel_is_still_an_image_and_counts_nothing(outreach: Outreach, smtp: MailServer, campaign: str):
    token = smtp.received[0].path("o").removeprefix("/o/").removesuffix(".gif")
    for each in altered(token):
        answer = outreach.fetch(f"/o/{each}.gif")
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/gif"), each
    assert nothing_happened(outreach, campaign)


@pytest.mark.parametrize("kind", ["c", "u"])
def test_an_altered_link_is_not_found(outreach: Outreach, smtp: MailServer, campaign: str, kind: str):
    token = unescape(smtp.received[0].path(kind)).removeprefix(f"/{kind}/")
    for each in altered(token):
        answer = outreach.fetch(f"/{kind}/{each}")
        assert (answer.status_code, "Location" in answer) == (404, False), each
        if kind == "u":
            assert outreach.api.client.post(f"/u/{each}").status_code == 404, each
    assert nothing_happened(outreach, campaign)


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("kind", ["c", "u"])
def test_junk_is_not_found(outreach: Outreach, kind: str, junk: str):
    assert outreach.fetch(f"/{kind}/{junk}").status_code == 404


@pytest.mark.parametrize("junk", [each for each in JUNK if each and "%2f" not in each])
def test_a_pixel_of_junk_is_still_an_image(outreach: Outreach, junk: str):
    assert outreach.fetch(f"/o/{junk}.gif").status_code == 200


def test_a_token_is_good_for_one_purpose(outreach: Outreach, smtp: MailServer, campaign: str):
    message, link = Message.objects.get(), Link.objects.get()
    opening, unsubscribing = tokens.sign("open", message.pk), unsubscribe_token(message)
    clicking = tokens.sign("click", message.pk, link.pk)
    for path in (f"/u/{opening}", f"/u/{clicking}", f"/c/{opening}", f"/c/{unsubscribing}"):
        assert outreach.fetch(path).status_code == 404, path
    for path in (f"/u/{opening}", f"/u/{clicking}"):
        assert outreach.api.client.post(path).status_code == 404
    for token in (unsubscribing, clicking):
        assert outreach.fetch(f"/o/{token}.gif").status_code == 200
    assert nothing_happened(outreach, campaign)


def test_a_token_names_its_message_alone(outreach: Outreach, smtp: MailServer, campaign: str):
    message, link = Message.objects.get(), Link.objects.get()
    swapped = tokens.sign("click", link.pk, message.pk)
    wide = tokens.sign("click", message.pk)
    for token in (swapped, wide, tokens.sign("click", message.pk, message.pk)):
        assert outreach.fetch(f"/c/{token}").status_code == 404


def test_another_key_signs_nothing(outreach: Outreach, smtp: MailServer, campaign: str, settings):
    path = smtp.received[0].path("u")
    settings.FLUENZR_LINK_KEY = "another"
    assert outreach.fetch(path).status_code == 404


def test_a_pixel_is_good_for_no_message_that_was_not_sent(outreach: Outreach, smtp: MailServer, campaign: str):
    Message.objects.update(sent_at=None, state=Message.State.UNCERTAIN)
    outreach.fetch(smtp.received[0].path("o"))
    assert nothing_happened(outreach, campaign)
