"""The installation that is shown: ``manage.py serve`` on SQLite, its API as a client uses it, and its time, moved."""

import http.client
import json
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from tests.test_serve import Server

BROWSER: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
#: Seconds that anything may take on a machine that has other things to do.
LIMIT: Final = 120
_NOW: Final = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
Row = tuple[Any, ...]


class Answer:
    """``location`` is where it redirects, or empty."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.location = response.getheader("Location", "")
        self.type = response.getheader("Content-Type", "")
        self.body = response.read()


class Installation:
    """``key`` is of the workspace that ``manage`` made; ``serve`` ends when the caller ends it."""

    def __init__(self, var: Path) -> None:
        many = {"FLUENZR_REQUESTS_A_MINUTE": "1000000", "FLUENZR_PRIVATE_NETWORKS": "127.0.0.0/8"}
        self.server = Server(var, **many)
        self.site = f"http://127.0.0.1:{self.server.port}"
        self.key = ""
        self._database = var / "fluenzr.sqlite3"

    # ------------------------------------------------------------------------------------------- over HTTP

    def fetch(
        self,
        url: str,
        method: str = "GET",
        *,
        agent: str = BROWSER,
        form: Mapping[str, str] | None = None,
        language: str = "en",
    ) -> Answer:
        """What a recipient's program does with an address of the site. Follows no redirect."""
        assert url.startswith(f"{self.site}/"), url
        headers = {"User-Agent": agent, "Accept-Language": language}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self._asked(method, url, urlencode(form) if form is not None else None, headers)

    def api(self, method: str, path: str, body: Any = None, **query: Any) -> dict[str, Any]:
        """The whole answer of a call of the API, which must succeed."""
        url = f"{self.site}/v1/{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        answer = self._asked(method, url, None if body is None else json.dumps(body), headers)
        told: dict[str, Any] = json.loads(answer.body)
        assert 200 <= answer.status < 300 and told["success"], (method, path, answer.status, told)
        return told

    def get(self, path: str, **query: Any) -> Any:
        return self.api("GET", path, **query)["data"]

    def every(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """A list, page by page, in its order; as many rows as it says there are."""
        rows: list[dict[str, Any]] = []
        page, pages, total = 0, 1, 0
        while page < pages:
            page += 1
            told = self.api("GET", path, page=page, perPage=100, **query)
            rows += told["data"]
            pages, total = told["meta"]["totalPages"], told["meta"]["total"]
        assert len(rows) == total == len({each["id"] for each in rows})
        return rows

    def _asked(self, method: str, url: str, body: str | None, headers: dict[str, str]) -> Answer:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        with closing(connection):
            connection.request(method, f"{parts.path}?{parts.query}".rstrip("?"), body, headers)
            return Answer(connection.getresponse())

    # ---------------------------------------------------------------------------------- the file's own clock

    def sql(self, statement: str, *values: Any) -> list[Row]:
        """One short transaction beside the server's own."""
        with closing(sqlite3.connect(self._database, timeout=30)) as session, session:
            return session.execute(statement, values).fetchall()

    def due(self, **where: str) -> list[Row]:
        """When those are due who wait for a later moment, in hours from now; ``where``: columns and their values."""
        named = "".join(f" AND {name} = ?" for name in where)
        hours = f"(julianday(due_at) - julianday({_NOW})) * 24"
        later = f"SELECT {hours} FROM campaigns_enrolment WHERE due_at > {_NOW}{named}"
        return [hours for (hours,) in self.sql(later, *where.values())]

    def let_time_pass(self, **where: str) -> None:
        """What those wait for is over: a delay, or the wait before an e-mail is tried again."""
        named = "".join(f" AND {name} = ?" for name in where)
        self.sql(f"UPDATE campaigns_enrolment SET due_at = {_NOW} WHERE due_at > {_NOW}{named}", *where.values())

    def look_into_mailboxes(self) -> None:
        """The minute between two looks into a mailbox is over. One that is being read isn't touched."""
        self.sql(f"UPDATE campaigns_mailfolder SET due_at = {_NOW} WHERE due_at > {_NOW} AND lease = ''")

    def looked_into_inbox(self) -> bool:
        """Whether the inbox was read at least once, and is at rest."""
        rows = self.sql(
            "SELECT 1 FROM campaigns_mailfolder WHERE name = 'INBOX' AND uid_validity IS NOT NULL AND lease = ''"
            f" AND last_error = '' AND due_at > {_NOW}"
        )
        return bool(rows)


def eventually(what: str, check: Callable[[], object], *, told: Callable[[], object] = lambda: "") -> None:
    """Until it holds; ``told`` says how things stand where it never does."""
    deadline = time.monotonic() + LIMIT
    while not check():
        assert time.monotonic() < deadline, f"It never came to be that {what}: {told()}"
        time.sleep(0.1)
