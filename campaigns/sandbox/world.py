"""A throwaway workspace that is like the one it copies, and sends to loopback; nothing of it stays."""

import dataclasses
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db.models import Case, IntegerField, QuerySet, Value, When

from campaigns import queries
from campaigns.changes import accounts, enrolling
from campaigns.changes import campaigns as changes
from campaigns.models import Campaign, EmailAccount, Enrolment
from campaigns.sandbox import leftovers
from campaigns.sandbox.loopback import HOST
from contacts.models import Contact, CustomField, PipelineStage
from fluenzr_site.core import clock, ids
from fluenzr_site.events.recording import Actor, change
from fluenzr_site.workspaces.models import Workspace

NAME: Final = "Sandbox"
IMAP_USERNAME: Final = "sandbox"
ACTOR: Final = Actor("command", "sandbox")
_LIKE_THE_SOURCE: Final = ("plan", "timezone", "postal_address", "open_tracking")
_LIMITS: Final = ("daily_limit", "ramp_first_day", "ramp_growth", "ramp_ceiling")
_NOT_COPIED: Final = ("id", "workspace", "stage", "owner", "location", "source_import_id")
_INVENTED: Final = ("Ann", "Ben", "Chloé", "Dev", "Eva", "Finn", "Grace", "Hugo", "Indira", "Jonas")


@dataclasses.dataclass(frozen=True, slots=True)
class Servers:
    """The ports, on loopback, of what the workspace's account speaks with."""

    smtp_port: int
    imap_port: int


@contextmanager
def loopback_allowed() -> Iterator[None]:
    """Inside, this process may reach servers on loopback, whatever the installation's settings say."""
    before = settings.FLUENZR_PRIVATE_NETWORKS
    settings.FLUENZR_PRIVATE_NETWORKS = [*before, f"{HOST}/32"]
    try:
        yield
    finally:
        settings.FLUENZR_PRIVATE_NETWORKS = before


@contextmanager
def copied(
    source: Campaign, servers: Servers, *, most: int, named: Collection[str] = (), start: datetime
) -> Iterator[Campaign]:
    """A running copy of the campaign, started at ``start``, in a workspace of its own that is deleted at the end.

    ``named``: addresses that come first where not everybody fits. Raises NotReady or LimitReached, as starting does.
    """
    values = {name: getattr(source.workspace, name) for name in _LIKE_THE_SOURCE}
    workspace = Workspace(name=NAME, is_sandbox=True, **values)
    with leftovers.marked(workspace):
        try:
            workspace.save(force_insert=True)
            with clock.standing_at(start):
                campaign = _started(source, workspace, servers, most, named)
            yield campaign
        finally:
            delete(workspace)


def people(source: Campaign, most: int, named: Collection[str] = ()) -> list[Contact]:
    """Up to ``most`` who may be mailed: the campaign's contacts, or the workspace's where it has none."""
    workspace = source.workspace
    everybody = Contact.objects.of(workspace)
    enrolled = Enrolment.objects.of(workspace).filter(campaign=source).exclude(status=Enrolment.Status.REMOVED)
    inside = everybody.filter(pk__in=enrolled.values("contact"))
    return _mailable(inside, most, named) or _mailable(everybody, most, named)


def _mailable(contacts: QuerySet[Contact], most: int, named: Collection[str]) -> list[Contact]:
    first = Case(When(email__in=named, then=Value(0)), default=Value(1), output_field=IntegerField())
    found: list[Contact] = []
    rows = queries.mailable(contacts).select_related("workspace", "stage").order_by(first, "id")
    for contact in rows.iterator(chunk_size=500):
        if len(found) == most:
            break
        if not queries.why_not_mailable(contact):
            found.append(contact)
    return found


