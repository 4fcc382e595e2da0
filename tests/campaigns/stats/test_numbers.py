"""The counts and rates of a campaign and of each of its e-mails, exact."""

from typing import Any

import pytest

from campaigns.models import Link
from campaigns.stats.counts import percent
from fluenzr_site.core import clock as present
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import email, graph, node, sequence

BODY = '<p><a href="https://b.co/">x</a></p>'
TWO = sequence(email("first", body=BODY), node("wait", "delay", days=1), email("second", subject="Again"))
SEVEN = [f"p{number}@x.co" for number in range(7)]


def opened(outreach: Outreach, recipient: str, node_id: str = "first") -> None:
    outreach.outcome("opened", recipient, node_id, at=present.now(), user_agent=None, address=None)


def clicked(outreach: Outreach, recipient: str) -> None:
    outreach.outcome("clicked", recipient, link=Link.objects.get(), at=present.now())


@pytest.fixture
def campaign(outreach: Outreach, smtp: MailServer) -> str:
    """Seven sent: one refused, one bounced later, three opened, two clicked, one replied, one unsubscribed."""
    smtp.answers["p6@x.co"] = "550 5.1.1 No such user"
    campaign = outreach.started(TWO, to=SEVEN)
    outreach.run()
    outreach.outcome("bounced", "p5@x.co", hard=True, reason="550 5.1.1 Gone")
    for recipient in ("p0@x.co", "p0@x.co", "p1@x.co"):
        opened(outreach, recipient)
    for recipient in ("p1@x.co", "p2@x.co", "p2@x.co"):
        clicked(outreach, recipient)
    outreach.outcome("replied", "p0@x.co", subject="Re", preview="Yes")
    outreach.outcome("unsubscribed", "p2@x.co")
    return campaign


WANTED = {
    "totalContacts": 7,
    "sent": 7,
    "delivered": 5,
    "opened": 3,
    "openRate": 60.0,
    "clicked": 2,
    "clickRate": 40.0,
    "replied": 1,
    "replyRate": 20.0,
    "bounced": 2,
    "bounceRate": 28.6,
    "unsubscribed": 1,
    "unsubscribeRate": 20.0,
}


def test_the_numbers_of_a_campaign_are_exact(outreach: Outreach, campaign: str):
    assert outreach.stats(campaign) == WANTED
    assert outreach.api.get(f"campaigns/{campaign}").data["stats"] == WANTED
    assert outreach.api.get("campaigns").data[0]["stats"] == WANTED


def test_doing_it_twice_counts_once(outreach: Outreach, campaign: str):
    opened(outreach, "p0@x.co")
    clicked(outreach, "p1@x.co")
    outreach.outcome("replied", "p0@x.co", subject="Re", preview="Again")
    outreach.outcome("bounced", "p5@x.co", hard=True, reason="Again")
    outreach.outcome("unsubscribed", "p2@x.co")
    assert outreach.stats(campaign) == WANTED


def test_the_numbers_stay_when_a_contact_is_deleted(outreach: Outreach, campaign: str):
    for recipient in ("p0@x.co", "p2@x.co"):
        assert outreach.api.delete(f"contacts/{outreach.message(recipient).contact_id}").status == 200
    assert outreach.stats(campaign) == WANTED


def test_rates_by_e_mail_are_over_sent(outreach: Outreach, smtp: MailServer, campaign: str):
    outreach.wait(days=1)
    opened(outreach, "p1@x.co", "second")
    answer = outreach.api.get(f"campaigns/{campaign}/stats/emails")
    first, second = answer.data
    assert answer.meta["total"] == 2
    assert (first["nodeId"], first["emailNumber"], first["subject"]) == ("first", 1, "Hello")
    numbers = {name: first[name] for name in WANTED if name != "totalContacts"}
    assert numbers == {name: value for name, value in WANTED.items() if name != "totalContacts"} | {
        "openRate": 42.9,
        "clickRate": 28.6,
        "replyRate": 14.3,
        "unsubscribeRate": 14.3,
    }
    assert (first["variants"], first["winner"], first["significance"]) == ([], None, None)
    wanted = {"nodeId": "second", "emailNumber": 2, "subject": "Again", "sent": 3, "opened": 1, "openRate": 33.3}
    assert second | wanted == second


