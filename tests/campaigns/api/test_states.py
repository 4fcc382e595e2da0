"""Starting, pausing, resuming and archiving, and what stands in the way."""

from typing import Any

import pytest

from campaigns.changes import campaigns as changes
from campaigns.models import Campaign, EmailAccount
from campaigns.readiness import NotReady
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.plans import LimitReached
from tests.api.world import Api, events, set_status
from tests.campaigns.api.support import MONDAY, TESTS, MailServer, Outreach, of
from tests.campaigns.workflow.examples import branching, email, graph, node, sequence

ALL = ("draft", "active", "paused", "completed", "archived")
MOVES = {
    "start": (("draft",), "active"),
    "pause": (("active",), "paused"),
    "resume": (("paused",), "active"),
    "archive": (("draft", "paused", "completed"), "archived"),
}
ALLOWED = [(move, state) for move, (states, _) in MOVES.items() for state in states]
REFUSED = [(move, state) for move in MOVES for state in ALL if (move, state) not in ALLOWED]


@pytest.fixture
def api(outreach: Outreach) -> Api:
    return outreach.api


@pytest.fixture
def campaign(outreach: Outreach) -> str:
    """One that is ready to start."""
    campaign = outreach.draft()
    outreach.add(campaign, outreach.people("ann@x.co"))
    return campaign


@pytest.mark.parametrize(("move", "state"), ALLOWED)
def test_a_move_from_the_right_state_answers_with_the_campaign(api: Api, campaign: str, move: str, state: str):
    Campaign.objects.update(status=state)
    answer = api.post(f"campaigns/{campaign}/{move}")
    assert (answer.status, answer.data["id"], answer.data["status"]) == (200, campaign, MOVES[move][1])
    assert api.get(f"campaigns/{campaign}").data == answer.data


@pytest.mark.parametrize(("move", "state"), REFUSED)
def test_a_move_from_a_wrong_state_is_409_that_says_it(api: Api, campaign: str, move: str, state: str):
    Campaign.objects.update(status=state)
    answer = api.post(f"campaigns/{campaign}/{move}")
    assert (answer.status, answer.error["code"]) == (409, "CONFLICT")
    assert f"The campaign is {state}" in answer.message
    assert of(campaign).status == state


def test_starting_notes_when(outreach: Outreach, api: Api, campaign: str):
    assert api.post(f"campaigns/{campaign}/start").data["startedAt"] == MONDAY
    outreach.clock.shift(3600)
    api.post(f"campaigns/{campaign}/pause")
    assert api.post(f"campaigns/{campaign}/resume").data["startedAt"] == MONDAY


def test_starting_pausing_and_completing_raise_their_events(outreach: Outreach, api: Api, campaign: str):
    api.post(f"campaigns/{campaign}/start")
    api.post(f"campaigns/{campaign}/pause")
    api.post(f"campaigns/{campaign}/pause")
    api.post(f"campaigns/{campaign}/resume")
    outreach.run()
    told = [type_ for type_, subject in events(outreach.workspace) if subject == campaign]
    assert told == ["campaign.started", "campaign.paused", "campaign.started", "campaign.completed"]


def details(outreach: Outreach, workflow: dict[str, Any]) -> dict[str, list[str]]:
    """What is said when a campaign of this workflow starts."""
    campaign = outreach.draft(workflow)
    outreach.add(campaign, outreach.people("ann@x.co"))
    answer = outreach.api.post(f"campaigns/{campaign}/start")
    assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR")
    assert of(campaign).status == "draft"
    return answer.details


