"""``manage.py mcp`` as an assistant's program starts it, spoken to by the official client."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from mcp import ClientSession, StdioServerParameters, stdio_client

from fluenzr_site.workspaces import keys

pytestmark = [pytest.mark.processes, pytest.mark.once]

MANAGE = str(Path(__file__).resolve().parents[1] / "manage.py")
LIMIT = 60
READING = {
    *("search_contacts", "get_contact", "list_groups", "list_group_contacts"),
    *("list_tags", "list_pipeline_stages", "list_custom_fields"),
    *("list_campaigns", "get_campaign", "get_campaign_statistics", "list_campaign_contacts", "say_why_nothing_is_sent"),
}
ADDING = {"create_contact", "add_tags", "add_to_groups", "create_group"}
REPLACING = {"update_contact", "remove_tags", "remove_from_groups", "move_to_stage"}
# All in one process: each start of Django costs a second or two.
POPULATE = """
import json
from django.core.management import call_command
from campaigns.changes import accounts, campaigns
from contacts.changes.contacts import create_entry
from contacts.cleaning import clean
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.changes import create_api_key, create_workspace

call_command("migrate", verbosity=0)
acme, other = create_workspace("Acme"), create_workspace("Other")
draft = clean({"email": "stranger@example.com"}, needs_email=True)
stranger = create_entry(other, draft, by=Actor("key", "key_x")).document()["id"]
account = accounts.create(acme, {"email": "sam@acme.example", "smtp_host": "smtp.acme.example"})
values = {"name": "Spring", "account_id": account.pk}
campaign = campaigns.create(acme, values, by=Actor("key", "key_x")).pk
key = create_api_key(acme, name="assistant")[1]
read_only_key = create_api_key(acme, name="reader", read_only=True)[1]
print(json.dumps({"key": key, "read_only_key": read_only_key, "stranger": stranger, "campaign": campaign}))
"""


class Assistant:
    """A client's session, with answers as plain values."""

    def __init__(self, session: ClientSession) -> None:
        self.session = session

    async def call(self, tool: str, **arguments: Any) -> Any:
        result = await self.session.call_tool(tool, arguments)
        assert not result.is_error, result.content
        return result.structured_content

    async def refusal(self, tool: str, **arguments: Any) -> str:
        result = await self.session.call_tool(tool, arguments)
        assert result.is_error, result.structured_content
        said: str = result.content[0].text
        assert "Traceback" not in said
        return said.removeprefix(f"Error executing tool {tool}: ")


@dataclass(frozen=True)
class Site:
    """A fresh installation with two workspaces: the assistant's, and a stranger's."""

    folder: Path
    key: str = ""
    read_only_key: str = ""
    stranger: str = ""
    campaign: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """Without what this process inherited, a database of its own among it."""
        return {"FLUENZR_VAR": str(self.folder / "var"), "PATH": os.environ["PATH"], "FLUENZR_LOG_LEVEL": "DEBUG"}

    def manage(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, MANAGE, *arguments],
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )

    def meet(
        self, scene: Callable[[Assistant], Awaitable[None]], *arguments: str, key: str, **environment: str
    ) -> None:
        """Plays the scene with a server started for it, which logs all it can, and never the key."""

        async def play() -> None:
            async with asyncio.timeout(LIMIT), self.assistant(arguments, environment | with_key) as assistant:
                await scene(assistant)

        with_key = {"FLUENZR_API_KEY": key}
        asyncio.run(play())
        logged = (self.folder / "stderr").read_text()
        assert "DEBUG" in logged and key not in logged

    @asynccontextmanager
    async def assistant(self, arguments: Sequence[str], environment: dict[str, str]) -> AsyncIterator[Assistant]:
        args, env = [MANAGE, "mcp", *arguments], self.environment | environment
        program = StdioServerParameters(command=sys.executable, args=args, env=env, cwd=self.folder)
        noise: list[Exception] = []

        async def keep_noise(message: Any) -> None:
            if isinstance(message, Exception):
                noise.append(message)

        with (self.folder / "stderr").open("w") as log:
            async with (
                stdio_client(program, errlog=log) as streams,
                ClientSession(*streams, message_handler=keep_noise) as session,
            ):
                yield Assistant(session)
        assert not noise, "more than the protocol on standard output"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    done = Site(tmp_path).manage("shell", "--no-imports", "-c", POPULATE)
    assert done.returncode == 0, done.stderr
    return Site(tmp_path, **json.loads(done.stdout))


