"""What the tests of undoing share."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.changes import bulk_changes, undoing
from contacts.changes import contacts as changes
from contacts.cleaning import clean
from contacts.models import BulkChange, Contact, EarlierValues
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.models import Workspace

PERSON, OTHER = Actor("user", "1"), Actor("user", "2")
Make = Callable[..., Contact]
State, Outcome = BulkChange.State, EarlierValues.Outcome


def maker(workspace: Workspace) -> Make:
    """Makes contacts of API values."""

    def make(name: str = "ann", **values: Any) -> Contact:
        draft = clean({"email": f"{name}@example.com", **values}, needs_email=True)
        return Contact.objects.get(pk=changes.create(workspace, draft, by=PERSON))

    return make


def begun(workspace: Workspace, kind: str = undoing.EDIT, **what: Any) -> BulkChange:
    every = Contact.objects.of(workspace)
    return bulk_changes.start(every, kind, "test", workspace=workspace, by=PERSON, claimed=True, what=what)


def done(workspace: Workspace, kind: str = undoing.EDIT, **what: Any) -> BulkChange:
    made = begun(workspace, kind, **what)
    bulk_changes.work(made)
    assert made.state == State.FINISHED, made.error
    return made


def undone(made: BulkChange) -> dict[str, str]:
    """Undo it; who stayed as they were, and why."""
    bulk_changes.start_undo(made, by=OTHER, claimed=True)
    bulk_changes.work(made)
    assert made.state == State.UNDONE, made.error
    return dict(made.earlier.values_list("contact_id", "outcome"))


def all_of(workspace: Workspace) -> list[dict[str, Any]]:
    """Contacts and links as they are, but for the time of the last change."""
    rows = []
    for contact in Contact.objects.of(workspace).order_by("pk"):
        own = {name: value for name, value in vars(contact).items() if name not in ("_state", "updated_at")}
        own["groups"] = sorted(contact.groups.values_list("name", flat=True))
        own["tags"] = sorted(contact.tags.values_list("name", flat=True))
        rows.append(own)
    return rows


def edit_of(contact: Contact, workspace: Workspace, **values: Any) -> None:
    changes.update(workspace, contact.pk, clean(values, needs_email=False), by=OTHER)


def queries(action: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        action()
    sql = [query["sql"] for query in captured.captured_queries]
    return sum(not one.startswith(("SAVEPOINT", "RELEASE")) for one in sql)
