"""A change of many contacts and its undo: what is put back, and who stays as they are."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from contacts.changes import bulk_changes, suppressing, undoing
from contacts.changes import contacts as changes
from contacts.changes.erasure import erase
from contacts.changes.groups import create_group, delete_group
from contacts.changes.pipeline import create_stage, delete_stage
from contacts.models import Contact, GroupMembership, StageMove, Suppression
from contacts.models.suppression import address_digest
from contacts.signals import joined_group
from fluenzr_site.core import clock
from fluenzr_site.events import types
from fluenzr_site.events.models import Event
from fluenzr_site.events.recording import Actor, change
from fluenzr_site.workspaces.changes import create_workspace
from fluenzr_site.workspaces.models import Workspace
from tests.contacts.changes.undoing import OTHER, PERSON, Make, Outcome, State, all_of, done, edit_of, maker, undone

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return create_workspace("Acme")


@pytest.fixture
def make(workspace: Workspace) -> Make:
    return maker(workspace)


EDITS: list[dict[str, Any]] = [
    {"add_tags": ["new", "vip"]},
    {"remove_tags": ["VIP"]},
    {"status": "blocked"},
    {"values": {"company": "Changed", "notes": "", "consent_date": "2026-02-03", "consent_source": "event"}},
    {"custom_fields": {"size": None, "colour": "red"}},
]


@pytest.mark.parametrize("status", ["unsubscribed", "bounced", "blocked"])
def test_a_refusal_that_was_kept_goes_with_the_undo_of_the_deletion(
    workspace: Workspace, make: Make, status: str
) -> None:
    ann = make("ann")
    Contact.objects.filter(pk=ann.pk).update(status=status)
    made = done(workspace, undoing.DELETE)
    assert Suppression.objects.of(workspace).get().reason == status
    assert undone(made) == {}
    assert Contact.objects.get().status == status
    assert not Suppression.objects.of(workspace).exists()


def test_who_said_no_while_they_were_away_has_said_it(workspace: Workspace, make: Make) -> None:
    make("ann")
    made = done(workspace, undoing.DELETE)
    suppressing.unsubscribe(workspace, address_digest("ann@example.com"))
    assert undone(made) == {}
    assert Contact.objects.get().status == "unsubscribed"


@pytest.mark.parametrize("what", EDITS)
def test_what_was_before_is_put_back(workspace: Workspace, make: Make, what: dict[str, Any]) -> None:
    make("ann", tags=["vip", "old"], company="Acme", customFields={"size": "big", "age": "3"})
    make("bo", customFields={"colour": "blue"})
    before = all_of(workspace)
    made = done(workspace, **what)
    assert all_of(workspace) != before
    assert undone(made) == {}
    assert all_of(workspace) == before


def test_groups_owner_and_stage_are_put_back(workspace: Workspace, make: Make) -> None:
    old, new = create_group(workspace, {"name": "Old"}), create_group(workspace, {"name": "New"})
    lead, won = workspace.stages.get(name="Lead"), workspace.stages.get(name="Won")
    user = User.objects.create(username="ada")
    make("ann", groupIds=[old.pk], pipelineStageId=lead.pk)
    make("bo", groupIds=[old.pk, new.pk])
    before = all_of(workspace)
    what = {"add_groups": [new.pk], "remove_groups": [old.pk], "stage_id": won.pk, "stage_given": True}
    made = done(workspace, **what, owner_id=user.pk, owner_given=True)
    assert (made.total, made.changed) == (2, 2)
    assert undone(made) == {}
    assert all_of(workspace) == before
    assert (made.restored, made.kept) == (2, 0)
    assert [move.to_stage for move in StageMove.objects.filter(contact__email="ann@example.com").order_by("pk")] == [
        lead,
        won,
        lead,
    ]


def test_each_change_and_each_undo_is_an_event(workspace: Workspace, make: Make) -> None:
    ann = make("ann", tags=["vip"])
    make("bo", tags=["new"])
    made = done(workspace, add_tags=["new"])
    undone(made)
    told = Event.objects.of(workspace).about(ann.pk)
    assert [(event.type, event.actor, event.data["contact"]["tags"]) for event in told[:2]] == [
        (types.CONTACT_UPDATED, str(OTHER), ["vip"]),
        (types.CONTACT_UPDATED, str(PERSON), ["vip", "new"]),
    ]
    # Bo had it already: nothing was done, and nothing is undone.
    assert (made.changed, Event.objects.of(workspace).count()) == (1, 4)


def test_who_was_changed_since_stays_and_is_named(workspace: Workspace, make: Make) -> None:
    ann, bo, cy, di = (make(name) for name in ("ann", "bo", "cy", "di"))
    made = done(workspace, values={"company": "Acme"})
    edit_of(ann, workspace, firstName="Ann")
    edit_of(bo, workspace, tags=["vip"])
    changes.delete_many(workspace, [cy.pk], by=OTHER)
    # Touched, and as it was left again.
    edit_of(di, workspace, company="Else")
    edit_of(di, workspace, company="Acme")
    assert undone(made) == {ann.pk: Outcome.CHANGED, bo.pk: Outcome.CHANGED, cy.pk: Outcome.DELETED}
    companies = Contact.objects.of(workspace).order_by("pk").values_list("company", flat=True)
    assert list(companies) == ["Acme", "Acme", ""]
    assert (made.restored, made.kept) == (1, 3)
    assert set(made.earlier.values_list("values", flat=True).values_list("after", flat=True)) == {""}


def test_an_edit_between_the_question_and_the_undo_wins(
    workspace: Workspace, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when it comes while the undo is under way, before the contact's turn."""
    monkeypatch.setattr(bulk_changes, "STEP", 1)
    ann, bo = make("ann"), make("bo")
    made = done(workspace, values={"company": "Acme"})
    bulk_changes.start_undo(made, by=OTHER, claimed=True)
    assert bulk_changes._undo_step(made, bulk_changes._counts(made))
    edit_of(bo, workspace, company="Mine")
    bulk_changes.work(made)
    assert [Contact.objects.get(pk=pk).company for pk in (ann.pk, bo.pk)] == ["", "Mine"]
    assert (made.state, made.restored, made.kept) == (State.UNDONE, 1, 1)


