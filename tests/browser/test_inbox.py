"""The inbox in a browser: answered from the keyboard, hostile text inert, no page error, nothing the policy refuses."""

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.changes import accounts
from campaigns.models import Conversation, EmailAccount, MailFolder, ReceivedMail, Reply
from contacts.changes.contacts import create
from contacts.cleaning import clean
from fluenzr_site.core import clock
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.models import Workspace
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "admin:campaigns_conversation_changelist"
HOSTILE = (
    "<img src=https://evil.test/x.png onerror=alert(1)> <script>alert(1)</script> {{ constructor }} "
    "<b x-data x-init=alert(1)>x</b> javascript:alert(1)\n> <iframe src=https://evil.test></iframe>"
)


@pytest.fixture
def account(acme: Workspace) -> EmailAccount:
    values = {"email": "sam@sender.test", "smtp_host": "127.0.0.1", "imap_host": "127.0.0.1"}
    return accounts.create(acme, values)


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def talk(account: EmailAccount, address: str, text: str, *, hours_ago: int = 0, **names: str) -> Conversation:
    """A contact and the mail that it sent."""
    at = clock.now() - timedelta(hours=hours_ago)
    contact_id = create(
        account.workspace, clean({"email": address, **names}, needs_email=True), by=Actor("command", "test")
    )
    conversation = Conversation.objects.create(
        workspace=account.workspace, contact_id=contact_id, account=account, last_at=at
    )
    ReceivedMail.objects.create(
        workspace=account.workspace,
        folder=MailFolder.objects.get(account=account),
        uid_validity=1,
        uid=Conversation.objects.count(),
        conversation=conversation,
        contact_id=contact_id,
        kind="reply",
        message_id=f"<1@{address}>",
        subject="Re: Hello",
        text=text,
        at=at,
    )
    return conversation


def shown(visitor: Visitor, name: str) -> None:
    """The conversation's page is there, with its script that hears the keys."""
    visitor.page.get_by_role("heading", name=name).first.wait_for()
    visitor.page.wait_for_load_state()


def test_from_the_list_to_an_answer_by_keyboard(visitor: Visitor, account: EmailAccount) -> None:
    talk(account, "ann@x.co", "Tell me more.", firstName="Ann", lastName="Lee")
    talk(account, "ben@x.co", "No, thank you.\n\n> Hello", hours_ago=2, firstName="Ben")
    page = visitor.page
    visitor.go(reverse(LIST))
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Ben").first.wait_for()
    assert page.get_by_text("> Hello").is_hidden()
    page.keyboard.press("r")
    page.keyboard.type("All the best, Ben. r e j k")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Your answer is on its way.").wait_for()
    assert page.locator("#answer").input_value() == ""
    assert Reply.objects.get().text == "All the best, Ben. r e j k"
    page.keyboard.press("e")
    page.get_by_text("The conversation with Ben is archived.").wait_for()
    assert Conversation.objects.get(contact__email="ben@x.co").status == "archived"
    assert visitor.wrong == []


def test_a_row_is_archived_marked_and_answered_by_keyboard(visitor: Visitor, account: EmailAccount) -> None:
    for hours, name in enumerate(("Ann", "Ben", "Cat")):
        talk(account, f"{name.lower()}@x.co", "Hm", hours_ago=hours, firstName=name)
    Conversation.objects.update(status="read")
    page = visitor.page
    visitor.go(reverse(LIST))
    page.keyboard.press("j")
    page.keyboard.press("e")
    page.get_by_text("The conversation with Ann is archived.").wait_for()
    page.locator("[data-row]:focus", has_text="Ben").wait_for()
    page.keyboard.press("u")
    page.get_by_text("The conversation with Ben is unread.").wait_for()
    page.locator(".flz-inbox-unread [data-row]:focus", has_text="Ben").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.get_by_role("heading", name="Cat").first.wait_for()
    page.locator("#answer:focus").wait_for()
    assert Conversation.objects.get(contact__email="ann@x.co").status == "archived"
    assert visitor.wrong == []


