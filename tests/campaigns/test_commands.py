"""The commands of campaigns, as a person at a terminal meets them."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from campaigns.changes import accounts
from campaigns.models import EmailAccount, MailFolder, Message
from campaigns.sending.transport import Uncertain
from fluenzr_site.core import encryption
from tests.api.world import Party
from tests.campaigns.api.support import Outreach

pytestmark = pytest.mark.django_db
SERVER = ("--smtp-host", "smtp.x.example", "--smtp-port", "465")


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue().strip()


def made(owner: Party, *arguments: str) -> EmailAccount:
    account_id = run("create_email_account", "--workspace", owner.workspace.pk, *arguments)
    return EmailAccount.objects.of(owner.workspace).get(pk=account_id)


def test_an_account_is_made_and_its_password_kept_encrypted(owner: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "s3cret é")
    login = ("--username", "sam", "--password-env", "SMTP_PASSWORD", "--imap-host", "imap.x.example")
    account = made(owner, "--email", "Sam@X.example", "--name", "Sam", *SERVER, *login)
    assert (account.email, account.name, account.smtp_security) == ("sam@x.example", "Sam", "tls")
    assert (account.imap_username, account.imap_port, account.imap_security) == ("sam", 993, "tls")
    assert "s3cret" not in account.smtp_password + account.imap_password
    assert accounts.smtp_server(account).password == accounts.imap_server(account).password == "s3cret é"
    assert MailFolder.objects.get(account=account).name == "INBOX"


def test_the_port_says_the_security_unless_it_is_given(owner: Party) -> None:
    submission = made(owner, "--email", "a@x.example", "--smtp-host", "h.example", "--smtp-port", "587")
    plain = ("--smtp-host", "h.example", "--smtp-port", "587", "--security", "none")
    assert (submission.smtp_security, made(owner, "--email", "b@x.example", *plain).smtp_security) == (
        "starttls",
        "none",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--email", "nobody", *SERVER), "Invalid email format"),
        (("--email", "a@x.example", "--smtp-host", "h", "--smtp-port", "0"), "--smtp-port must be from 1 to 65535"),
        (("--email", "a@x.example", *SERVER, "--password-env", "NOT_THERE"), "no environment variable NOT_THERE"),
        (("--email", "a@x.example", *SERVER, "--daily-limit", "0"), "--daily-limit must be at least 1"),
    ],
)
def test_wrong_arguments_are_told(owner: Party, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        made(owner, *arguments)
    assert EmailAccount.objects.count() == 0


def test_an_address_twice_and_an_unknown_workspace(owner: Party) -> None:
    made(owner, "--email", "a@x.example", *SERVER)
    with pytest.raises(CommandError, match="is an account of this workspace already"):
        made(owner, "--email", "A@x.example", *SERVER)
    with pytest.raises(CommandError, match="Unknown workspace: wsp_none"):
        run("create_email_account", "--workspace", "wsp_none", "--email", "a@x.example", *SERVER)


def test_the_plan_s_accounts(owner: Party, settings: Any) -> None:
    settings.FLUENZR_PLANS = settings.FLUENZR_PLANS | {"pro": settings.FLUENZR_PLANS["pro"] | {"email_accounts": 1}}
    made(owner, "--email", "a@x.example", *SERVER)
    with pytest.raises(CommandError, match="The Pro plan allows 1 e-mail account:"):
        made(owner, "--email", "b@x.example", *SERVER)


def test_passwords_come_under_the_new_key(owner: Party, settings: Any) -> None:
    old, new = "o" * 32, "n" * 32
    settings.FLUENZR_SECRET_KEYS = [old]
    account = accounts.create(owner.workspace, {"email": "a@x.example", "smtp_password": "s3cret"})
    settings.FLUENZR_SECRET_KEYS = [new, old]
    assert run("rotate_secrets") == f"1 accounts and 0 webhooks are under key {encryption.current_key_id()} now"
    assert run("rotate_secrets").startswith("0 accounts")
    settings.FLUENZR_SECRET_KEYS = [new]
    account.refresh_from_db()
    assert accounts.secret(account, "smtp_password") == "s3cret"


def test_a_password_that_can_t_be_read_stays_and_is_named(owner: Party, settings: Any) -> None:
    settings.FLUENZR_SECRET_KEYS = ["o" * 32]
    account = accounts.create(owner.workspace, {"email": "a@x.example", "smtp_password": "s3cret"})
    settings.FLUENZR_SECRET_KEYS = ["n" * 32]
    with pytest.raises(CommandError, match=account.pk):
        run("rotate_secrets")
    settings.FLUENZR_SECRET_KEYS = ["o" * 32]
    account.refresh_from_db()
    assert accounts.secret(account, "smtp_password") == "s3cret"


def test_a_password_of_one_account_can_t_be_read_in_another(owner: Party) -> None:
    one = accounts.create(owner.workspace, {"email": "a@x.example", "smtp_password": "s3cret"})
    other = accounts.create(owner.workspace, {"email": "b@x.example"})
    other.smtp_password = one.smtp_password
    with pytest.raises(encryption.CannotDecrypt):
        accounts.secret(other, "smtp_password")


@pytest.fixture
def in_doubt(outreach: Outreach, monkeypatch: pytest.MonkeyPatch) -> Message:
    """An e-mail whose connection was lost before the server's last word."""

    def lost(*_: Any) -> None:
        raise Uncertain("Lost")

    with monkeypatch.context() as patch:
        patch.setattr("campaigns.sending.deliver.Connections.send", lost)
        outreach.started(to=["ann@x.co"])
        outreach.run()
    return outreach.message("ann@x.co")


def test_an_uncertain_e_mail_is_listed_and_settled(outreach: Outreach, in_doubt: Message, smtp: Any) -> None:
    workspace = ("--workspace", outreach.workspace.pk)
    [row] = json.loads(run("uncertain_emails", *workspace, "--json"))
    assert (row["id"], row["recipient"], row["messageId"]) == (in_doubt.pk, "ann@x.co", in_doubt.message_id)
    why = outreach.api.get(f"campaigns/{in_doubt.campaign_id}/why").data["gates"]
    [gate] = [gate for gate in why if gate["name"] == "uncertain"]
    assert (gate["open"], gate["reason"][:9]) == (False, "Whether 1")
    with pytest.raises(CommandError, match="msg_none"):
        run("uncertain_emails", *workspace, "--mark-sent", "msg_none")
    assert run("uncertain_emails", *workspace, "--mark-sent", in_doubt.pk) == "0 e-mails are uncertain"
    outreach.run()
    assert (outreach.status(in_doubt.campaign_id), smtp.received) == ("completed", [])


def test_an_uncertain_e_mail_is_sent_when_a_person_says_so(outreach: Outreach, in_doubt: Message, smtp: Any) -> None:
    run("uncertain_emails", "--workspace", outreach.workspace.pk, "--send-again", in_doubt.pk)
    outreach.run()
    assert smtp.recipients == ["ann@x.co"]


def test_a_stranger_settles_nothing(stranger: Party, in_doubt: Message) -> None:
    with pytest.raises(CommandError, match=in_doubt.pk):
        run("uncertain_emails", "--workspace", stranger.workspace.pk, "--mark-sent", in_doubt.pk)
    in_doubt.refresh_from_db()
    assert in_doubt.state == "uncertain"
