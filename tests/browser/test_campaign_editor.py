"""A campaign written in a browser: by mouse, by keyboard, on a telephone, and by two people at once."""

from typing import Any

import pytest
from django.urls import reverse

from campaigns.changes import accounts, campaigns
from campaigns.models import Campaign, EmailAccount
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.models import Workspace
from tests.browser.conftest import Visitor
from tests.campaigns.workflow.examples import branching, email, graph, sequence
from tests.campaigns.workflow.examples import node as node_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BY = Actor("command", "tests")


@pytest.fixture
def account(acme: Workspace) -> EmailAccount:
    return accounts.create(acme, {"email": "sam@sender.test", "smtp_host": "127.0.0.1"})


def draft(account: EmailAccount, workflow: dict[str, Any] | None = None) -> Campaign:
    values = {"name": "Spring", "account_id": account.pk, "workflow": workflow or {"nodes": [], "edges": []}}
    return campaigns.create(account.workspace, values, by=BY)


def edit(visitor: Visitor, campaign: Campaign) -> Any:
    visitor.go(reverse("admin:campaigns_campaign_edit", args=[campaign.pk]))
    return visitor.page


def saved(page: Any, campaign: Campaign) -> list[tuple[str, str, str]]:
    """The edges, once everything is saved."""
    page.get_by_role("status").get_by_text("Saved", exact=True).wait_for()
    campaign.refresh_from_db()
    return [(edge["from"], edge["to"], edge.get("when", "")) for edge in campaign.workflow["edges"]]


def node(page: Any, node_id: str) -> Any:
    return page.locator(f'[data-node="{node_id}"]')


def choose(page: Any, name: str) -> None:
    page.get_by_role("menuitem", name=name).click()


def test_from_nothing_to_a_campaign_by_mouse(visitor: Visitor, account: EmailAccount) -> None:
    campaign = draft(account)
    page = edit(visitor, campaign)
    page.get_by_role("button", name="Follow up if not opened").click()
    page.get_by_role("textbox", name="Subject").fill("A word about {{compny}}")
    page.get_by_role("button", name="There is no variable “compny”").wait_for()
    # The other is the gap that the workflow to start from leaves in the message.
    assert node(page, "email-1").get_attribute("aria-label").endswith("2 problems")
    page.get_by_role("textbox", name="Subject").fill("Hello ")
    page.get_by_role("textbox", name="Subject").press("End")
    page.get_by_role("button", name="Variable", exact=True).click()
    page.get_by_label("If it is empty, write").fill("there")
    page.get_by_role("button", name="First name").click()
    assert page.get_by_role("textbox", name="Subject").input_value() == "Hello {{firstName|there}}"
    # Typed by heart, although the menu opens meanwhile.
    page.get_by_role("textbox", name="Subject").press_sequentially(" of {{company|home}}!")
    assert page.get_by_role("textbox", name="Subject").input_value() == "Hello {{firstName|there}} of {{company|home}}!"
    page.get_by_text("2 things to mend").wait_for()

    page.get_by_role("button", name="More for “Wait: 3 working days”").click()
    choose(page, "Duplicate")
    page.get_by_label("How long").fill("5")
    port, end = page.locator('.flz-ed-port[data-from="question"][data-when="no"]'), node(page, "end")
    page.get_by_role("button", name="Show all of it").click()
    port.drag_to(end)
    page.get_by_role("button", name="Undo: connecting").wait_for()
    assert ("question", "end", "no") in saved(page, campaign)
    assert page.get_by_role("button", name="Nothing leads here").count() == 1

    page.get_by_role("button", name="Undo: connecting").click()
    page.get_by_text("2 things to mend").wait_for()
    edges = ("start email-1", "email-1 wait-1", "wait-1 delay-1", "delay-1 question", "email-2 end")
    answers = [("question", "email-2", "no"), ("question", "end", "yes")]
    assert sorted(saved(page, campaign)) == sorted([*answers, *((*edge.split(), "") for edge in edges)])

    node(page, "email-2").click()
    page.get_by_role("textbox", name="Subject").fill("Just typed")
    page.get_by_role("link", name="Overview").click()
    page.wait_for_url("**/change/")
    campaign.refresh_from_db()
    assert "Just typed" in str(campaign.workflow)
    assert visitor.wrong == []


