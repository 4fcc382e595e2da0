"""SMTP: what was sent, and after each way of failing, whether it can have been."""

import hmac
import traceback

import pytest
from pytest_django import Settings

from campaigns.sending.transport import (
    Accepted,
    AuthenticationFailed,
    Permanent,
    Smtp,
    Temporary,
    Uncertain,
    Unreachable,
)
from tests.campaigns.sending.smtp_support import (
    ACTS,
    BIG,
    FIRST_UNCERTAIN,
    MESSAGE,
    PIPELINED,
    SECRET,
    SHORT,
    Talk,
    at,
    deliver,
    encoded,
    greeted,
    hangs_up,
    until,
)
from tests.support.scripted import Peer, serving


@pytest.fixture(autouse=True)
def loopback(settings: Settings) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]


# ----------------------------------------------------------------------------------------- lost on the way

# One delivery, act by act. A big message, so that a server which stops reading is noticed while it goes out.
ENDINGS = {"hangs up": hangs_up, "resets": Peer.reset, "falls silent": Peer.hear_out}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("message", [MESSAGE, BIG], ids=["small", "big"])
@pytest.mark.parametrize("acts", [ACTS, PIPELINED], ids=["one by one", "pipelined"])
@pytest.mark.parametrize("last", list(ACTS)[:-1])
def test_each_loss_has_its_class(last: str, acts: dict[str, Talk], message: bytes, ending: str) -> None:
    expected = {Unreachable if list(ACTS).index(last) < FIRST_UNCERTAIN else Uncertain}
    if (last, ending) == ("354", "resets"):
        # A reset may overtake the 354.
        expected = {Unreachable, Uncertain}
    with serving(until(last, ENDINGS[ending], acts)) as port, pytest.raises(Exception) as caught:
        deliver(at(port), message, reply_timeout=SHORT if ending == "falls silent" else 10)
    assert type(caught.value) in expected and str(caught.value)


@pytest.mark.parametrize("ending", [hangs_up, Peer.hear_quit], ids=["hangs up", "hears on"])
def test_a_complete_reply_counts_whatever_comes_after(ending: Talk) -> None:
    with serving(until("reply", ending)) as port:
        assert deliver(at(port)).response == "250 first queued as 7"


def test_after_a_loss_nothing_more_is_sent() -> None:
    with serving(until("the dot", hangs_up)) as port, Smtp(at(port)) as smtp:
        with pytest.raises(Uncertain):
            smtp.send("me@a.example", "you@b.example", MESSAGE)
        for _ in range(2):
            with pytest.raises(Unreachable, match="closed before"):
                smtp.send("me@a.example", "you@b.example", MESSAGE)


def test_a_drip_is_no_reply() -> None:
    def drip(peer: Peer) -> None:
        # Each read gets its byte in time; the whole doesn't. It stops when the client hangs up.
        stop = False
        while not stop:
            peer.sock.settimeout(0.01)
            try:
                stop = not peer.sock.recv(1)
            except TimeoutError:
                peer.say_raw(b"2")

    with serving(drip) as port, pytest.raises(Unreachable, match="in time"):
        deliver(at(port), reply_timeout=SHORT)


@pytest.mark.parametrize(
    "said", [b"\xff\xfe\r\n", b"HTTP/1.1 200 OK\r\n", b"250-a\r\n550 b\r\n", b"x" * 9000, b"250-a\r\n" * 200]
)
@pytest.mark.parametrize(
    "last, expected", [("EHLO heard", Unreachable), ("DATA heard", Unreachable), ("the dot", Uncertain)]
)
def test_nonsense_is_no_reply(said: bytes, last: str, expected: type[Exception]) -> None:
    def ending(peer: Peer) -> None:
        peer.say_raw(said)
        peer.hear_out()

    with serving(until(last, ending)) as port, pytest.raises(expected):
        deliver(at(port))


# --------------------------------------------------------------------------------------------- turned away


