"""The changes of pipeline stages."""

from typing import Any, Final

from django.db import transaction

from contacts.changes import batch, references
from contacts.changes.batch import Entry
from contacts.changes.contacts import Edit, edit_many, load_one
from contacts.cleaning import Draft
from contacts.models import Contact, PipelineStage
from fluenzr_site.core import bulk, ids
from fluenzr_site.core.database import retried
from fluenzr_site.events.recording import Actor, change
from fluenzr_site.workspaces.models import Workspace

FIRST_STAGES: Final = (
    ("Lead", "#64748b", PipelineStage.Kind.OPEN),
    ("Qualified", "#3b82f6", PipelineStage.Kind.OPEN),
    ("Proposal", "#8b5cf6", PipelineStage.Kind.OPEN),
    ("Negotiation", "#f59e0b", PipelineStage.Kind.OPEN),
    ("Won", "#22c55e", PipelineStage.Kind.WON),
    ("Lost", "#ef4444", PipelineStage.Kind.LOST),
)
MOVED_AT_ONCE: Final = 1000


def create_first_stages(sender: Any, *, workspace: Workspace, **_: Any) -> None:
    """Give a new workspace the stages that sales people know."""
    numbers = ids.new_batch("stg", len(FIRST_STAGES))
    bulk.insert(
        [
            PipelineStage(id=number, workspace=workspace, name=name, color=color, position=position, kind=kind)
            for position, (number, (name, color, kind)) in enumerate(zip(numbers, FIRST_STAGES, strict=True))
        ]
    )


class StageHasContacts(Exception):
    """The stage can be deleted only when its contacts go to another one."""


def delete_stage(stage: PipelineStage, *, move_to: PipelineStage | None, by: Actor) -> int:
    """Delete a stage, moving its contacts first; how many were moved.

    Raises StageHasContacts when there are some and ``move_to`` is None. Contacts move in steps, so that no
    transaction is long; a step that fails leaves the stage and the rest where they were.
    """
    workspace = stage.workspace
    moved = 0
    while batch_ids := list(
        Contact.objects.of(workspace).filter(stage=stage).values_list("pk", flat=True)[:MOVED_AT_ONCE]
    ):
        if move_to is None or move_to.pk == stage.pk:
            raise StageHasContacts(str(stage))
        moved += len(edit_many(workspace, batch_ids, Edit(stage_id=move_to.pk, stage_given=True), by=by))
    with transaction.atomic():
        stage.delete()
        workspace.touch()
    return moved


class Elsewhere(Exception):
    """The contact is no longer where it was seen; ``stage`` is where it is."""

    def __init__(self, contact: Contact) -> None:
        self.contact, self.stage = contact, contact.stage
        super().__init__(str(self.stage))


@retried
def move_contact(
    workspace: Workspace, contact_id: str, stage_id: str | None, *, seen: str | None, note: str = "", by: Actor
) -> Entry:
    """Move one contact out of the stage in which the person has ``seen`` it (None: no stage), with a note.

    Raises Unknown, Elsewhere where somebody else has moved it since, or Invalid for a stage that isn't there.
    """
    with change(workspace, by) as unit:
        entry = load_one(workspace, contact_id)
        draft = Draft(stage_id=stage_id, stage_given=True)
        known = references.look_up(workspace, [draft])
        known.settle(draft)
        if entry.contact.stage_id not in (seen, stage_id):
            raise Elsewhere(entry.contact)
        entry.move(known.stages[stage_id] if stage_id else None, note)
        batch.write(unit, [entry])
    return entry


def create_stage(workspace: Workspace, values: dict[str, Any]) -> PipelineStage:
    """A new stage of model values, last unless they say. Raises IntegrityError when the name is taken."""
    position = PipelineStage.objects.of(workspace).count()
    with transaction.atomic():
        stage = PipelineStage.objects.create(workspace=workspace, **({"position": position} | values))
        workspace.touch()
    return stage


def update_stage(stage: PipelineStage, values: dict[str, Any]) -> PipelineStage:
    """Set what ``values`` gives. Raises IntegrityError when another stage has the name."""
    for name, value in values.items():
        setattr(stage, name, value)
    with transaction.atomic():
        stage.save(update_fields=list(values))
        stage.workspace.touch()
    return stage
