"""An account is tried with a real e-mail through real servers, and the account's state is what that showed."""

import json
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from campaigns import trying
from campaigns.models import EmailAccount
from campaigns.sandbox.imap_server import ImapServer
from campaigns.trying import Outcome, try_account
from tests.campaigns.api.support import MailServer, Outreach

pytestmark = pytest.mark.django_db
ADDRESS = "try@sender.test"
FAILING = {"state": "failing", "last_error": "535 no"}


@pytest.fixture
def imap() -> Iterator[ImapServer]:
    with ImapServer("ann", "secret") as server:
        server.append(b"From: x@x.co\r\nMessage-ID: <old@x.co>\r\n\r\nLong ago\r\n")
        yield server


def connect(outreach: Outreach, imap: ImapServer | None = None, **values: Any) -> EmailAccount:
    values = {"smtp_username": ADDRESS, "smtp_password": "right"} | values
    if imap:
        values |= {"imap_host": "127.0.0.1", "imap_port": imap.port, "imap_security": "none"}
        values |= {"imap_username": "ann", "imap_password": "secret"}
    return outreach.connect(ADDRESS, **values)


def put(account: EmailAccount, **values: Any) -> None:
    EmailAccount.objects.filter(pk=account.pk).update(**values)


def row(account: EmailAccount) -> tuple[str, str]:
    return EmailAccount.objects.values_list("state", "last_error").get(pk=account.pk)


class Waits:
    """Instead of waiting: the mail that was sent comes at the ``after``th time."""

    def __init__(self, smtp: MailServer, imap: ImapServer, after: int = 1, change: Callable[[bytes], bytes] = bytes):
        self.smtp, self.imap, self.after, self.change = smtp, imap, after, change
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if len(self.seconds) == self.after:
            self.imap.append(self.change(self.smtp.to(ADDRESS)[-1].message.as_bytes()))
        else:
            self.imap.append(b"From: y@x.co\r\nSubject: Other\r\nMessage-ID: <n@x.co>\r\n\r\nNot it\r\n")


def never(seconds: float) -> None:
    raise AssertionError("There is nothing to wait for")


def oks(outcome: Outcome) -> tuple[bool | None, bool | None]:
    return outcome.smtp.ok, outcome.imap.ok


def test_an_e_mail_goes_out_and_comes_in(outreach: Outreach, smtp: MailServer, imap: ImapServer) -> None:
    account = connect(outreach, imap, name="Ann, sales")
    waits = Waits(smtp, imap, after=3)
    outcome = try_account(account, wait=waits)
    assert oks(outcome) == (True, True)
    assert outcome.smtp.message == "The server took the e-mail: 250 2.0.0 queued"
    assert waits.seconds == [trying.PAUSE] * 3
    (received,) = smtp.received
    assert (received.sender, received.recipient) == (ADDRESS, ADDRESS)
    assert received.message["From"] == f'"Ann, sales" <{ADDRESS}>'


def test_a_server_that_gives_its_own_ids_is_no_trouble(outreach: Outreach, smtp: MailServer, imap: ImapServer) -> None:
    account = connect(outreach, imap)
    waits = Waits(smtp, imap, change=lambda raw: raw.replace(b"Message-ID: ", b"Message-ID: <other@x.co>\nX-Was: "))
    assert oks(try_account(account, wait=waits)) == (True, True)


def test_an_e_mail_that_never_comes(outreach: Outreach, imap: ImapServer) -> None:
    waited: list[float] = []
    outcome = try_account(connect(outreach, imap), seconds=10, wait=waited.append)
    assert oks(outcome) == (True, False)
    assert "within 10 seconds" in outcome.imap.message
    assert waited == [3, 3, 3, 1]


def test_without_imap_nothing_is_looked_for(outreach: Outreach, smtp: MailServer) -> None:
    assert oks(try_account(connect(outreach), wait=never)) == (True, None)
    assert smtp.recipients == [ADDRESS]


def test_a_success_connects_a_failing_account_again(outreach: Outreach, stranger: Any) -> None:
    account = connect(outreach)
    put(account, **FAILING)
    put(outreach.account, **FAILING)
    try_account(account, wait=never)
    assert row(account) == ("connected", "")
    assert row(outreach.account) == ("failing", "535 no")


def test_a_paused_account_stays_paused(outreach: Outreach, smtp: MailServer) -> None:
    account = connect(outreach)
    put(account, state="paused", last_error="old")
    try_account(account, wait=never)
    assert row(account) == ("paused", "")
    smtp.password = "other"
    try_account(account, wait=never)
    assert row(account)[0] == "paused"
    assert "535" in row(account)[1]


