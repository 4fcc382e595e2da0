"""IMAP where a server is lost, talks nonsense, or offers no TLS."""

from pathlib import Path

import pytest
from pytest_django import Settings

from campaigns.receiving.mailbox import (
    MailboxUnreachable,
)
from tests.campaigns.receiving.imap_support import Talk, after_login, answer, box, capability, examined, welcome
from tests.support.scripted import Peer, certificate, serving


@pytest.fixture(autouse=True)
def loopback(settings: Settings) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]


def hangs_up(peer: Peer) -> None:
    """Leaving the scope closes the connection."""


@pytest.mark.parametrize("ending", [hangs_up, Peer.reset, Peer.hear_out], ids=["hangs up", "resets", "falls silent"])
@pytest.mark.parametrize("acts", range(6))
def test_a_lost_server_is_unreachable(acts: int, ending: Talk) -> None:
    steps: list[Talk] = [
        lambda peer: peer.say_raw(b"* OK he"),
        lambda peer: peer.say_raw(b"re\r\n"),
        capability,
        lambda peer: answer(peer, 'LOGIN "me" "p\\"ss\\\\w0rd"') and capability(peer),
        lambda peer: peer.hear() and peer.say_raw(b"* 1 EXISTS\r\n* OK [UIDVALI"),
    ]

    def talk(peer: Peer) -> None:
        for step in steps[:acts]:
            step(peer)
        ending(peer)

    timeout = 0.2 if ending is Peer.hear_out else 10
    with serving(talk) as port, pytest.raises(MailboxUnreachable), box(port, timeout) as mailbox:
        mailbox.select("INBOX")


def test_a_message_that_breaks_off_is_not_given() -> None:
    def talk(peer: Peer) -> None:
        welcome(peer)
        examined(peer)
        peer.hear()
        peer.say_raw(b"* 1 FETCH (UID 6 BODY[]<0> {90}\r\nhalf of")

    with serving(talk) as port, box(port) as mailbox:
        mailbox.select("INBOX")
        with pytest.raises(MailboxUnreachable):
            list(mailbox.fetch([6], 100))
        for again in (lambda: mailbox.select("INBOX"), mailbox.folders, lambda: list(mailbox.fetch([6], 9))):
            with pytest.raises(MailboxUnreachable, match="closed before"):
                again()


@pytest.mark.parametrize(
    "said",
    [
        b"* BYE too many connections\r\n",
        b"220 smtp.example.com ESMTP\r\n",
        b"\xff\xfe\r\n",
        b"* OK no line end" + b"x" * 9_000_000,
        b"* OK fine\r\n* CAPABILITY \xff\r\nA1 OK\r\n",
        b"* OK fine\r\n* CAPABILITY {99999999999}\r\n",
        b"* OK fine\r\n* CAPABILITY {" + b"9" * 5000 + b"}\r\n",
        b"* OK fine\r\n* CAPABILITY {3}\r\nabc\r\n",
        b"* OK fine\r\n" + b"* OK still fine\r\n" * 100_001,
    ],
)
def test_nonsense_is_unreachable(said: bytes) -> None:
    def talk(peer: Peer) -> None:
        peer.say_raw(said)

    with serving(talk) as port, pytest.raises(MailboxUnreachable) as caught, box(port):
        pass
    assert len(str(caught.value)) <= 500


def test_nobody_listening_and_a_private_address_are_unreachable(settings: Settings) -> None:
    with serving() as port:
        pass
    with pytest.raises(MailboxUnreachable), box(port):
        pass
    settings.FLUENZR_PRIVATE_NETWORKS = []
    with pytest.raises(MailboxUnreachable, match="127.0.0.1 is a private address"), box(port):
        pass


# -------------------------------------------------------------------------------------------------------- TLS


def test_tls_and_starttls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trusted, context = certificate(tmp_path)

    def upgraded(peer: Peer) -> None:
        peer.say("* OK here")
        capability(peer, "STARTTLS", "LOGINDISABLED")
        answer(peer, "STARTTLS")
        peer.start_tls(context)
        capability(peer)
        answer(peer, 'LOGIN "me" "p\\"ss\\\\w0rd"')
        capability(peer)
        examined(peer)

    distrusted = pytest.raises(MailboxUnreachable, match="(?i)certificate")
    with serving(upgraded) as port, distrusted, box(port, security="starttls"):
        pass
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with serving(upgraded) as port, box(port, security="starttls") as mailbox:
        assert mailbox.select("INBOX").uidnext == 12
    with serving(after_login(examined), context=context) as port, box(port, security="tls") as mailbox:
        assert mailbox.select("INBOX").uidnext == 12


@pytest.mark.parametrize("greeting, offers", [("* OK here", ""), ("* PREAUTH here", "STARTTLS")])
def test_no_starttls_is_no_reason_to_go_on_in_plain_text(greeting: str, offers: str) -> None:
    def talk(peer: Peer) -> None:
        peer.say(greeting)
        capability(peer, offers)
        peer.hear_out()

    with serving(talk) as port, pytest.raises(MailboxUnreachable, match="STARTTLS"), box(port, security="starttls"):
        pass


def test_words_before_tls_are_not_the_servers() -> None:
    def talk(peer: Peer) -> None:
        peer.say("* OK here")
        capability(peer, "STARTTLS")
        tag = peer.hear().split()[0]
        peer.say(f"{tag} OK go on", "* CAPABILITY IMAP4rev1 AUTH=PLAIN")
        peer.hear_out()

    with serving(talk) as port, pytest.raises(MailboxUnreachable, match="STARTTLS"), box(port, security="starttls"):
        pass
