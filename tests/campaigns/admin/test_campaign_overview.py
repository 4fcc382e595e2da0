"""A campaign's statistics, and the people behind each number of them."""

import csv
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from campaigns.models import EmailAccount, Tally
from fluenzr_site.core import clock, heartbeat
from tests.campaigns.admin.campaign_support import TWO, at, get, names, opened, row
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import email, sequence

PEOPLE = ["ann@x.co", "bob@x.co", "cat@x.co", "dan@x.co"]


@pytest.fixture
def busy(outreach: Outreach) -> str:
    """Four got the first e-mail: Ann answered it, Bob opened it, Cat's bounced."""
    outreach.account.imap_host = "127.0.0.1"
    outreach.account.save(update_fields=["imap_host"])
    campaign = outreach.started(TWO, to=PEOPLE)
    outreach.run()
    opened(outreach, "ann@x.co", "bob@x.co")
    outreach.outcome("replied", "ann@x.co", subject="Re", preview="Yes")
    outreach.outcome("bounced", "cat@x.co", hard=True, reason="550 no")
    return campaign


def test_before_anything_is_sent_it_says_what_to_do(member: Client, outreach: Outreach) -> None:
    campaign = outreach.draft()
    page = get(member, at(campaign))
    steps = {str(step.title): (step.is_done, step.link) for step in page.context["steps_to_take"]}
    assert steps["Write the e-mails"][0] and not steps["Choose the recipients"][0]
    assert steps["Choose the recipients"][1] == at(campaign, "recipients")


def test_a_started_one_says_what_holds_the_first_e_mail_back(member: Client, outreach: Outreach) -> None:
    campaign = outreach.started(settings={"sendDays": ["friday"]})
    [step] = get(member, at(campaign)).context["steps_to_take"]
    # No worker runs beside a test.
    assert step.link == at(campaign, "why") and "isn't running" in str(step.said)