START, END = node("start", "start"), node("end", "end")
ASK = node("ask", "condition", criterion="field", field="company", operator="is_empty")
WORKFLOWS = {
    "no nodes": ({"nodes": [], "edges": []}, "workflow", "no start"),
    "two starts": (
        graph([START, node("s2", "start"), email("a"), END], "start a", "s2 a", "a end"),
        "s2",
        "starts at",
    ),
    "no e-mail": (sequence(node("wait", "delay", days=1)), "workflow", "sends nothing"),
    "unknown type": (sequence(email("a"), node("sms", "sms")), "sms", "isn't known"),
    "edge to nowhere": (graph([START, email("a")], "start a", "a gone"), "a", "doesn't exist"),
    "edge from nowhere": (graph([START, email("a"), END], "start a", "a end", "gone a"), "a", "doesn't exist"),
    "loop": (
        graph([START, email("a"), email("b")], "start a", "a b", "b a"),
        "a",
        "form a loop",
    ),
    "unreachable": (graph([START, email("a"), END, email("b")], "start a", "a end", "b end"), "b", "No way leads"),
    "empty subject": (sequence(email("a", subject=" ")), "a", "subject is empty"),
    "empty body": (sequence(email("a", body="")), "a", "body is empty"),
    "empty body of B": (sequence(email("a", variantB={"subject": "x"})), "a", "of version B"),
    "branch that stops": (graph([START, email("a")], "start a"), "a", "stops here"),
    "no answer no": (graph([START, email("a"), ASK, END], "start a", "a ask", "ask end yes"), "ask", "follows “no”"),
    "two ways": (graph([START, email("a"), END, node("e2", "end")], "start a", "a end", "a e2"), "a", "2 edges"),
    "no delay": (sequence(email("a"), node("wait", "delay")), "wait", "how many days"),
    "no criterion": (branching(criterion=None), "ask", "criterion is missing"),
    "unknown field": (branching(criterion="field", field="shoe", operator="equals", value="5"), "ask", "no field"),
    "unknown variable": (sequence(email("a", body="Hi {{shoeSize}}")), "a", "shoeSize"),
    "unknown variable in B": (
        sequence(email("a", variantB={"subject": "{{shoeSize}}", "body": "x"})),
        "a",
        "shoeSize",
    ),
    "broken template": (sequence(email("a", body="{% if email %}x")), "a", ""),
    "forbidden tag": (sequence(email("a", body="{% include '/etc/passwd' %}")), "a", ""),
}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_what_is_wrong_with_a_workflow_is_named_by_node(outreach: Outreach, name: str):
    workflow, node_id, said = WORKFLOWS[name]
    messages = details(outreach, workflow)[node_id]
    assert any(said in message for message in messages), messages


def test_problems_are_named_all_at_once(outreach: Outreach):
    workflow = graph([START, email("a", subject=""), email("b", body="{{nope}}"), node("c", "x")], "start a", "a b")
    assert details(outreach, workflow).keys() >= {"a", "b", "c"}


def test_known_fields_and_system_variables_are_no_problem(outreach: Outreach, api: Api):
    body = "{{firstName|there}} {{company|uppercase}} {{current_date}} {{current_year}} {{unsubscribe_link}} {{score}}"
    campaign = outreach.draft(sequence(email("a", body=body)))
    outreach.add(campaign, [api.create("ann@x.co", customFields={"score": 5})["id"]])
    assert api.post(f"campaigns/{campaign}/start").status == 200


def test_starting_needs_a_contact(outreach: Outreach, api: Api):
    campaign = outreach.draft()
    assert api.post(f"campaigns/{campaign}/start").details.keys() == {"contacts"}
    (ann,) = outreach.people("ann@x.co")
    outreach.add(campaign, [ann])
    api.delete(f"campaigns/{campaign}/contacts", {"contactIds": [ann]})
    assert api.post(f"campaigns/{campaign}/start").details.keys() == {"contacts"}


def test_or_a_dynamic_group(outreach: Outreach, api: Api):
    campaign = outreach.draft()
    static, dynamic = api.group("Static"), api.group("Dynamic", type="dynamic")
    api.post(f"campaigns/{campaign}/contacts", {"groupId": static})
    assert api.post(f"campaigns/{campaign}/start").status == 400
    api.post(f"campaigns/{campaign}/contacts", {"groupId": dynamic})
    assert api.post(f"campaigns/{campaign}/start").status == 200


@pytest.mark.parametrize("values", [{"state": "failing"}, {"state": "paused"}, {"smtp_host": ""}])
def test_starting_needs_a_connected_account(api: Api, campaign: str, values: dict[str, str]):
    EmailAccount.objects.update(**values)
    assert api.post(f"campaigns/{campaign}/start").details.keys() == {"emailAccountId"}


def test_resuming_needs_what_starting_needs(outreach: Outreach, api: Api, campaign: str):
    api.post(f"campaigns/{campaign}/start")
    api.post(f"campaigns/{campaign}/pause")
    api.patch(f"campaigns/{campaign}", {"workflow": sequence(email("first", subject=""))})
    assert api.post(f"campaigns/{campaign}/resume").details.keys() == {"first"}
    assert of(campaign).status == "paused"


