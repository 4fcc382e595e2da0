"""The pixel: what counts as an open, and what is kept of it."""

import pytest

from campaigns.models import Activity, Message
from campaigns.sending.turn import take_turn
from fluenzr_site.events.models import Event
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import email, sequence

AGENTS = [
    "Mozilla/5.0",
    "",
    "Googlebot/2.1",
    "curl/8.5.0",
    "python-requests/2.32",
    "Mozilla/5.0 (Windows NT 10.0) BarracudaCentral scanner",
    "Mozilla/5.0 (compatible; Mimecast)",
    "facebookexternalhit/1.1",
]


@pytest.fixture
def campaign(outreach: Outreach, smtp: MailServer) -> str:
    campaign = outreach.started()
    outreach.run()
    return campaign


def pixel(smtp: MailServer) -> str:
    return smtp.received[0].path("o")


def opens(outreach: Outreach, campaign: str) -> tuple[int, int]:
    """Opened contacts in the statistics, and opens of the message."""
    return outreach.stats(campaign)["opened"], outreach.message("ann@x.co").open_count


def track(outreach: Outreach, how: str) -> None:
    outreach.workspace.open_tracking = how
    outreach.workspace.save()


def test_the_pixel_is_an_image_that_nothing_caches(outreach: Outreach, smtp: MailServer, campaign: str):
    answer = outreach.fetch(pixel(smtp))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/gif")
    assert answer.content.startswith(b"GIF89a")
    assert "no-store" in answer["Cache-Control"]
    assert "Set-Cookie" not in answer


def test_only_the_first_open_counts_and_no_address_is_kept(outreach: Outreach, smtp: MailServer, campaign: str):
    outreach.fetch(pixel(smtp), REMOTE_ADDR="198.51.100.7")
    first = outreach.message("ann@x.co").opened_at
    outreach.fetch(pixel(smtp), REMOTE_ADDR="198.51.100.7")
    assert opens(outreach, campaign) == (1, 1)
    assert outreach.message("ann@x.co").opened_at == first
    activity = Activity.objects.get(type="opened")
    assert activity.metadata == {"openCount": 1, "firstOpen": True, "userAgent": None, "ip": None}
    body = str(Event.objects.get(type="email.opened").body)
    assert "198.51.100.7" not in body and "Firefox" not in body


def test_full_tracking_keeps_address_and_program(outreach: Outreach, smtp: MailServer, campaign: str):
    track(outreach, "full")
    outreach.fetch(pixel(smtp), REMOTE_ADDR="198.51.100.7")
    metadata = Activity.objects.get(type="opened").metadata
    assert (metadata["ip"], metadata["userAgent"][-7:]) == ("198.51.100.7", "x/128.0")


def test_full_tracking_tells_of_every_open_but_counts_the_contact_once(
    outreach: Outreach, smtp: MailServer, campaign: str
):
    track(outreach, "full")
    outreach.fetch(pixel(smtp))
    outreach.fetch(pixel(smtp))
    assert opens(outreach, campaign) == (1, 2)
    told = Activity.objects.filter(type="opened").order_by("id").values_list("metadata", flat=True)
    assert [(each["openCount"], each["firstOpen"]) for each in told] == [(1, True), (2, False)]


def test_where_tracking_is_off_there_is_no_pixel(outreach: Outreach, smtp: MailServer):
    track(outreach, "off")
    outreach.started()
    outreach.run()
    assert "/o/" not in smtp.received[0].html and "opened" not in smtp.received[0].text


def test_an_e_mail_that_tracks_no_opens_has_no_pixel(outreach: Outreach, smtp: MailServer):
    outreach.started(sequence(email("first", trackOpens=False)))
    outreach.run()
    assert "/o/" not in smtp.received[0].html


def test_turned_off_later_the_pixel_counts_nothing(outreach: Outreach, smtp: MailServer, campaign: str):
    track(outreach, "off")
    assert outreach.fetch(pixel(smtp)).status_code == 200
    assert opens(outreach, campaign) == (0, 0)


def test_an_objection_wins_over_full_tracking(outreach: Outreach, smtp: MailServer, campaign: str):
    track(outreach, "full")
    contact = outreach.message("ann@x.co").contact
    contact.tracking_objection = True
    contact.save()
    assert outreach.fetch(pixel(smtp)).status_code == 200
    assert opens(outreach, campaign) == (0, 0)


def test_who_objected_gets_neither_pixel_nor_tracked_links(outreach: Outreach, smtp: MailServer):
    campaign = outreach.draft(sequence(email("first", body='<p><a href="https://a.co/x">x</a></p>')))
    (ann,) = outreach.people("ann@x.co")
    outreach.workspace.contacts.filter(pk=ann).update(tracking_objection=True)
    outreach.add(campaign, [ann])
    outreach.api.post(f"campaigns/{campaign}/start")
    outreach.run()
    html = smtp.received[0].html
    assert "/o/" not in html and "/c/" not in html and 'href="https://a.co/x"' in html


def test_head_does_not_count(outreach: Outreach, smtp: MailServer, campaign: str):
    outreach.clock.shift(60)
    answer = outreach.api.client.head(pixel(smtp), HTTP_USER_AGENT="Mozilla/5.0 (X11) Firefox/128.0")
    assert answer.status_code == 200
    assert opens(outreach, campaign) == (0, 0)


@pytest.mark.parametrize("agent", AGENTS)
def test_robots_do_not_count(outreach: Outreach, smtp: MailServer, campaign: str, agent: str):
    assert outreach.fetch(pixel(smtp), agent=agent).status_code == 200
    assert opens(outreach, campaign) == (0, 0)


def test_what_comes_within_five_seconds_does_not_count(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started()
    take_turn()
    outreach.clock.shift(4)
    agent = "Mozilla/5.0 (X11) Firefox/128.0"
    outreach.api.client.get(pixel(smtp), HTTP_USER_AGENT=agent)
    assert opens(outreach, campaign) == (0, 0)
    outreach.clock.shift(2)
    outreach.api.client.get(pixel(smtp), HTTP_USER_AGENT=agent)
    assert opens(outreach, campaign) == (1, 1)


def test_a_webmail_proxy_that_loads_it_for_a_reader_counts(outreach: Outreach, smtp: MailServer, campaign: str):
    outreach.fetch(pixel(smtp), agent="Mozilla/5.0 (Windows NT 5.1) Firefox/11.0 (via ggpht.com GoogleImageProxy)")
    assert opens(outreach, campaign) == (1, 1)


def test_the_pixel_of_a_deleted_contact_is_still_an_image(outreach: Outreach, smtp: MailServer, campaign: str):
    outreach.api.delete(f"contacts/{outreach.message('ann@x.co').contact_id}")
    answer = outreach.fetch(pixel(smtp))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/gif")
    assert not Message.objects.exists()


def test_posting_to_the_pixel_is_refused(outreach: Outreach, smtp: MailServer, campaign: str):
    assert outreach.api.client.post(pixel(smtp)).status_code == 405
