"""A campaign looked at before it starts, and started, by mouse and by keyboard; hostile text stays text."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from campaigns.changes import accounts, campaigns, filling
from campaigns.models import Campaign
from contacts.changes.contacts import create
from contacts.cleaning import clean
from contacts.models import Contact
from contacts.queries import contacts_of
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.models import Workspace
from tests.browser.conftest import Visitor
from tests.campaigns.workflow.examples import branching

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BY = Actor("command", "test")
HOSTILE = (
    "<script>alert(1)</script><img src=https://evil.test/x.png onerror=alert(1)> <a href=https://evil.test/y>link</a> "
    "<b x-data x-init=alert(1)>x</b> <style>@import 'https://evil.test/z'</style>"
)


@pytest.fixture
def campaign(acme: Workspace) -> Campaign:
    """Ann, Ben and Cat get one or two e-mails; Cat has unsubscribed."""
    account = accounts.create(acme, {"email": "sam@sender.test", "smtp_host": "127.0.0.1", "smtp_port": 1})
    workflow = branching()
    workflow["nodes"][1]["data"] = {"subject": "For {{firstName}}", "body": f"<p>At {{{{company}}}}</p>{HOSTILE}"}
    found = campaigns.create(acme, {"name": "Autumn", "account_id": account.pk, "workflow": workflow}, by=BY)
    for name in ("Ann", "Ben", "Cat"):
        create(acme, clean({"email": f"{name.lower()}@x.co", "firstName": name}, needs_email=True), by=BY)
    filling.fill(acme, found.pk, contacts_of(acme), by=BY)
    Contact.objects.filter(first_name="Cat").update(status="unsubscribed")
    return found


def at(campaign: Campaign, name: str) -> str:
    return reverse(f"admin:campaigns_campaign_{name}", args=[campaign.pk])


def test_from_the_numbers_to_the_start_by_keyboard(visitor: Visitor, campaign: Campaign) -> None:
    page = visitor.page
    visitor.go(at(campaign, "review"))
    page.get_by_role("link", name="Left out: Unsubscribed").press("Enter")
    page.get_by_role("link", name="Cat", exact=True).wait_for()
    page.get_by_role("link", name="Back to the review").press("Enter")
    page.get_by_label("Open an e-mail").fill("100")
    page.keyboard.press("Enter")
    page.wait_for_url("**opened=100**")
    row = page.locator(".flz-review-legend")
    assert "3. " not in row.inner_text()
    page.get_by_role("button", name="Start: write to 2 people").press("Enter")
    page.get_by_text("“Autumn” has started.").wait_for()
    assert Campaign.objects.get().status == "active"
    assert visitor.wrong == []


def test_each_persons_e_mail_is_seen_and_tried(visitor: Visitor, campaign: Campaign) -> None:
    page, asked, dialogs = visitor.page, list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    visitor.go(at(campaign, "review"))
    page.get_by_role("link", name="See what each of them gets").click()
    frame = page.frame_locator("iframe")
    frame.get_by_role("heading", name="For Ann").wait_for()
    assert frame.get_by_text("Ann has no value for {{company}}").is_visible()
    page.get_by_role("link", name="Next").click()
    frame.get_by_role("heading", name="For Ben").wait_for()
    frame.get_by_role("link", name="link").click()
    page.get_by_label("Phone").check()
    assert page.locator("iframe").bounding_box()["width"] == 390
    page.get_by_label("E-mail", exact=True).select_option(index=1)
    frame.get_by_role("heading", name="Hello").wait_for()
    page.get_by_label("Find somebody").fill("ann")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Ann ann@x.co").click()
    frame.get_by_text("To: Ann").wait_for()
    assert page.get_by_label("To", exact=True).input_value() == "mia@acme.test"
    visitor.press("Send a test")
    page.get_by_text("The e-mail wasn't taken").wait_for()
    assert [url for url in asked if "evil.test" in url] == dialogs == visitor.wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_fit_a_telephone_and_everybody(visitor: Visitor, campaign: Campaign) -> None:
    page = visitor.page
    Campaign.objects.update(name="A very long name " * 6)
    page.set_viewport_size({"width": 390, "height": 844})
    for name in ("review", "preview"):
        visitor.go(at(campaign, name))
        assert visitor.fits()
        assert visitor.nameless() == []
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
        assert found.response["violations"] == []
    assert visitor.wrong == []
