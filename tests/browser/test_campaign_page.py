"""Campaigns in a browser: made, filled, looked at and compared, by mouse and by keyboard, with no page error."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from campaigns.changes import accounts, campaigns, filling, outcomes
from campaigns.models import Campaign, EmailAccount, Enrolment, Message
from contacts.changes.contacts import create
from contacts.cleaning import clean
from contacts.queries import contacts_of
from fluenzr_site.core import clock
from fluenzr_site.events.recording import Actor, change
from fluenzr_site.workspaces.models import Workspace
from tests.browser.conftest import Visitor
from tests.campaigns.workflow.examples import email, sequence

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BY = Actor("command", "test")
LIST = "admin:campaigns_campaign_changelist"
PAGES = ("change", "people", "recipients", "settings", "why", "groups")


@pytest.fixture
def account(acme: Workspace) -> EmailAccount:
    return accounts.create(acme, {"email": "sam@sender.test", "smtp_host": "127.0.0.1", "imap_host": "127.0.0.1"})


def people(workspace: Workspace, *names: str) -> None:
    for name in names:
        draft = clean({"email": f"{name.lower()}@x.co", "firstName": name}, needs_email=True)
        create(workspace, draft, by=BY)


def sent(account: EmailAccount, name: str) -> Campaign:
    """A campaign whose e-mail everybody has got, and one has opened."""
    workspace = account.workspace
    values = {"name": name, "account_id": account.pk, "workflow": sequence(email("first"))}
    campaign = campaigns.create(workspace, values, by=BY)
    filling.fill(workspace, campaign.pk, contacts_of(workspace), by=BY)
    campaigns.start(workspace, campaign.pk, by=BY)
    at = clock.now() - timedelta(hours=2)
    for enrolment in Enrolment.objects.filter(campaign=campaign).select_related("contact"):
        message = Message.objects.create(
            workspace=workspace,
            campaign=campaign,
            enrolment=enrolment,
            contact=enrolment.contact,
            account=account,
            node_id="first",
            state=Message.State.SENDING,
            message_id=f"<{enrolment.pk}@x>",
            recipient=enrolment.contact.email or "",
            claimed_at=at,
            tracks_opens=True,
        )
        with clock.standing_at(at), change(workspace, BY) as unit:
            outcomes.sent(unit, message, "250 ok")
    with change(workspace, BY) as unit:
        outcomes.opened(unit, message, at=unit.at, user_agent=None, address=None)
    return campaign


def test_from_an_empty_list_to_recipients_by_mouse(visitor: Visitor, account: EmailAccount) -> None:
    people(account.workspace, "Ann", "Ben")
    page = visitor.page
    visitor.go(reverse(LIST))
    page.get_by_role("link", name="Create the first campaign").click()
    page.get_by_label("Name").fill("Spring")
    page.get_by_role("button", name="Create and write its e-mails").click()
    page.get_by_text("“Spring” is made.").wait_for()
    campaign = Campaign.objects.get()
    visitor.go(reverse("admin:campaigns_campaign_recipients", args=[campaign.pk]))
    page.get_by_role("searchbox").fill("ann")
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("checkbox", name="Ann").check()
    visitor.press("Add the ticked")
    page.get_by_text("1 contact was added.").wait_for()
    assert Enrolment.objects.get().contact.first_name == "Ann"
    assert visitor.wrong == []


def test_from_a_number_to_a_removed_contact_by_keyboard(visitor: Visitor, account: EmailAccount) -> None:
    people(account.workspace, "Ann", "Ben")
    campaign = sent(account, "Spring")
    page = visitor.page
    visitor.go(reverse("admin:campaigns_campaign_change", args=[campaign.pk]))
    page.locator("#groups, [hx-get] p").first.wait_for()
    page.get_by_role("link", name="Opened 50.0 %").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="1 contact").wait_for()
    page.get_by_role("button", name="Remove Ben").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Remove Ben from the campaign?").wait_for()
    page.get_by_role("button", name="Remove", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_text("1 contact was removed.").wait_for()
    assert Enrolment.objects.get(contact__first_name="Ben").status == "removed"
    assert visitor.wrong == []


@pytest.fixture
def noon() -> Iterator[None]:
    """What happened two hours before was on the same day."""
    with time_machine.travel("2030-01-07T12:00:00Z", tick=True):
        yield


def test_days_of_one_s_own_by_keyboard(noon: None, visitor: Visitor, account: EmailAccount) -> None:
    people(account.workspace, "Ann", "Ben")
    campaign = sent(account, "Spring")
    page = visitor.page
    visitor.go(reverse("admin:campaigns_campaign_change", args=[campaign.pk]))
    assert page.get_by_role("img", name="What happened when").locator("g").count() == 1
    page.locator("summary", has_text="Choose days").focus()
    page.keyboard.press("Enter")
    # Typed as the address has it: how a date field is typed in is the browser's.
    page.get_by_label("From", exact=True).fill("2026-01-01")
    page.get_by_label("To", exact=True).fill("2025-12-31")
    page.keyboard.press("Enter")
    page.get_by_text("“To” is before “From”: choose 01/01/2026 or a later day.").wait_for()
    page.get_by_label("To", exact=True).fill(clock.now().date().isoformat())
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_text("01/01/2026 – ").wait_for()
    assert page.locator(".flz-period[open]").count() == 0
    assert visitor.wrong == []


def test_two_ticked_campaigns_are_compared(visitor: Visitor, account: EmailAccount) -> None:
    people(account.workspace, "Ann")
    for name in ("Spring", "Summer"):
        sent(account, name)
    page = visitor.page
    visitor.go(reverse(LIST))
    compare = page.get_by_role("button", name="Compare the ticked")
    page.get_by_role("checkbox", name="Compare Spring").check()
    assert compare.is_disabled()
    page.get_by_role("checkbox", name="Compare Summer").check()
    compare.click()
    page.get_by_role("columnheader", name="Summer").wait_for()
    assert visitor.wrong == []


@pytest.mark.parametrize("scheme", ["dark"])
def test_every_page_fits_a_telephone_and_names_its_controls(visitor: Visitor, account: EmailAccount) -> None:
    people(account.workspace, "Ann", "Ben")
    campaign = sent(account, "A campaign with a name that is much longer than a telephone is wide, and then some")
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    addresses = [reverse(LIST), reverse("admin:campaigns_campaign_add")]
    addresses += [reverse(f"admin:campaigns_campaign_{name}", args=[campaign.pk]) for name in PAGES]
    for address in addresses:
        visitor.go(address)
        assert visitor.fits(), address
        assert visitor.nameless() == [], address
    assert visitor.wrong == []
