"""Several accounts that take turns, and conversations that keep theirs."""

from collections import Counter
from typing import Any

import pytest

from campaigns.models import EmailAccount
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import email, node, sequence

TWO = sequence(email("first"), node("wait", "delay", days=1), email("second"))


def people(count: int) -> list[str]:
    return [f"p{number}@x.co" for number in range(count)]


@pytest.fixture
def two(outreach: Outreach) -> EmailAccount:
    return outreach.connect("tom@sender.test")


def senders(smtp: MailServer) -> Counter[str]:
    return Counter(each.sender for each in smtp.received)


def test_the_accounts_take_turns(outreach: Outreach, smtp: MailServer, two: EmailAccount):
    campaign = outreach.started(to=people(10), moreEmailAccountIds=[two.pk])
    outreach.run()
    assert senders(smtp) == {"sam@sender.test": 5, "tom@sender.test": 5}
    assert {(each.sender, each.message["From"].addresses[0].addr_spec) for each in smtp.received} == {
        ("sam@sender.test", "sam@sender.test"),
        ("tom@sender.test", "tom@sender.test"),
    }
    assert outreach.api.get(f"campaigns/{campaign}").data["moreEmailAccountIds"] == [two.pk]


def test_a_conversation_keeps_its_account(outreach: Outreach, smtp: MailServer, two: EmailAccount):
    outreach.started(TWO, to=people(6), moreEmailAccountIds=[two.pk])
    outreach.run()
    outreach.wait(days=1, minutes=1)
    by_person = {each: {mail.sender for mail in smtp.to(each)} for each in people(6)}
    assert len(smtp.received) == 12
    assert all(len(used) == 1 for used in by_person.values()), by_person


def test_it_is_kept_even_when_the_campaign_gives_the_account_up(
    outreach: Outreach, smtp: MailServer, two: EmailAccount
):
    campaign = outreach.started(TWO, to=people(4), moreEmailAccountIds=[two.pk])
    outreach.run()
    outreach.api.post(f"campaigns/{campaign}/pause")
    answer = outreach.api.put(f"campaigns/{campaign}", {"moreEmailAccountIds": []})
    assert answer.data["moreEmailAccountIds"] == []
    outreach.api.post(f"campaigns/{campaign}/resume")
    outreach.add(campaign, outreach.people("new@x.co"))
    outreach.wait(days=1, minutes=1)
    assert senders(smtp) == {"sam@sender.test": 5, "tom@sender.test": 4}
    assert {each.sender for each in smtp.to("new@x.co")} == {"sam@sender.test"}


def test_the_daily_limit_of_each_is_kept(outreach: Outreach, smtp: MailServer):
    EmailAccount.objects.update(daily_limit=2)
    three = outreach.connect("tom@sender.test", daily_limit=3)
    outreach.started(to=people(9), moreEmailAccountIds=[three.pk])
    outreach.run()
    assert senders(smtp) == {"sam@sender.test": 2, "tom@sender.test": 3}
    outreach.wait(days=1)
    assert senders(smtp) == {"sam@sender.test": 4, "tom@sender.test": 5}


@pytest.mark.parametrize("values", [{"state": "paused"}, {"state": "failing"}, {"smtp_host": ""}, {"daily_limit": 0}])
def test_one_that_can_t_send_holds_up_its_own_conversations_alone(
    outreach: Outreach, smtp: MailServer, two: EmailAccount, values: dict[str, Any]
):
    campaign = outreach.started(TWO, to=people(4), moreEmailAccountIds=[two.pk])
    outreach.run()
    EmailAccount.objects.filter(pk=two.pk).update(**values)
    outreach.add(campaign, outreach.people("new@x.co"))
    outreach.wait(days=1, minutes=1)
    assert senders(smtp) == {"sam@sender.test": 5, "tom@sender.test": 2}
    assert [each.sender for each in smtp.to("new@x.co")] == ["sam@sender.test"]
    held = next(each for each in smtp.received if each.sender == "tom@sender.test").recipient
    contact = outreach.message(held).contact_id
    gates = outreach.api.get(f"campaigns/{campaign}/why?contactId={contact}").data["gates"]
    closed = [gate["name"] for gate in gates if not gate["open"]]
    assert {"account", "account_daily"}.intersection(closed), "the contact's own account is asked"
    of_campaign = outreach.api.get(f"campaigns/{campaign}/why").data["gates"]
    assert {gate["name"]: gate["open"] for gate in of_campaign}["account"], "the campaign has one that can"


def test_a_server_that_refuses_the_login_holds_up_only_its_own(outreach: Outreach, smtp: MailServer):
    wrong = outreach.connect("login@sender.test", smtp_username="login", smtp_password="wrong")
    outreach.started(to=people(6), moreEmailAccountIds=[wrong.pk])
    outreach.run()
    outreach.wait(minutes=10)
    wrong.refresh_from_db()
    assert wrong.state == EmailAccount.State.FAILING
    assert (smtp.logins, senders(smtp)) == (1, {"sam@sender.test": 6})


def test_a_campaign_may_start_while_one_of_its_accounts_can_t_send(
    outreach: Outreach, smtp: MailServer, two: EmailAccount
):
    EmailAccount.objects.filter(pk=outreach.account.pk).update(state=EmailAccount.State.PAUSED)
    outreach.started(moreEmailAccountIds=[two.pk])
    outreach.run()
    assert senders(smtp) == {"tom@sender.test": 1}


def test_the_first_account_among_the_others_is_one_account(outreach: Outreach):
    campaign = outreach.draft(moreEmailAccountIds=[outreach.account.pk])
    assert outreach.api.get(f"campaigns/{campaign}").data["moreEmailAccountIds"] == []


def test_unknown_and_foreign_accounts_are_named(outreach: Outreach, stranger: Any):
    answer = outreach.api.post(
        "campaigns", {"name": "A", "emailAccountId": outreach.account.pk, "moreEmailAccountIds": ["acc_x"]}
    )
    assert answer.status == 400
    assert answer.json["error"]["details"] == {"moreEmailAccountIds": ["Unknown e-mail account: acc_x"]}
