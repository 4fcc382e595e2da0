"""Who is written to, who is left out and why, and what their e-mails would lack."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Enrolment
from campaigns.simulating.forecast import Place
from campaigns.simulating.recipients import Recipients, lacking, left_out, recipients
from campaigns.workflow.parsing import parse
from contacts.models import Contact, Suppression
from contacts.models.suppression import address_digest
from fluenzr_site.core import clock
from tests.campaigns.api.support import Outreach, of
from tests.campaigns.workflow.examples import branching, email, sequence

pytestmark = pytest.mark.django_db
HELLO = sequence(email("first", subject="Hi {{firstName}}", body="At {{company|your company}}, {{jobTitle}}"))


def drafted(outreach: Outreach, count: int, workflow: dict[str, Any] = HELLO) -> str:
    campaign_id = outreach.draft(workflow)
    outreach.add(campaign_id, outreach.people(*(f"p{number}@x.co" for number in range(count))))
    return campaign_id


def read(campaign_id: str, **more: Any) -> Recipients:
    campaign = of(campaign_id)
    return recipients(campaign, parse(campaign.workflow), clock.now(), **more)


def put(address: str, **values: Any) -> None:
    Contact.objects.filter(email=address).update(**values)


def counts(places: list[Place]) -> list[tuple[int, int]]:
    return [(place.lot.order, place.lot.count) for place in places]


def test_everybody_who_is_left_out_is_told_with_the_reason(outreach: Outreach) -> None:
    campaign_id = drafted(outreach, 8)
    for number, status in enumerate(("unsubscribed", "bounced", "blocked", "replied")):
        put(f"p{number}@x.co", status=status)
    put("p4@x.co", email=None)
    put("p5@x.co", email="ö@x.co")
    digest = address_digest("p6@x.co")
    Suppression.objects.create(workspace=outreach.workspace, digest=digest, reason="erased", created_at=clock.now())
    found = read(campaign_id)
    reasons = ("unsubscribed", "bounced", "blocked", "no_address", "unwritable", "erased")
    assert dict(found.left_out) == dict.fromkeys(reasons, 1)
    assert (found.total, found.written) == (8, 2)
    assert counts(found.places) == [(0, 2)]
    assert [each.email for each in left_out(of(campaign_id), "blocked")] == ["p2@x.co"]


def test_who_was_removed_counts_nowhere(outreach: Outreach) -> None:
    campaign_id = drafted(outreach, 2)
    Enrolment.objects.filter(contact__email="p0@x.co").update(status="removed")
    assert read(campaign_id).total == 1


def test_missing_variables_are_counted_by_e_mail(outreach: Outreach) -> None:
    campaign_id = drafted(outreach, 3)
    put("p0@x.co", first_name="Ann", job_title="CEO")
    put("p1@x.co", first_name="Ben")
    found = read(campaign_id)
    assert dict(found.missing) == {("first", "a", "firstName"): 1, ("first", "a", "jobTitle"): 2}
    campaign = of(campaign_id)
    gap = ("first", "a", "jobTitle")
    assert [each.email for each in lacking(campaign, parse(campaign.workflow), gap)] == ["p1@x.co", "p2@x.co"]


def test_answers_about_fields_part_the_people_in_their_order(outreach: Outreach) -> None:
    asks = branching(criterion="field", field="company", operator="equals", value="acme", nodeId=None)
    campaign_id = drafted(outreach, 5, asks)
    for number in (0, 1, 3):
        put(f"p{number}@x.co", company="Acme")
    found = read(campaign_id)
    assert [(place.lot.count, place.lot.fields["ask"]) for place in found.places] == [
        (2, True),
        (1, False),
        (1, True),
        (1, False),
    ]


def test_of_many_the_first_stand_for_the_rest(outreach: Outreach) -> None:
    campaign_id = drafted(outreach, 10)
    put("p0@x.co", status="blocked")
    put("p9@x.co", status="bounced")
    found = read(campaign_id, most=4)
    assert (found.read, found.total, found.written) == (4, 10, 8)
    assert sum(place.lot.count for place in found.places) == 8


def test_a_paused_campaign_goes_on_where_its_people_stand(outreach: Outreach) -> None:
    workflow = sequence(email("first"), {"id": "w", "type": "delay", "data": {"days": 2}}, email("second"))
    campaign_id = outreach.started(workflow, to=("ann@x.co", "ben@x.co"))
    outreach.run()
    outreach.api.post(f"campaigns/{campaign_id}/pause")
    outreach.add(campaign_id, outreach.people("new@x.co"))
    found = read(campaign_id)
    standing = {(place.node_id, place.to_send, place.lot.is_new, place.lot.count) for place in found.places}
    assert ("start", False, True, 1) in standing
    assert {each[0] for each in standing} == {"start", "w"}
    assert sum(each[3] for each in standing) == 3


def test_gaps_in_what_stands_in_other_tables_cost_no_query_a_person(outreach: Outreach) -> None:
    def counted(*addresses: str) -> int:
        campaign_id = outreach.draft(sequence(email("first", body="{{tags}} {{owner}}")))
        people = [outreach.api.create(each, tags=["vip"])["id"] for each in addresses]
        outreach.add(campaign_id, people)
        campaign = of(campaign_id)
        with CaptureQueriesContext(connection) as asked:
            found = recipients(campaign, parse(campaign.workflow), clock.now())
        assert found.missing == {("first", "a", "owner"): len(addresses)}
        return len(asked)

    assert counted("one@x.co") == counted(*(f"p{number}@x.co" for number in range(9)))
