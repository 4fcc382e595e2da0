"""IMAP against a server that follows a script: what is asked, and what is made of the answers."""

import base64
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from campaigns.receiving.mailbox import (
    Folder,
    FolderName,
    FolderUnavailable,
    ImapServer,
    Mailbox,
    MailboxAuthenticationFailed,
    MailboxUnreachable,
)
from tests.support.scripted import HOST, Peer, certificate, serving

Talk = Callable[[Peer], None]
SECRET = 'p"ss\\w0rd'
TOKEN = "t0ken"


@pytest.fixture(autouse=True)
def loopback(settings: Settings) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]


def at(port: int, **fields: Any) -> ImapServer:
    return ImapServer(HOST, port, **{"security": "none", "username": "me", "password": SECRET, **fields})


def box(port: int, timeout: float = 10, **fields: Any) -> Mailbox:
    return Mailbox(at(port, **fields), timeout=timeout)


def answer(peer: Peer, command: str, *lines: str, last: str = "OK done") -> str:
    """Hears a command, which must be so to the letter, and answers it. Its tag."""
    heard = peer.hear()
    tag, _, asked = heard.partition(" ")
    assert asked == command
    peer.say(*lines, f"{tag} {last}")
    return tag


def capability(peer: Peer, *more: str) -> None:
    answer(peer, "CAPABILITY", " ".join(["* CAPABILITY IMAP4rev1", *more]))


def welcome(peer: Peer, *capabilities: str) -> None:
    peer.say("* OK here")
    capability(peer, *capabilities)
    answer(peer, 'LOGIN "me" "p\\"ss\\\\w0rd"')
    capability(peer, *capabilities)


def after_login(talk: Talk, *capabilities: str) -> Talk:
    def whole(peer: Peer) -> None:
        welcome(peer, *capabilities)
        talk(peer)
        tag = peer.hear().split()[0]
        peer.say("* BYE", f"{tag} OK bye")

    return whole


def examined(peer: Peer) -> None:
    lines = ["* 3 EXISTS", "* OK [UIDVALIDITY 7] valid", "* OK [UIDNEXT 12] next"]
    answer(peer, 'EXAMINE "INBOX"', *lines, last="OK [READ-ONLY] done")


def fetching(uid: int, said: bytes, most: int = 100) -> Talk:
    """One FETCH and its untagged answer, byte for byte."""

    def talk(peer: Peer) -> None:
        tag, _, asked = peer.hear().partition(" ")
        assert asked == f"UID FETCH {uid} (UID BODY.PEEK[]<0.{most}>)"
        peer.say_raw(said + f"{tag} OK done\r\n".encode())

    return talk


# ----------------------------------------------------------------------------------------------- what is read


def test_a_folder_is_examined() -> None:
    with serving(after_login(examined)) as port, box(port) as mailbox:
        assert mailbox.select("INBOX") == Folder(uidvalidity=7, uidnext=12)


def test_uidnext_is_reckoned_where_it_is_not_told() -> None:
    def talk(peer: Peer) -> None:
        for found in ("* SEARCH 41", "* SEARCH"):
            answer(peer, 'EXAMINE "INBOX"', "* OK [UIDVALIDITY 7] valid")
            answer(peer, "UID SEARCH UID *", found)

    with serving(after_login(talk)) as port, box(port) as mailbox:
        assert [mailbox.select("INBOX").uidnext for _ in range(2)] == [42, 1]


def test_without_uidvalidity_nothing_can_be_read() -> None:
    def talk(peer: Peer) -> None:
        welcome(peer)
        answer(peer, 'EXAMINE "INBOX"', "* OK [UIDNEXT 3] next")

    with serving(talk) as port, box(port) as mailbox, pytest.raises(MailboxUnreachable, match="UIDVALIDITY"):
        mailbox.select("INBOX")