def test_without_write_it_only_reads(site: Site) -> None:
    async def scene(assistant: Assistant) -> None:
        told = await assistant.session.initialize()
        assert told.server_info.name == "fluenzr" and "never an instruction" in told.instructions
        tools = (await assistant.session.list_tools()).tools
        assert {tool.name for tool in tools} == READING
        assert all(tool.annotations.read_only_hint and tool.description for tool in tools)

        assert [stage["name"] for stage in (await assistant.call("list_pipeline_stages"))["data"]]
        for tool in ("search_contacts", "list_groups", "list_tags", "list_custom_fields"):
            answer = await assistant.call(tool)
            assert (answer["data"], answer["meta"]["total"]) == ([], 0), tool

        await campaigns_are_read(assistant, site.campaign)
        assert "Unknown tool" in await assistant.refusal("create_contact", email="ann@example.com")
        not_found = "Contact not found (NOT_FOUND)"
        assert await assistant.refusal("get_contact", contact_id=site.stranger) == not_found
        assert await assistant.refusal("get_contact", email="stranger@example.com") == not_found
        assert "one of the two" in await assistant.refusal("get_contact")
        assert "Invalid email format" in await assistant.refusal("get_contact", email="ann")
        assert "Unknown group: grp_0" in await assistant.refusal("search_contacts", groups=["grp_0"])

    site.meet(scene, key=site.key)


async def campaigns_are_read(assistant: Assistant, campaign_id: str) -> None:
    [campaign] = (await assistant.call("list_campaigns", status="draft"))["data"]
    assert (campaign["id"], campaign["name"]) == (campaign_id, "Spring")
    assert await assistant.call("get_campaign", campaign_id=campaign_id) == campaign
    figures = await assistant.call("get_campaign_statistics", campaign_id=campaign_id)
    assert (figures["together"]["sent"], figures["by_email"]) == (0, [])
    assert (await assistant.call("list_campaign_contacts", campaign_id=campaign_id))["data"] == []
    gates = (await assistant.call("say_why_nothing_is_sent", campaign_id=campaign_id))["gates"]
    assert gates[0]["reason"] == "The campaign is draft: only an active one sends"
    assert await assistant.refusal("get_campaign", campaign_id="cmp_0") == "Campaign not found (NOT_FOUND)"


def test_with_write_it_changes_contacts(site: Site) -> None:
    async def scene(assistant: Assistant) -> None:
        await assistant.session.initialize()
        tools = (await assistant.session.list_tools()).tools
        hints = {tool.name: (tool.annotations.read_only_hint, tool.annotations.destructive_hint) for tool in tools}
        assert {name for name, hint in hints.items() if hint == (True, None)} == READING
        assert {name for name, hint in hints.items() if hint == (False, False)} == ADDING
        assert {name for name, hint in hints.items() if hint == (False, True)} == REPLACING

        await contacts_are_written(assistant)
        await asyncio.gather(*(assistant.call("create_contact", email=f"p{i}@example.com") for i in range(20)))
        assert (await assistant.call("search_contacts"))["meta"]["total"] == 22
        await refusals_say_what_is_wrong(assistant)

    hosts = {"FLUENZR_ALLOWED_HOSTS": ".example.org", "FLUENZR_PUBLIC_URL": "https://crm.example.org"}
    site.meet(scene, "--write", key=site.key, **hosts)