def test_the_same_by_keyboard_alone(visitor: Visitor, account: EmailAccount) -> None:
    campaign = draft(account, branching())
    page = edit(visitor, campaign)
    node(page, "start").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.dataset.node") == "ask"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    page.keyboard.type("Second thoughts")
    page.get_by_label("Goes on to").select_option("second")
    assert ("email-1", "second", "") in saved(page, campaign)
    page.get_by_role("heading", name="E-mail 2").focus()
    page.keyboard.press("Control+z")
    page.get_by_role("button", name="Redo: connecting").wait_for()
    assert ("email-1", "ask", "") in saved(page, campaign)

    node(page, "email-1").focus()
    page.keyboard.press("Delete")
    page.get_by_role("dialog", name="Delete “E-mail 2: Second thoughts”?").wait_for()
    page.keyboard.press("Enter")
    node(page, "email-1").wait_for(state="detached")
    assert page.evaluate("document.activeElement.dataset.node") == "ask"
    page.keyboard.press("Delete")
    page.get_by_label("“No” stays").press("Space")
    page.keyboard.press("Enter")
    node(page, "ask").wait_for(state="detached")
    edges = [("start", "first", ""), ("first", "wait", ""), ("wait", "second", ""), ("second", "end", "")]
    assert sorted(saved(page, campaign)) == sorted(edges)
    assert visitor.wrong == []


def test_two_people_at_once(visitor: Visitor, account: EmailAccount) -> None:
    campaign = draft(account, sequence(email("first")))
    page = edit(visitor, campaign)
    node(page, "first").click()
    choices = (("Mine", "Keep mine, overwrite theirs", "Saved"), ("Theirs", "Load their version, drop mine", "loaded"))
    for wanted, button, said in choices:
        theirs = sequence(email("first", subject="Theirs"))
        campaigns.update(account.workspace, campaign.pk, {"workflow": theirs}, by=BY)
        page.get_by_role("textbox", name="Subject").fill(f"Mine, {button}")
        page.get_by_role("status").get_by_text("Not saved: somebody else has changed it").wait_for()
        visitor.press(button)
        # To the letter: "Not saved" is still there while the choice is carried out.
        page.get_by_role("status").get_by_text(said, exact=said == "Saved").wait_for()
        page.get_by_role("textbox", name="Subject").blur()
        assert page.get_by_role("textbox", name="Subject").input_value().startswith(wanted)
    campaign.refresh_from_db()
    assert campaign.workflow["nodes"][1]["data"]["subject"] == "Theirs"
    assert [each for each in visitor.wrong if "409" not in each] == []


def test_an_ab_test_with_a_preview(visitor: Visitor, account: EmailAccount) -> None:
    campaign = draft(account, sequence(email("first", subject="Version one", body="Hello {{email}}")))
    page = edit(visitor, campaign)
    node(page, "first").click()
    page.get_by_label("Test two versions (A/B)").check()
    page.get_by_role("textbox", name="Subject").fill("Version two")
    page.get_by_label("Share of version B").fill("20")
    page.get_by_label("Choose the better one by itself").check()
    page.get_by_label("Hours to wait").fill("48")
    page.get_by_role("button", name="Preview", exact=True).click()
    shown = page.frame_locator(".flz-ed-frame iframe")
    shown.get_by_role("heading", name="Version two").wait_for()
    page.get_by_role("dialog").get_by_role("textbox", name="Message").fill("<b>Good day</b>")
    shown.locator("b", has_text="Good day").wait_for()
    page.get_by_role("button", name="Phone").click()
    assert page.locator(".flz-ed-frame iframe").bounding_box()["width"] < 400
    visitor.press("Done")
    page.get_by_role("tab", name="Version A").click()
    assert page.get_by_role("textbox", name="Subject").input_value() == "Version one"
    saved(page, campaign)
    assert campaign.workflow["nodes"][1]["data"]["variantB"] == {
        "subject": "Version two",
        "body": "<b>Good day</b>",
        "split": 20,
        "criterion": "opened",
        "sampleSize": 100,
        "waitHours": 48,
    }
    assert visitor.wrong == []


