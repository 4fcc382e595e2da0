"""The ways of logging in to an SMTP server (RFC 4954). Each returns the last reply: its code and lines."""

import base64
import hmac
import smtplib
from collections.abc import Callable
from typing import Final

from campaigns.sending import wording
from fluenzr_site.core import outbound

LogIn = Callable[[smtplib.SMTP, str, str], tuple[int, bytes]]


def _plain(connection: smtplib.SMTP, username: str, password: str) -> tuple[int, bytes]:
    text = outbound.base64_text(outbound.plain_login(username, password))
    return connection.docmd("AUTH", f"PLAIN {text}")


def _login(connection: smtplib.SMTP, username: str, password: str) -> tuple[int, bytes]:
    reply = connection.docmd("AUTH", "LOGIN")
    for answer in (username, password):
        if reply[0] == 334:
            reply = connection.docmd(outbound.base64_text(answer))
    return reply


def _cram_md5(connection: smtplib.SMTP, username: str, password: str) -> tuple[int, bytes]:
    code, said = connection.docmd("AUTH", "CRAM-MD5")
    if code != 334:
        return code, said
    try:
        challenge = base64.b64decode(said)
    except ValueError:
        raise smtplib.SMTPServerDisconnected(wording.NOT_CRAM_MD5) from None
    digest = hmac.new(password.encode("utf-8", "replace"), challenge, "md5").hexdigest()
    return connection.docmd(outbound.base64_text(f"{username} {digest}"))


def _xoauth2(connection: smtplib.SMTP, username: str, token: str) -> tuple[int, bytes]:
    text = outbound.base64_text(outbound.xoauth2_login(username, token))
    reply = connection.docmd("AUTH", f"XOAUTH2 {text}")
    # 334 explains why not, and waits for an empty line before it refuses.
    return connection.docmd("") if reply[0] == 334 else reply


#: With a password, in the order of liking: passwords are rarely kept in a form that CRAM-MD5 can use.
WITH_PASSWORD: Final[dict[str, LogIn]] = {"PLAIN": _plain, "LOGIN": _login, "CRAM-MD5": _cram_md5}
#: With an OAuth token in its place.
WITH_TOKEN: Final[dict[str, LogIn]] = {"XOAUTH2": _xoauth2}