def test_from_conversation_to_conversation_by_keyboard(visitor: Visitor, account: EmailAccount) -> None:
    for hours, name in enumerate(("Ann", "Ben", "Cat")):
        talk(account, f"{name.lower()}@x.co", "Hm", hours_ago=hours, firstName=name)
    page = visitor.page
    visitor.go(f"{reverse(LIST)}?q=hello")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    for key, name in (("", "Ann"), ("j", "Ben"), ("j", "Cat"), ("k", "Ben")):
        if key:
            page.keyboard.press(key)
        shown(visitor, name)
    page.keyboard.press("e")
    page.get_by_text("The conversation with Ben is archived.").wait_for()
    shown(visitor, "Cat")
    visitor.press("Undo")
    page.get_by_role("heading", name="Ben").first.wait_for()
    page.get_by_text("The conversation with Ben is back in the inbox.").wait_for()
    page.wait_for_load_state()
    assert Conversation.objects.get(contact__email="ben@x.co").status == "read"
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_text("Next conversation").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    page.keyboard.press("Escape")
    page.wait_for_url(f"**{reverse(LIST)}?q=hello")
    assert visitor.wrong == []


def test_a_draft_is_kept_until_it_is_sent(visitor: Visitor, account: EmailAccount) -> None:
    page = visitor.page
    url = reverse("admin:campaigns_conversation_change", args=[talk(account, "ann@x.co", "Hm").pk])
    visitor.go(url)
    page.locator("#answer").fill("Half a thought")
    visitor.go(reverse(LIST))
    visitor.go(url)
    assert page.locator("#answer").input_value() == "Half a thought"
    visitor.press("Send")
    page.get_by_text("Waiting to be sent").wait_for()
    visitor.go(url)
    assert page.locator("#answer").input_value() == ""
    assert Reply.objects.get().text == "Half a thought"
    assert visitor.wrong == []


def test_what_becomes_of_an_answer_is_seen_without_loading_anew(visitor: Visitor, account: EmailAccount) -> None:
    page = visitor.page
    conversation = talk(account, "ann@x.co", "Hm")
    visitor.go(reverse("admin:campaigns_conversation_change", args=[conversation.pk]))
    page.locator("#answer").fill("Yes")
    visitor.press("Send")
    page.get_by_text("Waiting to be sent").wait_for()
    Reply.objects.update(state="sent", sent_at=clock.now(), due_at=None)
    page.locator(".flz-item-answer [role=status]", has_text="Sent").wait_for()
    assert visitor.wrong == []


def test_hostile_text_runs_and_loads_nothing(visitor: Visitor, account: EmailAccount) -> None:
    page = visitor.page
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    conversation = talk(account, "ann@x.co", HOSTILE, company=HOSTILE[:200])
    ReceivedMail.objects.update(subject=HOSTILE)
    for url in (
        reverse(LIST),
        reverse("admin:index"),
        reverse("admin:campaigns_conversation_change", args=[conversation.pk]),
    ):
        visitor.go(url)
    page.get_by_text("Quoted text").click()
    assert page.get_by_text("<iframe src=https://evil.test></iframe>").last.is_visible()
    assert dialogs == []
    assert [url for url in asked if not url.startswith((visitor.url, "data:"))] == []
    assert visitor.wrong == []


def test_the_stage_and_the_search(visitor: Visitor, account: EmailAccount, acme: Workspace) -> None:
    page = visitor.page
    conversation = talk(account, "ann@x.co", "Tell me more.", firstName="Ann")
    visitor.go(reverse("admin:campaigns_conversation_change", args=[conversation.pk]))
    page.get_by_label("Pipeline stage").select_option("Won")
    visitor.press("Move")
    page.get_by_text("Ann was moved.").wait_for()
    assert acme.contacts.get().stage.name == "Won"
    page.keyboard.press("Escape")
    page.wait_for_url(f"**{reverse(LIST)}")
    page.keyboard.press("/")
    page.keyboard.type("nobody")
    page.keyboard.press("Enter")
    page.get_by_text("No conversation fits the search.").wait_for()
    assert visitor.wrong == []


def test_the_pages_fit_a_telephone(visitor: Visitor, account: EmailAccount) -> None:
    page = visitor.page
    page.set_viewport_size({"width": 390, "height": 844})
    conversation = talk(account, "ann@x.co", "word " * 200 + "x" * 300, company="A very long company name & sons")
    for url in (reverse(LIST), reverse("admin:campaigns_conversation_change", args=[conversation.pk])):
        visitor.go(url)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert visitor.wrong == []