@pytest.mark.parametrize(
    "last, reply, expected, stage",
    [
        ("MAIL heard", "451 later", Temporary, "MAIL"),
        ("MAIL heard", "550 not from you", Permanent, "MAIL"),
        ("MAIL heard", "530 5.7.0 log in first", AuthenticationFailed, None),
        ("MAIL heard", "354 go on", Unreachable, None),
        ("RCPT heard", "421 too busy", Temporary, "RCPT"),
        ("RCPT heard", "450 greylisted", Temporary, "RCPT"),
        ("RCPT heard", "550 5.1.1 nobody", Permanent, "RCPT"),
        ("DATA heard", "452 full", Temporary, "DATA"),
        ("DATA heard", "554 no", Permanent, "DATA"),
        ("DATA heard", "250 what?", Unreachable, None),
        ("the dot", "451 later", Temporary, "content"),
        ("the dot", "421 going away", Temporary, "content"),
        ("the dot", "554 spam", Permanent, "content"),
        ("the dot", "354 go on", Uncertain, None),
        ("mid content", "552 too big", Permanent, "content"),
    ],
)
def test_each_refusal_has_its_class(last: str, reply: str, expected: type[Exception], stage: str | None) -> None:
    def ending(peer: Peer) -> None:
        peer.say(reply)
        peer.hear_quit()

    with serving(until(last, ending)) as port, pytest.raises(Exception) as caught:
        deliver(at(port))
    error = caught.value
    assert type(error) is expected
    if isinstance(error, Temporary | Permanent):
        assert (error.stage, f"{error.code} {error.text}", str(error)) == (stage, reply, reply)


@pytest.mark.parametrize("greeting", ["554 no service", "421 too busy", "354 what?"])
def test_a_server_that_greets_nobody_is_unreachable(greeting: str) -> None:
    def talk(peer: Peer) -> None:
        peer.say(greeting)
        peer.hear_out()

    with serving(talk) as port, pytest.raises(Unreachable, match=greeting[:3]):
        deliver(at(port))


def test_nobody_listening_and_a_private_address_are_unreachable(settings: Settings) -> None:
    with serving() as port:
        pass
    with pytest.raises(Unreachable):
        deliver(at(port))
    settings.FLUENZR_PRIVATE_NETWORKS = []
    with serving() as port, pytest.raises(Unreachable, match="127.0.0.1 is a private address"):
        deliver(at(port))


def test_a_connection_goes_on_after_a_refusal() -> None:
    def talk(peer: Peer) -> None:
        peer.say("220 here")
        peer.hear("EHLO [127.0.0.1]")
        peer.say("250 here")
        for recipient, reply in [("a@b.example", "550 nobody"), ("c@d.example", "250 fine")]:
            peer.hear("MAIL FROM:<me@a.example>")
            peer.say("250 fine")
            peer.hear(f"RCPT TO:<{recipient}>")
            peer.say(reply)
            if reply.startswith("550"):
                peer.hear("RSET")
                peer.say("250 forgotten")
        peer.hear("DATA")
        peer.say("354 go on")
        peer.hear_until(b"\r\n.\r\n")
        peer.say("250 queued")
        peer.hear("QUIT")
        peer.say("221 bye")

    with serving(talk) as port, Smtp(at(port)) as smtp:
        with pytest.raises(Permanent):
            smtp.send("me@a.example", "a@b.example", MESSAGE)
        assert smtp.send("me@a.example", "c@d.example", MESSAGE) == Accepted("250 queued")


def test_a_reply_too_many_ends_the_connection() -> None:
    def ending(peer: Peer) -> None:
        peer.say_raw(b" queued\r\n250 and again\r\n")
        peer.hear_out()

    with serving(until("a line with more to come", ending)) as port, Smtp(at(port)) as smtp:
        smtp.send("me@a.example", "you@b.example", MESSAGE)
        with pytest.raises(Unreachable, match="out of turn"):
            smtp.send("me@a.example", "you@b.example", MESSAGE)


