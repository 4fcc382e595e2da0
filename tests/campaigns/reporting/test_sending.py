"""Notices are sent once, none is lost: two workers, servers that refuse, workers that die."""

import smtplib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection

from campaigns.models import EmailAccount
from campaigns.reporting import replies
from campaigns.reporting.tasks import WRITERS, tell
from fluenzr_site.core import clock
from fluenzr_site.notices import sending
from fluenzr_site.notices.models import Choices, Notice
from tests.campaigns.reporting.conftest import Site, Team


class Refusing(BaseEmailBackend):
    """A server that takes nothing now."""

    error: Exception = smtplib.SMTPServerDisconnected("gone")

    def send_messages(self, messages: Any) -> int:
        raise self.error


class Rejecting(Refusing):
    error = smtplib.SMTPRecipientsRefused({"mia@team.test": (550, b"unknown")})


class Dying(Refusing):
    """The worker is killed when the server has the e-mail, before it is noted."""

    class Killed(BaseException):
        pass

    def send_messages(self, messages: Any) -> int:
        mail.outbox.extend(messages)
        raise self.Killed


def use(settings: Any, backend: type[Refusing]) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.{backend.__name__}"


def test_a_server_that_is_down_is_asked_again(team: Team, site: Site, settings: Any):
    team.person("mia", replies="each")
    team.gets("ann")
    use(settings, Refusing)
    assert site.after(minutes=3) == []
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    team.gets("ben")
    assert site.after(minutes=4) == []
    [message] = site.after(minutes=2)
    assert message.subject == "2 replies in Acme"
    assert (Notice.objects.get().state, Notice.objects.get().attempts) == ("sent", 1)


def test_an_address_that_is_refused_holds_up_nothing(team: Team, site: Site, settings: Any):
    team.person("mia", replies="each")
    team.gets("ann")
    use(settings, Rejecting)
    site.after(minutes=3)
    assert Notice.objects.get().state == "failed"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert site.after(minutes=30) == []
    team.gets("ben")
    assert [message.subject for message in site.after(minutes=3)] == ["Ben replied"]


def test_after_a_crash_it_comes_once_more_with_the_same_message_id(team: Team, site: Site, settings: Any):
    team.person("mia", replies="each")
    team.gets("ann")
    use(settings, Dying)
    site.now.shift(180)
    with pytest.raises(Dying.Killed):
        tell()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert site.after(minutes=4) == []
    assert len(site.after(minutes=2)) == 1
    first, again = mail.outbox
    assert first.extra_headers["Message-ID"] == again.extra_headers["Message-ID"]
    assert site.after(hours=1) == []


def test_an_account_that_stops_is_told_once_each_time(team: Team, site: Site):
    team.person("ada", role="admin")
    team.person("bob", role="admin", trouble=False)
    team.person("mia")
    accounts = EmailAccount.objects.filter(pk=team.account.pk)
    accounts.update(state="failing", last_error="535 wrong password")
    [message] = site.after(minutes=1)
    assert message.to == ["ada@team.test"]
    assert message.subject == "sales@acme.test sends nothing any more"
    assert "535 wrong password" in message.body
    assert site.after(days=1) == []
    accounts.update(state="connected")
    assert site.after(minutes=1) == []
    accounts.update(state="failing")
    assert len(site.after(minutes=1)) == 1
    accounts.update(state="paused")
    assert site.after(minutes=1) == []


def test_who_was_made_an_ordinary_member_hears_of_no_accounts(team: Team, site: Site):
    membership = team.person("ada", role="admin", trouble=True)
    type(membership).objects.filter(pk=membership.pk).update(role="member")
    EmailAccount.objects.update(state="failing")
    assert site.after(minutes=1) == []


def test_headers_and_footer(team: Team, site: Site):
    team.person("mia", replies="each")
    team.gets("ann")
    [message] = site.after(minutes=3)
    headers = message.extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = headers["List-Unsubscribe"].strip("<>")
    assert stop in message.body
    assert "because you want to hear of replies in Acme" in message.body
    assert headers["Auto-Submitted"] == "auto-generated"


class Meanwhile(Refusing):
    """Another worker looks for what is due while the server is at it."""

    def send_messages(self, messages: Any) -> int:
        mail.outbox.extend(messages)
        tell()
        return len(messages)


def test_another_worker_leaves_alone_what_is_being_sent(team: Team, site: Site, settings: Any):
    for name in ("mia", "raj", "zoe"):
        team.person(name, replies="each", weekly=True)
    team.gets("ann")
    use(settings, Meanwhile)
    assert len(site.after(minutes=3)) == 3
    assert len(site.at("2030-01-14T08:01:00Z")) == 3
    assert Notice.objects.filter(state="sent").count() == 6


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one(team: Team, site: Site, settings: Any):
    for name in ("mia", "raj", "zoe"):
        team.person(name, replies="each")
    team.gets("ann")
    site.now.shift(180)
    now = clock.now()

    def work() -> None:
        try:
            replies.note_due(now)
            while sending.send_due(WRITERS):
                pass
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(work) for _ in range(4)]:
            future.result(30)
    assert sorted(message.to[0] for message in mail.outbox) == [f"{name}@team.test" for name in ("mia", "raj", "zoe")]
    assert Notice.objects.filter(state="sent").count() == 3
    assert Choices.objects.exclude(told={}).count() == 3


def test_old_ones_are_forgotten(team: Team, site: Site):
    team.person("mia", replies="each")
    team.gets("ann")
    site.after(minutes=3)
    site.after(days=91)
    assert not Notice.objects.exists()
