"""The one way contacts are written: API, bulk, admin, import and messaging come through here, set by set.

Each function is one transaction that writes the contacts, their links, the history and the events together.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from django.db import IntegrityError, OperationalError, transaction

from contacts.changes import batch, earlier, edits, references, suppressing
from contacts.changes.batch import Entry
from contacts.changes.edits import UNSUBSCRIBED
from contacts.changes.edits import Edit as Edit
from contacts.cleaning import EMAIL_REQUIRED, ONE_OF, SETTABLE_STATUSES, Draft, Invalid, Problems, tag_key
from contacts.models import COMPACT_PHONE, Contact, ContactTag, GroupMembership, Suppression
from contacts.phones import spellings
from fluenzr_site.core import ids
from fluenzr_site.core.database import retried
from fluenzr_site.core.saying import Counted, say
from fluenzr_site.events import types
from fluenzr_site.events.recording import Actor, Change, change
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.plans import LimitReached

EMAIL_EXISTS: Final = say("Email already exists")
# The problems of an import's rows keep their English: it is recognised.
_FULL: Final = Counted("The %(plan)s plan allows %(count)s contact", "The %(plan)s plan allows %(count)s contacts")
Kind = Literal["created", "updated", "skipped", "failed"]


class EmailTaken(Exception):
    """Another contact of the workspace has the address."""

    def __init__(self) -> None:
        super().__init__(EMAIL_EXISTS)


class NumberTaken(Exception):
    """Another contact of the workspace has the number."""

    def __init__(self) -> None:
        super().__init__("Phone number already exists")


class Unknown(Exception):
    """The workspace has no such contact."""


@dataclass(slots=True)
class RowResult:
    """What became of one draft of a batch. ``problems`` are there when it failed."""

    kind: Kind
    contact_id: str | None = None
    problems: Problems | None = None
    code: str = "VALIDATION_ERROR"
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What a batch does with duplicates and statuses, and what goes to every contact it writes."""

    on_duplicate: Literal["skip", "update", "refuse"] = "skip"
    group_ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    statuses: tuple[str, ...] = SETTABLE_STATUSES
    new_values: dict[str, Any] = field(default_factory=dict)
    source_import: str = ""
    # An import adds to a contact's tags and groups and never takes away; it also leaves the erased alone.
    adds_only: bool = False
    heeds_erasure: bool = False
    # The bulk change for whose undo it is kept what updated contacts were.
    keep: str = ""


def create(workspace: Workspace, draft: Draft, *, by: Actor) -> str:
    """Make one contact and return its id. Raises Invalid, EmailTaken or LimitReached."""
    return create_entry(workspace, draft, by=by).contact.pk


def create_entry(workspace: Workspace, draft: Draft, *, by: Actor) -> Entry:
    """The same, with all that was written: nothing need be read back to show it."""
    rules = Rules(on_duplicate="refuse")
    try:
        # Nearly every address is new: let the constraint say when it isn't, and spare a query.
        result = _save(workspace, [draft], rules, by, assume_new=True)[0]
    except (IntegrityError, OperationalError):
        # The constraint says so, or a race was lost: once more, with care.
        result = save_many(workspace, [draft], rules=rules, by=by)[0]
    if result.code == "CONFLICT":
        raise EmailTaken
    if result.code == "FORBIDDEN":
        raise LimitReached(_first(result.problems))
    if result.problems:
        raise Invalid(result.problems)
    assert result.entry is not None  # noqa: S101 - what was created has its entry
    return result.entry


@retried
def save_many(workspace: Workspace, drafts: Sequence[Draft], *, rules: Rules, by: Actor) -> list[RowResult]:
    """Create or update the contacts of a batch, in order; a result for each draft.

    A draft whose address an earlier one of the batch has is a duplicate of that one. A bad draft fails alone.
    """
    return _save(workspace, drafts, rules, by, assume_new=False)


def _save(
    workspace: Workspace, drafts: Sequence[Draft], rules: Rules, by: Actor, *, assume_new: bool
) -> list[RowResult]:
    with change(workspace, by) as unit:
        run = _Save(unit, rules, drafts, assume_new)
        results = [run.take(draft) for draft in drafts]
        run.write()
    return results


