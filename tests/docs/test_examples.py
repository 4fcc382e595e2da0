"""Every example of the documents, as printed, against a running server: only host and key are changed."""

import http.client
import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from contacts.models import Contact, Group, PipelineStage
from fluenzr_site.core import clock
from fluenzr_site.workspaces.changes import create_api_key, create_workspace
from fluenzr_site.workspaces.models import Workspace
from tests.docs.examples import BASE, DOCUMENTS, KEY, Example, examples, leaves

NAMES = sorted(path.name for path in DOCUMENTS.glob("*.md") if not path.name.startswith("messaging"))
EMAILS = {"fr": "jean.dupont@example.com", "hi": "rahul.sharma@example.com"}
FIRST_NAMES = {"fr": "Jean", "hi": "राहुल"}
Run = Callable[[Example], tuple[int, Any]]


@pytest.fixture
def workspace(transactional_db: None) -> Workspace:
    return create_workspace("Documents")


@pytest.fixture
def populate(workspace: Workspace) -> Callable[[str], None]:
    """The contact, groups and stage that the examples name, under the ids that they name."""

    def populate(language: str) -> None:
        now = clock.now()
        for group_id, name in [("grp_xyz789", "LinkedIn Leads"), ("grp_abc", "A"), ("grp_def", "D")]:
            Group.objects.create(id=group_id, workspace=workspace, name=name, created_at=now, updated_at=now)
        stage = PipelineStage.objects.create(id="stg_qualified", workspace=workspace, name="Documented")
        contact = Contact.objects.create(
            id="con_abc123",
            workspace=workspace,
            email=EMAILS.get(language, "john.smith@example.com"),
            first_name=FIRST_NAMES.get(language, "John"),
            search_text="example.com",
            stage=stage,
            created_at=now,
            updated_at=now,
        )
        contact.groups.add("grp_xyz789", through_defaults={"joined_at": now})

    return populate


@pytest.fixture
def run(workspace: Workspace, live_server: Any) -> Run:
    """Runs a curl as it is printed, where curl is installed; what else is printed goes as plain HTTP."""
    _, key = create_api_key(workspace, name="documents")

    def run(example: Example) -> tuple[int, Any]:
        if example.command and shutil.which("curl"):
            return _curl(example.command.replace(BASE, live_server.url).replace(KEY, key))
        return _plain(live_server.url, key, example)

    return run


def _curl(command: str) -> tuple[int, Any]:
    words = command.replace("curl", "curl --silent --write-out '\\n%{http_code}'", 1)
    done = subprocess.run(["bash", "-c", words], capture_output=True, text=True, check=True, timeout=30)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body)


def _plain(url: str, key: str, example: Example) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request(example.method, example.path, (example.body or "").encode() or None, headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


@pytest.mark.parametrize("name", NAMES)
def test_every_example_runs_as_printed(name: str, run: Run, populate: Callable[[str], None]) -> None:
    populate(name.split(".")[1])
    told = examples(name)
    assert told
    for example in told:
        status, answer = run(example)
        assert status == (example.status or 200), (str(example), answer)
        assert answer["success"] is True
        for key, value in leaves(example.answer or ""):
            assert value in _values(answer, key), (str(example), key, answer)


def _values(answer: Any, key: str) -> list[Any]:
    """What stands under ``key`` anywhere in the answer."""
    if isinstance(answer, list):
        return [value for item in answer for value in _values(item, key)]
    if not isinstance(answer, dict):
        return []
    mine = [answer[key]] if key in answer else []
    return mine + [value for item in answer.values() for value in _values(item, key)]


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("contacts")])
def test_the_documents_of_all_languages_show_the_same_requests(name: str) -> None:
    def shown(document: str) -> list[tuple[str, str]]:
        return sorted((example.method, example.path) for example in examples(document))

    assert shown(name) == shown("contacts.en.md")


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("contacts")])
def test_a_second_create_is_the_documented_conflict(name: str, run: Run, populate: Callable[[str], None]) -> None:
    populate(name.split(".")[1])
    create = next(example for example in examples(name) if example.status == 201)
    assert run(create)[0] == 201
    status, answer = run(create)
    assert (status, answer["error"]["code"], answer["error"]["message"]) == (409, "CONFLICT", "Email already exists")


@pytest.mark.parametrize(
    ("body", "message"), [("{}", "Email is required"), ('{"email": "nope"}', "Invalid email format")]
)
def test_the_documented_errors(run: Run, body: str, message: str) -> None:
    status, answer = run(Example("", 0, "POST", "/v1/contacts", body, None))
    assert (status, answer["error"]["message"], answer["error"]["details"]) == (400, message, {"email": [message]})