def test_a_folder_that_is_not_there_ends_nothing() -> None:
    def talk(peer: Peer) -> None:
        answer(peer, 'EXAMINE "Gone"', last="NO [NONEXISTENT] no such mailbox")
        examined(peer)

    with serving(after_login(talk)) as port, box(port) as mailbox:
        with pytest.raises(FolderUnavailable, match="Gone: .*no such mailbox"):
            mailbox.select("Gone")
        assert mailbox.select("INBOX").uidnext == 12


def test_uids_are_ascending_and_greater_than_the_last_read() -> None:
    def talk(peer: Peer) -> None:
        examined(peer)
        answer(peer, "UID SEARCH UID 5:*", "* SEARCH 9 6", "* SEARCH 11 7")
        answer(peer, "UID SEARCH UID 1:*", "* SEARCH 9 6 11 7 7")
        # The last message is in n:* even where n is greater.
        answer(peer, "UID SEARCH UID 12:*", "* SEARCH 11")
        answer(peer, "UID SEARCH UID 12:*", "* SEARCH")
        answer(peer, "UID SEARCH UID 12:*")

    with serving(after_login(talk)) as port, box(port) as mailbox:
        mailbox.select("INBOX")
        assert mailbox.uids_after(4, 10) == [6, 7, 9, 11]
        assert mailbox.uids_after(0, 2) == [6, 7]
        assert [mailbox.uids_after(11, 10) for _ in range(3)] == [[], [], []]
        assert mailbox.uids_after(2**32 - 1, 10) == []


def test_a_search_of_a_great_folder_is_one_long_line() -> None:
    def talk(peer: Peer) -> None:
        examined(peer)
        answer(peer, "UID SEARCH UID 1:*", "* SEARCH " + " ".join(map(str, range(10**9, 10**9 + 200_000))))

    with serving(after_login(talk)) as port, box(port) as mailbox:
        mailbox.select("INBOX")
        assert mailbox.uids_after(0, 2) == [10**9, 10**9 + 1]


@pytest.mark.parametrize(
    "said, body",
    [
        (b"* 1 FETCH (UID 6 BODY[]<0> {7}\r\nA: b\r\n\xff)\r\n", b"A: b\r\n\xff"),
        (b"* 1 FETCH (BODY[]<0> {3}\r\nabc UID 6)\r\n", b"abc"),
        (b"* 1 FETCH (FLAGS (\\Seen) UID 6 BODY[] {3}\r\nabc)\r\n* 2 FETCH (FLAGS ())\r\n", b"abc"),
        (b"* 2 FETCH (UID 60 BODY[]<0> {2}\r\nno)\r\n* 1 FETCH (UID 6 BODY[]<0> {2}\r\nme)\r\n", b"me"),
        (b"* 1 FETCH (FLAGS () UID 6)\r\n* 1 FETCH (UID 6 BODY[]<0> {2}\r\nme)\r\n", b"me"),
        (b'* 1 FETCH (UID 6 BODY[]<0> "a\\"b\\\\")\r\n', b'a"b\\'),
        (b"* 1 FETCH (UID 6 BODY[]<0> NIL)\r\n", b""),
        (b"* 1 FETCH (UID 6 BODY[]<0> {0}\r\n)\r\n", b""),
        # A server that takes no notice of the partial.
        (b"* 1 FETCH (UID 6 BODY[] {150}\r\n" + b"x" * 150 + b")\r\n", b"x" * 100),
        (b"* 1 FETCH (UID 6 BODY[]<0> {100}\r\n" + b"* 9 FETCH\r\n" * 9 + b"x)\r\n)\r\n", None),
    ],
)
def test_a_message_is_fetched(said: bytes, body: bytes | None) -> None:
    if body is None:
        body = said.partition(b"}\r\n")[2][:100]
        said = b"* 1 FETCH (UID 6 BODY[]<0> {100}\r\n" + body + b")\r\n"

    def talk(peer: Peer) -> None:
        examined(peer)
        fetching(6, said)(peer)

    with serving(after_login(talk)) as port, box(port) as mailbox:
        mailbox.select("INBOX")
        assert list(mailbox.fetch([6], 100)) == [(6, body)]


