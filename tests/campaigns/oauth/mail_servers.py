"""Mail servers that let in with XOAUTH2 whom the authorisation server knows."""

import base64
from typing import Any

from aiosmtpd.smtp import AuthResult

from campaigns.sandbox.imap_server import ImapServer, _ImapSession
from campaigns.sandbox.loopback import Loopback
from tests.campaigns.api.support import MailServer
from tests.campaigns.oauth.authorisation import AuthorisationServer

WHY_NOT = base64.b64encode(b'{"status":"400"}').decode()


def login(said: str) -> tuple[str, str]:
    """User and token of what XOAUTH2 sends."""
    user, bearer = base64.b64decode(said).decode().split("\1")[:2]
    return user.removeprefix("user="), bearer.removeprefix("auth=Bearer ")


class XoauthMailServer(MailServer):
    """``logins`` are the users that came in, in their order."""

    def __init__(self, authorisation: AuthorisationServer) -> None:
        super().__init__()
        self.authorisation, self.logins = authorisation, list[str]()

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:
        user, token = login(args[1])
        if self.authorisation.takes(user, token):
            self.logins.append(user)
            return AuthResult(success=True, auth_data=user)
        await server.challenge_auth(WHY_NOT, encode_to_b64=False)
        # As some do: it says what it was told.
        await server.push(f"535 5.7.8 no, not {args[1]} ({token})")
        return AuthResult(success=False, handled=True)


class XoauthImapServer(ImapServer):
    def __init__(self, authorisation: AuthorisationServer) -> None:
        super().__init__()
        Loopback.server_close(self)
        Loopback.__init__(self, _Session)
        self.authorisation, self.logins = authorisation, list[str]()


class _Session(_ImapSession):
    server: XoauthImapServer

    def _do(self, verb: str, arguments: str) -> str:
        if verb == "LOGIN":
            return "NO [AUTHENTICATIONFAILED] Only XOAUTH2 here"
        if verb != "AUTHENTICATE":
            return super()._do(verb, arguments)
        assert arguments == "XOAUTH2"
        self.say("+")
        user, token = login((self.hear() or b"").decode())
        if self.server.authorisation.takes(user, token):
            self.server.logins.append(user)
            self._is_in = True
            return "OK Logged in"
        self.say(f"+ {WHY_NOT}")
        self.hear()
        return f"NO [AUTHENTICATIONFAILED] Not with {token}"
