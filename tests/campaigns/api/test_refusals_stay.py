"""Who was not to be mailed isn't, whatever becomes of the contact and whoever brings the address back."""

from collections.abc import Callable
from typing import Any

import pytest

from contacts.models import Contact, Suppression
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import email, node, sequence

TWO = sequence(email("first"), node("wait", "delay", days=1), email("second"))
ANN = "ann@x.co"


def unsubscribed(outreach: Outreach, smtp: MailServer) -> None:
    outreach.api.client.post(smtp.received[0].path("u"), {"List-Unsubscribe": "One-Click"})


def bounced(outreach: Outreach, smtp: MailServer) -> None:
    outreach.outcome("bounced", ANN, hard=True, reason="550 5.1.1 Unknown user")


def blocked(outreach: Outreach, smtp: MailServer) -> None:
    outreach.api.put(f"contacts/{the_id()}", {"status": "blocked"})


def deleted(outreach: Outreach) -> None:
    assert outreach.api.delete(f"contacts/{the_id()}").status == 200


def given_another_address(outreach: Outreach) -> None:
    assert outreach.api.put(f"contacts/{the_id()}", {"email": "ann@y.co"}).status == 200


def by_one(outreach: Outreach) -> str:
    return outreach.api.create(ANN)["id"]


def by_many(outreach: Outreach) -> str:
    answer = outreach.api.post("contacts/bulk", {"contacts": [{"email": ANN, "status": "active"}]})
    assert answer.status in (200, 201), answer.json
    return the_id()


def the_id(address: str = ANN) -> str:
    return Contact.objects.get(email=address).pk


@pytest.mark.parametrize("back", [by_one, by_many])
@pytest.mark.parametrize("goes", [deleted, given_another_address])
@pytest.mark.parametrize("refuses", [unsubscribed, bounced, blocked])
def test_an_address_that_comes_back_is_as_it_was(
    outreach: Outreach,
    smtp: MailServer,
    refuses: Callable[[Outreach, MailServer], None],
    goes: Callable[[Outreach], None],
    back: Callable[[Outreach], str],
):
    outreach.started()
    outreach.run()
    refuses(outreach, smtp)
    goes(outreach)
    again = back(outreach)
    assert outreach.api.get(f"contacts/{again}").data["status"] == refuses.__name__
    campaign = outreach.draft()
    assert outreach.add(campaign, [again]) == {"added": 0, "skipped": 1, "errors": []}
    outreach.run()
    assert len(smtp.received) == 1


def test_who_is_allowed_again_by_somebody_is_mailed(outreach: Outreach, smtp: MailServer):
    outreach.started()
    outreach.run()
    unsubscribed(outreach, smtp)
    deleted(outreach)
    again = by_one(outreach)
    assert outreach.api.put(f"contacts/{again}", {"status": "active"}).data["status"] == "active"
    campaign = outreach.draft()
    assert outreach.add(campaign, [again])["added"] == 1
    outreach.api.post(f"campaigns/{campaign}/start")
    outreach.run()
    assert len(smtp.to(ANN)) == 2
    assert not Suppression.objects.of(outreach.workspace).exists()


def test_an_address_that_nobody_refused_comes_back_as_new(outreach: Outreach, smtp: MailServer):
    outreach.started()
    outreach.run()
    deleted(outreach)
    again = by_one(outreach)
    assert outreach.api.get(f"contacts/{again}").data["status"] == "active"
    assert not Suppression.objects.of(outreach.workspace).exists()


def test_who_answered_gets_no_more_by_being_taken_out_and_put_in(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(TWO)
    outreach.run()
    outreach.outcome("replied", ANN, subject="Re: Hello", preview="Yes")
    body = {"contactIds": [the_id()]}
    assert outreach.api.delete(f"campaigns/{campaign}/contacts", body).data["removed"] == 1
    assert outreach.add(campaign, [the_id()]) == {"added": 0, "skipped": 1, "errors": []}
    outreach.wait(days=2)
    assert len(smtp.received) == 1


def test_who_was_taken_out_stays_out_by_joining_a_group_again(outreach: Outreach, smtp: MailServer):
    api = outreach.api
    group = api.group("Fans", type="dynamic")
    campaign = outreach.draft(TWO)
    api.post(f"campaigns/{campaign}/contacts", {"groupId": group})
    ann: dict[str, Any] = {"contactIds": [api.create(ANN, groupIds=[group])["id"]]}
    api.post(f"campaigns/{campaign}/start")
    outreach.run()
    api.delete(f"campaigns/{campaign}/contacts", ann)
    api.delete(f"groups/{group}/contacts", ann)
    api.post(f"groups/{group}/contacts", ann)
    outreach.wait(days=2)
    assert outreach.states(campaign) == {ANN: "removed"}
    assert len(smtp.received) == 1
