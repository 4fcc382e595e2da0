"""What conditions compare and e-mails put in, from the API to the letter box."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Location
from tests.api.world import Api
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import branching, email, graph, node, sequence


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


# --------------------------------------------------------------------------------------------- standard fields


def known_to_the_api(outreach: Outreach, api: Api, address: str = "ann@x.co", **values: Any) -> str:
    """A contact with something in every field."""
    workspace = outreach.workspace
    workspace.timezone = "America/New_York"
    workspace.save()
    stage = workspace.stages.get(name="Qualified")
    groups = [api.group(name) for name in (f"Zoo {address}", f"Art {address}")]
    document = api.create(
        address, tags=["vip", "Berlin"], groupIds=groups, pipelineStageId=stage.pk, firstName="Ann", **values
    )
    contact = workspace.contacts.get(pk=document["id"])
    contact.location, _ = Location.objects.get_or_create(workspace=workspace, title="Main street")
    contact.owner, _ = get_user_model().objects.get_or_create(
        username="sam", defaults={"first_name": "Sam", "last_name": "Sender"}
    )
    contact.consent_date = date(2029, 12, 24)
    # An evening in New York.
    contact.created_at = contact.updated_at = datetime(2030, 1, 3, 1, tzinfo=UTC)
    contact.save()
    return contact.pk


STANDARD = {
    "tags": "vip, Berlin",
    "groups": "Zoo ann@x.co, Art ann@x.co",
    "pipelineStage": "Qualified",
    "stage": "Qualified",
    "location": "Main street",
    "owner": "Sam Sender",
    "createdAt": "2030-01-02",
    "updatedAt": "2030-01-02",
    "consentDate": "2029-12-24",
}


def test_an_e_mail_puts_every_standard_field_in(outreach: Outreach, api: Api, smtp: MailServer):
    body = "\n".join(f"{name}={{{{{name}|none}}}}." for name in STANDARD) + "\nday={{createdAt|short}}."
    campaign = outreach.draft(sequence(email("first", body=body)))
    outreach.add(campaign, [known_to_the_api(outreach, api), api.create("bare@x.co")["id"]])
    assert api.post(f"campaigns/{campaign}/start").status == 200
    outreach.run()
    (known,), (bare,) = smtp.to("ann@x.co"), smtp.to("bare@x.co")
    assert [line for line in known.text.splitlines() if "=" in line][:10] == [
        *(f"{name}={value}." for name, value in STANDARD.items()),
        "day=2 Jan 2030.",
    ]
    assert [line for line in bare.text.splitlines() if "=none." in line] == [
        f"{name}=none." for name in STANDARD if name not in ("createdAt", "updatedAt")
    ]


COMPARED = [
    ("tags", "contains", "berlin", True),
    ("groups", "contains", "Zoo", True),
    ("pipelineStage", "equals", "Qualified", True),
    ("stage", "equals", "Lead", False),
    ("location", "not", "Main street", False),
    ("owner", "equals", "sam sender", True),
    ("createdAt", "equals", "2030-01-02", True),
    ("updatedAt", "less", "2030-01-02", False),
    ("consentDate", "greater", "2029-12-01", True),
]


@pytest.mark.parametrize(("field", "operator", "value", "answer"), COMPARED)
def test_a_condition_compares_every_standard_field(
    outreach: Outreach, api: Api, smtp: MailServer, field: str, operator: str, value: str, answer: bool
):
    campaign = outreach.draft(asking(field=field, operator=operator, value=value))
    outreach.add(campaign, [known_to_the_api(outreach, api)])
    assert says_yes(outreach, smtp, campaign) is answer


def test_a_custom_field_that_was_there_before_the_standard_one_stays(outreach: Outreach, api: Api, smtp: MailServer):
    campaign = outreach.draft(sequence(email("first", body="From {{location}}, {{firstName}}.")))
    outreach.add(campaign, [known_to_the_api(outreach, api, customFields={"location": "Bonn", "firstName": "X"})])
    assert api.post(f"campaigns/{campaign}/start").status == 200
    outreach.run()
    assert "From Bonn, Ann." in smtp.to("ann@x.co")[0].text


RELATED = ("contacts_contacttag", "contacts_groupmembership", "contacts_location", "contacts_pipelinestage")


def test_related_fields_of_many_cost_what_those_of_one_do(outreach: Outreach, api: Api, smtp: MailServer):
    ask = node("ask", "condition", criterion="field", field="tags", operator="contains", value="vip")
    nodes = [node("start", "start"), ask, email("first", body="{{tags}} {{groups}} {{location}}"), node("end", "end")]
    workflow = graph(nodes, "start ask", "ask first yes", "ask end no", "first end")

    def counted(*addresses: str) -> int:
        campaign = outreach.draft(workflow)
        outreach.add(campaign, [known_to_the_api(outreach, api, address) for address in addresses])
        assert api.post(f"campaigns/{campaign}/start").status == 200
        with CaptureQueriesContext(connection) as asked:
            outreach.run()
        assert set(addresses) <= set(smtp.recipients)
        return sum(any(table in query["sql"] for table in (*RELATED, '"auth_user"')) for query in asked)

    one = counted("ann@x.co")
    assert counted(*(f"p{number}@x.co" for number in range(12))) == one
    # Tags, groups, location and owner, once when they move on and once when they are reserved; and the stages.
    assert one <= 14


def test_an_e_mail_that_asks_for_none_reads_none(outreach: Outreach, api: Api, smtp: MailServer):
    campaign = outreach.draft(sequence(email("first", body="Hello {{firstName}}")))
    outreach.add(campaign, [known_to_the_api(outreach, api, "ann@x.co")])
    assert api.post(f"campaigns/{campaign}/start").status == 200
    with CaptureQueriesContext(connection) as asked:
        outreach.run()
    assert smtp.recipients == ["ann@x.co"]
    beside = [table for table in RELATED if table != "contacts_pipelinestage"]
    assert [query["sql"] for query in asked if any(table in query["sql"] for table in beside)] == []
