"""Contacts become one, and come apart again: nothing of either is lost, and whoever refused stays refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.queries import why_not_mailable
from contacts.changes import merging
from contacts.changes.contacts import EmailTaken, Rules, Unknown, create, delete_many, save_many, update
from contacts.changes.erasure import erase
from contacts.changes.groups import create_group
from contacts.cleaning import Draft, clean
from contacts.models import Contact, Merge, PipelineStage, StageMove, Suppression
from contacts.models.suppression import address_digest
from contacts.signals import contacts_merged, joined_group
from fluenzr_site.core import clock
from fluenzr_site.events.models import Event
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.models import Workspace

BY = Actor("command", "test")


@pytest.fixture
def make(workspace: Workspace) -> Callable[..., Contact]:
    def make(email: str, status: str = "", **values: Any) -> Contact:
        made = create(workspace, clean({"email": email, **values}, needs_email=True), by=BY)
        if status:
            Contact.objects.filter(pk=made).update(status=status)
        return Contact.objects.get(pk=made)

    return make


def merge(survivor: Contact, *others: Contact, **picks: str) -> Merge:
    ids = [other.pk for other in others]
    return merging.merge(survivor.workspace, survivor.pk, ids, picks=picks, by=BY)


def whole(contact: Contact) -> dict[str, Any]:
    """Everything of a contact but when it was changed."""
    row = Contact.objects.filter(pk=contact.pk).values().get()
    row.pop("updated_at")
    groups, tags = contact.groups.order_by("pk"), contact.tags.order_by("pk")
    return row | {"groups": [*groups.values_list("name", flat=True)], "tags": [*tags.values_list("name", flat=True)]}


def test_the_survivor_keeps_its_values_and_gets_what_it_lacks(workspace: Workspace, make: Any):
    group, stage = create_group(workspace, {"name": "Readers"}), PipelineStage.objects.of(workspace)[1]
    ann = make("ann@x.co", firstName="Ann", tags=["a"], customFields={"size": "big"})
    bob = make(
        "ann.lee@x.co",
        firstName="Anna",
        lastName="Lee",
        phone="+33 1 23 45 67 89",
        groupIds=[group.pk],
        tags=["b"],
        customFields={"size": "small", "plan": "pro"},
        pipelineStageId=stage.pk,
    )
    update(workspace, ann.pk, Draft(values={"notes": "met in Lyon"}), by=BY)
    update(workspace, bob.pk, Draft(values={"notes": "likes tea"}), by=BY)
    merge(ann, bob)
    ann.refresh_from_db()
    assert (ann.email, ann.first_name, ann.last_name, ann.phone) == ("ann@x.co", "Ann", "Lee", "+33 1 23 45 67 89")
    assert (ann.custom_fields, ann.stage, ann.notes) == (
        {"size": "big", "plan": "pro"},
        stage,
        "met in Lyon\n\nlikes tea",
    )
    assert (whole(ann)["groups"], whole(ann)["tags"]) == (["Readers"], ["a", "b"])
    assert "lee" in ann.search_text
    assert not Contact.objects.filter(pk=bob.pk).exists()


def test_each_field_can_be_chosen_even_where_it_is_empty(make: Any):
    ann, bob = make("ann@x.co", company="Old"), make("bob@x.co", firstName="Bob", customFields={"k": "v"})
    merge(ann, bob, email=bob.pk, company=bob.pk, first_name=ann.pk, **{"custom:k": ann.pk})
    ann.refresh_from_db()
    assert (ann.email, ann.company, ann.first_name, ann.custom_fields) == ("bob@x.co", "", "", {})


STRICTEST = [
    ("active", "unsubscribed", "unsubscribed"),
    ("unsubscribed", "active", "unsubscribed"),
    ("unsubscribed", "blocked", "blocked"),
    ("replied", "unsubscribed", "unsubscribed"),
    ("active", "replied", "replied"),
    ("bounced", "active", "bounced"),
    # A bounce is the address's own, which goes here.
    ("active", "bounced", "active"),
]


@pytest.mark.parametrize(("first", "second", "then"), STRICTEST)
def test_the_strictest_status_wins(make: Any, first: str, second: str, then: str):
    ann, bob = make("ann@x.co", first), make("bob@x.co", second)
    merge(ann, bob)
    ann.refresh_from_db()
    assert ann.status == then


def test_an_objection_to_tracking_stays(workspace: Workspace, make: Any):
    ann, bob = make("ann@x.co"), make("bob@x.co")
    update(workspace, bob.pk, Draft(values={"tracking_objection": True}), by=BY)
    merge(ann, bob)
    ann.refresh_from_db()
    assert ann.tracking_objection


@pytest.mark.parametrize("status", ["unsubscribed", "blocked", "bounced"])
def test_an_address_that_was_not_to_be_mailed_is_suppressed(workspace: Workspace, make: Any, status: str):
    made = merge(make("ann@x.co"), make("bob@x.co", status))
    assert Suppression.objects.of(workspace).get().digest == address_digest("bob@x.co")
    merging.undo(workspace, made.pk, by=BY)
    assert not Suppression.objects.exists()


def test_history_goes_to_the_survivor_and_the_events_say_what_happened(workspace: Workspace, make: Any):
    ann, bob = make("ann@x.co"), make("bob@x.co", firstName="Bob")
    stage = PipelineStage.objects.of(workspace)[0]
    update(workspace, bob.pk, Draft(stage_id=stage.pk, stage_given=True), by=BY)
    merge(ann, bob)
    told = Event.objects.of(workspace).about(ann.pk)
    assert not Event.objects.of(workspace).about(bob.pk).exists()
    kinds = [(event.type, event.data["contact"]["id"]) for event in told]
    assert kinds.count(("contact.deleted", bob.pk)) == 1
    assert kinds[0] in [("contact.deleted", bob.pk), ("contact.updated", ann.pk)]
    assert StageMove.objects.filter(contact=ann, to_stage=stage).count() == 2


def test_undoing_brings_both_back_as_they_were(workspace: Workspace, make: Any):
    group, stage = create_group(workspace, {"name": "Readers"}), PipelineStage.objects.of(workspace)[1]
    ann = make("ann@x.co", firstName="Ann", tags=["a"], customFields={"n": 1})
    bob = make("bob@x.co", lastName="Lee", groupIds=[group.pk], tags=["b"], pipelineStageId=stage.pk)
    owner = User.objects.create(username="o")
    Contact.objects.filter(pk=bob.pk).update(owner=owner, consent_source="event", consent_date="2026-01-31")
    before, history = [whole(ann), whole(bob)], Event.objects.of(workspace).about(bob.pk).count()
    before[1]["owner_id"] = None  # No member of the workspace.
    made = merge(ann, bob, email=bob.pk)
    undone = merging.undo(workspace, made.pk, by=BY)
    assert undone.contact_ids == [bob.pk] and undone.stays == []
    assert [whole(ann), whole(bob)] == before
    # What happened before, its end, and that it is back.
    assert Event.objects.of(workspace).about(bob.pk).count() == history + 2
    assert not Merge.objects.exists()


def test_what_was_changed_since_stays(workspace: Workspace, make: Any):
    ann, bob = make("ann@x.co"), make("bob@x.co", company="B", phone="123456789")
    made = merge(ann, bob)
    update(workspace, ann.pk, Draft(values={"company": "New"}), by=BY)
    undone = merging.undo(workspace, made.pk, by=BY)
    ann.refresh_from_db()
    assert (ann.company, ann.phone, undone.stays) == ("New", "", ["company"])


def test_an_address_that_is_taken_by_now_keeps_it_from_being_undone(workspace: Workspace, make: Any):
    made = merge(make("ann@x.co"), make("bob@x.co"))
    make("bob@x.co", firstName="Another")
    with pytest.raises(EmailTaken):
        merging.undo(workspace, made.pk, by=BY)
    assert Contact.objects.count() == 2 and Merge.objects.exists()


def test_after_thirty_days_it_is_too_late(workspace: Workspace, make: Any):
    made = merge(make("ann@x.co"), make("bob@x.co"))
    Merge.objects.update(at=clock.now() - timedelta(days=31))
    with pytest.raises(merging.TooLate):
        merging.undo(workspace, made.pk, by=BY)
    assert merging.undoable(workspace, made.survivor_id) is None
    # What is kept for it goes with the next merge.
    merge(make("c@x.co"), make("d@x.co"))
    assert not Merge.objects.filter(pk=made.pk).exists()


@pytest.mark.parametrize("end", [erase, lambda workspace, pk, by: delete_many(workspace, [pk], by=by)])
def test_nothing_of_the_merged_outlives_the_survivor(workspace: Workspace, make: Any, end: Any):
    ann, bob = make("ann@x.co"), make("bob@x.co", firstName="Zebulon")
    merge(ann, bob)
    end(workspace, ann.pk, by=BY)
    assert not Merge.objects.exists()
    if end is erase:
        assert not Event.objects.filter(body__contains="Zebulon").exists()


def test_groups_that_come_along_are_not_entered(workspace: Workspace, make: Any):
    """Whoever was in a dynamic group has been enrolled by it, and perhaps been taken out of the campaign since."""
    group = create_group(workspace, {"name": "All", "type": "dynamic"})
    ann, bob = make("ann@x.co"), make("bob@x.co", groupIds=[group.pk])
    joined = []
    listen = lambda **said: joined.append(said["joined"])  # noqa: E731
    joined_group.connect(listen)
    merge(ann, bob)
    joined_group.disconnect(listen)
    assert ann.groups.get() == group and joined == []


def test_a_receiver_that_refuses_leaves_everything(workspace: Workspace, make: Any):
    ann, bob = make("ann@x.co"), make("bob@x.co")

    def refuse(**_: Any) -> None:
        raise merging.Busy("not now")

    contacts_merged.connect(refuse)
    try:
        with pytest.raises(merging.Busy):
            merge(ann, bob)
    finally:
        contacts_merged.disconnect(refuse)
    assert Contact.objects.count() == 2 and not Merge.objects.exists()


def test_only_contacts_of_the_workspace_and_two_to_five(workspace: Workspace, stranger: Any, make: Any):
    ann = make("ann@x.co")
    foreign = create(stranger.workspace, clean({"email": "r@x.co"}, needs_email=True), by=BY)
    for others in ([foreign], ["con_none"]):
        with pytest.raises(Unknown):
            merging.merge(workspace, ann.pk, others, picks={}, by=BY)
    for others in ([], [ann.pk], [f"con_{n}" for n in range(5)]):
        with pytest.raises(ValueError, match="2 to 5"):
            merging.merge(workspace, ann.pk, others, picks={}, by=BY)
    made = merge(ann, make("bob@x.co"))
    with pytest.raises(Unknown):
        merging.undo(stranger.workspace, made.pk, by=BY)


def test_an_import_does_not_make_the_unsubscribed_address_mailable(workspace: Workspace, make: Any):
    merge(make("ann@x.co"), make("bob@x.co", "unsubscribed"))
    save_many(workspace, [clean({"email": "bob@x.co"}, needs_email=True)], rules=Rules(), by=BY)
    assert why_not_mailable(Contact.objects.get(email="bob@x.co")) == "is unsubscribed"


def test_merging_costs_few_queries(make: Any):
    people = [make(f"p{n}@x.co", tags=[f"t{n}"], customFields={"k": n}) for n in range(5)]
    with CaptureQueriesContext(connection) as captured:
        merge(*people)
    assert len(captured) <= 50