def test_an_e_mail_of_an_older_version_keeps_its_subject_and_versions(outreach: Outreach, smtp: MailServer):
    variant = {"subject": "Again, B", "body": "x"}
    second = email("second", subject="Again, A", variantB=variant)
    campaign = outreach.started(sequence(email("first"), node("wait", "delay", days=1), second))
    outreach.run()
    outreach.api.post(f"campaigns/{campaign}/pause")
    outreach.api.put(f"campaigns/{campaign}", {"workflow": sequence(email("first", subject="New"))})
    assert outreach.api.post(f"campaigns/{campaign}/resume").status == 200
    outreach.wait(days=2)
    first, old = outreach.api.get(f"campaigns/{campaign}/stats/emails").data
    assert (first["nodeId"], first["subject"]) == ("first", "New")
    assert (old["nodeId"], old["emailNumber"], old["subject"], old["sent"]) == ("second", 2, "Again, A", 1)
    assert [(each["variant"], each["subject"]) for each in old["variants"]] == [("A", "Again, A"), ("B", "Again, B")]
    assert sum(each["sent"] for each in old["variants"]) == 1


def test_e_mails_are_numbered_as_they_follow_one_another(outreach: Outreach):
    nodes = [email("third"), node("end", "end"), email("second"), node("start", "start"), email("first")]
    campaign = outreach.draft(graph(nodes, "start first", "first second", "second third", "third end"))
    told = outreach.api.get(f"campaigns/{campaign}/stats/emails").data
    assert [(each["emailNumber"], each["nodeId"]) for each in told] == [(1, "first"), (2, "second"), (3, "third")]


def test_of_two_branches_the_one_listed_first_is_numbered_first(outreach: Outreach):
    ask = node("ask", "condition", criterion="replied")
    nodes = [node("start", "start"), email("both"), email("no"), email("yes"), ask, email("loose"), node("end", "end")]
    ways = ("start ask", "ask yes yes", "ask no no", "yes both", "no both", "both end")
    campaign = outreach.draft(graph(nodes, *ways))
    told = outreach.api.get(f"campaigns/{campaign}/stats/emails").data
    assert [each["nodeId"] for each in told] == ["no", "yes", "both", "loose"]


def test_contacts_count_once_for_each_e_mail(outreach: Outreach, campaign: str):
    outreach.wait(days=1)
    opened(outreach, "p1@x.co", "second")
    stats = outreach.stats(campaign)
    assert (stats["sent"], stats["delivered"], stats["opened"], stats["openRate"]) == (10, 8, 4, 50.0)


def test_of_nothing_sent_every_rate_is_0(outreach: Outreach):
    campaign = outreach.draft(TWO)
    stats = outreach.stats(campaign)
    assert set(stats.values()) == {0}
    first, second = outreach.api.get(f"campaigns/{campaign}/stats/emails").data
    assert (first["sent"], first["openRate"], second["bounceRate"]) == (0, 0, 0)


def test_a_soft_bounce_counts_and_leaves_the_contact(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(TWO)
    outreach.run()
    outreach.outcome("bounced", "ann@x.co", hard=False, reason="452 4.2.2 Mailbox full")
    outreach.wait(days=1)
    assert len(smtp.received) == 2
    assert outreach.stats(campaign) | {"bounced": 1, "sent": 2, "bounceRate": 50.0} == outreach.stats(campaign)


def test_versions_are_counted_apart(outreach: Outreach, smtp: MailServer):
    variant = {"subject": "B", "body": "x"}
    campaign = outreach.started(sequence(email("first", variantB=variant)), to=[f"{n}@x.co" for n in range(12)])
    outreach.run()
    versions = {each.recipient: outreach.message(each.recipient).variant for each in smtp.received}
    of_b = [recipient for recipient, version in versions.items() if version == "b"]
    for recipient in of_b:
        opened(outreach, recipient)
    (first,) = outreach.api.get(f"campaigns/{campaign}/stats/emails").data
    a, b = first["variants"]
    assert (a["variant"], a["sent"], a["opened"], a["openRate"]) == ("A", 12 - len(of_b), 0, 0)
    assert (b["variant"], b["sent"], b["opened"], b["openRate"]) == ("B", len(of_b), len(of_b), 100)
    assert first["sent"] == 12 and first["opened"] == len(of_b)
    assert 0.95 < first["significance"] <= 1


def test_an_e_mail_that_the_workflow_no_longer_has_keeps_its_numbers(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(TWO)
    outreach.run()
    outreach.api.post(f"campaigns/{campaign}/pause")
    outreach.api.patch(f"campaigns/{campaign}", {"workflow": sequence(email("other"))})
    outreach.api.post(f"campaigns/{campaign}/resume")
    found = outreach.api.get(f"campaigns/{campaign}/stats/emails").data
    assert {each["nodeId"]: each["sent"] for each in found} == {"other": 0, "first": 1}


@pytest.mark.parametrize(
    ("part", "whole", "wanted"), [(1, 3, 33.3), (2, 3, 66.7), (1, 8, 12.5), (1, 16, 6.3), (0, 0, 0.0), (5, 5, 100.0)]
)
def test_percent_has_one_decimal_rounded_half_up(part: int, whole: int, wanted: Any):
    assert percent(part, whole) == wanted