def test_changes_after_one_another_are_undone_from_the_last_on(workspace: Workspace, make: Make) -> None:
    make("ann", company="First")
    before = all_of(workspace)
    first, second = done(workspace, values={"company": "A"}), done(workspace, add_tags=["x"])
    assert undone(second) == {}
    assert undone(first) == {}
    assert all_of(workspace) == before


@pytest.mark.parametrize("told", [types.EMAIL_UNSUBSCRIBED, types.EMAIL_BOUNCED])
def test_who_opted_out_since_does_not_become_mailable(workspace: Workspace, make: Make, told: str) -> None:
    ann, bo = make("ann"), make("bo")
    made = done(workspace, status="blocked")
    # Blocked says more than bounced, so the status stays as the change left it.
    with change(workspace, Actor("engine", "mail")) as unit:
        unit.record(told, ann.pk, {})
    assert undone(made) == {ann.pk: Outcome.OPTED_OUT}
    assert [Contact.objects.get(pk=pk).status for pk in (ann.pk, bo.pk)] == ["blocked", "active"]


def test_unblocking_is_for_the_blocked_alone(workspace: Workspace, make: Make) -> None:
    people = {status: make(status) for status in ("blocked", "bounced", "unsubscribed", "replied")}
    for status, contact in people.items():
        Contact.objects.filter(pk=contact.pk).update(status=status)
    made = done(workspace, status="active", status_from="blocked")
    assert {status: Contact.objects.get(pk=each.pk).status for status, each in people.items()} == {
        "blocked": "active",
        "bounced": "bounced",
        "unsubscribed": "unsubscribed",
        "replied": "replied",
    }
    assert made.changed == 1


