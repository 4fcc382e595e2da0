"""The real engine, run to its end with time jumping from one thing to the next, to compare forecasts with."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.models import IN_CAMPAIGN, Campaign, EmailAccount, Enrolment, Message
from campaigns.sending import gates
from campaigns.sending.calendar import parse_settings
from campaigns.sending.turn import take_turn
from campaigns.simulating.budgets import Sender
from campaigns.simulating.forecast import Forecast, Place, Situation, forecast
from campaigns.simulating.loading import situation
from campaigns.simulating.recipients import recipients
from campaigns.simulating.walking import USUAL, Lot, Rates
from campaigns.workflow.parsing import parse
from fluenzr_site.core import clock
from tests.campaigns.api.support import Outreach, of

Days = dict[date, dict[str, int]]
START = datetime(2030, 1, 7, 10, tzinfo=UTC)


def foretold(campaign_id: str, rates: Rates = USUAL, *, exactly: int = 10_000) -> Forecast:
    """What is forecast for a draft, should it start now."""
    campaign, now = of(campaign_id), clock.now()
    found = recipients(campaign, parse(campaign.workflow), now)
    return forecast(situation(campaign, found.places, now), rates, exactly=exactly)


def really(outreach: Outreach, campaign_id: str) -> list[Message]:
    """Start the draft and let the engine run until nothing more happens; its e-mails in their order."""
    assert outreach.api.post(f"campaigns/{campaign_id}/start").status == 200
    for _ in range(5000):
        while take_turn():
            pass
        following = min(_following(of(campaign_id)), default=None)
        if following is None:
            return list(Message.objects.filter(campaign=campaign_id).order_by("claimed_at"))
        outreach.clock.move_to(following)
    raise AssertionError("The engine never ends")


def _following(campaign: Campaign) -> Iterator[datetime]:
    now = clock.now()
    waiting = Enrolment.objects.filter(campaign=campaign, status__in=IN_CAMPAIGN, due_at__isnull=False)
    yield from waiting.filter(due_at__gt=now).order_by("due_at").values_list("due_at", flat=True)[:1]
    for each in waiting.filter(due_at__lte=now).values_list("account", flat=True).distinct().order_by():
        accounts = [EmailAccount.objects.get(pk=each)] if each else gates.own_accounts(campaign)
        moments = [gates.decide(campaign, account, now).at for account in accounts]
        yield from (max(at, now + timedelta(milliseconds=1)) for at in moments if at)


def days_of(messages: list[Message], zone: str) -> Days:
    found: dict[date, Counter[str]] = {}
    for each in messages:
        found.setdefault(each.claimed_at.astimezone(ZoneInfo(zone)).date(), Counter())[each.node_id] += 1
    return {day: dict(counter) for day, counter in found.items()}


def days_in(found: Forecast) -> Days:
    return {day: dict(counter) for day, counter in found.days.items()}


def alone(workflow: dict[str, Any], count: int, **more: Any) -> Situation:
    """Of people who are all alike, for one account without a limit, unless told otherwise."""
    settings = parse_settings(more.pop("settings", {}))
    limit, start = more.pop("limit", 1_000_000), more.pop("start", START)
    own = Sender(id="acc", limit=limit, ramp=more.pop("ramp", None), started_on=start.date())
    place = Place(lot=Lot(count=count, order=0, workflow=parse(workflow)), node_id="start", due=start)
    return Situation(
        **{
            "settings": settings,
            "senders": [own],
            "places": [place],
            "start": start,
            "seed": "cmp_1",
            "zone": ZoneInfo("UTC"),
        }
        | more
    )
