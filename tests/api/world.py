"""A small world for the API's tests: workspaces, keys, a client that holds every answer to the envelope."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from django.test import Client

from contacts.models import Contact, CustomField, Group
from fluenzr_site.core import clock
from fluenzr_site.events.models import Event
from fluenzr_site.workspaces.changes import create_api_key, create_workspace
from fluenzr_site.workspaces.models import Workspace

NOTHING: Any = object()
CONTACT_KEYS = {
    "id",
    "email",
    "firstName",
    "lastName",
    "company",
    "jobTitle",
    "phone",
    "website",
    "status",
    "groups",
    "tags",
    "customFields",
    "pipelineStage",
    "createdAt",
    "updatedAt",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; unpacks into status and JSON."""

    status: int
    json: Any
    headers: Any
    raw: bytes

    def __iter__(self) -> Iterator[Any]:
        return iter((self.status, self.json))

    @property
    def data(self) -> Any:
        assert self.status < 300, self.json
        return self.json["data"]

    @property
    def meta(self) -> Any:
        assert self.status < 300, self.json
        return self.json["meta"]

    @property
    def error(self) -> Any:
        assert self.status >= 400, self.json
        return self.json["error"]

    @property
    def message(self) -> str:
        return self.error["message"]

    @property
    def details(self) -> dict[str, list[str]]:
        return self.error["details"]


class Api:
    """Calls the API as the holder of ``key`` (None: as nobody). Each answer must keep the envelope."""

    def __init__(self, key: str | None, address: str = "127.0.0.1") -> None:
        self.key, self.address = key, address
        self.client = Client(raise_request_exception=False)

    def call(
        self,
        method: str,
        path: str,
        body: Any = NOTHING,
        *,
        content_type: str = "application/json",
        **headers: str,
    ) -> Answer:
        """``body`` is sent as it is when it is bytes, else as JSON; ``headers`` as ``x_request_id=…``."""
        sent = b"" if body is NOTHING else body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key is not None:
            named = self.shown(self.key) | named
        target = path if path.startswith("/") else f"/v1/{path}"
        response = self.client.generic(
            method, target, sent, headers=named, CONTENT_TYPE=content_type, REMOTE_ADDR=self.address
        )
        raw = response.getvalue()
        answer = Answer(response.status_code, orjson.loads(raw) if raw else None, response.headers, raw)
        self.check(answer, method)
        return answer

    def shown(self, key: str) -> dict[str, str]:
        """The header that shows the key."""
        return {"Authorization": f"Bearer {key}"}

    def check(self, answer: Answer, method: str) -> None:
        check_envelope(answer, method)

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = NOTHING, **headers: str) -> Answer:
        return self.call("POST", path, body, **headers)

    def put(self, path: str, body: Any = NOTHING, **headers: str) -> Answer:
        return self.call("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = NOTHING, **headers: str) -> Answer:
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str, body: Any = NOTHING, **headers: str) -> Answer:
        return self.call("DELETE", path, body, **headers)

    def create(self, email: str = "ann@example.com", **fields: Any) -> dict[str, Any]:
        """A contact that must be made, as the API shows it."""
        answer = self.post("contacts", {"email": email, **fields})
        assert answer.status == 201, answer.json
        return answer.data

    def group(self, name: str = "Leads", **fields: Any) -> str:
        answer = self.post("groups", {"name": name, **fields})
        assert answer.status == 201, answer.json
        return answer.data["id"]

    def emails(self, path: str) -> list[str | None]:
        return [contact["email"] for contact in self.get(path).data]

    def found(self, **body: Any) -> list[str | None]:
        """The addresses that a search finds."""
        return [contact["email"] for contact in self.post("contacts/search", body).data]


class MessagingApi(Api):
    """The same in the messaging dialect, whose successes have no envelope."""

    def shown(self, key: str) -> dict[str, str]:
        return {"x-api-key": key}

    def check(self, answer: Answer, method: str) -> None:
        if answer.status >= 400:
            check_envelope(answer, method)
        else:
            assert answer.headers["X-Request-Id"]
            assert not isinstance(answer.json, dict) or "data" not in answer.json


def check_envelope(answer: Answer, method: str = "GET") -> None:
    """What holds for every answer under /v1."""
    assert answer.headers.get("X-Request-Id")
    assert "Location" not in answer.headers
    if method == "HEAD":
        return
    assert answer.headers["Content-Type"] == "application/json"
    if answer.status < 300:
        assert answer.json.get("openapi") or answer.json["success"] is True
        return
    assert answer.json.keys() == {"success", "error"}, answer.json
    assert answer.json["success"] is False
    error = answer.json["error"]
    assert error.keys() == {"code", "message", "details"}
    assert isinstance(error["message"], str) and error["message"]
    assert all(isinstance(said, list) and said for said in error["details"].values())


class Party:
    """A workspace, its key, and its client."""

    def __init__(self, name: str, **options: Any) -> None:
        self.workspace = create_workspace(name, **options)
        self.row, self.key = create_api_key(self.workspace, name="tests")
        self.api = Api(self.key)


def stage_id(workspace: Workspace, name: str = "Qualified") -> str:
    return workspace.stages.get(name=name).pk


def make_field(workspace: Workspace, key: str, type_: str, options: list[str] | None = None) -> CustomField:
    return CustomField.objects.create(
        workspace=workspace, key=key, label=key, type=type_, options=options or [], created_at=clock.now()
    )


def make_group(workspace: Workspace, name: str = "Theirs") -> Group:
    return Group.objects.create(workspace=workspace, name=name, created_at=clock.now(), updated_at=clock.now())


def set_status(contact_id: str, status: str) -> None:
    """What the engine does, and the API may not."""
    Contact.objects.filter(pk=contact_id).update(status=status)


def events(workspace: Workspace) -> list[tuple[str, str]]:
    """What has been recorded so far: type and subject, oldest first."""
    return list(Event.objects.of(workspace).order_by("id").values_list("type", "subject_id"))
