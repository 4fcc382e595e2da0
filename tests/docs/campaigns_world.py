"""The campaigns that the description's examples speak of: a draft, one that runs, one that is paused."""

from datetime import UTC, datetime

from campaigns.api.examples import ACTIVE, DRAFT, PAUSED, SETTINGS, WORKFLOW
from campaigns.changes import enrolling, tallies
from campaigns.models import Activity, Campaign, EmailAccount, WorkflowVersion
from campaigns.sending.gates import WORKER
from campaigns.workflow.parsing import parse
from contacts.models import Contact
from fluenzr_site.core import clock, heartbeat, ids
from fluenzr_site.events.recording import Actor, change
from fluenzr_site.workspaces.models import Workspace

MADE = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
STARTED = datetime(2025, 1, 15, 14, 45, tzinfo=UTC)


def populate_campaigns(workspace: Workspace) -> None:
    heartbeat.beat(WORKER, clock.now())
    account = EmailAccount.objects.create(
        workspace=workspace,
        id="acc_123",
        email="sales@example.com",
        name="Sales team",
        smtp_host="smtp.example.com",
        ramp_started_on=MADE.date(),
        created_at=MADE,
    )
    for campaign_id, name, status in (
        (DRAFT, "Automated Q1 2025", "draft"),
        (ACTIVE, "Spring", "active"),
        (PAUSED, "Summer", "paused"),
    ):
        _campaign(workspace, account, campaign_id, name, status)


def _campaign(workspace: Workspace, account: EmailAccount, campaign_id: str, name: str, status: str) -> None:
    campaign = Campaign.objects.create(
        workspace=workspace,
        id=campaign_id,
        name=name,
        status=status,
        account=account,
        settings=SETTINGS,
        workflow=WORKFLOW,
        created_at=MADE,
        updated_at=MADE,
        started_at=None if status == "draft" else STARTED,
    )
    with change(workspace, Actor("test", "1")) as unit:
        enrolling.enrol(unit, campaign, Contact.objects.of(workspace))
        if status != "draft":
            campaign.version = WorkflowVersion.objects.create(
                id=ids.new("ver"), campaign=campaign, digest=campaign_id, workflow=WORKFLOW, created_at=STARTED
            )
            campaign.save()
            enrolling.begin(campaign, parse(WORKFLOW), STARTED)
    if status == "active":
        _sent_and_opened(workspace, campaign)


def _sent_and_opened(workspace: Workspace, campaign: Campaign) -> None:
    contact = Contact.objects.of(workspace).get()
    campaign.enrolments.update(status="in_progress", node_id="wait")
    tallies.add(campaign.pk, "hello", "", STARTED, sent=1, opened=1)
    Activity.objects.create(
        id=ids.new("evt"),
        workspace=workspace,
        campaign=campaign,
        contact=contact,
        contact_email=contact.email,
        node_id="hello",
        type="opened",
        metadata={"openCount": 1, "firstOpen": True, "userAgent": None, "ip": None},
        at=STARTED,
    )
