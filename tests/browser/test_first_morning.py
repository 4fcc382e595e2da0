"""A salesperson's first morning, from signing in to a program of theirs: by mouse, and by keyboard alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import time_machine
from django.contrib.auth.models import User

from fluenzr_site.workspaces.changes import add_member, create_workspace
from tests.browser.conftest import Visitor
from tests.browser.hands import Hands, Keyboard, Mouse
from tests.browser.morning import ADDRESS, MAILBOX_PASSWORD, Office

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MONDAY = "2030-01-07T09:00:00Z"
#: To the console, where the visitor hears it on every page.
TOLD_REFUSALS = """addEventListener("securitypolicyviolation",
    (e) => console.error(`refused: ${e.violatedDirective} ${e.blockedURI}`))"""
PASSWORD = "a first morning"
PEOPLE = """\
First name,Last name,Email,Company,Group
Ann,Lee,ann@north.example,Northwind,Fair
Ben,Okri,ben@south.example,Southgate,Fair
Cleo,Dubois,cleo@east.example,Eastman,Fair
Dev,Patel,dev@west.example,Westfield,Fair
Eva,Lund,eva@centre.example,Centrum,Fair
"""
ADDRESSES = [line.split(",")[2] for line in PEOPLE.splitlines()[1:]]


@pytest.fixture
def office(settings: Any) -> Iterator[Office]:
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    with time_machine.travel(MONDAY, tick=True) as clock, Office(clock) as office:
        yield office


@pytest.fixture
def tab(chromium: Any, live_server: Any, office: Office) -> Iterator[Visitor]:
    """Of somebody who has a name, a password, and an empty workspace."""
    user = User.objects.create_user("mia", "mia@acme.example", PASSWORD, first_name="Mia", is_staff=True)
    add_member(create_workspace("Acme"), user, role="admin")
    context = chromium.new_context(viewport={"width": 1280, "height": 850}, reduced_motion="reduce")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor = Visitor(context.new_page(), live_server.url)
    visitor.page.add_init_script(TOLD_REFUSALS)
    yield visitor
    context.close()


@pytest.mark.parametrize("kind", [Mouse, Keyboard])
def test_the_first_morning(tab: Visitor, office: Office, kind: type[Hands], tmp_path: Path) -> None:
    hands = kind(tab.page)
    tab.go("/")
    signs_in(hands)
    brings_people(hands, office, tmp_path / "people.csv")
    moves_a_card(hands)
    connects_a_mailbox(hands, office)
    makes_a_campaign(hands)
    chooses_whom(hands)
    starts_it(hands, office)
    reads_and_answers(hands, office)
    sees_what_came_of_it(hands)
    pages_and_programs_agree(hands, tab.url, makes_a_key(hands))
    assert len(office.mails) == len(ADDRESSES) + 1
    assert tab.wrong == []


def seen(hands: Hands, heading: str) -> None:
    hands.page.get_by_role("heading", name=heading).first.wait_for()


def said(hands: Hands, text: str) -> None:
    hands.page.get_by_text(text).first.wait_for()


def signs_in(hands: Hands) -> None:
    hands.fill("Username", "mia")
    hands.fill("Password", PASSWORD)
    hands.press("Log in")
    seen(hands, "First steps")


def brings_people(hands: Hands, office: Office, file: Path) -> None:
    file.write_text(PEOPLE)
    hands.press("Begin with your contacts", "link")
    seen(hands, "Choose a file, or drop it here")
    hands.bring("File", file)
    hands.press("Read the file")
    seen(hands, "What does each column become?")
    hands.press("Go on")
    seen(hands, "What is true of everybody in the file?")
    hands.choose("Where does your permission to write to these people come from?", "Existing customer")
    hands.tick("I certify")
    hands.press("Show the preview")
    seen(hands, "The first rows, as they will be stored")
    hands.press("Import 5 rows")
    said(hands, "Waiting for the worker")
    office.works()
    hands.press("Show 5 new contacts", "link")
    said(hands, "eva@centre.example")


def moves_a_card(hands: Hands) -> None:
    hands.go("Pipeline")
    hands.carry("Ben Okri", "Qualified")
    said(hands, "Moved Ben Okri to “Qualified”.")


def connects_a_mailbox(hands: Hands, office: Office) -> None:
    hands.go("Settings")
    hands.press("E-mail accounts", "link")
    hands.press("Add by its servers", "link")
    seen(hands, "Sending (SMTP)")
    hands.fill("E-mail address", ADDRESS)
    hands.fill("Sender's name", "Mia of Acme")
    for group, server in (("Sending (SMTP)", office.smtp), ("Reading replies (IMAP)", office.inbox)):
        hands.fill("Server", "127.0.0.1", group)
        hands.fill("Port", str(server.port), group)
        hands.choose("Security", "None", group)
    # Sending asks for no login here, reading does.
    hands.fill("User name", ADDRESS, group)
    hands.fill("Password", MAILBOX_PASSWORD, group)
    hands.press("Save")
    said(hands, f"{ADDRESS} is added")
    hands.press("Try it")
    seen(hands, f"{ADDRESS} works")
    assert MAILBOX_PASSWORD not in hands.page.content()


def makes_a_campaign(hands: Hands) -> None:
    hands.go("Campaigns")
    hands.press("Create the first campaign", "link")
    hands.fill("Name", "Spring fair")
    hands.press("Create and write its e-mails")
    hands.press("One e-mail A single message, such as an invitation.")
    hands.fill("Subject", "A word after the fair, ")
    hands.press("Variable")
    hands.press("First name {{firstName}}")
    hands.fill("Message", "Hello {{firstName}},\n\nhow was the fair for {{company}}?\n\nMia")
    hands.page.get_by_role("status").get_by_text("Saved", exact=True).wait_for()


def chooses_whom(hands: Hands) -> None:
    hands.press("Recipients", "link")
    hands.tick("Fair")
    hands.press("Add the ticked groups")
    said(hands, "5 contacts were added.")


def starts_it(hands: Hands, office: Office) -> None:
    hands.press("Review", "link")
    seen(hands, "Before it starts")
    hands.press("Add it Postal address", "link")
    hands.fill("Postal address", "Acme\n1 Main Street\nSpringfield")
    hands.press("Save")
    seen(hands, "Before it starts")
    said(hands, "The first e-mail then leaves Mon 7 Jan, 09:")
    hands.press("Start: write to 5 people")
    said(hands, "“Spring fair” has started.")
    office.works(turns=6)
    sent = {mail.recipient: mail for mail in office.mails}
    assert sorted(sent) == sorted(mail.recipient for mail in office.mails) == sorted(ADDRESSES)
    assert sent["ben@south.example"].subject == "A word after the fair, Ben"
    assert "Hello Ben,\n\nhow was the fair for Southgate?" in sent["ben@south.example"].text
    assert "1 Main Street" in sent["ben@south.example"].text


def reads_and_answers(hands: Hands, office: Office) -> None:
    came = office.answers(office.to("ben@south.example")[0])
    office.works()
    hands.go("Inbox")
    hands.page.get_by_role("link", name="Inbox 1 unread").wait_for()
    in_the_inbox(hands, "Ben Okri", "Unread")
    hands.open_talk("Ben Okri")
    said(hands, "Could we talk on Thursday?")
    hands.answer("Thursday at ten? I call you.")
    said(hands, "Your answer is on its way.")
    office.works()
    hands.page.locator(".flz-item-answer [role=status]", has_text="Sent").wait_for()
    first, answer = office.to("ben@south.example")
    assert (answer.replies_to, answer.references) == (came, (first.message_id, came))
    assert answer.subject == "Re: A word after the fair, Ben"
    assert answer.text.startswith("Thursday at ten? I call you.")
    hands.go("Inbox")
    in_the_inbox(hands, "Ben Okri", "Replied")


def in_the_inbox(hands: Hands, who: str, status: str) -> None:
    hands.page.locator("[data-row]", has_text=who).filter(has_text=status).wait_for()


def sees_what_came_of_it(hands: Hands) -> None:
    hands.go("Campaigns")
    hands.press("Spring fair", "link")
    hands.named("link", "Sent 5 e-mails").wait_for()
    hands.press("Replied 20.0 % 1 of 5 delivered", "link")
    said(hands, "Ben Okri")
    hands.go("Dashboard")
    hands.page.get_by_role("link", name="Reply rate 20 %").wait_for()
    hands.page.get_by_role("link", name="5 can be written to").wait_for()


def makes_a_key(hands: Hands) -> str:
    hands.go("Settings")
    hands.press("API keys", "link")
    hands.press("Add API key", "link")
    hands.fill("Name", "Report")
    hands.press("Save")
    seen(hands, "The key “Report” is made")
    hands.press("Copy")
    hands.page.get_by_role("button", name="Copied").and_(hands.page.locator(":focus")).wait_for()
    copied = str(hands.page.evaluate("navigator.clipboard.readText()"))
    hands.press("Done", "link")
    hands.page.locator("#result_list").wait_for()
    assert copied not in hands.page.content()
    return copied


def a_program_reads(url: str, key: str, what: str) -> Any:
    answer = httpx.get(f"{url}/v1/{what}", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def pages_and_programs_agree(hands: Hands, url: str, key: str) -> None:
    contacts = a_program_reads(url, key, "contacts")
    assert sorted(each["email"] for each in contacts) == sorted(ADDRESSES)
    told = {each["email"]: (each["status"], (each["pipelineStage"] or {}).get("name", "–")) for each in contacts}
    assert told["ben@south.example"] == ("replied", "Qualified")
    campaign = a_program_reads(url, key, "campaigns")[0]
    assert (campaign["name"], campaign["stats"]["sent"], campaign["stats"]["replied"]) == ("Spring fair", 5, 1)
    hands.go("Contacts")
    said(hands, "eva@centre.example")
    rows = hands.page.locator("#result_list tbody tr")
    shown = [
        [row.locator(f".field-{name}").inner_text() for name in ("email", "status", "stage")] for row in rows.all()
    ]
    assert {email: (status.lower(), stage) for email, status, stage in shown} == told
