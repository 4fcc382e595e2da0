"""IMAP against a server that follows a script: what is asked, and what is made of the answers."""

import base64
import traceback

import pytest
from pytest_django import Settings

from campaigns.receiving.mailbox import (
    Folder,
    FolderName,
    FolderUnavailable,
    MailboxAuthenticationFailed,
    MailboxUnreachable,
)
from tests.campaigns.receiving.imap_support import (
    SECRET,
    TOKEN,
    after_login,
    answer,
    at,
    box,
    capability,
    examined,
    fetching,
    welcome,
)
from tests.support.scripted import Peer, serving


@pytest.fixture(autouse=True)
def loopback(settings: Settings) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]


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
