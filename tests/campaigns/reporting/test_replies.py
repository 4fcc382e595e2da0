"""Replies told by e-mail: gathered, once, only what nobody has dealt with, only what the person chose."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail

from campaigns.changes import conversations
from fluenzr_site.events.recording import Actor
from fluenzr_site.notices import choosing
from fluenzr_site.notices.models import Notice
from fluenzr_site.workspaces.changes import deactivate_member, remove_member
from tests.campaigns.reporting.conftest import Site, Team, html

BY = Actor("user", "1")


def test_fifty_replies_at_once_make_one_e_mail(team: Team, site: Site):
    team.person("mia", replies="each")
    for number in range(50):
        team.gets(f"c{number}")
    assert site.after(minutes=1) == []
    [message] = site.after(minutes=2)
    assert message.to == ["mia@team.test"]
    assert message.subject == "50 replies in Acme"
    assert "and 30 more conversations" in message.body
    assert site.after(minutes=30) == []


def test_one_reply_is_told_by_name_and_subject_without_its_text(team: Team, site: Site):
    team.person("mia", replies="each")
    team.gets("ann", "My secret is 42.", subject="Re: <b>Hello</b>")
    [message] = site.after(minutes=3)
    assert message.subject == "Ann replied"
    for said in (message.body, html(message)):
        assert "secret" not in said
        assert "/n/to/" in said
    assert "Re: <b>Hello</b>" in message.body
    assert "&lt;b&gt;" in html(message)


def test_the_first_lines_come_with_who_asked_for_them(team: Team, site: Site):
    team.person("mia", replies="each", excerpts=True)
    team.gets("ann", "Call <i>me</i>.\n\nOn Monday Sam wrote:\n> Hello you")
    [message] = site.after(minutes=3)
    assert "Call <i>me</i>." in message.body
    assert "Hello you" not in message.body
    assert "Call &lt;i&gt;me&lt;/i&gt;." in html(message)


@pytest.mark.parametrize("kind", ["automatic", "bounce", "other", "receipt"])
def test_what_no_person_wrote_tells_nobody(team: Team, site: Site, kind: str):
    team.person("mia", replies="each")
    team.gets("ann", kind=kind)
    assert site.after(minutes=5) == []


def test_what_somebody_has_read_meanwhile_isn_t_told(team: Team, site: Site):
    team.person("mia", replies="each")
    conversations.set_status(team.workspace, team.gets("ann").pk, "read", by=BY)
    team.gets("ben")
    [message] = site.after(minutes=3)
    assert message.subject == "Ben replied"


def test_a_reply_that_is_read_before_its_notice_leaves_stops_no_later_one(team: Team, site: Site, settings: Any):
    team.person("mia", replies="each")
    conversation = team.gets("ann")
    settings.EMAIL_BACKEND = "tests.campaigns.reporting.test_sending.Refusing"
    assert site.after(minutes=3) == []
    conversations.set_status(team.workspace, conversation.pk, "archived", by=BY)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert site.after(minutes=6) == []
    assert Notice.objects.get().state == "dropped"
    team.gets("ben")
    assert [message.subject for message in site.after(minutes=6)] == ["Ben replied"]


def test_as_they_come_leaves_five_minutes_between_two(team: Team, site: Site):
    team.person("mia", replies="each")
    team.gets("ann")
    assert len(site.after(minutes=3)) == 1
    team.gets("ben")
    assert site.after(minutes=3) == []
    assert [message.subject for message in site.after(minutes=3)] == ["Ben replied"]


def test_once_an_hour(team: Team, site: Site):
    team.person("mia", replies="hourly")
    team.gets("ann")
    assert site.at("2030-01-09T10:30:00+00:00") == []
    team.gets("ben")
    [message] = site.at("2030-01-09T11:00:30+00:00")
    assert message.subject == "2 replies in Acme"
    assert site.at("2030-01-09T12:01:00+00:00") == []


def test_once_a_day_in_the_morning_of_the_person(team: Team, site: Site):
    team.person("mia", replies="daily", profile={"timezone": "America/New_York", "language": "fr"})
    team.person("raj", replies="daily", profile={"timezone": "Asia/Kolkata"})
    team.gets("ann")
    assert site.at("2030-01-09T12:59:00+00:00") == []
    [message] = site.at("2030-01-09T13:01:00+00:00")
    assert message.to == ["mia@team.test"]
    assert 'lang="fr"' in html(message)
    assert site.at("2030-01-10T02:29:00+00:00") == []
    assert [message.to for message in site.at("2030-01-10T02:31:00+00:00")] == [["raj@team.test"]]


def test_nothing_is_told_of_before_it_was_chosen(team: Team, site: Site):
    mia = team.person("mia")
    team.gets("ann")
    site.after(minutes=10)
    choosing.choose(mia, {"replies": "each"})
    assert site.after(minutes=10) == []


@pytest.mark.parametrize("how", ["left", "kept out", "closed", "no address", "off"])
def test_who_is_gone_gets_nothing_even_of_what_was_due(team: Team, site: Site, settings: Any, how: str):
    team.person("ada", role="admin")
    mia = team.person("mia", replies="each")
    team.gets("ann")
    settings.EMAIL_BACKEND = "tests.campaigns.reporting.test_sending.Refusing"
    site.after(minutes=3)
    assert Notice.objects.get().state == "waiting"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    if how == "left":
        remove_member(mia)
    elif how == "kept out":
        deactivate_member(mia)
    elif how == "off":
        choosing.stop(mia, "replies")
    else:
        User.objects.filter(pk=mia.user_id).update(**({"is_active": False} if how == "closed" else {"email": ""}))
    assert site.after(hours=1) == []


def test_one_workspace_s_replies_reach_its_own_people(team: Team, site: Site):
    team.person("mia", replies="each")
    zebra = Team("Zebra")
    zebra.person("sam", replies="each")
    zebra.gets("stripes")
    assert [message.to for message in site.after(minutes=3)] == [["sam@team.test"]]


def test_a_name_breaks_no_header(team: Team, site: Site):
    team.person("mia", replies="each")
    conversation = team.gets("ann")
    type(conversation.contact).objects.update(first_name="Ann\r\nBcc: all@x.co")
    [message] = site.after(minutes=3)
    assert message.subject == "Ann Bcc: all@x.co replied"
    assert message.recipients() == ["mia@team.test"]


def test_without_a_mail_server_nothing_is_noted(team: Team, site: Site, settings: Any):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    team.person("mia", replies="each", weekly=True)
    team.gets("ann")
    assert site.after(days=9) == []
    assert not Notice.objects.exists()
    assert mail.outbox == []
