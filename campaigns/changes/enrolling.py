"""How contacts come into a campaign and leave it, many at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from campaigns import queries
from campaigns.changes import tallies
from campaigns.models import IN_CAMPAIGN, Campaign, Enrolment, Message
from campaigns.workflow.graph import Workflow
from campaigns.workflow.parsing import parse
from campaigns.workflow.steps import first
from contacts.models import Contact
from fluenzr_site.core import bulk, ids
from fluenzr_site.events.recording import Change

BATCH: Final = 5000
_COLUMNS: Final = (
    "id",
    "workspace_id",
    "campaign_id",
    "contact_id",
    "version_id",
    "status",
    "phase",
    "node_id",
    "note",
    "enrolled_at",
    "due_at",
    "lease",
)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """``skipped`` were in the campaign already or have answered there, or are never mailed."""

    added: int
    skipped: int


def enrol(unit: Change, campaign: Campaign, contacts: QuerySet[Contact], *, again: bool = True) -> Enrolled:
    """Bring contacts of the campaign's workspace into it; one that is running begins with them at once.

    Whoever was removed may come ``again``, from the start unless something was sent; who has answered never does.
    Part of the caller's change.
    """
    asked = contacts.count()
    wanted = list(queries.mailable(contacts).order_by("id").values_list("pk", flat=True))
    added = 0
    for start in range(0, len(wanted), BATCH):
        added += _enrol_batch(unit, campaign, wanted[start : start + BATCH], again)
    tallies.add(campaign.pk, "", "", unit.at, enrolled=added)
    return Enrolled(added, asked - added)


def _enrol_batch(unit: Change, campaign: Campaign, contact_ids: Sequence[str], again: bool) -> int:
    present = Enrolment.objects.of(unit.workspace).filter(campaign=campaign, contact_id__in=contact_ids)
    known = dict(present.values_list("contact_id", "status"))
    new = [contact_id for contact_id in contact_ids if contact_id not in known]
    # Who comes into a paused campaign begins with what it is when it is resumed.
    running = campaign.status == Campaign.Status.ACTIVE
    node_id = first(parse(campaign.version.workflow)).node_id if running and campaign.version else ""
    rows = [
        (
            number,
            unit.workspace.pk,
            campaign.pk,
            contact_id,
            campaign.version_id if running else None,
            Enrolment.Status.PENDING.value,
            Enrolment.Phase.LEAVE.value,
            node_id,
            "",
            unit.at,
            unit.at if running else None,
            "",
        )
        for number, contact_id in zip(ids.new_batch("enr", len(new)), new, strict=True)
    ]
    bulk.insert_values(Enrolment, _COLUMNS, rows)
    if not again:
        return len(new)
    answered = Message.objects.filter(enrolment=OuterRef("pk"), replied_at__isnull=False)
    removed = present.filter(~Exists(answered), status=Enrolment.Status.REMOVED)
    return len(new) + _enrol_again(unit, campaign, removed, node_id)


def _enrol_again(unit: Change, campaign: Campaign, removed: QuerySet[Enrolment], start: str) -> int:
    """Those who were taken out go on where they stood, so that no step is sent twice; the others begin."""
    running = campaign.status == Campaign.Status.ACTIVE
    back = {"ended_at": None, "lease": "", "leased_until": None, "note": ""}
    begun = set(removed.filter(messages__isnull=False).values_list("pk", flat=True))
    others = set(removed.values_list("pk", flat=True)) - begun
    rows = Enrolment.objects.of(unit.workspace)
    rows.filter(pk__in=begun).update(status=Enrolment.Status.IN_PROGRESS, due_at=unit.at, **back)
    rows.filter(pk__in=others).update(
        status=Enrolment.Status.PENDING,
        phase=Enrolment.Phase.LEAVE,
        version=campaign.version if running else None,
        node_id=start,
        due_at=unit.at if running else None,
        **back,
    )
    return len(begun) + len(others)


def remove(unit: Change, campaign: Campaign, contact_ids: Sequence[str]) -> int:
    """Take contacts out; how many were in. What is being sent at this moment is sent, and nothing after it."""
    inside = Enrolment.objects.of(unit.workspace).filter(campaign=campaign, contact_id__in=contact_ids)
    removed = inside.exclude(status=Enrolment.Status.REMOVED).update(
        status=Enrolment.Status.REMOVED, due_at=None, ended_at=unit.at
    )
    tallies.add(campaign.pk, "", "", unit.at, enrolled=-removed)
    return removed


def begin(campaign: Campaign, workflow: Workflow, at: datetime) -> None:
    """Put everybody who isn't in any version yet at the start of this one."""
    waiting = Enrolment.objects.filter(campaign=campaign, version=None, status__in=IN_CAMPAIGN)
    waiting.update(version=campaign.version, node_id=first(workflow).node_id, phase=Enrolment.Phase.LEAVE, due_at=at)
