"""An authorisation server on loopback: its page, codes, PKCE, tokens, rotation, and what may go wrong with them."""

import base64
import hashlib
import html
import json
import re
import secrets
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

from fluenzr_site.core import clock

CLIENT, CLIENT_SECRET = "client-7", "client-s3cret"
PAGE = """<!doctype html><title>Sign in</title><form method="post" action="/allow">
<input type="hidden" name="id" value="{id}"><button name="do" value="allow">Allow</button>
<button name="do" value="deny">Deny</button></form>"""


class AuthorisationServer(ThreadingHTTPServer):
    """Serves between ``with``. Set what it shall do; ``asked`` keeps what the token endpoint was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.email = "mia@sender.test"
        self.lifetime: Any = 3600
        #: What is given instead of what was asked for; None: as asked.
        self.scope: str | None = None
        self.claims: dict[str, Any] = {}
        self.left_out: set[str] = set()
        #: A refresh token is good once; shown twice, the whole grant is gone.
        self.rotates = False
        #: Instead of the token endpoint's next answers: what does the talking.
        self.instead: list[Callable[[Any], None]] = []
        self.asked: list[dict[str, str]] = []
        self.given: list[str] = []
        self._pages: dict[str, dict[str, str]] = {}
        self._codes: dict[str, dict[str, str]] = {}
        self._refreshing: dict[str, str] = {}
        self._used: set[str] = set()
        self._good_until: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Who hangs up early is no news.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    # ------------------------------------------------------------------------------------ what tests ask

    def endpoints(self) -> dict[str, Any]:
        """For FLUENZR_OAUTH_PROVIDERS."""
        urls = {"authorization_url": f"{self.url}/authorize", "token_url": f"{self.url}/token"}
        return urls | {"issuers": [f"{self.url}/tenants/{{tid}}"]}

    def takes(self, user: str, token: str) -> bool:
        """Whether a mail server lets that in."""
        until, email = self._good_until.get(token, (0.0, ""))
        return clock.now().timestamp() < until and user == email

    def withdraw(self) -> None:
        """The person takes the access back."""
        self._refreshing.clear()
        self._good_until.clear()

    def forget_access_tokens(self) -> None:
        self._good_until.clear()

    @property
    def grants(self) -> list[str]:
        return [asked["grant_type"] for asked in self.asked]

    # ----------------------------------------------------------------------------------- what it answers

    def begin(self, query: dict[str, str]) -> str:
        assert (query["client_id"], query["response_type"]) == (CLIENT, "code")
        assert query["code_challenge_method"] == "S256" and query["state"] and query["nonce"]
        page = secrets.token_urlsafe(8)
        self._pages[page] = query
        return PAGE.format(id=page)

    def decide(self, form: dict[str, str]) -> str:
        """Where the person goes on."""
        query = self._pages.pop(form["id"])
        told = {"state": query["state"]}
        if form["do"] == "allow":
            told["code"] = code = self._new("code")
            self._codes[code] = query
        else:
            told |= {"error": "access_denied", "error_description": "The person said no"}
        return f"{query['redirect_uri']}?{urlencode(told)}"

    def tokens(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        with self._lock:
            if (form["client_id"], form["client_secret"]) != (CLIENT, CLIENT_SECRET):
                return 401, {"error": "invalid_client"}
            if form["grant_type"] == "refresh_token":
                return self._refresh(form["refresh_token"])
            return self._exchange(form)

    def _exchange(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        query = self._codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if query is None or query["code_challenge"] != challenge or query["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant", "error_description": f"bad code {form['code']}"}
        return 200, self._without(
            self._granted(self.email) | self._who(query) | {"scope": self.scope or query["scope"]}
        )

    def _refresh(self, token: str) -> tuple[int, dict[str, Any]]:
        if token in self._used:
            self.withdraw()
        email = self._refreshing.get(token)
        if email is None:
            return 400, {"error": "invalid_grant", "error_description": f"Token {token} was revoked"}
        if not self.rotates:
            return 200, {"access_token": self._access(email), "expires_in": self.lifetime, "token_type": "Bearer"}
        self._used.add(token)
        del self._refreshing[token]
        return 200, self._granted(email)

    def _granted(self, email: str) -> dict[str, Any]:
        refresh = self._new("refresh")
        self._refreshing[refresh] = email
        access = self._access(email)
        return {"access_token": access, "refresh_token": refresh, "expires_in": self.lifetime, "token_type": "Bearer"}

    def _access(self, email: str) -> str:
        token = self._new("access")
        lasts = int(self.lifetime) if str(self.lifetime).isdecimal() else 3600
        self._good_until[token] = (clock.now().timestamp() + lasts, email)
        return token

    def _who(self, query: dict[str, str]) -> dict[str, Any]:
        claims = {
            "iss": f"{self.url}/tenants/t1",
            "tid": "t1",
            "aud": CLIENT,
            "exp": int(clock.now().timestamp()) + 600,
            "nonce": query["nonce"],
            "email": self.email,
        }
        claims = {name: value for name, value in (claims | self.claims).items() if value is not None}
        return {"id_token": ".".join(_segment(part) for part in ({"alg": "none"}, claims, {}))}

    def _without(self, answer: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in answer.items() if name not in self.left_out}

    def _new(self, kind: str) -> str:
        token = f"{kind}-{secrets.token_urlsafe(16)}"
        self.given.append(token)
        return token


def _segment(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


class _Handler(BaseHTTPRequestHandler):
    server: AuthorisationServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path != "/authorize":
            # Browsers look for an icon.
            self.answer(404 if "icon" not in parts.path else 200, b"", "image/svg+xml")
            return
        self.answer(200, self.server.begin(dict(parse_qsl(parts.query))).encode(), "text/html")

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        if self.path == "/allow":
            self.send_response(303)
            self.send_header("Location", self.server.decide(form))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.server.asked.append(form)
        if self.server.instead:
            self.server.instead.pop(0)(self)
            return
        status, told = self.server.tokens(form)
        self.answer(status, json.dumps(told).encode(), "application/json")

    def answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def says(status: int, body: bytes) -> Callable[[Any], None]:
    return lambda handler: handler.answer(status, body, "application/json")


def hangs_up(handler: Any) -> None:
    handler.close_connection = True


def drips(handler: Any) -> None:
    """An answer that begins, and then comes a byte at a time until nobody listens."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(1000):
        handler.wfile.write(b" ")
        time.sleep(0.02)


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def decided(address: str, *, do: str = "allow") -> str:
    """Opens the provider's page and presses a button; where it sends the browser then."""
    opener = build_opener(_Stay)
    with opener.open(address, timeout=10) as page:
        found = re.search(r'name="id" value="([^"]+)"', page.read().decode())
    parts = urlsplit(address)
    form = urlencode({"id": html.unescape(found[1]), "do": do}).encode()
    try:
        opener.open(f"{parts.scheme}://{parts.netloc}/allow", form, timeout=10)
    except OSError as answer:
        return answer.headers["Location"]
    raise AssertionError("It sends nobody on")
