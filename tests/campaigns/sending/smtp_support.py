"""What tests of SMTP share: a server to name, a message to give."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from campaigns.sending.transport import (
    Accepted,
    Smtp,
    SmtpServer,
)
from tests.support.scripted import HOST, Peer

Talk = Callable[[Peer], None]
SHORT = 0.2
MESSAGE = b"Subject: hello\r\n\r\nHello.\r\n"
SECRET = "pässwörd &s3cret"


def at(port: int, **fields: Any) -> SmtpServer:
    return SmtpServer(HOST, port, **{"security": "none", **fields})


def deliver(server: SmtpServer, message: bytes = MESSAGE, reply_timeout: float = 10) -> Accepted:
    with Smtp(server, connect_timeout=10, reply_timeout=reply_timeout) as smtp:
        return smtp.send("me@a.example", "you@b.example", message)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def greeted(*features: str) -> Talk:
    def talk(peer: Peer) -> None:
        peer.say("220 here")
        peer.hear("EHLO")
        peer.say("250-here", *(f"250-{each}" for each in features), "250 HELP")

    return talk


BIG = b"Subject: big\r\n\r\n" + (b"x" * 76 + b"\r\n") * 100_000
ACTS: dict[str, Talk] = {
    "nothing": lambda peer: None,
    "half a greeting": lambda peer: peer.say_raw(b"22"),
    "greeting": lambda peer: peer.say_raw(b"0 here\r\n"),
    "EHLO heard": lambda peer: peer.hear("EHLO ") and None,
    "EHLO answered": lambda peer: peer.say("250-here", "250 HELP"),
    "MAIL heard": lambda peer: peer.hear("MAIL FROM:<me@a.example>") and None,
    "MAIL answered": lambda peer: peer.say("250 fine"),
    "RCPT heard": lambda peer: peer.hear("RCPT TO:<you@b.example>") and None,
    "RCPT answered": lambda peer: peer.say("250 fine"),
    "DATA heard": lambda peer: peer.hear("DATA") and None,
    "half a 354": lambda peer: peer.say_raw(b"354"),
    "354": lambda peer: peer.say_raw(b" go on\r\n"),
    "mid content": lambda peer: peer.hear_bytes(20) and None,
    "the dot": lambda peer: peer.hear_until(b"\r\n.\r\n"),
    "a code without an end": lambda peer: peer.say_raw(b"250"),
    "half a line": lambda peer: peer.say_raw(b"-first"),
    "a line with more to come": lambda peer: peer.say_raw(b"\r\n250"),
    "reply": lambda peer: peer.say_raw(b" queued as 7\r\n"),
}
# The same to a client that may say MAIL, RCPT and DATA at once.
PIPELINED = ACTS | {"EHLO answered": lambda peer: peer.say("250-here", "250 PIPELINING")}
FIRST_UNCERTAIN = list(ACTS).index("354")


def until(last: str, ending: Talk, acts: Mapping[str, Talk] = ACTS) -> Talk:
    def talk(peer: Peer) -> None:
        for name, act in acts.items():
            act(peer)
            if name == last:
                break
        ending(peer)

    return talk


def hangs_up(peer: Peer) -> None:
    """Leaving the scope closes the connection."""