@pytest.mark.parametrize("bad", ["a@b.example\r\nRCPT TO:<c@d.example>", "a\n", "a\r", "a\0", "a@b> SIZE=1", "<a@b>"])
def test_bad_addresses_are_refused_before_anything_is_sent(bad: str) -> None:
    def talk(peer: Peer) -> None:
        peer.say("220 here")
        peer.hear("EHLO")
        peer.say("250 here")
        peer.hear("QUIT")
        peer.say("221 bye")

    with serving(talk) as port, Smtp(at(port)) as smtp:
        for sender, recipient in [(bad, "a@b.example"), ("a@b.example", bad), ("a@b.example", "")]:
            with pytest.raises(ValueError):
                smtp.send(sender, recipient, MESSAGE)


# ------------------------------------------------------------------------------------------------- logging in


def told(error: BaseException) -> str:
    """All that a log of it could show."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))


@pytest.mark.parametrize("offered", ["AUTH PLAIN LOGIN", "AUTH LOGIN", "AUTH CRAM-MD5"])
@pytest.mark.parametrize("reply, expected", [("535 no: ", AuthenticationFailed), ("454 busy: ", Unreachable)])
def test_an_echoed_password_is_never_told(offered: str, reply: str, expected: type[Exception]) -> None:
    def talk(peer: Peer) -> None:
        greeted(offered)(peer)
        heard = [peer.hear("AUTH")]
        while not heard[-1].startswith("AUTH PLAIN") and len(heard) < (2 if "CRAM" in offered else 3):
            peer.say(f"334 {encoded('challenge')}")
            heard.append(peer.hear())
        # A server may drop who can't log in: the reply counts, and no other way is tried.
        peer.say(f"{reply} {' '.join(heard)} {SECRET}".encode().decode("latin-1"))

    with serving(talk) as port, pytest.raises(expected) as caught:
        deliver(at(port, username="me", password=SECRET))
    for secret in (SECRET, encoded(SECRET), encoded(f"\0me\0{SECRET}")):
        assert secret not in told(caught.value)
    assert str(caught.value).startswith(reply[:6])


def test_cram_md5() -> None:
    def talk(peer: Peer) -> None:
        greeted("AUTH CRAM-MD5")(peer)
        peer.hear("AUTH CRAM-MD5")
        peer.say(f"334 {encoded('<1@here>')}")
        digest = hmac.new(b"pass", b"<1@here>", "md5").hexdigest()
        assert peer.hear() == encoded(f"me {digest}")
        peer.say("235 welcome")
        peer.hear("QUIT")

    with serving(talk) as port, Smtp(at(port, username="me", password="pass")):
        pass


@pytest.mark.parametrize("welcome", [True, False])
def test_xoauth2(welcome: bool) -> None:
    def talk(peer: Peer) -> None:
        greeted("AUTH XOAUTH2 PLAIN")(peer)
        answer = encoded("user=me@a.example\1auth=Bearer t0ken\1\1")
        assert peer.hear() == f"AUTH XOAUTH2 {answer}"
        if welcome:
            peer.say("235 welcome")
            return
        peer.say(f"334 {encoded('{}')}")
        assert peer.hear() == ""
        peer.say(f"535 t0ken {answer}")

    server = {"username": "me@a.example", "password": "unused", "oauth_token": "t0ken"}
    with serving(talk) as port:
        if welcome:
            with Smtp(at(port, **server)):
                return
        with pytest.raises(AuthenticationFailed) as caught:
            deliver(at(port, **server))
    assert "t0ken" not in told(caught.value) and str(caught.value) == "535 *** ***"


def test_a_server_without_a_way_to_log_in() -> None:
    with serving(greeted("AUTH GSSAPI")) as port, pytest.raises(AuthenticationFailed, match="no way to log in"):
        deliver(at(port, username="me", password=SECRET))


def test_secrets_are_not_in_the_repr() -> None:
    server = at(25, username="me", password=SECRET, oauth_token="t0ken")
    assert SECRET not in repr(server) and "t0ken" not in repr(server)


def test_an_unknown_security_is_refused() -> None:
    with pytest.raises(ValueError, match="starttls"):
        at(25, security="ssl")
