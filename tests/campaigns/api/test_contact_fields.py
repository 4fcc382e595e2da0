"""What conditions compare and e-mails put in, from the API to the letter box."""

from typing import Any

import pytest

from tests.api.world import Api
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import branching


@pytest.fixture
def api(outreach: Outreach) -> Api:
    return outreach.api


def asking(**condition: Any) -> dict[str, Any]:
    """yes: it is over; no: a second e-mail."""
    return branching(criterion="field", nodeId=None, **condition)


def says_yes(outreach: Outreach, smtp: MailServer, campaign: str) -> bool:
    """What the condition of ``asking`` answers for everybody in the campaign."""
    assert outreach.api.post(f"campaigns/{campaign}/start").status == 200
    outreach.run()
    outreach.wait(days=2)
    assert outreach.status(campaign) == "completed"
    return len(smtp.received) == 1


# ---------------------------------------------------------------------------------------- names of operators

NAMES = [
    ("not", "not_equals", "Acme", False),
    ("not", "not_equals", "Other", True),
    ("is not", "not_equals", "Other", True),
    ("notEquals", "not_equals", "Other", True),
    ("equals", "equals", "Acme", True),
    ("is", "equals", "acme", True),
    ("contains", "contains", "cm", True),
    ("is empty", "is_empty", None, False),
    ("isEmpty", "is_empty", None, False),
    ("empty", "is_empty", None, False),
    ("greater", "greater", "Abba", True),
    ("greater than", "greater", "Abba", True),
    ("less", "less", "Abba", False),
    ("less_than", "less", "Zebra", True),
]


@pytest.mark.parametrize(("given", "kept", "value", "answer"), NAMES)
def test_an_operator_goes_by_its_names(
    outreach: Outreach, api: Api, smtp: MailServer, given: str, kept: str, value: Any, answer: bool
):
    campaign = outreach.draft(asking(field="company", operator=given, value=value))
    (node,) = [each for each in api.get(f"campaigns/{campaign}").data["workflow"]["nodes"] if each["id"] == "ask"]
    assert node["data"]["operator"] == kept
    outreach.add(campaign, [api.create("ann@x.co", company="Acme")["id"]])
    assert says_yes(outreach, smtp, campaign) is answer


def test_an_unknown_operator_is_kept_in_a_draft_and_named_when_it_starts(outreach: Outreach, api: Api):
    campaign = outreach.draft(asking(field="company", operator="Sounds like", value="x"))
    outreach.add(campaign, outreach.people("ann@x.co"))
    assert "“Sounds like” isn't an operator" in api.post(f"campaigns/{campaign}/start").details["ask"][0]
