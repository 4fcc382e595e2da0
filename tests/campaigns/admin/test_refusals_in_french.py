"""What a campaign's and an account's change functions refuse is said in the language of the person who reads it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.admin.bulk_enrol import KIND
from campaigns.changes import campaigns as changes
from campaigns.models import Conversation
from contacts.changes import bulk_changes
from contacts.models import Contact
from fluenzr_site.core import clock, ids
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.profiles import update_profile
from tests.admin.conftest import person, signed_in
from tests.campaigns.admin.support import ADD, NEW, of
from tests.campaigns.admin.test_editor import at, send
from tests.campaigns.api.support import Outreach
from tests.campaigns.workflow.examples import email, sequence
from tests.support.marking import mark

SAYING = (
    "campaigns/admin/bulk_enrol.py",
    "campaigns/changes/accounts.py",
    "campaigns/composing/headers.py",
    "campaigns/composing/variables.py",
    "campaigns/domains/checking.py",
    "campaigns/readiness.py",
    "campaigns/workflow/parsing.py",
    "contacts/addresses.py",
    "fluenzr_site/workspaces/plans.py",
)


@pytest.fixture
def french(outreach: Outreach, monkeypatch: pytest.MonkeyPatch) -> Client:
    ada = person("ada", outreach.workspace, "admin")
    update_profile(ada, {"language": "fr"})
    mark(monkeypatch, *SAYING)
    return signed_in(ada)


def at_form(page: Any, field: str = "__all__") -> list[str]:
    return list(page.context["adminform"].form.errors[field])


def test_an_account_s_form(french: Client, outreach: Outreach, settings: Any) -> None:
    page = french.post(reverse(ADD), NEW | {"email": "zoe@sender.1"})
    assert at_form(page, "email") == ["«Invalid email format»"]
    settings.FLUENZR_PLANS = settings.FLUENZR_PLANS | {"pro": settings.FLUENZR_PLANS["pro"] | {"email_accounts": 1}}
    page = french.post(reverse(ADD), NEW)
    assert at_form(page) == ["«The Pro plan allows «1 e-mail account»: 1 used, 1 more asked for»"]


def test_a_domain_s_selector(french: Client, outreach: Outreach) -> None:
    page = french.post(of(outreach.account, "domain"), {"selector": "a b"})
    assert page.context["problem"].startswith("«“a b” isn't a DKIM selector")


@pytest.mark.parametrize("page", ["save", "check"])
def test_the_editor(french: Client, outreach: Outreach, page: str) -> None:
    campaign_id = outreach.draft()
    was: Any = french.get(at(campaign_id)).context["held"]["was"]
    crowd = {"nodes": [{"id": str(number), "type": "end"} for number in range(201)], "edges": []}
    answer = send(french, campaign_id, page, workflow=crowd, was=was)
    assert (answer.status_code, answer.json()) == (400, {"refused": "«Must be at most 200, not 201»"})


def test_an_e_mail_in_the_editor(french: Client, outreach: Outreach) -> None:
    workflow = sequence(email("first", body="Dear {{nobody}}"))
    (problem,) = send(french, outreach.draft(), "check", workflow=workflow).json()["problems"]
    assert problem["message"] == "«There is no variable “nobody”.»"


def test_starting_a_campaign(french: Client, outreach: Outreach) -> None:
    page = french.post(at(outreach.draft(), "start"))
    assert page.status_code == 409
    assert "«The campaign has no contacts: add at least one, or a dynamic group»" in page.text


def test_a_plan_without_a_b_tests(french: Client, outreach: Outreach, settings: Any) -> None:
    split = {"subject": "B", "body": "B", "split": 50, "criterion": "replied"}
    campaign_id = outreach.draft(sequence(email("first", variantB=split)))
    outreach.add(campaign_id, outreach.people("ann@x.co"))
    settings.FLUENZR_PLANS = settings.FLUENZR_PLANS | {"pro": settings.FLUENZR_PLANS["pro"] | {"ab_tests": False}}
    assert "«The Pro plan has no A/B tests»" in french.post(at(campaign_id, "start")).text


def test_adding_many_to_a_campaign_that_is_over(french: Client, outreach: Outreach) -> None:
    campaign_id = outreach.draft()
    contacts = Contact.objects.filter(pk__in=outreach.people("ann@x.co"))
    what, by = {"campaign": campaign_id}, Actor("command", "test")
    change = bulk_changes.start(contacts, KIND, "add_to_campaign", workspace=outreach.workspace, by=by, what=what)
    changes.archive(outreach.workspace, campaign_id, by=by)
    bulk_changes.run_due()
    page = french.get(reverse("admin:contacts_changes_one", args=[change.pk]))
    assert "«The campaign is archived or completed: nobody can be added any more.»" in page.text


def test_an_answer_to_an_address_that_can_t_be_written_to(french: Client, outreach: Outreach) -> None:
    (contact_id,) = outreach.people("é@x.co")
    conversation = Conversation.objects.create(
        id=ids.new("cnv"),
        workspace=outreach.workspace,
        account=outreach.account,
        contact_id=contact_id,
        last_at=clock.now(),
    )
    path = reverse("admin:campaigns_conversation_change", args=[conversation.pk])
    token = french.get(path).context["token"]
    page = french.post(path, {"text": "Hello", "token": token})
    assert page.context["problem"].startswith("«“é@x.co” has letters beyond ASCII before the @")
