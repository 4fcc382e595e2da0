"""The pipeline's board in a browser: by mouse, finger, keyboard and menu; what is refused goes back."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from contacts.admin import board_cards
from contacts.changes.contacts import Edit, create, edit_many
from contacts.cleaning import clean
from contacts.models import Contact, PipelineStage, StageMove
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.changes import create_workspace
from fluenzr_site.workspaces.models import Workspace
from tests.browser.conftest import PHONE, Visitor, tab

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BOARD = "admin:contacts_board"
BY = Actor("command", "test")


@pytest.fixture
def acme() -> Workspace:
    workspace = create_workspace("Acme")
    lead = PipelineStage.objects.of(workspace)[0]
    for name in ("Ann", "Ben", "Cleo"):
        values = {"email": f"{name}@x.co", "firstName": name, "company": "Bolts & Co", "pipelineStageId": lead.pk}
        create(workspace, clean(values, needs_email=True), by=BY)
    return workspace


@pytest.fixture
def scheme() -> str:
    return "dark"


@pytest.fixture
def phone(chromium: Any, live_server: Any, user: User) -> Iterator[Visitor]:
    with tab(chromium, live_server.url, user, viewport=PHONE, has_touch=True) as visitor:
        yield visitor


def card(visitor: Visitor, name: str) -> Any:
    return visitor.page.locator(f"[data-card][data-name={name}]")


def column(visitor: Visitor, name: str) -> Any:
    return visitor.page.locator(f"[data-column][data-name={name}]")


def stage_of(name: str) -> str:
    return str(Contact.objects.get(first_name=name).stage)


def told(visitor: Visitor, text: str) -> None:
    visitor.page.locator("[data-toast]", has_text=text).wait_for()


def test_a_card_is_dragged_and_taken_back(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(reverse(BOARD))
    from_box, to_box = card(visitor, "Ben").bounding_box(), column(visitor, "Qualified").bounding_box()
    page.mouse.move(from_box["x"] + 60, from_box["y"] + 50)
    page.mouse.down()
    page.mouse.move(to_box["x"] + 80, to_box["y"] + 200, steps=4)
    page.locator(".flz-column-over[data-name=Qualified]").wait_for()
    page.mouse.up()
    told(visitor, "Moved Ben to “Qualified”.")
    assert column(visitor, "Qualified").locator("[data-card]").count() == 1
    assert column(visitor, "Qualified").locator("[data-count-of]").text_content() == "1"
    assert stage_of("Ben") == "Qualified"
    visitor.press("Undo")
    told(visitor, "Moved Ben to “Lead”.")
    assert stage_of("Ben") == "Lead"
    assert column(visitor, "Lead").locator("[data-card]").all_text_contents()[1].strip().startswith("Ben")
    assert visitor.wrong == []


def test_by_keyboard(visitor: Visitor) -> None:
    page = visitor.page
    live = page.locator("[data-live]")
    visitor.go(reverse(BOARD))
    card(visitor, "Cleo").focus()
    page.keyboard.press("ArrowDown")
    assert page.locator(":focus").get_attribute("data-name") == "Ben"
    page.keyboard.press("Space")
    assert (live.text_content() or "").startswith("Ben is lifted, in Lead.")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert live.text_content() == "Ben over Proposal, stage 3 of 6."
    page.keyboard.press("Escape")
    assert live.text_content() == "Ben is back in Lead."
    assert (page.locator(":focus").get_attribute("data-name"), stage_of("Ben")) == ("Ben", "Lead")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    told(visitor, "Moved Ben to “Qualified”.")
    assert (page.locator(":focus").get_attribute("data-name"), stage_of("Ben")) == ("Ben", "Qualified")
    page.keyboard.press("ArrowLeft")
    assert page.locator(":focus").get_attribute("data-name") == "Cleo"
    page.keyboard.press("Enter")
    page.wait_for_url("**/contacts/contact/con_*/change/")
    assert visitor.wrong == []


def test_the_menu_takes_a_note_and_more_cards_come(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_cards, "PER_COLUMN", 2)
    page = visitor.page
    visitor.go(reverse(BOARD))
    visitor.press("Load more")
    card(visitor, "Ann").get_by_role("button", name="Move to another stage: Ann").click()
    page.get_by_role("radio", name="Won").check()
    page.get_by_label("Note (optional)").fill("Signed at the fair")
    page.get_by_role("dialog").get_by_role("button", name="Move").click()
    told(visitor, "Moved Ann to “Won”.")
    move = StageMove.objects.latest("id")
    assert (move.contact.first_name, str(move.to_stage), move.note) == ("Ann", "Won", "Signed at the fair")
    assert move.actor.startswith("user:")
    assert visitor.nameless() == []
    assert visitor.wrong == []


def test_what_is_refused_goes_back(visitor: Visitor, acme: Workspace) -> None:
    page = visitor.page
    visitor.go(reverse(BOARD))
    proposal = PipelineStage.objects.of(acme)[2]
    ann = Contact.objects.get(first_name="Ann")
    edit_many(acme, [ann.pk], Edit(stage_id=proposal.pk, stage_given=True), by=BY)
    card(visitor, "Ann").focus()
    for key in ("Space", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    told(visitor, "Ann is in “Proposal” by now")
    assert column(visitor, "Proposal").locator("[data-name=Ann]").count() == 1
    page.context.set_offline(True)
    card(visitor, "Ben").focus()
    for key in ("Space", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    told(visitor, "the server can't be reached")
    assert column(visitor, "Lead").locator("[data-name=Ben]").count() == 1
    assert column(visitor, "Lead").locator("[data-count-of]").text_content() == "2"
    assert stage_of("Ben") == "Lead"
    # Only what was provoked here.
    assert [said for said in visitor.wrong if "409" not in said and "ERR_INTERNET_DISCONNECTED" not in said] == []


def test_a_finger_scrolls_or_holds_and_carries(phone: Visitor) -> None:
    page = phone.page
    phone.go(reverse(BOARD))
    assert phone.fits()
    touches = page.context.new_cdp_session(page)

    def touch(kind: str, x: float = 0, y: float = 0) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    box = card(phone, "Cleo").bounding_box()
    x, y = box["x"] + 40, box["y"] + 40
    touch("touchStart", x, y)
    touch("touchMove", x, y + 30)
    touch("touchMove", x, y + 60)
    touch("touchEnd")
    assert page.locator(".flz-tile-ghost").count() == 0
    touch("touchStart", x, y)
    page.locator(".flz-tile-ghost").wait_for()
    edge = page.viewport_size["width"] - 12
    touch("touchMove", edge, y + 10)
    page.locator(".flz-column-over[data-name=Qualified]").wait_for()
    touch("touchEnd")
    told(phone, "Moved Cleo to “Qualified”.")
    assert phone.wrong == []


BARS_AND_LABELS = """() => {
    const box = (e) => e.getBoundingClientRect();
    const picture = box(document.querySelector(".flz-chart > svg"));
    const bars = [...document.querySelectorAll(".flz-chart g rect:not(.flz-chart-hit)")].map(box);
    const labels = [...document.querySelectorAll(".flz-chart-x span")].map(box).filter((one) => one.width);
    const isInside = (bar) => bar.left >= picture.left && bar.right <= picture.right && bar.height > 1;
    return bars.length > 0 && bars.every(isInside)
        && labels.length > 1 && labels.every((one, at) => at === 0 || one.left > labels[at - 1].right);
}"""


def bars_and_labels(visitor: Visitor) -> bool:
    """Whether the bars stand inside of the picture, and its labels beside each other."""
    return bool(visitor.page.evaluate(BARS_AND_LABELS))


def test_the_statistics_fit_and_draw(phone: Visitor) -> None:
    phone.go(reverse("admin:contacts_board_stats"))
    phone.page.get_by_role("heading", name="From stage to stage").wait_for()
    phone.page.get_by_role("img", name="Entries over time").scroll_into_view_if_needed()
    assert bars_and_labels(phone)
    phone.page.get_by_text("Choose days").click()
    phone.page.get_by_label("From", exact=True).wait_for()
    assert phone.fits()
    assert phone.nameless() == []
    assert phone.wrong == []
