"""A campaign as its users meet it, from the file of contacts to the figures, by the installation's own doors.

``manage.py serve`` runs on SQLite; workspace, key, account and 500 contacts come in by its commands, the campaign over
its API. E-mails go to a real SMTP server, answers come back through Dovecot, pixels and links are fetched over HTTP.
What came over the wire is compared header by header with what was worked out by hand, the figures with what was done.

The server's clock is real. Delays are moved and not waited for: this test sets ``due_at`` in the SQLite file itself, of
contacts in a delay, of e-mails that a server put off and of mailboxes, each in one short transaction beside the
server's own. What it waits for is polled, with a deadline.
"""

import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from tests.campaigns.show import checks, figures
from tests.campaigns.show.campaign import DAYS, SENDER, Step, second_step, version_of
from tests.campaigns.show.people import COUNT, REFUSED, Person, those
from tests.campaigns.show.reading import read
from tests.campaigns.show.server import eventually
from tests.campaigns.show.stage import Show, staged, start

pytestmark = [pytest.mark.processes, pytest.mark.once]

#: Seconds after an e-mail is sent in which nobody who follows its links is a person.
TOO_SOON: Final = 5
#: Hours before each time that an e-mail is tried again.
RETRIES: Final = (2, 12, 34)
#: What servers took is logged with the time at which they did, but batch by batch: so much later at most.
BATCH_SECONDS: Final = 10


@pytest.fixture
def show(tmp_path: Path) -> Iterator[Show]:
    with staged(tmp_path) as show:
        yield show


def test_a_campaign_from_a_file_of_contacts_to_its_figures(show: Show, tmp_path: Path) -> None:
    start(show, tmp_path)
    the_first_e_mails_arrive(show)
    people_act(show)
    the_delay_is_over(show)
    people_act_again(show)

    everybody_got_what_their_path_says(show)
    every_e_mail_is_to_the_letter(show)
    the_figures_tell_what_was_done(show)
    the_lists_tell_where_everybody_stands(show)
    nothing_more_happens(show)
    the_server_ends_in_time(show)


# ---------------------------------------------------------------------------------------------- what is done


def the_first_e_mails_arrive(show: Show) -> None:
    there = show.there
    put_off, full = those(show.people, "is_full", "is_greylisted", "is_busy"), those(show.people, "is_full")
    at_once = COUNT - len(put_off) - len(those(show.people, "is_unknown"))
    eventually(
        "the first e-mails are sent",
        lambda: show.count("activity", type="sent") == at_once and len(there.due(phase="send")) == len(put_off),
        told=lambda: (len(show.wire.taken), there.due(phase="send"), show.stats),
    )
    for hours, waiting, left in zip(RETRIES, (put_off, full, full), (full, full, []), strict=True):
        in_hours = there.due(phase="send")
        assert len(in_hours) == len(waiting) and all(hours - 0.1 < each <= hours for each in in_hours)
        there.let_time_pass(phase="send")
        eventually("they were tried again", partial(_tried, show, len(left)))
    assert show.count("activity", type="sent") == COUNT - len(those(show.people, *REFUSED))
    assert Counter(show.wire.refused) == _refusals(show.people)


def _tried(show: Show, waiting: int) -> bool:
    """Whether nobody's e-mail is due, and that many are put off."""
    now_due = show.there.sql("SELECT count(*) FROM campaigns_enrolment WHERE phase = 'send' AND due_at IS NOT NULL")
    return now_due == [(waiting,)] and len(show.there.due(phase="send")) == waiting


def _refusals(people: list[Person]) -> dict[str, int]:
    times = {"is_unknown": 1, "is_full": 1 + len(RETRIES), "is_greylisted": 1}
    return {each.on_wire: times[each.does] for each in those(people, *times)}


def people_act(show: Show) -> None:
    show.audience.scan()
    show.audience.write()
    latest = max(each["timestamp"] for each in show.every("activity", type="sent"))
    eventually("a person can have read the last", lambda: _seconds_since(latest) > TOO_SOON + 1)
    assert show.stats["opened"] == show.stats["clicked"] == show.stats["unsubscribed"] == 0
    show.audience.look()
    show.wait_for(wanted(show))


def _seconds_since(timestamp: str) -> float:
    return time.time() - datetime.fromisoformat(timestamp).timestamp()


def the_delay_is_over(show: Show) -> None:
    staying = [each for each in show.people if not figures.ends_after_first(each)]
    in_hours = show.there.due(node_id="wait")
    assert len(in_hours) == len(staying)
    assert all(DAYS * 24 - 0.1 < each <= DAYS * 24 for each in in_hours)
    show.there.let_time_pass(node_id="wait")
    campaign = f"campaigns/{show.campaign}"
    eventually(
        "the campaign is completed",
        lambda: show.there.get(campaign)["status"] == "completed",
        told=lambda: (len(show.wire.taken), show.stats),
    )