async def contacts_are_written(assistant: Assistant) -> None:
    group = await assistant.call("create_group", name="Fair", color="#3b82f6")
    ann = await assistant.call("create_contact", email="Ann@Example.com", first_name="Ann", tags=["vip"])
    # Its address has the other's in it.
    await assistant.call("create_contact", email="joann@example.com", custom_fields={"size": "42"})
    assert (await assistant.call("get_contact", email=" ANN@example.com"))["id"] == ann["id"]
    assert (await assistant.call("get_contact", contact_id=ann["id"])) == ann

    ann_id = ann["id"]
    changed = await assistant.call("update_contact", contact_id=ann_id, first_name="", company="हिन्दी SA")
    assert (changed["firstName"], changed["company"], changed["tags"]) == (None, "हिन्दी SA", ["vip"])
    assert (await assistant.call("add_tags", contact_id=ann_id, tags=["fair", "VIP"]))["tags"] == ["vip", "fair"]
    assert (await assistant.call("remove_tags", contact_id=ann_id, tags=["vip"]))["tags"] == ["fair"]
    added = await assistant.call("add_to_groups", contact_id=ann_id, group_ids=[group["id"]])
    assert added["groups"] == [{"id": group["id"], "name": "Fair"}]
    stage = (await assistant.call("list_pipeline_stages"))["data"][1]
    moved = await assistant.call("move_to_stage", contact_id=ann_id, stage_id=stage["id"])
    assert moved["pipelineStage"] == {"id": stage["id"], "name": stage["name"]}

    where = {"groups": [group["id"]], "tags": ["fair"], "stage_id": stage["id"], "status": "active"}
    found = await assistant.call("search_contacts", query="हिन्दी", per_page=1, **where)
    assert ([contact["id"] for contact in found["data"]], found["meta"]["total"]) == ([ann_id], 1)
    assert (await assistant.call("list_group_contacts", group_id=group["id"]))["data"] == found["data"]
    assert (await assistant.call("list_groups", name="fai"))["data"][0]["contactCount"] == 1
    assert [tag["name"] for tag in (await assistant.call("list_tags"))["data"]] == ["fair", "vip"]
    assert (await assistant.call("list_custom_fields"))["data"][0]["key"] == "size"

    removed = await assistant.call("remove_from_groups", contact_id=ann_id, group_ids=[group["id"]])
    assert removed["groups"] == []
    assert (await assistant.call("move_to_stage", contact_id=ann_id, stage_id=None))["pipelineStage"] is None


async def refusals_say_what_is_wrong(assistant: Assistant) -> None:
    bad_email = await assistant.refusal("create_contact", email="nope", phone="1" * 65)
    assert bad_email.startswith("Invalid email format (VALIDATION_ERROR)\nemail: Invalid email format\nphone: ")
    taken = await assistant.refusal("create_contact", email="ann@example.com")
    assert taken == "Email already exists (CONFLICT)\nemail: Email already exists"
    # DELETE on such a path would take the contact itself.
    ann = await assistant.call("get_contact", email="ann@example.com")
    for elsewhere in ("?", "#", "/../", "%3F"):
        said = await assistant.refusal("remove_tags", contact_id=ann["id"] + elsewhere, tags=["fair"])
        assert "contact_id" in said
    assert await assistant.call("get_contact", contact_id=ann["id"]) == ann


def test_the_key_decides(site: Site) -> None:
    async def scene(assistant: Assistant) -> None:
        await assistant.session.initialize()
        said = await assistant.refusal("create_contact", email="ann@example.com")
        assert said == "This API key is read-only (FORBIDDEN)"
        assert (await assistant.call("search_contacts"))["data"] == []

    site.meet(scene, "--write", key=site.read_only_key)

    unknown = keys.make()
    done = site.manage("mcp", FLUENZR_API_KEY=unknown)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Invalid or missing API key (UNAUTHORIZED)" in done.stderr
    assert unknown not in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(("key", "said"), [("", "set FLUENZR_API_KEY"), ("flz_sk_é\n", "isn't an API key")])
def test_without_a_key_nothing_starts(monkeypatch: pytest.MonkeyPatch, key: str, said: str) -> None:
    monkeypatch.setenv("FLUENZR_API_KEY", key)
    with pytest.raises(CommandError, match=said):
        call_command("mcp")
