"""What tests of IMAP share: the lines of a script."""

from collections.abc import Callable
from typing import Any

from campaigns.receiving.mailbox import (
    ImapServer,
    Mailbox,
)
from tests.support.scripted import HOST, Peer

Talk = Callable[[Peer], None]
SECRET = 'p"ss\\w0rd'
TOKEN = "t0ken"


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