def people_act_again(show: Show) -> None:
    latest = max(each["timestamp"] for each in show.every("activity", type="sent"))
    eventually("a person can have read the last", lambda: _seconds_since(latest) > TOO_SOON + 1)
    show.audience.go_on()
    show.wait_for(wanted(show))


# ------------------------------------------------------------------------------------------ what must be then


def steps_of(person: Person) -> list[Step]:
    """The e-mails that the person must have got, in their order."""
    if person.does in REFUSED:
        return []
    return ["hello"] if figures.ends_after_first(person) else ["hello", second_step(person)]


def everybody_got_what_their_path_says(show: Show) -> None:
    got = Counter(each.recipient for each in show.wire.taken)
    assert got == {each.on_wire: len(steps) for each in show.people if (steps := steps_of(each))}
    # What a server turned away at its end came again as the same e-mail.
    again = {each.recipient: read(each).field("Message-ID") for each in show.wire.turned_away}
    busy = those(show.people, "is_busy")
    assert again == {each.on_wire: read(show.wire.to(each)[0]).field("Message-ID") for each in busy}


def every_e_mail_is_to_the_letter(show: Show) -> None:
    assert show.wire.problems == []
    read_as = []
    for person in show.people:
        first = None
        for step, delivery in zip(steps_of(person), show.wire.to(person), strict=True):
            checks.check(person, delivery, step, first, show.there.site)
            read_as.append((read(delivery), checks.wanted_of(person, step, read(delivery))))
            first = delivery
    checks.check_none_is_like_another(show.wire.taken)
    assert checks.check_links_lead_on(show.there, read_as) > COUNT


def versions(show: Show) -> dict[str, str]:
    """A or B by address: as it came, or as the log says of those to whom nothing came."""
    found = {
        each.email: version_of(each, read(show.wire.to(each)[0]).decoded("Subject"))
        for each in show.people
        if each.does not in REFUSED
    }
    bounced = {each["contactEmail"]: each["metadata"] for each in show.every("activity", type="bounced")}
    return found | {each.email: bounced[each.email]["variant"] for each in those(show.people, *REFUSED)}


def wanted(show: Show) -> list[figures.Happened]:
    """All that must be in the log by now."""
    subjects = {
        (person.email, step): read(delivery).decoded("Subject")
        for person in show.people
        for step, delivery in zip(steps_of(person), show.wire.to(person), strict=False)
    }
    return figures.log(show.people, versions(show), subjects)


def the_figures_tell_what_was_done(show: Show) -> None:
    happened, path = wanted(show), f"campaigns/{show.campaign}"
    shared = Counter(versions(show).values())
    # Nine out of ten million times half of 500 is no farther off.
    assert set(shared) == {"A", "B"} and abs(shared["A"] - shared["B"]) < 120
    log = show.every("activity")
    assert Counter(map(figures.told_of, log)) == Counter(each.told for each in happened)
    assert [each["id"] for each in log] == sorted((each["id"] for each in log), reverse=True)
    times = [datetime.fromisoformat(each["timestamp"]).timestamp() for each in log]
    assert all(later - earlier >= -BATCH_SECONDS for later, earlier in pairwise(times))
    assert show.stats == show.there.get(path)["stats"] == figures.stats(happened)
    assert show.there.get(f"{path}/stats/emails") == figures.stats_of_emails(happened)
    for interval in ("hour", "day", "week"):
        told = show.there.get(f"{path}/stats/timeline", interval=interval)
        assert told == figures.timeline(log, interval)
        assert {kind: sum(each[kind] for each in told) for kind in figures.KINDS} == figures.counts(happened)
    for kind in figures.KINDS:
        assert show.count("activity", type=kind) == sum(each.kind == kind for each in happened)


def the_lists_tell_where_everybody_stands(show: Show) -> None:
    inside = {each["email"]: each["status"] for each in show.every("contacts")}
    assert inside == {each.email: figures.status_of(each) for each in show.people}
    for status, count in Counter(inside.values()).items():
        assert show.count("contacts", status=status) == count
    contacts = {each["email"]: each for each in show.there.every("contacts")}
    assert {email: each["status"] for email, each in contacts.items()} == {
        each.email: figures.contact_status_of(each) for each in show.people
    }
    for each in show.people:
        there = contacts[each.email]
        names = [there[name] or "" for name in ("firstName", "lastName", "company")]
        fields = {"code": each.code} | ({"city": each.city} if each.city else {})
        assert (names, there["customFields"]) == ([each.first, each.last, each.company], fields)


def nothing_more_happens(show: Show) -> None:
    """Machines look again, and mailboxes are read again."""
    before = (len(show.wire.taken), show.stats, show.count("activity"))
    show.audience.scan()
    show.there.let_time_pass()
    show.read_mailboxes()
    assert (len(show.wire.taken), show.stats, show.count("activity")) == before
    # Reading marks nothing as read: that is the account's owner's.
    assert show.mailboxes.unread(SENDER) == show.audience.written + 1


def the_server_ends_in_time(show: Show) -> None:
    process = show.there.server.process
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    output = show.there.server.output
    assert "Traceback" not in output and " ERROR " not in output, output
