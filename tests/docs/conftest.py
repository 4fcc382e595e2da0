"""A running server, and in it the workspace that the documents write about, with the ids that they name."""

import http.client
import json
import shlex
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from contacts.models import Contact, ContactTag, CustomField, Group, GroupMembership, PipelineStage, Tag
from fluenzr_site.core import counters
from fluenzr_site.workspaces.changes import create_api_key, create_workspace
from fluenzr_site.workspaces.models import Workspace
from tests.docs.examples import BASE, KEY, Example
from tests.docs.webhooks_world import populate_webhooks, receiving

# 123 is how the overview's filter calls a group.
OTHER_GROUPS = {"grp_abc": "Newsletter", "grp_def": "Webinar", "123": "Fair"}
Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    json: Any
    headers: Any = None


@dataclass(frozen=True, slots=True)
class Server:
    """Sends what is printed, with only host and key changed."""

    url: str
    key: str
    workspace: Workspace

    def send(self, example: Example) -> Answer:
        """Over plain HTTP, whether it is printed as a curl or as a request."""
        headers = _headers(example.command) if example.command else {"Authorization": f"Bearer {KEY}"}
        headers = {name: value.replace(KEY, self.key) for name, value in headers.items()}
        return self.call(example.method, example.path, example.body, headers)

    def curl(self, example: Example) -> Answer:
        """By the shell and curl, as a reader would."""
        command = (example.command or "").replace(BASE, self.url).replace(KEY, self.key)
        command = command.replace("curl", "curl --silent --write-out '\\n%{http_code}'", 1)
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, timeout=30)
        body, _, status = done.stdout.rpartition("\n")
        return Answer(int(status), json.loads(body))

    def call(self, method: str, path: str, body: str | None = None, headers: Headers | None = None) -> Answer:
        """With the workspace's key unless ``headers`` are given."""
        client = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        sent = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {self.key}"} if headers is None else headers
        )
        try:
            client.request(method, path, body.encode() if body else None, sent)
            answer = client.getresponse()
            return Answer(answer.status, json.loads(answer.read()), answer.headers)
        finally:
            client.close()


def _headers(command: str) -> Headers:
    words = shlex.split(command.replace("\\\n", " "))
    printed = [words[i + 1] for i, word in enumerate(words) if word == "-H"]
    return {name: value.strip() for name, _, value in (header.partition(":") for header in printed)}


@pytest.fixture
def server(transactional_db: None, live_server: Any, settings: Any, tmp_path: Path) -> Server:
    settings.FLUENZR_COUNTERS_FILE = tmp_path / "counters.sqlite3"
    _forget_counts()
    workspace = create_workspace("Documents")
    return Server(live_server.url, create_api_key(workspace, name="documents")[1], workspace)


def _forget_counts() -> None:
    """On PostgreSQL they stand in a table that is no model's, which the flush after a test passes over."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {counters.TABLE}")


@pytest.fixture
def receiver(settings: Any) -> Iterator[str]:
    """Where the tested webhook sends to."""
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    with receiving() as url:
        yield url


@pytest.fixture
def populate(server: Server, receiver: str) -> Callable[[dict[str, Any]], None]:
    """Makes a printed contact object, to the letter, and the groups and webhooks that the examples name beside it."""

    def make(printed: dict[str, Any]) -> None:
        _make(server.workspace, printed)
        populate_webhooks(server.workspace, receiver)

    return make


def _make(workspace: Workspace, printed: dict[str, Any]) -> None:
    made = {name: datetime.fromisoformat(printed[key]) for name, key in _TIMES}
    groups = {group["id"]: group["name"] for group in printed["groups"]}
    for group_id, name in (groups | OTHER_GROUPS).items():
        Group.objects.create(id=group_id, workspace=workspace, name=name, **made)
    for key in printed["customFields"]:
        CustomField.objects.create(workspace=workspace, key=key, label=key, created_at=made["created_at"])
    contact = _contact(workspace, printed, made)
    for group_id in groups:
        GroupMembership.objects.create(group_id=group_id, contact=contact, joined_at=made["created_at"])
    for position, name in enumerate(printed["tags"]):
        tag = Tag.objects.create(workspace=workspace, name=name, key=name, created_at=made["created_at"])
        ContactTag.objects.create(tag=tag, contact=contact, position=position)


_TIMES = [("created_at", "createdAt"), ("updated_at", "updatedAt")]
_TEXTS = {"first_name": "firstName", "last_name": "lastName", "job_title": "jobTitle"}


def _contact(workspace: Workspace, printed: dict[str, Any], made: dict[str, datetime]) -> Contact:
    same = {name: printed[name] for name in ("id", "email", "company", "phone", "website", "status")}
    texts = {name: printed[key] for name, key in _TEXTS.items()}
    return Contact.objects.create(
        workspace=workspace,
        stage=_stage(workspace, **printed["pipelineStage"]),
        custom_fields=printed["customFields"],
        search_text=" ".join([same["email"], same["company"], *texts.values()]).lower(),
        **same,
        **texts,
        **made,
    )


def _stage(workspace: Workspace, id: str, name: str) -> PipelineStage:
    """In the place of the stage of that name, which a new workspace may have."""
    PipelineStage.objects.of(workspace).filter(name=name).delete()
    return PipelineStage.objects.create(id=id, workspace=workspace, name=name)