def test_the_first_e_mail_shows_up_by_itself(
    member: Client, outreach: Outreach, smtp: MailServer, monkeypatch: Any
) -> None:
    monkeypatch.setattr(heartbeat, "is_alive", lambda *_: True)
    campaign = outreach.started(to=["ann@x.co"])
    assert 'hx-trigger="every 5s"' in get(member, at(campaign)).text
    outreach.run()
    assert member.get(at(campaign), headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_a_running_one_that_is_stuck_says_so_above_its_numbers(
    member: Client, busy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "is_alive", lambda *_: True)
    assert "Nothing is sent at the moment." not in get(member, at(busy)).text
    EmailAccount.objects.update(state="failing", last_error="535 no")
    page = get(member, at(busy)).text
    assert "Nothing is sent at the moment." in page and "535 no" in page


def test_cards_and_funnel(member: Client, busy: str) -> None:
    page = get(member, at(busy))
    cards = {card["counted"].name: (card["counted"].count, card["counted"].rate.text) for card in page.context["cards"]}
    assert (page.context["sent"], cards["opened"], cards["bounced"]) == ("4", (2, "66.7 %"), (1, "25.0 %"))
    said = {card["counted"].name: card["of"] for card in page.context["cards"]}
    assert (said["opened"], said["bounced"]) == ("2 of 3 delivered", "1 of 4 sent")
    assert "<em>2 of 3 delivered</em>" in page.text
    steps = [(str(step.label), step.number, step.share) for step in page.context["funnel"]]
    assert steps == [
        ("In the campaign", "4", ""),
        ("E-mailed", "4", "100.0 %"),
        ("Delivered", "3", "75.0 %"),
        ("Opened, clicked or replied", "2", "66.7 %"),
        ("Clicked or replied", "1", "50.0 %"),
        ("Replied", "1", "100.0 %"),
    ]
    assert [(str(each["label"]), each["number"]) for each in page.context["statuses"]] == [
        ("In progress", "2"),
        ("Replied", "1"),
        ("Bounced", "1"),
    ]


def test_the_funnel_of_very_many_e_mails_is_fetched_afterwards(member: Client, busy: str) -> None:
    counted_at_once = get(member, at(busy)).context["funnel"]
    fetched = get(member, at(busy, "funnel")).context["funnel"]
    assert fetched == counted_at_once and fetched
    # Tallies stay when contacts are deleted: theirs are many, whoever is left.
    Tally.objects.create(campaign_id=busy, node_id="e1", quarter=0, sent=5_000)
    page = get(member, at(busy))
    assert page.context["funnel"] is None and f'hx-get="{at(busy, "funnel")}?' in page.text
    assert "Show the funnel" in page.text
    assert get(member, at(busy, "funnel"), period="7").context["funnel"][0].number == "4"


def test_every_number_leads_to_as_many_people(member: Client, busy: str) -> None:
    page = get(member, at(busy))
    links = [(step.number, step.link) for step in page.context["funnel"]]
    links += [(card["counted"].number, card["link"]) for card in page.context["cards"]]
    links += [(each["number"], each["link"]) for each in page.context["statuses"]]
    for each in page.context["emails"]:
        links += [(each.sent, each.sent_link), *((cell.counted.number, cell.link) for cell in each.cells)]
    assert len(links) > 25
    for number, link in links:
        assert len(get(member, link).context["rows"]) == int(number), link


def test_each_version_has_its_row_and_the_comparison_its_words(member: Client, busy: str) -> None:
    rows = get(member, at(busy)).context["emails"]
    assert [each.title for each in rows] == ["E-mail 1", "Version A", "Version B", "E-mail 2"]
    assert int(rows[1].sent) + int(rows[2].sent) == int(rows[0].sent) == 4
    assert "No clear difference yet" in rows[0].note


def test_the_timeline_is_drawn_and_told(member: Client, busy: str) -> None:
    page = get(member, at(busy))
    chart = page.context["chart"]
    assert [(label, numbers) for label, numbers in chart.rows] == [("January 7", ["4", "2", "0", "1"])]
    [column] = chart.columns
    assert column.tooltip == "January 7\nSent: 4\nOpened: 2\nClicked: 0\nReplied: 1"
    assert page.text.count('<svg role="img"') == 1 and "<canvas" not in page.text


def test_the_heat_map_is_in_the_campaign_s_zone(member: Client, outreach: Outreach) -> None:
    campaign = outreach.started(settings={"timezone": "Asia/Kolkata"})
    outreach.run()
    opened(outreach, "ann@x.co")
    heat = get(member, at(campaign)).context["heat"]
    # Ten in UTC is half past three there.
    [monday, *_rest] = heat.rows
    assert heat.zone == "Asia/Kolkata" and [cell.count for cell in monday[2]].index(1) == 15
    assert "Monday" in heat.best and "15:00" in heat.best
    assert get(member, at(campaign), heat="clicked").context["heat"] is None


def test_a_period_counts_what_fell_into_it(member: Client, busy: str, outreach: Outreach) -> None:
    outreach.wait(days=2, hours=1)
    page = get(member, at(busy), period="today")
    assert page.context["sent"] == "2"
    assert [step.number for step in page.context["funnel"]][0] == "2"
    assert names(get(member, at(busy, "people"), did="opened", period="today")) == []
    assert get(member, at(busy), period="7").context["sent"] == "6"
    assert get(member, at(busy), period="' OR 1").context["sent"] == "6"
    outreach.clock.shift(timedelta(days=10))
    empty = get(member, at(busy), period="7")
    assert "Nothing happened in this period." in empty.text and empty.context["has_sent"]


def test_free_days_count_both_ends(member: Client, busy: str, outreach: Outreach) -> None:
    outreach.wait(days=2, hours=1)
    outreach.clock.shift(timedelta(days=10))

    def sent(**days: str) -> str:
        return str(get(member, at(busy), **days).context["sent"])

    assert sent(**{"from": "2030-01-07", "to": "2030-01-07"}) == "4"
    assert sent(**{"from": "2030-01-07", "to": "2030-01-09"}) == "6"
    assert sent(**{"from": "2030-01-08", "to": "2030-01-09"}) == "2"
    assert sent(**{"from": "2030-01-10"}) == "0"
    # One of the usual periods goes before days that are still in the address.
    assert sent(**{"from": "2030-01-10", "period": "90"}) == "6"


def test_free_days_stay_in_every_address(member: Client, busy: str) -> None:
    days = {"from": "2030-01-07", "to": "2030-01-07"}
    page = get(member, at(busy), heat="clicked", **days)
    assert all("from=2030-01-07&to=2030-01-07" in each.address for each in page.context["heats"])
    assert [each.address for each in page.context["periods"]][1] == "?heat=clicked&period=today"
    assert not any(each.is_chosen for each in page.context["periods"])
    assert "01/07/2030" in page.text and '<input type="hidden" name="heat" value="clicked">' in page.text
    opened_link = next(card["link"] for card in page.context["cards"] if card["counted"].name == "opened")
    people = get(member, opened_link)
    assert names(people) == ["bob@x.co", "ann@x.co"]
    chip = people.context["chips"][-1]
    assert (str(chip.label), chip.said, chip.address) == ("Period", "01/07/2030", "?did=opened")
    before = get(member, at(busy), **{"from": "2030-01-06", "to": "2030-01-06"}).context["export"]
    sent = [
        next(csv.DictReader(get(member, link).getvalue().decode("utf-8-sig").splitlines()))["Sent"]
        for link in (page.context["export"], before)
    ]
    assert sent == ["4", "0"]


@pytest.mark.parametrize(
    ("days", "kind", "count"), [(1, "bars", 24), (31, "bars", 31), (120, "lines", 120), (121, "bars", 1)]
)
def test_longer_days_are_drawn_in_longer_parts(
    member: Client, busy: str, outreach: Outreach, days: int, kind: str, count: int
) -> None:
    first = clock.now().date() - timedelta(days=days - 1)
    chart = get(member, at(busy), **{"from": first.isoformat()}).context["chart"]
    assert (chart.kind, len(chart.rows)) == (kind, count)


@pytest.mark.parametrize(
    ("first", "last"), [("x", ""), ("", "x"), ("0001-01-01", "9999-12-31"), ("2030-01-07", "2030-01-01")]
)
def test_wrong_days_are_all_the_time_and_say_what_is_wrong(member: Client, busy: str, first: str, last: str) -> None:
    page = get(member, at(busy), **{"from": first, "to": last})
    assert page.context["sent"] == "4" and page.context["dates"].problems
    assert 'aria-invalid="true"' in page.text and 'role="alert"' in page.text
    assert len(names(get(member, at(busy, "people"), **{"from": first, "to": last}))) == 4


def test_links_are_counted_by_people(member: Client, outreach: Outreach, smtp: MailServer) -> None:
    campaign = outreach.started(sequence(email("first", body="See https://x.test/a")), to=["ann@x.co", "bob@x.co"])
    outreach.run()
    [received] = smtp.to("ann@x.co")
    outreach.fetch(received.path("c"))
    outreach.fetch(received.path("c"))
    page = get(member, at(campaign))
    [link] = page.context["links"]
    assert (link.url, link.people) == ("https://x.test/a", "1")
    assert names(get(member, link.link)) == ["ann@x.co"]


def test_groups_are_a_page_of_their_own(member: Client, busy: str, outreach: Outreach) -> None:
    assert "Nobody who was written to is in a group." in get(member, at(busy, "groups")).text
    group = outreach.api.post("groups", {"name": "Fair"}).data["id"]
    ids = [each.contact_id for each in row(busy).enrolments.filter(contact__email__in=["ann@x.co", "dan@x.co"])]
    outreach.api.post(f"groups/{group}/contacts", {"contactIds": ids})
    page = get(member, at(busy, "groups"))
    assert "Rates are of those who were sent to" in page.text
    [found] = page.context["rows"]
    cells = {cell.counted.name: cell.counted.count for cell in found.cells}
    assert (found.title, found.sent, cells["opened"], cells["replied"]) == ("Fair", "2", 1, 1)
    assert names(get(member, found.sent_link)) == ["dan@x.co", "ann@x.co"]


def test_the_page_costs_few_queries(member: Client, busy: str, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(44):
        get(member, at(busy))


# -------------------------------------------------------------------------------------------------- the people


def test_people_are_told_with_what_they_did(member: Client, busy: str) -> None:
    page = get(member, at(busy, "people"), did="replied")
    [found] = page.context["rows"]
    assert [str(said) for said, _at in found.happened[0].moments] == ["sent", "opened", "replied"]
    assert "1 contact" in page.text and "What they did: <b>Replied</b>" in page.text


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"did": "opened"}, ["bob@x.co", "ann@x.co"]),
        ({"did": "bounced"}, ["cat@x.co"]),
        ({"did": "waiting"}, ["dan@x.co", "bob@x.co"]),
        ({"did": "sent", "node": "second"}, []),
        ({"status": "replied"}, ["ann@x.co"]),
        ({"q": "bob"}, ["bob@x.co"]),
        ({"did": "nonsense", "status": "nonsense", "version": "c"}, PEOPLE[::-1]),
        ({"node": "\0", "link": "lnk_none", "page": "-1"}, []),
        ({"group": "grp_none"}, []),
    ],
)
def test_filters_narrow_them(member: Client, busy: str, asked: dict[str, str], expected: list[str]) -> None:
    assert names(get(member, at(busy, "people"), **asked)) == expected


