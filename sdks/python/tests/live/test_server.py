import asyncio
import os
import re
import uuid
from pathlib import Path

import pytest

import fluenzr
from fluenzr import AsyncFluenzrClient, FluenzrClient
from fluenzr.inputs import ContactInput
from fluenzr.models import Contact


def made(client: FluenzrClient, run: str, count: int, group_ids: tuple[str, ...] = ()) -> None:
    rows: list[ContactInput] = [{"email": f"{run}-{n:03}@sdk.example.com", "first_name": f"N{n}"} for n in range(count)]
    result = client.contacts.bulk(rows, group_ids=group_ids)
    assert (result.created, result.errors) == (count, ())


def test_the_overviews_example() -> None:
    client = FluenzrClient(api_key=os.environ["FLUENZR_API_KEY"], base_url=os.environ["FLUENZR_BASE_URL"])
    contacts = client.contacts.list()
    assert (contacts.page, contacts.per_page) == (1, 20)
    assert len(contacts) == min(20, contacts.total)


def test_the_readmes_first_example(capsys: pytest.CaptureFixture[str], client: FluenzrClient) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    example = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)[0]
    total = client.contacts.list(per_page=1).total
    exec(example, {})
    assert len(capsys.readouterr().out.splitlines()) == total


def test_a_contacts_life(client: FluenzrClient, run: str) -> None:
    group = client.groups.create(name=run)
    stage = client.pipeline_stages.list()[0]
    contact = client.contacts.create(
        email=f"{run}@sdk.example.com",
        first_name="Zoë",
        company="StartupIO",
        job_title="CEO",
        group_ids=[group.id],
        tags=["prospect", run],
        custom_fields={"sdk_sector": "SaaS"},
        pipeline_stage_id=stage.id,
    )
    assert (contact.first_name, contact.last_name, contact.status) == ("Zoë", None, "active")
    assert contact.groups[0].id == group.id
    assert contact.pipeline_stage is not None and contact.pipeline_stage.name == stage.name
    assert contact.created_at is not None and contact.created_at.tzinfo is not None
    assert contact.extra == {}
    assert client.contacts.get(contact.id) == contact

    changed = client.contacts.update(contact.id, job_title="VP", company=None, custom_fields={"sdk_size": "9"})
    assert (changed.job_title, changed.company, changed.first_name) == ("VP", None, "Zoë")
    assert changed.custom_fields == {"sdk_sector": "SaaS", "sdk_size": "9"}
    assert set(changed.tags) == {"prospect", run}

    gone = client.contacts.delete(contact.id)
    assert (gone.id, gone.deleted) == (contact.id, True)
    with pytest.raises(fluenzr.NotFoundError) as raised:
        client.contacts.get(contact.id)
    assert (raised.value.status, raised.value.code) == (404, "NOT_FOUND")
    assert raised.value.request_id


def test_iteration_sees_everybody_once(client: FluenzrClient, run: str) -> None:
    made(client, run, 250)
    found = client.contacts.list(email=run, per_page=100)
    assert (len(found), found.total, found.total_pages) == (100, 250, 3)
    assert len({contact.id for contact in found}) == 250
    names = [contact.email for contact in client.contacts.list(email=run, sort="email")]
    assert names == [f"{run}-{n:03}@sdk.example.com" for n in range(250)]
    assert len({contact.id for contact in client.contacts.search(query=run, per_page=60)}) == 250

    async def everybody() -> list[Contact]:
        async with AsyncFluenzrClient() as awaited:
            return [contact async for contact in await awaited.contacts.list(email=run, per_page=40)]

    assert len({contact.id for contact in asyncio.run(everybody())}) == 250


def test_bulk(client: FluenzrClient, run: str) -> None:
    rows: list[ContactInput] = [
        {"email": f"{run}@sdk.example.com", "first_name": "A", "custom_fields": {"sdk_key": "x"}},
        {"email": f"{run.upper()}@sdk.example.com", "first_name": "B"},
        {"email": "not an address"},
    ]
    result = client.contacts.bulk(rows, on_duplicate="update")
    assert (result.created, result.updated, result.skipped) == (1, 1, 0)
    (error,) = result.errors
    assert (error.index, error.email, error.message) == (2, "not an address", "Invalid email format")
    (contact,) = client.contacts.list(email=run)
    assert (contact.first_name, contact.custom_fields) == ("B", {"sdk_key": "x"})


