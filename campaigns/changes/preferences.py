"""What a recipient chooses on the page that their e-mails lead to."""

from contacts.changes.batch import write
from contacts.changes.contacts import Unknown, load_one
from fluenzr_site.core.database import retried
from fluenzr_site.events.recording import Actor, change
from fluenzr_site.workspaces.models import Workspace


@retried
def object_to_tracking(workspace: Workspace, contact_id: str, objects: bool) -> None:
    """Keep whether the contact objects to being told of when they open and click. A deleted one has no more to say."""
    with change(workspace, Actor("contact", contact_id)) as unit:
        try:
            entry = load_one(workspace, contact_id)
        except Unknown:
            return
        entry.set("tracking_objection", objects)
        write(unit, [entry])
