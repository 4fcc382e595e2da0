"""Remembered totals: spared while nothing changes, and true after any change."""

from collections.abc import Callable
from typing import Any

import pytest

from contacts.changes.custom_fields import delete_field
from contacts.changes.tags import delete_tag, rename_tag
from fluenzr_site.api import totals
from fluenzr_site.events.recording import Actor
from tests.api.world import Api, Party

BY = Actor("command", "test")


def test_a_question_is_counted_once_while_nothing_changes(owner: Party):
    counted: list[int] = []
    for _ in range(3):
        totals.remembered(owner.workspace, "how many", lambda: counted.append(1))
    assert len(counted) == 1


def test_another_revision_workspace_or_question_is_counted_anew(owner: Party, stranger: Party):
    assert totals.remembered(owner.workspace, "q", lambda: 1) == 1
    assert totals.remembered(stranger.workspace, "q", lambda: 2) == 2
    assert totals.remembered(owner.workspace, "r", lambda: 3) == 3
    owner.workspace.touch()
    owner.workspace.refresh_from_db()
    assert totals.remembered(owner.workspace, "q", lambda: 4) == 4


def test_memory_is_bounded(owner: Party, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(totals, "_KEPT", 10)
    for number in range(50):
        totals.remembered(owner.workspace, number, lambda n=number: n)
    assert len(totals._remembered) <= 10


CHANGES: dict[str, Callable[[Api, str, str], Any]] = {
    "create": lambda api, contact, group: api.post(
        "contacts", {"email": "x@b.co", "tags": ["t"], "groupIds": [group], "customFields": {"k": "v"}}
    ),
    "delete": lambda api, contact, group: api.delete(f"contacts/{contact}"),
    "tags": lambda api, contact, group: api.delete(f"contacts/{contact}/tags", {"tags": ["t"]}),
    "groups": lambda api, contact, group: api.delete(f"contacts/{contact}/groups", {"groupIds": [group]}),
    "members": lambda api, contact, group: api.delete(f"groups/{group}/contacts", {"contactIds": [contact]}),
    "fields": lambda api, contact, group: api.put(f"contacts/{contact}", {"customFields": {"k": None}}),
    "status": lambda api, contact, group: api.put(f"contacts/{contact}", {"status": "blocked"}),
    "bulk": lambda api, contact, group: api.post(
        "contacts/bulk", {"contacts": [{"email": "y@b.co", "tags": ["t"]}], "groupIds": [group]}
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_no_total_is_stale_after_a_change(api: Api, name: str):
    group = api.group()
    contact = api.create(tags=["t"], groupIds=[group], customFields={"k": "v"})["id"]
    queries = ["", "tag=t", f"groupId={group}", "customFields[k]=v", "status=active", "q=b.co"]
    for _ in range(2):
        for query in queries:
            answer = api.get(f"contacts?{query}")
            assert answer.meta["total"] == len(answer.data)
        members = api.get(f"groups/{group}/contacts")
        assert members.meta["total"] == len(members.data) == api.get(f"groups/{group}").data["contactCount"]
        assert api.get("groups").data[0]["contactCount"] == len(members.data)
        CHANGES[name](api, contact, group)


def test_no_total_is_stale_after_tags_and_fields_go(api: Api, owner: Party):
    api.create(tags=["t"], customFields={"clé": "v"})
    assert api.get("contacts?tag=t").meta["total"] == 1
    tag = owner.workspace.tags.get()
    rename_tag(tag, "u", by=BY)
    assert (api.get("contacts?tag=t").meta["total"], api.get("contacts?tag=u").meta["total"]) == (0, 1)
    delete_tag(tag, by=BY)
    assert api.get("contacts?tag=u").meta["total"] == 0
    delete_field(owner.workspace.custom_fields.get(), by=BY)
    assert api.get("contacts").data[0]["customFields"] == {}