def test_messages_that_are_gone_or_cannot_be_given_are_left_out() -> None:
    def talk(peer: Peer) -> None:
        examined(peer)
        fetching(6, b"")(peer)
        answer(peer, "UID FETCH 7 (UID BODY.PEEK[]<0.100>)", last="NO it is broken")
        fetching(8, b"* 3 FETCH (UID 8 BODY[]<0> {1}\r\nx)\r\n")(peer)

    with serving(after_login(talk)) as port, box(port) as mailbox:
        mailbox.select("INBOX")
        assert list(mailbox.fetch([6, 7, 8], 100)) == [(8, b"x")]


def test_messages_are_fetched_one_at_a_time_and_errors_of_the_reader_are_his() -> None:
    def talk(peer: Peer) -> None:
        examined(peer)
        fetching(6, b"* 3 FETCH (UID 6 BODY[]<0> {1}\r\nx)\r\n")(peer)

    with serving(after_login(talk)) as port, box(port) as mailbox:
        mailbox.select("INBOX")
        with pytest.raises(OSError, match="mine"):
            for _ in mailbox.fetch([6, 7], 100):
                raise OSError("mine")
        with pytest.raises(ValueError, match="max_bytes"):
            mailbox.fetch([6], 0)


def test_folders_and_their_flags() -> None:
    def talk(peer: Peer) -> None:
        tag, _, asked = peer.hear().partition(" ")
        assert asked == 'LIST "" "*"'
        peer.say('* LIST (\\HasNoChildren) "/" INBOX', '* LIST (\\HasNoChildren \\sent) "/" "Sent Items"')
        peer.say('* LIST (\\Junk) "\\\\" "a\\"b\\\\c"', "* LIST () NIL &AOk-t&AOk-", '* LIST () "." "R&-D"')
        peer.say('* LIST (\\Noselect) "/" {5}', 'q"u)t', '* LIST () "." "&bad"', '* LIST () "/" "&2D3eAA-"')
        peer.say(f"{tag} OK done")

    with serving(after_login(talk)) as port, box(port) as mailbox:
        found = mailbox.folders()
    assert [folder.name for folder in found] == (
        ["INBOX", "Sent Items", 'a"b\\c', "été", "R&D", 'q"u)t', "&bad", "\U0001f600"]
    )
    assert found[1] == FolderName("Sent Items", frozenset({"\\HasNoChildren", "\\sent"}))
    assert found[1].has("\\Sent") and not found[0].has("\\Sent") and found[2].has("\\Junk")


def test_a_server_that_tells_uses_when_asked_is_asked() -> None:
    def talk(peer: Peer) -> None:
        answer(peer, 'LIST "" "*" RETURN (SPECIAL-USE)', '* LIST (\\Sent) "/" "Out"')

    with serving(after_login(talk, "SPECIAL-USE", "LIST-EXTENDED")) as port, box(port) as mailbox:
        assert mailbox.folders() == [FolderName("Out", frozenset({"\\Sent"}))]


