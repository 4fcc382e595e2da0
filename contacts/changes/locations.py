"""The changes of locations."""

from django.db import transaction

from contacts.models import Location
from fluenzr_site.workspaces.models import Workspace


def create_location(workspace: Workspace, title: str) -> Location:
    """A new location. Raises IntegrityError when the workspace has one of that title."""
    with transaction.atomic():
        location = Location.objects.create(workspace=workspace, title=title)
        workspace.touch()
    return location


def rename_location(location: Location, title: str) -> Location:
    """Give a location another title. Raises IntegrityError when another one has it."""
    location.title = title
    with transaction.atomic():
        location.save(update_fields=["title"])
        location.workspace.touch()
    return location


def delete_location(location: Location) -> None:
    """Delete a location; its contacts stay, without one."""
    workspace = location.workspace
    with transaction.atomic():
        location.contacts.update(location=None)
        location.delete()
        workspace.touch()