class _Save:
    """One batch under way: what is known, what was taken so far."""

    def __init__(self, unit: Change, rules: Rules, drafts: Sequence[Draft], assume_new: bool) -> None:
        self.unit, self.rules = unit, rules
        emails = [draft.email for draft in drafts if draft.email]
        self.entries = {} if assume_new else self._existing(emails)
        # A single new contact costs a query less where nothing was ever refused: its workspace was read just now.
        spared = assume_new and not unit.workspace.suppresses
        self.suppressed = {} if spared else suppressing.reasons_of(unit.workspace, emails)
        self.references = references.look_up(unit.workspace, drafts, also_groups=rules.group_ids)
        self.room = room(unit.workspace)
        self.numbers = iter(ids.new_batch("con", len(drafts)))
        self.accepted: list[tuple[Entry, Draft]] = []
        self.new: list[Entry] = []

    def _existing(self, emails: list[str]) -> dict[str, Entry]:
        if self.rules.on_duplicate == "update":
            entries = batch.load(self.unit.workspace, email__in=emails)
        else:
            known = Contact.objects.of(self.unit.workspace).filter(email__in=emails).only("id", "email")
            entries = [Entry(contact, is_new=False) for contact in known]
        return {entry.contact.email or "": entry for entry in entries}

    def take(self, draft: Draft) -> RowResult:
        try:
            self.references.settle(draft)
            entry = self.entries.get(draft.email) if draft.email else None
            return self._repeat(entry, draft) if entry else self._first(draft)
        except Invalid as error:
            return RowResult("failed", problems=error.problems)

    def _first(self, draft: Draft) -> RowResult:
        suppressed = self.suppressed.get(draft.email or "", "")
        if self.rules.heeds_erasure and suppressed == Suppression.Reason.ERASED:
            raise Invalid({"email": [say("This person asked to be erased and is not imported again")]})
        if draft.values.get("status", SETTABLE_STATUSES[0]) not in self.rules.statuses + SETTABLE_STATUSES:
            raise Invalid({"status": [_settable(self.rules)]})
        # Of an address whose contact was deleted. Whoever gives a stricter one knows more.
        if (refused := suppressing.status_for(suppressed)) and draft.values.get("status") not in suppressing.REASONS:
            draft.values["status"] = refused
        if self.room is not None and len(self.new) >= self.room:
            problems: Problems = {"contacts": [full(self.unit.workspace)]}
            return RowResult("failed", problems=problems, code="FORBIDDEN")
        values = self.rules.new_values | {"source_import_id": self.rules.source_import}
        entry = batch.fresh(self.unit.workspace, next(self.numbers), draft.email, values)
        self.new.append(entry)
        if draft.email:
            self.entries[draft.email] = entry
        self.accepted.append((entry, draft))
        return RowResult("created", entry.contact.pk, entry=entry)

    def _repeat(self, entry: Entry, draft: Draft) -> RowResult:
        if self.rules.on_duplicate == "refuse":
            return RowResult("failed", entry.contact.pk, {"email": [EMAIL_EXISTS]}, "CONFLICT")
        if self.rules.on_duplicate == "skip":
            return RowResult("skipped", entry.contact.pk)
        _keep_status(entry, draft, self.rules)
        batch.require_custom_room(entry, draft)
        self.accepted.append((entry, draft))
        return RowResult("updated", entry.contact.pk)

    def write(self) -> None:
        drafts = [draft for _, draft in self.accepted]
        shared = Draft(tags=list(self.rules.tags))
        references.make_missing(self.unit.workspace, self.references, [*drafts, shared], self.unit.at)
        for entry, draft in self.accepted:
            batch.assign(entry, draft, self.references, adds_only=self.rules.adds_only)
            self._add_shared(entry)
        entries = {entry.contact.pk: entry for entry, _ in self.accepted}
        batch.write(self.unit, list(entries.values()))
        if self.rules.keep:
            source = self.rules.source_import
            # What it made itself is deleted by its undo.
            ours = [e for e in entries.values() if not (e.is_new or source and e.contact.source_import_id == source)]
            earlier.keep(self.rules.keep, ours)

    def _add_shared(self, entry: Entry) -> None:
        for group_id in self.rules.group_ids:
            entry.join(self.references.groups[group_id])
        for name in self.rules.tags:
            entry.add_tag(self.references.tags[tag_key(name)])


def room(workspace: Workspace) -> int | None:
    """How many contacts the plan still allows. Counting is serialised, so that two batches can't both fit."""
    limit = workspace.limits.contacts
    if limit is None:
        return None
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    return max(0, limit - Contact.objects.of(workspace).count())


def full(workspace: Workspace) -> str:
    """What is said where the plan's contacts leave no room."""
    limits = workspace.limits
    return _FULL(plan=limits.title, count=str(limits.contacts))


def _settable(rules: Rules) -> str:
    return ONE_OF(allowed=", ".join(rules.statuses))


def _keep_status(entry: Entry, draft: Draft, rules: Rules) -> None:
    """A batch never makes an unsubscribed contact mailable again; what it reads back it may write back."""
    given, present = draft.values.get("status"), entry.contact.status
    if given is None or given == present:
        return
    if present == UNSUBSCRIBED:
        del draft.values["status"]
    elif given not in rules.statuses:
        raise Invalid({"status": [_settable(rules)]})


def _first(problems: Problems | None) -> str:
    return next(iter((problems or {}).values()), [""])[0]


