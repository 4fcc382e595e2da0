"""Addresses that are not to be mailed, where no contact says so: what people have refused outlives their contact."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from contacts.models import Contact, Suppression
from contacts.models.suppression import address_digest
from fluenzr_site.core import bulk, clock, ids
from fluenzr_site.core.database import retried
from fluenzr_site.events.recording import Change
from fluenzr_site.workspaces.models import Workspace

Status, Reason = Contact.Status, Suppression.Reason
REASONS: Final[dict[str, str]] = {
    Status.UNSUBSCRIBED: Reason.UNSUBSCRIBED,
    Status.BOUNCED: Reason.BOUNCED,
    Status.BLOCKED: Reason.BLOCKED,
}
#: What a contact becomes that is made again. Of one that was merged away nobody knows any more which it was; whom to
#: erase meant to leave nothing behind, so that there no status tells of it.
_STATUSES: Final[dict[str, str]] = {
    **{reason: status for status, reason in REASONS.items()},
    Reason.MERGED: Status.UNSUBSCRIBED,
}


def suppress(unit: Change, reasons: Mapping[str, str]) -> list[str]:
    """``reasons`` by address. An address that is suppressed already stays as it is; the ids of the new rows."""
    by_digest = {address_digest(email): reason for email, reason in reasons.items()}
    if not by_digest:
        return []
    present = Suppression.objects.of(unit.workspace).filter(digest__in=by_digest)
    missing = sorted(set(by_digest) - set(present.values_list("digest", flat=True)))
    numbers = ids.new_batch("sup", len(missing))
    rows = [
        Suppression(id=number, workspace=unit.workspace, digest=digest, reason=by_digest[digest], created_at=unit.at)
        for number, digest in zip(numbers, missing, strict=True)
    ]
    bulk.insert(rows)
    _note(unit.workspace)
    return numbers


def _note(workspace: Workspace) -> None:
    Workspace.objects.filter(pk=workspace.pk, suppresses=False).update(suppresses=True)
    workspace.suppresses = True


def keep_refusals(unit: Change, contacts: Iterable[Contact]) -> None:
    """Of contacts that go: who brings the address back must not write to it by that."""
    suppress(unit, {each.email: REASONS[each.status] for each in contacts if each.email and each.status in REASONS})


def take_back(workspace: Workspace, contacts: Iterable[Contact]) -> None:
    """Contacts are back that say themselves what was kept of them when they went."""
    by_reason: dict[str, list[str]] = {}
    for each in contacts:
        if each.email and each.status in REASONS:
            by_reason.setdefault(REASONS[each.status], []).append(address_digest(each.email))
    for reason, digests in by_reason.items():
        Suppression.objects.of(workspace).filter(reason=reason, digest__in=digests).delete()


def heed(unit: Change, changed: Iterable[tuple[Contact, Mapping[str, Any]]]) -> None:
    """Contacts, each with what its changed attributes were.

    An address that goes takes its refusal along; of whom somebody says that they may be written to again, they may
    be. An erasure is for good.
    """
    going, lifted = dict[str, str](), []
    for contact, before in changed:
        email, status = before.get("email", contact.email), before.get("status", contact.status)
        if not email or status not in REASONS:
            continue
        if contact.email != email:
            going[email] = REASONS[status]
        elif contact.status not in REASONS:
            lifted.append(address_digest(email))
    suppress(unit, going)
    if lifted:
        rows = Suppression.objects.of(unit.workspace).filter(digest__in=lifted)
        rows.exclude(reason=Reason.ERASED).delete()


def reasons_of(workspace: Workspace, emails: Collection[str]) -> dict[str, str]:
    """Why addresses are suppressed; those that aren't are left out."""
    rows = Suppression.objects.of(workspace)
    if not emails or not rows.exists():
        return {}
    digests = {address_digest(email): email for email in emails}
    found = rows.filter(digest__in=digests).values_list("digest", "reason")
    return {digests[digest]: reason for digest, reason in found}


def status_for(reason: str) -> str:
    """The status that a new contact with such an address has; empty: whatever it is given."""
    return _STATUSES.get(reason, "")


@retried
def unsubscribe(workspace: Workspace, digest: str) -> None:
    """Whose contact was deleted says no to what came before: it counts for the address, should it come back."""
    values = {"reason": Reason.UNSUBSCRIBED, "created_at": clock.now()}
    row, is_new = Suppression.objects.get_or_create(workspace=workspace, digest=digest, defaults=values)
    _note(workspace)
    if not is_new and row.reason != Reason.ERASED:
        # A person's own word says more than that an address was found dead.
        Suppression.objects.filter(pk=row.pk).update(reason=Reason.UNSUBSCRIBED)
