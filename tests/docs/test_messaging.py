"""The requests of the messaging document, sent as they are printed: only host, key and contact are changed."""

import http.client
import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from contacts.models import Contact, Location
from tests.docs.conftest import Server
from tests.docs.examples import DOCUMENTS, KEY

TEXT = (DOCUMENTS / "messaging.en.md").read_text()
_REQUEST = r"^```http\n(.*?)^```\n(?:\n<!-- answer (\d+) -->\n```json\n(.*?)^```)?"
REQUESTS = re.findall(_REQUEST, TEXT, re.MULTILINE | re.DOTALL)
PRINTED: dict[str, Any] = json.loads(re.findall(r"^```json\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)[0])


@pytest.fixture
def contact(server: Server) -> Contact:
    """The contact object that the document prints."""
    location = Location.objects.create(workspace=server.workspace, **PRINTED["location"])
    now = datetime(2025, 1, 1, tzinfo=UTC)
    made = Contact.objects.create(
        id=PRINTED["id"],
        workspace=server.workspace,
        first_name="John",
        last_name="Smith",
        search_text="\njohn smith\n\n",
        phone=PRINTED["phoneNumber"],
        number=PRINTED["phoneNumber"],
        location=location,
        notes=PRINTED["notes"],
        created_at=now,
        updated_at=now,
    )
    tag = server.workspace.tags.create(name="vip", key="vip", created_at=now)
    made.tags.add(tag, through_defaults={"position": 0})
    return made


def send(server: Server, printed: str) -> tuple[int, Any]:
    host = urlsplit(server.url).netloc
    head, _, body = printed.replace("{contactId}", PRINTED["id"]).partition("\n\n")
    first, *lines = head.replace("127.0.0.1:8000", host).replace(KEY, server.key).splitlines()
    method, path, _ = first.split()
    client = http.client.HTTPConnection(host, timeout=30)
    try:
        client.request(method, path, body or None, dict(line.split(": ", 1) for line in lines))
        answer = client.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        client.close()


def test_the_object_is_as_printed(server: Server, contact: Contact) -> None:
    assert send(server, next(request for request, *_ in REQUESTS if "contacts/{contactId} " in request)) == (
        200,
        PRINTED,
    )


def test_the_story_runs_as_printed(server: Server, contact: Contact) -> None:
    assert len(REQUESTS) == 8
    for request, status, answer in REQUESTS:
        given = send(server, request)
        assert given[0] == int(status or 200), (request, given)
        if answer:
            assert given[1] == json.loads(answer), request
