"""/v1/campaigns/:id/activity: what happened to whom, newest first."""

from datetime import datetime

import pytest

from campaigns.models import Link
from fluenzr_site.core import clock as present
from tests.api.world import Party, events
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import email, node, sequence

BODY = '<p><a href="https://b.co/">x</a></p>'
TWO = sequence(email("first", body=BODY), node("wait", "delay", days=1), email("second"))
KEYS = {"id", "type", "contactId", "contactEmail", "emailNodeId", "timestamp", "metadata"}


@pytest.fixture
def campaign(outreach: Outreach, smtp: MailServer) -> str:
    """An hour between each: Ann opens, clicks and replies, Bob bounces, Eve unsubscribes."""
    campaign = outreach.started(TWO, to=["ann@x.co", "bob@x.co", "eve@x.co"])
    outreach.run()
    happenings = [
        ("opened", "ann@x.co", {"at": present.now(), "user_agent": None, "address": None}),
        ("clicked", "ann@x.co", {"at": present.now(), "link": Link.objects.get()}),
        ("replied", "ann@x.co", {"subject": "Re: Hello", "preview": "Yes"}),
        ("bounced", "bob@x.co", {"hard": True, "reason": "550 5.1.1 Gone"}),
        ("unsubscribed", "eve@x.co", {}),
    ]
    outreach.clock.move_to("2030-01-07T11:00:00Z")
    for what, recipient, values in happenings:
        outreach.outcome(what, recipient, **values)
        outreach.clock.shift(3600)
    return campaign


def types(outreach: Outreach, campaign: str, query: str = "") -> list[str]:
    return [each["type"] for each in outreach.api.get(f"campaigns/{campaign}/activity{query}").data]


def test_each_happening_is_told_newest_first(outreach: Outreach, campaign: str):
    answer = outreach.api.get(f"campaigns/{campaign}/activity")
    assert [each["type"] for each in answer.data] == [
        "unsubscribed",
        "bounced",
        "replied",
        "clicked",
        "opened",
        *["sent"] * 3,
    ]
    assert answer.meta["total"] == 8
    assert all(each.keys() == KEYS and each["id"].startswith("evt_") for each in answer.data)


def test_an_activity_says_who_what_where_and_when(outreach: Outreach, campaign: str):
    (row,) = outreach.api.get(f"campaigns/{campaign}/activity?type=replied").data
    assert (
        row
        | {
            "contactId": outreach.message("ann@x.co").contact_id,
            "contactEmail": "ann@x.co",
            "emailNodeId": "first",
            "timestamp": "2030-01-07T13:00:00Z",
            "metadata": {"replySubject": "Re: Hello", "replyPreview": "Yes"},
        }
        == row
    )


@pytest.mark.parametrize("type_", ["sent", "opened", "clicked", "replied", "bounced", "unsubscribed"])
def test_activity_is_filtered_by_type(outreach: Outreach, campaign: str, type_: str):
    wanted = [type_] * (3 if type_ == "sent" else 1)
    assert types(outreach, campaign, f"?type={type_}") == wanted
    assert types(outreach, campaign, f"?type=email.{type_}") == wanted


def test_an_unknown_type_names_those_there_are(outreach: Outreach, campaign: str):
    answer = outreach.api.get(f"campaigns/{campaign}/activity?type=sold")
    assert answer.status == 400 and "unsubscribed" in answer.details["type"][0]


def test_activity_is_filtered_by_contact(outreach: Outreach, campaign: str, stranger: Party):
    bob = outreach.message("bob@x.co").contact_id
    assert types(outreach, campaign, f"?contactId={bob}") == ["bounced", "sent"]
    assert types(outreach, campaign, f"?contactId={bob}&type=sent") == ["sent"]
    assert types(outreach, campaign, "?contactId=con_nothing") == []


def test_activity_is_filtered_by_time_from_up_to_but_not_to(outreach: Outreach, campaign: str):
    start, end = "2030-01-07T12:00:00Z", "2030-01-07T14:00:00Z"
    assert types(outreach, campaign, f"?from={start}&to={end}") == ["replied", "clicked"]
    assert types(outreach, campaign, f"?from={end}") == ["unsubscribed", "bounced"]
    assert types(outreach, campaign, f"?to={start}") == ["opened", *["sent"] * 3]
    assert outreach.api.get(f"campaigns/{campaign}/activity?from=noon").details.keys() == {"from"}


def test_times_without_an_offset_are_of_the_campaigns_zone(outreach: Outreach):
    campaign = outreach.started(settings={"timezone": "America/New_York"})
    outreach.clock.move_to(datetime.fromisoformat("2030-01-07T20:00:00-05:00"))
    outreach.run()
    assert types(outreach, campaign, "?from=2030-01-07&to=2030-01-08") == ["sent"]
    assert types(outreach, campaign, "?from=2030-01-07T20:00&to=2030-01-07T20:01") == ["sent"]
    assert types(outreach, campaign, "?from=2030-01-08") == []


def test_activity_is_paged_by_number_and_by_cursor(outreach: Outreach, campaign: str):
    path = f"campaigns/{campaign}/activity"
    everything = [each["id"] for each in outreach.api.get(path).data]
    first = outreach.api.get(f"{path}?perPage=5")
    assert (first.meta["total"], first.meta["totalPages"]) == (8, 2)
    second = outreach.api.get(f"{path}?perPage=5&page=2")
    assert [each["id"] for each in first.data + second.data] == everything
    after = outreach.api.get(f"{path}?perPage=5&cursor={first.meta['nextCursor']}")
    assert (after.data, after.meta["nextCursor"]) == (second.data, None)
    assert [each["id"] for each in outreach.api.get(f"{path}?order=asc").data] == everything[::-1]


def test_a_refused_e_mail_is_told_as_a_bounce(outreach: Outreach, smtp: MailServer):
    smtp.answers["ann@x.co"] = "550 5.1.1 No such user"
    campaign = outreach.started()
    outreach.run()
    (row,) = outreach.api.get(f"campaigns/{campaign}/activity").data
    assert (row["type"], row["metadata"]["bounceType"]) == ("bounced", "hard")
    assert "No such user" in row["metadata"]["bounceReason"]


def test_the_version_stands_in_the_metadata(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(sequence(email("first", variantB={"subject": "B", "body": "x"})))
    outreach.run()
    (row,) = outreach.api.get(f"campaigns/{campaign}/activity").data
    assert row["metadata"] == {"variant": outreach.message("ann@x.co").variant.upper()}


def test_the_events_of_e_mails_say_what_webhooks_need(outreach: Outreach, campaign: str):
    told = {type_ for type_, _ in events(outreach.workspace)}
    names = ("sent", "opened", "clicked", "replied", "bounced", "unsubscribed")
    assert {f"email.{name}" for name in names} <= told


def test_the_activity_of_another_campaign_is_not_told(outreach: Outreach, campaign: str):
    assert types(outreach, outreach.draft()) == []


def test_the_activity_of_a_deleted_contact_goes_with_it(outreach: Outreach, campaign: str):
    bob = outreach.message("bob@x.co").contact_id
    outreach.api.delete(f"contacts/{bob}")
    assert "bounced" not in types(outreach, campaign)
    assert outreach.stats(campaign)["bounced"] == 1
