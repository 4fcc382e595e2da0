"""SMTP against a real server: what arrives, logging in, and TLS."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from pytest_django import Settings

from campaigns.sending.transport import (
    Accepted,
    AuthenticationFailed,
    Permanent,
    Smtp,
    Unreachable,
)
from tests.campaigns.sending.smtp_support import (
    BIG,
    MESSAGE,
    SECRET,
    at,
    deliver,
    greeted,
    hangs_up,
    until,
)
from tests.support.scripted import HOST, Peer, certificate, serving


@pytest.fixture(autouse=True)
def loopback(settings: Settings) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]


class Inbox:
    """aiosmtpd's handler: keeps what comes."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        return f"250 message {len(self.envelopes)}"


def authenticator(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=data == LoginPassword(b"me", SECRET.encode()), handled=False)


class OnAnyPort(Controller):
    """aiosmtpd's server, which calls itself once to see whether it runs: at the port that it got."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()


@contextmanager
def running(inbox: Inbox, **options: Any) -> Iterator[int]:
    controller = OnAnyPort(inbox, hostname=HOST, port=0, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize(
    "written, arrives",
    [
        (MESSAGE, MESSAGE),
        (b"", b"\r\n"),
        (b"A: b\n\nbare\nends\n", b"A: b\r\n\r\nbare\r\nends\r\n"),
        (b"A: b\r\n\r\nlone\rreturn", b"A: b\r\n\r\nlone\r\nreturn\r\n"),
        (b".\r\n..\r\n.a\r\na.\r\n.", b".\r\n..\r\n.a\r\na.\r\n.\r\n"),
        (b"A: b\n.\nMAIL FROM:<x@y>\n\r.\r\r\n.\r\n", b"A: b\r\n.\r\nMAIL FROM:<x@y>\r\n\r\n.\r\n\r\n.\r\n"),
        ("A: b\r\n\r\nçà\r\n".encode(), "A: b\r\n\r\nçà\r\n".encode()),
    ],
)
def test_a_message_arrives_as_it_is(written: bytes, arrives: bytes) -> None:
    inbox = Inbox()
    with running(inbox) as port:
        assert deliver(at(port), written) == Accepted("250 message 1")
    [envelope] = inbox.envelopes
    assert envelope.content == arrives
    assert (envelope.mail_from, envelope.rcpt_tos) == ("me@a.example", ["you@b.example"])


def test_many_messages_and_addresses_go_over_one_connection() -> None:
    inbox = Inbox()
    with running(inbox, enable_SMTPUTF8=True) as port, Smtp(at(port)) as smtp:
        for number, address in enumerate(["a@b.example", "ä@b.example", "o'b+c@d.example"], 1):
            assert smtp.send("", address, BIG).response == f"250 message {number}"
    assert [envelope.rcpt_tos for envelope in inbox.envelopes] == [
        ["a@b.example"],
        ["ä@b.example"],
        ["o'b+c@d.example"],
    ]


def test_an_address_outside_ascii_needs_a_server_that_takes_it() -> None:
    with (
        running(Inbox(), enable_SMTPUTF8=False) as port,
        Smtp(at(port)) as smtp,
        pytest.raises(Permanent, match="SMTPUTF8"),
    ):
        smtp.send("me@a.example", "ä@b.example", MESSAGE)


@pytest.mark.parametrize("exclude", [[], ["PLAIN"]], ids=["PLAIN", "LOGIN"])
def test_starttls_and_login(
    tls: tuple[Path, ssl.SSLContext], exclude: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tls[0]))
    inbox = Inbox()
    options = {"authenticator": authenticator, "auth_required": True, "auth_exclude_mechanism": exclude}
    with running(inbox, tls_context=tls[1], require_starttls=True, **options) as port:
        server = at(port, security="starttls", username="me", password=SECRET)
        assert deliver(server) == Accepted("250 message 1")
        with pytest.raises(AuthenticationFailed, match="535"):
            deliver(at(port, security="starttls", username="me", password="wrong"))
        with pytest.raises(AuthenticationFailed, match="530"):
            deliver(at(port, security="starttls"))


def test_tls_from_the_first_byte(tls: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tls[0]))
    with serving(until("reply", hangs_up), context=tls[1]) as port:
        assert deliver(at(port, security="tls")).response == "250 first queued as 7"


def test_a_certificate_that_nobody_vouches_for(tls: tuple[Path, ssl.SSLContext]) -> None:
    with serving(until("reply", hangs_up), context=tls[1]) as port, pytest.raises(Unreachable, match="(?i)certificate"):
        deliver(at(port, security="tls"))
    with running(Inbox(), tls_context=tls[1]) as port, pytest.raises(Unreachable, match="(?i)certificate"):
        deliver(at(port, security="starttls"))


def test_no_starttls_is_no_reason_to_go_on_in_plain_text() -> None:
    with running(Inbox()) as port, pytest.raises(Unreachable, match="STARTTLS"):
        deliver(at(port, security="starttls", username="me", password=SECRET))


def test_words_before_tls_are_not_the_servers() -> None:
    def talk(peer: Peer) -> None:
        greeted("STARTTLS")(peer)
        peer.hear("STARTTLS")
        peer.say("220 go on", "250-evil", "250 AUTH PLAIN")
        peer.hear_out()

    with serving(talk) as port, pytest.raises(Unreachable, match="plain text"):
        deliver(at(port, security="starttls"))


@pytest.mark.parametrize(
    "url, name",
    [
        ("https://crm.example.com/x", "crm.example.com"),
        ("http://127.0.0.1:8000", "[127.0.0.1]"),
        ("http://[2606:4700::1]:8000", "[IPv6:2606:4700::1]"),
        ("https://bücher.example", "xn--bcher-kva.example"),
        ("", "localhost"),
    ],
)
def test_ehlo_names_the_public_host(url: str, name: str, settings: Settings) -> None:
    settings.FLUENZR_PUBLIC_URL = url

    def talk(peer: Peer) -> None:
        peer.say("220 here")
        assert peer.hear() == f"ehlo {name}"
        peer.say("250 here")
        peer.hear("QUIT")

    with serving(talk) as port, Smtp(at(port)):
        pass
