"""Two versions of an e-mail: who gets which, and how the better one is chosen by itself."""

from typing import Any

from campaigns.models import Message, Winner
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import email, sequence


def compared(**variant: Any) -> dict[str, Any]:
    return sequence(email("first", subject="A", variantB={"subject": "B", "body": "Other", **variant}))


def addresses(count: int, start: int = 0) -> list[str]:
    return [f"p{number}@x.co" for number in range(start, start + count)]


def versions() -> list[str]:
    return list(Message.objects.order_by("claimed_at", "id").values_list("variant", flat=True))


def test_the_versions_share_the_contacts(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(compared(split=50), to=addresses(20))
    outreach.run()
    subjects = [each.message["Subject"] for each in smtp.received]
    assert len(subjects) == 20 and set(subjects) == {"A", "B"}
    (first,) = outreach.api.get(f"campaigns/{campaign}/stats/emails").data
    sent = {each["variant"]: each["sent"] for each in first["variants"]}
    assert sent == {"A": subjects.count("A"), "B": subjects.count("B")}
    assert {each["variant"]: each["subject"] for each in first["variants"]} == {"A": "A", "B": "B"}
    assert (first["winner"], first["sent"]) == (None, 20)


def test_a_version_kept_through_a_soft_refusal_is_the_same(outreach: Outreach, smtp: MailServer):
    smtp.answers["p0@x.co"] = "451 4.3.0 Later"
    outreach.started(compared(), to=["p0@x.co"])
    outreach.run()
    before = versions()
    smtp.answers.clear()
    outreach.wait(hours=3)
    assert versions() == before and smtp.received[0].message["Subject"] == before[0].upper()


def test_the_winner_is_sent_to_all_after_the_sample_and_the_wait(outreach: Outreach, smtp: MailServer):
    workflow = compared(sampleSize=20, waitHours=4, criterion="opened")
    campaign = outreach.started(workflow, to=addresses(30))
    outreach.run()
    assert len(smtp.received) == 20, "the others wait for the winner"
    for got in [each for each in smtp.received if each.message["Subject"] == "B"]:
        outreach.fetch(got.path("o"))
    outreach.wait(hours=3)
    assert len(smtp.received) == 20
    outreach.wait(hours=1, minutes=5)
    assert [each.message["Subject"] for each in smtp.received[20:]] == ["B"] * 10
    winner = Winner.objects.get()
    assert (winner.variant, winner.reason) == ("b", "better_rate")
    (first,) = outreach.api.get(f"campaigns/{campaign}/stats/emails").data
    assert first["winner"] == "B" and first["significance"] > 0.95


def test_without_a_difference_the_first_version_is_sent(outreach: Outreach, smtp: MailServer):
    outreach.started(compared(sampleSize=12, waitHours=1), to=addresses(16))
    outreach.run()
    outreach.wait(hours=2)
    assert [each.message["Subject"] for each in smtp.received[12:]] == ["A"] * 4


def test_contacts_wait_their_turn_and_why_says_until_when(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(compared(sampleSize=10, waitHours=6), to=addresses(12))
    outreach.run()
    gates = {gate["name"]: gate for gate in outreach.api.get(f"campaigns/{campaign}/why").data["gates"]}
    assert gates["contacts"]["open"] is False
    assert gates["contacts"]["opensAt"][:15] == "2030-01-07T16:0"
