"""A person's right to have the data, and to have it gone."""

import pytest

from contacts.changes import contacts as changes
from contacts.changes.erasure import erase, everything_about
from contacts.cleaning import clean
from contacts.models import Contact, ContactTag, GroupMembership, Import, ImportProblem, StageMove, Suppression
from contacts.models.suppression import address_digest
from fluenzr_site.core import clock
from fluenzr_site.events.models import Event
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.changes import create_workspace
from fluenzr_site.workspaces.models import Workspace

PERSON = Actor("user", "1")


@pytest.fixture
def workspace(db: None) -> Workspace:
    return create_workspace("Acme")


@pytest.fixture
def contact_id(workspace: Workspace) -> str:
    stage = workspace.stages.first()
    assert stage is not None
    data = {"email": "ann@example.com", "firstName": "Ann", "tags": ["vip"], "pipelineStageId": stage.pk}
    return changes.create(workspace, clean(data, needs_email=True), by=PERSON)


def test_erasure_leaves_only_a_digest(workspace: Workspace, contact_id: str) -> None:
    erase(workspace, contact_id, by=PERSON)
    assert not Contact.objects.exists()
    assert not (ContactTag.objects.exists() or GroupMembership.objects.exists() or StageMove.objects.exists())
    assert Suppression.objects.get().digest == address_digest("ann@example.com")
    (event,) = Event.objects.all()
    assert (event.type, event.data) == ("contact.deleted", {"contact": {"id": contact_id}})


def test_the_digest_says_nothing_without_the_pepper(contact_id: str, settings: object) -> None:
    before = address_digest("ann@example.com")
    settings.FLUENZR_KEY_PEPPER = "another"  # type: ignore[attr-defined]
    assert address_digest("ann@example.com") != before


def test_erasing_a_strangers_contact_is_as_of_none(contact_id: str) -> None:
    other = create_workspace("Other")
    with pytest.raises(changes.Unknown):
        erase(other, contact_id, by=PERSON)
    with pytest.raises(changes.Unknown):
        everything_about(other, contact_id)
    assert Contact.objects.count() == 1


def test_access_gives_all_there_is(workspace: Workspace, contact_id: str) -> None:
    changes.update(workspace, contact_id, clean({"company": "Acme"}, needs_email=False), by=PERSON)
    told = everything_about(workspace, contact_id)
    assert told["contact"]["email"] == "ann@example.com"
    assert [move["to"] for move in told["stageMoves"]] == ["Lead"]
    assert [event["type"] for event in told["history"]] == ["contact.updated", "contact.created"]


def test_erasure_reaches_the_rows_kept_of_files(workspace: Workspace, contact_id: str) -> None:
    source = Import.objects.create(workspace=workspace, filename="a.csv", created_at=clock.now())
    for line, email in enumerate(["Ann@Example.com", "zoë@example.com", "bo@example.com"], start=2):
        cells = [f"Write to <{email}>", "x"]
        ImportProblem.objects.create(source=source, line=line, column="Name", value="", message="", cells=cells)
    other = changes.create(workspace, clean({"email": "zoë@example.com"}, needs_email=True), by=PERSON)
    erase(workspace, contact_id, by=PERSON)
    assert list(source.problems.order_by("line").values_list("line", flat=True)) == [3, 4]
    erase(workspace, other, by=PERSON)
    assert list(source.problems.values_list("line", flat=True)) == [4]
