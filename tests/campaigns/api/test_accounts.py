"""/v1/email-accounts: where campaigns find the ids that they take."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.changes import accounts
from campaigns.models import EmailAccount
from fluenzr_site.workspaces.models import Workspace
from tests.api.world import Party
from tests.campaigns.api.support import MONDAY, MailServer, Outreach


def test_accounts_are_listed_without_their_secrets(outreach: Outreach, stranger: Party):
    outreach.connect("zoe@sender.test", smtp_username="zoe", smtp_password="hush", imap_password="hush")
    Outreach(stranger, outreach.port, outreach.clock)
    answer = outreach.api.get("email-accounts")
    assert answer.meta["total"] == 2
    first, second = answer.data
    assert first == {
        "id": outreach.account.pk,
        "email": "sam@sender.test",
        "name": "Sam Sender",
        "status": "connected",
        "sentToday": 0,
        "dailyLimit": 200,
        "lastError": None,
        "createdAt": MONDAY,
    }
    assert (second["email"], second["name"]) == ("zoe@sender.test", None)
    assert b"hush" not in answer.raw


def test_accounts_are_sorted(outreach: Outreach):
    outreach.connect("ann@sender.test")
    emails = outreach.api.emails
    assert emails("email-accounts?sort=createdAt") == ["sam@sender.test", "ann@sender.test"]
    assert emails("email-accounts?sort=email") == ["ann@sender.test", "sam@sender.test"]


def one(outreach: Outreach) -> dict[str, Any]:
    [account] = outreach.api.get("email-accounts").data
    return account


def test_an_account_tells_what_it_sent_today(outreach: Outreach):
    outreach.started(to=["ann@x.co", "ben@x.co"])
    outreach.run()
    assert one(outreach)["sentToday"] == 2
    outreach.clock.shift(timedelta(days=1))
    assert one(outreach)["sentToday"] == 0


def test_today_is_a_day_of_the_workspace_s_zone(outreach: Outreach):
    outreach.started(to=["ann@x.co"])
    outreach.run()
    # It is ten in the evening there, and soon tomorrow.
    Workspace.objects.filter(pk=outreach.workspace.pk).update(timezone="Asia/Tokyo")
    outreach.clock.shift(timedelta(hours=4))
    assert one(outreach)["sentToday"] == 1
    outreach.clock.shift(timedelta(hours=2))
    assert one(outreach)["sentToday"] == 0


def test_an_account_tells_today_s_limit_of_its_ramp_up(outreach: Outreach):
    EmailAccount.objects.filter(pk=outreach.account.pk).update(ramp_first_day=10, ramp_growth=5, ramp_ceiling=18)
    told = []
    for _ in range(3):
        told.append(one(outreach)["dailyLimit"])
        outreach.clock.shift(timedelta(days=1))
    assert told == [10, 15, 18]


def test_a_refused_account_says_why(outreach: Outreach, smtp: MailServer):
    account = outreach.connect("zoe@sender.test", smtp_username="zoe", smtp_password="wrong")
    outreach.started(to=["ann@x.co"], emailAccountId=account.pk)
    outreach.run()
    _, zoe = outreach.api.get("email-accounts").data
    assert (zoe["status"], "535" in zoe["lastError"], "wrong" in zoe["lastError"]) == ("failing", True, False)


def queries_of(outreach: Outreach) -> int:
    outreach.api.get("email-accounts")
    with CaptureQueriesContext(connection) as asked:
        assert outreach.api.get("email-accounts").status == 200
        return len(asked)


def test_many_accounts_cost_as_many_queries_as_one(outreach: Outreach):
    few = queries_of(outreach)
    for number in range(8):
        outreach.connect(f"a{number}@sender.test")
    assert queries_of(outreach) == few <= 6


def test_an_address_is_once_an_account_of_a_workspace(outreach: Outreach):
    with pytest.raises(accounts.Invalid):
        outreach.connect("SAM@sender.test")


def test_a_password_is_stored_encrypted_and_read_back(outreach: Outreach):
    account = outreach.connect("zoe@sender.test", smtp_password="hush")
    account.refresh_from_db()
    assert "hush" not in account.smtp_password
    assert accounts.smtp_server(account).password == "hush"


HOSTILE = ["%00", "%ED%A0%80", "con_%27", "x" * 5000, "%F0%9F%98%80"]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("path", ["", "/why", "/activity", "/contacts", "/stats/timeline", "/stats/emails"])
def test_hostile_parameters_break_nothing(outreach: Outreach, path: str, text: str):
    campaign = outreach.draft()
    query = "&".join(f"{name}={text}" for name in ("contactId", "status", "type", "from", "interval", "cursor"))
    for name in ("contactId", "status", "type", "from", "to", "interval", "cursor", "sort", "page"):
        assert outreach.api.get(f"campaigns/{campaign}{path}?{name}={text}").status in (200, 400, 404)
    assert outreach.api.get(f"campaigns/{campaign}{path}?{query}").status in (200, 400, 404)
    assert outreach.api.get(f"campaigns/{text}{path}").status == 404


@pytest.mark.parametrize("text", ["\x00", "\ud800", "x" * 6000])
def test_hostile_ids_in_bodies_are_refused_or_unknown(outreach: Outreach, text: str):
    campaign = outreach.draft()
    for body in ({"contactIds": [text]}, {"groupIds": [text]}, {"groupId": text}, {"filters": {"tags": [text]}}):
        assert outreach.api.post(f"campaigns/{campaign}/contacts", body).status in (200, 400), body
    for body in ({"emailAccountId": text}, {"name": text}, {"description": text * 2}):
        assert outreach.api.patch(f"campaigns/{campaign}", body).status == 400, body
    workflow = {"nodes": [{"id": "a", "type": "email", "data": {"subject": text}}]}
    assert outreach.api.patch(f"campaigns/{campaign}", {"workflow": workflow}).status in (200, 400)
