"""The editor's addresses: what the page begins with, what is saved, and what is refused."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.changes import campaigns as changes
from campaigns.models import Campaign
from fluenzr_site.workspaces.models import Workspace
from tests.campaigns.api.support import TESTS, Outreach
from tests.campaigns.workflow.examples import branching, email, graph, node, sequence

EMPTY: dict[str, Any] = {"nodes": [], "edges": []}
PAUSING = sequence(email("first"), node("pause", "delay", days=2), email("second"))
MENDED = sequence(email("first", subject="Mended", body="Hello"))


def at(campaign_id: str, page: str = "edit") -> str:
    return reverse(f"admin:campaigns_campaign_{page}", args=[campaign_id])


def held(client: Client, campaign_id: str) -> dict[str, Any]:
    """What the script begins with."""
    page: Any = client.get(at(campaign_id))
    assert page.status_code == 200
    found: dict[str, Any] = page.context["held"]
    return found


def send(client: Client, campaign_id: str, page: str = "save", **asked: Any) -> Any:
    return client.post(at(campaign_id, page), json.dumps(asked), content_type="application/json")


def subject(campaign_id: str) -> str:
    text: str = Campaign.objects.get(pk=campaign_id).workflow["nodes"][1]["data"]["subject"]
    return text


def test_the_page_begins_with_the_workflow(member: Client, outreach: Outreach) -> None:
    found = held(member, outreach.draft())
    assert [node["id"] for node in found["workflow"]["nodes"]] == ["start", "first", "end"]
    assert found["readOnly"] == ""
    assert found["problems"] == []
    assert "firstName" in [field["name"] for field in found["fields"]]


def test_an_operator_by_another_name_is_shown_under_its_own(member: Client, outreach: Outreach) -> None:
    campaign_id = outreach.draft()
    asking = branching(criterion="field", nodeId=None, field="company", operator="not", value="Acme")
    # As a draft was kept before other names were read.
    Campaign.objects.update(workflow=asking)
    found = held(member, campaign_id)
    assert [each["data"]["operator"] for each in found["workflow"]["nodes"] if each["id"] == "ask"] == ["not_equals"]
    assert found["problems"] == []


def test_every_standard_field_is_offered_and_another_name_of_one_is_not(member: Client, outreach: Outreach) -> None:
    outreach.api.create("ann@x.co", customFields={"location": "Bonn", "score": 5})
    found = held(member, outreach.draft())["fields"]
    offered = {each["name"]: (each["label"], each["type"], each["kind"]) for each in found if not each["alias"]}
    assert (
        offered.items()
        >= {
            "tags": ("Tags", "text", "contact"),
            "groups": ("Groups", "text", "contact"),
            "pipelineStage": ("Pipeline stage", "text", "contact"),
            "owner": ("Owner", "text", "contact"),
            "createdAt": ("Created on", "date", "contact"),
            "updatedAt": ("Last changed on", "date", "contact"),
            "consentDate": ("Consent date", "date", "contact"),
        }.items()
    )
    assert [each["kind"] for each in found if each["name"] == "location"] == ["own"]
    assert [each["name"] for each in found if each["alias"]] == ["stage"]
    stages = [each["options"] for each in found if each["name"] in ("pipelineStage", "stage")]
    assert "Qualified" in stages[0] and stages[0] == stages[1]


def test_an_empty_campaign_offers_workflows_that_only_lack_words(member: Client, outreach: Outreach) -> None:
    campaign_id = outreach.draft(EMPTY)
    templates = held(member, campaign_id)["templates"]
    assert len(templates) == 5
    for template in templates:
        problems = send(member, campaign_id, "check", workflow=template["workflow"]).json()["problems"]
        assert len([each for each in problems if each["severity"] == "error"]) == (0 if template["steps"] else 1)


def test_a_gap_left_by_a_template_is_pointed_at(member: Client, outreach: Outreach) -> None:
    workflow = sequence(email("first", body="We help teams to …\n\nWell… yes"), email("second"))
    campaign_id = outreach.draft(workflow)
    problems = send(member, campaign_id, "check", workflow=workflow).json()["problems"]
    assert [(each["node"], each["field"], each["severity"]) for each in problems] == [("first", "body", "warning")]
    assert "“We help teams to …”" in problems[0]["message"]


def test_saving_changes_what_the_api_shows(member: Client, outreach: Outreach) -> None:
    campaign_id = outreach.draft()
    answer = send(member, campaign_id, workflow=MENDED, was=held(member, campaign_id)["was"])
    assert answer.status_code == 200
    assert answer.json()["problems"] == []
    shown = outreach.api.get(f"campaigns/{campaign_id}").data["workflow"]
    assert shown == answer.json()["workflow"]
    assert subject(campaign_id) == "Mended"


def test_what_somebody_else_saved_is_not_overwritten(member: Client, outreach: Outreach) -> None:
    campaign_id = outreach.draft()
    was = held(member, campaign_id)["was"]
    theirs = sequence(email("first", subject="Theirs", body="Hello"))
    changes.update(outreach.workspace, campaign_id, {"workflow": theirs}, by=TESTS)
    answer = send(member, campaign_id, workflow=MENDED, was=was)
    assert answer.status_code == 409
    changed = answer.json()["changed"]
    assert changed["workflow"]["nodes"][1]["data"]["subject"] == "Theirs"
    assert subject(campaign_id) == "Theirs"
    assert send(member, campaign_id, workflow=MENDED, was=changed["was"]).status_code == 200
    assert subject(campaign_id) == "Mended"


def test_an_answer_that_was_lost_may_be_asked_for_again(member: Client, outreach: Outreach) -> None:
    campaign_id = outreach.draft()
    was = held(member, campaign_id)["was"]
    first = send(member, campaign_id, workflow=MENDED, was=was).json()
    again = send(member, campaign_id, workflow=MENDED, was=was)
    assert again.status_code == 200
    assert again.json()["was"] == first["was"]


def test_a_running_campaign_is_only_looked_at(member: Client, outreach: Outreach) -> None:
    campaign_id = outreach.started(PAUSING)
    outreach.run()
    found = held(member, campaign_id)
    assert found["readOnly"] == "The campaign is running. Pause it to change it."
    assert found["counts"] == {"first": {"sent": "1 sent"}, "pause": {"here": "1 here"}}
    answer = send(member, campaign_id, workflow=MENDED, was=found["was"])
    assert answer.status_code == 409
    assert answer.json() == {"refused": found["readOnly"]}


@pytest.mark.parametrize("asked", [{}, {"workflow": None}, {"workflow": [1]}, {"workflow": {"nodes": 3}}])
def test_what_is_no_workflow_is_refused(member: Client, outreach: Outreach, asked: dict[str, Any]) -> None:
    campaign_id = outreach.draft()
    asked["was"] = held(member, campaign_id)["was"]
    for page in ("save", "check"):
        answer = send(member, campaign_id, page, **asked)
        assert answer.status_code == 400
        assert answer.json()["refused"]
    assert Campaign.objects.get(pk=campaign_id).workflow["nodes"]


def test_what_is_no_json_is_refused(member: Client, outreach: Outreach) -> None:
    answer = member.post(at(outreach.draft(), "save"), b"{" * 50_000, content_type="application/json")
    assert answer.status_code == 400


def test_problems_lead_to_their_fields(member: Client, outreach: Outreach) -> None:
    b_version = {"subject": "B", "body": "{% if x %}"}
    nodes = [
        node("start", "start"),
        email("first", subject="", body="Hello {{frstName}}", variantB=b_version),
        node("asked", "condition", criterion="field", field="gone", operator="equals"),
        node("end", "end"),
    ]
    workflow = graph(nodes, "start first", "first asked")
    problems = send(member, outreach.draft(), "check", workflow=workflow).json()["problems"]
    places = {(each["node"], each["field"]) for each in problems}
    assert places >= {
        ("first", "subject"),
        ("first", "body"),
        ("first", "b.body"),
        ("asked", "field"),
        ("asked", "value"),
        ("asked", "exit:yes"),
        ("asked", "exit:no"),
        ("end", ""),
    }
    assert "There is no variable “frstName”. Did you mean firstName?" in [each["message"] for each in problems]


def test_a_warning_is_told_apart(member: Client, outreach: Outreach) -> None:
    nodes = [node("start", "start"), email("first"), node("asked", "condition", criterion="opened"), node("end", "end")]
    workflow = graph(nodes, "start first", "first asked", "asked end yes", "asked end no")
    problems = send(member, outreach.draft(), "check", workflow=workflow).json()["problems"]
    assert [(each["node"], each["severity"]) for each in problems] == [("asked", "warning")]


def test_a_plan_says_what_it_has_not(member: Client, outreach: Outreach) -> None:
    campaign_id = outreach.draft()
    Workspace.objects.filter(pk=outreach.workspace.pk).update(plan="free")
    assert held(member, campaign_id)["allowed"] == {"conditions": False, "versions": False}


def test_another_workspace_has_no_such_campaign(outsider: Client, outreach: Outreach) -> None:
    campaign_id = outreach.draft()
    assert outsider.get(at(campaign_id)).status_code == 404
    for page in ("save", "check"):
        assert send(outsider, campaign_id, page, workflow=MENDED, was="").status_code == 404
    assert subject(campaign_id) != "Mended"