def test_a_campaign_that_nobody_is_left_in_is_resumed_and_then_completed(outreach: Outreach, api: Api, campaign: str):
    two = sequence(email("first"), node("wait", "delay", days=1), email("second"))
    api.patch(f"campaigns/{campaign}", {"workflow": two})
    api.post(f"campaigns/{campaign}/start")
    outreach.run()
    api.post(f"campaigns/{campaign}/pause")
    outreach.outcome("replied", "ann@x.co", subject="Re: Hello", preview="Yes")
    answer = api.post(f"campaigns/{campaign}/resume")
    assert (answer.status, answer.data["status"]) == (200, "active")
    outreach.run()
    assert outreach.status(campaign) == "completed"


def test_who_is_in_it_goes_on_with_the_workflow_that_they_began(outreach: Outreach, api: Api, smtp: MailServer):
    two = sequence(email("first"), node("wait", "delay", days=1), email("second", subject="Old"))
    campaign = outreach.started(two)
    outreach.run()
    api.post(f"campaigns/{campaign}/pause")
    api.patch(f"campaigns/{campaign}", {"workflow": sequence(email("first", subject="New"))})
    outreach.add(campaign, outreach.people("late@x.co"))
    assert api.post(f"campaigns/{campaign}/resume").status == 200
    outreach.wait(days=2)
    assert [each.message["Subject"] for each in smtp.to("ann@x.co")] == ["Hello", "Old"]
    assert [each.message["Subject"] for each in smtp.to("late@x.co")] == ["New"]


def test_everybody_unmailable_since_is_no_reason_to_stay(outreach: Outreach, api: Api, campaign: str):
    api.post(f"campaigns/{campaign}/start")
    set_status(of(campaign).enrolments.get().contact_id, "unsubscribed")
    outreach.run()
    assert of(campaign).status == "completed"


# ------------------------------------------------------------------------------------------------------ plans

COMPARED = sequence(email("a", variantB={"subject": "B", "body": "x"}))
ASKING = branching()


def on_plan(workspace: Workspace, name: str) -> Workspace:
    workspace.plan = name
    workspace.save()
    return workspace


@pytest.mark.parametrize(
    ("plan", "workflow", "allowed"),
    [
        ("free", COMPARED, False),
        ("free", ASKING, False),
        ("free", sequence(email("a")), True),
        ("starter", COMPARED, True),
        ("starter", ASKING, False),
        ("pro", COMPARED, True),
        ("pro", ASKING, True),
    ],
)
def test_a_plan_limits_what_a_campaign_may_do(outreach: Outreach, plan: str, workflow: Any, allowed: bool):
    campaign = outreach.draft(workflow)
    outreach.add(campaign, outreach.people("ann@x.co"))
    workspace = on_plan(outreach.workspace, plan)
    if allowed:
        assert changes.start(workspace, campaign, by=TESTS).status == "active"
        return
    with pytest.raises(LimitReached, match=f"(?i){plan}"):
        changes.start(workspace, campaign, by=TESTS)
    assert of(campaign).status == "draft"


def test_a_limit_is_403_that_names_it(outreach: Outreach, api: Api, settings: Any):
    plans = settings.FLUENZR_PLANS
    settings.FLUENZR_PLANS = plans | {"pro": plans["pro"] | {"ab_tests": False, "conditions": False}}
    for workflow, said in ((COMPARED, "A/B"), (ASKING, "condition")):
        campaign = outreach.draft(workflow)
        outreach.add(campaign, [api.create(f"{said[0]}@x.co")["id"]])
        answer = api.post(f"campaigns/{campaign}/start")
        assert (answer.status, answer.error["code"]) == (403, "FORBIDDEN")
        assert said in answer.message


def test_accounts_are_limited_by_the_plan(outreach: Outreach):
    on_plan(outreach.workspace, "free")
    with pytest.raises(LimitReached, match="1 e-mail account:"):
        outreach.connect("second@sender.test")


def test_without_the_api_the_same_is_refused(outreach: Outreach):
    with pytest.raises(NotReady) as refusal:
        changes.start(outreach.workspace, outreach.draft({"nodes": [], "edges": []}), by=TESTS)
    assert refusal.value.problems.keys() == {"workflow", "contacts"}
