"""The weekly report: Monday at 8 where its reader is, one a week, with true numbers."""

from datetime import datetime, timedelta

import pytest

from campaigns.changes import tallies
from campaigns.changes.campaigns import create as create_campaign
from campaigns.models import Campaign
from fluenzr_site.events.recording import Actor
from fluenzr_site.notices import choosing
from fluenzr_site.notices.models import Notice
from fluenzr_site.workspaces.changes import update_workspace
from fluenzr_site.workspaces.profiles import update_profile
from tests.campaigns.reporting.conftest import Site, Team, html


def counted(team: Team, name: str, at: str, **figures: int) -> Campaign:
    """What a campaign did at that time."""
    campaign = Campaign.objects.of(team.workspace).filter(name=name).first() or create_campaign(
        team.workspace, {"name": name, "account_id": team.account.pk}, by=Actor("command", "test")
    )
    tallies.add(campaign.pk, "first", "", datetime.fromisoformat(at), **figures)
    return campaign


@pytest.mark.parametrize(
    ("zone", "just_before", "just_after"),
    [
        ("Europe/Paris", "2030-01-14T06:59:00Z", "2030-01-14T07:00:30Z"),
        ("Asia/Kolkata", "2030-01-14T02:29:00Z", "2030-01-14T02:30:30Z"),
        ("America/Los_Angeles", "2030-01-14T15:59:00Z", "2030-01-14T16:00:30Z"),
        # Summer time begins on the Sunday before: an hour earlier by UTC than the Monday before that.
        ("Europe/Berlin", "2030-04-01T05:59:00Z", "2030-04-01T06:00:30Z"),
    ],
)
def test_monday_at_eight_where_the_person_is(team: Team, site: Site, zone: str, just_before: str, just_after: str):
    team.person("mia", weekly=True, profile={"timezone": zone})
    team.gets("ann")
    # The one of the Monday before, where there was one.
    site.now.move_to(datetime.fromisoformat(just_before) - timedelta(days=1))
    site.tells()
    assert site.at(just_before) == []
    assert [message.to for message in site.at(just_after)] == [["mia@team.test"]]
    assert site.after(hours=5) == []
    assert site.after(days=6) == []


def test_the_numbers_of_the_week_against_the_week_before(team: Team, site: Site):
    team.person("mia", weekly=True, profile={"timezone": "Europe/Paris"})
    team.gets("ann")
    team.gets("ben")
    counted(team, "Old", "2030-01-02T10:00:00Z", sent=10, replied=1)
    # The last quarter of an hour of the week in Paris, and the first of the next.
    counted(team, "Spring", "2030-01-13T22:45:00Z", sent=40, opened=20, clicked=4, replied=2)
    counted(team, "Spring", "2030-01-13T23:00:00Z", sent=1000)
    counted(team, "Fair", "2030-01-08T10:00:00Z", sent=50, opened=10, bounced=10, replied=8)
    [message] = site.at("2030-01-14T07:01:00Z")
    assert message.subject == "Your week in Acme"
    assert "Jan. 7, 2030 – Jan. 13, 2030" in message.body
    for line in (
        "Contacts added: 2 (the week before: 0)",
        "E-mails sent: 90 (the week before: 10)",
        "Opened: 37.5 % (the week before: 0 %)",
        "Clicked: 5 % (the week before: 0 %)",
        "Replied: 12.5 % (the week before: 10 %)",
        "2 conversations wait for somebody to read them.",
        "Spring: 40 e-mails · 2 replies",
    ):
        assert line in message.body
    assert message.body.index("Fair: 50 e-mails") < message.body.index("Spring: 40 e-mails")
    assert "37.5 %" in html(message)


def test_what_isn_t_tracked_isn_t_known(team: Team, site: Site):
    team.person("mia", weekly=True)
    update_workspace(team.workspace, {"open_tracking": "off"})
    counted(team, "Spring", "2030-01-08T10:00:00Z", sent=4)
    [message] = site.at("2030-01-14T08:01:00Z")
    assert "Opened: not known (the week before: not known)" in message.body


def test_of_a_week_without_anything_there_is_no_report(team: Team, site: Site):
    team.person("mia", weekly=True)
    assert site.at("2030-01-14T08:01:00Z") == []
    assert Notice.objects.get().state == "dropped"


def test_an_account_that_fails_stands_in_it(team: Team, site: Site):
    team.person("mia", weekly=True)
    type(team.account).objects.update(state="failing", last_error="535 no")
    [message] = site.at("2030-01-14T08:01:00Z")
    assert "sales@acme.test\nThe server refuses it (535 no)" in message.body


def test_who_travels_gets_one_a_week(team: Team, site: Site):
    mia = team.person("mia", weekly=True, profile={"timezone": "Asia/Tokyo"})
    team.gets("ann")
    assert len(site.at("2030-01-13T23:01:00Z")) == 1
    update_profile(mia.user, {"timezone": "America/New_York"})
    assert site.at("2030-01-14T13:01:00Z") == []


def test_a_monday_on_which_nothing_ran_is_made_up_for(team: Team, site: Site):
    team.person("mia", weekly=True)
    team.gets("ann")
    [message] = site.at("2030-01-16T15:00:00Z")
    assert "Jan. 7, 2030 – Jan. 13, 2030" in message.body


def test_who_begins_on_a_wednesday_waits_for_monday(team: Team, site: Site):
    mia = team.person("mia")
    team.gets("ann")
    site.now.move_to(datetime.fromisoformat("2030-01-16T12:00:00Z"))
    choosing.choose(mia, {"weekly": True})
    assert site.after(hours=1) == []
    assert len(site.at("2030-01-21T08:01:00Z")) == 1


def test_another_workspace_s_numbers_aren_t_in_it(team: Team, site: Site):
    team.person("mia", weekly=True)
    zebra = Team("Zebra")
    zebra.gets("stripes")
    counted(zebra, "Secret", "2030-01-08T10:00:00Z", sent=5)
    assert site.at("2030-01-14T08:01:00Z") == []
