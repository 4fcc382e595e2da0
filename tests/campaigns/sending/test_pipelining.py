"""SMTP PIPELINING (RFC 2920): MAIL, RCPT and DATA at once, each refusal at its stage, and nothing sent after one."""

import pytest
from pytest_django import Settings

from campaigns.sending.transport import (
    Accepted,
    AuthenticationFailed,
    Permanent,
    Smtp,
    Temporary,
    TransportError,
    Unreachable,
)
from tests.campaigns.sending.smtp_support import MESSAGE, Talk, at, deliver, greeted, hangs_up
from tests.support.scripted import Peer, serving

NO_RECIPIENT = "503 no recipient"


@pytest.fixture(autouse=True)
def loopback(settings: Settings) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]


def hear_all(peer: Peer, recipient: str = "you@b.example") -> None:
    """The three commands, before any of them is answered: who waits for replies never says the second."""
    peer.hear("MAIL FROM:<me@a.example>")
    peer.hear(f"RCPT TO:<{recipient}>")
    peer.hear("DATA")


def answering(*replies: str, ending: Talk) -> Talk:
    def talk(peer: Peer) -> None:
        greeted("PIPELINING")(peer)
        hear_all(peer)
        peer.say(*replies)
        ending(peer)

    return talk


def take_content(peer: Peer) -> None:
    peer.hear_until(b"\r\n.\r\n")
    peer.say("250 queued")


def test_the_content_goes_once_all_three_are_answered() -> None:
    def ending(peer: Peer) -> None:
        take_content(peer)
        peer.hear("QUIT")

    with serving(answering("250 fine", "250 fine", "354 go on", ending=ending)) as port:
        assert deliver(at(port)) == Accepted("250 queued")


@pytest.mark.parametrize(
    "replies, expected, stage",
    [
        (("451 later", NO_RECIPIENT, NO_RECIPIENT), Temporary, "MAIL"),
        (("550 not from you", "250 fine", "554 no"), Permanent, "MAIL"),
        (("530 5.7.0 log in first", "530 5.7.0 log in first", "530 5.7.0 log in first"), AuthenticationFailed, None),
        (("250 fine", "450 greylisted", NO_RECIPIENT), Temporary, "RCPT"),
        (("250 fine", "550 5.1.1 nobody", "554 5.5.1 no recipient"), Permanent, "RCPT"),
        (("250 fine", "250 fine", "452 full"), Temporary, "DATA"),
        (("250 fine", "250 fine", "554 no"), Permanent, "DATA"),
    ],
)
def test_the_first_refusal_counts_and_the_connection_goes_on(
    replies: tuple[str, ...], expected: type[TransportError], stage: str | None
) -> None:
    def ending(peer: Peer) -> None:
        peer.hear("RSET")
        peer.say("250 forgotten")
        hear_all(peer, "next@b.example")
        peer.say("250 fine", "250 fine", "354 go on")
        take_content(peer)
        peer.hear("QUIT")

    with serving(answering(*replies, ending=ending)) as port, Smtp(at(port)) as smtp:
        with pytest.raises(expected) as caught:
            smtp.send("me@a.example", "you@b.example", MESSAGE)
        assert type(caught.value) is expected and getattr(caught.value, "stage", None) == stage
        assert str(caught.value) == next(each for each in replies if each[0] in "45")
        assert smtp.send("me@a.example", "next@b.example", MESSAGE) == Accepted("250 queued")


@pytest.mark.parametrize("to_nothing", ["554 no valid recipients", "250 thank you for nothing"])
def test_a_server_that_wants_the_content_for_nobody_gets_a_dot_alone(to_nothing: str) -> None:
    def ending(peer: Peer) -> None:
        assert peer.hear() == "."
        peer.say(to_nothing)
        peer.hear("RSET")
        peer.say("250 forgotten")
        hear_all(peer, "next@b.example")
        peer.say("250 fine", "250 fine", "354 go on")
        take_content(peer)
        peer.hear("QUIT")

    replies = ("250 fine", "550 5.1.1 nobody", "354 go on")
    with serving(answering(*replies, ending=ending)) as port, Smtp(at(port)) as smtp:
        with pytest.raises(Permanent) as caught:
            smtp.send("me@a.example", "you@b.example", MESSAGE)
        assert (caught.value.stage, str(caught.value)) == ("RCPT", "550 5.1.1 nobody")
        assert smtp.send("me@a.example", "next@b.example", MESSAGE) == Accepted("250 queued")


def test_a_dot_is_never_said_where_the_recipient_was_taken() -> None:
    def ending(peer: Peer) -> None:
        assert peer.hear() == ""

    with (
        serving(answering("550 not from you", "250 fine", "354 go on", ending=ending)) as port,
        pytest.raises(Permanent) as caught,
    ):
        deliver(at(port))
    assert caught.value.stage == "MAIL"


@pytest.mark.parametrize("ending", [hangs_up, Peer.reset], ids=["hangs up", "resets"])
@pytest.mark.parametrize(
    "replies, stage",
    [
        (("421 too busy",), "MAIL"),
        (("250 fine", "421 too busy"), "RCPT"),
        (("250 fine", "450 later", "354 go on"), "RCPT"),
    ],
)
def test_a_server_that_hangs_up_after_a_refusal_has_refused(replies: tuple[str, ...], stage: str, ending: Talk) -> None:
    with serving(answering(*replies, ending=ending)) as port, Smtp(at(port)) as smtp:
        with pytest.raises(Temporary if ending is hangs_up else (Temporary, Unreachable)) as caught:
            smtp.send("me@a.example", "you@b.example", MESSAGE)
        # A reset may overtake the refusal.
        assert getattr(caught.value, "stage", stage) == stage
        with pytest.raises(Unreachable):
            smtp.send("me@a.example", "you@b.example", MESSAGE)


@pytest.mark.parametrize(
    "replies",
    [("354 go on",), ("250 fine", "354 what?"), ("250 fine", "250 fine", "250 what?"), ("250 fine", "HTTP/1.1 200 OK")],
)
def test_who_answers_something_else_is_sent_nothing(replies: tuple[str, ...]) -> None:
    def ending(peer: Peer) -> None:
        assert peer.hear() == ""

    with serving(answering(*replies, ending=ending)) as port, pytest.raises(Unreachable):
        deliver(at(port))


def test_a_reply_too_many_is_not_taken_for_that_to_the_content() -> None:
    def ending(peer: Peer) -> None:
        assert peer.hear() == ""

    replies = ("250 fine", "250 fine", "354 go on", "250 queued")
    with serving(answering(*replies, ending=ending)) as port, pytest.raises(Unreachable, match="out of turn"):
        deliver(at(port))
