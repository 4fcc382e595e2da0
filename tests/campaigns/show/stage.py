"""Sets the show up by the installation's own doors: its servers, a workspace, an account, the people, the campaign."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.campaigns.show import answers
from tests.campaigns.show.acting import People, scan_before_taking
from tests.campaigns.show.campaign import POSTAL_ADDRESS, SENDER, SENDER_NAME, draft
from tests.campaigns.show.dovecot import HOST, Dovecot, dovecot
from tests.campaigns.show.figures import Happened, Told, counts, told_of
from tests.campaigns.show.people import COUNT, Person, as_csv, everybody, those
from tests.campaigns.show.server import Installation, eventually
from tests.campaigns.show.wire import PASSWORD, Wire, listening

#: The workspace's page in the browser has them.
_SETTINGS: Final = """
from contacts.models import CustomField
from fluenzr_site.core import clock
from fluenzr_site.workspaces.changes import update_workspace
from fluenzr_site.workspaces.models import Workspace
workspace = Workspace.objects.get(pk="{workspace}")
update_workspace(workspace, {{"postal_address": {address!r}}})
for key in ("city", "code"):
    CustomField.objects.create(workspace=workspace, key=key, label=key.title(), created_at=clock.now())
"""


class Show:
    """The servers, the people, and the campaign once it is made."""

    def __init__(self, there: Installation, wire: Wire, mailboxes: Dovecot, people: list[Person]) -> None:
        self.there, self.wire, self.mailboxes, self.people = there, wire, mailboxes, people
        self.audience = People(people, wire, there, mailboxes)
        self.campaign = ""

    @property
    def stats(self) -> dict[str, Any]:
        told: dict[str, Any] = self.there.get(f"campaigns/{self.campaign}/stats")
        return told

    def every(self, what: str, **query: Any) -> list[dict[str, Any]]:
        return self.there.every(f"campaigns/{self.campaign}/{what}", **query)

    def count(self, what: str, **query: Any) -> int:
        told = self.there.api("GET", f"campaigns/{self.campaign}/{what}", perPage=1, **query)
        total: int = told["meta"]["total"]
        return total

    def read_mailboxes(self) -> None:
        """Have them looked into now, and wait until they were."""
        self.there.look_into_mailboxes()
        eventually("the inbox was looked into", self.there.looked_into_inbox)

    def wait_for(self, happened: list[Happened]) -> None:
        """Until the figures are at least these; mailboxes are looked into meanwhile, again and again."""
        wanted = counts(happened)

        def are_there() -> bool:
            self.there.look_into_mailboxes()
            stats = self.stats
            return all(stats[name] >= count for name, count in wanted.items())

        def missing() -> list[Told]:
            return sorted(Counter(each.told for each in happened) - Counter(map(told_of, self.every("activity"))))

        eventually("all that was done is in the figures", are_there, told=missing)
        self.read_mailboxes()


@contextmanager
def staged(folder: Path) -> Iterator[Show]:
    """A show whose servers run; nothing of it stays but the folder."""
    people = everybody()
    there = Installation(folder / "var")
    wire = Wire(SENDER, {each.on_wire: each for each in people}, lambda got: scan_before_taking(there, got))
    try:
        with listening(wire), dovecot({SENDER: PASSWORD}) as mailboxes:
            there.server.wait_until_up()
            yield Show(there, wire, mailboxes, people)
    finally:
        there.server.process.kill()
        there.server.process.wait()


def start(show: Show, folder: Path) -> None:
    """By the commands, then over the API."""
    workspace = show.there.server.manage("create_workspace", "The show")
    show.there.key = show.there.server.manage("create_api_key", "--workspace", workspace, "--name", "show")
    _in_the_browser(show, workspace)
    # Whatever lies in the mailbox before is nobody's answer.
    show.mailboxes.deliver(SENDER, answers.unasked(those(show.people, "nothing")[0], SENDER))
    account = _account(show, workspace)
    _import(show, workspace, folder / "people.csv")
    eventually("the inbox was looked into", show.there.looked_into_inbox)
    _campaign(show, account)


def _in_the_browser(show: Show, workspace: str) -> None:
    code = _SETTINGS.format(workspace=workspace, address=POSTAL_ADDRESS)
    show.there.server.manage("shell", "--no-imports", "-c", code)


def _account(show: Show, workspace: str) -> str:
    show.there.server.environment["MAIL_PASSWORD"] = PASSWORD
    return show.there.server.manage(
        *("create_email_account", "--workspace", workspace, "--email", SENDER, "--name", SENDER_NAME),
        *("--smtp-host", HOST, "--smtp-port", str(show.wire.port), "--security", "none"),
        *("--username", SENDER, "--password-env", "MAIL_PASSWORD", "--daily-limit", "100000"),
        *("--imap-host", HOST, "--imap-port", str(show.mailboxes.port), "--imap-security", "none"),
    )


def _import(show: Show, workspace: str, file: Path) -> None:
    file.write_bytes(as_csv(show.people))
    told = show.there.server.manage(
        *("import_contacts", str(file), "--workspace", workspace, "--consent-source", "existing", "--certify-consent"),
        *("--group", "Everybody", "--map", "City=custom:city", "--map", "Customer no.=custom:code", "--json"),
    )
    report = json.loads(told)
    assert (report["rows"], report["created"], report["failed"]) == (COUNT, COUNT, 0), report


def _campaign(show: Show, account: str) -> None:
    there = show.there
    made = there.api("POST", "campaigns", draft(account))["data"]
    show.campaign = made["id"]
    (group,) = there.get("groups")
    assert (made["status"], group["contactCount"]) == ("draft", COUNT)
    added = there.api("POST", f"campaigns/{show.campaign}/contacts", {"groupIds": [group["id"]]})["data"]
    assert added == {"added": COUNT, "skipped": 0, "errors": []}
    started = there.api("POST", f"campaigns/{show.campaign}/start", {})["data"]
    assert (started["status"], started["stats"]["totalContacts"]) == ("active", COUNT)