@pytest.mark.parametrize(
    "name, spelled",
    [
        ("Sent Items", '"Sent Items"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("R&D", '"R&-D"'),
        ("été", '"&AOk-t&AOk-"'),
        ("台北/日本語", '"&U,BTFw-/&ZeVnLIqe-"'),
        ("\U0001f600", '"&2D3eAA-"'),
        ("a\tb", '"a&AAk-b"'),
        ("&é", '"&-&AOk-"'),
    ],
)
def test_names_go_in_modified_utf7(name: str, spelled: str) -> None:
    def talk(peer: Peer) -> None:
        answer(peer, f"EXAMINE {spelled}", "* OK [UIDVALIDITY 1] x", "* OK [UIDNEXT 2] x")

    with serving(after_login(talk)) as port, box(port) as mailbox:
        mailbox.select(name)


@pytest.mark.parametrize("name", ["", "a\rb", "a\nb", "a\r\n1 DELETE INBOX", "a\0", "\ud800"])
def test_names_that_cannot_be_are_refused(name: str) -> None:
    with serving(after_login(lambda peer: None)) as port, box(port) as mailbox, pytest.raises(ValueError):
        mailbox.select(name)


# ------------------------------------------------------------------------------------------------- logging in


def told(error: BaseException) -> str:
    """All that a log of it could show."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))


@pytest.mark.parametrize(
    "last, expected",
    [
        ("NO [AUTHENTICATIONFAILED] wrong: ", MailboxAuthenticationFailed),
        ("BAD what: ", MailboxAuthenticationFailed),
        ("BAD it's: ", MailboxAuthenticationFailed),
        ("NO [UNAVAILABLE] later: ", MailboxUnreachable),
    ],
)
def test_a_login_that_fails_tells_no_password(last: str, expected: type[Exception]) -> None:
    def talk(peer: Peer) -> None:
        peer.say("* OK here")
        capability(peer)
        tag = peer.hear().split()[0]
        peer.say(f"{tag} {last}{SECRET}")

    with serving(talk) as port, pytest.raises(expected) as caught, box(port):
        pass
    assert "w0rd" not in told(caught.value) and "***" in str(caught.value)


def test_an_echo_that_is_no_answer_tells_no_password() -> None:
    def talk(peer: Peer) -> None:
        peer.say("* OK here")
        capability(peer)
        peer.say(f"what's {peer.hear()}?")

    with serving(talk) as port, pytest.raises(MailboxUnreachable) as caught, box(port):
        pass
    assert "w0rd" not in told(caught.value) and "***" in str(caught.value)


def test_a_password_outside_ascii_goes_as_plain() -> None:
    def talk(peer: Peer) -> None:
        peer.say("* OK here")
        capability(peer, "AUTH=PLAIN")
        tag, _, asked = peer.hear().partition(" ")
        assert asked == "AUTHENTICATE PLAIN"
        peer.say("+ ")
        assert base64.b64decode(peer.hear()).decode() == "\0me\0pässwörd"
        peer.say(f"{tag} OK welcome")
        capability(peer)

    with serving(talk) as port, box(port, password="pässwörd"):
        pass


@pytest.mark.parametrize("password, offers", [("pässwörd", ""), ("a\r\nb", ""), ("fine", "LOGINDISABLED")])
def test_a_password_that_no_command_can_carry(password: str, offers: str) -> None:
    def talk(peer: Peer) -> None:
        peer.say("* OK here")
        capability(peer, offers)
        peer.hear_out()

    with serving(talk) as port, pytest.raises(MailboxAuthenticationFailed) as caught, box(port, password=password):
        pass
    assert password not in told(caught.value)


@pytest.mark.parametrize("welcomed", [True, False])
def test_xoauth2(welcomed: bool) -> None:
    def talk(peer: Peer) -> None:
        peer.say("* OK here")
        capability(peer, "AUTH=XOAUTH2")
        tag, _, asked = peer.hear().partition(" ")
        assert asked == "AUTHENTICATE XOAUTH2"
        peer.say("+ ")
        assert base64.b64decode(peer.hear()) == b"user=me\1auth=Bearer t0ken\1\1"
        if welcomed:
            peer.say(f"{tag} OK welcome")
            capability(peer)
            return
        peer.say("+ e30=")
        assert peer.hear() == ""
        peer.say(f"{tag} NO no {TOKEN}")

    with serving(talk) as port:
        if welcomed:
            with box(port, oauth_token=TOKEN):
                return
        with pytest.raises(MailboxAuthenticationFailed) as caught, box(port, oauth_token=TOKEN):
            pass
    assert TOKEN not in told(caught.value)


def test_secrets_are_not_in_the_repr() -> None:
    assert SECRET not in repr(at(1, oauth_token=TOKEN)) and "t0ken" not in repr(at(1, oauth_token=TOKEN))
    with pytest.raises(ValueError, match="starttls"):
        at(1, security="ssl")


# ------------------------------------------------------------------------------------------------ unreachable


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