def test_search(client: FluenzrClient, run: str) -> None:
    made(client, run, 3)
    first = client.contacts.list(email=f"{run}-000")[0]
    client.contacts.update(first.id, custom_fields={"sdk_run": run}, tags=[run])
    assert [contact.id for contact in client.contacts.search(filters={"custom_fields": {"sdk_run": run}})] == [first.id]
    assert [contact.id for contact in client.contacts.search(query=run, filters={"tags": [run]})] == [first.id]
    found = client.contacts.search(query=run, sort="email", order="desc", per_page=2)
    assert [contact.first_name for contact in found] == ["N2", "N1", "N0"]


def test_tags_and_groups_of_a_contact(client: FluenzrClient, run: str) -> None:
    contact = client.contacts.create(email=f"{run}@sdk.example.com")
    assert set(client.contacts.add_tags(contact.id, [run, "vip"]).tags) == {run, "vip"}
    assert client.contacts.remove_tags(contact.id, ["vip"]).tags == (run,)
    assert run in {tag.name for tag in client.tags.list(per_page=100)}
    group = client.groups.create(name=run)
    assert [each.id for each in client.contacts.add_to_group(contact.id, group.id).groups] == [group.id]
    assert client.contacts.remove_from_groups(contact.id, [group.id]).groups == ()


def test_groups(client: FluenzrClient, run: str) -> None:
    group = client.groups.create(name=run, description="Made by a test", color="#3b82f6")
    made(client, run, 3, group_ids=(group.id,))
    assert client.groups.get(group.id).contact_count == 3
    members = list(client.groups.list_contacts(group.id, per_page=2))
    assert len(members) == 3
    removed = client.groups.remove_contacts(group.id, [members[0].id])
    assert (removed.removed, removed.skipped) == (1, 0)
    added = client.groups.add_contacts(group.id, [members[0].id, members[1].id, "con_nobody"])
    assert (added.added, added.skipped, added.errors[0].contact_id) == (1, 1, "con_nobody")
    assert client.groups.update(group.id, description=None).description is None
    assert [each.id for each in client.groups.list(name=run)] == [group.id]
    with pytest.raises(fluenzr.ConflictError):
        client.groups.create(name=run)
    assert client.groups.delete(group.id).deleted
    assert client.contacts.get(members[0].id).groups == ()


def test_the_lists(client: FluenzrClient) -> None:
    assert list(client.pipeline_stages.list(per_page=2))
    assert all(field.key for field in client.custom_fields.list())
    assert all(place.title for place in client.locations.list())


def test_typed_errors(client: FluenzrClient, run: str) -> None:
    with pytest.raises(fluenzr.ValidationError) as wrong:
        client.contacts.create(email="not an address", pipeline_stage_id="stg_nothing")
    assert set(wrong.value.details) >= {"email"}
    assert wrong.value.details["email"] == ["Invalid email format"]
    client.contacts.create(email=f"{run}@sdk.example.com")
    with pytest.raises(fluenzr.ConflictError) as taken:
        client.contacts.create(email=f"{run.upper()}@sdk.example.com")
    assert (taken.value.code, taken.value.message) == ("CONFLICT", "Email already exists")
    with pytest.raises(fluenzr.NotFoundError):
        client.contacts.update("con_nobody", company="x")
    with pytest.raises(fluenzr.NotFoundError):
        client.contacts.get("a/../b?c=d")


def test_a_wrong_key() -> None:
    with FluenzrClient(api_key="flz_sk_" + "0" * 32) as stranger, pytest.raises(fluenzr.AuthenticationError) as refused:
        stranger.contacts.list()
    assert refused.value.message == "Invalid or missing API key"


def test_two_posts_with_one_key_are_one(client: FluenzrClient, run: str) -> None:
    key = str(uuid.uuid4())
    first = client.groups.create(name=run, idempotency_key=key)
    assert client.groups.create(name=run, idempotency_key=key).id == first.id
