"""A campaign to be watched, which itself could send nothing: its account has no server."""

import json
from collections.abc import Iterable
from typing import Any

from django.apps import apps

from campaigns.changes import accounts, campaigns, enrolling
from campaigns.models import Campaign
from contacts.models import Contact, CustomField
from fluenzr_site.core import clock
from fluenzr_site.events.recording import Actor, change
from fluenzr_site.workspaces.changes import create_workspace
from fluenzr_site.workspaces.models import Workspace
from tests.campaigns.workflow.examples import email, graph, node

TESTS = Actor("command", "tests")
ZONE = "Europe/Paris"
SETTINGS = {"timezone": ZONE, "sendHoursStart": 9, "sendHoursEnd": 12, "maxEmailsPerHour": 60}
BODY = '<p>Hi {{firstName}} of {{sector}}, <a href="https://acme.example/offer">look</a></p>'
#: Who opens the first e-mail gets the second; everybody gets the third, twelve business days later.
WORKFLOW = graph(
    [
        node("start", "start"),
        email(
            "first", subject="Hello {{firstName}}", body=BODY, variantB={"subject": "Hey {{firstName}}", "body": BODY}
        ),
        node("wait", "delay", days=3, businessDays=True),
        node("ask", "condition", criterion="opened", nodeId="first"),
        email("second", subject="More, {{firstName}}", body=BODY),
        node("pause", "delay", days=12, businessDays=True),
        email("third", subject="Goodbye {{firstName}}", body="<p>Bye</p>"),
        node("end", "end"),
    ],
    *("start first", "first wait", "wait ask", "ask second yes", "ask pause no"),
    *("second pause", "pause third", "third end"),
)


def source(names: Iterable[str], workflow: dict[str, Any] = WORKFLOW, *, enrolled: bool = True) -> Campaign:
    """A draft in a workspace of these people, ``ann`` being ann@example.com."""
    workspace = create_workspace("Acme")
    Workspace.objects.filter(pk=workspace.pk).update(timezone=ZONE, postal_address="Acme\n1 Main Street")
    workspace.refresh_from_db()
    now = clock.now()
    CustomField.objects.create(workspace=workspace, key="sector", label="Sector", created_at=now)
    for name in names:
        Contact.objects.create(
            workspace=workspace,
            email=f"{name}@example.com",
            first_name=name.title(),
            custom_fields={"sector": "farming"},
            stage=workspace.stages.first(),
            created_at=now,
            updated_at=now,
        )
    account = accounts.create(workspace, {"email": "sam@sender.example", "name": "Sam Sender"})
    values = {"name": "Autumn", "account_id": account.pk, "settings": SETTINGS, "workflow": workflow}
    campaign = campaigns.create(workspace, values, by=TESTS)
    if enrolled:
        with change(workspace, TESTS) as unit:
            enrolling.enrol(unit, campaign, Contact.objects.of(workspace))
    return campaign


def everything() -> dict[str, str]:
    """Every row of the database, by model."""
    models = [model for model in apps.get_models() if model._meta.managed]
    return {
        model._meta.label: json.dumps(list(model._base_manager.order_by("pk").values()), default=str, sort_keys=True)
        for model in models
    }
