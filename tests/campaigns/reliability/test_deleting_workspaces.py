"""A workspace is deleted with everything in it, and nothing of anybody else's."""

from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db.models import RestrictedError

from campaigns.models import Conversation, MailFolder, ReceivedMail, Reply
from contacts.models import Contact, PipelineStage, StageMove, Suppression
from fluenzr_site.core import clock as present
from fluenzr_site.webhooks import changes as webhooks
from fluenzr_site.workspaces.models import Workspace
from tests.api.world import Party, make_field
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import email, node, sequence

TWO = sequence(email("first", body='<a href="https://x.co/">x</a>'), node("wait", "delay", days=1), email("second"))
FILLED = {
    *("contacts.Contact", "contacts.StageMove", "contacts.GroupMembership", "contacts.ContactTag"),
    *("contacts.PipelineStage", "contacts.CustomField", "contacts.Suppression", "workspaces.ApiKey"),
    *("campaigns.Campaign", "campaigns.WorkflowVersion", "campaigns.Enrolment", "campaigns.Message", "campaigns.Click"),
    *("campaigns.Tally", "campaigns.Activity", "campaigns.EmailAccount", "campaigns.MailFolder"),
    *("campaigns.Conversation", "campaigns.ReceivedMail", "campaigns.Reply"),
    *("events.Event", "events.OutboxEntry", "webhooks.Webhook"),
}


def rows() -> dict[str, int]:
    """How many of each model."""
    return {each._meta.label: each._base_manager.count() for each in apps.get_models() if each._meta.managed}


def fill(outreach: Outreach) -> None:
    """Something of every kind."""
    workspace, api = outreach.workspace, outreach.api
    webhooks.create(workspace, url="https://hooks.example.com/in", events=["email.sent"])
    make_field(workspace, "sector", "text")
    Suppression.objects.create(workspace=workspace, digest="0" * 64, reason="erased", created_at=present.now())
    group = api.post("groups", {"name": "Leads"}).data["id"]
    stages = list(PipelineStage.objects.of(workspace))
    people = [api.create(address, groupIds=[group], tags=["vip"])["id"] for address in ("ann@x.co", "bob@x.co")]
    for contact_id in people:
        Contact.objects.filter(pk=contact_id).update(stage=stages[1])
        StageMove.objects.create(
            contact_id=contact_id, from_stage=stages[0], to_stage=stages[1], actor="user:1", moved_at=present.now()
        )
    outreach.connect("second@sender.test")
    campaign_id = outreach.draft(TWO)
    outreach.add(campaign_id, people)
    assert api.post(f"campaigns/{campaign_id}/start").status == 200
    outreach.run()


def correspond(outreach: Outreach, smtp: MailServer) -> None:
    """Ann has clicked, written, and got an answer that is still to be sent."""
    workspace, now = outreach.workspace, present.now()
    outreach.fetch(smtp.to("ann@x.co")[0].path("c"))
    ann = Contact.objects.of(workspace).get(email="ann@x.co")
    folder = MailFolder.objects.create(account=outreach.account, name="Other")
    of = {"workspace": workspace}
    conversation = Conversation.objects.create(contact=ann, account=outreach.account, last_at=now, **of)
    mail = {"folder": folder, "conversation": conversation, "contact": ann, "uid_validity": 1, "uid": 1}
    ReceivedMail.objects.create(kind="reply", at=now, **mail, **of)
    Reply.objects.create(conversation=conversation, message_id="<a@b>", text="Hello", at=now, due_at=now, **of)


def test_a_workspace_goes_with_everything_in_it(
    smtp: MailServer, mail_server: Any, clock: time_machine.Traveller, stranger: Party, no_rate_limit: None
):
    fill(Outreach(stranger, mail_server[1], clock))
    before = rows()
    party = Party("Gone")
    smtp.forget()
    outreach = Outreach(party, mail_server[1], clock)
    fill(outreach)
    correspond(outreach, smtp)
    filled = {label for label, count in rows().items() if count > before[label]}
    assert filled >= FILLED
    party.workspace.delete()
    assert rows() == before


def test_a_stage_that_contacts_stand_in_still_can_t_be_deleted_alone(outreach: Outreach):
    fill(outreach)
    stage = PipelineStage.objects.of(outreach.workspace)[1]
    with pytest.raises(RestrictedError):
        stage.delete()
    assert Workspace.objects.filter(pk=outreach.workspace.pk).exists()