def test_what_is_gone_is_not_put_back(workspace: Workspace, make: Make) -> None:
    group, stage = create_group(workspace, {"name": "Old"}), create_stage(workspace, {"name": "Mine"})
    ann, bo = make("ann", groupIds=[group.pk]), make("bo", pipelineStageId=stage.pk)
    won = workspace.stages.get(name="Won")
    made = done(workspace, remove_groups=[group.pk], stage_id=won.pk, stage_given=True)
    delete_group(group, by=PERSON)
    delete_stage(stage, move_to=None, by=PERSON)
    assert undone(made) == {bo.pk: Outcome.MISSING}
    ann.refresh_from_db()
    assert (ann.stage, ann.groups.count()) == (None, 0)


def test_undoing_enrols_nobody(workspace: Workspace, make: Make) -> None:
    joined: list[Any] = []
    group = create_group(workspace, {"name": "Fed", "type": "dynamic"})
    make("ann", groupIds=[group.pk])
    taken_out = done(workspace, remove_groups=[group.pk])

    def heard(sender: Any, **told: Any) -> None:
        joined.append(told["joined"])

    joined_group.connect(heard)
    try:
        undone(taken_out)
        deleted = done(workspace, undoing.DELETE)
        undone(deleted)
    finally:
        joined_group.disconnect(heard)
    assert (joined, group.memberships.count()) == ([], 1)


# ------------------------------------------------------------------------------------------------ deleting


def test_deleted_contacts_come_back_as_they_were(workspace: Workspace, make: Make) -> None:
    group, lead = create_group(workspace, {"name": "Readers"}), workspace.stages.get(name="Lead")
    values = {"groupIds": [group.pk], "tags": ["b", "a"], "pipelineStageId": lead.pk, "customFields": {"size": "big"}}
    ann = make("ann", firstName="Ann", lastName="Lee", **values)
    owner = User.objects.create(username="ada")
    Contact.objects.filter(pk=ann.pk).update(owner=owner, notes="n", consent_date="2026-01-31", status="unsubscribed")
    GroupMembership.objects.update(joined_at=clock.now() - timedelta(days=9))
    make("bo")
    before, joined = all_of(workspace), GroupMembership.objects.get().joined_at
    moves = list(StageMove.objects.values())
    made = done(workspace, undoing.DELETE)
    assert (made.changed, Contact.objects.count(), StageMove.objects.count()) == (2, 0, 0)
    assert undone(made) == {}
    assert all_of(workspace) == before
    assert GroupMembership.objects.get().joined_at == joined
    assert list(StageMove.objects.values()) == moves
    assert list(
        Contact.objects.get(pk=ann.pk).contact_tags.values_list("tag__name", "position").order_by("position")
    ) == [
        ("b", 0),
        ("a", 1),
    ]
    kinds = [event.type for event in Event.objects.of(workspace).about(ann.pk)]
    assert kinds == [types.CONTACT_CREATED, types.CONTACT_DELETED, types.CONTACT_CREATED]


def test_whose_address_was_taken_or_erased_meanwhile_stays_away(workspace: Workspace, make: Make) -> None:
    ann, bo, cy = make("ann"), make("bo"), make("cy")
    made = done(workspace, undoing.DELETE)
    again = make("ann", company="Other")
    erase(workspace, make("bo").pk, by=PERSON)
    # Erasing reaches what is kept of that address, under whatever id.
    assert undone(made) == {ann.pk: Outcome.TAKEN}
    assert set(Contact.objects.values_list("pk", flat=True)) == {again.pk, cy.pk}
    assert not Contact.objects.filter(pk=bo.pk).exists()


def test_a_plan_without_room_keeps_them_away(workspace: Workspace, make: Make, settings: Any) -> None:
    ann, bo = make("ann"), make("bo")
    made = done(workspace, undoing.DELETE)
    plans = settings.FLUENZR_PLANS
    settings.FLUENZR_PLANS = {name: values | {"contacts": 1} for name, values in plans.items()}
    assert undone(made) == {bo.pk: Outcome.FULL}
    assert Contact.objects.get() == ann