@retried
def update(workspace: Workspace, contact_id: str, draft: Draft, *, by: Actor) -> Entry:
    """Change what the draft gives of one contact; the contact as it then is.

    Raises Unknown, Invalid, EmailTaken or NumberTaken.
    """
    with change(workspace, by) as unit:
        entry = load_one(workspace, contact_id)
        present = entry.contact
        if draft.email_cleared and present.email:
            raise Invalid({"email": [EMAIL_REQUIRED]})
        given = draft.values.get("status")
        if given not in (None, present.status, *SETTABLE_STATUSES):
            raise Invalid({"status": [_settable(Rules())]})
        if draft.email and draft.email != present.email:
            _require_free(workspace, draft.email)
        if draft.number and draft.number != present.number:
            _require_number_free(workspace, draft.number, contact_id)
        known = references.look_up(workspace, [draft])
        known.settle(draft)
        batch.require_custom_room(entry, draft)
        references.make_missing(workspace, known, [draft], unit.at)
        batch.assign(entry, draft, known)
        batch.write(unit, [entry])
    return entry


def load_one(workspace: Workspace, contact_id: str) -> Entry:
    """One contact with its links, locked. Raises Unknown."""
    entries = batch.load(workspace, pk=contact_id)
    if not entries:
        raise Unknown(contact_id)
    return entries[0]


def _require_free(workspace: Workspace, email: str) -> None:
    if Contact.objects.of(workspace).filter(email=email).exists():
        raise EmailTaken


def _require_number_free(workspace: Workspace, number: str, contact_id: str) -> None:
    if holder_of(workspace, number) not in (None, contact_id):
        raise NumberTaken


def holder_of(workspace: Workspace, number: str) -> str | None:
    """The id of the contact that an E.164 number means: its own, or the oldest with it as its phone."""
    contacts = Contact.objects.of(workspace).order_by("id").values_list("pk", flat=True)
    by_phone = contacts.exclude(phone="").alias(compact=COMPACT_PHONE).filter(compact__in=spellings(number))
    return contacts.filter(number=number).first() or by_phone.filter(number=None).first()


@retried
def save_by_number(workspace: Workspace, contact_id: str | None, draft: Draft, *, by: Actor) -> str:
    """Update the contact of that id, else of the draft's number, else make one; its id.

    An id that the workspace doesn't know is as none. Raises Invalid, NumberTaken or LimitReached.
    """
    with transaction.atomic():
        for known in (contact_id, draft.number and holder_of(workspace, draft.number)):
            # What was found may be deleted before it is locked.
            with suppress(Unknown):
                if known:
                    return update(workspace, known, draft, by=by).contact.pk
        return create(workspace, draft, by=by)


@retried
def edit_many(workspace: Workspace, contact_ids: Iterable[str], edit: Edit, *, by: Actor, keep: str = "") -> set[str]:
    """Apply one edit to the contacts of these ids; the ids of those it changed. Unknown ids are passed over.

    ``keep``: the bulk change for whose undo it is kept what they were. Raises Invalid naming an unknown group or
    stage. Meant for up to some thousand contacts a call.
    """
    with change(workspace, by) as unit:
        known = edits.resolve(workspace, edit, unit)
        entries = batch.load(workspace, pk__in=list(contact_ids))
        for entry in entries:
            edits.apply(entry, edit, known)
        batch.write(unit, entries)
        if keep:
            earlier.keep(keep, entries)
    return {entry.contact.pk for entry in entries if entry.changed}


@retried
def delete_many(
    workspace: Workspace, contact_ids: Iterable[str], *, by: Actor, keep: str = "", keeps_refusals: bool = True
) -> list[str]:
    """Delete contacts and all that hangs on them; the ids that were there. ``keep`` as in ``edit_many``.

    Who has unsubscribed, bounced or is blocked stays so if the address comes back, unless what is deleted is as if
    it had never been (``keeps_refusals``).
    """
    with change(workspace, by) as unit:
        entries = batch.load(workspace, pk__in=list(contact_ids))
        if keep:
            earlier.keep_deleted(keep, entries)
        for entry in entries:
            unit.record(types.CONTACT_DELETED, entry.contact.pk, {"contact": entry.document()})
        if keeps_refusals:
            suppressing.keep_refusals(unit, [entry.contact for entry in entries])
        return remove(workspace, [entry.contact.pk for entry in entries])


def remove(workspace: Workspace, contact_ids: list[str]) -> list[str]:
    """Take contacts and what hangs on them out of the tables; for changes that record the event themselves."""
    GroupMembership.objects.filter(contact_id__in=contact_ids).delete()
    ContactTag.objects.filter(contact_id__in=contact_ids).delete()
    Contact.objects.of(workspace).filter(pk__in=contact_ids).delete()
    return contact_ids
