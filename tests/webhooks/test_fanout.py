"""Every type of event reaches a webhook, whatever way the change was made, and in bulk where the change is."""

import io
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fluenzr_site.events.models import OutboxEntry
from fluenzr_site.events.types import ALL
from fluenzr_site.webhooks import fanout
from fluenzr_site.webhooks.models import Delivery
from fluenzr_site.workspaces.changes import add_member, update_workspace
from tests.api.world import Api, MessagingApi, Party
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import email, node, sequence
from tests.webhooks.receiver import CONTACTS

URL = "https://example.com/hook"
CREATED, UPDATED, DELETED = CONTACTS


def listen(api: Api, *events: str) -> str:
    answer = api.post("webhooks", {"url": URL, "events": list(events or ALL)})
    assert answer.status == 201, answer.json
    return str(answer.data["id"])


def told(webhook_id: str) -> list[str]:
    """The types of what is to be sent, in order."""
    while fanout.fan_out():
        pass
    rows = Delivery.objects.filter(webhook_id=webhook_id).order_by("event_id")
    return list(rows.values_list("event__type", flat=True))


# ------------------------------------------------------------------------------------ ways of making a change


def test_the_api(api: Api):
    webhook = listen(api)
    made = api.create("ann@b.co")["id"]
    api.put(f"contacts/{made}", {"firstName": "Ann"})
    api.post(f"contacts/{made}/tags", {"tags": ["x"]})
    api.post(f"contacts/{made}/groups", {"groupIds": [api.group()]})
    api.delete(f"contacts/{made}")
    assert told(webhook) == [CREATED, UPDATED, UPDATED, UPDATED, DELETED]


def test_the_bulk_and_a_group_s_members(api: Api):
    webhook = listen(api)
    rows = [{"email": f"c{number}@b.co"} for number in range(30)]
    api.post("contacts/bulk", {"contacts": rows})
    assert told(webhook) == [CREATED] * 30
    contact_ids = [contact["id"] for contact in api.get("contacts?perPage=100").data]
    api.post(f"groups/{api.group()}/contacts", {"contactIds": contact_ids})
    assert told(webhook)[30:] == [UPDATED] * 30


def test_the_messaging_api(owner: Party):
    webhook = listen(owner.api)
    messaging = MessagingApi(owner.key)
    made = messaging.post("contacts", {"name": "Ann Lee", "phoneNumber": "+12025550100"}).json["id"]
    messaging.put(f"contacts/{made}", {"name": "Ann Li", "phoneNumber": "+12025550100"})
    messaging.post(f"contacts/{made}/tags/add", {"tags": ["x"]})
    messaging.delete(f"contacts/{made}")
    assert told(webhook) == [CREATED, UPDATED, UPDATED, DELETED]


def test_an_import(owner: Party, tmp_path: Any):
    webhook = listen(owner.api)
    owner.api.create("c1@b.co")
    rows = "".join(f"c{number}@b.co,Name{number}\n" for number in range(40))
    (tmp_path / "people.csv").write_text(f"email,first name\n{rows}")
    call_command(
        "import_contacts",
        str(tmp_path / "people.csv"),
        *("--workspace", owner.workspace.pk, "--on-duplicate", "update"),
        *("--consent-source", "event", "--certify-consent"),
        stdout=io.StringIO(),
    )
    types = told(webhook)
    assert (types.count(CREATED), types.count(UPDATED), len(types)) == (40, 1, 41)


def test_the_admin(owner: Party, django_user_model: Any):
    webhook = listen(owner.api)
    person = django_user_model.objects.create_superuser("root", "root@b.co", "a long password")
    add_member(owner.workspace, person, role="admin")
    client = Client()
    client.force_login(person)
    form = {"email": "ann@b.co", "status": "active", "consent_source": "not_specified"}
    assert client.post(reverse("admin:contacts_contact_add"), form).status_code == 302
    chosen = owner.api.get("contacts").data[0]["id"]
    asked = {"select_across": "0", "_selected_action": [chosen], "confirmed": "1"}
    for action in ("block", "delete"):
        client.post(reverse("admin:contacts_contact_changelist"), asked | {"action": action})
    assert told(webhook) == [CREATED, UPDATED, DELETED]


BODY = '<p><a href="https://shop.example/">Offer</a></p>'


