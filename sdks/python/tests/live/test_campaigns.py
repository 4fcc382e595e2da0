"""Campaigns over a running server, whose workspace has an e-mail account that reaches nowhere."""

import pytest

from fluenzr import ConflictError, FluenzrClient, ValidationError
from fluenzr.inputs import SettingsInput

WORKFLOW = {
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "hello", "type": "email", "data": {"subject": "Hello {{firstName}}", "body": "Hi"}},
        {"id": "end", "type": "end"},
    ],
    "edges": [{"from": "start", "to": "hello"}, {"from": "hello", "to": "end"}],
}


def test_a_campaigns_life(client: FluenzrClient, run: str) -> None:
    account = client.email_accounts.list()[0]
    assert account.sent_today is not None and account.daily_limit
    assert (account.status, account.extra) == ("connected", {})
    group = client.groups.create(name=run)
    contact = client.contacts.create(email=f"{run}@sdk.example.com", group_ids=[group.id])
    settings: SettingsInput = {"send_hours_start": 0, "send_hours_end": 24}
    made = client.campaigns.create(name=run, email_account_id=account.id, settings=settings, workflow=WORKFLOW)
    assert made.stats is not None
    assert (made.status, made.stats.total_contacts, made.extra) == ("draft", 0, {})
    assert made.more_email_account_ids == ()
    with pytest.raises(ValidationError) as refused:
        client.campaigns.start(made.id)
    assert "contacts" in refused.value.details

    added = client.campaigns.add_contacts(made.id, group_id=group.id)
    assert (added.added, added.skipped) == (1, 0)
    started = client.campaigns.start(made.id)
    assert (started.status, started.started_at is not None) == ("active", True)
    with pytest.raises(ConflictError):
        client.campaigns.start(made.id)
    assert client.campaigns.pause(made.id).status == "paused"
    changed = client.campaigns.update(made.id, settings={"max_emails_per_hour": 5})
    assert changed.settings is not None
    assert (changed.settings.max_emails_per_hour, changed.settings.send_hours_end) == (5, 24)
    assert run in [campaign.name for campaign in client.campaigns.list(status="paused")]

    [inside] = client.campaigns.list_contacts(made.id)
    assert (inside.id, inside.email) == (contact.id, contact.email)
    stats = client.campaigns.get_stats(made.id)
    assert (stats.total_contacts, stats.open_rate) == (1, 0.0)
    [email] = client.campaigns.get_email_stats(made.id)
    assert (email.node_id, email.email_number, email.subject) == ("hello", 1, "Hello {{firstName}}")
    assert client.campaigns.get_timeline(made.id, interval="hour") == ()
    assert list(client.campaigns.get_activity(made.id)) == []
    assert client.campaigns.why(made.id).gates[0].name == "campaign"
    assert client.campaigns.remove_contacts(made.id, [contact.id]).removed == 1
    assert client.campaigns.archive(made.id).status == "archived"