def _started(source: Campaign, workspace: Workspace, servers: Servers, most: int, named: Collection[str]) -> Campaign:
    _copy_fields(source.workspace, workspace)
    stages = _copy_stages(source.workspace, workspace)
    contacts = people(source, most, named)
    if contacts:
        _copy_contacts(contacts, workspace, stages)
    else:
        _invent_contacts(workspace, most)
    account = _account(source, workspace, servers)
    copied_values = {name: getattr(source, name) for name in ("name", "description", "settings", "workflow")}
    campaign = changes.create(workspace, {"account_id": account.pk, **copied_values}, by=ACTOR)
    with change(workspace, ACTOR) as unit:
        enrolling.enrol(unit, campaign, Contact.objects.of(workspace))
    return changes.start(workspace, campaign.pk, by=ACTOR)


def _copy_fields(source: Workspace, workspace: Workspace) -> None:
    names = ("key", "label", "type", "required", "default", "options", "position", "created_at")
    rows = CustomField.objects.of(source).values(*names)
    CustomField.objects.bulk_create(CustomField(workspace=workspace, **row) for row in rows)


def _copy_stages(source: Workspace, workspace: Workspace) -> dict[str, PipelineStage]:
    """By the ids of those they are copied from."""
    rows = PipelineStage.objects.of(source)
    made = {
        row.pk: PipelineStage(workspace=workspace, name=row.name, color=row.color, position=row.position, kind=row.kind)
        for row in rows
    }
    PipelineStage.objects.bulk_create(made.values())
    return made


def _copy_contacts(contacts: list[Contact], workspace: Workspace, stages: dict[str, PipelineStage]) -> None:
    # As they are, to the letter: what contacts.changes checks was checked when they were made.
    names = [field.attname for field in Contact._meta.concrete_fields if field.name not in _NOT_COPIED]
    copies = []
    for number, contact in zip(ids.new_batch("con", len(contacts)), contacts, strict=True):
        values: dict[str, Any] = {name: getattr(contact, name) for name in names}
        copies.append(Contact(id=number, workspace=workspace, stage=stages.get(contact.stage_id or ""), **values))
    Contact.objects.bulk_create(copies)


def _invent_contacts(workspace: Workspace, most: int) -> None:
    """A workspace without anybody can be watched too."""
    now = clock.now()
    Contact.objects.bulk_create(
        Contact(
            workspace=workspace,
            email=f"person{number}@example.com",
            first_name=name,
            last_name="Example",
            company="Example Ltd",
            created_at=now,
            updated_at=now,
        )
        for number, name in enumerate(_INVENTED[:most], 1)
    )


def _account(source: Campaign, workspace: Workspace, servers: Servers) -> EmailAccount:
    """Like the campaign's own, limits included, but for where it leads; without secrets."""
    own = source.account
    today = accounts.workspace_day(workspace, clock.now())
    values = {name: getattr(own, name) for name in _LIMITS}
    return accounts.create(
        workspace,
        values
        | {
            "email": own.email,
            "name": own.name,
            # One that begins later would send nothing at first.
            "ramp_started_on": min(own.ramp_started_on, today),
            "smtp_host": HOST,
            "smtp_port": servers.smtp_port,
            "smtp_security": EmailAccount.Security.NONE.value,
            "imap_host": HOST,
            "imap_port": servers.imap_port,
            "imap_security": EmailAccount.Security.NONE.value,
            "imap_username": IMAP_USERNAME,
        },
    )


def delete(workspace: Workspace) -> None:
    """Everything that a sandbox owns. Raises ValueError for any other workspace."""
    if not workspace.is_sandbox:
        raise ValueError(f"{workspace.pk} is no sandbox")
    # Its row may have been deleted already, by whoever found it left behind.
    Workspace.objects.filter(pk=workspace.pk, is_sandbox=True).delete()
    leftovers.unmark(workspace)


def clear_up() -> None:
    """Delete the sandboxes that were left behind by processes that are gone."""
    for workspace in leftovers.abandoned():
        delete(workspace)