def test_the_engine(outreach: Outreach, smtp: MailServer):
    webhook = listen(outreach.api, *(type_ for type_ in ALL if not type_.startswith("contact.")))
    workflow = sequence(email("first", body=BODY), node("wait", "delay", days=2), email("second"))
    campaign = outreach.started(workflow, to=["ann@x.co", "bob@x.co", "cat@x.co"])
    outreach.run()
    outreach.api.post(f"campaigns/{campaign}/pause")
    paths = {each.recipient: each for each in smtp.received}
    outreach.fetch(paths["ann@x.co"].path("o"))
    outreach.fetch(unescape(paths["ann@x.co"].path("c")))
    outreach.outcome("replied", "ann@x.co", subject="Re: Hello", preview="Yes")
    outreach.outcome("bounced", "bob@x.co", hard=True, reason="550 5.1.1 gone")
    outreach.api.client.post(paths["cat@x.co"].path("u"), {"List-Unsubscribe": "One-Click"})
    types = told(webhook)
    assert {*types, "campaign.completed"} == {type_ for type_ in ALL if not type_.startswith("contact.")}
    assert types[0] == "campaign.started"
    assert (types.count("email.sent"), types.count("email.delivered")) == (3, 3)


def test_the_engine_completes(outreach: Outreach, smtp: MailServer):
    webhook = listen(outreach.api, "campaign.completed")
    campaign = outreach.started()
    outreach.run()
    assert outreach.status(campaign) == "completed"
    assert told(webhook) == ["campaign.completed"]


# ------------------------------------------------------------------------------------------------- who gets what


def test_another_workspace_hears_nothing(owner: Party, stranger: Party):
    mine, theirs = listen(owner.api), listen(stranger.api)
    owner.api.create("ann@b.co")
    assert (told(mine), told(theirs)) == ([CREATED], [])


def test_one_that_is_made_later_gets_what_happens_from_then_on(api: Api):
    first = listen(api)
    api.create("ann@b.co")
    second = listen(api)
    api.create("bob@b.co")
    assert (told(first), told(second)) == ([CREATED] * 2, [CREATED])


def test_one_that_is_made_active_again_gets_what_happens_from_then_on(api: Api):
    first, second = listen(api), listen(api)
    api.put(f"webhooks/{second}", {"status": "disabled"})
    api.create("ann@b.co")
    api.put(f"webhooks/{second}", {"status": "active"})
    api.create("bob@b.co")
    assert (told(first), told(second)) == ([CREATED] * 2, [CREATED])


def test_one_that_was_alone_and_disabled_does_not_hear_of_the_time_between(api: Api):
    webhook = listen(api)
    api.create("heard-too-late@b.co")
    api.put(f"webhooks/{webhook}", {"status": "disabled"})
    api.create("ann@b.co")
    api.put(f"webhooks/{webhook}", {"status": "active"})
    api.create("bob@b.co")
    assert told(webhook) == [CREATED]


def test_without_the_plan_nothing_is_told(owner: Party):
    webhook = listen(owner.api)
    owner.api.create("ann@b.co")
    update_workspace(owner.workspace, {"plan": "free"})
    assert told(webhook) == []
    assert not OutboxEntry.objects.exists()


def test_what_nobody_listens_to_leaves_nothing_behind(api: Api):
    api.create("ann@b.co")
    webhook = listen(api)
    api.delete(f"webhooks/{webhook}")
    api.create("bob@b.co")
    assert not OutboxEntry.objects.exists()


# ------------------------------------------------------------------------------------------------------- cost


def queries(action: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        action()
    passed_over = ("SAVEPOINT", "RELEASE", "BEGIN", 'UPDATE "workspaces_apikey"')
    return sum(not query["sql"].startswith(passed_over) for query in captured.captured_queries)


def bulk(api: Api, count: int, prefix: str) -> None:
    rows = [{"email": f"{prefix}{number}@b.co"} for number in range(count)]
    assert api.post("contacts/bulk", {"contacts": rows}).status == 200


def test_listening_costs_a_bulk_one_statement_and_else_nothing(api: Api):
    bulk(api, 30, "warm")
    unheard = queries(lambda: bulk(api, 30, "a"))
    listen(api)
    assert queries(lambda: bulk(api, 30, "b")) == queries(lambda: bulk(api, 1000, "c")) == unheard + 1


def test_fanning_out_costs_the_same_for_ten_and_for_a_thousand(api: Api):
    for _ in range(3):
        listen(api)
    bulk(api, 10, "a")
    few = queries(fanout.fan_out)
    bulk(api, 1000, "b")
    assert queries(fanout.fan_out) == few <= 14
    assert Delivery.objects.count() == 3 * 1010


def test_with_nothing_to_tell_a_look_is_one_query(api: Api):
    listen(api)
    assert queries(fanout.fan_out) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_a_batch_at_a_time(api: Api, monkeypatch: pytest.MonkeyPatch, count: int):
    monkeypatch.setattr(fanout, "BATCH", 10)
    webhook = listen(api)
    bulk(api, 10 * count, "a")
    assert [fanout.fan_out() for _ in range(count + 1)] == [10] * count + [0]
    assert len(told(webhook)) == 10 * count
