"""The sandbox's servers, with the clients of the standard library and with ours."""

import imaplib
import smtplib
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from campaigns.receiving.mailbox import FolderUnavailable, Mailbox, MailboxAuthenticationFailed
from campaigns.receiving.mailbox import ImapServer as Account
from campaigns.sandbox.imap_server import ImapServer
from campaigns.sandbox.smtp_server import Received, SmtpServer
from campaigns.sending.transport import Permanent, Smtp
from campaigns.sending.transport import SmtpServer as Server

HOST = "127.0.0.1"


class Taking:
    """Keeps what comes, and answers ``reply``."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.reply = "250 2.0.0 Taken"

    def __call__(self, received: Received) -> str:
        self.received.append(received)
        if self.reply == "raise":
            raise RuntimeError("a fault of the callback")
        return self.reply


@pytest.fixture
def taking() -> Taking:
    return Taking()


@pytest.fixture
def smtp_port(taking: Taking) -> Iterator[int]:
    with SmtpServer(taking) as server:
        yield server.port


@pytest.fixture
def smtp(smtp_port: int) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP(HOST, smtp_port, local_hostname="tests", timeout=10) as client:
        yield client


def test_a_message_arrives_to_the_letter(smtp: smtplib.SMTP, taking: Taking):
    smtp.sendmail("a@x.example", ["b@y.example", "c@z.example"], b"Subject: x\r\n\r\n.dot\r\n..two\r\nend\r\n")
    (received,) = taking.received
    assert (received.sender, received.recipients) == ("a@x.example", ("b@y.example", "c@z.example"))
    assert received.content == b"Subject: x\r\n\r\n.dot\r\n..two\r\nend\r\n"


def test_several_messages_over_one_connection(smtp: smtplib.SMTP, taking: Taking):
    for number in range(3):
        smtp.sendmail("a@x.example", [f"{number}@y.example"], b"x")
    assert [each.recipients[0] for each in taking.received] == ["0@y.example", "1@y.example", "2@y.example"]


def test_the_null_sender_and_bytes_beyond_ascii(smtp: smtplib.SMTP, taking: Taking):
    smtp.sendmail("", ["b@y.example"], "é\r\n".encode())
    assert (taking.received[0].sender, taking.received[0].content) == ("", "é\r\n".encode())


@pytest.mark.parametrize(
    ("reply", "code"), [("550 5.1.1 No", 550), ("raise", 451), ("nonsense", 451), ("250 a\r\nb", 451)]
)
def test_what_the_callback_answers_is_the_reply(smtp: smtplib.SMTP, taking: Taking, reply: str, code: int):
    taking.reply = reply
    with pytest.raises(smtplib.SMTPDataError) as refused:
        smtp.sendmail("a@x.example", ["b@y.example"], b"x")
    assert refused.value.smtp_code == code
    taking.reply = "250 2.0.0 Taken"
    smtp.sendmail("a@x.example", ["b@y.example"], b"x")


def test_commands_out_of_order_and_unknown_ones(smtp: smtplib.SMTP, taking: Taking):
    assert smtp.helo("tests")[0] == 250
    assert smtp.docmd("RCPT", "TO:<b@y.example>")[0] == 503
    assert smtp.docmd("DATA")[0] == 503
    assert smtp.docmd("MAIL", "TO:<b@y.example>")[0] == 501
    assert smtp.docmd("MAIL", "FROM:<a@x.example>")[0] == 250
    assert smtp.docmd("RCPT", "TO:<>")[0] == 501
    assert smtp.docmd("RCPT", "TO:<b@y.example>")[0] == 250
    assert smtp.rset()[0] == 250
    assert smtp.docmd("DATA")[0] == 503
    assert smtp.noop()[0] == 250
    assert smtp.docmd("VRFY", "b")[0] == 502 and smtp.docmd("__class__")[0] == 502
    assert taking.received == []


def test_a_message_that_is_cut_off_is_none(smtp_port: int, taking: Taking):
    with socket.create_connection((HOST, smtp_port), timeout=10) as sock:
        sock.sendall(b"EHLO t\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\nhalf a mess")
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(4096):
            pass
    assert taking.received == []


def test_our_own_transport_speaks_with_it(smtp_port: int, taking: Taking, settings: Any):
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    with Smtp(Server(HOST, smtp_port, "none")) as client:
        assert client.send("a@x.example", "b@y.example", b"one").response == "250 2.0.0 Taken"
        taking.reply = "550 5.1.1 No such user here"
        with pytest.raises(Permanent):
            client.send("a@x.example", "b@y.example", b"two")
    assert [each.content for each in taking.received] == [b"one\r\n", b"two\r\n"]


# ------------------------------------------------------------------------------------------------------ IMAP


@pytest.fixture
def inbox() -> Iterator[ImapServer]:
    with ImapServer("ann", 'se"cret') as server:
        yield server


@pytest.fixture
def imap(inbox: ImapServer) -> Iterator[imaplib.IMAP4]:
    client = imaplib.IMAP4(HOST, inbox.port, timeout=10)
    client.login("ann", 'se"cret')
    yield client
    client.logout()


def uids(client: imaplib.IMAP4, criterion: str) -> bytes:
    return client.uid("SEARCH", criterion)[1][0]


def test_what_was_appended_is_read(inbox: ImapServer, imap: imaplib.IMAP4):
    inbox.append(b"Subject: one\r\n\r\n1")
    inbox.append("Subject: two\r\n\r\nde\u0301ux )\r\n".encode())
    assert imap.select("INBOX", readonly=True) == ("OK", [b"2"])
    assert imap.response("UIDVALIDITY")[1] == [b"1"] and imap.response("UIDNEXT")[1] == [b"3"]
    assert uids(imap, "ALL") == b"1 2"
    _, ((head, literal), _) = imap.uid("FETCH", "2", "(UID BODY.PEEK[]<0.1000>)")
    assert b"UID 2" in head and literal == "Subject: two\r\n\r\nde\u0301ux )\r\n".encode()
    assert imap.uid("FETCH", "1", "(UID BODY.PEEK[]<3.5>)")[1][0][1] == b"ject:"
    assert imap.fetch("1", "(FLAGS RFC822.SIZE)") == ("OK", [b"1 (UID 1 FLAGS () RFC822.SIZE 17)"])


@pytest.mark.parametrize(
    ("criterion", "found"),
    [("2:*", b"2 3"), ("UID 9:*", b"3"), ("1,3", b"1 3"), ("3:2", b"2 3"), ("UID 4:9", b""), ("*", b"3")],
)
def test_ranges_are_read_as_imap_reads_them(inbox: ImapServer, imap: imaplib.IMAP4, criterion: str, found: bytes):
    for _ in range(3):
        inbox.append(b"x")
    imap.select(readonly=True)
    assert uids(imap, criterion) == found


def test_new_mail_is_told_of(inbox: ImapServer, imap: imaplib.IMAP4):
    imap.select(readonly=True)
    assert uids(imap, "1:*") == b""
    inbox.append(b"x")
    imap.noop()
    assert imap.response("EXISTS")[1] == [b"0", b"1"] and uids(imap, "1:*") == b"1"


def test_what_it_refuses(inbox: ImapServer, imap: imaplib.IMAP4):
    assert imap.select("Sent", readonly=True)[0] == "NO"
    assert imap.list()[1] == [b'(\\HasNoChildren) "/" INBOX']
    imap.select(readonly=True)
    with pytest.raises(imaplib.IMAP4.error):
        imap.uid("SEARCH", "SUBJECT x")
    with pytest.raises(imaplib.IMAP4.error):
        imap.uid("STORE", "1", "+FLAGS", "(\\Deleted)")
    stranger = imaplib.IMAP4(HOST, inbox.port, timeout=10)
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        stranger.login("ann", "guess")
    with pytest.raises(imaplib.IMAP4.error):
        stranger.xatom("LIST", '""', "*")
    stranger.logout()


def test_our_own_mailbox_speaks_with_it(inbox: ImapServer, settings: Any):
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    raw = [b"Subject: one\r\n\r\n" + b"x" * 100, b""]
    for each in raw:
        inbox.append(each)
    with Mailbox(Account(HOST, inbox.port, "none", "ann", 'se"cret')) as mailbox:
        folder = mailbox.select("INBOX")
        assert (folder.uidvalidity, folder.uidnext) == (1, 3)
        assert mailbox.uids_after(0, 10) == [1, 2] and mailbox.uids_after(2, 10) == []
        assert list(mailbox.fetch([1, 2, 3], 20)) == [(1, raw[0][:20]), (2, b"")]
        assert [each.name for each in mailbox.folders()] == ["INBOX"]
        with pytest.raises(FolderUnavailable):
            mailbox.select("Sent")
    with pytest.raises(MailboxAuthenticationFailed):
        Mailbox(Account(HOST, inbox.port, "none", "ann", "guess")).__enter__()
