"""What scanners and proxies fetch is kept apart: told beside one recipient's e-mail, and counted nowhere else."""

from html import unescape
from typing import Any

import pytest
from django.test import Client

from campaigns.sending.turn import take_turn
from fluenzr_site.events.models import Event
from tests.campaigns.admin.campaign_support import at, get
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import email, sequence

BODY = '<p><a href="https://shop.example/offer">Offer</a></p>'
PERSON = "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0"
SCANNER = "Mozilla/5.0 (compatible; Barracuda)"
SAID = "programs such as mail scanners"


@pytest.fixture
def campaign(outreach: Outreach, smtp: MailServer) -> str:
    """One whose only e-mail left a second ago."""
    made = outreach.started(sequence(email("first", body=BODY)))
    take_turn()
    outreach.clock.shift(1)
    return made


def told(member: Client, campaign: str) -> list[str]:
    return [
        str(each.by_programs) for row in get(member, at(campaign, "people")).context["rows"] for each in row.happened
    ]


def paths(smtp: MailServer) -> list[str]:
    return [unescape(smtp.received[0].path(kind)) for kind in ("o", "c", "u")]


def fetched_by_all(outreach: Outreach, smtp: MailServer, agent: str) -> None:
    for path in paths(smtp):
        for call in (outreach.api.client.get, outreach.api.client.head):
            call(path, HTTP_USER_AGENT=agent)


def figures(outreach: Outreach, campaign: str) -> dict[str, Any]:
    stats = outreach.stats(campaign)
    return {name: stats[name] for name in ("opened", "clicked", "replied", "unsubscribed")}


def test_what_a_scanner_fetches_is_told_and_counts_nowhere(
    member: Client, outreach: Outreach, smtp: MailServer, campaign: str
) -> None:
    assert told(member, campaign) == [""] and SAID not in get(member, at(campaign, "people")).text
    fetched_by_all(outreach, smtp, PERSON)
    assert told(member, campaign) == ["fetched 4 times by programs such as mail scanners"]
    outreach.wait(days=1)
    before = Event.objects.exclude(type__startswith="campaign.").count()
    fetched_by_all(outreach, smtp, SCANNER)
    assert told(member, campaign) == ["fetched 8 times by programs such as mail scanners"]
    assert SAID in get(member, at(campaign, "people")).text
    assert Event.objects.exclude(type__startswith="campaign.").count() == before
    assert figures(outreach, campaign) == dict.fromkeys(("opened", "clicked", "replied", "unsubscribed"), 0)
    activity = outreach.api.get(f"campaigns/{campaign}/activity").data
    assert [each["type"] for each in activity] == ["sent"]


def test_a_person_s_open_and_click_are_no_program_s(
    member: Client, outreach: Outreach, smtp: MailServer, campaign: str
) -> None:
    outreach.api.client.head(paths(smtp)[1], HTTP_USER_AGENT=PERSON)
    outreach.wait(hours=1)
    for path in paths(smtp)[:2]:
        outreach.fetch(path)
    assert told(member, campaign) == ["fetched once by programs such as mail scanners"]
    assert figures(outreach, campaign) == {"opened": 1, "clicked": 1, "replied": 0, "unsubscribed": 0}


def test_nothing_is_kept_of_who_objected(member: Client, outreach: Outreach, smtp: MailServer, campaign: str) -> None:
    outreach.workspace.contacts.update(tracking_objection=True)
    fetched_by_all(outreach, smtp, SCANNER)
    assert told(member, campaign) == [""]