def test_on_a_telephone_the_list_is_enough(visitor: Visitor, account: EmailAccount) -> None:
    campaign = draft(account, branching())
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    page = edit(visitor, campaign)
    assert visitor.fits()
    assert visitor.nameless() == []
    page.get_by_role("button", name="More for “E-mail 2: Hello”").click()
    choose(page, "Add a step after it")
    choose(page, "Wait")
    page.get_by_label("Unit").select_option("hours")
    visitor.press("Back to the steps")
    page.get_by_role("button", name="Add a step after “yes”", exact=False).first.click()
    choose(page, "E-mail")
    assert page.get_by_role("textbox", name="Subject").is_visible()
    assert visitor.fits()
    assert visitor.nameless() == []
    assert ("ask", "email-1", "yes") in saved(page, campaign)
    assert visitor.wrong == []


def test_what_runs_is_only_read_and_no_key_is_said_to_delete_it(visitor: Visitor, account: EmailAccount) -> None:
    campaign = draft(account)
    page = edit(visitor, campaign)
    page.locator(".flz-ed-keys").get_by_text("deletes it").wait_for(state="attached")
    Campaign.objects.filter(pk=campaign.pk).update(status="active")
    page = edit(visitor, campaign)
    page.locator(".flz-ed-keys kbd").first.wait_for(state="attached")
    assert page.locator(".flz-ed-keys kbd").count() == 2
    assert page.get_by_text("deletes it").count() == 0
    assert visitor.wrong == []


def test_what_came_over_the_api_is_shown_however_odd(visitor: Visitor, account: EmailAccount) -> None:
    nodes = [
        node_of("start", "start"),
        node_of("one", "condition", criterion="replied"),
        node_of("two", "condition"),
        email("alpha", subject='<b>A</b>"', body="{{"),
        email("beta"),
        node_of("wait", "delay"),
        node_of("sms", "sms"),
        node_of("end", "end"),
    ]
    pairs = ("start one", "one alpha yes", "one two no", "two beta yes", "two wait no", "beta alpha", "wait end")
    page = edit(visitor, draft(account, graph(nodes, *pairs, "alpha beta", "sms nowhere")))
    boxes = [each.bounding_box() for each in page.locator("[data-node]").all()]
    assert len(boxes) == 8
    assert not any(overlap(one, other) for at, one in enumerate(boxes) for other in boxes[:at])
    page.get_by_role("button", name="The steps go round in a circle").click()
    assert page.evaluate("document.activeElement.dataset.field") == "exit:"
    assert visitor.wrong == []


def test_a_condition_of_the_api_is_read_and_its_e_mails_numbered_as_in_the_statistics(
    visitor: Visitor, account: EmailAccount
) -> None:
    ask = node_of("ask", "condition", criterion="field", field="stage", operator="not", value="Lead")
    nodes = [email("last"), email("no"), email("yes"), ask, email("first"), node_of("start", "start")]
    pairs = ("start first", "first ask", "ask yes yes", "ask no no", "yes last", "no last", "last end")
    page = edit(visitor, draft(account, graph([*nodes, node_of("end", "end")], *pairs)))
    told = {name: node(page, name).get_attribute("aria-label") or "" for name in ("first", "no", "yes", "last")}
    assert [name for name in told if f"E-mail {list(told).index(name) + 1}" in told[name]] == list(told)
    assert "Pipeline stage isn't “Lead”" in (node(page, "ask").get_attribute("aria-label") or "")
    node(page, "ask").click()
    assert page.get_by_label("Field").locator("option:checked").inner_text() == "Pipeline stage"
    assert page.get_by_label("Comparison").locator("option:checked").inner_text() == "isn't"
    assert page.get_by_label("Value").input_value() == "Lead"
    page.get_by_label("Field").select_option("createdAt")
    assert page.get_by_label("Field").locator("option", has_text="Pipeline stage").count() == 1
    assert page.get_by_label("Value").get_attribute("type") == "date"
    assert visitor.wrong == []


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    return all(
        one[at] < other[at] + other[size] and other[at] < one[at] + one[size]
        for at, size in (("x", "width"), ("y", "height"))
    )