def test_the_filters_stay_and_can_be_taken_off(member: Client, busy: str) -> None:
    page = get(member, at(busy, "people"), did="opened", node="first", q="ann")
    assert [(str(chip.label), str(chip.said)) for chip in page.context["chips"]] == [
        ("What they did", "Opened"),
        ("E-mail", "E-mail 1"),
        ("Search", "ann"),
    ]
    assert page.context["chips"][0].address == "?node=first&q=ann"
    assert "Nobody in the campaign fits these filters." in get(member, at(busy, "people"), q="nobody").text


def test_many_people_are_paged_and_cost_no_more(
    member: Client, outreach: Outreach, django_assert_max_num_queries: Any
) -> None:
    campaign = outreach.draft()
    outreach.add(campaign, outreach.people(*(f"a{number}@x.co" for number in range(60))))
    with django_assert_max_num_queries(12):
        page = get(member, at(campaign, "people"), did="waiting")
    assert len(page.context["rows"]) == 50 and "Page 1 of 2" in page.text
    [follow] = map(unescape, re.findall(r'href="(\?[^"]*page=2)"', page.text))
    assert len(get(member, at(campaign, "people") + follow).context["rows"]) == 10


def test_the_same_people_as_csv(member: Client, busy: str, outreach: Outreach) -> None:
    answer = get(member, at(busy, "export"), did="opened")
    lines = list(csv.reader(answer.getvalue().decode("utf-8-sig").splitlines()))
    assert answer["Content-Disposition"].startswith('attachment; filename="hello-people-2030-01-07')
    assert [line[0] for line in lines[1:]] == ["ann@x.co", "bob@x.co"]
    assert lines[1][4:6] == ["Replied", "E-mail 1"] and lines[1][7].startswith("2030-01-07T10:0")


def test_cells_are_no_formulas(member: Client, outreach: Outreach) -> None:
    campaign = outreach.draft()
    outreach.add(campaign, [outreach.api.create("ann@x.co", firstName="=cmd()")["id"]])
    assert ",'=cmd()," in get(member, at(campaign, "export")).getvalue().decode()


def test_the_numbers_as_csv(member: Client, busy: str) -> None:
    lines = list(
        csv.reader(get(member, at(busy, "export"), what="numbers").getvalue().decode("utf-8-sig").splitlines())
    )
    assert [line[:2] for line in lines[1:]] == [["1", ""], ["1", "A"], ["1", "B"], ["2", ""]]
    assert lines[1][3] == "4"
