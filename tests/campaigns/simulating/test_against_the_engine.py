"""What is forecast is what the real engine then does: the same e-mails from the same accounts on the same days."""

from datetime import timedelta
from typing import Any

import pytest

from campaigns.models import EmailAccount, Message
from campaigns.simulating.walking import Rates
from contacts.models import Contact
from tests.campaigns.api.support import WEEK, Outreach
from tests.campaigns.simulating.support import days_in, days_of, foretold, really
from tests.campaigns.workflow.examples import branching, edges, email, graph, node, sequence

pytestmark = pytest.mark.django_db
OFFICE = {"sendDays": WEEK[:5], "sendHoursStart": 9, "sendHoursEnd": 12, "timezone": "Europe/Paris"}
THREE = sequence(
    email("first"),
    node("wait", "delay", days=2, businessDays=True),
    email("second"),
    node("pause", "delay", hours=30),
    email("third"),
)

NOBODY_OPENS = Rates(opened=0)
TWO = sequence(email("first"), node("wait", "delay", days=1), email("second"))


def drafted(outreach: Outreach, count: int, workflow: dict[str, Any] = THREE, **fields: Any) -> str:
    campaign_id = outreach.draft(workflow, **fields)
    outreach.add(campaign_id, outreach.people(*(f"p{number}@x.co" for number in range(count))))
    return campaign_id


def agreed(outreach: Outreach, campaign_id: str, zone: str = "Europe/Paris", rates: Rates = NOBODY_OPENS) -> None:
    """Days, counts, accounts, and moments to two seconds."""
    told = foretold(campaign_id, rates)
    sent = really(outreach, campaign_id)
    assert days_in(told) == days_of(sent, zone)
    assert dict(told.accounts) == _accounts(sent)
    assert abs(sent[0].claimed_at - told.first_at) < timedelta(seconds=2)
    assert abs(sent[-1].claimed_at - told.last_at) < timedelta(seconds=2)
    assert told.waiting == 0


def _accounts(sent: list[Message]) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in sent:
        found[each.account_id] = found.get(each.account_id, 0) + 1
    return found


def test_the_hourly_limit_and_business_days(outreach: Outreach) -> None:
    outreach.clock.move_to("2030-01-10T08:30:00Z")
    agreed(outreach, drafted(outreach, 4, settings=OFFICE | {"maxEmailsPerHour": 1}))


@pytest.mark.parametrize("start", ["2030-03-29T10:40:00Z", "2030-10-25T09:40:00Z"])
def test_the_clocks_change(outreach: Outreach, start: str) -> None:
    outreach.clock.move_to(start)
    agreed(outreach, drafted(outreach, 3, TWO, settings=OFFICE | {"sendDays": WEEK, "maxEmailsPerHour": 2}))


def test_the_accounts_daily_limit_and_what_it_has_sent_today(outreach: Outreach) -> None:
    EmailAccount.objects.update(daily_limit=3)
    before = outreach.started(to=("early@x.co",))
    outreach.run()
    assert outreach.states(before) == {"early@x.co": "completed"}
    agreed(outreach, drafted(outreach, 4, TWO, settings=OFFICE | {"maxEmailsPerHour": 60}))


def test_an_account_that_ramps_up(outreach: Outreach) -> None:
    day = outreach.account.created_at.date()
    ramp = {"ramp_first_day": 1, "ramp_growth": 1, "ramp_ceiling": 3, "ramp_started_on": day}
    EmailAccount.objects.update(**ramp)
    agreed(outreach, drafted(outreach, 4, TWO, settings=OFFICE | {"maxEmailsPerHour": 60}))


def test_accounts_that_take_turns(outreach: Outreach) -> None:
    EmailAccount.objects.update(daily_limit=2)
    others = [outreach.connect(f"{name}@sender.test", daily_limit=limit).pk for name, limit in (("b", 3), ("c", 1))]
    campaign_id = drafted(outreach, 7, TWO, settings=OFFICE | {"maxEmailsPerHour": 20}, moreEmailAccountIds=others)
    agreed(outreach, campaign_id)


def test_the_plans_daily_limit(outreach: Outreach, settings: Any) -> None:
    settings.FLUENZR_PLANS = {name: plan | {"emails_a_day": 2} for name, plan in settings.FLUENZR_PLANS.items()}
    agreed(outreach, drafted(outreach, 4, TWO, settings=OFFICE | {"maxEmailsPerHour": 60}))


def test_a_delay_first_and_a_field_that_decides(outreach: Outreach) -> None:
    nodes = [
        node("start", "start"),
        node("wait", "delay", hours=3),
        node("ask", "condition", criterion="field", field="company", operator="equals", value="acme"),
        email("for acme"),
        email("for others"),
        node("end", "end"),
    ]
    ways = ("start wait", "wait ask")
    workflow = graph(nodes, *ways) | {
        "edges": [
            *edges(*ways),
            {"from": "ask", "to": "for acme", "when": "yes"},
            {"from": "ask", "to": "for others", "when": "no"},
            {"from": "for acme", "to": "for others"},
            {"from": "for others", "to": "end"},
        ]
    }
    campaign_id = drafted(outreach, 5, workflow, settings=OFFICE | {"maxEmailsPerHour": 2})
    acmes = list(Contact.objects.order_by("id").values_list("pk", flat=True)[1::2])
    Contact.objects.filter(pk__in=acmes).update(company="ACME")
    agreed(outreach, campaign_id)


def test_nobody_opens(outreach: Outreach) -> None:
    agreed(outreach, drafted(outreach, 4, branching(), settings=OFFICE | {"maxEmailsPerHour": 2}))


def test_a_sample_is_waited_for(outreach: Outreach) -> None:
    versions = {"subject": "Hey", "body": "Hi", "split": 50, "criterion": "opened", "sampleSize": 3, "waitHours": 26}
    workflow = sequence(email("first", variantB=versions), node("wait", "delay", days=1), email("second"))
    agreed(outreach, drafted(outreach, 6, workflow, settings=OFFICE | {"maxEmailsPerHour": 4}))


def test_several_at_once_are_off_by_no_more_than_that(outreach: Outreach) -> None:
    campaign_id = drafted(outreach, 6, TWO, settings=OFFICE | {"maxEmailsPerHour": 2})
    told = foretold(campaign_id, exactly=6)
    assert told.lot == 2
    days, real = days_in(told), days_of(really(outreach, campaign_id), "Europe/Paris")
    for day in {*days, *real}:
        assert abs(sum(days.get(day, {}).values()) - sum(real.get(day, {}).values())) <= told.lot


def test_who_is_never_mailed_is_in_neither(outreach: Outreach) -> None:
    campaign_id = drafted(outreach, 3, TWO, settings=OFFICE | {"maxEmailsPerHour": 4})
    Contact.objects.filter(email="p2@x.co").update(status="blocked")
    agreed(outreach, campaign_id)