def test_a_refused_password_fails_the_account(outreach: Outreach, smtp: MailServer, imap: ImapServer) -> None:
    account = connect(outreach, imap)
    smtp.password = "other"
    outcome = try_account(account, wait=never)
    assert oks(outcome) == (False, True)
    assert "535" in outcome.smtp.message
    assert "no e-mail to look for" in outcome.imap.message
    state, error = row(account)
    assert (state, "535" in error) == ("failing", True)
    assert "right" not in f"{outcome}{error}"


def test_a_password_that_cannot_be_read_fails_the_account(outreach: Outreach) -> None:
    account = connect(outreach)
    put(account, smtp_password="nothing")
    outcome = try_account(EmailAccount.objects.get(pk=account.pk), wait=never)
    assert (outcome.smtp.ok, row(account)[0]) == (False, "failing")


def test_a_refused_inbox_is_told_and_stops_no_sending(outreach: Outreach, imap: ImapServer, smtp: MailServer) -> None:
    account = connect(outreach, imap)
    imap.login = ("ann", "other")
    outcome = try_account(account, wait=never)
    assert oks(outcome) == (True, False)
    assert "refuses the login" in outcome.imap.message
    assert "secret" not in outcome.imap.message
    assert row(account) == ("connected", "")
    assert smtp.recipients == [ADDRESS]


@pytest.mark.parametrize("state", ["connected", "failing"])
def test_servers_that_are_gone_change_no_state(outreach: Outreach, imap: ImapServer, state: str) -> None:
    account = connect(outreach, imap, smtp_port=9)
    put(account, state=state, last_error="before", imap_port=9)
    assert oks(try_account(EmailAccount.objects.get(pk=account.pk), wait=never)) == (False, False)
    assert row(account) == (state, "before")


def test_an_inbox_that_goes_away_meanwhile(outreach: Outreach, imap: ImapServer, smtp: MailServer) -> None:
    account = connect(outreach, imap)

    def leaves(seconds: float) -> None:
        raise trying.MailboxError("gone")

    outcome = try_account(account, wait=leaves)
    assert oks(outcome) == (True, False)
    assert smtp.recipients == [ADDRESS]


def test_a_refused_e_mail_and_one_nobody_knows_of(outreach: Outreach, smtp: MailServer) -> None:
    account = connect(outreach)
    smtp.answers[ADDRESS] = "550 5.7.1 Not you"
    outcome = try_account(account, wait=never)
    assert outcome.smtp.message == "The e-mail wasn't taken: 550 5.7.1 Not you"
    smtp.forget()
    smtp.hangs_up_on.add(ADDRESS)
    outcome = try_account(account, wait=never)
    assert outcome.smtp.ok is False
    assert outcome.smtp.message.startswith("Whether the e-mail was taken isn't known")
    assert row(account) == ("connected", "")


def test_an_account_without_servers(outreach: Outreach, smtp: MailServer) -> None:
    assert oks(try_account(connect(outreach, smtp_host=""), wait=never)) == (None, None)
    assert smtp.received == []


# -------------------------------------------------------------------------------------------------- the command


def run(account: EmailAccount, *arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command(
            "check_email_account", "--workspace", account.workspace_id, "--account", account.pk, *arguments, stdout=out
        )
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_the_command_prints_both_steps(outreach: Outreach, smtp: MailServer) -> None:
    account = connect(outreach)
    code, said = run(account)
    assert (code, said.splitlines()[0]) == (0, "SMTP  fine       The server took the e-mail: 250 2.0.0 queued")
    assert said.splitlines()[1].startswith("IMAP  not tried  ")
    smtp.password = "other"
    code, said = run(account, "--json")
    told = json.loads(said)
    assert (code, told["smtp"]["ok"], told["imap"]["ok"]) == (1, False, None)


def test_the_command_finds_a_bad_inbox(outreach: Outreach, imap: ImapServer) -> None:
    account = connect(outreach, imap)
    imap.login = ("ann", "other")
    code, said = run(account)
    assert (code, "IMAP  failed" in said) == (1, True)
    assert run(connected_without_smtp(outreach))[0] == 1


def connected_without_smtp(outreach: Outreach) -> EmailAccount:
    return outreach.connect("none@sender.test", smtp_host="")


def test_the_command_knows_only_the_workspace_s_accounts(outreach: Outreach, stranger: Any) -> None:
    account = connect(outreach)
    with pytest.raises(CommandError, match="Unknown e-mail account"):
        call_command("check_email_account", "--workspace", stranger.workspace.pk, "--account", account.pk)
    with pytest.raises(CommandError, match="Unknown workspace"):
        call_command("check_email_account", "--workspace", "wsp_none", "--account", account.pk)
