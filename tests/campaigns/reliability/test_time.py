"""Campaigns that were asleep, and clocks that jump: nothing goes out of its hours, too fast, or twice."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from campaigns.sending.turn import take_turn
from fluenzr_site.core import clock as present
from tests.campaigns.api.support import MailServer, Outreach

HOUR = timedelta(hours=1)
LIMIT = 12
#: Nine to five in Paris, which is eight to four in UTC.
OFFICE = {"sendHoursStart": 9, "sendHoursEnd": 17, "timezone": "Europe/Paris", "maxEmailsPerHour": LIMIT}
PEOPLE = [f"{number}@x.co" for number in range(40)]


def minutes(outreach: Outreach, smtp: MailServer, count: int, *, each: int = 1) -> Iterator[datetime]:
    """When each e-mail was sent by the clock on the wall: ``count`` turns, one every so many minutes."""
    for _ in range(count):
        before = len(smtp.received)
        take_turn()
        yield from [present.now()] * (len(smtp.received) - before)
        outreach.clock.shift(60 * each)


def hours_kept(sent: Sequence[datetime]) -> bool:
    return all(8 <= each.hour < 16 for each in sent)


def most_in_an_hour(sent: Sequence[datetime]) -> int:
    return max(sum(start <= each < start + HOUR for each in sent) for start in sent)


def test_a_campaign_due_eight_hours_ago_is_paced_anew(outreach: Outreach, smtp: MailServer, no_rate_limit: None):
    outreach.clock.move_to("2030-01-08T06:00:00Z")
    outreach.started(to=PEOPLE, settings=OFFICE)
    # Nobody was at work from before it opened until two hours before it closes.
    outreach.clock.move_to("2030-01-08T14:00:00Z")
    sent = list(minutes(outreach, smtp, 4 * 60))
    assert 20 <= len(sent) <= 2 * LIMIT, "what two hours take, and no more"
    assert hours_kept(sent) and most_in_an_hour(sent) <= LIMIT
    gaps = [after - before for before, after in zip(sent, sent[1:], strict=False)]
    assert min(gaps) >= timedelta(minutes=3), "spread over the hour, and no burst to make up"

    sent += minutes(outreach, smtp, 14 * 4, each=15)
    sent += minutes(outreach, smtp, 3 * 60)
    assert len(sent) == len(PEOPLE) and hours_kept(sent), "the rest goes the next day"
    assert set(Counter(smtp.recipients).values()) == {1}


def test_a_clock_that_goes_back_an_hour(outreach: Outreach, smtp: MailServer, no_rate_limit: None):
    outreach.clock.move_to("2030-01-08T08:00:00Z")
    outreach.started(to=PEOPLE, settings=OFFICE)
    sent = list(minutes(outreach, smtp, 90))
    before, elapsed = len(sent), timedelta(minutes=90)
    assert before > LIMIT
    outreach.clock.shift(-HOUR)
    # What time it really was, which the hourly limit is about for who gets the e-mails.
    truly = [*sent, *(each + HOUR for each in minutes(outreach, smtp, 6 * 60))]
    assert len(truly) == len(PEOPLE), f"it goes on: {len(truly)} after {elapsed + 6 * HOUR}"
    assert most_in_an_hour(truly) <= LIMIT
    assert set(Counter(smtp.recipients).values()) == {1}


def test_a_clock_that_goes_back_past_the_opening_waits_for_it(
    outreach: Outreach, smtp: MailServer, no_rate_limit: None
):
    outreach.clock.move_to("2030-01-08T08:00:00Z")
    outreach.started(to=PEOPLE, settings=OFFICE)
    assert list(minutes(outreach, smtp, 30))
    outreach.clock.shift(-HOUR)
    assert hours_kept(list(minutes(outreach, smtp, 3 * 60)))
    assert set(Counter(smtp.recipients).values()) == {1}


def test_a_clock_that_jumps_on_an_hour(outreach: Outreach, smtp: MailServer, no_rate_limit: None):
    outreach.clock.move_to("2030-01-08T13:00:00Z")
    outreach.started(to=PEOPLE, settings=OFFICE)
    sent = list(minutes(outreach, smtp, 30))
    outreach.clock.shift(HOUR)
    later = list(minutes(outreach, smtp, 4 * 60))
    assert later and hours_kept(sent + later) and most_in_an_hour(sent + later) <= LIMIT
    truly = [*sent, *(each - HOUR for each in later)]
    # That hour can't be told from one in which nothing was sent. What comes at once is one e-mail, and no burst.
    assert most_in_an_hour(truly) <= LIMIT + 2
    assert set(Counter(smtp.recipients).values()) == {1}
